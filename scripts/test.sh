#!/usr/bin/env bash
# Everything that guards the product, each part run even when an earlier one failed; the summary says which.
source "$(dirname "$0")/say.sh"

scripts/system_packages.sh test
scripts/install.sh requirements-dev.txt

log=$(mktemp)
trap 'rm -f "$log"' EXIT
summary=()
failed=0

part() { # title, then the command
    local title=$1 start=$SECONDS mark=✓ last
    shift
    printf '\n━━ %s\n' "$title"
    if ! "$@" 2>&1 | tee "$log"; then
        mark=✗
        failed=1
    fi
    last=$(grep -v '^[[:space:]]*$' "$log" | tail -1 | sed -E 's/^=+ ?//; s/ ?=+$//')
    summary+=("$mark $title ($((SECONDS - start)) s) : $last")
}

unset DATABASE_URL
pytest=("$VENV/bin/python" -m pytest -q -n 2)

part "Style, types, couches" scripts/lint.sh
part "Tests sur SQLite" "${pytest[@]}" -m "not browser"
part "Tests sur PostgreSQL" scripts/with_postgresql.sh "${pytest[@]}" -m "base and not browser"
part "Tests dans Chromium" "${pytest[@]}" -m browser

printf '\n━━ Résumé\n'
printf '%s\n' "${summary[@]}"
exit "$failed"
