#!/bin/sh
# Copies the databases into a folder, each whole and as of one moment, and keeps the latest of them.
#
#   deploy/backup.sh FOLDER [DATABASE…]      [default: centime metabase]
#
# It runs PostgreSQL's own programs, with the environment of libpq (PGHOST, PGUSER, PGPASSFILE…), or in a
# container, where RUN says how:
#
#   RUN='docker compose --file deploy/compose.yaml exec --no-TTY --user postgres database' \
#       deploy/backup.sh /srv/backup
#
# KEEP says how many copies of each database stay, 14 unless it is set.
set -eu
[ $# -ge 1 ] || { sed -n '2,/^set/s/^# \{0,1\}//p' "$0" >&2; exit 2; }
umask 077
folder=$1
shift
[ $# -gt 0 ] || set -- centime metabase
keep=${KEEP:-14}
run=${RUN:-}
mkdir -p "$folder"

for database in "$@"; do
    copy=$folder/$database-$(date -u +%Y%m%dT%H%M%SZ).dump
    # What is there under its name is whole: it has another until then, which nobody can guess and plant a link at.
    part=$(mktemp "$folder/.$database-XXXXXXXXXX")
    trap 'rm -f "$part"' EXIT
    # shellcheck disable=SC2086 # RUN is a command with its arguments.
    $run pg_dump --format custom --dbname "$database" > "$part"
    # A copy that cannot be listed could not be restored.
    # shellcheck disable=SC2086
    $run pg_restore --list < "$part" > /dev/null
    mv -T "$part" "$copy"
    trap - EXIT
    echo "$copy"
    find "$folder" -maxdepth 1 -type f -name "$database-*.dump" | sort -r | tail -n "+$((keep + 1))" |
        while IFS= read -r old; do rm -f "$old"; done
done
