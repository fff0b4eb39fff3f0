"""Only the decision of the right committee, in a meeting that was held, closes a step; a refused step leaves no decision."""

from datetime import date

import pytest
from django.urls import reverse

from ctg_site.audit.models import Entry
from ctg_site.lib.errors import RuleBroken
from diagnostic.services import describe_diagnosis
from governance import services
from governance.models import CommitteeKind, Decision, Gate, Meeting
from tests.governance.factories import (
    COPIL,
    OPERATIONAL,
    PARTNER,
    STEPS,
    decide,
    decide_up_to,
    held_meeting,
    make_agreement,
    make_ctg,
    make_ready_plan,
    make_validated_evaluation,
    plan_meeting,
)

pytestmark = pytest.mark.django_db

ON = date(2021, 10, 30)


def post(client, meeting, **data):
    url = reverse("governance:decision_take", args=[meeting.ctg.slug, meeting.pk])
    return client.post(url, {"text": "Le diagnostic est validé.", "gate": Gate.VALIDATE_DIAGNOSIS, **data})


def take(meeting, **options):
    values = {"text": "Décision", "by": None, "on": meeting.held_on or ON} | options
    return services.take_decision(meeting, **values)


def validated(ctg):
    return ctg.diagnoses.get().is_validated


@pytest.mark.parametrize(
    ("who", "code", "is_validated"),
    [
        ("anonymous", 302, False),
        ("outsider", 404, False),
        ("reader", 403, False),
        ("contributor", 403, False),
        ("signatory", 403, False),
        ("editor", 403, False),
        ("caf_reader", 403, False),
        ("lead", 302, True),
        ("caf_adviser", 302, True),
    ],
)
def test_who_may_record_the_decision_that_validates_the_diagnosis(who, code, is_validated, as_someone):
    ctg = make_ctg()
    make_ready_plan(ctg)
    meeting = held_meeting(ctg)
    assert post(as_someone(who, ctg), meeting).status_code == code
    assert validated(ctg) is is_validated
    assert Decision.objects.count() == int(is_validated)


def test_the_seven_steps_are_closed_in_order_by_their_committees():
    ctg = make_ctg()
    plan = make_ready_plan(ctg)
    services.draft_agreement(plan, by=None)
    decide_up_to(ctg, Gate.VALIDATE_METHOD)
    plan.refresh_from_db()
    assert plan.diagnosis.validated_by_decision == "Comité de pilotage, décision n°\u00a02021-1"
    assert plan.adopted_decision == "Comité de pilotage, décision n°\u00a02021-3"
    assert plan.formalised_decision == "Comité opérationnel partenarial, décision n°\u00a02021-1"
    ctg.evaluation_method.refresh_from_db()
    assert ctg.evaluation_method.validated_on == date(2021, 11, 29)


@pytest.mark.parametrize("gate", [gate for gate in Gate if gate not in (Gate.VALIDATE_DIAGNOSIS, Gate.VALIDATE_METHOD)])
def test_a_later_step_is_refused_with_its_list_and_leaves_no_decision(gate, lead_of):
    """A direct POST of every later step, on a Ctg where nothing is validated yet."""
    ctg = make_ctg()
    services.draft_agreement(make_ready_plan(ctg), by=None)
    kind, _ = STEPS.get(gate, (COPIL, None))
    response = post(lead_of(ctg), held_meeting(ctg, kind=kind), gate=gate)
    assert response.status_code == 200
    assert response.context["form"].errors
    assert not Decision.objects.exists()


def test_a_refusal_says_everything_that_is_missing_and_keeps_what_was_typed(lead_of):
    ctg = make_ctg()
    plan = make_ready_plan(ctg)
    plan.diagnosis.summary = ""
    describe_diagnosis(plan.diagnosis, by=None)
    response = post(lead_of(ctg), held_meeting(ctg), text="Nous validons", owner="La Caf")
    page = response.content.decode()
    assert "La synthèse n’est pas encore rédigée" in page
    assert "Nous validons" in page
    assert "La Caf" in page
    assert not Decision.objects.exists()
    with pytest.raises(RuleBroken) as refusal:
        take(held_meeting(ctg), gate=Gate.VALIDATE_DIAGNOSIS)
    assert refusal.value.missing == plan.diagnosis.missing_before_validation()


@pytest.mark.parametrize("kind", [OPERATIONAL, PARTNER])
def test_another_committee_cannot_close_the_step(kind):
    ctg = make_ctg()
    make_ready_plan(ctg)
    with pytest.raises(RuleBroken, match="ne relève pas de ce comité, mais de : comité de pilotage"):
        take(held_meeting(ctg, kind=kind), gate=Gate.VALIDATE_DIAGNOSIS)
    assert not validated(ctg)
    assert not Decision.objects.exists()


def test_a_thematic_group_closes_nothing():
    ctg = make_ctg()
    plan = make_ready_plan(ctg)
    group = plan.diagnosis.ctg.groups.first()
    committee = services.save_committee(
        ctg.committees.model(ctg=ctg, kind=CommitteeKind.GROUP, name="Groupe", group=group), by=None
    )
    meeting = services.plan_meeting(committee, purpose="Constats", starts_on=ON, by=None)
    meeting = services.hold_meeting(meeting, held_on=ON, by=None)
    with pytest.raises(RuleBroken, match="ne relève pas"):
        take(meeting, gate=Gate.VALIDATE_DIAGNOSIS)
    assert take(meeting).reference == "n°\u00a02021-1"


@pytest.mark.parametrize("status", [Meeting.Status.PLANNED, Meeting.Status.DRAFT, Meeting.Status.CANCELLED])
def test_a_meeting_that_was_not_held_decides_nothing(status):
    ctg = make_ctg()
    make_ready_plan(ctg)
    meeting = plan_meeting(ctg)
    if status == Meeting.Status.CANCELLED:
        services.cancel_meeting(meeting, by=None)
    elif status == Meeting.Status.DRAFT:
        meeting = plan_meeting(ctg, status=status)
    with pytest.raises(RuleBroken, match="n’est pas tenue"):
        take(meeting, gate=Gate.VALIDATE_DIAGNOSIS)
    assert not validated(ctg)


def test_a_decision_has_the_day_of_its_meeting():
    meeting = held_meeting(make_ctg(), on=ON)
    with pytest.raises(RuleBroken, match="porte la date de sa réunion, tenue le 30 octobre 2021"):
        take(meeting, on=date(2021, 10, 29))
    assert take(meeting, on=ON).taken_on == ON


def test_a_closed_step_is_refused_with_the_decision_that_closed_it():
    ctg = make_ctg()
    make_ready_plan(ctg)
    decision = decide(ctg, Gate.VALIDATE_DIAGNOSIS)
    with pytest.raises(RuleBroken, match=f"c’est déjà fait, par {decision}"):
        decide(ctg, Gate.VALIDATE_DIAGNOSIS)
    assert Decision.objects.count() == 1


def test_numbers_run_per_committee_and_civil_year():
    ctg = make_ctg()
    late = held_meeting(ctg, on=date(2021, 12, 31))
    early = held_meeting(ctg, on=date(2022, 1, 1))
    other = held_meeting(ctg, kind=PARTNER, on=ON)
    elsewhere = held_meeting(make_ctg(), on=ON)
    rows = (late, late, early, other, elsewhere, late)
    taken = [take(meeting, text=f"Décision {place}").reference for place, meeting in enumerate(rows)]
    assert [text.replace("\u00a0", " ") for text in taken] == [
        "n° 2021-1",
        "n° 2021-2",
        "n° 2022-1",
        "n° 2021-1",
        "n° 2021-1",
        "n° 2021-3",
    ]


def test_the_decision_that_validates_an_evaluation_says_its_year():
    ctg = make_ctg()
    make_validated_evaluation(ctg, year=2022)
    meeting = held_meeting(ctg, on=date(2023, 5, 12))
    with pytest.raises(RuleBroken, match="quelle année"):
        take(meeting, gate=Gate.VALIDATE_EVALUATION)
    with pytest.raises(RuleBroken, match="pas encore ouverte"):
        take(meeting, gate=Gate.VALIDATE_EVALUATION, evaluation_year=2023)
    with pytest.raises(RuleBroken, match="c’est déjà fait"):
        take(meeting, gate=Gate.VALIDATE_EVALUATION, evaluation_year=2022)


def test_a_gate_without_its_room_says_what_to_open():
    ctg = make_ctg()
    with pytest.raises(RuleBroken, match="Le diagnostic de cette Ctg n’est pas encore ouvert"):
        take(held_meeting(ctg), gate=Gate.VALIDATE_DIAGNOSIS)
    with pytest.raises(RuleBroken, match="Le plan d’actions de cette Ctg n’est pas encore ouvert"):
        take(held_meeting(ctg), gate=Gate.FIX_AXES)
    with pytest.raises(RuleBroken, match="n’est pas encore préparé"):
        take(held_meeting(ctg), gate=Gate.APPROVE_SIGNATURE)


def test_a_decision_of_its_own_closes_nothing_and_says_who_and_when(lead_of):
    ctg = make_ctg()
    meeting = held_meeting(ctg)
    data = {"text": "Visiter le relais", "gate": "", "owner": "La Caf", "due_on": "2021-12-31"}
    assert post(lead_of(ctg), meeting, **data).status_code == 302
    decision = Decision.objects.get()
    assert (decision.owner, decision.due_on, decision.gate) == ("La Caf", date(2021, 12, 31), "")
    assert Entry.objects.filter(verb="decision.taken", ctg_id=ctg.pk).exists()


def test_the_page_offers_only_the_open_steps_of_this_committee(lead_of):
    agreement = make_agreement()
    ctg = agreement.ctg
    client = lead_of(ctg)

    def offered(kind):
        meeting = held_meeting(ctg, kind=kind, on=date(2021, 11, 29))
        page = client.get(reverse("governance:meeting", args=[ctg.slug, meeting.pk]))
        return [value for value, _ in page.context["form"].fields["gate"].choices if value]

    assert offered(COPIL) == [Gate.APPROVE_SIGNATURE]
    assert offered(PARTNER) == []


def test_a_step_that_is_not_offered_is_refused(lead_of):
    ctg = make_ctg()
    make_ready_plan(ctg)
    response = post(lead_of(ctg), held_meeting(ctg, kind=PARTNER), gate=Gate.VALIDATE_DIAGNOSIS)
    assert response.status_code == 200
    assert "gate" in response.context["form"].errors
    assert not validated(ctg)


def test_a_decision_sent_twice_is_taken_once():
    meeting = held_meeting(make_ctg())
    take(meeting, text="Visiter le relais")
    with pytest.raises(RuleBroken, match="déjà enregistrée, sous le n°.2021-1"):
        take(meeting, text=" Visiter le relais ")
    assert take(meeting, text="Visiter la crèche").number == 2
