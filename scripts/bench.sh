#!/usr/bin/env bash
# One script per figure; each prints what it measured.
source "$(dirname "$0")/say.sh"

for script in bench/*.py; do
    say "$script"
    case $script in
    bench/import_values.py | bench/funding.py | bench/national_figures.py | bench/secrecy.py) PYTHONPATH=. scripts/with_postgresql.sh "$VENV/bin/python" "$script" ;; # their limits are PostgreSQL’s own
    *) PYTHONPATH=. "$VENV/bin/python" "$script" ;;
    esac
done
