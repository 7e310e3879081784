#!/bin/sh
# Gives the server its own copy of its key, which it wants for itself alone, and starts it.
set -eu
install -d -o postgres -g postgres -m 700 /run/tls
install -o postgres -g postgres -m 644 /run/secrets/database.crt /run/tls/database.crt
install -o postgres -g postgres -m 600 /run/secrets/database.key /run/tls/database.key
exec docker-entrypoint.sh postgres -c config_file=/etc/centime/postgresql.conf "$@"
