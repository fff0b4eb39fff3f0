#!/usr/bin/env bash
source "$(dirname "$0")/say.sh"

"$VENV/bin/ruff" check --quiet --fix . || true # what cannot be mended by itself is for `make lint` to show
"$VENV/bin/ruff" format --quiet .
"$VENV/bin/djlint" templates --reformat --quiet
