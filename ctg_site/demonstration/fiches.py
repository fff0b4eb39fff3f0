"""What the fiches of the demonstration hold beside their money: themes, people, steps, contributions in kind, levers."""

import json
from datetime import date
from decimal import Decimal
from typing import Any

from actions.models import Action, Criterion, InKind, Lever, Mark, Partnership, Step
from actions.services import record_step, save_part
from actions.services.parts import Part
from ctg_site.accounts.models import User
from ctg_site.demonstration.cast import Cast
from territory.loading import FIXTURES
from territory.models import Scheme

TEXTS = (
    "expected_results",
    "success_factors",
    "obstacles",
    "other_plans",
    "staff_means",
    "material_means",
    "contact_name",
    "novelty",
    "importance",
    "age_from",
    "age_to",
)


def read_fiches(key: str) -> dict[str, Any]:
    rows = json.loads((FIXTURES / "demo" / "fiches.json").read_text(encoding="utf-8"))
    return rows.get(key, {})


def fill_fields(action: Action, row: dict[str, Any]) -> None:
    for name in TEXTS:
        if name in row:
            setattr(action, name, row[name])
    if "staff_fte" in row:
        action.staff_fte = Decimal(row["staff_fte"])


def themes_of(action: Action, row: dict[str, Any]) -> list[Any]:
    return list(action.plan.ctg.groups.filter(name__in=row.get("themes", [])))


def write_rows(action: Action, row: dict[str, Any], cast: Cast) -> None:
    for part in [*_in_kind(action, row, cast), *_levers(action, row)]:
        save_part(part, by=cast.operator)
    for partnership in action.partnerships.select_related("organisation"):
        _give_role(partnership, row, cast)
    for step in row.get("steps", []):
        _write_step(action, step, cast.operator)


def marks_of(row: dict[str, Any]) -> list[Mark]:
    """What the technical committee answered to each criterion."""
    answers = row.get("opinion", {}).get("marks", {})
    return [
        Mark(criterion=criterion, level=answers[criterion.code][0], note=answers[criterion.code][1])
        for criterion in Criterion.objects.filter(code__in=answers).order_by("position", "code")
    ]


def _in_kind(action: Action, row: dict[str, Any], cast: Cast) -> list[Part]:
    return [
        InKind(
            action=action,
            year=given["year"],
            giver=cast.organisations[given["giver"]],
            label=given["label"],
            amount=Decimal(given["amount"]),
        )
        for given in row.get("in_kind", [])
    ]


def _levers(action: Action, row: dict[str, Any]) -> list[Part]:
    return [
        Lever(action=action, scheme=Scheme.objects.get(code=lever["scheme"]), note=lever["note"])
        for lever in row.get("levers", [])
    ]


def _give_role(partnership: Partnership, row: dict[str, Any], cast: Cast) -> None:
    names = {cast.organisations[key].pk: said for key, said in row.get("partners", {}).items()}
    if said := names.get(partnership.organisation_id):
        partnership.role, partnership.state = said
        save_part(partnership, by=cast.operator)


def _write_step(action: Action, row: dict[str, Any], by: User | None) -> None:
    step = Step(action=action, title=row["title"], due_on=date.fromisoformat(row["due_on"]))
    save_part(step, by=by)
    if row["done_on"]:
        done_on = date.fromisoformat(row["done_on"])
        record_step(step, done_on=done_on, by=by, on=done_on)
