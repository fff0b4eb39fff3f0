"""The seven steps of a Ctg: where it stands, what each step still lacks. The only module that names the four apps."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from actions.models import ActionPlan
from ctg_site.lib.database import each_of, with_each
from ctg_site.lib.dates import short_date
from diagnostic.models import Diagnosis
from governance.models import Agreement, Evaluation
from territory.models import Ctg


class StepState(StrEnum):
    DONE = "done"
    NOW = "now"
    TODO = "todo"


@dataclass(frozen=True)
class Step:
    number: int
    label: str
    state: StepState
    detail: str
    url_name: str
    missing: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Rooms:
    """The current object of each room of a Ctg; None where nothing is begun."""

    ctg: Ctg
    diagnosis: Diagnosis | None
    plan: ActionPlan | None
    agreement: Agreement | None
    evaluations: list[Evaluation]


def rooms_of(ctg: Ctg) -> Rooms:
    """One query, whatever the size of the Ctg; read once for the same object, which several parts of a page show."""
    known: Rooms | None = ctg.__dict__.get("_rooms")
    if known is None:
        known = ctg.__dict__["_rooms"] = _read_rooms(ctg)
    return known


def _read_rooms(ctg: Ctg) -> Rooms:
    plans = ActionPlan.objects.current().filter(diagnosis__ctg=ctg)
    plans = plans.select_related("diagnosis__ctg__caf", "diagnosis__next__next", "agreement", "previous")
    rows = list(with_each(plans, "agreement__evaluations", Evaluation).order_by("pk", "each_year"))
    plan = rows[0] if rows else None
    diagnosis = _current_diagnosis(ctg, plan)
    if diagnosis:
        diagnosis.ctg = ctg  # what the page already read of the Ctg serves its rooms
    return Rooms(ctg, diagnosis, plan, getattr(plan, "agreement", None), each_of(rows, Evaluation))


def _current_diagnosis(ctg: Ctg, plan: ActionPlan | None) -> Diagnosis | None:
    """That of the plan, or its next version, which came with it; a query only when it was reopened again."""
    if plan is not None:
        first: Diagnosis = plan.diagnosis
        second = getattr(first, "next", None)
        if second is None or getattr(second, "next", None) is None:
            return second or first
    return Diagnosis.objects.current().filter(ctg=ctg).first()


def steps(rooms: Rooms, *, on: date) -> list[Step]:
    """The seven steps of the seed: done ones with their day, then the one in progress, then those to come."""
    rows, reached = [], False
    for number, (label, url_name, closed_on, verb) in enumerate(_closures(rooms, on), start=1):
        if closed_on:
            state, detail = StepState.DONE, f"{verb} le {short_date(closed_on)}"
        else:
            state = StepState.TODO if reached else StepState.NOW
            detail = "à venir" if reached else "en cours"
            reached = True
        rows.append(Step(number, label, state, detail, url_name))
    return [*rows, _evaluation_step(rooms, reached, on)]


def _closures(rooms: Rooms, on: date) -> list[tuple[str, str, date | None, str]]:
    """Label, page, day of closing, word; a closing later than ``on`` has not happened yet."""
    plan, diagnosis, agreement = rooms.plan, rooms.diagnosis, rooms.agreement
    rows = [
        ("Diagnostic partagé", "diagnostic:diagnosis", diagnosis and diagnosis.validated_on, "validé"),
        ("Projet de territoire", "actions:plan", plan and plan.axes_fixed_on, "axes fixés"),
        ("Plan d’actions", "actions:plan", plan and plan.formalised_on, "formalisé"),
        ("Faisabilité et chiffrage", "actions:plan", plan and plan.costed_on, "chiffré"),
        ("Plan définitif", "actions:plan", plan and plan.adopted_on, "adopté"),
        ("Signature", "governance:agreement", agreement and agreement.signed_on, "signée"),
    ]
    return [(label, url, day if day and day <= on else None, verb) for label, url, day, verb in rows]


def _evaluation_step(rooms: Rooms, earlier_step_open: bool, on: date) -> Step:
    years = rooms.ctg.years
    judged = [e for e in rooms.evaluations if e.validated_on and e.validated_on <= on]
    span = str(years[0]) if len(years) == 1 else f"{years[0]} à {years[-1]}"
    if earlier_step_open:
        return Step(7, "Évaluation annuelle", StepState.TODO, span, "governance:evaluations")
    if len(judged) == len(years):
        return Step(7, "Évaluation annuelle", StepState.DONE, f"{span}, terminée", "governance:evaluations")
    detail = f"{len(judged)} année{'s' if len(judged) > 1 else ''} sur {len(years)}"
    return Step(7, "Évaluation annuelle", StepState.NOW, detail, "governance:evaluations")


def current_step(rooms: Rooms, *, on: date) -> Step | None:
    """The step in progress; None when the whole journey is done."""
    return next((step for step in steps(rooms, on=on) if step.state == StepState.NOW), None)


def missing_for_next_step(rooms: Rooms, *, on: date) -> list[str]:
    """What the step in progress still lacks before its committee can close it, in the words of its own room."""
    current = current_step(rooms, on=on)
    ask: dict[int, Callable[[], list[str]]] = {
        1: lambda: rooms.diagnosis.missing_before_validation() if rooms.diagnosis else ["Ouvrir le diagnostic."],
        2: lambda: rooms.plan.missing_before_axes() if rooms.plan else ["Ouvrir le projet de territoire."],
        3: lambda: rooms.plan.missing_before_formalisation() if rooms.plan else [],
        4: lambda: rooms.plan.missing_before_costing() if rooms.plan else [],
        5: lambda: rooms.plan.missing_before_adoption() if rooms.plan else [],
        6: lambda: _missing_before_signature(rooms),
        7: lambda: _missing_evaluations(rooms, on),
    }
    return ask[current.number]() if current else []


def _missing_before_signature(rooms: Rooms) -> list[str]:
    if rooms.agreement is None:
        return ["Préparer le texte de la convention."]
    if not rooms.agreement.is_frozen:
        return rooms.agreement.missing_before_freeze()
    waiting = rooms.agreement.parties.filter(signed_on=None).select_related("organisation")
    return [f"Signature attendue : {party.organisation}." for party in waiting]


def _missing_evaluations(rooms: Rooms, on: date) -> list[str]:
    judged = {e.year for e in rooms.evaluations if e.validated_on and e.validated_on <= on}
    return [f"Évaluer l’année {year}." for year in rooms.ctg.years if year not in judged and date(year, 1, 1) <= on]
