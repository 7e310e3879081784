#!/bin/sh
# How many pages a second the site answers, and how long views take that nobody has seen.
#
# Serves the sample edition and asks for pages with wrk (8 connections, kept open), then for views of the
# dashboard with curl: first for a browser that draws itself, then with drawings. Needs wrk and curl.
#   CENTIME_BINARY  the program; a release build is made when it is not set
#   SECONDS_EACH    how long each page is asked for, 5 by default
set -eu
cd "$(dirname "$0")/../.."

for tool in wrk curl; do
	command -v "$tool" >/dev/null || { echo "$tool is needed (apt-get install $tool)" >&2; exit 2; }
done
if [ -z "${CENTIME_BINARY:-}" ]; then
	make web
	cargo build --release --locked --package centime
	CENTIME_BINARY=${CARGO_TARGET_DIR:-target}/release/centime
fi

listen=${LISTEN:-127.0.0.1:18400}
folder=$(mktemp -d)
# One visitor may ask as often as wrk can.
cat >"$folder/centime.toml" <<TOML
database = "sqlite:$folder/centime.db"
listen = "$listen"
[site]
requests_per_second = 4000000000
burst = 4000000000
TOML
"$CENTIME_BINARY" up --sample --config "$folder/centime.toml" 2>"$folder/log" &
site=$!
trap 'kill "$site"; rm -r "$folder"' EXIT
until curl --silent --fail --output /dev/null "http://$listen/readyz"; do
	kill -0 "$site" || { cat "$folder/log" >&2; exit 1; }
	sleep 0.2
done

brotli="Accept-Encoding: gzip, deflate, br"
views="side=expense side=revenue unit=share grouping=harmonised focus=2019&against=2018
activity=operating basis=naive from=2018&to=2022 unit=percent&side=expense"

echo "views nobody has seen, in seconds:"
for drawing in browser server; do
	for view in $views; do
		curl --silent --output /dev/null --header "$brotli" --header "Centime-Drawing: $drawing" \
			--write-out "  drawn by the $drawing: %{time_total}  $view\n" "http://$listen/dashboard?$view"
	done
done

echo "pages, once they are known:"
for page in /dashboard / /analyses /analyses/yearly-result /lines /lines/12 /quality /dashboard/result.png; do
	curl --silent --fail --output /dev/null --header "$brotli" "http://$listen$page"
	wrk --threads 2 --connections 8 --duration "${SECONDS_EACH:-5}s" --latency --header "$brotli" \
		"http://$listen$page" |
		awk -v page="$page" '/99%/ { p99 = $2 } /Requests\/sec/ { rate = $2 } /Non-2xx/ { bad = " " $0 }
			END { printf "  %9.0f pages/s  p99 %-8s %s%s\n", rate, p99, page, bad }'
done
