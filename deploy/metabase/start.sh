#!/bin/sh
# Metabase reads most secrets from files itself, but not the key that it encrypts its own with.
set -eu
MB_ENCRYPTION_SECRET_KEY=$(cat /run/secrets/metabase-encryption)
export MB_ENCRYPTION_SECRET_KEY
exec /app/run_metabase.sh
