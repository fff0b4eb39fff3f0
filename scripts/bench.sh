#!/usr/bin/env bash
# One script per figure; each prints what it measured.
source "$(dirname "$0")/say.sh"

for script in bench/*.py; do
    say "$script"
    case $script in
    bench/import_*) PYTHONPATH=. scripts/with_postgresql.sh "$VENV/bin/python" "$script" ;; # its limit is PostgreSQL’s own
    *) PYTHONPATH=. "$VENV/bin/python" "$script" ;;
    esac
done

say "bench/funding.py (PostgreSQL, une France entière : une à deux minutes)"
scripts/with_postgresql.sh "$VENV/bin/python" bench/funding.py
