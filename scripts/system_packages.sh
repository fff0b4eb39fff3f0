#!/usr/bin/env bash
# Usage: system_packages.sh demo|test. Installs the system packages that are missing, or says how to.
source "$(dirname "$0")/say.sh"
source scripts/python.sh

has_command() { command -v "$1" >/dev/null 2>&1; }
libraries=$(PATH="$PATH:/sbin:/usr/sbin" ldconfig -p 2>/dev/null || true)
has_library() { [[ $libraries == *"$1"* ]]; }
has_font() { [ -n "$(find /usr/share/fonts /usr/local/share/fonts -name "$1" -print -quit 2>/dev/null)" ]; }
has_postgresql() { has_command initdb || compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null; }
has_browser() { has_command chromium-headless-shell || has_command chromium; } # the first is twice as fast
has_module() { "$PYTHON" -c "import $1" >/dev/null 2>&1; }

missing=()
need() { # package, then the test that shows it is there
    local package=$1
    shift
    "$@" || missing+=("$package")
}

need ca-certificates test -s /etc/ssl/certs/ca-certificates.crt
need python3-venv has_module ensurepip
need libpango-1.0-0 has_library libpango-1.0.so.0
need libpangoft2-1.0-0 has_library libpangoft2-1.0.so.0
need libharfbuzz-subset0 has_library libharfbuzz-subset.so.0
need fonts-dejavu-core has_font DejaVuSans.ttf
if [ "${1:-demo}" = test ]; then
    need chromium-headless-shell has_browser
    need libatomic1 has_library libatomic.so.1 # for the driver of Playwright
    need postgresql has_postgresql
    need poppler-utils has_command pdftotext
    need libreoffice-calc-nogui has_command soffice # saves the workbook of a plan as people do
fi

[ ${#missing[@]} -gt 0 ] || exit 0

command="apt-get update && apt-get install -y --no-install-recommends ${missing[*]}"
if ! has_command apt-get; then
    stop "Il manque à ce système : ${missing[*]} (noms des paquets Debian)." \
        "Installez leurs équivalents avec le gestionnaire de paquets du système, puis relancez la commande."
fi
if [ "$(id -u)" -ne 0 ]; then
    stop "Il manque à ce système : ${missing[*]}." "Lancez cette ligne, puis relancez la commande :" "" "sudo sh -c '$command'"
fi

say "Paquets du système : ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
log=$(mktemp)
if ! sh -c "$command" >"$log" 2>&1 </dev/null; then
    tail -20 "$log" >&2
    stop "L’installation des paquets du système a échoué (le détail est ci-dessus et dans $log)." \
        "Vérifiez l’accès réseau et les dépôts de ce système, puis relancez la commande."
fi
rm -f "$log"
