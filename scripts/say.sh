# shellcheck shell=bash disable=SC2034
# Sourced by the other scripts: where we are, and how to speak.

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export LC_ALL="${LC_ALL:-C.UTF-8}" PYTHONUTF8=1
unset DJANGO_SETTINGS_MODULE

VENV=.venv

say() { printf '→ %s\n' "$*"; }

# What went wrong, then what to do.
stop() {
    printf '\n✗ %s\n' "$1" >&2
    shift
    for line in "$@"; do printf '  %s\n' "$line" >&2; done
    exit 1
}
