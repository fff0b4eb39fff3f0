"""Reference data: which committee may close which step, and the articles of the model convention. Loading twice changes nothing."""

import csv
import json

from django.conf import settings
from django.db import transaction

from governance.models import Clause, CommitteeKind, Gate, GateRule


@transaction.atomic
def load_reference() -> None:
    load_gates()
    load_clauses()


def load_gates() -> None:
    with (settings.BASE_DIR / "fixtures/reference/gates.csv").open(encoding="utf-8", newline="") as file:
        pairs = {
            (Gate(row["gate"]), CommitteeKind(row["committee_kind"])) for row in csv.DictReader(file, delimiter=";")
        }
    GateRule.objects.exclude(
        pk__in=[GateRule.objects.get_or_create(gate=gate, committee_kind=kind)[0].pk for gate, kind in pairs]
    ).delete()


def load_clauses() -> None:
    rows = json.loads((settings.BASE_DIR / "fixtures/reference/clauses.json").read_text(encoding="utf-8"))
    for row in rows:
        Clause.objects.update_or_create(position=row["position"], defaults={"title": row["title"], "body": row["body"]})
    Clause.objects.exclude(position__in=[row["position"] for row in rows]).delete()
