"""« Ce qui m’attend »: what the diagnosis asks of each person, and what it says of the commune of a mayor."""

import pytest
from django.urls import reverse

from ctg_site.my_day import day_of
from diagnostic import services
from diagnostic.colleges import Method
from diagnostic.models import Guest, Scoring
from territory.models import Membership, Role
from tests.diagnostic.factories import (
    OPENED_ON,
    OrganisationFactory,
    add_contribution,
    add_finding,
    first_group,
    make_diagnosis,
    make_user,
    open_group,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def diagnosis():
    diagnosis = make_diagnosis()
    open_group(first_group(diagnosis))
    return diagnosis


def titles(user, on=OPENED_ON):
    return [task.title for task in day_of(user, on=on).tasks]


def invite(diagnosis, email="ami@essai.example"):
    guest = Guest(ctg=diagnosis.ctg, full_name="Ami", email=email)
    return services.invite_guest(guest, groups=[first_group(diagnosis)], by=None)


def test_a_member_is_asked_to_speak_then_to_rank_and_each_once(diagnosis):
    group, person = first_group(diagnosis), make_user("Membre", role=Role.CONTRIBUTOR, ctg=diagnosis.ctg)
    seat = OrganisationFactory(caf=diagnosis.ctg.caf)
    services.add_member(group, organisation=seat, user=person, by=None)
    assert titles(person) == ["Contribuer au groupe Petite enfance"]
    add_contribution(group, person)
    assert titles(person) == []
    need = add_finding(diagnosis)
    scoring = services.open_scoring(
        Scoring(diagnosis=diagnosis, group=group, method=Method.VOTES), by=None, on=OPENED_ON
    )
    assert titles(person) == ["Noter ce qu’a trouvé le groupe Petite enfance"]
    services.cast_ballot(scoring, college="elected", votes=[need], user=person, on=OPENED_ON)
    assert titles(person) == []


def test_who_leads_a_group_is_told_of_what_it_has_not_worked_on(diagnosis):
    group, lead = first_group(diagnosis), make_user("Animation", role=Role.GROUP_LEAD, ctg=diagnosis.ctg)
    group.lead = lead
    services.save_group(group, by=None)
    said = add_contribution(group, make_user("Partenaire", role=Role.CONTRIBUTOR, ctg=diagnosis.ctg))
    assert titles(lead) == [
        "Écrire les constats du groupe Petite enfance",
        "Reprendre les contributions du groupe Petite enfance",
    ]
    add_finding(diagnosis, contributions=[said])
    assert titles(lead) == []


def test_who_steers_is_told_to_begin_then_who_has_not_answered(diagnosis):
    for group in diagnosis.ctg.groups.all():
        open_group(group, opens=None, closes=None)
    officer = make_user("Coopération", role=Role.LEAD, ctg=diagnosis.ctg)
    assert titles(officer) == ["Lancer le recueil des contributions"]
    guest = invite(diagnosis)
    assert titles(officer) == []  # nobody can be reminded while no group listens
    group = open_group(first_group(diagnosis))
    invite(diagnosis, "amie@essai.example")
    (task,) = day_of(officer, on=OPENED_ON).tasks
    assert task.title == "Suivre le recueil des contributions"
    assert task.detail.endswith(": 2 partenaires sur 2 à relancer.")
    services.contribute(group, kind="missing", text="Rien le soir.", guest=guest, on=OPENED_ON)
    (task,) = day_of(officer, on=OPENED_ON).tasks
    assert task.detail.endswith("1 partenaire sur 2 à relancer, 1 contribution attend un constat ou une réponse.")


def test_nothing_of_another_ctg_is_asked(diagnosis):
    invite(diagnosis)
    elsewhere = make_diagnosis()
    officer = make_user("Ailleurs", role=Role.LEAD, ctg=elsewhere.ctg)
    assert [task.url for task in day_of(officer, on=OPENED_ON).tasks] == [
        reverse("diagnostic:campaign", args=[elsewhere.ctg.slug])
    ]


def test_a_mayor_reads_the_findings_that_name_their_commune_and_goes_to_the_page_for_them(client, diagnosis):
    here, elsewhere = diagnosis.ctg.communes.order_by("pk")[:2]
    town_hall = OrganisationFactory(caf=diagnosis.ctg.caf, territory=here)
    mayor = make_user("Maire", role=Role.SIGNATORY, ctg=diagnosis.ctg)
    Membership.objects.filter(user=mayor).update(organisation=town_hall)
    add_finding(diagnosis, title="Rien le mercredi ici", communes=[here])
    add_finding(diagnosis, title="Rien le mercredi là-bas", communes=[elsewhere])
    client.force_login(mayor)
    page = client.get(reverse("my_day")).content.decode()
    assert "Rien le mercredi ici" in page
    assert "Rien le mercredi là-bas" not in page
    assert reverse("diagnostic:diagnosis_brief", args=[diagnosis.ctg.slug]) in page
