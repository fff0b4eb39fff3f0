"""Reference data: the questions of the technical committee, and the library of model actions. Loading twice changes nothing."""

import csv
import json

from django.conf import settings
from django.db import transaction

from actions.models import Criterion, ModelAction

REFERENCE = settings.BASE_DIR / "fixtures/reference"


@transaction.atomic
def load_reference() -> None:
    load_criteria()
    load_model_actions()


def load_criteria() -> None:
    with (REFERENCE / "feasibility_criteria.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter=";"):
            Criterion.objects.update_or_create(code=row.pop("code"), defaults=row)


def load_model_actions() -> None:
    rows = json.loads((REFERENCE / "model_actions.json").read_text(encoding="utf-8"))
    for position, row in enumerate(rows, start=1):
        ModelAction.objects.update_or_create(code=row.pop("code"), defaults=row | {"position": position})
