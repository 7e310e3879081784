#!/bin/sh
# Makes a volume that the kernel encrypts (LUKS2), in a file, and opens it; opens it only, where it is there
# already. Run as root, before `docker compose --profile encrypted up`, and after each start of the machine.
#
#   deploy/encrypted-volume.sh FILE SIZE KEY FOLDER
#   deploy/encrypted-volume.sh /srv/centime.luks 20G /root/centime.key /srv/centime
#
# KEY is a file; keep a copy of it elsewhere, for without it nothing in the volume can be read again.
set -eu
[ $# -eq 4 ] || { sed -n '2,/^set/s/^# \{0,1\}//p' "$0" >&2; exit 2; }
file=$1 size=$2 key=$3 folder=$4
name=centime-data

if [ ! -e "$key" ]; then
    # What appears there meanwhile, such as a link, is not written through.
    (umask 077 && set -C && head -c 64 /dev/urandom > "$key")
fi
new=false
if [ ! -e "$file" ]; then
    (umask 077 && set -C && : > "$file")
    fallocate --length "$size" "$file"
    cryptsetup luksFormat --batch-mode --type luks2 --key-file "$key" "$file"
    new=true
fi
[ -e "/dev/mapper/$name" ] || cryptsetup open --key-file "$key" "$file" "$name"
if $new; then
    mkfs.ext4 -q "/dev/mapper/$name"
fi
mkdir -p "$folder"
mountpoint --quiet "$folder" || mount "/dev/mapper/$name" "$folder"
mkdir -p "$folder/postgresql"
echo "Set CENTIME_DATABASE_VOLUME=$folder/postgresql in deploy/.env" >&2
