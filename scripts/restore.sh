#!/usr/bin/env bash
# Usage: restore.sh ARCHIVE --replace. Puts back the database and the files of a backup, in place of what is there.
source "$(dirname "$0")/say.sh"

if [ $# -ne 2 ] || [ "$2" != --replace ]; then
    stop "La restauration remplace la base et les fichiers actuels." \
        "Arrêtez le serveur et la file de tâches, faites une sauvegarde, puis : scripts/restore.sh ARCHIVE --replace"
fi
var=${VAR_DIR:-var}
url=${DATABASE_URL:-sqlite:///$var/ctg.sqlite3}
file=${url#sqlite:///}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
tar -xzf "$1" -C "$work" || stop "L’archive $1 est illisible." "Prenez une autre sauvegarde."

case "$url" in
    postgres*)
        [ -e "$work/base.dump" ] || stop "Cette archive ne vient pas de PostgreSQL."
        pg_restore --clean --if-exists --no-owner --single-transaction --exit-on-error --dbname "$url" "$work/base.dump" ||
            stop "La base n’a pas été restaurée, elle est restée comme elle était." "Le détail est ci-dessus."
        ;;
    *)
        [ -e "$work/base.sqlite3" ] || stop "Cette archive ne vient pas de SQLite."
        mkdir -p "$(dirname "$file")"
        rm -f "$file-wal" "$file-shm"
        mv "$work/base.sqlite3" "$file"
        ;;
esac

mkdir -p "$var"
rm -rf "${var:?}/media"
mv "$work/media" "$var/media"
say "Sauvegarde restaurée. Lancez « manage.py migrate » si le code est plus récent qu’elle, puis redémarrez."
