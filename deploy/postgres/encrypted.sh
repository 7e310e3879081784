#!/bin/sh
# Ends well only where a folder lies on a volume that the kernel encrypts (LUKS).
#
#   deploy/postgres/encrypted.sh FOLDER [SYS]
#
# cryptsetup makes devices whose number has a «dm» folder with a UUID that begins with CRYPT. A volume that LVM or
# RAID makes of others is encrypted where all of these are. SYS is where the kernel shows its devices, /sys.
set -eu
[ $# -ge 1 ] || { sed -n '2,/^set/s/^# \{0,1\}//p' "$0" >&2; exit 2; }
folder=$1 sys=${2:-/sys}

encrypted() (
    case $(cat "$1/dm/uuid" 2> /dev/null || true) in
    CRYPT-*) exit 0 ;;
    esac
    found=false
    for below in "$1"/slaves/*; do
        [ -e "$below" ] || continue
        encrypted "$below" || exit 1
        found=true
    done
    # A partition has what it is made of above it.
    if ! $found && [ -e "$1/partition" ]; then
        encrypted "$(dirname "$(readlink -f "$1")")"
        exit
    fi
    $found
)

# Both parts of the number are spread over it, see makedev(3).
device=$(stat --format '%d' "$folder")
number="$(((device >> 8 & 0xfff) | (device >> 32 & ~0xfff))):$(((device & 0xff) | (device >> 12 & 0xffffff00)))"
if ! encrypted "$sys/dev/block/$number"; then
    echo "$folder does not lie on a volume that the kernel encrypts, and nothing is stored in the clear: open the volume with deploy/encrypted-volume.sh, and name its folder in CENTIME_DATABASE_VOLUME" >&2
    exit 1
fi
