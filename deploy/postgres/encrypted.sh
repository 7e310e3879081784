#!/bin/sh
# Ends well only where a folder lies on a volume that the kernel encrypts. On Linux these are made by
# cryptsetup and are devices whose number has a «dm» folder with a UUID that begins with CRYPT.
set -eu
device=$(stat --format '%d' "$1")
number="$(((device >> 8) & 0xfff)):$((device & 0xff))"
uuid=$(cat "/sys/dev/block/$number/dm/uuid" 2>/dev/null || true)
case $uuid in
CRYPT-*) ;;
*)
    echo "$1 does not lie on an encrypted volume: make one with deploy/encrypted-volume.sh and name it in CENTIME_DATABASE_VOLUME" >&2
    exit 1
    ;;
esac
