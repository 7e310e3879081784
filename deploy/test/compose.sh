#!/bin/sh
# Runs the stack of deploy/ on an engine for containers, with the commands of docs/deploy.md: each profile, the proxy,
# a backup and its restore, and what happens when processes are killed.
#
#   deploy/test/compose.sh [PROFILE…]      [default: minimal team proxy encrypted cluster]
#
# Without an engine it says that nothing was run. It works in a copy of deploy/, as a project of its own, with a
# simulated portal in the place of the real one, and removes both afterwards. What is not on this machine is pulled,
# or left out and named: deploy/test/bases.sh makes the images where none can be pulled.
#
#   PROGRAM   a program that was built already, for the image; without it the image is built whole
#   PORT      the first of four free ports, 18080
#   OUTSIDE   HOST:PORT in the internet, which the pipeline reaches and the site does not
set -eu
umask 077
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
root=$(dirname "$(dirname "$here")")
port=${PORT:-18080}
outside=${OUTSIDE:-deb.debian.org:80}

if ! docker compose version > /dev/null 2>&1 || ! docker info > /dev/null 2>&1; then
    echo "NOT RUN: there is no engine for containers here (docker with Compose), so nothing of deploy/ was started" >&2
    exit 0
fi
[ $# -gt 0 ] || set -- minimal team proxy encrypted cluster

work=$(mktemp -d)
export COMPOSE_PROJECT_NAME=centime-test
everything='--profile minimal --profile team --profile encrypted --profile cluster --profile observe'
end() {
    result=$?
    trap - EXIT INT TERM
    cd /
    if [ -d "$work/deploy" ]; then
        cd "$work/deploy"
        if [ $result -ne 0 ]; then
            # shellcheck disable=SC2086
            docker compose $everything logs --tail 15 >&2 || true
        fi
        docker rm --force centime-test-portal > /dev/null 2>&1 || true
        remove
        cd /
    fi
    rm -rf "$work"
    [ $result -eq 0 ] || echo "FAILED" >&2
    exit $result
}
remove() {
    # shellcheck disable=SC2086
    docker compose --file compose.yaml --file compose.proxy.yaml $everything down --volumes --remove-orphans \
        > "$work/down" 2>&1 || { cat "$work/down" >&2; return 1; }
}
trap end EXIT
trap 'exit 1' INT TERM

say() { echo "== $*"; }
ok() { echo "   ok: $*"; }
left_out() { echo "   NOT RUN: $*" >&2; }
fail() {
    echo "   FAILED: $*" >&2
    exit 1
}
# Waits until a command succeeds, and says after how long.
until_ok() {
    what=$1 seconds=$2 since=$(date +%s)
    shift 2
    until "$@" > "$work/last" 2>&1; do
        [ $(($(date +%s) - since)) -lt "$seconds" ] || { cat "$work/last" >&2; fail "$what did not happen in $seconds s"; }
        sleep 0.3
    done
    ok "$what after $(($(date +%s) - since)) s"
}
refused() {
    what=$1
    shift
    if "$@" > "$work/last" 2>&1; then fail "$what was not refused"; fi
    ok "$what is refused: $(grep -v '^ *$' "$work/last" | tail -n 1 | cut -c 1-160)"
}
answers() { curl --silent --insecure --noproxy '*' --max-time 10 --output /dev/null --write-out '%{http_code}' "$@" || true; }
is_ready() { [ "$(answers "http://127.0.0.1:$port/readyz")" = 200 ]; }
is_healthy() { [ "$(docker inspect --format '{{.State.Health.Status}}' "$(id "$1")")" = healthy ]; }
# shellcheck disable=SC2086
id() { docker compose $everything ps --all --quiet "$1"; }
there() { docker image inspect "$1" > /dev/null 2>&1 || docker pull --quiet "$1" > /dev/null 2>&1; }
image() { sed -n "s/.*\${$1:-\([^}]*\)}.*/\1/p" "$work"/deploy/compose*.yaml | head -n 1; }
# What the published analysis says, as the site shows it.
figures() {
    curl --silent --fail --noproxy '*' "http://127.0.0.1:$port/api/v1/analyses/yearly-result" > "$work/figures" ||
        { echo "the site does not show the yearly results" >&2; return 1; }
    grep -o '"fiscal_year": *[0-9]*\|"result": *[^,}]*' "$work/figures" || { cat "$work/figures" >&2; return 1; }
}
# Ends the first process of a container as a fault would; `docker kill` would be taken for a wish.
kill_it() {
    pid=$(docker inspect --format '{{.State.Pid}}' "$(id "$1")")
    docker run --rm --pid host --user 0 --cap-add KILL --entrypoint sh "$postgres" -c "kill -9 $pid"
    until_ok "$1 was killed, and is there again" 60 is_another "$1" "$pid"
}
is_another() {
    now=$(docker inspect --format '{{.State.Running}} {{.State.Pid}}' "$(id "$1")")
    [ "${now%% *}" = true ] && [ "${now#* }" != "$2" ]
}

# As a clone of somebody whose files are for nobody else.
cp -R "$root/deploy" "$work/deploy"
rm -rf "$work/deploy/secrets" "$work/deploy/.env"
chmod -R go= "$work/deploy"
cd "$work/deploy"
sed -i 's|^portal = .*|portal = "http://portal:8765"|' centime.toml
# Its name leads into a network of this machine.
printf '\n[retrieval]\nprivate_addresses = true\n' >> centime.toml
cat > .env <<END
CENTIME_PUBLISH=127.0.0.1:$port
CENTIME_PUBLISH_HTTPS=127.0.0.1:$((port + 1))
CENTIME_PUBLISH_HTTP=127.0.0.1:$((port + 2))
CENTIME_IMAGE=centime-test:latest
END
postgres=$(image POSTGRES_IMAGE)
there "$postgres" || fail "there is no image $postgres, and it cannot be pulled: deploy/test/bases.sh makes one"

say "the image, on $(docker version --format '{{.Server.Version}}') with Compose $(docker compose version --short)"
if [ -n "${PROGRAM:-}" ]; then
    mkdir -p "$work/image/out/usr/local/bin" "$work/image/volume/data"
    cp "$PROGRAM" "$work/image/out/usr/local/bin/centime"
    # The last stage as it is, around a program from elsewhere.
    {
        grep '^ARG RUNTIME_IMAGE' Dockerfile
        printf 'FROM scratch AS build\nCOPY out /out\nCOPY volume /volume\n'
        sed -n '/^FROM ${RUNTIME_IMAGE}/,$p' Dockerfile
    } > "$work/image/Dockerfile"
    chmod -R a+rX "$work/image"
    docker build --quiet --tag centime-test:latest "$work/image" > "$work/last" 2>&1 || { cat "$work/last" >&2; fail "no image"; }
    ok "the last stage, around $PROGRAM"
    left_out "the first two stages of the Dockerfile"
else
    docker build --file "$root/deploy/Dockerfile" --tag centime-test:latest "$root" || fail "no image"
    ok "whole"
fi

say "secrets.sh"
./secrets.sh 2> "$work/last"
before=$(cat secrets/* | md5sum)
./secrets.sh 2> "$work/last"
[ "$before" = "$(cat secrets/* | md5sum)" ] || fail "a second run has changed secrets"
ok "makes secrets once, in a clone that is for its owner only"

# The simulated portal is where the pipeline looks for the real one.
portal() {
    docker rm --force centime-test-portal > /dev/null 2>&1 || true
    docker network create centime-test_portal --label com.docker.compose.network=portal \
        --label com.docker.compose.project=$COMPOSE_PROJECT_NAME > /dev/null 2>&1 || true
    docker run --detach --name centime-test-portal --network centime-test_portal --network-alias portal \
        centime-test:latest portal-sim --listen 0.0.0.0:8765 > /dev/null
}

# Starts a profile without what there is no image of.
metabase() {
    if there "$(image METABASE_IMAGE)"; then
        parts=
    else
        parts='site pipeline'
        left_out "Metabase, of which there is no image"
    fi
}

is_json() {
    for part in "$@"; do docker logs "$(id "$part")"; done > "$work/log" 2>&1
    lines=$(wc -l < "$work/log")
    [ "$lines" -gt 0 ] || fail "$* says nothing"
    if grep -v '^{.*}$' "$work/log"; then fail "the log of $* has lines that are no JSON"; fi
    ok "the log of $*: $lines lines, each one JSON"
}

minimal() {
    say "profile minimal"
    portal
    docker compose --profile minimal up --detach 2> "$work/last" || { cat "$work/last" >&2; fail "up"; }
    until_ok "the site shows something" 60 is_ready
    until_ok "the engine calls it healthy" 30 is_healthy centime
    published=$(figures)
    kill_it centime
    until_ok "the site shows something" 30 is_ready
    docker compose --profile minimal down 2> "$work/last"
    portal
    docker compose --profile minimal up --detach 2> "$work/last"
    until_ok "the site shows something after down and up" 60 is_ready
    [ "$published" = "$(figures)" ] || fail "other figures after down and up"
    ok "the figures are those of before"
    is_json centime

    sed -i 's/^access = .*/access = "token"/' centime.toml
    docker compose --profile minimal restart centime 2> "$work/last"
    until_ok "the site is up with access = \"token\" in centime.toml" 30 is_ready
    status=$(answers "http://127.0.0.1:$port/api/v1/analyses/yearly-result")
    [ "$status" = 401 ] || fail "access = \"token\" in centime.toml is ignored: $status"
    ok "without a token: $status"
    CENTIME_ACCESS=public docker compose --profile minimal up --detach 2> "$work/last"
    until_ok "CENTIME_ACCESS=public opens it" 30 is_ready
    docker compose --profile minimal logs centime 2>&1 | grep -q 'although the configuration file says' ||
        fail "it is not said that the environment opens what centime.toml closes"
    ok "and the log says that centime.toml says otherwise"
    sed -i 's/^access = .*/access = "public"/' centime.toml
    remove
}

started() {
    metabase
    portal
    # shellcheck disable=SC2086
    docker compose --profile "$1" up --detach $parts 2> "$work/last" || { cat "$work/last" >&2; fail "up"; }
    until_ok "the site shows something" 240 is_ready
}

team() {
    say "profile team"
    started team
    published=$(figures)
    until_ok "the pipeline is healthy" 60 is_healthy pipeline
    is_json site pipeline
    for role in centime_site centime_loader; do
        docker compose exec --no-TTY --user postgres database psql --no-psqlrc --tuples-only --command \
            "SELECT count(*) FROM pg_stat_activity JOIN pg_stat_ssl USING (pid) WHERE usename = '$role' AND NOT ssl" |
            grep -q '^ *0$' || fail "$role is connected in the clear"
    done
    ok "connections to PostgreSQL are encrypted"
    sleep 12
    noise=$(docker logs --since 11s "$(id database)" 2>&1 | grep -c connection || true)
    [ "$noise" = 0 ] || { docker logs --since 11s "$(id database)" >&2; fail "the check of health fills the log of PostgreSQL"; }
    ok "the check of health writes nothing into the log of PostgreSQL"

    reach="timeout 5 bash -c '</dev/tcp/$(echo "$outside" | tr : /)'"
    if docker run --rm --network "container:$(id pipeline)" --entrypoint sh "$postgres" -c "$reach" > "$work/last" 2>&1; then
        for part in site database; do
            if docker run --rm --network "container:$(id $part)" --entrypoint sh "$postgres" -c "$reach" > "$work/last" 2>&1; then
                fail "$part reaches $outside"
            fi
            ok "$part does not reach $outside, which the pipeline does"
        done
    else
        left_out "whether the site reaches $outside, because the pipeline does not either"
    fi

    for part in site pipeline database; do
        kill_it $part
        until_ok "the site shows something" 60 is_ready
    done
    [ "$published" = "$(figures)" ] || fail "other figures after processes were killed"
    refused "a second server on the same volume" docker compose run --rm --no-deps database

    say "backup and restore"
    RUN='docker compose exec --no-TTY --user postgres database'
    export RUN
    ./backup.sh "$work/backup" > "$work/copies"
    ./restore.sh "$(sed -n 1p "$work/copies")" restored
    ./restore.sh "$(sed -n 2p "$work/copies")" restored-metabase metabase
    open=$($RUN psql --no-psqlrc --tuples-only --no-align --command \
        "SELECT count(*) FROM pg_database, aclexplode(COALESCE(datacl, acldefault('d', datdba))) AS given
         WHERE datname LIKE 'restored%' AND grantee = 0")
    [ "$open" = 0 ] || fail "restored databases are open to every role"
    ok "both are restored, open to nobody else"
    docker compose stop site pipeline 2> "$work/last"
    $RUN psql --no-psqlrc --quiet --command 'ALTER DATABASE centime RENAME TO before' \
        --command 'ALTER DATABASE restored RENAME TO centime'
    # shellcheck disable=SC2086
    docker compose --profile team up --detach $parts 2> "$work/last" || { cat "$work/last" >&2; fail "up"; }
    until_ok "the site shows what was restored" 120 is_ready
    [ "$published" = "$(figures)" ] || fail "other figures after the restore"
    ok "the figures are those of before"
    unset RUN

    say "a first start that is cut off"
    remove
    docker compose --profile team up --detach --no-deps database 2> "$work/last"
    until_ok "the server makes its databases" 30 docker compose exec --no-TTY database test -e /var/lib/postgresql/data/.initialising
    kill_it database
    until_ok "the server is healthy" 120 is_healthy database
    docker compose exec --no-TTY --user postgres database psql --no-psqlrc --dbname metabase --command 'SELECT 1' > "$work/last" ||
        fail "the databases were not made"
    ok "its databases are there"
    remove
}

proxy() {
    if ! there "$(image NGINX_IMAGE)"; then
        left_out "the proxy, of which there is no image"
        return
    fi
    for profile in minimal team; do
        say "the proxy, with profile $profile"
        metabase
        portal
        site=site
        [ $profile = team ] || { site=centime parts=centime; }
        with="docker compose --file compose.yaml --file compose.proxy.yaml --profile $profile"
        # shellcheck disable=SC2086
        $with up --detach ${parts:+$parts proxy} 2> "$work/last" || { cat "$work/last" >&2; fail "up"; }
        until_ok "the site answers over HTTPS" 240 is_secure
        [ -z "$(docker port "$(id $site)")" ] || fail "the site has a port of its own: $(docker port "$(id $site)")"
        ok "the site has no port of its own"
        location=$(curl --silent --noproxy '*' --output /dev/null --write-out '%{http_code} %{redirect_url}' "http://127.0.0.1:$((port + 2))/x?y=z")
        [ "$location" = "308 https://127.0.0.1:$((port + 1))/x?y=z" ] || fail "visitors in the clear are sent to $location"
        ok "visitors in the clear are sent to $location"
        # shellcheck disable=SC2086
        if $with logs proxy 2>&1 | grep -i warn; then fail "nginx warns"; fi
        ok "nginx warns of nothing"
        kill_it proxy
        until_ok "the site answers over HTTPS" 30 is_secure
        remove
    done
}
is_secure() { [ "$(answers "https://127.0.0.1:$((port + 1))/readyz")" = 200 ]; }

encrypted() {
    say "profile encrypted, on a disk in the clear"
    metabase
    # shellcheck disable=SC2086
    refused "a start" docker compose --profile encrypted up --detach $parts
    [ -z "$(docker compose --profile encrypted ps --quiet site database-encrypted)" ] || fail "something was started"
    ok "nothing was started"
    # As the engine starts it by itself after a restart of the machine: from a volume of its own, and from the folder
    # of a volume that nobody has opened yet, which the engine makes anew.
    for volume in "${COMPOSE_PROJECT_NAME}_database" "$work/closed"; do
        export CENTIME_DATABASE_VOLUME="$volume"
        [ "$volume" = "$work/closed" ] || unset CENTIME_DATABASE_VOLUME
        docker compose --profile encrypted up --detach --no-deps database-encrypted 2> "$work/last"
        sleep 5
        docker compose --profile encrypted logs database-encrypted 2>&1 | grep -q 'does not lie on a volume that the kernel encrypts' ||
            fail "the server does not look where its data lie"
        made=$(docker run --rm --volume "$volume:/data" --entrypoint sh "$postgres" -c 'find /data -mindepth 1 | wc -l')
        [ "$made" = 0 ] || fail "the server has stored something in the clear"
        docker compose --profile encrypted rm --force --stop database-encrypted > "$work/last" 2>&1
    done
    unset CENTIME_DATABASE_VOLUME
    ok "the server refuses by itself as well, and has stored nothing"
    remove
    CENTIME_POSTGRES_ENCRYPTED=yes docker compose --profile team up --detach --no-deps database 2> "$work/last"
    sleep 3
    docker compose logs database 2>&1 | grep -q 'expected «required»' || fail "a misspelt CENTIME_POSTGRES_ENCRYPTED is ignored"
    ok "a misspelt CENTIME_POSTGRES_ENCRYPTED is refused"
    remove
    if there "$(image CITUS_IMAGE)"; then
        CENTIME_POSTGRES_ENCRYPTED=required docker compose --profile cluster up --detach --no-deps coordinator worker-1 2> "$work/last"
        sleep 5
        for part in coordinator worker-1; do
            docker compose --profile cluster logs $part 2>&1 | grep -q 'does not lie on a volume that the kernel encrypts' ||
                fail "$part does not look where its data lie"
        done
        ok "the servers of a cluster refuse as well"
        remove
    fi
    left_out "a start on a volume that is encrypted: that takes cryptsetup and a kernel with dm-crypt"
}

cluster() {
    if ! there "$(image CITUS_IMAGE)"; then
        left_out "the cluster, of which there is no image"
        return
    fi
    say "profile cluster"
    started cluster
    published=$(figures)
    servers="docker compose --profile cluster exec --no-TTY --user postgres coordinator psql --no-psqlrc --tuples-only --no-align --dbname centime --command"
    workers=$($servers "SELECT string_agg(nodename, ' ' ORDER BY nodename) FROM (SELECT DISTINCT nodename FROM citus_shards WHERE citus_table_type = 'distributed') AS shards")
    [ "$workers" = "worker-1 worker-2" ] || fail "lines are on «$workers»"
    ok "published from empty, with the lines on $workers"
    for part in worker-1 coordinator; do
        kill_it $part
        until_ok "$part is healthy" 60 is_healthy $part
        until_ok "the site shows something" 60 is_ready
    done
    until_ok "the figures are those of before" 30 same_figures
    remove
}
same_figures() { [ "$published" = "$(figures)" ]; }

for profile in "$@"; do
    case $profile in
    minimal | team | proxy | encrypted | cluster) $profile ;;
    *) fail "there is no profile $profile" ;;
    esac
done
say "done: $*"
