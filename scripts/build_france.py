"""Rebuild fixtures/geography/france from the editions of a package. For maintainers: nothing of this runs in the product.

    python3 scripts/build_france.py

Needs npm (`npm pack` only: nothing of the package is executed). An entity is (kind, code, valid from): a commune that
takes in others keeps its code and becomes another entity. Changes are dated by the history of the first edition until
HISTORY_STOPS, then by comparing editions, which date them to 1 January. fixtures/geography/README.md says what is known.
"""

import csv
import io
import json
import lzma
import re
import subprocess
import sys
import tarfile
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

FRANCE = Path(__file__).parent.parent / "fixtures" / "geography" / "france"
PACKAGE = "@etalab/decoupage-administratif"
EDITIONS = {2020: "0.8.0", 2021: "1.1.1", 2022: "2.3.1", 2023: "3.1.1", 2024: "4.1.0", 2025: "5.3.0", 2026: "6.0.0"}
HISTORY = "0.8.0"  # the only edition with dated changes
HISTORY_STOPS = "2019-01-01"
KEPT_SINCE = "2010-01-01"  # communes that ceased before are not in the files that people bring
FIRST_DAY = "1943-01-01"
REGIONS_SINCE = "2016-01-01"
SAME_COMMUNE = {None, "changement de nom", "changement de chef lieu"}
NATURES = {
    "CC": "Communauté de communes",
    "CA": "Communauté d’agglomération",
    "CU": "Communauté urbaine",
    "METRO": "Métropole",
    "MET69": "Métropole de Lyon",
}

Row = dict[str, Any]


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        editions = {year: _unpacked(version, Path(folder)) for year, version in EDITIONS.items()}
        communes, changes = _communes(editions)
        epcis = {year: {epci["code"]: epci for epci in _json(data, "epci")} for year, data in editions.items()}
        rows = [*_upper_levels(editions[max(editions)]), *_epci_rows(epcis, communes), *communes]
        belongings = _belongings(epcis, communes)
        districts = [
            {"code": row["code"], "commune": row["commune"]}
            for row in _json(editions[max(editions)], "communes")
            if row["type"] == "arrondissement-municipal"
        ]
    _check(len([row for row in rows if row["kind"] == "commune" and not row["valid_to"]]) == 34875, "34 875 communes")
    _check(len(districts) == 45, "45 arrondissements municipaux")
    _write("territories", rows)
    _write("belongings", belongings)
    _write("changes", _once(changes))
    _write("districts", districts)


# --- Reading the package ----------------------------------------------------------------------------------------------


def _unpacked(version: str, work: Path) -> Path:
    command = ["npm", "pack", "--silent", f"{PACKAGE}@{version}"]
    archive = subprocess.run(command, cwd=work, check=True, capture_output=True, text=True).stdout.split()[-1]
    with tarfile.open(work / archive) as bundle:
        bundle.extractall(work / version, filter="data")
    return work / version / "package" / "data"


def _json(folder: Path, name: str) -> Any:
    return json.loads((folder / f"{name}.json").read_text())


def _current(folder: Path) -> dict[str, Row]:
    """The communes of the 101 départements; the collectivities overseas (975, 977, 978, 98x) are not in them."""
    rows = _json(folder, "communes")
    return {
        r["code"]: r
        for r in rows
        if r["type"] == "commune-actuelle" and not r["code"].startswith(("975", "977", "978", "98"))
    }


# --- Communes and what became of them ---------------------------------------------------------------------------------


def _communes(editions: dict[int, Path]) -> tuple[list[Row], list[Row]]:
    entities, changes = _from_history(_json(editions[2020], "historique-communes"))
    before: dict[str, Row] = {}
    for year, folder in editions.items():
        now = _current(folder)
        if before:
            delegated = {r["code"]: r["chefLieu"] for r in _json(folder, "communes") if r.get("chefLieu")}
            was = {r["code"]: r["chefLieu"] for r in _json(editions[year - 1], "communes") if r.get("chefLieu")}
            _apply_edition(entities, changes, before, now, delegated, was, f"{year}-01-01")
        before = now
    latest = _current(editions[max(editions)])
    open_ones = {row["code"]: row for row in entities if not row["valid_to"]}
    _check(open_ones.keys() == latest.keys(), "communes of the last edition")
    for code, row in open_ones.items():
        _rename(row, _typographic(latest[code]["nom"]))
    departments = {code: row["departement"] for folder in editions.values() for code, row in _current(folder).items()}
    for row in entities:
        row["parent_kind"], row["parent_code"] = "departement", departments.get(row["code"]) or _department(row["code"])
    return sorted(entities, key=lambda row: (row["code"], row["valid_from"])), changes


def _from_history(history: list[Row]) -> tuple[list[Row], list[Row]]:
    """The entities alive since KEPT_SINCE, and the dated merges and splits between them."""
    by_id = {row["id"]: row for row in history}
    entities: list[Row] = []
    for row in sorted((r for r in history if r["type"] == "COM"), key=lambda r: (r["code"], r.get("dateDebut", ""))):
        last = entities[-1] if entities and entities[-1]["code"] == row["code"] else None
        continues = row.get("raisonDebut") in SAME_COMMUNE and last and last["valid_to"] == row.get("dateDebut")
        if continues and last:
            _rename(last, _typographic(row["nom"]))
            last["valid_to"] = row.get("dateFin", "")
        else:
            start = row.get("dateDebut", FIRST_DAY)
            entities.append(_entity(row["code"], _typographic(row["nom"]), start, row.get("dateFin", "")))
    kept = [row for row in entities if not row["valid_to"] or row["valid_to"] > KEPT_SINCE]
    changes = list(_dated_changes(history, by_id))
    for row in kept:
        row["valid_to"] = _day_before(row["valid_to"])
    return kept, changes


def _dated_changes(history: list[Row], by_id: dict[str, Row]) -> Iterator[Row]:
    for row in history:
        if row["type"] == "COM" and row.get("dateFin", "") >= KEPT_SINCE and row.get("raisonFin") not in SAME_COMMUNE:
            heir = _whole(by_id.get(row.get("successeur", "")), by_id)
            if heir and heir["code"] != row["code"]:
                yield {"on": row["dateFin"], "kind": "merge", "before": row["code"], "after": heir["code"]}
        if (
            row["type"] == "COM"
            and row.get("dateDebut", "") >= KEPT_SINCE
            and row.get("raisonDebut") in {"rétablissement", "dé-fusion"}
        ):
            parent = _whole(by_id.get(row.get("predecesseur", "")), by_id)
            if parent and parent["code"] != row["code"]:
                yield {"on": row["dateDebut"], "kind": "split", "before": parent["code"], "after": row["code"]}


def _whole(row: Row | None, by_id: dict[str, Row]) -> Row | None:
    """The commune that a delegated or associated one is part of."""
    while row and row["type"] != "COM":
        row = by_id.get(row.get("pole", ""))
    return row


def _apply_edition(
    entities: list[Row],
    changes: list[Row],
    before: dict[str, Row],
    now: dict[str, Row],
    delegated: dict[str, str],
    was: dict[str, str],
    on: str,
) -> None:
    """What one edition changed since the one before: merges, splits, changes of code."""
    alive = {row["code"]: row for row in entities if not row["valid_to"]}
    gone, new = sorted(before.keys() - now.keys()), sorted(now.keys() - before.keys())
    changed = set()
    for code in gone:
        alive[code]["valid_to"] = _day_before(on)
        heir = delegated.get(code) or next((c for c in new if now[c]["nom"] == before[code]["nom"]), "")
        changes.append({"on": on, "kind": "merge", "before": code, "after": heir})
        changed.add(heir)
    for code in new:
        entities.append(_entity(code, _typographic(now[code]["nom"]), on, ""))
        if parent := was.get(code):
            changes.append({"on": on, "kind": "split", "before": parent, "after": code})
            changed.add(parent)
    for code in sorted(changed & before.keys() & now.keys()):
        alive[code]["valid_to"] = _day_before(on)
        entities.append(_entity(code, _typographic(now[code]["nom"]), on, ""))


def _once(changes: list[Row]) -> list[Row]:
    """A commune that only changed its code is gone and has come: one line says both, as a merge."""
    found: dict[tuple[str, str, str], Row] = {}
    for row in sorted(changes, key=lambda row: row["kind"]):
        found.setdefault((row["on"], row["before"], row["after"]), row)
    return [found[key] for key in sorted(found)]


def _entity(code: str, name: str, valid_from: str, valid_to: str) -> Row:
    row = {"kind": "commune", "code": code, "name": name, "nature": "", "aliases": ""}
    return row | {"parent_kind": "", "parent_code": "", "valid_from": valid_from, "valid_to": valid_to}


def _rename(row: Row, name: str) -> None:
    """The name of today; the one before is still found by a search."""
    if name != row["name"]:
        former = [alias for alias in row["aliases"].split("|") if alias and alias != name]
        row["aliases"], row["name"] = "|".join(dict.fromkeys([*former, row["name"]])), name


def _department(code: str) -> str:
    return code[:3] if code.startswith("97") else code[:2]


def _day_before(day: str) -> str:
    """A commune that ends on the day another begins was alive until the day before."""
    if not day:
        return ""
    from datetime import date, timedelta

    return (date.fromisoformat(day) - timedelta(days=1)).isoformat()


# --- The levels above -------------------------------------------------------------------------------------------------


def _upper_levels(folder: Path) -> Iterator[Row]:
    def row(kind: str, code: str, name: str, parent: tuple[str, str], valid_from: str = FIRST_DAY) -> Row:
        base = {"kind": kind, "code": code, "name": _typographic(name), "nature": "", "aliases": ""}
        return base | {"parent_kind": parent[0], "parent_code": parent[1], "valid_from": valid_from, "valid_to": ""}

    yield row("france", "FR", "France entière", ("", ""))
    yield row("france", "FM", "France métropolitaine", ("france", "FR"))
    for region in _json(folder, "regions"):
        if region["zone"] != "com":
            above = ("france", "FM" if region["zone"] == "metro" else "FR")
            yield row("region", region["code"], region["nom"], above, REGIONS_SINCE)
    for department in _json(folder, "departements"):
        if department["zone"] != "com":
            yield row("departement", department["code"], department["nom"], ("region", department["region"]))


def _epci_rows(epcis: dict[int, dict[str, Row]], communes: list[Row]) -> Iterator[Row]:
    """An EPCI is placed under the département of most of its communes; its other communes keep their own."""
    department = {row["code"]: row["parent_code"] for row in communes}
    years = sorted(epcis)
    for code in sorted({code for year in years for code in epcis[year]}):
        _check(_has_luhn_key(code), f"SIREN {code}")
        known = [year for year in years if code in epcis[year]]
        epci = epcis[known[-1]][code]
        names = list(dict.fromkeys(name for year in known[::-1] for name in _epci_names(epcis[year][code])))
        parent = Counter(department[member["code"]] for member in epci["membres"]).most_common(1)[0][0]
        row = {"kind": "epci", "code": code, "name": names[0], "nature": NATURES[epci["type"]]}
        yield row | {
            "aliases": "|".join(names[1:]),
            "parent_kind": "departement",
            "parent_code": parent,
            "valid_from": f"{known[0]}-01-01",
            "valid_to": "" if known[-1] == years[-1] else f"{known[-1]}-12-31",
        }


def _epci_names(epci: Row) -> tuple[str, str]:
    """« CC des Aspres » → (« Aspres », « Communauté de communes des Aspres »)."""
    label = _typographic(epci["nom"]).removeprefix(epci["type"]).strip()
    if epci["type"].startswith("MET"):
        return label, label
    short = re.sub(r"(^|, | et )(des |du |de la |de l’|de |d’)", r"\1", label)
    return short[0].upper() + short[1:], f"{NATURES[epci['type']]} {label}"


def _belongings(epcis: dict[int, dict[str, Row]], communes: list[Row]) -> list[Row]:
    """One row for each unbroken run of editions of one entity; the last edition leaves it open."""
    members = {
        y: {m["code"]: code for code, epci in rows.items() for m in epci["membres"]} for y, rows in epcis.items()
    }
    rows: list[Row] = []
    for commune in communes:
        last: Row | None = None
        for year in sorted(members):
            group = members[year].get(commune["code"]) if _lives(commune, f"{year}-01-01") else None
            if last and last["group"] == group:
                continue
            if last:
                last["valid_to"] = f"{year - 1}-12-31"
            last = None
            if group:
                last = {"commune": commune["code"], "group": group, "valid_from": f"{year}-01-01", "valid_to": ""}
                rows.append(last)
    return rows


def _lives(commune: Row, on: str) -> bool:
    return commune["valid_from"] <= on and (not commune["valid_to"] or commune["valid_to"] >= on)


# --- Writing the fixtures ---------------------------------------------------------------------------------------------


def _write(name: str, rows: Iterable[Row]) -> None:
    rows = list(rows)
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, rows[0].keys(), delimiter=";", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    FRANCE.mkdir(exist_ok=True)
    (FRANCE / f"{name}.csv.xz").write_bytes(lzma.compress(text.getvalue().encode(), preset=9 | lzma.PRESET_EXTREME))


def _typographic(name: str) -> str:
    return name.replace("'", "’").replace(" - ", "-")


def _has_luhn_key(digits: str) -> bool:
    doubled = (int(digit) * (1 + position % 2) for position, digit in enumerate(reversed(digits)))
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


def _check(holds: bool, what: str) -> None:
    if not holds:
        sys.exit(f"Does not add up: {what}")


if __name__ == "__main__":
    main()
