# shellcheck shell=bash disable=SC2034
# Sourced: finds the Python the locks were made for.

find_python() { # the one of Debian before any other: built with its profile, it saves a seventh of the processor time
    for candidate in "${PYTHON:-}" /usr/bin/python3.11 python3.11 python3 python; do
        [ -n "$candidate" ] || continue
        if "$candidate" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null; then
            command -v "$candidate"
            return
        fi
    done
    return 1
}

PYTHON=$(find_python) || stop "Python 3.11 est introuvable." \
    "Installez-le (Debian 12 : apt-get install python3) ou indiquez-le : make demo PYTHON=/chemin/vers/python3.11"
