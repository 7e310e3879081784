#!/bin/sh
# Reports that a unit of systemd has failed: centime-failed@.service runs it with the name of the unit.
#
#   MAIL_TO   an e-mail address, told with the `mail` or `sendmail` of the machine
#   URL       an address that takes a text by POST, as those of ntfy, told with curl
#
# Where neither is set the journal says it, as an error.
set -eu

unit=${1:?the name of the unit that has failed}
host=$(hostname 2>/dev/null || uname -n)
subject="Centime: $unit has failed on $host"
# What it said last; without the right to read it the subject has to do.
said=$(journalctl --unit "$unit" --lines 20 --output cat --no-pager 2>/dev/null || true)
text=$(printf '%s\n\n%s\n' "$subject" "$said")

# An error in the journal, whatever else is called.
printf '<3>%s\n' "$subject" >&2

ended=0
if [ -n "${MAIL_TO:-}" ]; then
    if command -v mail >/dev/null 2>&1; then
        printf '%s\n' "$text" | mail -s "$subject" "$MAIL_TO" || ended=1
    elif command -v sendmail >/dev/null 2>&1; then
        printf 'To: %s\nSubject: %s\nContent-Type: text/plain; charset=utf-8\n\n%s\n' "$MAIL_TO" "$subject" "$text" \
            | sendmail -t || ended=1
    else
        printf '<3>%s\n' "MAIL_TO is set and there is neither mail nor sendmail on this machine" >&2
        ended=1
    fi
fi
if [ -n "${URL:-}" ]; then
    printf '%s\n' "$text" | curl --fail --silent --show-error --max-time 30 \
        --header 'Content-Type: text/plain; charset=utf-8' --data-binary @- "$URL" >/dev/null || ended=1
fi
exit "$ended"
