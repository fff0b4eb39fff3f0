#!/usr/bin/env bash
# Rebuilds the vendored assets from package.json; the results are committed, so that nobody else needs Node.
source "$(dirname "$0")/say.sh"

command -v npm >/dev/null || stop "npm est introuvable." "Cette commande n’est utile qu’aux mainteneurs : installez Node, puis relancez-la."
npm ci --ignore-scripts
npm run build
