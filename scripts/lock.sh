#!/usr/bin/env bash
# Needs uv, only here: the product itself installs with plain pip. `make lock UPGRADE=1` takes the latest allowed versions.
source "$(dirname "$0")/say.sh"

command -v uv >/dev/null || stop "uv est introuvable." "Installez-le dans un environnement à part : pip install uv"

compile() { # lock, then the options
    local lock=$1
    shift
    # No address of a package index and no header: the lock reads the same wherever it was made.
    uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
        ${UPGRADE:+--upgrade} pyproject.toml "$@" --output-file "$lock"
}

compile requirements.txt
compile requirements-scale.txt --extra scale --constraint requirements.txt
compile requirements-dev.txt --group dev --constraint requirements.txt
