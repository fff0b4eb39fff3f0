"""A finding keeps its figures as they were that day; what comes later shows beside, never instead."""

import io
import re
from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.template.loader import render_to_string
from django.urls import reverse
from openpyxl import load_workbook

from ctg_site.lib.errors import RuleBroken
from diagnostic import services
from diagnostic.content import read_diagnosis
from diagnostic.documents import diagnosis_annex, document_context
from diagnostic.exports import diagnosis_sheets
from diagnostic.figures import figures_of, finding_figures
from diagnostic.models import Diagnosis, Photograph
from territory.models import Facility, Indicator, Role, ServiceKind, Territory, Value
from territory.services import Typed, save_facility, type_value, withhold_value
from tests.diagnostic.factories import (
    OrganisationFactory,
    TerritoryFactory,
    add_finding,
    add_idea,
    key_indicator,
    make_diagnosis,
    make_ready_diagnosis,
    make_user,
    tell,
)

pytestmark = pytest.mark.django_db
TAKEN_ON, LATER = date(2021, 9, 20), 47


@pytest.fixture
def diagnosis():
    """Its territory lies in a département, itself in France."""
    diagnosis = make_diagnosis()
    here = diagnosis.ctg.territory
    france = TerritoryFactory(kind=Territory.Kind.FRANCE, code="FM", name="France métropolitaine")
    here.parent = TerritoryFactory(
        kind=Territory.Kind.DEPARTEMENT, code="66", name="Pyrénées-Orientales", parent=france
    )
    here.save()
    return Diagnosis.objects.for_page().get(pk=diagnosis.pk)


@pytest.fixture
def finding(diagnosis):
    return add_finding(diagnosis)


def photographed(finding, *indicators):
    services.photograph_figures(finding, indicators=indicators, by=None, on=TAKEN_ON)
    return finding.photographs.order_by("label").first()


def told_everywhere(diagnosis, **fields):
    indicator = key_indicator(**fields)
    here = diagnosis.ctg.territory
    tell(indicator, diagnosis.ctg, 43)
    tell(indicator, diagnosis.ctg, 40, territory=here.parent)
    tell(indicator, diagnosis.ctg, 30, territory=here.parent.parent)
    return indicator


def release_anew(indicator, ctg, number=LATER):
    """What a later file brings: another year, another delivery."""
    value = Value.objects.filter(indicator=indicator, territory=ctg.territory).first()
    return type_value(
        Typed(
            indicator=indicator,
            territory=ctg.territory,
            year=2024,
            number=Decimal(number),
            source=value.release.source,
            document="Livraison 2025",
        ),
        caf=ctg.caf,
        by=None,
        on=date(2025, 6, 1),
    )


def test_everything_is_copied(diagnosis, finding):
    photograph = photographed(finding, told_everywhere(diagnosis))
    assert (photograph.label, photograph.text, photograph.year) == ("Allocataires à bas revenus", "43\u00a0%", 2019)
    assert (photograph.state, photograph.number, photograph.unit) == ("shown", Decimal(43), Indicator.Unit.PERCENT)
    assert photograph.perimeter == diagnosis.ctg.territory.name
    assert (photograph.source, bool(photograph.release)) == ("Caf, données d’essai", True)
    assert (photograph.department, photograph.department_text) == ("Pyrénées-Orientales", "40\u00a0%")
    assert (photograph.france, photograph.france_text, photograph.france_year) == (
        "France métropolitaine",
        "30\u00a0%",
        2019,
    )
    assert photograph.taken_on == TAKEN_ON


def test_a_new_release_does_not_move_the_photograph(diagnosis, finding):
    indicator = told_everywhere(diagnosis)
    before = Photograph.objects.filter(pk=photographed(finding, indicator).pk).values().get()
    release_anew(indicator, diagnosis.ctg)
    Indicator.objects.filter(pk=indicator.pk).update(label="Autre nom", decimals=2)
    assert Photograph.objects.filter(pk=before["id"]).values().get() == before
    (row,) = finding_figures(finding, on=TAKEN_ON)
    assert (row.here.text, row.today.text, row.today.year) == ("43\u00a0%", "47,00\u00a0%", 2024)


def test_an_unchanged_figure_says_nothing_more(diagnosis, finding):
    photographed(finding, told_everywhere(diagnosis))
    assert [row.today for row in finding_figures(finding, on=TAKEN_ON)] == [None]


def test_a_secret_stays_secret_even_when_it_is_photographed(diagnosis, finding):
    indicator = key_indicator("Bénéficiaires de l’Ajpp", unit=Indicator.Unit.COUNT, counts_people=True, is_key=False)
    tell(indicator, diagnosis.ctg, 3)
    photograph = photographed(finding, indicator)
    assert (photograph.state, photograph.number, photograph.text) == ("masked", None, "secret")


def test_the_database_keeps_no_number_behind_a_secret(diagnosis, finding):
    photograph = photographed(finding, told_everywhere(diagnosis))
    with pytest.raises(IntegrityError), transaction.atomic():
        Photograph.objects.filter(pk=photograph.pk).update(state="masked")


def test_an_unknown_figure_is_refused_and_nothing_is_kept(diagnosis, finding):
    with pytest.raises(RuleBroken, match="n’est pas connu"):
        services.photograph_figures(
            finding, indicators=[told_everywhere(diagnosis), key_indicator("Inconnu")], by=None, on=TAKEN_ON
        )
    assert not finding.photographs.exists()


def test_choosing_again_leaves_what_is_there(diagnosis, finding):
    first, second = told_everywhere(diagnosis), told_everywhere(diagnosis, label="Familles nombreuses")
    kept = photographed(finding, first)
    release_anew(first, diagnosis.ctg)
    photographed(finding, first, second)
    assert finding.photographs.get(indicator=first).pk == kept.pk
    assert finding.photographs.get(indicator=first).text == "43\u00a0%"
    photographed(finding, second)
    assert [row.label for row in finding.photographs.all()] == ["Familles nombreuses"]


def test_the_group_may_take_the_figure_of_today(diagnosis, finding):
    indicator = told_everywhere(diagnosis)
    photograph = photographed(finding, indicator)
    release_anew(indicator, diagnosis.ctg)
    services.retake_photograph(photograph, by=None, on=date(2021, 9, 30))
    assert [(row.text, row.taken_on) for row in finding.photographs.all()] == [("47\u00a0%", date(2021, 9, 30))]


def test_validation_photographs_every_known_figure_and_freezes_them():
    diagnosis = make_ready_diagnosis()
    indicator = key_indicator()
    tell(indicator, diagnosis.ctg, 43)
    diagnosis = services.validate_diagnosis(diagnosis, decision="Copil n° 2021-1", by=None, on=TAKEN_ON)
    release_anew(indicator, diagnosis.ctg)
    diagnosis = Diagnosis.objects.for_page().get(pk=diagnosis.pk)
    figures = figures_of(diagnosis, read_diagnosis(diagnosis), on=TAKEN_ON)
    assert [(row.label, row.here.text) for row in figures.comparison.rows] == [
        ("Allocataires à bas revenus", "43\u00a0%")
    ]
    assert [row["source"].name for row in figures.sources] == ["Caf, données d’essai"]
    photograph = diagnosis.photographs.get()
    with pytest.raises(RuleBroken, match="validé"):
        photograph.delete()
    with pytest.raises(RuleBroken, match="validé"):
        services.retake_photograph(photograph, by=None, on=TAKEN_ON)


def test_a_figure_masked_since_is_masked_in_its_photographs_wherever_they_are_read(client):
    """Published in the diagnosis, it would give back what the portrait now hides."""
    diagnosis = make_ready_diagnosis()
    ctg, finding = diagnosis.ctg, diagnosis.findings.earliest("pk")
    indicator = key_indicator(unit=Indicator.Unit.COUNT, counts_people=True)
    tell(indicator, ctg, 443)
    photographed(finding, indicator)
    services.validate_diagnosis(diagnosis, decision="Copil", by=None, on=TAKEN_ON)
    services.publish_diagnosis(diagnosis, by=None)
    release_anew(indicator, ctg, 551)
    group = reverse("diagnostic:group", args=[ctg.slug, finding.group_id])
    pages = [diagnosis.get_absolute_url(), finding.get_absolute_url(), group]

    def read():
        diagnosis = Diagnosis.objects.for_page().get(ctg=ctg)
        sheets = load_workbook(io.BytesIO(diagnosis_sheets(diagnosis, on=TAKEN_ON)), read_only=True)
        return [
            *(client.get(page).text for page in pages),
            str([[cell.value for cell in row] for sheet in sheets for row in sheet]),
            render_to_string("diagnostic/pdf/diagnosis.html", document_context(diagnosis, on=TAKEN_ON)),
            render_to_string("diagnostic/pdf/_annex.html", diagnosis_annex(diagnosis)),
        ]

    assert ["443" in text for text in read()] == [True] * 6
    withhold_value(caf=ctg.caf, indicator=indicator, territory=ctg.territory, year=2019, by=None)
    assert ["443" in text for text in read()] == [False] * 6
    assert ["secret" in text for text in read()] == [True] * 6
    assert set(Photograph.objects.values_list("number", flat=True)) == {443}  # kept as it was taken, shown no more


def test_what_was_photographed_beside_of_another_year_is_masked_too(diagnosis, finding):
    """The département had its own year that day, and has a newer figure since."""
    indicator, ctg = key_indicator(unit=Indicator.Unit.COUNT, counts_people=True), diagnosis.ctg
    department = ctg.territory.parent
    tell(indicator, ctg, 443)
    tell(indicator, ctg, 8443, territory=department, year=2018)
    photographed(finding, indicator)
    tell(indicator, ctg, 8551, territory=department, year=2020)

    def beside():
        (row,) = finding_figures(finding, on=TAKEN_ON)
        return row.photograph.in_department

    assert (beside().text, beside().year) == ("8\u202f443", 2018)
    withhold_value(caf=ctg.caf, indicator=indicator, territory=department, year=2018, by=None)
    assert (beside().text, beside().number) == ("secret", None)


def test_the_pages_show_today_beside_the_photograph(client, diagnosis, finding):
    indicator = told_everywhere(diagnosis)
    photographed(finding, indicator)
    release_anew(indicator, diagnosis.ctg)
    client.force_login(make_user("Rédaction", role=Role.EDITOR, ctg=diagnosis.ctg))
    for page in (
        finding.get_absolute_url(),
        reverse("diagnostic:group", args=[diagnosis.ctg.slug, finding.group_id]),
        reverse("diagnostic:diagnosis", args=[diagnosis.ctg.slug]),
    ):
        text = re.sub(r"[ \n]+", " ", client.get(page).content.decode())
        assert "Allocataires à bas revenus\u00a0: 43\u00a0%</strong> (2019, plus de trois ans)" in text
        assert "aujourd’hui\u00a0: <strong>47\u00a0%</strong> (2024)" in text


def test_the_figures_are_chosen_on_their_page(client, diagnosis, finding):
    indicator, unknown = told_everywhere(diagnosis), key_indicator("Inconnu")
    client.force_login(make_user("Rédaction", role=Role.EDITOR, ctg=diagnosis.ctg))
    url = reverse("diagnostic:finding_figures", args=[diagnosis.ctg.slug, finding.pk])
    page = client.get(url).content.decode()
    assert "43\u00a0% (2019)" in page
    assert "Inconnu" not in page
    refused = client.post(url, {"indicators": [unknown.pk]})
    assert refused.status_code == 200
    assert "n’en fait pas partie" in refused.content.decode()
    client.post(url, {"indicators": [indicator.pk]})
    release_anew(indicator, diagnosis.ctg)
    photograph = finding.photographs.get()
    assert photograph.text == "43\u00a0%"
    retake = reverse("diagnostic:finding_figure_retake", args=[diagnosis.ctg.slug, finding.pk])
    assert "Ce chiffre n’est plus" in client.post(retake, {"photograph": "x"}, follow=True).content.decode()
    client.post(retake, {"photograph": photograph.pk})
    assert finding.photographs.get().text == "47\u00a0%"


def test_two_people_choose_figures_at_once_and_each_choice_counts(client, diagnosis, finding):
    first, second = told_everywhere(diagnosis), key_indicator("Familles monoparentales")
    tell(second, diagnosis.ctg, 22)
    kind, manager = (
        ServiceKind.objects.create(code="relais", label="Relais"),
        OrganisationFactory(caf=diagnosis.ctg.caf),
    )
    seat = diagnosis.ctg.communes.earliest("pk")
    made = Facility(caf=diagnosis.ctg.caf, code="E-9", name="Relais", kind=kind, manager=manager, seat=seat)
    relay = save_facility(made, by=None)
    client.force_login(make_user("Rédaction", role=Role.EDITOR, ctg=diagnosis.ctg))
    url = reverse("diagnostic:finding_figures", args=[diagnosis.ctg.slug, finding.pk])
    seen = {name: client.get(url).context["form"][name].value() for name in ("indicators_seen", "facilities_seen")}
    client.post(url, seen | {"indicators": [first.pk], "facilities": [relay.pk]})
    client.post(url, seen | {"indicators": [second.pk]})  # whose page was opened before
    assert set(finding.photographs.values_list("indicator", flat=True)) == {first.pk, second.pk}
    assert list(finding.facilities.all()) == [relay]
    seen = {name: client.get(url).context["form"][name].value() for name in seen}
    client.post(url, seen | {"indicators": [second.pk]})
    assert list(finding.photographs.values_list("indicator", flat=True)) == [second.pk]
    assert not finding.facilities.exists()


def test_the_workbook_has_the_photographs(diagnosis, finding):
    indicator = told_everywhere(diagnosis)
    photographed(finding, indicator)
    release_anew(indicator, diagnosis.ctg)
    sheet = load_workbook(io.BytesIO(diagnosis_sheets(diagnosis, on=TAKEN_ON)))["Chiffres des constats"]
    assert {0.43, 0.4, 0.3, 0.47, 2019} <= set(list(sheet.iter_rows(values_only=True))[-1])


def test_a_finding_speaks_of_equipments_of_its_ctg_only(diagnosis, finding):
    ctg = diagnosis.ctg
    seat, elsewhere = ctg.communes.order_by("pk").first(), TerritoryFactory()
    kind = ServiceKind.objects.create(code="creche", label="Crèche")
    manager = OrganisationFactory(caf=ctg.caf)
    made = [
        save_facility(
            Facility(caf=ctg.caf, code=f"E-{n}", name=f"Crèche {n}", kind=kind, manager=manager, seat=place),
            served=[],
            by=None,
        )
        for n, place in enumerate((seat, elsewhere))
    ]
    services.save_finding(finding, facilities=made[:1], by=None)
    with pytest.raises(RuleBroken, match="Hors de la Ctg : Crèche 1"):
        services.save_finding(finding, facilities=made, by=None)
    add_idea(diagnosis, group=finding.group, finding=finding)
    assert [facility.name for facility in finding.facilities.all()] == ["Crèche 0"]


def test_a_figure_that_is_no_longer_known_leaves_its_photograph(diagnosis, finding):
    photograph = photographed(finding, told_everywhere(diagnosis))
    Value.objects.all().delete()
    with pytest.raises(RuleBroken, match="la photographie reste"):
        services.retake_photograph(photograph, by=None, on=TAKEN_ON)
    assert finding.photographs.get() == photograph


def test_a_photograph_of_the_whole_diagnosis_is_not_taken_again(diagnosis, finding):
    """As a database restored by hand could hold one in a draft."""
    photograph = photographed(finding, told_everywhere(diagnosis))
    Photograph.objects.filter(pk=photograph.pk).update(finding=None)
    with pytest.raises(RuleBroken, match="ne se reprend pas"):
        services.retake_photograph(Photograph.objects.get(), by=None, on=TAKEN_ON)
    assert Photograph.objects.get() == photograph


def test_the_back_office_shows_no_value_and_leads_to_where_secrecy_is_obeyed(client, finding):
    indicator = key_indicator(unit=Indicator.Unit.COUNT)
    tell(indicator, finding.diagnosis.ctg, 48731)
    row = photographed(finding, indicator)
    person = make_user("Caf", role=Role.CAF_ADVISER, ctg=finding.diagnosis.ctg)
    person.is_staff = True
    person.save()
    client.force_login(person)
    for page in (
        reverse("admin:diagnostic_photograph_changelist"),
        reverse("admin:diagnostic_photograph_change", args=[row.pk]),
    ):
        seen = re.sub(r"\s", "", client.get(page).text)
        assert row.label.replace(" ", "") in seen
        assert "48731" not in seen
    assert row.number == 48731
    assert row.get_absolute_url() == finding.get_absolute_url()
