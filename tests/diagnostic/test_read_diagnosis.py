"""Who reads a diagnosis, what they find there, and how many queries it takes."""

from datetime import date

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from diagnostic import services
from diagnostic.models import Diagnosis, Finding, ThematicGroup
from territory.models import Role, Territory
from tests.diagnostic.factories import (
    OrganisationFactory,
    TerritoryFactory,
    add_contribution,
    add_finding,
    add_idea,
    add_priority,
    first_group,
    key_indicator,
    make_diagnosis,
    make_published_diagnosis,
    make_ready_diagnosis,
    make_user,
    make_validated_diagnosis,
    open_group,
    tell,
)

pytestmark = pytest.mark.django_db

PAGES = ["diagnosis", "diagnosis_xlsx", "group"]
INSIDERS = [
    "caf_manager",
    "caf_adviser",
    "caf_reader",
    "lead",
    "editor",
    "group_lead",
    "contributor",
    "signatory",
    "reader",
]


def url(page, diagnosis) -> str:
    args = [diagnosis.ctg.slug, first_group(diagnosis).pk] if page == "group" else [diagnosis.ctg.slug]
    return reverse(f"diagnostic:{page}", args=args)


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("who", INSIDERS)
def test_those_inside_read_the_draft(as_someone, page, who):
    diagnosis = make_ready_diagnosis()
    assert as_someone(who, diagnosis).get(url(page, diagnosis)).status_code == 200


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("who", ["outsider", "anonymous"])
@pytest.mark.parametrize(
    ("make", "code"), [(make_ready_diagnosis, 404), (make_validated_diagnosis, 404), (make_published_diagnosis, 200)]
)
def test_the_others_read_what_is_published_only(as_someone, page, who, make, code):
    diagnosis = make()
    assert as_someone(who, diagnosis).get(url(page, diagnosis)).status_code == code


@pytest.mark.parametrize(
    ("make", "is_open"),
    [(make_ready_diagnosis, False), (make_validated_diagnosis, False), (make_published_diagnosis, True)],
)
def test_the_groups_open_with_what_they_found(make, is_open):
    diagnosis = make()
    assert ThematicGroup.objects.open_to(AnonymousUser()).exists() == is_open
    assert ThematicGroup.objects.open_to(make_user("Dedans", role=Role.READER, ctg=diagnosis.ctg)).exists()


def test_the_page_shows_figures_findings_ideas_and_priorities(client):
    diagnosis = make_ready_diagnosis()
    france = TerritoryFactory(kind=Territory.Kind.FRANCE, code="FM", name="France métropolitaine")
    department = diagnosis.ctg.caf.territory
    department.parent = france
    department.save()
    low_income = key_indicator("Allocataires à bas revenus")
    for number, place in [(43, None), (40, department), (30, france)]:
        tell(low_income, diagnosis.ctg, number, territory=place)
    add_finding(diagnosis, kind=Finding.Kind.OPPORTUNITY, title="Un relais qui s’installe")
    add_idea(diagnosis, text="Un accueil itinérant")
    services.validate_diagnosis(diagnosis, decision="Copil n° 2021-1", by=None, on=diagnosis.ctg.starts_on)
    services.publish_diagnosis(diagnosis, by=None)

    page = client.get(url("diagnosis", diagnosis)).text
    for words in [
        "43\u00a0%",
        "40\u00a0%",
        "30\u00a0%",
        "+13\u00a0pts",
        "Opportunité",
        "Besoin",
        "Un relais qui s’installe",
    ]:
        assert words in page
    for words in ["Un accueil itinérant", "Accueillir tous les enfants", "Copil n° 2021-1", "Caf, données d’essai"]:
        assert words in page
    assert "Modifier" not in page


def test_writers_see_what_is_missing_with_the_way_to_mend_it(as_someone):
    diagnosis = make_diagnosis()
    key_indicator("Allocataires à bas revenus")
    client = as_someone("editor", diagnosis)
    page = client.get(url("diagnosis", diagnosis)).text
    for sentence in diagnosis.missing_before_validation():
        assert sentence in page
    assert f"{reverse('diagnostic:finding_new', args=[diagnosis.ctg.slug])}?groupe={first_group(diagnosis).pk}" in page
    assert reverse("territory:figures", args=[diagnosis.ctg.slug]) not in page.split("lacks")[1].split("</section>")[0]


@pytest.mark.parametrize("who", ["reader", "contributor", "group_lead"])
def test_the_others_inside_see_no_button_of_writers(as_someone, who):
    diagnosis = make_ready_diagnosis()
    page = as_someone(who, diagnosis).get(url("diagnosis", diagnosis)).text
    assert reverse("diagnostic:diagnosis_edit", args=[diagnosis.ctg.slug]) not in page


def test_people_and_their_words_stay_inside(as_someone, client):
    diagnosis = make_ready_diagnosis()
    group = open_group(first_group(diagnosis))
    author = make_user("Camille Partenaire", role=Role.CONTRIBUTOR, ctg=diagnosis.ctg)
    add_contribution(group, author, text="Un mot pour le groupe")
    services.validate_diagnosis(diagnosis, decision="Copil n° 2021-1", by=None, on=diagnosis.ctg.starts_on)
    services.publish_diagnosis(diagnosis, by=None)
    public = client.get(url("group", diagnosis)).text
    assert "Un mot pour le groupe" not in public
    assert "Camille Partenaire" not in public
    inside = as_someone("reader", diagnosis).get(url("group", diagnosis)).text
    assert "Un mot pour le groupe" in inside
    assert "Camille Partenaire" in inside


@pytest.mark.parametrize("page", ["diagnosis", "group"])
def test_pasted_markup_is_shown_as_text(as_someone, page):
    diagnosis = make_ready_diagnosis()
    add_finding(diagnosis, title="<img src=x onerror=alert(1)>", text="<script>alert(2)</script>")
    add_idea(diagnosis, text="<b>gras</b>")
    shown = as_someone("lead", diagnosis).get(url(page, diagnosis)).text
    assert "&lt;img src=x onerror=alert(1)&gt;" in shown
    assert "&lt;script&gt;alert(2)&lt;/script&gt;" in shown
    assert "&lt;b&gt;gras&lt;/b&gt;" in shown
    for dangerous in ("<img src=x", "<script>alert", "<b>gras"):
        assert dangerous not in shown


def fill(diagnosis, count) -> None:
    for group in diagnosis.ctg.groups.order_by("position"):
        author = make_user("Partenaire", role=Role.CONTRIBUTOR, ctg=diagnosis.ctg)
        services.add_member(group, organisation=OrganisationFactory(caf=diagnosis.ctg.caf), user=author, by=None)
        for number in range(count):
            contribution = add_contribution(open_group(group), author)
            finding = add_finding(
                diagnosis,
                group=group,
                title=f"Constat {number}",
                communes=list(diagnosis.ctg.communes.order_by("pk")),
                contributions=[contribution],
            )
            add_idea(diagnosis, group=group)
            add_priority(diagnosis, findings=[finding])


@pytest.mark.once
@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("who", ["caf_adviser", "group_lead", "reader"])
def test_ten_findings_then_ten_more_take_as_many_queries(as_someone, page, who):
    diagnosis = make_ready_diagnosis()
    tell(key_indicator(), diagnosis.ctg)
    fill(diagnosis, 5)
    client, address = as_someone(who, diagnosis), url(page, diagnosis)
    client.get(address)
    with CaptureQueriesContext(connection) as before:
        assert client.get(address).status_code == 200
    fill(diagnosis, 5)
    with CaptureQueriesContext(connection) as after:
        client.get(address)
    assert len(after) == len(before)
    most = 20 if page.endswith("xlsx") else 15
    assert len(after) <= most


@pytest.mark.parametrize(("years", "is_flagged"), [(3, True), (60, False)])
def test_figures_old_at_the_date_of_the_diagnosis_are_flagged(as_someone, settings, years, is_flagged):
    settings.OLD_FIGURE_YEARS = years
    diagnosis = make_ready_diagnosis()
    tell(key_indicator(), diagnosis.ctg)
    page = as_someone("lead", diagnosis).get(url("diagnosis", diagnosis)).content.decode()
    assert ("à la date du diagnostic\u00a0: voyez s’il en existe de plus récents" in page) == is_flagged


def test_the_page_of_the_ctg_flags_figures_old_for_its_diagnosis_or_for_its_reader(as_someone, monkeypatch):
    diagnosis, indicator = make_validated_diagnosis(), key_indicator()
    validated = Diagnosis.objects.filter(pk=diagnosis.pk)
    kept = validated.values("validated_on", "validated_by_decision").get()
    validated.update(validated_on=None, validated_by_decision="")
    tell(indicator, diagnosis.ctg)
    reader, address = as_someone("lead", diagnosis), reverse("ctg", args=[diagnosis.ctg.slug])
    monkeypatch.setattr("ctg_site.views.today", lambda: date(2022, 10, 30))
    assert "plus de trois ans" not in reader.get(address).content.decode()
    monkeypatch.setattr("ctg_site.views.today", lambda: date(2023, 10, 30))
    assert "Tous ces chiffres ont plus de trois ans." in reader.get(address).content.decode()
    validated.update(**kept | {"validated_on": date(2022, 10, 30)})
    assert "Tous ces chiffres ont plus de trois ans." in reader.get(address).content.decode()
    validated.update(validated_on=date(2023, 10, 30))
    said = "Tous ces chiffres ont plus de trois ans à la date du diagnostic."
    assert said in reader.get(address).content.decode()


@pytest.mark.parametrize(("validated_on", "is_flagged"), [(date(2022, 10, 30), False), (date(2023, 10, 30), True)])
def test_a_finding_flags_the_figure_that_was_old_the_day_of_the_diagnosis(as_someone, validated_on, is_flagged):
    """Its figure is of 2019; the day one reads does not count."""
    diagnosis, indicator = make_ready_diagnosis(), key_indicator()
    tell(indicator, diagnosis.ctg)
    finding = diagnosis.findings.earliest("pk")
    services.photograph_figures(finding, indicators=[indicator], by=None, on=date(2021, 6, 1))
    finding.group.indicators.set([indicator])
    client = as_someone("lead", diagnosis)
    assert "(2019, plus de trois ans)" in client.get(finding.get_absolute_url()).text  # not validated: today decides
    services.validate_diagnosis(diagnosis, decision="Copil", by=None, on=validated_on)
    for page in (url("diagnosis", diagnosis), finding.get_absolute_url()):
        assert ("(2019, plus de trois ans)" in client.get(page).text) == is_flagged
    group = client.get(reverse("diagnostic:group", args=[diagnosis.ctg.slug, finding.group_id])).text
    assert group.count("(2019, plus de trois ans)") == (2 if is_flagged else 1)  # what the group follows is of today
