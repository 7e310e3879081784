#!/bin/sh
# Makes sure that what the benchmarks call is there; what is missing comes from apt-get.
set -eu
missing=
for pair in wrk:wrk curl:curl qpdf:qpdf chromium:chromium valgrind:valgrind; do
  command -v "${pair%%:*}" >/dev/null 2>&1 || missing="$missing ${pair#*:}"
done
python3 -c 'import ensurepip' 2>/dev/null || missing="$missing python3-venv"
# WeasyPrint sets its text with it.
ldconfig -p | grep -q libpangoft2-1.0 || missing="$missing libpangoft2-1.0-0"
if [ -n "$missing" ]; then
  if ! command -v apt-get >/dev/null 2>&1; then
    echo "The benchmarks need:$missing" >&2
    exit 1
  fi
  as_root=
  [ "$(id -u)" -eq 0 ] || as_root=sudo
  $as_root apt-get update -qq
  # shellcheck disable=SC2086
  $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing
fi
exec "$(dirname "$0")/../crates/test-database/install.sh"
