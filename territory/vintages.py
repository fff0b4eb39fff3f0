"""The official geography of France by vintage: what a new one changes is shown before it is applied.

An entity is (kind, code, valid from): a commune that takes in others keeps its code and becomes another entity.
"""

import csv
import lzma
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from ctg_site.lib.database import analyze
from territory.models import Belonging, Succession, Territory
from territory.services import judge_cafs_again

FRANCE = Path(settings.BASE_DIR) / "fixtures" / "geography" / "france"
ALIASES = FRANCE.parent / "aliases.csv"
DEMONSTRATION = ("66", "200042463")  # the Pyrénées-Orientales, and an EPCI of the Aude for the second Caf
LEVELS = (
    Territory.Kind.FRANCE,
    Territory.Kind.REGION,
    Territory.Kind.DEPARTEMENT,
    Territory.Kind.EPCI,
    Territory.Kind.COMMUNE,
)
TABLES = ("territories", "belongings", "changes")
BATCH = 2000

Row = dict[str, str]
Key = tuple[str, str, date]


@dataclass(frozen=True)
class Vintage:
    """The rows of the files, as text; ``changes`` are the merges and splits."""

    places: list[Row]
    belongings: list[Row]
    changes: list[Row]


@dataclass
class Preview:
    """What applying a vintage would do, in names; nothing is written."""

    appears: list[str] = field(default_factory=list)
    disappears: list[str] = field(default_factory=list)
    renamed: list[str] = field(default_factory=list)
    moves: list[str] = field(default_factory=list)
    perimeters: list[str] = field(default_factory=list)
    absent: list[str] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        return not (self.appears or self.disappears or self.renamed or self.moves or self.perimeters)

    @property
    def titled(self) -> list[tuple[str, list[str]]]:
        return [
            ("Apparaissent", self.appears),
            ("Disparaissent", self.disappears),
            ("Changent de nom", self.renamed),
            ("Changent d’intercommunalité", self.moves),
            ("Périmètres à revoir", self.perimeters),
            ("Absents du millésime, laissés tels quels", self.absent),
        ]


def read_vintage(scope: Sequence[str] = (), folder: Path = FRANCE) -> Vintage:
    """Everything, or the départements and EPCIs of ``scope`` with the levels above them."""
    whole = Vintage(*(_read(folder / f"{name}.csv.xz") for name in TABLES))
    return narrowed(whole, set(scope)) if scope else whole


def load_geography(scope: Sequence[str] = DEMONSTRATION) -> None:
    apply_vintage(read_vintage(scope))


def preview_vintage(vintage: Vintage) -> Preview:
    known = {(place.kind, place.code, place.valid_from): place for place in Territory.objects.reference()}
    preview = Preview()
    for row in vintage.places:
        place = known.get(_key(row))
        label = f"{row['name']} ({row['code']})"
        if place is None:
            preview.appears.append(label)
        elif place.valid_to is None and row["valid_to"]:
            preview.disappears.append(f"{label}, le {_french(_day(row['valid_to']))}")
        elif place.name != row["name"]:
            preview.renamed.append(f"{place.name} devient {label}")
    told = {(row["kind"], row["code"]) for row in vintage.places}
    preview.absent = [
        f"{place.name} ({place.code})"
        for key, place in sorted(known.items())
        if place.valid_to is None and key[:2] not in told
    ]
    preview.moves = _moves(vintage)
    preview.perimeters = [f"{perimeter} : {heir}" for perimeter, heir in _halves(vintage)]
    return preview


@transaction.atomic
def apply_vintage(vintage: Vintage) -> None:
    """Level by level, so that each row finds its parent; then memberships, merges and splits, custom perimeters."""
    aliases = _extra_aliases()
    parents: dict[tuple[str, str], int] = {}
    for level in LEVELS:
        rows = [row for row in vintage.places if row["kind"] == level]
        _write_level(rows, aliases, parents)
    entities = _Entities()
    _write_belongings(vintage.belongings, entities)
    _write_successions(vintage.changes, entities)
    analyze(Territory, Belonging)
    _extend_perimeters(vintage)
    judge_cafs_again()


# --- Reading ----------------------------------------------------------------------------------------------------------


def _read(path: Path) -> list[Row]:
    with lzma.open(path, "rt", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter=";"))


def districts() -> dict[str, str]:
    """Arrondissement → commune, for Paris, Lyon and Marseille."""
    return {row["code"]: row["commune"] for row in _read(FRANCE / "districts.csv.xz")}


def narrowed(whole: Vintage, scope: set[str]) -> Vintage:
    department = {row["code"]: row["parent_code"] for row in whole.places if row["kind"] == "commune"}
    groups = {row["group"] for row in whole.belongings if department[row["commune"]] in scope} | scope
    communes = {row["commune"] for row in whole.belongings if row["group"] in groups}
    communes |= {code for code, parent in department.items() if parent in scope}
    departments = {department[code] for code in communes}
    regions = {
        row["parent_code"] for row in whole.places if row["kind"] == "departement" and row["code"] in departments
    }
    kept = {"commune": communes, "epci": groups, "departement": departments, "region": regions, "france": {"FR", "FM"}}
    return Vintage(
        [row for row in whole.places if row["code"] in kept[row["kind"]]],
        [row for row in whole.belongings if row["group"] in groups],
        [row for row in whole.changes if {row["before"], row["after"]} <= communes],
    )


def _extra_aliases() -> dict[tuple[str, str], list[str]]:
    """Catalan and French names, former usages: written by hand."""
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    with ALIASES.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter=";"):
            found[row["kind"], row["code"]].append(row["alias"])
    return found


def _key(row: Row) -> Key:
    return row["kind"], row["code"], date.fromisoformat(row["valid_from"])


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _french(day: date | None) -> str:
    return f"{day:%d/%m/%Y}" if day else ""


# --- Comparing --------------------------------------------------------------------------------------------------------


def _moves(vintage: Vintage) -> list[str]:
    """The communes whose EPCI of today is not the one of the vintage."""
    open_ones = Belonging.objects.filter(valid_to=None, group__kind=Territory.Kind.EPCI).select_related(
        "commune", "group"
    )
    now = {row.commune.code: row.group for row in open_ones}
    names = {row["code"]: row["name"] for row in vintage.places}
    after = {row["commune"]: row["group"] for row in vintage.belongings if not row["valid_to"]}
    return [
        f"{names[code]} ({code}) passe de {now[code].name} à {names.get(group, group)}"
        for code, group in sorted(after.items())
        if code in now and now[code].code != group
    ]


def _ended(vintage: Vintage) -> dict[str, date]:
    """Communes that the vintage ends and that are still open here."""
    closing = {_key(row): row["valid_to"] for row in vintage.places if row["kind"] == "commune" and row["valid_to"]}
    open_ones = Territory.objects.communes().filter(valid_to=None)
    found = {place.code: closing.get((place.kind, place.code, place.valid_from)) for place in open_ones}
    return {code: date.fromisoformat(day) for code, day in found.items() if day}


def _heirs(vintage: Vintage) -> dict[str, set[str]]:
    """Commune after a merge → those that make it up, itself included."""
    heirs: dict[str, set[str]] = defaultdict(set)
    for row in vintage.changes:
        if row["kind"] == "merge" and row["after"]:
            heirs[row["after"]] |= {row["before"], row["after"]}
    return heirs


def _halves(vintage: Vintage) -> list[tuple[Territory, str]]:
    """Perimeters of which a merged commune holds only a part: somebody must decide."""
    ended, heirs = _ended(vintage), _heirs(vintage)
    rows = []
    for perimeter, codes in _perimeters():
        for heir, parts in heirs.items():
            inside = parts & codes
            if inside & ended.keys() and not parts <= codes:
                rows.append((perimeter, f"la commune {heir} n’en est qu’en partie"))
    return rows


def _perimeters() -> list[tuple[Territory, set[str]]]:
    codes: dict[Territory, set[str]] = defaultdict(set)
    rows = Belonging.objects.filter(group__kind=Territory.Kind.PERIMETER).select_related("commune", "group")
    for row in rows.order_by("group__name", "group_id", "commune__code"):
        codes[row.group].add(row.commune.code)
    return list(codes.items())


# --- Writing ----------------------------------------------------------------------------------------------------------


def _write_level(
    rows: list[Row], aliases: dict[tuple[str, str], list[str]], parents: dict[tuple[str, str], int]
) -> None:
    if not rows:
        return
    places = []
    for row in rows:  # a parent may be of the same level: France métropolitaine is in France entière
        place = _territory(row, aliases.get((row["kind"], row["code"]), []))
        place.parent_id = parents.get((row["parent_kind"], row["parent_code"]))
        places.append(place)
    update = ["name", "nature", "aliases", "search_text", "valid_to", "parent"]
    _upsert(Territory, places, ["kind", "code", "valid_from"], update)
    kind = rows[0]["kind"]
    for code, pk in Territory.objects.filter(kind=kind).order_by("valid_from", "pk").values_list("code", "pk"):
        parents[kind, code] = pk
    if kind == Territory.Kind.FRANCE and ("france", "FR") in parents:
        Territory.objects.filter(kind=kind, code="FM").update(parent=parents["france", "FR"])


def _territory(row: Row, more_names: list[str]) -> Territory:
    names = [name for name in row["aliases"].split("|") if name]
    place = Territory(
        kind=row["kind"],
        code=row["code"],
        name=row["name"],
        nature=row["nature"],
        aliases=list(dict.fromkeys([*names, *more_names])),
        valid_from=date.fromisoformat(row["valid_from"]),
        valid_to=_day(row["valid_to"]),
    )
    place.search_text = place.key()
    return place


class _Entities:
    """Which entity a code meant on a day."""

    def __init__(self) -> None:
        self.spans: dict[tuple[str, str], list[tuple[date, date | None, int]]] = defaultdict(list)
        rows = Territory.objects.reference().order_by("valid_from", "pk")
        for kind, code, start, end, pk in rows.values_list("kind", "code", "valid_from", "valid_to", "pk"):
            self.spans[kind, code].append((start, end, pk))

    def on(self, kind: str, code: str, day: date) -> int | None:
        spans = self.spans.get((kind, code), [])
        return next((pk for start, end, pk in spans if start <= day and (end is None or day <= end)), None)

    def first_of(self, kind: str, code: str) -> int:
        return self.spans[kind, code][0][2]


def _write_belongings(rows: list[Row], entities: _Entities) -> None:
    belongings = [
        Belonging(
            commune_id=entities.on("commune", row["commune"], date.fromisoformat(row["valid_from"])) or 0,
            group_id=entities.first_of("epci", row["group"]),
            valid_from=date.fromisoformat(row["valid_from"]),
            valid_to=_day(row["valid_to"]),
        )
        for row in rows
    ]
    _upsert(Belonging, belongings, ["commune", "group", "valid_from"], ["valid_to"])


def _write_successions(rows: list[Row], entities: _Entities) -> None:
    found = []
    for row in rows:
        on = date.fromisoformat(row["on"])
        before = entities.on("commune", row["before"], on - timedelta(days=1))
        after = entities.on("commune", row["after"], on) if row["after"] else None
        if before and after:
            found.append(Succession(before_id=before, after_id=after, kind=row["kind"], on=on))
    _upsert(Succession, found, ["before", "after", "on"], ["kind"])


def _extend_perimeters(vintage: Vintage) -> None:
    """A commune made only of communes of a perimeter belongs to it; the others are listed by the preview."""
    heirs = _heirs(vintage)
    latest = {p.code: p for p in Territory.objects.communes().filter(code__in=heirs, valid_to=None)}
    for perimeter, codes in _perimeters():
        wanted = [latest[heir] for heir, parts in heirs.items() if parts <= codes and heir in latest]
        wanted = [commune for commune in wanted if commune.code in codes]
        rows = [Belonging(commune=c, group=perimeter, valid_from=c.valid_from) for c in wanted]
        Belonging.objects.bulk_create(rows, ignore_conflicts=True)
    perimeters = list(
        Territory.objects.filter(kind=Territory.Kind.PERIMETER).order_by("pk").values_list("pk", flat=True)
    )
    gone = Belonging.objects.filter(group__in=perimeters, valid_to=None, commune__valid_to__isnull=False)
    for belonging in gone.select_related("commune"):
        belonging.valid_to = belonging.commune.valid_to
        belonging.save(update_fields=["valid_to"])


def _upsert(model: type[Any], rows: Iterable[Any], unique: list[str], update: list[str]) -> None:
    model.objects.bulk_create(rows, batch_size=BATCH, update_conflicts=True, unique_fields=unique, update_fields=update)
