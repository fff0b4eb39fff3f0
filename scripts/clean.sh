#!/usr/bin/env bash
source "$(dirname "$0")/say.sh"

rm -rf "$VENV" node_modules .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
find var -mindepth 1 ! -name .gitkeep -delete 2>/dev/null || true
