#!/bin/sh
# Starts nginx with the port at which visitors reach it by HTTPS, which redirects have to name where it is not 443.
set -eu
port=${CENTIME_PUBLISH_HTTPS:-443}
port=${port##*:}
case $port in
'' | *[!0-9]*)
    echo "CENTIME_PUBLISH_HTTPS is «$CENTIME_PUBLISH_HTTPS»: expected PORT or ADDRESS:PORT" >&2
    exit 1
    ;;
443) port= ;;
*) port=:$port ;;
esac
echo "map '' \$https_port { default '$port'; }" > /tmp/https-port.conf
exec nginx -g 'daemon off;'
