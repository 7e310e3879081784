#!/bin/sh
# Gives the server its own copy of its key, which it wants for itself alone, and starts it.
set -eu
install -d -o postgres -g postgres -m 700 /run/tls
install -o postgres -g postgres -m 644 /run/secrets/database.crt /run/tls/database.crt
install -o postgres -g postgres -m 600 /run/secrets/database.key /run/tls/database.key
# How a server of a cluster comes into the others.
if [ -e /run/secrets/nodes ]; then
    install -o postgres -g postgres -m 600 /run/secrets/nodes /run/tls/nodes
    install -o postgres -g postgres -m 644 /run/secrets/ca.crt /run/tls/ca.crt
fi
exec docker-entrypoint.sh postgres -c "config_file=/etc/centime/${CENTIME_POSTGRES_CONFIG:-postgresql.conf}" "$@"
