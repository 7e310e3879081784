#!/bin/sh
# Makes sure that there is a browser for the tests: the one named in CENTIME_TEST_BROWSER, an
# installed one, or one from the system's packages where they may be installed.
set -eu

have_browser() {
  [ -n "${CENTIME_TEST_BROWSER:-}" ] && return 0
  for name in chromium chromium-browser google-chrome google-chrome-stable; do
    command -v "$name" >/dev/null 2>&1 && return 0
  done
  return 1
}

have_browser && exit 0

if command -v apt-get >/dev/null 2>&1; then
  as_root=""
  [ "$(id -u)" -eq 0 ] || as_root="sudo -n"
  echo "No browser found: installing Chromium with apt-get" >&2
  { $as_root apt-get update -qq && DEBIAN_FRONTEND=noninteractive $as_root apt-get install -qqy chromium; } >&2 || true
fi

have_browser || {
  echo "The browser tests need Chromium: install it, or name a browser in CENTIME_TEST_BROWSER." >&2
  exit 1
}
