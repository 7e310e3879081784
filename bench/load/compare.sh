#!/bin/sh
# Loads the same export into PostgreSQL in four ways and says what each takes: psql's \copy of a file
# that is already here, which nothing can beat; Centime, from the portal to the published analyses;
# dlt; and a script with requests and SQLAlchemy.
#
#   bench/load/compare.sh [BODIES]       2700 bodies make a million lines
#
# Needs a PostgreSQL server of this machine that the variables of libpq name (PGHOST, PGPORT, PGUSER)
# and whose user may create databases, GNU time, curl and python3. CENTIME_BINARY names a program that
# is already built, CENTIME_BENCH_PYTHON a Python that already has what requirements.txt names.
set -eu
cd "$(dirname "$0")/../.."

bodies=${1:-2700}
port=${CENTIME_BENCH_PORT:-8790}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
database=centime_load_comparison
centime=${CENTIME_BINARY:-}
if [ -z "$centime" ]; then
  cargo build --release --locked --quiet --package centime
  centime="${CARGO_TARGET_DIR:-target}/release/centime"
fi

python=${CENTIME_BENCH_PYTHON:-}
if [ -z "$python" ]; then
  python3 -m venv "$work/venv"
  "$work/venv/bin/pip" install --quiet --requirement bench/load/requirements.txt
  python="$work/venv/bin/python"
fi

dropdb --if-exists --force "$database"
createdb "$database"
"$centime" portal-sim --bodies "$bodies" --listen "127.0.0.1:$port" >"$work/portal.log" 2>&1 &
portal=$!
trap 'kill "$portal"; dropdb --if-exists --force "$database"; rm -rf "$work"' EXIT
sleep 1

exports="http://127.0.0.1:$port/api/explore/v2.1/catalog/datasets/compte-de-resultat/exports"
# dlt insists on a password, even where the server asks for none.
url="postgres://${PGUSER:-$(id -un)}:${PGPASSWORD:-none}@localhost:${PGPORT:-5432}/$database"
curl --silent --show-error --fail "$exports/jsonl" --output "$work/lines.jsonl"
"$python" bench/load/to_csv.py <"$work/lines.jsonl" >"$work/lines.csv"
rows=$(($(wc -l <"$work/lines.csv") - 1))
fields=$(head -n 1 "$work/lines.csv" | tr -d '\r' | sed 's/,/ text, /g; s/$/ text/')
psql --quiet --dbname "$url" --command "CREATE TABLE copied ($fields)"

# Seconds, rows a second and the most memory of a command; what it prints is kept beside.
measure() {
  name=$1
  shift
  if ! /usr/bin/time --format '%e %M' --output "$work/time" "$@" >"$work/said" 2>&1; then
    cat "$work/said" >&2
    exit 1
  fi
  read -r seconds memory <"$work/time"
  awk -v n="$name" -v r="$rows" -v s="$seconds" -v m="$memory" \
    'BEGIN { printf "%-28s %8.1f s %10d rows/s %7d MiB\n", n, s, r / s, m / 1024 }'
}

echo "$rows rows of $bodies bodies"
measure 'psql \copy, no HTTP' psql --quiet --dbname "$url" \
  --command "\\copy copied FROM '$work/lines.csv' (FORMAT csv, HEADER)"
measure 'Centime, to the analyses' "$centime" run --quiet \
  --portal "http://127.0.0.1:$port" --database "$url"
psql --quiet --tuples-only --no-align --field-separator ' ' --dbname "$url" --command \
  "SELECT '  ' || step, milliseconds || ' ms' FROM ops.run_step ORDER BY run_id, position"
measure 'dlt' env DLT_DATA_DIR="$work/dlt" RUNTIME__DLTHUB_TELEMETRY=false \
  "$python" bench/load/dlt_load.py "$exports/jsonl" "$url"
measure 'requests + SQLAlchemy' \
  "$python" bench/load/sqlalchemy_load.py "$exports/jsonl" "$url"
