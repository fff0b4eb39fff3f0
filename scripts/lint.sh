#!/usr/bin/env bash
# Every check, so that one run shows all there is to mend.
source "$(dirname "$0")/say.sh"

failed=()
check() { # title, then the command
    local title=$1 output
    shift
    if output=$("$@" 2>&1); then
        printf '✓ %s\n' "$title"
    else
        printf '✗ %s\n%s\n' "$title" "$output"
        failed+=("$title")
    fi
}

# The settings of a real installation, with values that open nothing.
production() {
    env CTG_ENV=production SECRET_KEY="$(printf 'verification-%.0s' 1 2 3 4 5)$$abcdefghij" ALLOWED_HOSTS=ctg.example.org \
        DATABASE_URL=postgres://ctg@127.0.0.1/ctg "$@"
}

bin=$VENV/bin
check "ruff check" "$bin/ruff" check --quiet .
check "ruff format" "$bin/ruff" format --quiet --check .
check "import-linter" "$bin/lint-imports"
check "mypy" "$bin/mypy"
check "djlint (forme)" "$bin/djlint" templates --check --quiet
check "djlint (règles)" "$bin/djlint" templates --lint --quiet
check "migrations à jour" "$bin/python" manage.py makemigrations --check --dry-run
check "réglages de production" production "$bin/python" manage.py check --deploy --fail-level WARNING

if [ ${#failed[@]} -gt 0 ]; then
    printf 'À reprendre : %s. « make format » corrige la mise en forme.\n' "$(IFS=,; echo "${failed[*]}")"
    exit 1
fi
printf 'Rien à reprendre.\n'
