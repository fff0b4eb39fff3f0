#!/usr/bin/env bash
# Usage: with_postgresql.sh COMMAND… Runs it with DATABASE_URL on a new PostgreSQL, stopped and removed afterwards.
source "$(dirname "$0")/say.sh"

bin=$(find /usr/lib/postgresql/*/bin -name initdb -printf '%h\n' 2>/dev/null | sort -V | tail -1)
[ -n "$bin" ] || bin=$(dirname "$(command -v initdb)") || stop "PostgreSQL est introuvable." "Debian : apt-get install postgresql"

# PostgreSQL refuses to run as root.
as_owner() { "$@"; }
owner=$(id -un)
if [ "$(id -u)" -eq 0 ]; then
    owner=$(id -un postgres 2>/dev/null || echo nobody)
    as_owner() { (cd / && runuser -u "$owner" -- "$@"); }
fi

folder=$(mktemp -d /tmp/ctg-postgresql.XXXXXX)
chown "$owner" "$folder"

clean_up() {
    as_owner "$bin/pg_ctl" --pgdata "$folder/data" --mode immediate --silent stop >/dev/null 2>&1 || true
    rm -rf "$folder"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

# By a socket in its folder: a port of the machine may be taken between its choice and the start.
# Autovacuum sees the tables of a test empty, since nothing is committed, and tells the planner so: off.
# jit: no query of a test is worth compiling. random_page_cost: what a solid-state disk asks for, as docs/operations.md says; an index is then read alone for a sum of all France.
as_owner "$bin/initdb" --pgdata "$folder/data" --username ctg --auth trust --encoding UTF8 --locale C.UTF-8 --no-sync >"$folder/log" 2>&1 &&
    as_owner "$bin/pg_ctl" --pgdata "$folder/data" --log "$folder/server.log" --wait --silent start \
        --options "-c listen_addresses= -c unix_socket_directories=$folder -c fsync=off -c full_page_writes=off -c autovacuum=off -c random_page_cost=1.1 -c jit=off" || {
    cat "$folder"/*log >&2
    stop "PostgreSQL n’a pas démarré (le détail est ci-dessus)." "Vérifiez le paquet postgresql de ce système, puis relancez la commande."
}
as_owner "$bin/createdb" --host "$folder" --username ctg ctg

DATABASE_URL="postgres://ctg@/ctg?host=$folder" "$@"
