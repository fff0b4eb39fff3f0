#!/usr/bin/env bash
# Usage: backup.sh FOLDER. Writes there one archive of the database and of the files, while the site runs.
source "$(dirname "$0")/say.sh"

[ $# -eq 1 ] || stop "Où écrire la sauvegarde ?" "Par exemple : scripts/backup.sh /var/backups/ctg"
var=${VAR_DIR:-var}
url=${DATABASE_URL:-sqlite:///$var/ctg.sqlite3}
file=${url#sqlite:///}
archive="$1/ctg-$(date +%Y%m%d-%H%M%S).tar.gz"
umask 077
mkdir -p "$1"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

case "$url" in
    postgres*) pg_dump --format custom --no-owner --dbname "$url" --file "$work/base.dump" ;;
    # Page by page: VACUUM would check again the constraints, some of which call functions that only Django defines.
    *) "$VENV/bin/python" -c 'import sqlite3, sys; base, copy = map(sqlite3.connect, sys.argv[1:]); base.backup(copy); copy.close()' \
        "$file" "$work/base.sqlite3" ;;
esac || stop "La base n’a pas pu être copiée (le détail est ci-dessus)." "Vérifiez DATABASE_URL, VAR_DIR et les droits, puis relancez."

# The files come after the base: each file that the base names is then in the archive.
mkdir -p "$work/media"
[ ! -d "$var/media" ] || cp -a "$var/media/." "$work/media/"
tar -czf "$archive.part" -C "$work" .
mv "$archive.part" "$archive"
printf '%s\n' "$archive"
