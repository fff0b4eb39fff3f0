"""The back office of a Caf: what each person sees, what they may write, what a rule refuses."""

from datetime import date
from decimal import Decimal

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from ctg_site.accounts.models import User
from territory import services
from territory.admin import CafHistoryAdmin, CafScopedAdmin
from territory.imports.filing import receive_file
from territory.models import (
    AskedGesture,
    Comment,
    Contact,
    ControlTotal,
    Ctg,
    FundingImport,
    FundingLine,
    FundingRollup,
    Invitation,
    Membership,
    Organisation,
    Rank,
    Role,
    Territory,
    Value,
    Withholding,
)
from tests.territory import money
from tests.territory.factories import (
    CafFactory,
    IndicatorFactory,
    OrganisationFactory,
    add_line,
    add_outline,
    add_total,
    add_value,
    communes_of,
    make_ctg,
    make_epci,
    make_invitation,
    make_published,
    make_superuser,
    make_user,
)

pytestmark = pytest.mark.django_db

MODELS = list(apps.get_app_config("territory").get_models())
OURS = [model for model in MODELS if not model.__name__.startswith("Historical") and not model._meta.auto_created]
OF_A_CAF = [model for model in OURS if model in admin.site._registry and admin.site._registry[model].caf_path]


def logged(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def page(model, name: str, *args) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{name}", args=args)


def furnish(ctg) -> dict:
    """One row of each model that belongs to a Caf, with a name to look for."""
    mark = f"Propre à {ctg.caf.name}"
    organisation = OrganisationFactory(caf=ctg.caf, name=mark)
    add_value(IndicatorFactory(), ctg.territory, 43, caf=ctg.caf, document=mark)
    perimeter = make_ctg(ctg.caf, communes=communes_of(ctg.territory)[:1], place=ctg.territory, name=mark).territory
    user = make_user(mark)
    rows = [
        ctg,
        ctg.caf,
        organisation,
        perimeter,
        perimeter.communes_on(ctg.starts_on).get().belongings.get(group=perimeter),
        Contact.objects.create(organisation=organisation, full_name=mark),
        Comment.objects.create(
            ctg=ctg, subject_kind="constat", subject_id=1, subject_label=mark, author=user, text=mark
        ),
        services.grant_role(user=user, role=Role.EDITOR, ctg=ctg, by=None),
        make_invitation(ctg, full_name=mark),
        services.state_fact(ctg, kind="signed", on=date(2021, 12, 15), by=None),
        add_line(ctg, mark, "100"),
        add_total(ctg, "Prestation de service", "100"),
        Value.objects.get(release__name=mark),
        Value.objects.get(release__name=mark).release,
        Rank.objects.get(caf=ctg.caf),
        Withholding.objects.create(
            caf=ctg.caf, indicator=Rank.objects.get(caf=ctg.caf).indicator, territory=ctg.territory, year=2018
        ),
        AskedGesture.objects.create(caf=ctg.caf, kind="check", about=mark),
        receive_file(f"{mark}.csv", [b"Code;Valeur"], caf=ctg.caf, by=None),
    ]
    return {type(row): row for row in rows} | furnish_money(ctg, mark)


def furnish_money(ctg, mark: str) -> dict:
    """The money of this Caf: an equipment under a COF, the Cej before it, the scenario after."""
    facility = money.make_eligible(money.a_facility(ctg, mark), ctg, signed=False)
    cof = money.a_cof(facility, ctg, reference=f"COF-{facility.code}")
    line = money.save(money.a_line(facility, ctg, "1000", agreement=cof))
    contract = money.a_contract(ctg)
    action = money.an_action(contract)
    scenario = money.a_scenario(ctg, contract)
    shares = services.split_legacy_action(action, {facility: Decimal(7)}, by=None)
    services.save_scenario(scenario, growth={}, by=None, at=money.AT)
    sent = FundingImport.objects.create(caf=ctg.caf, name=mark, content=b"", sha256="")
    rows = [
        facility,
        facility.facts.first(),
        cof,
        line,
        money.pay(cof, "700"),
        services.record_justification(cof, year=2022, received_on=date(2023, 5, 2), by=None),
        contract,
        action,
        shares[0],
        scenario,
        scenario.lines.first(),
        FundingRollup.objects.get(caf=ctg.caf, year=2022),
        sent,
    ]
    return {type(row): row for row in rows}


@pytest.fixture
def ctg():
    return make_ctg(CafFactory(name="Caf du Roussillon"))


@pytest.fixture
def adviser(ctg):
    return logged(make_user("Alix Conseil", caf=ctg.caf, role=Role.CAF_ADVISER))


@pytest.fixture(scope="module")
def furnished(shared_rows):
    """Two Cafs with a row of each model, read by many tests and written by none."""
    with shared_rows():
        ctg, other = make_ctg(CafFactory(name="Caf du Roussillon")), make_ctg(CafFactory(name="Caf d’ailleurs"))
        yield ctg, furnish(ctg) | {Territory: ctg.territory}, furnish(other)


# --- Every model, every person ---


def test_every_model_is_in_the_back_office_and_scoped():
    assert {model for model in OURS if model not in admin.site._registry} == set()
    assert all(isinstance(admin.site._registry[model], CafScopedAdmin) for model in OURS)


def test_every_list_has_an_order_a_search_and_its_relations():
    for model in OURS:
        registered = admin.site._registry[model]
        shown = {name for name in registered.list_display if name in {field.name for field in model._meta.fields}}
        relations = {name for name in shown if model._meta.get_field(name).is_relation}
        assert registered.ordering, model
        assert registered.search_fields, model
        assert relations <= set(registered.list_select_related or []), model


@pytest.mark.parametrize("model", OF_A_CAF, ids=lambda model: model.__name__)
def test_a_row_is_seen_by_its_caf_only(furnished, model):
    ctg, *rows = furnished
    mine, theirs = (of_a_caf[model] for of_a_caf in rows)
    adviser = logged(make_user("Alix Conseil", caf=ctg.caf, role=Role.CAF_ADVISER))
    assert adviser.get(page(model, "change", mine.pk)).status_code == 200
    assert adviser.get(page(model, "change", theirs.pk)).status_code == 302
    keeps_history = isinstance(admin.site._registry[model], CafHistoryAdmin)  # it refuses, Django's own leads back
    assert adviser.get(page(model, "history", theirs.pk)).status_code == (403 if keeps_history else 302)
    listed = adviser.get(page(model, "changelist")).context["cl"].queryset
    assert mine in listed
    assert theirs not in listed
    assert "ailleurs" not in adviser.get(page(model, "changelist")).content.decode()
    assert theirs in logged(make_superuser()).get(page(model, "changelist")).context["cl"].queryset


@pytest.mark.parametrize("model", OURS, ids=lambda model: model.__name__)
def test_who_reads_does_not_write(furnished, model):
    ctg, rows, _ = furnished
    reader = logged(make_user(caf=ctg.caf, role=Role.CAF_READER))
    row = rows.get(model) or model.objects.first()
    assert reader.get(page(model, "changelist")).status_code == 200
    assert reader.get(page(model, "add")).status_code == 403
    if row:
        assert reader.post(page(model, "change", row.pk), {}).status_code == 403
        assert reader.post(page(model, "delete", row.pk), {"post": "yes"}).status_code == 403


@pytest.mark.parametrize("model", OURS, ids=lambda model: model.__name__)
@pytest.mark.parametrize("who", ["nobody", "partner"])
def test_the_back_office_is_closed_to_the_others(ctg, model, who):
    user = make_user() if who == "nobody" else make_user(ctg=ctg, role=Role.LEAD)
    assert logged(user).get(page(model, "changelist")).status_code == 302
    User.objects.filter(pk=user.pk).update(is_staff=True)  # by mistake: without a role, still nothing
    assert logged(User.objects.get(pk=user.pk)).get(page(model, "changelist")).status_code == 403


@pytest.mark.once
def test_a_list_takes_as_many_queries_whatever_its_length(ctg, adviser):
    def queries() -> dict[str, int]:
        found = {}
        for model in OURS:
            with CaptureQueriesContext(connection) as captured:
                assert adviser.get(page(model, "changelist")).status_code == 200, model
            found[model.__name__] = len(captured)
        return found

    add_rows(ctg)
    before = queries()
    add_rows(ctg)
    assert queries() == before
    assert max(before.values()) <= 15


def add_rows(ctg) -> None:
    """Three more rows of each model, each with relations of its own."""
    for _ in range(3):
        place = make_epci(ctg.caf.territory)
        other = make_ctg(ctg.caf, place=place)
        mark = f"Ligne {place.code}"
        organisation = OrganisationFactory(caf=ctg.caf, territory=place)
        Contact.objects.create(organisation=organisation, full_name=mark)
        add_value(IndicatorFactory(), place, 43, caf=ctg.caf, document=mark)
        services.grant_role(user=make_user(), role=Role.EDITOR, ctg=other, organisation=organisation, by=None)
        make_invitation(other, organisation=organisation)
        services.state_fact(other, kind="signed", on=date(2021, 12, 15), by=None)
        add_line(other, mark, "100")
        add_total(other, mark, "100")
        add_outline(communes_of(place)[0], 2.0)
        furnish_money(other, mark)


# --- Choices ---


@pytest.mark.parametrize(
    ("model", "field"), [(FundingLine, "caf"), (ControlTotal, "caf"), (Organisation, "caf"), (Contact, "organisation")]
)
def test_a_relation_offers_only_what_is_of_the_caf(ctg, adviser, model, field):
    OrganisationFactory(caf=ctg.caf)
    OrganisationFactory(caf=CafFactory(name="Caf d’ailleurs"))
    choices = adviser.get(page(model, "add")).context["adminform"].form.fields[field].queryset
    assert choices.count() == 1


def test_a_place_typed_by_hand_must_be_ones_own(ctg, adviser):
    other = make_ctg(communes=communes_of(make_epci())[:1]).territory
    line = add_line(ctg, "2 EAJE", "100")
    for place, saved in ((other, False), (ctg.territory, True)):
        response = adviser.post(page(FundingLine, "change", line.pk), line_data(line, territory=place.pk, amount="200"))
        assert (response.status_code == 302) is saved
        line.refresh_from_db()
        assert (line.amount == 200) is saved


def line_data(line: FundingLine, **changes) -> dict:
    names = ["caf", "territory", "service", "scheme"]
    data = {name: getattr(line, f"{name}_id") for name in names}
    data |= {
        name: getattr(line, name)
        for name in ("year", "period", "label", "state", "nature", "rounding", "source", "unit")
    }
    return data | {"amount": line.amount, "quantity": ""} | changes


# --- The rules hold behind this door too ---


def ctg_data(ctg: Ctg, **changes) -> dict:
    forms = {
        f"{prefix}-{name}": 0
        for prefix in ("facts", "memberships", "invitations")
        for name in ("TOTAL_FORMS", "INITIAL_FORMS")
    }
    data = {"name": ctg.name, "starts_on": ctg.starts_on, "ends_on": ctg.ends_on}
    return data | forms | {"communes": [commune.pk for commune in ctg.communes.all()]} | changes


def test_a_change_goes_through_the_service(ctg, adviser):
    part = [commune.pk for commune in communes_of(ctg.territory)[:1]]
    response = adviser.post(page(Ctg, "change", ctg.pk), ctg_data(ctg, communes=part, name="Haut Conflent"))
    assert response.status_code == 302
    ctg.refresh_from_db()
    assert (ctg.name, ctg.territory.kind) == ("Haut Conflent", Territory.Kind.PERIMETER)
    assert ctg.history.first().history_user.full_name == "Alix Conseil"


def test_a_refusal_comes_back_in_the_form_with_what_was_typed(ctg, adviser):
    services.state_fact(ctg, kind="signed", on=date(2021, 12, 15), by=None)
    response = adviser.post(page(Ctg, "change", ctg.pk), ctg_data(ctg, name="Autre nom"))
    content = response.content.decode()
    assert response.status_code == 200
    assert "Le texte de cette convention est arrêté" in content
    assert "Autre nom" in content
    ctg.refresh_from_db()
    assert ctg.name != "Autre nom"
    assert not LogEntry.objects.exists()


def test_the_period_is_checked_here_too(ctg, adviser):
    response = adviser.post(page(Ctg, "change", ctg.pk), ctg_data(ctg, ends_on="2026-01-01"))
    assert "Une Ctg dure cinq ans au plus." in response.content.decode()


def test_what_changed_is_told_in_french(ctg, adviser):
    line = money.save(money.a_line(money.a_facility(ctg), ctg, "261000.50"))
    for amount in (Decimal("1234.56"), None):
        line.amount = amount
        money.save(line)
    shown = adviser.get(page(FundingLine, "history", line.pk)).text
    assert "1\u202f234,56 → (vide)" in shown
    assert "261\u202f000,5 → 1\u202f234,56" in shown
    assert "Historique" in shown
    assert not [word for word in ("None", "Changes", "261000.50", "de vue") if word in shown]
    ctg.ends_on = date(2024, 12, 31)
    ctg.save()
    assert "31 décembre 2025 → 31 décembre 2024" in adviser.get(page(Ctg, "history", ctg.pk)).text


def test_an_old_version_is_read_and_never_written_back(ctg, adviser):
    ctg.name = "Nouveau nom"
    ctg.save()
    old = ctg.history.order_by("history_id").first()
    address = page(Ctg, "simple_history", ctg.pk, old.history_id)
    assert adviser.get(address).status_code == 200
    assert adviser.post(address, ctg_data(ctg, name=old.name)).status_code == 403
    ctg.refresh_from_db()
    assert ctg.name == "Nouveau nom"


@pytest.mark.parametrize("role", [Role.CAF_ADVISER, Role.CAF_READER])
def test_publishing_is_refused_with_its_list_and_done_by_those_who_may(ctg, role):
    ready = make_published(make_ctg(ctg.caf))
    services.unpublish_portrait(ready, by=None)
    client = logged(make_user(caf=ctg.caf, role=role))
    chosen = {"action": "publish_portrait", "_selected_action": [ctg.pk, ready.pk]}
    content = client.post(page(Ctg, "changelist"), chosen, follow=True).content.decode()
    ready.refresh_from_db()
    assert bool(ready.portrait_published_at) is (role == Role.CAF_ADVISER)
    if role == Role.CAF_ADVISER:
        assert "Saisir la population du territoire." in content


def test_an_action_does_not_reach_another_caf(ctg, adviser):
    other = make_invitation(make_ctg())
    adviser.post(page(Invitation, "changelist"), {"action": "revoke", "_selected_action": [other.pk]})
    other.refresh_from_db()
    assert other.revoked_at is None
    mine = make_invitation(ctg)
    adviser.post(page(Invitation, "changelist"), {"action": "revoke", "_selected_action": [mine.pk]})
    mine.refresh_from_db()
    assert mine.revoked_at


# --- Roles ---


def role_data(user, role, *, caf=None, ctg=None) -> dict:
    return {
        "user": user.pk,
        "role": role,
        "caf": caf.pk if caf else "",
        "ctg": ctg.pk if ctg else "",
        "organisation": "",
    }


@pytest.mark.parametrize(("who", "given"), [(Role.CAF_ADVISER, False), (Role.CAF_MANAGER, True)])
def test_only_a_manager_gives_a_role_of_the_caf(ctg, who, given):
    user = make_user(caf=ctg.caf, role=who)
    logged(user).post(page(Membership, "add"), role_data(user, Role.CAF_READER, caf=ctg.caf))
    assert Membership.objects.filter(user=user, role=Role.CAF_READER).exists() is given


def test_a_manager_gives_no_role_elsewhere(ctg):
    manager = make_user(caf=ctg.caf, role=Role.CAF_MANAGER)
    other = make_ctg()
    stranger = make_user(ctg=other, role=Role.LEAD)
    client = logged(manager)
    before = Membership.objects.count()
    for data in (
        role_data(manager, Role.CAF_MANAGER, caf=other.caf),
        role_data(manager, Role.LEAD, ctg=other),
        role_data(stranger, Role.CAF_READER, caf=ctg.caf),
    ):
        assert client.post(page(Membership, "add"), data).status_code == 200
    assert Membership.objects.count() == before
    assert client.post(page(Membership, "add"), role_data(manager, Role.LEAD, ctg=ctg)).status_code == 302


@pytest.mark.parametrize(("who", "code"), [(Role.CAF_ADVISER, 403), (Role.CAF_MANAGER, 302)])
def test_only_a_manager_withdraws_a_role_of_the_caf(ctg, who, code):
    membership = services.grant_role(user=make_user(), role=Role.CAF_READER, caf=ctg.caf, by=None)
    client = logged(make_user(caf=ctg.caf, role=who))
    assert client.post(page(Membership, "delete", membership.pk), {"post": "yes"}).status_code == code
    assert Membership.objects.filter(pk=membership.pk).exists() is (code == 403)


def test_the_last_manager_stays(ctg):
    manager = make_user(caf=ctg.caf, role=Role.CAF_MANAGER)
    membership = Membership.objects.get(user=manager)
    content = (
        logged(manager).post(page(Membership, "delete", membership.pk), {"post": "yes"}, follow=True).content.decode()
    )
    assert "au moins une personne responsable" in content
    assert Membership.objects.filter(pk=membership.pk).exists()


def test_reference_data_are_written_by_the_superuser_only(ctg, adviser):
    indicator = IndicatorFactory()
    assert adviser.get(page(type(indicator), "change", indicator.pk)).status_code == 200
    assert adviser.post(page(type(indicator), "change", indicator.pk), {}).status_code == 403
    assert logged(make_superuser()).post(page(type(indicator), "change", indicator.pk), {}).status_code == 200


def test_a_delivery_never_changes_hands_nor_becomes_open_data(ctg, adviser):
    release = add_value(IndicatorFactory(), ctg.territory, 43, caf=ctg.caf).release
    assert adviser.get(page(type(release), "add")).status_code == 403
    sent = {"name": "Diaporama du 9 juin 2021", "caf": "", "published_on": "", "source": release.source_id}
    assert adviser.post(page(type(release), "change", release.pk), sent).status_code == 302
    release.refresh_from_db()
    assert (release.name, release.caf) == ("Diaporama du 9 juin 2021", ctg.caf)


def test_a_place_with_a_false_siren_is_refused(ctg):
    sent = {"kind": "epci", "code": "200049212", "name": "Essai", "valid_from": "2020-01-01", "aliases": "[]"}
    sent |= {f"{prefix}-{name}_FORMS": 0 for prefix in ("belonging_set", "+") for name in ("TOTAL", "INITIAL")}
    said = logged(make_superuser()).post(page(Territory, "add"), sent).content.decode()
    assert "Ce SIREN est faux" in said


def test_open_figures_are_read_and_not_written(ctg, adviser):
    value = add_value(IndicatorFactory(), ctg.territory, 43)
    assert adviser.get(page(Value, "change", value.pk)).status_code == 200
    assert adviser.post(page(Value, "change", value.pk), {}).status_code == 403
    assert adviser.get(page(type(value.release), "change", value.release_id)).status_code == 200
    assert adviser.post(page(type(value.release), "change", value.release_id), {}).status_code == 403


def test_accounts_are_for_the_superuser(adviser):
    address = reverse("admin:accounts_user_changelist")
    assert adviser.get(address).status_code == 403
    assert logged(make_superuser()).get(address).status_code == 200
    assert logged(make_superuser()).get(reverse("admin:accounts_user_add")).status_code == 200
