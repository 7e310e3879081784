"""The same export with dlt: retrieved over HTTP, typed by dlt, loaded into PostgreSQL."""

import sys

import dlt
import requests


def records(url):
    with requests.get(url, stream=True, timeout=600) as answer:
        answer.raise_for_status()
        for line in answer.iter_lines():
            yield dlt.common.json.loadb(line)


def main(url, database):
    pipeline = dlt.pipeline(
        "load_comparison",
        destination=dlt.destinations.postgres(database),
        dataset_name="dlt_load",
    )
    pipeline.run(records(url), table_name="line", write_disposition="replace")


if __name__ == "__main__":
    main(*sys.argv[1:])
