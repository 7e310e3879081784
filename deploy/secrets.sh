#!/bin/sh
# Makes what has to be secret, once, as files that are mounted into the containers that need them: passwords
# of the roles, the certificates of PostgreSQL, and the address of the database for each role with its password
# in it. For services without containers it makes the configuration of each role as well: that address and
# centime.toml. A password or certificate that is there already is kept, so that the script can be run again.
#
#   deploy/secrets.sh [FOLDER]     [default: deploy/secrets]
#
# The folder is for its owner only. The files in it may be read by all, because a container reads them as a
# user of its own; the key of the authority is not given to any.
set -eu
umask 077

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
folder=${1:-$here/secrets}
settings=${CENTIME_SETTINGS:-$here/centime.toml}
host=${CENTIME_DATABASE_HOST:-database}
port=${CENTIME_DATABASE_PORT:-5432}
name=${CENTIME_DATABASE_NAME:-centime}
# Where the certificate of the authority is for whoever connects.
authority=${CENTIME_DATABASE_CA:-/run/secrets/ca.crt}

mkdir -p "$folder"
# One that somebody else has put there would stay theirs, and a link of theirs in it would lead a secret elsewhere.
if [ -n "$(find "$folder/" \( -type d -o -type l \) ! -user "$(id -u)")" ]; then
    echo "$folder belongs to another user, or has links of another in it: name a folder of your own" >&2
    exit 1
fi
chmod 700 "$folder"
cd "$folder"

# 256 bits as letters that mean nothing to a shell, a URL or a TOML file.
for secret in superuser owner loader site reader metabase-database metabase-admin metabase-encryption \
    metabase-embedding grafana-admin; do
    [ -s "$secret" ] || openssl rand -hex 32 > "$secret"
done
# `centime token create --role viewer` makes what Prometheus shows; until then there is none.
[ -e metrics-token ] || : > metrics-token

if [ ! -s ca.crt ]; then
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -sha256 -days 3650 \
        -keyout ca.key -out ca.crt -subj "/CN=Centime deployment" \
        -addext "basicConstraints=critical,CA:TRUE,pathlen:0" \
        -addext "keyUsage=critical,keyCertSign,cRLSign" 2>/dev/null
fi
# A certificate for these names, for two years; remove the file and run the script again for another.
certify() {
    certificate=$1
    shift
    [ ! -s "$certificate.crt" ] || return 0
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -sha256 \
        -keyout "$certificate.key" -out "$certificate.csr" -subj "/CN=$1" 2>/dev/null
    {
        printf 'subjectAltName=DNS:%s' "$1"
        shift
        [ $# -eq 0 ] || printf ',DNS:%s' "$@"
        printf '\nbasicConstraints=critical,CA:FALSE\nextendedKeyUsage=serverAuth\n'
    } > "$certificate.ext"
    openssl x509 -req -in "$certificate.csr" -CA ca.crt -CAkey ca.key -CAcreateserial -sha256 -days 730 \
        -extfile "$certificate.ext" -out "$certificate.crt" 2>/dev/null
    rm -f "$certificate.csr" "$certificate.ext" ca.srl
}
certify database "$host"
# What the reverse proxy shows until it has a certificate that browsers know.
certify site "${CENTIME_SITE_HOST:-localhost}"
# The servers of a cluster, which call themselves localhost.
certify coordinator "$host" localhost
certify worker-1 worker-1 localhost
certify worker-2 worker-2 localhost

# How the servers of a cluster come into each other, as libpq reads passwords.
for role in postgres:superuser centime_owner:owner centime_loader:loader centime_site:site centime_reader:reader; do
    echo "*:*:*:${role%:*}:$(cat "${role#*:}")"
done > nodes

# The database of a role, and its configuration: the database, and then the settings.
configure() {
    echo "postgres://$2:$(cat "$3")@$host:$port/$name?sslmode=verify-full&sslrootcert=$authority" > "$1-database"
    {
        echo "# Made by deploy/secrets.sh from centime.toml."
        echo "database = \"$(cat "$1-database")\""
        cat "$settings"
    } > "$1-config.toml"
}
configure admin postgres superuser
configure loader centime_loader loader
configure site centime_site site

chmod 644 -- *
chmod 600 ca.key

# What is mounted from beside the secrets is read by containers as users of their own, too, which they may not
# where a clone was made with a umask of 077.
for mounted in centime.toml grafana metabase nginx postgres prometheus; do
    find "$here/$mounted" ! -perm -a+r -exec chmod a+rX {} + ||
        echo "$here/$mounted cannot be read by containers: let its owner run chmod -R a+rX on it" >&2
done
echo "The secrets are in $folder. Keep a copy of them with your backups, apart from the data." >&2
