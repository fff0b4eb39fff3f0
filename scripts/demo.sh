#!/usr/bin/env bash
# The demonstration: everything a fresh machine needs, then a server and a worker that stop together.
source "$(dirname "$0")/say.sh"

PORT=${PORT:-8000}
export DEMO=True CTG_ENV=development DEBUG=False SITE_URL="http://127.0.0.1:$PORT" LOG_LEVEL="${LOG_LEVEL:-WARNING}"
unset DATABASE_URL # the demonstration never writes in a real database

port_answers() { (exec 3<>"/dev/tcp/127.0.0.1/$PORT") 2>/dev/null; }

[[ $PORT =~ ^[0-9]+$ ]] || stop "PORT vaut « $PORT » : un nombre est attendu." "Par exemple : make demo PORT=8080"
if port_answers; then
    stop "Le port $PORT est déjà occupé sur cette machine." \
        "Arrêtez ce qui l’occupe (peut-être une autre démonstration), ou choisissez un autre port : make demo PORT=$((PORT + 1))"
fi

scripts/system_packages.sh demo
scripts/install.sh requirements.txt

manage() { "$VENV/bin/python" manage.py "$@"; }
mkdir -p var

say "Base de données (var/ctg.sqlite3)"
manage migrate --no-input --verbosity 0 ||
    stop "La mise à jour de la base a échoué." "Pour repartir d’une base neuve : make clean, puis make demo."
say "Données de démonstration"
manage load_demo ||
    stop "Le chargement de la démonstration a échoué." "Pour repartir d’une base neuve : make clean, puis make demo."

stamp=var/static/.built
if [ ! -e "$stamp" ] || [ -n "$(find ctg_site requirements.txt \( -path '*/static/*' -o -name requirements.txt \) -newer "$stamp" -print -quit)" ]; then
    say "Fichiers de style"
    manage collectstatic --no-input --clear --verbosity 0 ||
        stop "La préparation des fichiers de style a échoué." "Supprimez var/static, puis relancez make demo."
    touch "$stamp"
fi

children=()
stop_all() {
    trap '' EXIT INT TERM
    kill -TERM "${children[@]}" 2>/dev/null || true
    wait 2>/dev/null || true
}
trap stop_all EXIT
trap 'stop_all; exit 0' INT TERM

"$VENV/bin/gunicorn" ctg_site.wsgi --bind "127.0.0.1:$PORT" --worker-class gthread --workers 2 --threads 4 --no-control-socket --log-level warning &
children+=($!)
"$VENV/bin/python" manage.py db_worker --no-startup-delay --verbosity 0 &
children+=($!)

accounts=$(manage demo_accounts) || stop "La liste des comptes de démonstration est indisponible." "Relancez make demo."
until port_answers; do
    kill -0 "${children[0]}" 2>/dev/null ||
        stop "Le serveur ne démarre pas (le détail est ci-dessus)." "Si le port $PORT est réservé ou occupé : make demo PORT=$((PORT + 1))"
    sleep 0.1
done

printf '\n  La démonstration est ouverte : http://127.0.0.1:%s\n\n%s\n\n  Ctrl-C pour arrêter.\n\n' "$PORT" "$accounts"

status=0
wait -n "${children[@]}" || status=$?
stop "Le serveur ou la file de tâches s’est arrêté (code $status)." "Le détail est ci-dessus ; relancez make demo."
