#!/usr/bin/env bash
# One script per figure; each prints what it measured.
source "$(dirname "$0")/say.sh"

for script in bench/measure_*.py; do
    [ -e "$script" ] || stop "Aucune mesure dans bench/." "Ajoutez un fichier bench/measure_….py."
    say "$script"
    PYTHONPATH=. "$VENV/bin/python" "$script"
done

say "bench/funding.py (PostgreSQL, une France entière : une à deux minutes)"
scripts/with_postgresql.sh "$VENV/bin/python" bench/funding.py
