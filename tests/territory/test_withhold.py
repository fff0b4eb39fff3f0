"""What is masked, and what is masked with it, from the moment figures arrive (T11, R45 to R51)."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from ctg_site.lib.errors import RuleBroken
from territory import services
from territory.masks import masked_values, with_causes
from territory.models import ConsistencyRule, Indicator, Rank, Role, SecrecyRule, Value, Withholding
from territory.services import add_secrecy_rule, publish_portrait, show_value, withhold_value
from territory.withholding import exposures
from tests.territory.factories import (
    IndicatorFactory,
    SourceFactory,
    TerritoryFactory,
    add_value,
    communes_of,
    make_country,
    make_ctg,
    make_epci,
    make_publishable,
    make_user,
)

pytestmark = pytest.mark.django_db
Method = SecrecyRule.Method


@pytest.fixture
def country():
    return make_country()


@pytest.fixture
def ctg(country):
    return make_ctg(country.caf, place=make_epci(country.department))


@pytest.fixture
def heads():
    return IndicatorFactory(people=True, is_additive=True, code="foyers-rsa", label="Foyers au RSA")


def count(indicator, ctg, parts, total=None, **fields):
    """The figures of the communes, then of the whole, typed one by one as a Caf does."""
    fields = {"caf": ctg.caf} | fields
    for commune, number in zip(communes_of(ctg.territory), parts, strict=True):
        if number is not None:
            add_value(indicator, commune, number, **fields)
    if total is not None:
        add_value(indicator, ctg.territory, total, **fields)


def shown(indicator, ctg, **fields):
    """The communes in order, then the whole: what leaves of each."""
    places = [*communes_of(ctg.territory), ctg.territory]
    rows = {row.territory_id: row for row in Value.objects.filter(indicator=indicator, **fields)}
    found = [rows.get(place.pk) for place in places]
    return [None if row is None or row.is_withheld else int(row.number) for row in found]


# --- Parts and their total ---


@pytest.mark.parametrize(
    ("parts", "total", "seen"),
    [
        ((12, 3, 8), 23, [12, None, None, 23]),
        ((12, 0, 8), 20, [12, 0, 8, 20]),
        ((3, 4, 8), 15, [None, None, 8, 15]),
        ((3, 0, 0), 3, [None, 0, 0, None]),
        ((9, 0, 2), 11, [None, 0, None, 11]),
        ((12, 3, 8), None, [12, None, 8, None]),
    ],
)
def test_beside_a_shown_total_no_small_count_is_masked_alone(ctg, heads, parts, total, seen):
    count(heads, ctg, parts, total)
    assert shown(heads, ctg) == seen


def test_the_total_may_arrive_first_and_the_small_count_leave(ctg, heads):
    add_value(heads, ctg.territory, 23, caf=ctg.caf)
    count(heads, ctg, (12, 3, 8))
    assert shown(heads, ctg) == [12, None, None, 23]
    count(heads, ctg, (12, 7, 8), 27)
    assert shown(heads, ctg) == [12, 7, 8, 27]


def test_what_was_not_counted_is_not_found_by_subtraction_when_it_is_small(ctg, heads):
    count(heads, ctg, (12, 8, None), 23)
    assert shown(heads, ctg) == [12, None, None, 23]
    count(heads, ctg, (12, 8, None), 90)
    assert shown(heads, ctg) == [12, 8, None, 90]
    assert exposures(ctg.caf, [ctg.territory]) == []


def test_a_departement_is_the_sum_of_its_communes_too(country, ctg, heads):
    other = make_epci(country.department, communes=1, name="Vallespir")
    count(heads, ctg, (12, 3, 8))
    add_value(heads, communes_of(other)[0], 40, caf=ctg.caf)
    add_value(heads, country.department, 63, caf=ctg.caf)
    assert shown(heads, ctg)[:3] == [12, None, None]


def told(places, numbers, indicator, **fields):
    """One figure a place, then what the public reads of each."""
    for place, number in zip(places, numbers, strict=True):
        if number is not None:
            add_value(indicator, place, number, **fields)
    rows = {row.territory_id: row for row in Value.objects.filter(indicator=indicator)}
    found = [rows.get(place.pk) for place in places]
    return [None if row is None or row.is_withheld else int(row.number) for row in found]


def test_an_epci_alone_masked_in_its_departement_is_not_found_by_subtraction(country, heads):
    """The département and its EPCI, without any commune."""
    epcis = [make_epci(country.department, name=name) for name in ("Aspres", "Conflent", "Vallespir")]
    seen = told([*epcis, country.department], (3, 40, 50, 93), heads, caf=country.caf)
    assert seen == [None, None, 50, 93]


def test_a_departement_alone_masked_in_its_region_is_not_found_by_subtraction(country, heads):
    """The Caf hides its département beside one commune of three; open data tell the région and the other départements."""
    region = country.department.parent
    others = [TerritoryFactory(kind="departement", code=code, parent=region) for code in ("11", "34")]
    source = protected_source()
    for place, number in zip([*others, region], (700, 800, 1520), strict=True):
        add_value(heads, place, number, source=source)
    epci = make_epci(country.department)
    first, second, third = communes_of(epci)
    for place, number in ((first, 9), (second, 3), (third, 8)):
        add_value(heads, place, number, caf=country.caf)
    rows = {row.territory_id: row for row in Value.objects.filter(indicator=heads)}
    assert rows[second.pk].is_withheld
    assert sorted(int(row.number) for row in rows.values() if row.is_withheld) == [3, 8]


def test_the_regions_of_france_are_summed_too(country, heads):
    """Two régions of one département each: what France and the other région tell is what the département tells."""
    region, france = country.department.parent, country.france
    other = TerritoryFactory(kind="region", code="93", parent=france)
    source = protected_source()
    for place, number in ((other, 800), (france, 820)):
        add_value(heads, place, number, source=source)
    assert region.children.count() == 1
    for place, number in zip(communes_of(make_epci(country.department)), (9, 3, 8), strict=True):
        add_value(heads, place, number, caf=country.caf)
    hidden = Value.objects.filter(indicator=heads, is_withheld=True)
    assert sorted(int(row.number) for row in hidden) == [3, 8]


def protected_source():
    source = SourceFactory()
    add_secrecy_rule(SecrecyRule(source=source, method=Method.PRODUCER), by=None)
    return source


def test_parts_of_a_count_are_declared_by_the_catalogue(ctg, heads):
    young, old = (IndicatorFactory(people=True, is_additive=True) for _ in range(2))
    ConsistencyRule.objects.create(
        code="ages", indicator=heads, relation="sum", first=young, second=old, sentence="Jeunes et moins jeunes."
    )
    for indicator, number in ((heads, 23), (young, 3), (old, 20)):
        add_value(indicator, ctg.territory, number, caf=ctg.caf)
    assert shown(young, ctg)[3] is None
    assert shown(old, ctg)[3] is None
    assert shown(heads, ctg)[3] == 23


# --- Ratios, amounts, evolutions ---


def test_a_ratio_goes_with_its_masked_term(ctg, heads):
    below = IndicatorFactory(people=True, is_additive=True)
    share = IndicatorFactory(numerator=heads, denominator=below)
    for indicator, number in ((share, 3), (heads, 3), (below, 100)):
        add_value(indicator, ctg.territory, number, caf=ctg.caf)
    assert shown(share, ctg)[3] is None
    add_value(heads, ctg.territory, 30, caf=ctg.caf)
    assert shown(share, ctg)[3] == 3


@pytest.mark.parametrize(("percent", "below", "seen"), [(3, 100, None), (3, 1000, 3), (1, 333, None), (1, 400, 1)])
def test_a_ratio_that_says_a_small_count_is_masked_even_if_nobody_gave_the_count(ctg, heads, percent, below, seen):
    """3 % of 100 is 3; 1 % of 400 is between 2 and 6 (trust 0.4)."""
    whole = IndicatorFactory(people=True, is_additive=True)
    share = IndicatorFactory(numerator=heads, denominator=whole)
    add_value(whole, ctg.territory, below, caf=ctg.caf)
    add_value(share, ctg.territory, percent, caf=ctg.caf)
    assert shown(share, ctg)[3] == seen


def test_an_amount_is_masked_with_those_who_receive_it_and_never_alone_beside_its_total(ctg, heads):
    amount = IndicatorFactory(unit=Indicator.Unit.EURO, is_additive=True, tied_to=heads, is_key=False)
    count(heads, ctg, (12, 3, 8))
    count(amount, ctg, (6000, 1500, 4100), 11600)
    assert shown(amount, ctg) == [6000, None, None, 11600]


def test_an_evolution_goes_with_either_of_its_years(ctg, heads):
    evolution = IndicatorFactory(tied_to=heads, evolution=True)
    add_value(heads, ctg.territory, 30, year=2019, caf=ctg.caf)
    add_value(evolution, ctg.territory, 900, year=2019, start_year=2014, caf=ctg.caf)
    assert shown(evolution, ctg)[3] == 900
    add_value(heads, ctg.territory, 3, year=2014, caf=ctg.caf)
    assert shown(evolution, ctg)[3] is None
    assert shown(heads, ctg, year=2019)[3] == 30


# --- Whose figures ---


def test_open_data_that_their_producer_protects_are_relayed_as_published(ctg, heads):
    source = SourceFactory()
    add_secrecy_rule(SecrecyRule(source=source, method=Method.PRODUCER), by=None)
    count(heads, ctg, (12, 3, 8), 23, caf=None, source=source)
    assert shown(heads, ctg) == [12, 3, 8, 23]
    count(heads, ctg, (12, 3, 8), 23, source=source, year=2018)
    assert shown(heads, ctg, year=2018) == [12, None, None, 23]


def test_what_is_published_elsewhere_cannot_be_masked_and_something_else_is(ctg, heads):
    source = SourceFactory()
    add_secrecy_rule(SecrecyRule(source=source, method=Method.PRODUCER), by=None)
    add_value(heads, communes_of(ctg.territory)[2], 8, source=source)
    count(heads, ctg, (12, 3, None), 23)
    assert shown(heads, ctg) == [None, None, 8, 23]


def test_open_data_that_arrive_later_mask_more_of_the_figures_of_a_caf(ctg, heads):
    count(heads, ctg, (12, 3, 8))
    source = SourceFactory()
    add_secrecy_rule(SecrecyRule(source=source, method=Method.PRODUCER), by=None)
    add_value(heads, ctg.territory, 23, source=source)
    assert shown(heads, ctg) == [12, None, None, 23]


def test_a_rounded_figure_is_left_as_it_is(ctg, heads):
    source = SourceFactory()
    add_secrecy_rule(SecrecyRule(source=source, method=Method.ROUNDED, base=5), by=None)
    count(heads, ctg, (5, 10, 0), 20, source=source)
    assert shown(heads, ctg) == [5, 10, 0, 20]
    add_value(heads, ctg.territory, 3, source=source, caf=ctg.caf)
    assert shown(heads, ctg)[3] is None, "3 n’est pas un multiple de 5 : ce chiffre n’a pas été arrondi"


def test_the_threshold_is_that_of_the_year_of_the_figure(ctg, heads):
    source = SourceFactory(threshold=5)
    add_secrecy_rule(SecrecyRule(source=source, first_year=2020, threshold=11), by=None)
    for year in (2019, 2020):
        add_value(heads, ctg.territory, 8, source=source, caf=ctg.caf, year=year)
    assert shown(heads, ctg, year=2019)[3] == 8
    assert shown(heads, ctg, year=2020)[3] is None


def test_a_rule_added_judges_again_what_was_shown_and_is_never_changed(ctg, heads):
    source = SourceFactory()
    add_value(heads, ctg.territory, 8, source=source, caf=ctg.caf)
    rule = add_secrecy_rule(SecrecyRule(source=source, threshold=11), by=None)
    assert shown(heads, ctg)[3] is None
    rule.threshold = 2
    with pytest.raises(RuleBroken, match="ne se modifie pas"):
        add_secrecy_rule(rule, by=None)


# --- Before publication ---


def test_a_portrait_that_gives_a_small_count_away_is_not_published(ctg, heads):
    """The rest is published elsewhere: nothing of ours can be masked, the count has to leave."""
    make_publishable(ctg)
    source = SourceFactory()
    add_secrecy_rule(SecrecyRule(source=source, method=Method.PRODUCER), by=None)
    count(heads, ctg, (12, None, 8), 23, source=source, caf=None)
    publish_portrait(ctg, by=None)
    services.unpublish_portrait(ctg, by=None)
    add_value(heads, communes_of(ctg.territory)[1], 3, caf=ctg.caf)
    Value.objects.filter(indicator=heads, release__caf=None, number=12).delete()
    add_value(heads, communes_of(ctg.territory)[0], 12, caf=ctg.caf)
    assert shown(heads, ctg) == [None, None, 8, 23]
    publish_portrait(ctg, by=None)


def test_the_refusal_says_which_count_and_what_to_mask(ctg, heads):
    make_publishable(ctg)
    count(heads, ctg, (12, 3, 8), 23)
    Value.objects.filter(indicator=heads, number=8).update(is_withheld=False)  # as primary masking alone would leave it
    with pytest.raises(RuleBroken, match="petits effectifs") as refusal:
        publish_portrait(ctg, by=None)
    first, second, third = communes_of(ctg.territory)
    assert refusal.value.missing == [
        f"« Foyers au RSA », {second.name}, 2019\u00a0: masquer aussi « Foyers au RSA », {third.name}, 2019."
    ]
    ctg.refresh_from_db()
    assert ctg.portrait_published_at is None


def test_a_caf_masks_a_figure_and_shows_it_again(ctg, heads):
    count(heads, ctg, (12, 30, 80), 122)
    row = withhold_value(caf=ctg.caf, indicator=heads, territory=communes_of(ctg.territory)[0], year=2019, by=None)
    assert shown(heads, ctg) == [None, None, 80, 122]
    count(heads, ctg, (13, 30, 80), 123)
    assert shown(heads, ctg) == [None, None, 80, 123], "le choix de la Caf suit le chiffre corrigé"
    show_value(row, by=None)
    assert shown(heads, ctg) == [13, 30, 80, 123]


def test_the_page_of_the_caf_says_what_is_given_away_and_masks_it_in_one_gesture(ctg, heads):
    count(heads, ctg, (12, 3, 8), 23)
    Value.objects.filter(indicator=heads, number=8).update(is_withheld=False)
    client, page = Client(), reverse("caf:unmasked", args=[ctg.caf.code])
    client.force_login(make_user(caf=ctg.caf, role=Role.CAF_ADVISER))
    check = reverse("caf:check_secrecy", args=[ctg.caf.code])
    assert check in client.get(page).content.decode(), "un calcul de plusieurs secondes se demande"
    seen = client.post(check, follow=True).content.decode()
    third = communes_of(ctg.territory)[2]
    assert f"« Foyers au RSA », {third.name}, 2019" in seen
    figure = {"indicator": heads.pk, "territory": third.pk, "year": 2019}
    assert all(f'name="{name}" value="{value}"' in seen for name, value in figure.items())
    seen = client.post(reverse("caf:withhold", args=[ctg.caf.code]), figure, follow=True).content.decode()
    assert "Aucun effectif ne se retrouve" in seen
    assert shown(heads, ctg) == [12, None, None, 23]
    row = Withholding.objects.get()
    client.post(reverse("caf:show_again", args=[ctg.caf.code, row.pk]))
    assert shown(heads, ctg) == [12, None, None, 23], "un petit effectif en dépend : il reste masqué"
    assert not Withholding.objects.exists()


def test_why_a_figure_is_masked_is_told_to_the_caf_alone(ctg, heads):
    make_publishable(ctg)
    first, second, third = communes_of(ctg.territory)
    count(heads, ctg, (30, 3, 8), 41)
    count(heads, ctg, (30, 20, 60), 110, year=2018)
    withhold_value(caf=ctg.caf, indicator=heads, territory=first, year=2018, by=None)
    add_value(heads, first, None, year=2017, caf=ctg.caf, quality="masked")
    causes = {
        (mask.value.territory_id, mask.value.year): mask.words for mask in with_causes(ctg.caf, masked_values(ctg.caf))
    }
    assert causes == {
        (second.pk, 2019): "petit effectif, sous 5",
        (third.pk, 2019): "pour qu’un petit effectif ne se retrouve pas",
        (first.pk, 2018): "par votre choix",
        (second.pk, 2018): "pour qu’un petit effectif ne se retrouve pas",
        (first.pk, 2017): "par son producteur",
    }
    publish_portrait(ctg, by=None)
    place = {"kind": "epci", "code": ctg.territory.code, "indicator": heads.code}
    public = [reverse("places:indicator", kwargs=place)]
    public += [reverse("places:indicator_data", kwargs=place | {"extension": one}) for one in ("csv", "json")]
    caf = reverse("caf:unmasked", args=[ctg.caf.code])
    for role, address, is_told in [
        (Role.CAF_ADVISER, caf, True),
        *((role, address, False) for role in (None, Role.CAF_ADVISER) for address in public),
    ]:
        client = Client()
        if role:
            client.force_login(make_user(caf=ctg.caf, role=role))
        seen = client.get(address).content.decode()
        assert "secret" in seen
        assert all((words in seen) == is_told for words in set(causes.values())), (role, address)


def test_a_figure_that_does_not_exist_is_not_masked(ctg):
    client = Client()
    client.force_login(make_user(caf=ctg.caf, role=Role.CAF_ADVISER))
    seen = client.post(reverse("caf:withhold", args=[ctg.caf.code]), {"indicator": "0"}, follow=True)
    assert "Ce chiffre n’existe pas" in seen.content.decode()
    assert not Withholding.objects.exists()


@pytest.mark.once
def test_the_audit_makes_as_many_queries_whatever_the_figures(ctg, heads):
    count(heads, ctg, (12, 3, 8), 23)
    with CaptureQueriesContext(connection) as few:
        exposures(ctg.caf, [ctg.territory])
    for year in range(2005, 2015):
        count(heads, ctg, (12, 3, 8), 23, year=year)
    with CaptureQueriesContext(connection) as many:
        exposures(ctg.caf, [ctg.territory])
    assert len(many) == len(few) <= 11


def test_what_others_publish_is_not_masked(ctg, heads):
    add_value(heads, ctg.territory, 40)
    with pytest.raises(RuleBroken, match="publié par un autre producteur"):
        withhold_value(caf=ctg.caf, indicator=heads, territory=ctg.territory, year=2019, by=None)


def test_a_masked_figure_has_no_rank_and_the_others_are_ranked_again(country, ctg):
    heads, below = (IndicatorFactory(people=True, is_additive=True) for _ in range(2))
    share = IndicatorFactory(numerator=heads, denominator=below)
    others = [make_epci(country.department, name=name) for name in ("Aspres", "Vallespir")]
    for place, number in zip([ctg.territory, *others], (30, 20, 10), strict=True):
        add_value(heads, place, number, caf=ctg.caf)
        add_value(below, place, 100, caf=ctg.caf)
    ranks = Rank.objects.filter(indicator=share).order_by("in_department")
    assert [rank.territory.name for rank in ranks] == ["Conflent-Canigó", "Aspres", "Vallespir"]
    withhold_value(caf=ctg.caf, indicator=heads, territory=others[0], year=2019, by=None)
    assert [(rank.territory.name, rank.in_department) for rank in ranks.all()] == [
        ("Conflent-Canigó", 1),
        ("Vallespir", 2),
    ]
