#!/bin/sh
# Pins the images that deploy/ starts and builds upon: writes into images.env beside each name the digest that its
# registry gives it today, so that the same bytes are started everywhere and a tag that is moved changes nothing.
#
#   deploy/pin.sh              asks the registries, with `docker buildx imagetools inspect`
#   deploy/pin.sh --check      says which images are not pinned, or pinned under another name than the files have
#
# Compose takes them with `docker compose --env-file images.env …`, and so does the build of the image.
set -eu
cd "$(dirname -- "$0")"
pins=images.env

# The images that the files name where no variable names another, as VARIABLE=NAME.
named() {
    {
        sed -n 's/.*\${\([A-Z_]*_IMAGE\):-\([^}]*\)}.*/\1=\2/p' compose.yaml compose.proxy.yaml
        sed -n 's/^ARG \([A-Z_]*_IMAGE\)=\(.*\)/\1=\2/p' Dockerfile
    } | grep -v '^CENTIME_IMAGE=' | sort -u
}

if [ "${1:-}" = --check ]; then
    named | {
        missing=0
        while IFS= read -r image; do
            if ! grep -E '@sha256:[0-9a-f]{64}$' "$pins" | grep -qF "$image@sha256:"; then
                echo "not pinned: $image" >&2
                missing=1
            fi
        done
        exit "$missing"
    }
    exit
fi
[ $# -eq 0 ] || { sed -n '2,/^set/s/^# \{0,1\}//p' "$0" >&2; exit 2; }

new=$(mktemp ./.images-XXXXXXXXXX)
trap 'rm -f "$new"' EXIT
sed -n '/^#/p' "$pins" > "$new"
named | while IFS= read -r image; do
    digest=$(docker buildx imagetools inspect "${image#*=}" < /dev/null | sed -n 's/^Digest:  *//p' | head -n 1)
    if ! echo "$digest" | grep -qxE 'sha256:[0-9a-f]{64}'; then
        echo "${image#*=}: its registry gives no digest" >&2
        exit 1
    fi
    echo "$image@$digest" >> "$new"
done
chmod 644 "$new"
mv -T "$new" "$pins"
cat "$pins"
