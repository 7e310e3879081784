#!/bin/sh
# Makes the images that `make test-compose` starts, where none can be pulled: from packages of Debian, under the
# names of compose.yaml and of the Dockerfile. They stand in for the published images and are no replacement.
#
#   sudo deploy/test/bases.sh SCRIPTS [CITUS]
#
# SCRIPTS is a folder with docker-entrypoint.sh and docker-ensure-initdb.sh of
# https://github.com/docker-library/postgres, CITUS a clone of https://github.com/citusdata/citus
# with its tags; without it there is no image of Citus. It needs debootstrap and an engine for containers.
# SUITE and MIRROR say which packages are taken.
set -eu
[ $# -ge 1 ] || { sed -n '2,/^set/s/^# \{0,1\}//p' "$0" >&2; exit 2; }
scripts=$(cd "$1" && pwd)
citus=${2:-}
suite=${SUITE:-trixie}
mirror=${MIRROR:-http://deb.debian.org/debian}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The image that compose.yaml names where no variable names another.
named() {
    sed -n "s/.*\${$1:-\([^}]*\)}.*/\1/p" "$(dirname "$0")/../$2" | head -n 1
}
build() {
    tag=$1
    shift
    docker build --quiet --network host --tag "$tag" "$@" --file - "$work/context" > "$work/id"
    echo "$tag" >&2
}
mkdir "$work/context"

if ! docker image inspect centime-base/debian > /dev/null 2>&1; then
    debootstrap --variant=minbase --include=ca-certificates,curl,tzdata "$suite" "$work/root" "$mirror" > "$work/log" ||
        { tail -n 20 "$work/log" >&2; exit 1; }
    rm -rf "$work/root/var/cache/apt/archives" "$work/root/var/lib/apt/lists"
    tar --directory "$work/root" --create . | docker import - centime-base/debian > "$work/id"
fi

# What the program needs to run: the C library, the authorities and the time zones.
runtime=$(sed -n 's/^ARG RUNTIME_IMAGE=//p' "$(dirname "$0")/../Dockerfile")
build "$runtime" <<'END'
FROM centime-base/debian AS debian
RUN install -d -m 1777 /base/tmp && install -d /base/etc/ssl /base/usr/share /base/lib64 /base/usr/lib \
    && for library in libc libm libgcc_s libpthread libdl librt; do \
        cp --parents -L /usr/lib/*-linux-gnu*/$library.so.* /base; done \
    && cp -rL /etc/ssl/certs /base/etc/ssl/ && cp -r /usr/share/zoneinfo /base/usr/share/ \
    && (cp -L /lib64/ld-linux-*.so.* /base/lib64/ || cp -L /lib/ld-linux-*.so.* /base/usr/lib/) \
    && ln -s usr/lib /base/lib \
    && printf 'root:x:0:0:root:/root:/sbin/nologin\nnonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin\n' > /base/etc/passwd
FROM scratch
COPY --from=debian /base/ /
END

cp "$scripts/docker-entrypoint.sh" "$scripts/docker-ensure-initdb.sh" "$work/context/"
postgres=$(named POSTGRES_IMAGE compose.yaml)
version=$(echo "$postgres" | sed 's/.*:\([0-9]*\).*/\1/')
build "$postgres" --build-arg "VERSION=$version" <<'END'
FROM centime-base/debian
ARG VERSION
RUN groupadd --system --gid 999 postgres \
    && useradd --system --gid postgres --uid 999 --home-dir /var/lib/postgresql --shell /bin/bash postgres \
    && install -d /etc/postgresql-common && echo 'create_main_cluster = false' > /etc/postgresql-common/createcluster.conf \
    && apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends postgresql-$VERSION gosu \
    && rm -rf /var/lib/apt/lists/* && mkdir -p /docker-entrypoint-initdb.d \
    && install -d -o postgres -g postgres -m 3777 /var/run/postgresql \
    && install -d -o postgres -g postgres -m 1777 /var/lib/postgresql/data
ENV PG_MAJOR=$VERSION PATH=$PATH:/usr/lib/postgresql/$VERSION/bin PGDATA=/var/lib/postgresql/data LANG=C.UTF-8
COPY --chmod=755 docker-entrypoint.sh docker-ensure-initdb.sh /usr/local/bin/
VOLUME /var/lib/postgresql/data
STOPSIGNAL SIGINT
ENTRYPOINT ["docker-entrypoint.sh"]
CMD ["postgres"]
END

build "$(named NGINX_IMAGE compose.proxy.yaml)" <<'END'
FROM centime-base/debian
RUN groupadd --system --gid 101 nginx && useradd --system --gid nginx --uid 101 nginx \
    && apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends nginx-light \
    && rm -rf /var/lib/apt/lists/*
STOPSIGNAL SIGQUIT
USER 101
END

build "$(named PROMETHEUS_IMAGE compose.yaml)" <<'END'
FROM centime-base/debian
RUN apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends prometheus \
    && rm -rf /var/lib/apt/lists/* && install -d -o nobody -g nogroup /prometheus
USER 65534
ENTRYPOINT ["prometheus"]
END

[ -n "$citus" ] || exit 0
# As the published image is made: https://github.com/citusdata/docker
image=$(named CITUS_IMAGE compose.yaml)
git -C "$citus" archive --format tar "v${image##*:}" > "$work/context/citus.tar"
build "$image" --build-arg "POSTGRES=$postgres" <<'END'
ARG POSTGRES
FROM ${POSTGRES} AS build
RUN apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
    postgresql-server-dev-$PG_MAJOR gcc make flex libcurl4-openssl-dev liblz4-dev libzstd-dev libicu-dev libssl-dev \
    libkrb5-dev libpam0g-dev libselinux1-dev libxslt1-dev libxml2-dev libreadline-dev zlib1g-dev
ADD citus.tar /citus
RUN cd /citus && ./configure --without-libcurl PG_CONFIG=/usr/bin/pg_config > /dev/null \
    && nice -n 19 make -s -j2 > /dev/null 2>&1 && make -s install DESTDIR=/out > /dev/null 2>&1
FROM ${POSTGRES}
COPY --from=build /out/ /
RUN sed -i '/unset PGPASSWORD/d' /usr/local/bin/docker-entrypoint.sh \
    && echo "shared_preload_libraries='citus'" >> /usr/share/postgresql/$PG_MAJOR/postgresql.conf.sample \
    && echo 'CREATE EXTENSION citus;' > /docker-entrypoint-initdb.d/001-create-citus-extension.sql
END
