"""The pages of the money, as people use them: what is typed, what is shown, what is refused and kept."""

import io
from datetime import date
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from territory import services
from territory.exports import register_workbook
from territory.imports.funding import receive_import
from territory.models import (
    Facility,
    FundingAgreement,
    FundingImport,
    FundingLine,
    LegacyContract,
    LegacyShare,
    Organisation,
    Payment,
    Role,
    Scenario,
)
from territory.reports import caf_summary
from territory.reports.spending import in_round_words, spending_of
from tests.territory.factories import (
    CafFactory,
    IndicatorFactory,
    OrganisationFactory,
    add_line,
    add_outline,
    add_value,
    communes_of,
    make_ctg,
    make_epci,
    make_published,
    make_superuser,
    make_user,
)
from tests.territory.money import (
    a_cof,
    a_contract,
    a_facility,
    a_kind,
    a_line,
    a_rate,
    a_scenario,
    a_scheme,
    an_action,
    make_eligible,
    save,
)

pytestmark = pytest.mark.django_db
D = Decimal


@pytest.fixture
def ctg():
    return make_ctg()


@pytest.fixture
def adviser(ctg):
    return logged(make_user("Alix Conseil", caf=ctg.caf, role=Role.CAF_ADVISER))


def logged(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def url(name: str, ctg, *args) -> str:
    return reverse(f"territory:{name}", args=[ctg.slug, *args])


def caf_url(name: str, ctg, *args) -> str:
    return reverse(f"caf:{name}", args=[ctg.caf.code, *args])


def text_of(response) -> str:
    assert response.status_code == 200
    return " ".join(response.content.decode().replace("\u202f", " ").replace("\u00a0", " ").split())


def saved(response) -> None:
    assert response.status_code == 302, text_of(response)


# --- The register ---


def facility_data(ctg, **changes) -> dict:
    data = {
        "code": "E-001",
        "name": "Les Petits Isards",
        "kind": a_kind().pk,
        "manager": OrganisationFactory(caf=ctg.caf).pk,
        "seat": communes_of(ctg.territory)[0].pk,
        "served": [communes_of(ctg.territory)[1].pk],
        "capacity": "40",
        "capacity_unit": "places",
    }
    return data | changes


def test_an_equipment_is_entered_shown_and_changed_with_its_history(ctg, adviser):
    saved(adviser.post(url("facility_new", ctg), facility_data(ctg)))
    facility = Facility.objects.get()
    saved(
        adviser.post(
            url("facility_edit", ctg, facility.pk), facility_data(ctg, capacity="45", manager=facility.manager_id)
        )
    )
    page = text_of(adviser.get(url("facility", ctg, facility.pk)))
    assert "45 places" in page
    assert "capacité, par Alix Conseil" in page
    saved(adviser.post(url("facility_fact", ctg, facility.pk), {"kind": "eligible", "on": "2021-01-01"}))
    assert "depuis le 1er janv. 2021" in text_of(adviser.get(url("facility", ctg, facility.pk)))
    make_published(ctg)
    assert "Alix Conseil" not in text_of(Client().get(url("facility", ctg, facility.pk)))  # who wrote it is told inside


def test_a_condition_without_its_day_is_refused_and_said(ctg, adviser):
    facility = a_facility(ctg)
    response = adviser.post(url("facility_fact", ctg, facility.pk), {"kind": "eligible", "on": "demain"}, follow=True)
    assert "la date depuis laquelle elle est remplie" in text_of(response)
    assert not facility.facts.exists()


def test_a_capacity_with_three_decimals_is_refused_and_kept(ctg, adviser):
    response = adviser.post(url("facility_new", ctg), facility_data(ctg, capacity="2,555"))
    assert "deux décimales" in text_of(response)
    assert "Les Petits Isards" in text_of(response)
    assert not Facility.objects.exists()


def test_the_register_is_public_filtered_and_mapped(ctg):
    make_published(ctg)
    for x, commune in enumerate(communes_of(ctg.territory)):
        add_outline(commune, 2.0 + x / 10)
    crèche = a_facility(ctg, "Crèche des Isards")
    a_facility(ctg, "Ludothèque", kind=a_kind("ludotheque", "bt-ludo"), closed_on=date(2020, 1, 1))
    a_facility(make_ctg(CafFactory(), place=ctg.territory), "Crèche d’une autre Caf")
    page = text_of(Client().get(url("facilities", ctg)))
    assert crèche.name in page
    assert "<circle" in page
    assert "autre Caf" not in page
    assert "Ludothèque</a>" not in page
    assert "Ludothèque</a>" in text_of(Client().get(url("facilities", ctg) + "?fermes=1&nature=ludotheque"))
    assert crèche.name not in text_of(Client().get(url("facilities", ctg) + "?q=zzz"))


def test_an_equipment_of_two_ctgs_tells_the_money_of_the_published_one_only(ctg, adviser):
    make_published(ctg)
    draft = make_ctg(ctg.caf, place=make_epci(ctg.caf.territory, name="Vallespir"))
    crèche = a_facility(ctg, "Crèche des Isards")
    crèche.served.set(communes_of(draft.territory)[:1])
    save(a_line(crèche, ctg, "36000", year=2019))
    save(a_line(crèche, draft, "44400", year=2020))
    page = text_of(Client().get(url("facility", ctg, crèche.pk)))
    assert "36 000 €" in page
    assert "44 400 €" not in page
    assert "44 400 €" in text_of(adviser.get(url("facility", ctg, crèche.pk)))


def test_a_ram_has_become_an_rpe(ctg):
    rpe = a_kind("rpe", "bt-rpe")
    ram = a_kind("ram", "bt-rpe")
    ram.valid_to, ram.successor = date(2021, 5, 20), rpe
    ram.save()
    facility = a_facility(ctg, kind=ram)
    assert save(a_line(facility, ctg, "1", year=2019)).service == ram
    assert save(a_line(facility, ctg, "1", year=2022)).service == rpe


# --- The money of a territory ---


def test_the_money_page_reads_a_year_and_a_state(ctg, adviser):
    add_value(IndicatorFactory(code="population", people=True), ctg.territory, 20391, year=2017, caf=ctg.caf)
    add_line(ctg, "2 EAJE", "442500")
    save(a_line(a_facility(ctg, "Crèche"), ctg, None, year=2022))
    page = text_of(adviser.get(url("funding", ctg)))
    assert "21,70 €" in page  # 442 500 € / 20 391
    assert "Plus de 440 000 euros d’aides ont été versés en 2019" in page
    planned = text_of(adviser.get(url("funding", ctg) + "?annee=2022&etat=planned"))
    assert "à chiffrer" in planned
    assert "442 500" not in planned


def test_the_money_of_a_draft_portrait_is_not_public(ctg):
    assert Client().get(url("funding", ctg)).status_code == 404
    assert Client().get(url("funding_xlsx", ctg)).status_code == 404
    assert Client().get(url("facilities", ctg)).status_code == 404


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ("1089800", "Plus de 1 million d’euros"),
        ("2000000", "2 millions d’euros"),
        ("490787", "Plus de 490 000 euros"),
        ("9600", "9 600 euros"),
        ("7", "7 euros"),
        ("1", "1 euro"),
        ("0", "0 euro"),
        ("999999.60", "Plus de 990 000 euros"),
    ],
)
def test_an_amount_in_round_words(amount, words):
    assert in_round_words(D(amount)).replace("\u202f", " ").replace("\u00a0", " ") == words


def test_the_columns_of_a_territory_add_up(ctg):
    for year, amount in ((2018, "10.10"), (2019, "20.20")):
        add_line(ctg, "A", amount, year=year)
        add_line(ctg, "B", amount, year=year)
    found = spending_of(ctg.territory, ctg.caf)
    assert found.year == 2019
    assert found.by_year[-1].amounts == [D("20.20"), D("40.40")]
    assert found.total == sum(slice.amount for slice in found.by_subject)


def test_a_line_is_typed_for_an_equipment(ctg, adviser):
    facility = a_facility(ctg, "Crèche")
    data = {"year": 2022, "period": "civil", "facility": facility.pk, "scheme": a_scheme("psu").pk, "state": "planned"}
    saved(
        adviser.post(url("funding_new", ctg), data | {"nature": "running", "rounding": 0, "amount": "", "source": "x"})
    )
    line = FundingLine.objects.get()
    assert (line.label, line.service, line.amount) == ("Crèche", facility.kind, None)


def test_the_public_workbook_of_a_territory_keeps_the_cej_for_the_caf(ctg, adviser):
    an_action(a_contract(ctg))
    make_published(ctg)
    books = [Client().get(url("funding_xlsx", ctg)), adviser.get(caf_url("register_xlsx", ctg))]
    has_cej = ["Cej" in load_workbook(io.BytesIO(book.content), read_only=True).sheetnames for book in books]
    assert has_cej == [False, True]


def test_services_and_projects_share_one_scale(ctg):
    add_line(ctg, "Crèches", "400")
    add_line(ctg, "Fête", "100", project=True)
    found = spending_of(ctg.territory, ctg.caf)
    assert [(bar.label, bar.share) for bar in [*found.by_subject, *found.projects]] == [("Crèches", 100), ("Fête", 25)]


def test_euros_by_child_wait_for_a_number_of_children_and_say_so(ctg, adviser):
    add_line(ctg, "2 EAJE", "442500")
    children = IndicatorFactory(code="enfants-moins-18-ans", people=True)
    add_value(children, ctg.territory, 100, year=2019, caf=CafFactory())  # another Caf counts for itself
    page = text_of(adviser.get(url("funding", ctg)))
    assert "nombre d’enfants pas encore connu pour ce territoire" in page
    form = adviser.get(url("figure_type", ctg) + f"?indicator={children.pk}&place=here")
    assert f"indicator={children.pk}&amp;place=here" in page
    assert form.context["form"]["indicator"].value() == str(children.pk)
    make_published(ctg)
    assert "le saisir" not in text_of(Client().get(url("funding", ctg)))
    add_value(children, ctg.territory, 3, year=2019, caf=ctg.caf)
    assert "nombre d’enfants couvert par le secret statistique" in text_of(adviser.get(url("funding", ctg)))
    add_value(children, ctg.territory, 3540, year=2019, caf=ctg.caf)
    page = text_of(adviser.get(url("funding", ctg)))
    assert "125,00 €" in page
    assert "pour 3 540 enfants en 2019" in page
    add_value(children, ctg.territory, None, year=2019, caf=ctg.caf, quality="missing", document="Autre tableau")
    assert "pour 3 540 enfants en 2019" in text_of(adviser.get(url("funding", ctg)))  # what nobody knows counts nobody


# --- Simulation ---


def test_from_the_cej_to_the_scenario_and_to_the_forecast(ctg, adviser):
    a_rate("new_unit", "2600")
    epci = OrganisationFactory(caf=ctg.caf, kind=Organisation.Kind.EPCI)
    one, two = a_facility(ctg, "Un"), a_facility(ctg, "Deux")
    contract = {"name": "Cej", "payee": epci.pk, "ends_on": "2020-12-31", "last_amount": "10 000", "source": "Caf"}
    saved(adviser.post(url("contract_new", ctg), contract))
    contract = LegacyContract.objects.get()
    shared = {
        "label": "Crèches",
        "service": a_kind().pk,
        "amount": "10000",
        f"units_{one.pk}": "2",
        f"units_{two.pk}": "1",
    }
    saved(adviser.post(url("legacy_action_new", ctg, contract.pk), shared | {f"local_{one.pk}": "12000"}))
    assert [share.amount for share in LegacyShare.objects.order_by("pk")] == [D("6666.67"), D("3333.33")]
    scenario = {"name": "Dix places", "contract": contract.pk, "local_adjusts": "on", f"new_{one.pk}_2023": "10"}
    saved(adviser.post(url("scenario_new", ctg), scenario))
    page = text_of(adviser.get(url("scenarios", ctg)))
    assert "2/3 de 10 000,00 €" in page
    assert "10 places nouvelles × 2 600,00 €" in page
    assert "Garanti." in page
    saved(adviser.post(url("scenario_plan", ctg, Scenario.objects.get().pk)))
    assert FundingLine.objects.get(facility=one, year=2023).amount == D("32666.67")
    assert adviser.get(url("contracts", ctg)).status_code == 200
    assert adviser.get(url("scenarios_xlsx", ctg)).status_code == 200


def test_a_scenario_made_by_hand_is_shown_shared_and_exported(ctg, adviser):
    """The fourth one is shown as soon as it is saved, and again once shared; the workbook holds its values, no formula."""
    a_rate("new_unit", "2600")
    facility, contract = a_facility(ctg, "Crèche"), a_contract(ctg)
    services.split_legacy_action(an_action(contract), {facility: D(10)}, by=None)
    for name in ("Un", "Deux", "Trois"):
        a_scenario(ctg, contract, name=name)
    data = {"name": "À la main", "contract": contract.pk, "wealth": "low", "yearly_rise": "1,25"}
    response = adviser.post(url("scenario_new", ctg), data | {f"new_{facility.pk}_2023": "2,5"})
    saved(response)
    made = Scenario.objects.get(name="À la main")
    for address in (response["Location"], adviser.post(url("scenario_share", ctg, made.pk))["Location"]):
        shown = adviser.get(address).context["columns"]
        assert {column.scenario.name for column in shown} == {"Un", "Deux", "À la main"}
    lead = logged(make_user(ctg=ctg, role=Role.LEAD))
    content = lead.get(url("scenarios_xlsx", ctg)).content
    book = load_workbook(io.BytesIO(content))
    years = {row[1]: row[2] for row in book["Par année"].iter_rows(min_row=2, values_only=True)}
    assert (years[2022], years[2023]) == (10251.56, 16879.71)  # 10 000 × 1,0125³ + 2,5 × 2 600
    assert {cell.data_type for page in book for row in page for cell in row} <= {"s", "n", "d", "inlineStr"}
    assumed = " ".join(str(row[2]) for row in book["Garanti et supposé"].iter_rows(min_row=2, values_only=True))
    assert "richesse la plus faible, ou QPV" in assumed
    assert "Revalorisation de 1,25" in assumed


def test_a_scenario_changed_keeps_what_was_typed(ctg, adviser):
    """Five places that open in 2022 and close in 2024: the empty cells between them mean « as before »."""
    a_rate("new_unit", "2600")
    facility = a_facility(ctg)
    made = a_scenario(ctg, growth={facility.pk: {2022: D(5), 2024: D(0)}})
    form = adviser.get(url("scenario_edit", ctg, made.pk)).context["form"]
    typed = {name: form[name].value() for name in form.fields}
    cells = [typed[f"new_{facility.pk}_{year}"] for year in ctg.years]
    assert cells == [None, "5", None, "0", None]
    data = {name: "" if value is None else value for name, value in typed.items()}
    saved(adviser.post(url("scenario_edit", ctg, made.pk), data))
    assert [line.new_units for line in made.lines.order_by("year")] == [0, 5, 5, 0, 0]


def test_a_scenario_is_refused_with_what_was_typed(ctg, adviser):
    facility = a_facility(ctg)
    response = adviser.post(url("scenario_new", ctg), {"name": "X", f"new_{facility.pk}_2023": "beaucoup"})
    assert "beaucoup" in text_of(response)
    a_scenario(ctg, name="X")
    assert "déjà ce nom" in text_of(adviser.post(url("scenario_new", ctg), {"name": "X"}))


def test_a_shared_scenario_is_opened_by_the_lead(ctg, adviser):
    scenario = a_scenario(ctg, growth={a_facility(ctg).pk: {2022: D(1)}}, name="Partagé")
    lead = logged(make_user(ctg=ctg, role=Role.LEAD))
    assert "Partagé" not in text_of(lead.get(url("scenarios", ctg)))
    for _ in range(2):  # the button pressed twice
        saved(adviser.post(url("scenario_share", ctg, scenario.pk)))
    assert "Partagé" in text_of(lead.get(url("scenarios", ctg)))
    saved(adviser.post(url("scenario_unshare", ctg, scenario.pk)))
    assert "Partagé" not in text_of(lead.get(url("scenarios", ctg)))
    saved(adviser.post(url("scenario_delete", ctg, scenario.pk)))
    assert not Scenario.objects.exists()


def test_three_scenarios_at_most_and_those_chosen(ctg, adviser):
    names = ["Alpha", "Bravo", "Charlie", "Delta"]
    scenarios = [a_scenario(ctg, a_contract(ctg), name=name) for name in names]
    assert len(adviser.get(url("scenarios", ctg)).context["columns"]) == 3
    chosen = adviser.get(url("scenarios", ctg) + f"?s={scenarios[3].pk}").context["columns"]
    assert [column.scenario.name for column in chosen] == ["Delta"]


# --- The Caf ---


def test_a_cof_is_signed_paid_and_justified_from_its_page(ctg, adviser):
    facility = a_facility(ctg, "Crèche")
    data = {
        "reference": "COF-1",
        "territory": ctg.territory_id,
        "facility": facility.pk,
        "payee": facility.manager_id,
        "scheme": a_scheme("psu").pk,
        "signed_on": "2022-01-05",
        "starts_on": "2022-01-01",
        "ends_on": "2025-12-31",
        "advance_percent": "70",
    }
    saved(adviser.post(caf_url("agreement_new", ctg), data))
    cof = FundingAgreement.objects.get()
    save(a_line(facility, ctg, "1000", agreement=cof))
    payment = {"year": 2022, "kind": "advance", "amount": "700,01", "paid_on": "2022-03-15"}
    refusal = text_of(adviser.post(caf_url("payment_new", ctg, cof.pk), payment))
    assert "il reste 700,00 € à avancer" in refusal
    assert "700,01" in refusal
    assert not Payment.objects.exists()
    saved(adviser.post(caf_url("payment_new", ctg, cof.pk), payment | {"amount": "700"}))
    saved(adviser.post(caf_url("justification_new", ctg, cof.pk), {"year": 2022, "received_on": "2023-05-02"}))
    page = text_of(adviser.get(caf_url("agreement", ctg, cof.pk)))
    assert "Acompte" in page
    assert "Pièces 2022 reçues le 2 mai 2023" in page
    saved(adviser.post(caf_url("agreement_edit", ctg, cof.pk), data | {"ends_on": "2026-12-31"}))
    assert "COF-1" in text_of(adviser.get(caf_url("due", ctg) + "?annee=2022"))
    assert "non saisi" in text_of(adviser.get(caf_url("due", ctg) + "?annee=2023"))
    save(a_line(facility, ctg, None, agreement=cof, year=2023))
    later = text_of(adviser.get(caf_url("due", ctg) + "?annee=2023"))
    assert "à chiffrer" in later
    assert "non saisi" not in later


def test_the_totals_of_a_caf_tie(ctg, adviser):
    other = make_ctg(ctg.caf, place=make_epci(ctg.caf.territory, name="Vallespir"))
    for place, amount in ((ctg, "10.10"), (other, "20.20")):
        for year in (2018, 2019):
            add_line(place, "A", amount, year=year)
            save(a_line(a_facility(place), place, amount, year=year, state="actual"))
    add_line(make_ctg(CafFactory()), "Ailleurs", "4567.89")
    by_territory, by_scheme = caf_summary.by_territory_and_scheme(ctg.caf, state="actual")
    assert by_territory.total == by_scheme.total == sum(row.total for row in by_scheme.rows) == D("121.20")
    assert by_territory.totals == by_scheme.totals == [D("60.60"), D("60.60")]
    page = text_of(adviser.get(caf_url("money", ctg)))
    assert page.count("121,20 €") >= 3
    assert "4 567,89" not in page
    assert caf_summary.national(state="actual").total == D("4689.09")


def test_the_summary_is_one_aggregate(ctg, django_assert_num_queries):
    add_line(ctg, "A", "1")
    with django_assert_num_queries(3):  # the aggregate, then the names of what it found
        caf_summary.by_territory_and_scheme(ctg.caf, state="actual")
    with django_assert_num_queries(1):
        caf_summary.national(state="actual")


def test_only_the_administration_reads_all_the_cafs(ctg, adviser):
    add_line(make_ctg(CafFactory()), "Ailleurs", "1234")
    assert "Toutes les Caf" not in text_of(adviser.get(caf_url("money", ctg)))
    page = text_of(logged(make_superuser()).get(caf_url("money", ctg)))
    assert "Toutes les Caf" in page
    assert "1 234 €" in page


def test_a_file_is_read_shown_and_applied_from_the_page(ctg, adviser):
    facility = a_facility(ctg)
    line = save(a_line(facility, ctg, "1000"))
    content = register_workbook(ctg.caf, on=date(2022, 1, 1))
    line.amount = D(2000)
    services.save_funding_line(line, by=None)
    response = adviser.post(caf_url("import_new", ctg), {"file": SimpleUploadedFile("lignes.xlsx", content)})
    sent = FundingImport.objects.get()
    assert response["Location"] == caf_url("import_preview", ctg, sent.pk)
    preview = text_of(adviser.get(response["Location"]))
    assert "Montant (€) : 2 000 € → 1 000 €" in preview
    line.refresh_from_db()
    assert line.amount == 2000
    saved(adviser.post(caf_url("import_apply", ctg, sent.pk)))
    line.refresh_from_db()
    assert line.amount == 1000
    assert "Déjà appliqué" in text_of(adviser.get(response["Location"]))


def test_a_file_that_cannot_be_read_is_refused_on_the_page(ctg, adviser):
    response = adviser.post(caf_url("import_new", ctg), {"file": SimpleUploadedFile("x.xlsx", b"\x00\x01")})
    assert "n’est pas un classeur Excel" in text_of(response)
    response = adviser.post(caf_url("import_new", ctg), {"file": SimpleUploadedFile("x.xlsx", b"PK\x03\x04 rien")})
    page = text_of(adviser.get(response["Location"]))
    assert "n’est pas un classeur Excel" in page
    assert "Appliquer" not in page
    assert "Refusé" in text_of(adviser.get(caf_url("import_new", ctg)))


def test_a_file_of_another_caf_is_not_there(ctg, adviser):
    other = make_ctg(CafFactory(), place=ctg.territory)
    sent = receive_import(
        other.caf, name="lignes.xlsx", content=register_workbook(other.caf, on=date(2022, 1, 1)), by=None
    )
    assert adviser.get(caf_url("import_preview", ctg, sent.pk)).status_code == 404
    assert adviser.get(caf_url("import_preview", other, sent.pk)).status_code == 404
    assert adviser.post(caf_url("import_apply", ctg, sent.pk)).status_code == 404


def test_a_file_being_read_shows_how_far_it_is_and_is_read_again(ctg, adviser):
    save(a_line(a_facility(ctg), ctg, "1000"))
    content = register_workbook(ctg.caf, on=date(2022, 1, 1))
    sent = receive_import(ctg.caf, name="lignes.xlsx", content=content, by=None)
    FundingImport.objects.update(state="reading", progress=60)
    page = text_of(adviser.get(caf_url("import_preview", ctg, sent.pk)))
    assert 'value="60"' in page
    assert 'hx-trigger="every 1s"' in page
    saved(adviser.post(caf_url("import_read", ctg, sent.pk)))
    assert "Rien à changer" in text_of(adviser.get(caf_url("import_preview", ctg, sent.pk)))


def test_the_rates_are_public_with_what_remains_to_verify():
    a_rate("new_unit", "3600", wealth="low", to_verify=True)
    a_rate("floor", None)
    page = text_of(Client().get(reverse("rates")))
    assert "3 600" in page
    assert "à vérifier" in page
    assert "à chiffrer" in page


def test_a_real_bonus_is_refused_on_the_page_with_what_is_missing(ctg, adviser):
    facility = a_facility(ctg)
    data = {
        "year": 2022,
        "period": "civil",
        "facility": facility.pk,
        "scheme": a_scheme("bt-eaje").pk,
        "state": "actual",
    }
    data |= {"nature": "running", "rounding": 0, "amount": "10", "source": "x"}
    page = text_of(adviser.post(url("funding_new", ctg), data))
    assert "la convention n’est pas signée" in page
    make_eligible(facility, ctg)
    saved(adviser.post(url("funding_new", ctg), data))


@pytest.mark.once
def test_the_pages_of_the_money_never_grow(ctg, adviser, django_assert_max_num_queries):
    for number in range(4):
        facility = make_eligible(a_facility(ctg, f"Crèche {number}"), ctg, signed=False)
        cof = a_cof(facility, ctg)
        save(a_line(facility, ctg, "10", agreement=cof))
    for name in ("funding", "facilities", "scenarios"):
        with django_assert_max_num_queries(15):
            adviser.get(url(name, ctg))
    for name in ("money", "due"):
        with django_assert_max_num_queries(10):
            adviser.get(caf_url(name, ctg))
