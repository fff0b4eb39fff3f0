# shellcheck shell=bash disable=SC2034
# Sourced: finds the Python the locks were made for.

# The one of Debian, where it can make an environment: built with its profile, it saves a seventh of the processor time.
debian=/usr/bin/python3.11
"$debian" -c 'import ensurepip' 2>/dev/null || debian=

find_python() {
    for candidate in "${PYTHON:-}" $debian python3.11 python3 python; do
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
