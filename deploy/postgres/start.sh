#!/bin/sh
# Starts a server of PostgreSQL in its container: at the first start it makes the databases, at each start it
# looks where they lie, and gives the server a copy of its key, which it wants for itself alone.
set -eu
data=/var/lib/postgresql/data
config=/etc/centime/${CENTIME_POSTGRES_CONFIG:-postgresql.conf}

# Here, because nothing else runs before each start: after a restart of the machine the engine starts this
# container by itself, and a volume that nobody has opened yet is an empty folder on a disk in the clear.
case ${CENTIME_POSTGRES_ENCRYPTED:-} in
'') ;;
required) sh /etc/centime/encrypted.sh "$data" ;;
*)
    echo "CENTIME_POSTGRES_ENCRYPTED is «$CENTIME_POSTGRES_ENCRYPTED»: expected «required», or nothing" >&2
    exit 1
    ;;
esac

# Two servers on the same files would destroy them, and in two containers neither sees the other. The lock ends
# with the last process of this container.
exec 9> "$data/.lock"
flock --nonblock 9 || { echo "another server runs on the data in this volume: stop it first" >&2; exit 1; }

install -d -o postgres -g postgres -m 700 /run/tls
install -o postgres -g postgres -m 644 /run/secrets/database.crt /run/tls/database.crt
install -o postgres -g postgres -m 600 /run/secrets/database.key /run/tls/database.key
# How a server of a cluster comes into the others.
if [ -e /run/secrets/nodes ]; then
    install -o postgres -g postgres -m 600 /run/secrets/nodes /run/tls/nodes
    install -o postgres -g postgres -m 644 /run/secrets/ca.crt /run/tls/ca.crt
fi

# What a first start that was cut off has left would be taken for a database, without the databases in it.
if [ -e "$data/.initialising" ]; then
    rm -rf "$PGDATA"
fi
# In a process of its own, because some images leave the password of the superuser in the environment of the
# server that they start after it, where it goes before the passwords of the roles of a cluster.
if [ ! -s "$PGDATA/PG_VERSION" ]; then
    : > "$data/.initialising"
    docker-ensure-initdb.sh postgres -c "config_file=$config"
    sync
    rm "$data/.initialising"
fi
exec docker-entrypoint.sh postgres -c "config_file=$config" "$@"
