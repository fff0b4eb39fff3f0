# Two commands matter: `make demo` opens the product on a demonstration, `make test` runs everything that guards it.
# The recipes are short on purpose: what they do is in scripts/, one file per gesture.

.DEFAULT_GOAL := help
export PORT ?= 8000

.PHONY: demo test lint format bench lock assets clean help

demo: ## ouvre la démonstration sur http://127.0.0.1:8000 (PORT=… pour changer)
	@scripts/demo.sh

test: ## style, types, tests sur SQLite et PostgreSQL, tests dans Chromium
	@scripts/test.sh

lint: ## style, types, couches, migrations, réglages de production
	@scripts/install.sh requirements-dev.txt
	@scripts/lint.sh

format: ## met en forme le code et les gabarits
	@scripts/install.sh requirements-dev.txt
	@scripts/format.sh

bench: ## mesure les temps et les nombres de requêtes
	@scripts/install.sh requirements-dev.txt
	@scripts/bench.sh

lock: ## recalcule les verrous de dépendances (mainteneurs)
	@scripts/lock.sh

assets: ## reconstruit les fichiers de style fournis avec le dépôt (mainteneurs, Node)
	@scripts/assets.sh

clean: ## efface l’environnement, la base de démonstration et les fichiers calculés
	@scripts/clean.sh

help: ## cette liste
	@grep -hE '^[a-z]+:.*## ' Makefile | sed -E 's/:.*## /\t/' | expand -t 12
