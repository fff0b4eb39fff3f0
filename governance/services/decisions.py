"""A committee decides; only a decision closes a step, and only the committee that may."""

from datetime import date

from django.db import transaction
from django.db.models import Max

from ctg_site.accounts.models import User
from ctg_site.audit.services import record
from ctg_site.lib.dates import french_date
from ctg_site.lib.errors import RuleBroken
from ctg_site.lib.prose import clean_prose
from ctg_site.lib.saving import save_checked
from governance.models import Committee, Decision, Gate, GateRule, Meeting
from governance.services.doors import DOORS, Rooms


@transaction.atomic
def take_decision(
    meeting: Meeting,
    *,
    text: str,
    by: User | None,
    on: date,
    gate: str = "",
    evaluation_year: int | None = None,
    owner: str = "",
    due_on: date | None = None,
) -> Decision:
    """Write a numbered decision and close the step it closes, or neither: the refusal says what is missing."""
    committee = (
        Committee.objects.select_for_update(of=("self",)).select_related("ctg__caf").get(pk=meeting.committee_id)
    )
    meeting = Meeting.objects.get(pk=meeting.pk)
    _refuse_outside_a_meeting(meeting, on)
    if gate:
        _refuse_gate(committee, Gate(gate), evaluation_year)
    if twin := meeting.decisions.filter(text=clean_prose(text), gate=gate, evaluation_year=evaluation_year).first():
        raise RuleBroken(f"Cette décision est déjà enregistrée, sous le {twin.reference}.")
    decision = Decision(
        meeting=meeting,
        committee=committee,
        year=on.year,
        number=_next_number(committee, on.year),
        gate=gate,
        evaluation_year=evaluation_year,
        text=text,
        taken_on=on,
        owner=owner,
        due_on=due_on,
        recorded_by=by,
        is_demo=committee.ctg.is_demo,
    )
    save_checked(decision)
    record(by, "decision.taken", decision, ctg=committee.ctg, gate=gate, year=evaluation_year, on=on.isoformat())
    if gate:
        DOORS[Gate(gate)].close(Rooms(committee.ctg, evaluation_year), decision=str(decision), by=by, on=on)
    return decision


def _refuse_outside_a_meeting(meeting: Meeting, on: date) -> None:
    if meeting.held_on is None:
        raise RuleBroken("Cette réunion n’est pas tenue : elle ne peut pas encore décider.")
    if on != meeting.held_on:
        raise RuleBroken(f"Une décision porte la date de sa réunion, tenue le {french_date(meeting.held_on)}.")


def _refuse_gate(committee: Committee, gate: Gate, evaluation_year: int | None) -> None:
    able = {
        rule.committee_kind: rule.get_committee_kind_display().lower() for rule in GateRule.objects.filter(gate=gate)
    }
    if committee.kind not in able:
        raise RuleBroken(
            f"« {gate.label} » ne relève pas de ce comité, mais de : {' ou '.join(able.values()) or 'aucun comité'}."
        )
    if gate == Gate.VALIDATE_EVALUATION and evaluation_year is None:
        raise RuleBroken("Dites quelle année cette décision valide.")
    if closed_by := DOORS[gate].closed_by(Rooms(committee.ctg, evaluation_year)):
        raise RuleBroken(f"« {gate.label} » : c’est déjà fait, par {closed_by}.")


def _next_number(committee: Committee, year: int) -> int:
    """Numbers run per committee and civil year, without a hole; the committee is locked."""
    last = Decision.objects.filter(committee=committee, year=year).aggregate(last=Max("number"))["last"]
    return (last or 0) + 1
