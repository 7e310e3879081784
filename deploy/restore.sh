#!/bin/sh
# Makes a database from a copy of deploy/backup.sh: all of it or nothing.
#
#   deploy/restore.sh COPY DATABASE [OWNER]
#   deploy/restore.sh /srv/backup/centime-20260101T040000Z.dump restored
#
# The database must not be there yet; name another one, look at it, and then rename the two. Run
# `centime db roles` on a database of Centime afterwards: it gives the tables to their owner and each role its
# rights. That of Metabase belongs to the role «metabase», which is named as its OWNER. RUN and the environment
# are those of backup.sh.
set -eu
[ $# -eq 2 ] || [ $# -eq 3 ] || { sed -n '2,/^set/s/^# \{0,1\}//p' "$0" >&2; exit 2; }
copy=$1 database=$2 owner=${3:-}
run=${RUN:-}
[ -r "$copy" ] || { echo "there is no copy $copy" >&2; exit 2; }

set -- --no-owner --no-privileges --exit-on-error --single-transaction --dbname "$database"
[ -z "$owner" ] || set -- "$@" --role "$owner"
# shellcheck disable=SC2086 # RUN is a command with its arguments.
$run createdb ${owner:+--owner "$owner"} "$database"
# A new database is open to every role of the server.
# shellcheck disable=SC2086
echo 'REVOKE ALL ON DATABASE :"name" FROM PUBLIC' |
    $run psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --set "name=$database" --dbname "$database"
# shellcheck disable=SC2086
if ! $run pg_restore "$@" < "$copy"; then
    $run dropdb "$database"
    echo "nothing was restored" >&2
    exit 1
fi
echo "restored as $database" >&2
