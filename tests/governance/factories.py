"""Ctgs in each situation of governance. States are reached through the services: meetings are held, decisions taken."""

from datetime import date

from actions.models import ActionPlan
from actions.services import describe_plan, open_plan, save_objective
from ctg_site.accounts.models import User
from governance import services
from governance.loading import load_reference
from governance.models import (
    Agreement,
    Committee,
    CommitteeKind,
    Decision,
    Deliberation,
    Evaluation,
    Gate,
    GateRule,
    Meeting,
    Party,
    Signatory,
)
from territory.models import Caf, Ctg, Organisation, Role
from territory.services import create_ctg, grant_role
from tests.actions.factories import CafFactory, TerritoryFactory, add_action, add_objective
from tests.diagnostic.factories import make_ready_diagnosis
from tests.numbering import numbers
from tests.worlds import remembered

_numbers = numbers()
STARTS_ON, ENDS_ON = date(2021, 1, 1), date(2025, 12, 31)
FROZEN_ON, DELIBERATED_ON, TRANSMITTED_ON = date(2021, 11, 30), date(2021, 12, 1), date(2021, 12, 3)
SIGNED_ON = date(2021, 12, 6)

COPIL, OPERATIONAL, PARTNER = CommitteeKind.COPIL, CommitteeKind.OPERATIONAL, CommitteeKind.OPERATIONAL_PARTNER

# The seed's calendar: which committee closes which step, and when.
STEPS = {
    Gate.VALIDATE_DIAGNOSIS: (COPIL, date(2021, 10, 30)),
    Gate.FIX_AXES: (COPIL, date(2021, 10, 30)),
    Gate.FORMALISE_PLAN: (PARTNER, date(2021, 11, 15)),
    Gate.CLOSE_COSTING: (PARTNER, date(2021, 11, 15)),
    Gate.ADOPT_PLAN: (COPIL, date(2021, 11, 29)),
    Gate.VALIDATE_METHOD: (COPIL, date(2021, 11, 29)),
    Gate.APPROVE_SIGNATURE: (COPIL, FROZEN_ON),
}


@remembered
def make_ctg(*, caf: Caf | None = None, starts_on: date = STARTS_ON, ends_on: date = ENDS_ON, communes: int = 2) -> Ctg:
    """A Ctg whose rooms are open, as « Nouvelle Ctg » leaves it, with the table of which committee may close what."""
    ctg = create_ctg(
        caf=caf or CafFactory(),
        name=f"Conflent {next(_numbers)}",
        communes=TerritoryFactory.create_batch(communes),
        starts_on=starts_on,
        ends_on=ends_on,
        by=None,
    )
    if not GateRule.objects.exists():
        load_reference()
    services.open_governance(ctg, by=None)
    return ctg


def make_user(name: str, *, ctg: Ctg, role: Role) -> User:
    user = User.objects.create_user(f"gouvernance-{next(_numbers)}@essai.example", full_name=name)
    where = {"caf": ctg.caf} if role.value.startswith("caf_") else {"ctg": ctg}
    grant_role(user=user, role=role, by=None, **where)
    return user


def committee(ctg: Ctg, kind: CommitteeKind = COPIL) -> Committee:
    return ctg.committees.get(kind=kind)


def plan_meeting(ctg: Ctg, *, kind: CommitteeKind = COPIL, on: date = date(2021, 10, 30), **fields: object) -> Meeting:
    values = {"purpose": "Point d’étape", "starts_on": on} | fields
    return services.plan_meeting(committee(ctg, kind), by=None, **values)


def held_meeting(ctg: Ctg, *, kind: CommitteeKind = COPIL, on: date = date(2021, 10, 30)) -> Meeting:
    found = Meeting.objects.filter(committee=committee(ctg, kind), held_on=on).first()
    return found or services.hold_meeting(plan_meeting(ctg, kind=kind, on=on), held_on=on, by=None)


def decide(ctg: Ctg, gate: Gate, *, on: date | None = None, year: int | None = None) -> Decision:
    """The decision that closes this step, taken by its committee on the day of the seed."""
    kind, day = STEPS.get(gate, (COPIL, on))
    meeting = held_meeting(ctg, kind=kind, on=on or day)
    return services.take_decision(
        meeting, text=gate.label, gate=gate, evaluation_year=year, by=None, on=meeting.held_on
    )


@remembered
def decide_up_to(ctg: Ctg, last: Gate) -> None:
    for gate in STEPS:
        decide(ctg, gate)
        if gate == last:
            return


@remembered
def make_ready_plan(ctg: Ctg, *, actions: int = 2) -> ActionPlan:
    """A diagnosis, a plan and a method that lack nothing: every committee can decide."""
    diagnosis = make_ready_diagnosis(ctg=ctg)
    plan = open_plan(diagnosis, by=None)
    plan = describe_plan(plan, introduction="Grandir ici, ensemble.", level_names=["Axe", "Objectif"], by=None)
    axis = add_objective(plan, title="Petite enfance")
    save_objective(axis, priorities=diagnosis.priorities.all(), by=None)
    objective = add_objective(plan, parent=axis, title="Accueillir")
    for _ in range(actions):
        add_action(plan, objective=objective, complete=True, starts_on=ctg.starts_on, ends_on=ctg.ends_on)
    write_method(ctg)
    return plan


def write_method(ctg: Ctg) -> None:
    method = ctg.evaluation_method
    method.questions, method.criteria, method.organisation = (
        "À qui sert le plan ?",
        "Fréquentation",
        "Chaque année, au printemps",
    )
    services.save_method(method, by=None)


@remembered
def make_agreement(
    ctg: Ctg | None = None,
    *,
    up_to: Gate = Gate.VALIDATE_METHOD,
    plan: ActionPlan | None = None,
    **options: object,
) -> Agreement:
    """A text that lacks nothing: the copil can fix it."""
    ctg = ctg or make_ctg()
    plan = plan or make_ready_plan(ctg, **options)
    decide_up_to(ctg, up_to)
    agreement = services.draft_agreement(plan, by=None)
    add_party(agreement, Organisation.Kind.CAF, signatories=2)
    add_party(agreement, Organisation.Kind.EPCI)
    return fresh(agreement)


def add_party(
    agreement: Agreement,
    kind: Organisation.Kind,
    *,
    signatories: int = 1,
    deliberated_on: date | None = DELIBERATED_ON,
    transmitted_on: date | None = TRANSMITTED_ON,
) -> Party:
    organisation = Organisation.objects.create(caf=agreement.ctg.caf, kind=kind, name=f"{kind.label} {next(_numbers)}")
    party = services.add_party(agreement, organisation=organisation, by=None)
    for rank in range(1, signatories + 1):
        services.save_signatory(
            Signatory(party=party, rank=rank, full_name=f"Signataire {rank}", quality="Présidence"), by=None
        )
    if organisation.is_local_authority:
        deliberation = Deliberation(
            party=party, body="Conseil", number="2021-118", adopted_on=deliberated_on, transmitted_on=transmitted_on
        )
        services.save_deliberation(deliberation, by=None)
    return party


@remembered
def make_frozen_agreement(ctg: Ctg | None = None, **options: object) -> Agreement:
    agreement = make_agreement(ctg, **options)
    decide(agreement.ctg, Gate.APPROVE_SIGNATURE)
    return fresh(agreement)


def sign(agreement: Agreement, on: date = SIGNED_ON) -> Agreement:
    for party in agreement.parties.filter(signed_on=None):
        services.record_signature(party, on=on, by=None)
    return fresh(agreement)


@remembered
def make_signed_agreement(ctg: Ctg | None = None, *, signed_on: date = SIGNED_ON, **options: object) -> Agreement:
    return sign(make_frozen_agreement(ctg, **options), signed_on)


@remembered
def make_evaluation(ctg: Ctg | None = None, *, year: int = 2022, filled: bool = False, **options: object) -> Evaluation:
    agreement = make_signed_agreement(ctg, **options)
    evaluation = services.open_evaluation(agreement, year=year, by=None, on=date(year + 1, 2, 1))
    if filled:
        fill(evaluation)
    return Evaluation.objects.get(pk=evaluation.pk)


def fill(evaluation: Evaluation) -> None:
    """Everything its validation asks for."""
    evaluation.summary = "Une année de mise en route."
    services.describe_evaluation(evaluation, by=None)
    for review in evaluation.reviews.all():
        review.progress, review.percent = review.Progress.ONGOING, 40
        services.save_review(review, by=None)
    for measurement in evaluation.measurements.all():
        measurement.value = measurement.target.goal
        services.save_measurement(measurement, by=None)


@remembered
def make_validated_evaluation(ctg: Ctg | None = None, *, year: int = 2022, **options: object) -> Evaluation:
    evaluation = make_evaluation(ctg, year=year, filled=True, **options)
    decide(evaluation.ctg, Gate.VALIDATE_EVALUATION, on=date(year + 1, 5, 12), year=year)
    return Evaluation.objects.get(pk=evaluation.pk)


def fresh(agreement: Agreement) -> Agreement:
    return Agreement.objects.for_page().get(pk=agreement.pk)
