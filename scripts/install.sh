#!/usr/bin/env bash
# Usage: install.sh requirements.txt. Brings .venv to what the lock says; does nothing when it is there already.
source "$(dirname "$0")/say.sh"

lock=$1
stamp="$VENV/.installed-$lock"
checksum=$(sha256sum "$lock")

if [ "$(cat "$stamp" 2>/dev/null)" = "$checksum" ] && "$VENV/bin/python" -c 'import django' 2>/dev/null; then
    exit 0
fi

source scripts/python.sh
if ! "$VENV/bin/python" -m pip --version >/dev/null 2>&1; then
    say "Environnement Python dans $VENV"
    "$PYTHON" -m venv --clear "$VENV" ||
        stop "La création de l’environnement Python a échoué." \
            "Vérifiez que le module venv est installé (Debian : apt-get install python3-venv) et que le dossier est accessible en écriture."
fi

say "Dépendances de $lock, vérifiées par empreinte"
"$VENV/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes --requirement "$lock" ||
    stop "L’installation des dépendances a échoué." \
        "Vérifiez l’accès réseau au dépôt de paquets Python (ou le réglage de pip), puis relancez la commande." \
        "Si une empreinte ne correspond pas, le paquet reçu n’est pas celui du verrou : n’insistez pas, prévenez les mainteneurs."
printf '%s\n' "$checksum" >"$stamp"
