#!/bin/sh
# Makes servers one cluster: the database and Citus on each, and the others made known to the first, which
# others ask. Nothing changes where that is so already; a server that was added is taken in.
#
#   deploy/postgres/nodes.sh FOLDER COORDINATOR:PORT SERVER:PORT…
#
# FOLDER has the secrets.
set -eu
[ $# -ge 3 ] || { sed -n '2,/^set/s/^# \{0,1\}//p' "$0" >&2; exit 2; }
secrets=$1
shift
umask 077
# libpq takes passwords only from a file that nobody else may read.
PGPASSFILE=$(mktemp)
trap 'rm -f "$PGPASSFILE"' EXIT
cat "$secrets/nodes" > "$PGPASSFILE"
export PGPASSFILE PGUSER=postgres PGSSLMODE=verify-full PGSSLROOTCERT="$secrets/ca.crt" PGOPTIONS=--client-min-messages=warning

# Runs what is on standard input.
on() {
    PGHOST=${1%:*} PGPORT=${1##*:} PGDATABASE=$2 psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 \
        --set "host=${3%:*}" --set "port=${3##*:}" --output /dev/null
}

coordinator=$1
for server in "$@"; do
    on "$server" postgres "$server" <<'SQL'
SELECT 'CREATE DATABASE centime' WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'centime') \gexec
REVOKE ALL ON DATABASE centime FROM PUBLIC;
SQL
    echo 'CREATE EXTENSION IF NOT EXISTS citus' | on "$server" centime "$server"
done
echo "SELECT citus_set_coordinator_host(:'host', :port)" | on "$coordinator" centime "$coordinator"
shift
for server in "$@"; do
    echo "SELECT citus_add_node(:'host', :port)" | on "$coordinator" centime "$server"
done
echo "$coordinator works with $*" >&2
