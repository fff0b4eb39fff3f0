"""The files of fixtures/ hold what the seed says, and nothing that a loader would refuse."""

import csv
import json
from collections import Counter, defaultdict
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from ctg_site.lib.dates import is_weekend_or_holiday
from ctg_site.lib.numbers import is_siren
from territory.vintages import DEMONSTRATION, read_vintage

FIXTURES = Path(__file__).parents[2] / "fixtures"
CONFLENT = "200049211"


def rows(path):
    with (FIXTURES / path).open(encoding="utf-8", newline="") as lines:
        found = list(csv.DictReader(lines, delimiter=";"))
    assert all(None not in row and None not in row.values() for row in found), f"{path}: a row too long or too short"
    return found


JOURNEYS = json.loads((FIXTURES / "demo/journeys.json").read_text(encoding="utf-8"))
CTGS = {ctg["key"]: ctg for ctg in JOURNEYS["ctgs"]}
VINTAGE = read_vintage(DEMONSTRATION)
PLACES = [place for place in VINTAGE.places if not place["valid_to"]]


def actions(ctg):
    return [
        action for axis in ctg["plan"]["axes"] for objective in axis["objectives"] for action in objective["actions"]
    ]


def every(key, value):
    """Every value under that key, at any depth."""
    if isinstance(value, dict):
        yield from (item for name, item in value.items() if name == key)
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from every(key, item)


# --- Geography --------------------------------------------------------------------------------------------------------


def test_the_territory_of_the_seed_is_whole():
    members = {row["commune"] for row in VINTAGE.belongings if row["group"] == CONFLENT and not row["valid_to"]}
    people = {row["code"]: int(row["population"]) for row in rows("geography/population.csv") if row["year"] == "2017"}
    assert len(members) == 45
    assert sum(people[code] for code in members) == people[CONFLENT] == 20391


def test_the_departement_has_its_226_communes_each_with_an_outline():
    communes = {place["code"] for place in PLACES if place["kind"] == "commune"}
    outlines = json.loads((FIXTURES / "geography/outlines.geojson").read_text(encoding="utf-8"))["features"]
    assert sum(code.startswith("66") for code in communes) == 226
    assert {outline["properties"]["code"] for outline in outlines} == communes


def test_identifiers_are_sound_and_parents_come_first():
    seen = set()
    for place in PLACES:
        parent = (place["parent_kind"], place["parent_code"])
        assert parent == ("", "") or parent in seen, place
        assert (place["kind"], place["code"]) not in seen
        assert place["kind"] != "epci" or is_siren(place["code"])
        seen.add((place["kind"], place["code"]))


def test_a_commune_is_in_one_epci_at_a_time():
    runs = defaultdict(list)
    for row in VINTAGE.belongings:
        runs[row["commune"]].append((row["valid_from"], row["valid_to"] or "9999"))
    for commune, spans in runs.items():
        assert all(end < start for (_, end), (start, _) in zip(spans, spans[1:], strict=False)), commune
    assert [len(spans) for spans in runs.values()].count(2) == 1  # Corneilla-la-Rivière


def test_every_commune_has_its_population_every_year():
    years = Counter(row["year"] for row in rows("geography/population.csv") if row["kind"] == "commune")
    assert years == {str(year): 266 for year in range(2017, 2024)}


# --- The seed ---------------------------------------------------------------------------------------------------------


def test_the_six_indicators_in_three_columns():
    table = defaultdict(dict)
    for row in rows("demo/seed_figures.csv"):
        table[row["indicator"]][row["territory_code"]] = int(row["number"])
    columns = {code: tuple(values.get(place) for place in (CONFLENT, "66", "FM")) for code, values in table.items()}
    assert columns == {
        "population": (20391, None, None),
        "foyers-allocataires": (4077, None, None),
        "personnes-couvertes": (8629, None, None),
        "taux-couverture-population": (42, None, None),
        "evolution-allocataires": (13, 22, 17),
        "bas-revenus": (43, 40, 30),
        "revenu-garanti": (63, 62, 49),
        "dependance-prestations": (32, 31, 22),
        "familles-monoparentales": (30, 33, 24),
        "familles-nombreuses": (17, 15, 18),
    }


def test_the_money_of_the_seed_and_its_gap():
    lines = rows("demo/seed_funding.csv")
    services = [Decimal(row["amount"]) for row in lines if row["service"] != "projets"]
    stated = sum(Decimal(row["amount"]) for row in rows("demo/seed_control_totals.csv"))
    assert len(services) == 8
    assert (sum(services), stated, sum(services) - stated) == (1089800, 1088787, 1013)
    assert [row["amount"] for row in lines if row["service"] == "projets"] == ["22000.00"]


def test_the_five_milestones_with_their_precision():
    spans = [
        (row["starts_on"], row["starts_precision"], row["ends_on"], row["ends_precision"])
        for row in rows("demo/seed_calendar.csv")
    ]
    assert spans == [
        ("2021-04-01", "month", "2021-10-15", "day"),
        ("2021-10-30", "day", "", "day"),
        ("2021-11-15", "day", "", "day"),
        ("2021-11-01", "month", "", "day"),
        ("2021-12-01", "month", "", "day"),
    ]


def test_the_journey_follows_the_calendar_of_the_seed():
    played = [meeting for meeting in CTGS["conflent"]["meetings"] if "seed" in meeting]
    for row, meeting in zip(rows("demo/seed_calendar.csv"), played, strict=True):
        same = ("purpose", "starts_on", "starts_precision", "ends_precision")
        assert [meeting[name] for name in same] == [row[name] for name in same]
        assert (meeting["ends_on"] or "", meeting["committee"]) == (row["ends_on"], row["committee_kind"])
        gates = {decision["gate"] for decision in meeting["decisions"]}
        assert set(filter(None, row["gates"].split("|"))) <= gates


# --- References between files -----------------------------------------------------------------------------------------


def test_codes_point_to_rows_that_exist():
    indicators = rows("reference/indicators.csv")
    codes = {row["code"] for row in indicators}
    services = {row["code"] for row in rows("reference/service_kinds.csv")}
    schemes = {row["code"] for row in rows("reference/schemes.csv")}
    used = {row["indicator"] for row in rows("demo/seed_figures.csv")} | set(every("indicator", JOURNEYS))
    lines = rows("demo/seed_funding.csv") + [line for ctg in JOURNEYS["ctgs"] for line in ctg["funding"]]
    assert used | {row[term] for row in indicators for term in ("numerator", "denominator") if row[term]} <= codes
    assert {line["service"] for line in lines} <= services
    assert {line["scheme"] for line in lines} | {
        row["scheme"] for row in rows("demo/seed_control_totals.csv")
    } <= schemes


def test_the_model_articles_keep_only_known_marks():
    clauses = json.loads((FIXTURES / "reference/clauses.json").read_text(encoding="utf-8"))
    text = " ".join(clause["body"] for clause in clauses)
    known = {"{caf}": "", "{territory}": "", "{starts_on}": "", "{ends_on}": ""}
    for mark in known:
        assert mark in text
        text = text.replace(mark, "")
    assert "{" not in text
    assert [clause["position"] for clause in clauses] == list(range(15))


@pytest.mark.parametrize("ctg", CTGS.values(), ids=CTGS)
def test_a_journey_names_only_people_and_bodies_it_has(ctg):
    caf = next(caf for caf in JOURNEYS["cafs"] if caf["code"] == ctg["caf"])
    bodies = {body["key"] for body in caf["organisations"]} | {""}
    communes = {place["code"] for place in PLACES if place["kind"] == "commune"}
    people = {account["email"] for account in JOURNEYS["accounts"]} | {""}
    assert set(every("lead", ctg["plan"])) <= bodies
    played = {name: part for name, part in ctg.items() if name != "method"}  # its « organisation » is a text
    assert {*every("funder", played), *every("organisation", played)} <= bodies
    assert {partner for partners in every("partners", ctg) for partner in partners} <= bodies
    assert {code for codes in every("communes", ctg) for code in codes} <= communes
    assert {*every("author", ctg), *every("account", ctg), *every("lead_user", ctg)} <= people
    assert all(email.endswith("@demo.example") for email in people - {""})


@pytest.mark.parametrize("ctg", CTGS.values(), ids=CTGS)
def test_findings_priorities_and_axes_hang_together(ctg):
    diagnosis = ctg["diagnosis"]
    groups = {group["name"] for group in ctg["groups"]}
    findings = {finding["key"] for finding in diagnosis["findings"]}
    priorities = {priority["key"] for priority in diagnosis["priorities"]}
    assert len(groups) == 5
    assert {finding["group"] for finding in diagnosis["findings"]} <= groups
    assert {key for priority in diagnosis["priorities"] for key in priority["findings"]} <= findings
    assert {idea["finding"] for idea in diagnosis["ideas"]} <= findings
    assert {key for axis in ctg["plan"]["axes"] for key in axis["priorities"]} <= priorities


# --- What the rules would refuse --------------------------------------------------------------------------------------

RETAINED = [(ctg, action) for ctg in CTGS.values() for action in actions(ctg) if action["verdict"] == "retained"]


@pytest.mark.parametrize(
    ("ctg", "action"), RETAINED, ids=[f"{ctg['key']} {action['code']}" for ctg, action in RETAINED]
)
def test_a_retained_action_is_balanced_dated_and_measurable(ctg, action):
    balance = defaultdict(Decimal)
    for cost in action["costs"]:
        balance[cost["year"], cost["nature"]] += Decimal(cost["amount"])
    for financing in action["financings"]:
        balance[financing["year"], financing["nature"]] -= Decimal(financing["planned"])
    assert balance
    assert not any(balance.values())
    assert ctg["starts_on"] <= action["starts_on"] <= action["ends_on"] <= ctg["ends_on"]
    for target in action["targets"]:
        way = 1 if target["direction"] == "higher" else -1
        assert target["baseline_reason"] or (Decimal(target["goal"]) - Decimal(target["baseline"])) * way > 0
    assert action["targets"]


def test_the_demonstration_has_its_size():
    conflent = CTGS["conflent"]
    assert len(conflent["diagnosis"]["findings"]) == 10
    assert len(conflent["diagnosis"]["priorities"]) == 4
    assert [len(axis["objectives"]) for axis in conflent["plan"]["axes"]] == [2, 2, 2]
    assert Counter(action["verdict"] for action in actions(conflent)) == {"retained": 8, "dropped": 1}


@pytest.mark.parametrize("ctg", [ctg for ctg in CTGS.values() if ctg["agreement"]], ids=lambda ctg: ctg["key"])
def test_signatures_follow_the_deliberations(ctg):
    frozen = next(m["held_on"] for m in ctg["meetings"] for d in m["decisions"] if d["gate"] == "approve_signature")
    for party in ctg["agreement"]["parties"]:
        text = party["deliberation"]
        assert text["adopted_on"] < party["signed_on"]
        assert frozen <= party["signed_on"] <= ctg["ends_on"]
        if not party["organisation"].startswith("caf"):
            assert text["adopted_on"] <= text["transmitted_on"] < party["signed_on"]
        assert all(person["is_legal_head"] or person["delegation"] for person in party["signatories"])
    assert [len(party["signatories"]) for party in ctg["agreement"]["parties"]][0] == 2  # the Caf signs twice


@pytest.mark.parametrize("ctg", CTGS.values(), ids=CTGS)
def test_meetings_are_in_order_and_on_working_days(ctg):
    held = [meeting["held_on"] for meeting in ctg["meetings"] if meeting["held_on"]]
    assert held == sorted(held)
    closed_days = [day for day in held if is_weekend_or_holiday(date.fromisoformat(day))]
    assert closed_days == (["2021-10-30"] if ctg["key"] == "conflent" else [])  # the Saturday of the seed


@pytest.mark.parametrize("ctg", [ctg for ctg in CTGS.values() if ctg["evaluations"]], ids=lambda ctg: ctg["key"])
def test_validated_years_are_complete(ctg):
    retained = [action for action in actions(ctg) if action["verdict"] == "retained"]
    codes = {action["code"] for action in retained}
    targets = {target["key"] for action in retained for target in action["targets"]}
    validated = {
        d["evaluation_year"] for m in ctg["meetings"] for d in m["decisions"] if d["gate"] == "validate_evaluation"
    }
    for evaluation in ctg["evaluations"]:
        measured = {measurement["target"]: measurement for measurement in evaluation["measurements"]}
        assert measured.keys() <= targets
        if evaluation["year"] in validated:
            assert evaluation["summary"]
            assert {review["action"] for review in evaluation["reviews"]} == codes
            assert measured.keys() == targets
            assert all(m["value"] is not None or m["missing_reason"] for m in measured.values())
    assert validated == ({2021, 2022, 2023, 2024} if ctg["key"] == "conflent" else {2024, 2025})
