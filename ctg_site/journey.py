"""The seven steps of a Ctg: where it stands, what each step still lacks. The only module that names the four apps."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from django.urls import reverse

from actions.mending import lacks_of_plan
from actions.models import ActionPlan
from ctg_site.accounts.models import User
from ctg_site.lib.database import each_of, with_each
from ctg_site.lib.dates import short_date
from ctg_site.lib.lacks import ShownLack
from diagnostic.mending import lacks_of_diagnosis
from diagnostic.models import Diagnosis
from governance.mending import lacks_of_agreement
from governance.models import Agreement, Evaluation, Gate
from territory.models import Ctg

GATES = {
    1: Gate.VALIDATE_DIAGNOSIS.value,
    2: Gate.FIX_AXES.value,
    3: Gate.FORMALISE_PLAN.value,
    4: Gate.CLOSE_COSTING.value,
    5: Gate.ADOPT_PLAN.value,
    6: Gate.APPROVE_SIGNATURE.value,
}


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
        known = rooms_of_each([ctg])[0]
    return known


def rooms_of_each(ctgs: list[Ctg]) -> list[Rooms]:
    """The same for a list, still in one query."""
    plans = ActionPlan.objects.current().filter(diagnosis__ctg__in=ctgs)
    plans = plans.select_related("diagnosis__ctg__caf", "diagnosis__next__next", "agreement", "previous")
    rows = defaultdict(list)
    for row in with_each(plans, "agreement__evaluations", Evaluation).order_by("pk", "each_year"):
        rows[row.diagnosis.ctg_id].append(row)
    return [_rooms(ctg, rows[ctg.pk]) for ctg in ctgs]


def _rooms(ctg: Ctg, rows: list[ActionPlan]) -> Rooms:
    plan = rows[0] if rows else None
    diagnosis = _current_diagnosis(ctg, plan)
    if diagnosis:
        diagnosis.ctg = ctg  # what the page already read of the Ctg serves its rooms
    rooms = Rooms(ctg, diagnosis, plan, getattr(plan, "agreement", None), each_of(rows, Evaluation))
    ctg.__dict__["_rooms"] = rooms
    return rooms


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


def lacks_of_next_step(rooms: Rooms, user: User, *, on: date) -> list[ShownLack]:
    """What the step in progress still lacks before its committee can close it, in the words of its own room."""
    current = current_step(rooms, on=on)
    if current is None:
        return []
    if current.number == 1:
        return _diagnosis_lacks(rooms, user)
    if current.number == 6:
        return _signature_lacks(rooms, user)
    if current.number == 7:
        return _evaluation_lacks(rooms, on)
    return _plan_lacks(rooms, user)


def gate_of_next_step(rooms: Rooms, *, on: date) -> tuple[str, date | None]:
    """What a committee closes next, and the day its decision cannot be before; nothing where it is not for a committee."""
    current = current_step(rooms, on=on)
    number = current.number if current else 0
    if number == 6 and (rooms.agreement is None or rooms.agreement.is_frozen):
        return "", None
    days = [day for _, _, day, _ in _closures(rooms, on)[: number - 1] if day]
    if number == 1 and rooms.diagnosis:
        days = [rooms.diagnosis.reopened_on] if rooms.diagnosis.reopened_on else []
    return GATES.get(number, ""), max(days, default=None)


def _diagnosis_lacks(rooms: Rooms, user: User) -> list[ShownLack]:
    if rooms.diagnosis is None:
        return [ShownLack("Ouvrir le diagnostic.")]
    return lacks_of_diagnosis(rooms.diagnosis, user)


def _plan_lacks(rooms: Rooms, user: User) -> list[ShownLack]:
    if rooms.plan is None:
        return [ShownLack("Ouvrir le projet de territoire.")]
    return lacks_of_plan(rooms.plan, user)


def _signature_lacks(rooms: Rooms, user: User) -> list[ShownLack]:
    page = reverse("governance:agreement", args=[rooms.ctg.slug])
    if rooms.agreement is None:
        return [ShownLack("Préparer le texte de la convention", page)]
    if not rooms.agreement.is_frozen:
        return lacks_of_agreement(rooms.agreement, user)
    waiting = rooms.agreement.parties.filter(signed_on=None).select_related("organisation")
    return [ShownLack(f"Signature attendue : {party.organisation}", f"{page}#parties") for party in waiting]


def _evaluation_lacks(rooms: Rooms, on: date) -> list[ShownLack]:
    """A year that is not open yet is opened on the page of all years."""
    slug, found = rooms.ctg.slug, {evaluation.year: evaluation for evaluation in rooms.evaluations}
    rows = []
    for year in (year for year in rooms.ctg.years if date(year, 1, 1) <= on):
        evaluation = found.get(year)
        if evaluation is None:
            rows.append(ShownLack(f"Évaluer l’année {year}", reverse("governance:evaluations", args=[slug])))
        elif evaluation.validated_on is None or evaluation.validated_on > on:
            url = reverse("governance:evaluation", args=[slug, year])
            rows.append(ShownLack(f"Terminer l’évaluation de {year}", url))
    return rows
