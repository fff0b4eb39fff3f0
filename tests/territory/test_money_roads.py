"""The cases of the field by each road: the page, the back office, the import. One rule, whoever enters the money."""

from decimal import Decimal

import pytest
from django.urls import reverse

from ctg_site.demonstration.loading import DEMO
from territory.exports import register_workbook
from territory.exports.lines import SHARES
from territory.imports.funding import plan_import, receive_import
from territory.loading import load_reference, read_csv
from territory.models import ControlTotal, FundingLine, LegacyAction, LegacyShare
from tests.territory.factories import make_ctg
from tests.territory.money import a_contract, a_facility, a_rate, a_scheme
from tests.territory.roads import ON, ROADS, BackOffice, Page, Sent, plain

pytestmark = pytest.mark.django_db
D = Decimal


@pytest.fixture
def ctg():
    return make_ctg()


@pytest.fixture(params=ROADS, ids=ROADS)
def road(request, ctg):
    return ROADS[request.param](ctg)


# --- T1, T3: the table of the seed ---


def test_the_table_of_the_seed_and_its_gap(road, ctg):
    load_reference()
    road.lines(read_csv(DEMO / "seed_funding.csv"))
    road.totals(read_csv(DEMO / "seed_control_totals.csv"))
    assert (FundingLine.objects.count(), ControlTotal.objects.count()) == (9, 2), road.refusal
    page = plain(road.client.get(reverse("territory:funding", args=[ctg.slug])).content.decode())
    for words in ("1 089 800 €", "1 088 787 €", "1 110 787 €", "Écart de 1 013 €", "0,093 %", "17 760 € par ETP"):
        assert words in page
    assert "ne suffisent pas à l’expliquer" in page
    assert FundingLine.objects.get(service__code="cooperation").per_unit == D("17760.00")


# --- T12: the ceiling of the PSU ---


@pytest.fixture
def psu(ctg):
    """Bounds of 10 € and 8 € an hour, a share of 66 %: the numbers of the test, no rate of the country."""
    a_scheme("psu", label="PSU", unit="heure")
    for measure, value in [
        ("ceiling", "10"),
        ("ceiling_low", "8"),
        ("billing_low", "107"),
        ("billing_high", "120"),
        ("cost_share", "66"),
    ]:
        a_rate(measure, value, scheme="psu", since=2025)
    return a_facility(ctg, "Les Petits Isards")


def cost_of(facility, **changes) -> dict:
    row = {"year": 2025, "facility": facility.pk, "scheme": "psu", "state": "planned", "nature": "running"}
    row |= {"rounding": 0, "source": "Budget de la crèche", "quantity": "1000", "unit": "heures", "unit_cost": "12"}
    return row | changes


@pytest.mark.parametrize(
    ("billing", "amount"), [("106,9", "6600"), ("107", "6600"), ("113,5", "5940"), ("120", "5280"), ("131", "5280")]
)
def test_the_ceiling_is_linear_between_107_and_120(road, psu, billing, amount):
    road.lines([cost_of(psu, billing=billing)])
    assert FundingLine.objects.count() == 1, road.refusal
    line = FundingLine.objects.get()
    assert line.amount == D(amount)
    steps = plain(" ".join(line.explanation))
    assert f"À {billing} %" in steps
    assert "10,00 € jusqu’à 107 % de taux de facturation, 8,00 € à partir de 120 %" in steps


def test_a_bound_that_remains_to_be_found_leaves_the_line_to_be_priced(road, psu):
    """The highest ceiling would be taken for that of everyone."""
    a_rate("billing_low", None, scheme="psu", since=2026)
    road.lines([cost_of(psu, year=2026, billing="113,5")])
    assert FundingLine.objects.get().amount is None, road.refusal


def test_families_and_the_general_scheme_count_and_the_real_cost_is_never_exceeded(road, psu):
    more = {"billing": "100", "family_share": "1,50", "general_scheme": "98"}
    road.lines([cost_of(psu, **more), cost_of(psu, year=2026, unit_cost="5", billing="100")])
    assert [line.amount for line in FundingLine.objects.order_by("year")] == [D("4998.00"), D("3300.00")], road.refusal


def test_the_words_give_the_amount_again_to_the_cent(ctg, psu):
    """A ceiling between two bounds has four decimals: rounded on the way, 50 000 hours would lose 13 €."""
    Page(ctg).lines([cost_of(psu, billing="112", quantity="50000")])
    line = FundingLine.objects.get()
    words = plain(line.explanation[-1])
    assert words == "50 000 × (66 % de 9,2308 €) = 304 616,40 €."
    assert line.amount == 50_000 * D("0.66") * D("9.2308") == D("304616.40")


def test_a_cost_without_its_billing_rate_or_its_quantity_is_refused(road, psu):
    road.lines([cost_of(psu)])
    assert "Donnez le taux de facturation" in road.refusal
    road.lines([cost_of(psu, billing="110", quantity="")])
    assert "Donnez la quantité" in road.refusal
    assert not FundingLine.objects.exists()


def test_a_missing_rate_is_to_be_priced_and_never_zero(road, psu):
    """Trap 26: the ceiling of 2024 was never entered."""
    a_rate("cost_share", "66", scheme="psu", since=2020)
    road.lines([cost_of(psu, year=2024)])
    line = FundingLine.objects.get()
    assert line.amount is None
    assert "à chiffrer" in plain(" ".join(line.explanation))


def test_a_scheme_that_is_no_share_of_a_cost_says_so(road, psu):
    a_scheme("aide-projet", label="Aide aux projets", family="grant")
    road.lines([cost_of(psu, scheme="aide-projet")])
    assert "ne se calcule pas sur un coût" in road.refusal
    assert not FundingLine.objects.exists()


def test_a_new_rate_changes_no_line_already_computed(road, psu):
    road.lines([cost_of(psu, billing="107")])
    a_rate("ceiling", "11", scheme="psu", since=2025)
    assert FundingLine.objects.get().amount == D("6600")


# --- T13: a Cej shared to the cent ---


@pytest.fixture
def three(ctg):
    return {a_facility(ctg, name): units for name, units in [("Un", "7"), ("Deux", "5"), ("Trois", "3")]}


def test_a_cej_is_shared_to_the_cent(road, ctg, three):
    road.share(a_contract(ctg), "10000.00", three)
    amounts = [share.amount for share in LegacyShare.objects.order_by("-units")]
    assert amounts == [D("4666.67"), D("3333.33"), D("2000.00")], road.refusal
    assert sum(amounts) == LegacyAction.objects.get().amount == D("10000.00")


def test_a_cej_is_not_shared_by_nothing(road, ctg, three):
    road.share(a_contract(ctg), "10000.00", dict.fromkeys(three, "-1"))
    assert not LegacyShare.objects.exists()


def test_the_back_office_shares_again_what_changes(ctg, three):
    road = BackOffice(ctg)
    road.share(a_contract(ctg), "10000.00", three)
    action = LegacyAction.objects.get()
    shares = list(action.shares.order_by("pk"))
    data = {"contract": action.contract_id, "label": "Crèches", "service": action.service_id, "amount": "9000"}
    data |= {"shares-TOTAL_FORMS": 3, "shares-INITIAL_FORMS": 3}
    for i, share in enumerate(shares):
        data |= {f"shares-{i}-id": share.pk, f"shares-{i}-action": action.pk, f"shares-{i}-facility": share.facility_id}
        data |= {f"shares-{i}-units": "1", f"shares-{i}-local_amount": "500"}
    road.send(reverse("admin:territory_legacyaction_change", args=[action.pk]), data | {"shares-2-DELETE": "on"})
    assert [(s.units, s.amount, s.local_amount) for s in LegacyShare.objects.order_by("pk")] == [
        (D(1), D(4500), D(500)),
        (D(1), D(4500), D(500)),
    ], road.refusal


# --- The same file twice ---


def test_the_same_file_twice_changes_nothing(ctg, psu, three):
    """Lines computed from a cost, stated totals and shares of a Cej: sent, then exported and sent back."""
    road = Sent(ctg)
    contract = a_contract(ctg)
    a_scheme("ps", label="Prestation de service")
    road.lines([cost_of(psu, billing="113,5")])
    total = {"year": 2025, "scheme": "ps", "amount": "6000", "rounding": "100", "source": "Caf"}
    road.totals([total])
    road.share(contract, "10000.00", three)
    road.lines([cost_of(psu, billing="113,5")])
    assert "Rien à changer" in road.refusal
    road.share(contract, "10000.00", three)
    assert "Rien à changer" in road.refusal
    content = register_workbook(ctg.caf, on=ON)
    found = plan_import(receive_import(ctg.caf, name="registre.xlsx", content=content, by=None))
    assert (found.planned, found.errors, found.unchanged) == ([], [], 3)


def test_a_share_is_refused_at_its_cell(ctg, three):
    road = Sent(ctg)
    contract = a_contract(ctg)
    road.share(contract, "dix mille", three)
    assert "Cej, D2" in road.refusal
    rows = [
        {"Contrat": "Personne", "Action": "A", "Nature": "eaje", "Montant de l’action (€)": 5},
        {"Contrat": contract.name, "Action": "A", "Nature": "eaje", "Montant de l’action (€)": 5},
    ]
    facility = next(iter(three))
    rows = [row | {"Code équipement": facility.code, "Unités existantes": 1} for row in rows]
    road.import_rows(SHARES, [*rows, rows[1] | {"Montant de l’action (€)": 6}])
    for words in (
        "Cej, A2",
        "enregistrez-le d’abord",
        "Cej, E4",
        "déjà dans cette action",
        "Cej, D4",
        "le même montant",
    ):
        assert words in road.refusal
    assert not LegacyAction.objects.exists()


def test_a_stated_total_is_refused_at_its_cell(ctg):
    a_scheme("ps", label="Prestation de service")
    road = Sent(ctg)
    total = {"year": 2025, "scheme": "ps", "amount": "-6", "rounding": "100", "source": "Caf"}
    road.totals([total, total | {"year": "hier"}, total | {"amount": "5"}])
    for words in (
        "Totaux annoncés, E2",
        "ne peut pas être négatif",
        "Totaux annoncés, C3",
        "une année",
        "gardez-en un",
    ):
        assert words in road.refusal
    assert not ControlTotal.objects.exists()
