#!/bin/sh
# Makes sure that there are PostgreSQL server programs, which the tests start servers with.
set -eu
if [ -n "${CENTIME_TEST_POSTGRES_BIN:-}" ] || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1; then
  exit 0
fi
as_root=
if [ "$(id -u)" -ne 0 ]; then
  as_root=sudo
fi
if ! command -v apt-get >/dev/null 2>&1; then
  echo "The tests need PostgreSQL 15 or later: install its server, and name the folder of its programs in CENTIME_TEST_POSTGRES_BIN." >&2
  exit 1
fi
# The package would start a server, which nobody needs.
$as_root mkdir -p /etc/postgresql-common
[ -e /etc/postgresql-common/createcluster.conf ] ||
  echo "create_main_cluster = false" | $as_root tee /etc/postgresql-common/createcluster.conf >/dev/null
$as_root apt-get update -qq
$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends postgresql
