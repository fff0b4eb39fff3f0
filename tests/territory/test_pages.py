"""The pages of the territory, as each person meets them."""

import io
import re
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from ctg_site.audit.models import Entry
from territory import services
from territory.models import (
    ConsistencyRule,
    ControlTotal,
    FundingLine,
    Indicator,
    Invitation,
    Membership,
    Role,
    Scheme,
    ServiceKind,
    Value,
)
from tests.territory.factories import (
    CafFactory,
    IndicatorFactory,
    OrganisationFactory,
    SourceFactory,
    add_line,
    add_outline,
    add_total,
    add_value,
    communes_of,
    make_country,
    make_ctg,
    make_epci,
    make_invitation,
    make_publishable,
    make_published,
    make_user,
    population_indicator,
)

pytestmark = pytest.mark.django_db

NBSP, THIN = "\u00a0", "\u202f"
INSIDE = ["figures", "figure_type", "funding_new", "total_new", "members", "invite"]
POSTS = ["portrait_publish", "portrait_unpublish", "calendar_publish", "calendar_unpublish"]


@pytest.fixture
def ctg():
    country = make_country()
    return make_ctg(country.caf, place=make_epci(country.department))


@pytest.fixture
def adviser(ctg):
    return logged(make_user("Alix Conseil", caf=ctg.caf, role=Role.CAF_ADVISER))


def logged(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def url(name: str, ctg, *args) -> str:
    return reverse(f"territory:{name}", args=[ctg.slug, *args])


def text_of(response) -> str:
    return response.content.decode()


# --- Who opens what ---


@pytest.mark.parametrize("page", INSIDE)
@pytest.mark.parametrize(
    ("who", "code"), [("outsider", 404), ("stranger", 404), ("reader", 403), ("caf_reader", 403), ("adviser", 200)]
)
def test_pages_of_the_inside(ctg, page, who, code):
    make_published(ctg)
    people = {
        "outsider": lambda: make_user(caf=make_ctg().caf, role=Role.CAF_MANAGER),
        "stranger": make_user,
        "reader": lambda: make_user(ctg=ctg, role=Role.READER),
        "caf_reader": lambda: make_user(caf=ctg.caf, role=Role.CAF_READER),
        "adviser": lambda: make_user(caf=ctg.caf, role=Role.CAF_ADVISER),
    }
    assert logged(people[who]()).get(url(page, ctg)).status_code == code


@pytest.mark.parametrize("page", INSIDE)
def test_pages_of_the_inside_ask_for_a_login(ctg, page, client):
    assert "/compte/connexion/" in client.get(url(page, ctg))["Location"]


@pytest.mark.parametrize("name", POSTS)
def test_gestures_are_posted_by_those_who_steer(ctg, name):
    assert logged(make_user(ctg=ctg, role=Role.LEAD)).get(url(name, ctg)).status_code == 405
    assert logged(make_user(ctg=ctg, role=Role.EDITOR)).post(url(name, ctg)).status_code == 403
    assert logged(make_user(caf=make_ctg().caf, role=Role.CAF_MANAGER)).post(url(name, ctg)).status_code == 404
    assert logged(make_user(ctg=ctg, role=Role.LEAD)).post(url(name, ctg)).status_code == 302


def test_what_is_not_published_does_not_exist_outside(ctg, client):
    for page in ("funding", "portrait_xlsx"):
        assert client.get(url(page, ctg)).status_code == 404
        assert logged(make_user(ctg=ctg, role=Role.READER)).get(url(page, ctg)).status_code == 200
    make_published(ctg)
    for page in ("funding", "portrait_xlsx"):
        assert client.get(url(page, ctg)).status_code == 200


# --- Publishing ---


def test_a_refused_publication_says_each_thing_missing(ctg, adviser):
    response = adviser.post(url("portrait_publish", ctg), follow=True)
    assert "Saisir la population du territoire." in text_of(response)
    assert "Saisir au moins un indicateur clé du territoire." in text_of(response)
    make_publishable(ctg)
    adviser.post(url("portrait_publish", ctg))
    ctg.refresh_from_db()
    assert ctg.portrait_published_at


# --- The money ---


@pytest.fixture
def reference(ctg):
    return {
        "service": ServiceKind.objects.create(code="eaje", label="Accueil du jeune enfant").pk,
        "scheme": Scheme.objects.create(code="ps", label="Prestation de service").pk,
    }


def a_line(reference, **changes) -> dict:
    line = {
        "year": 2019,
        "period": "civil",
        "label": "2 EAJE",
        "state": "actual",
        "nature": "running",
        "rounding": 100,
        "source": "Présentation",
    }
    return line | reference | {"amount": f"442{THIN}500,50 €", "quantity": "2", "unit": "établissements"} | changes


def test_a_line_is_typed_corrected_and_deleted(ctg, adviser, reference):
    adviser.post(url("funding_new", ctg), a_line(reference))
    line = FundingLine.objects.get()
    assert (line.amount, line.caf, line.territory) == (Decimal("442500.50"), ctg.caf, ctg.territory)
    assert f"442{THIN}500,50{NBSP}€" in text_of(adviser.get(url("funding", ctg)))
    adviser.post(url("funding_edit", ctg, line.pk), a_line(reference, amount="442500"))
    line.refresh_from_db()
    assert line.amount == 442500
    assert [row.amount for row in line.history.order_by("history_id")] == [Decimal("442500.50"), Decimal("442500.00")]
    adviser.post(url("funding_delete", ctg, line.pk))
    assert not FundingLine.objects.exists()


@pytest.mark.parametrize("amount", ["-1", "beaucoup", "1,234", "", "1e9", "NaN", "99999999999"])
def test_a_wrong_amount_is_refused_and_nothing_typed_is_lost(ctg, adviser, reference, amount):
    response = adviser.post(url("funding_new", ctg), a_line(reference, amount=amount))
    assert response.status_code == 200
    assert "2 EAJE" in text_of(response)
    assert not FundingLine.objects.exists()


def test_the_same_line_twice_is_refused_in_the_form(ctg, adviser, reference):
    adviser.post(url("funding_new", ctg), a_line(reference))
    response = adviser.post(url("funding_new", ctg), a_line(reference, amount="7"))
    assert "Cette ligne existe déjà pour cette année." in text_of(response)
    assert FundingLine.objects.count() == 1


def test_a_stated_total_is_kept_beside_the_lines(ctg, adviser, reference):
    add_line(ctg, "Lignes", "1089800")
    total = {"year": 2019, "scheme": reference["scheme"], "amount": "1088787", "rounding": 0, "source": "Présentation"}
    adviser.post(url("total_new", ctg), total)
    page = text_of(adviser.get(url("funding", ctg)))
    for amount in (f"1{THIN}089{THIN}800{NBSP}€", f"1{THIN}088{THIN}787{NBSP}€", f"1{THIN}013{NBSP}€"):
        assert amount in page
    found = ControlTotal.objects.get()
    adviser.post(url("total_edit", ctg, found.pk), total | {"amount": "1089800"})
    assert "Écart de" not in text_of(adviser.get(url("funding", ctg)))
    adviser.post(url("total_delete", ctg, found.pk))
    assert not ControlTotal.objects.exists()


def test_the_lines_of_another_ctg_are_out_of_reach(ctg, adviser):
    other = make_ctg()
    line, total = add_line(other, "Ailleurs", "10"), add_total(other, "PS", "10")
    for name, pk in [("funding_edit", line.pk), ("total_edit", total.pk)]:
        assert adviser.get(url(name, ctg, pk)).status_code == 404
    for name, pk in [("funding_delete", line.pk), ("total_delete", total.pk)]:
        assert adviser.post(url(name, ctg, pk)).status_code == 404
    assert "Ailleurs" not in text_of(adviser.get(url("funding", ctg)))
    assert FundingLine.objects.get() == line


def test_a_reader_sees_the_lines_and_no_way_to_change_them(ctg):
    line = add_line(ctg, "2 EAJE", "442500")
    reader = logged(make_user(ctg=ctg, role=Role.LEAD))
    page = text_of(reader.get(url("funding", ctg)))
    assert "2 EAJE" in page
    assert url("funding_edit", ctg, line.pk) not in page
    assert reader.post(url("funding_delete", ctg, line.pk)).status_code == 403


# --- The figures ---


def a_figure(**changes) -> dict:
    return {"place": "here", "year": 2019, "quality": "exact", "number": "43 %", "document": "Diaporama"} | changes


@pytest.mark.parametrize(
    ("typed", "number"), [("43", 43), (f"43{NBSP}%", 43), ("2,5 Etp", "2.5"), ("−4", -4), (f"8{THIN}629", 8629)]
)
def test_a_figure_is_typed_with_or_without_its_unit(ctg, adviser, typed, number):
    unit = "fte" if "Etp" in typed else "count" if "−" in typed else "percent"  # a balance may be negative
    indicator, source = IndicatorFactory(unit=unit), SourceFactory()
    adviser.post(url("figure_type", ctg), a_figure(indicator=indicator.pk, source=source.pk, number=typed))
    value = Value.objects.get()
    assert (value.number, value.territory, value.release.caf) == (Decimal(number), ctg.territory, ctg.caf)


@pytest.mark.parametrize(
    ("changes", "typed", "said"),
    [
        ({"unit": "count"}, f"43{NBSP}%", "sans « % »"),
        ({"unit": "percent"}, "43 €", "sans « € »"),
        ({"unit": "percent"}, "0,43", "Écrivez le signe %"),
        ({"people": True, "unit_name": "foyers"}, "2,5", "compte des foyers"),
        ({"people": True}, "-3", "est un effectif\u00a0: sa valeur ne peut pas être négative"),
        ({"unit": "percent"}, "-3 %", "est une part\u00a0: sa valeur ne peut pas être négative"),
        ({"unit": "rate"}, "-3", "est un taux\u00a0: sa valeur ne peut pas être négative"),
        ({"unit": "fte"}, "-0,5 Etp", "est un nombre de postes\u00a0: sa valeur ne peut pas être négative"),
        ({"evolution": True}, "13 %", "donnez aussi l’année de départ"),
    ],
)
def test_a_figure_that_does_not_fit_its_indicator_is_refused_in_words(ctg, adviser, changes, typed, said):
    indicator, source = IndicatorFactory(**changes), SourceFactory()
    sent = a_figure(indicator=indicator.pk, source=source.pk, number=typed)
    assert said in text_of(adviser.post(url("figure_type", ctg), sent))
    assert not Value.objects.exists()


@pytest.mark.parametrize(("typed", "number"), [("0,43 %", "0.43"), ("0", "0"), ("0 %", "0")])
def test_with_its_sign_a_share_below_one_is_taken_as_written(ctg, adviser, typed, number):
    sent = a_figure(indicator=IndicatorFactory().pk, source=SourceFactory().pk, number=typed)
    adviser.post(url("figure_type", ctg), sent)
    assert Value.objects.get().number == Decimal(number)


def test_a_year_to_come_is_refused_on_the_page(ctg, adviser):
    sent = a_figure(indicator=IndicatorFactory().pk, source=SourceFactory().pk, number="43 %")
    said = text_of(adviser.post(url("figure_type", ctg), sent | {"year": "2031"}))
    assert "L’année 2031 n’est pas encore venue\u00a0: corrigez-la." in said
    assert not Value.objects.exists()


def test_what_the_caf_typed_is_listed_even_when_it_is_no_key_figure_and_may_be_removed(ctg, adviser):
    heads = IndicatorFactory(people=True, label="Foyers au RSA")
    add_value(heads, ctg.territory, 412, caf=ctg.caf, document="Diaporama du 9 juin")
    add_value(heads, ctg.territory, 500)  # open data are nobody's to remove
    page = text_of(adviser.get(url("figures", ctg)))
    assert "Foyers au RSA" in page
    assert "412" in page
    value = Value.objects.get(release__caf=ctg.caf)
    away = reverse("territory:figure_delete", args=[ctg.slug, value.pk])
    assert logged(make_user(ctg=ctg, role=Role.LEAD)).post(away).status_code == 403
    assert adviser.post(away).status_code == 302
    assert [row.number for row in Value.objects.all()] == [500]
    assert Entry.objects.filter(verb="figure.removed").exists()


def test_only_what_this_caf_typed_of_these_places_is_removed(ctg, adviser):
    open_figure = add_value(IndicatorFactory(), ctg.territory, 43)
    another = add_value(IndicatorFactory(), ctg.territory, 43, caf=CafFactory())
    elsewhere = add_value(IndicatorFactory(), make_epci(), 43, caf=ctg.caf)
    for value in (open_figure, another, elsewhere):
        away = reverse("territory:figure_delete", args=[ctg.slug, value.pk])
        assert adviser.post(away).status_code == 404
    assert Value.objects.count() == 3


def test_rules_between_figures_judge_what_is_no_key_figure_too(ctg, adviser):
    heads, whole = (IndicatorFactory(people=True, label=label) for label in ("Foyers au RSA", "Foyers allocataires"))
    ConsistencyRule.objects.create(code="essai", indicator=heads, relation="at_most", first=whole, sentence="Trop.")
    add_value(heads, ctg.territory, 412, caf=ctg.caf)
    add_value(whole, ctg.territory, 400, caf=ctg.caf)
    assert "Foyers au RSA : 412, au-dessus de Foyers allocataires : 400" in text_of(adviser.get(url("figures", ctg)))


@pytest.mark.parametrize(
    ("place", "name"), [("department", "Pyrénées-Orientales"), ("france", "France métropolitaine")]
)
def test_the_columns_of_comparison_are_typed_too(ctg, adviser, place, name):
    adviser.post(
        url("figure_type", ctg), a_figure(indicator=IndicatorFactory().pk, source=SourceFactory().pk, place=place)
    )
    assert Value.objects.get().territory.name == name


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"number": ""}, "Donnez la valeur"),
        ({"quality": "masked"}, "videz la valeur"),
        ({"number": "beaucoup"}, "Écrivez un nombre"),
        ({"place": "ailleurs"}, "Sélectionnez un choix valide"),
        ({"year": "deux mille"}, "nombre entier"),
        ({"start_year": 2020}, "année de départ"),
    ],
)
def test_a_wrong_figure_is_refused_and_nothing_typed_is_lost(ctg, adviser, changes, sentence):
    typed = a_figure(indicator=IndicatorFactory().pk, source=SourceFactory().pk) | changes
    page = text_of(adviser.post(url("figure_type", ctg), typed))
    assert sentence in page
    assert "Diaporama" in page
    assert not Value.objects.exists()


def test_a_secret_figure_has_no_number(ctg, adviser):
    indicator = IndicatorFactory(people=True, is_key=True)
    typed = a_figure(indicator=indicator.pk, source=SourceFactory().pk, quality="masked", number="")
    adviser.post(url("figure_type", ctg), typed)
    assert "secret" in text_of(adviser.get(url("figures", ctg)))


def test_the_table_opens_the_form_on_the_figure_and_saving_it_corrects_it(ctg, adviser):
    indicator = IndicatorFactory(label="Bas revenus", evolution=True)
    add_value(indicator, ctg.territory, 43, start_year=2014, caf=ctg.caf, document="Diaporama du 9 juin")
    page = text_of(adviser.get(url("figures", ctg)))
    link = re.search(r'href="([^"]*indicator[^"]*)"', page)[1].replace("&amp;", "&")
    form = adviser.get(link).context["form"]
    assert str(form["indicator"].value()) == str(indicator.pk)
    shown = {
        name: form[name].value() for name in ("place", "year", "start_year", "number", "source", "document", "quality")
    }
    adviser.post(link, shown | {"indicator": indicator.pk, "number": "44"})
    assert [value.number for value in Value.objects.all()] == [44]


def test_what_is_computed_is_typed_and_not_corrected(ctg, adviser):
    """A sum of the communes, a ratio, the figure of an EPCI of the same communes: there is nothing of the place to correct."""
    people, households = population_indicator(), IndicatorFactory(code="foyers-allocataires", is_key=False, people=True)
    share = IndicatorFactory(label="Foyers pour 100 habitants", numerator=households, denominator=people)
    median = IndicatorFactory(label="Niveau de vie", unit=Indicator.Unit.EURO)
    valley = make_ctg(ctg.caf, place=ctg.territory, communes=communes_of(ctg.territory)[:2], name="Vallée")
    for commune in valley.communes.all():
        add_value(people, commune, 150)
    add_value(households, valley.territory, 90, caf=ctg.caf)
    ctg.territory.members.through.objects.filter(group=ctg.territory).exclude(
        commune__in=valley.communes.all()
    ).delete()
    add_value(median, ctg.territory, 18890)
    page = text_of(adviser.get(url("figures", valley)))
    assert [word in page for word in (f"30{NBSP}%", f"18{THIN}890{NBSP}€")] == [True, True]
    verbs = {label: verb for verb, label in re.findall(r'>(\w+)<span class="vh"> ([^<]*), Vallée<', page)}
    assert [verbs[one.label] for one in (people, households, share, median)] == [
        "Saisir",
        "Corriger",
        "Saisir",
        "Saisir",
    ]


def test_a_lead_checks_the_figures_and_the_caf_types_them(ctg):
    lead = logged(make_user(ctg=ctg, role=Role.LEAD))
    assert url("figure_type", ctg) not in text_of(lead.get(url("figures", ctg)))
    assert lead.get(url("figure_type", ctg)).status_code == 403


# --- The team ---


def test_someone_is_invited_reminded_and_revoked(ctg, adviser, django_capture_on_commit_callbacks, mailoutbox):
    organisation = OrganisationFactory(caf=ctg.caf, name="Association du canal")
    guest = {
        "full_name": "Camille Essai",
        "email": "camille@essai.example",
        "role": Role.CONTRIBUTOR,
        "organisation": organisation.pk,
    }
    with django_capture_on_commit_callbacks(execute=True):
        adviser.post(url("invite", ctg), guest)
    invitation = Invitation.objects.get()
    page = text_of(adviser.get(url("members", ctg)))
    for text in ("Camille Essai", "Association du canal", "envoyée"):
        assert text in page
    with django_capture_on_commit_callbacks(execute=True):
        adviser.post(url("invitation_remind", ctg, invitation.pk))
    assert [mail.to for mail in mailoutbox] == [["camille@essai.example"]] * 2
    adviser.post(url("invitation_revoke", ctg, invitation.pk))
    assert "annulée" in text_of(adviser.get(url("members", ctg)))


def test_the_organisations_proposed_are_those_of_the_caf(ctg, adviser):
    mine, other = OrganisationFactory(caf=ctg.caf, name="Ici"), OrganisationFactory(name="Ailleurs")
    page = text_of(adviser.get(url("invite", ctg)))
    assert "Ici" in page
    assert "Ailleurs" not in page
    guest = {"full_name": "Camille", "email": "c@essai.example", "role": Role.READER}
    adviser.post(url("invite", ctg), guest | {"organisation": other.pk})
    assert not Invitation.objects.exists()
    adviser.post(url("invite", ctg), guest | {"organisation": mine.pk})
    assert Invitation.objects.get().organisation == mine


def test_a_role_of_the_caf_is_not_offered(ctg, adviser):
    guest = {"full_name": "Camille", "email": "c@essai.example", "role": Role.CAF_MANAGER}
    assert adviser.post(url("invite", ctg), guest).status_code == 200
    assert not Invitation.objects.exists()


def test_a_role_is_withdrawn(ctg, adviser):
    membership = services.grant_role(user=make_user(), role=Role.EDITOR, ctg=ctg, by=None)
    adviser.post(url("member_withdraw", ctg, membership.pk))
    assert not Membership.objects.filter(pk=membership.pk).exists()


def test_the_people_of_another_ctg_are_out_of_reach(ctg, adviser):
    other = make_ctg(ctg.caf)
    lead = logged(make_user(ctg=ctg, role=Role.LEAD))
    invitation = make_invitation(other, full_name="Sacha Ailleurs")
    membership = services.grant_role(user=make_user(), role=Role.EDITOR, ctg=other, by=None)
    for name, pk in [
        ("invitation_remind", invitation.pk),
        ("invitation_revoke", invitation.pk),
        ("member_withdraw", membership.pk),
    ]:
        assert lead.post(url(name, ctg, pk)).status_code == 404
        assert lead.post(url(name, other, pk)).status_code == 404
    assert "Sacha" not in text_of(lead.get(url("members", ctg)))


def test_the_roles_of_the_caf_are_not_withdrawn_here(ctg, adviser):
    membership = Membership.objects.get(caf=ctg.caf)
    assert adviser.post(url("member_withdraw", ctg, membership.pk)).status_code == 404


# --- What leaves: the workbook and the page ---


def sheets(response):
    return load_workbook(io.BytesIO(response.content))


def test_the_workbook_has_typed_cells(ctg, adviser):
    make_publishable(ctg)
    for commune in communes_of(ctg.territory):
        add_value(population_indicator(), commune, 100, year=2017)
    add_line(ctg, "=1+1", "1089800")
    add_total(ctg, "PS et Cej", "1088787")
    book = sheets(adviser.get(url("portrait_xlsx", ctg)))
    facts = {row[0].value: row[1] for row in book["Chiffres"].iter_rows(min_row=2)}
    assert facts["Population municipale"].value == 20391
    rates = {row[0].value: row[1] for row in book["Indicateurs comparés"].iter_rows(min_row=2)}
    assert (rates["Allocataires à bas revenus"].value, rates["Allocataires à bas revenus"].number_format) == (
        0.43,
        "0 %",
    )
    (line,) = book["Financements"].iter_rows(min_row=2)
    assert (line[1].value, line[1].data_type, line[8].value) == ("=1+1", "s", 1089800)
    assert 1013 in [row[2].value for row in book["Totaux"].iter_rows(min_row=2)]
    assert [row[2].value for row in book["Communes"].iter_rows(min_row=2)] == [100, 100, 100]


SECRETS = {"people": 3, "commune": 4}


@pytest.fixture
def secret(ctg):
    """Small counts of people, here and in a commune."""
    make_publishable(ctg)
    source = SourceFactory(threshold=11)
    people = IndicatorFactory(people=True, is_key=True, label="Enfants malades")
    add_value(people, ctg.territory, "3.0137", caf=ctg.caf)
    population = population_indicator()
    population.counts_people = True
    population.save()
    for number, commune in zip(("4.0137", "8.0137", "900"), communes_of(ctg.territory), strict=True):
        add_value(population, commune, number, year=2017, source=source)
        add_outline(commune, 2.0 + float(number) / 100)
    services.publish_portrait(ctg, by=None)
    return ctg


@pytest.mark.parametrize("who", ["anonymous", "adviser"])
def test_no_masked_number_is_in_the_page_nor_in_the_workbook(secret, client, adviser, who):
    visitor = adviser if who == "adviser" else client
    page = text_of(visitor.get(reverse("ctg", args=[secret.slug])))
    assert "Enfants malades" in page
    assert "secret" in page
    book = sheets(visitor.get(url("portrait_xlsx", secret)))
    cells = [str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row]
    assert cells.count("secret statistique") >= 3
    for leak in ("0137", "0,0137", "3,01", "4,01", "8,01"):
        assert leak not in page
        assert not any(leak in cell for cell in cells)


# --- Queries ---


@pytest.mark.once
@pytest.mark.parametrize("page", ["funding", "figures", "members"])
def test_a_page_takes_as_many_queries_whatever_it_shows(ctg, adviser, page):
    def grow(count):
        for number in range(count):
            add_line(ctg, f"{page} {FundingLine.objects.count()}", "10")
            add_value(IndicatorFactory(), ctg.territory, number, caf=ctg.caf, source=SourceFactory())
            make_invitation(ctg, organisation=OrganisationFactory(caf=ctg.caf))
            make_user(ctg=ctg, role=Role.READER)

    def queries():
        with CaptureQueriesContext(connection) as captured:
            assert adviser.get(url(page, ctg)).status_code == 200
        return len(captured)

    grow(2)
    before = queries()
    assert before <= 15
    grow(10)
    assert queries() == before
