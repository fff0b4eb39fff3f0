"""Gestures that can turn an open figure into a secret one: what is small leaves the public bytes before any worker runs."""

import io
import zipfile
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from django_tasks_db.models import DBTaskResult

from territory import tasks
from territory.loading import load_reference
from territory.models import ConsistencyRule, Indicator, Rank, SecrecyRule, Source, Value
from territory.services import add_secrecy_rule, create_ctg, publish_portrait, save_indicator
from tests.territory.factories import (
    ENDS_ON,
    STARTS_ON,
    IndicatorFactory,
    SourceFactory,
    add_value,
    communes_of,
    make_country,
    make_ctg,
    make_epci,
    make_publishable,
    make_superuser,
)

pytestmark = pytest.mark.django_db
SMALL, AMOUNT, SHARE = "3,7129", "1487,2391", "41,8376"
FILES, DRAWINGS = ("csv", "xlsx", "json"), ("comparaison", "courbe", "barres", "carte")


@pytest.fixture
def country():
    return make_country()


@pytest.fixture
def ctg(country):
    return publish_portrait(make_publishable(make_ctg(country.caf, place=make_epci(country.department))), by=None)


@pytest.fixture
def no_worker(settings):
    """Tasks wait, as where the product is installed and its worker is late."""
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}


@pytest.fixture
def office():
    client = Client()
    client.force_login(make_superuser())
    return client


def stated(indicator, ctg, number, **options) -> Indicator:
    add_value(indicator, ctg.territory, number.replace(",", "."), caf=ctg.caf, **options)
    return indicator


def is_public(number: str, indicator: Indicator, place) -> bool:
    """In any byte of any page, file or drawing of this indicator and of its place."""
    here = {"kind": place.kind, "code": place.code}
    one = here | {"indicator": indicator.code}
    addresses = [
        reverse("places:portrait", kwargs=here),
        reverse("places:indicator", kwargs=one),
        *(reverse("places:indicator_data", kwargs=one | {"extension": file}) for file in FILES),
        *(reverse("places:data", kwargs=here | {"extension": file}) for file in FILES),
        *(
            reverse("places:indicator_drawing", kwargs=one | {"drawing": drawing, "image": "svg"})
            for drawing in DRAWINGS
        ),
    ]
    return any(_is_in(number.partition(",")[2], Client().get(address)) for address in addresses)


def _is_in(digits: str, response) -> bool:
    content = b"".join(response) if response.streaming else response.content
    if content.startswith(b"PK"):
        archive = zipfile.ZipFile(io.BytesIO(content))
        content = b" ".join(archive.read(name) for name in archive.namelist())
    return digits.encode() in content


def waiting() -> list[str]:
    return sorted(task.task_path.rpartition(".")[2] for task in DBTaskResult.objects.all())


def edit(office, indicator, **changes):
    """In the back office, as a person does: every field is sent again."""
    url = reverse("admin:territory_indicator_change", args=[indicator.pk])
    form = office.get(url).context["adminform"].form
    sent = {name: "" if (value := form[name].value()) is None else value for name in form.fields}
    sent = {name: value for name, value in (sent | changes).items() if value is not False}
    answer = office.post(url, sent)
    assert answer.status_code == 302, answer.context["errors"]


# --- An indicator -----------------------------------------------------------------------------------------------------


def test_an_indicator_that_now_counts_people(ctg, no_worker, office):
    desks = stated(IndicatorFactory(unit="count", decimals=4), ctg, SMALL)
    assert is_public(SMALL, desks, ctg.territory)
    edit(office, desks, counts_people=True)
    assert not is_public(SMALL, desks, ctg.territory)
    assert waiting() == ["settle_indicators"]


def test_an_amount_that_now_is_a_count(ctg, no_worker, office):
    amount = stated(IndicatorFactory(unit="rate", counts_people=True, decimals=4), ctg, SMALL)
    assert is_public(SMALL, amount, ctg.territory)
    edit(office, amount, unit="count")
    assert not is_public(SMALL, amount, ctg.territory)


def test_a_share_that_now_has_a_secret_numerator(ctg, no_worker, office):
    heads, all_of_them = (IndicatorFactory(people=True, decimals=4) for _ in range(2))
    stated(heads, ctg, SMALL), stated(all_of_them, ctg, "90,5511")
    share = stated(IndicatorFactory(decimals=4), ctg, SHARE)
    assert is_public(SHARE, share, ctg.territory)
    edit(office, share, numerator=heads.pk, denominator=all_of_them.pk)
    assert not is_public(SHARE, share, ctg.territory)


def test_an_amount_that_now_is_received_by_a_secret_few(ctg, no_worker, office):
    heads = stated(IndicatorFactory(people=True, decimals=4), ctg, SMALL)
    amount = stated(IndicatorFactory(unit="euro", decimals=4, is_key=False), ctg, AMOUNT)
    whole = AMOUNT.partition(",")[0][1:]  # an amount is shown without cents
    assert is_public(f"x,{whole}", amount, ctg.territory)
    edit(office, amount, tied_to=heads.pk)
    assert not is_public(f"x,{whole}", amount, ctg.territory)


def test_what_says_again_a_count_that_becomes_secret_leaves_with_it(ctg, no_worker, office):
    heads, all_of_them = (IndicatorFactory(unit="count", is_key=False, decimals=4) for _ in range(2))
    share = IndicatorFactory(decimals=4, numerator=heads, denominator=all_of_them)
    stated(heads, ctg, SMALL), stated(all_of_them, ctg, "90,5511"), stated(share, ctg, SHARE)
    assert is_public(SHARE, share, ctg.territory)
    edit(office, heads, counts_people=True)
    assert not is_public(SHARE, share, ctg.territory)
    assert not is_public(SMALL, heads, ctg.territory)


def test_an_indicator_saved_from_a_shell(ctg, no_worker):
    desks = stated(IndicatorFactory(unit="count", decimals=4), ctg, SMALL)
    desks.counts_people = True
    save_indicator(desks, by=None)
    assert not is_public(SMALL, desks, ctg.territory)
    assert waiting() == ["settle_indicators"]


def test_words_alone_judge_nothing_again(ctg, no_worker, office):
    desks = stated(IndicatorFactory(unit="count", decimals=4), ctg, SMALL)
    edit(office, desks, label="Bureaux", is_key=False)
    assert Indicator.objects.get(pk=desks.pk).label == "Bureaux"
    assert is_public(SMALL, desks, ctg.territory)
    assert waiting() == []


def test_a_masked_place_leaves_the_ranks_of_the_others_at_once(ctg, no_worker, office):
    heads, all_of_them = IndicatorFactory(unit="count", is_key=False), IndicatorFactory(people=True)
    share = IndicatorFactory(numerator=heads, denominator=all_of_them)
    other = make_epci(ctg.territory.parent, name="Aspres")
    for place, number in ((ctg.territory, 4), (other, 50)):
        add_value(heads, place, number, caf=ctg.caf)
        add_value(all_of_them, place, 100, caf=ctg.caf)
    assert Rank.objects.filter(indicator=share).count() == 2
    edit(office, heads, counts_people=True)
    assert not Rank.objects.filter(indicator=share).exists()
    tasks.settle_indicators.func([heads.pk])
    assert [rank.territory for rank in Rank.objects.filter(indicator=share)] == [other]


# --- The reference that the project ships -----------------------------------------------------------------------------


def test_a_new_catalogue_loaded_over_the_old_one(ctg, no_worker):
    load_reference()
    DBTaskResult.objects.all().delete()  # it also rewrote the indicators of this Ctg
    Indicator.objects.filter(code="foyers-rsa").update(counts_people=False, decimals=4)
    heads = stated(Indicator.objects.get(code="foyers-rsa"), ctg, SMALL)
    assert is_public(SMALL, heads, ctg.territory)
    load_reference()
    assert not is_public(SMALL, heads, ctg.territory)
    assert waiting() == ["settle_indicators"]
    load_reference()
    assert waiting() == ["settle_indicators"]


def test_a_new_rule_of_secrecy_in_the_reference(ctg, no_worker):
    load_reference()
    DBTaskResult.objects.all().delete()
    source = Source.objects.get(code="caf-portrait")
    SecrecyRule.objects.filter(source=source).delete()
    SecrecyRule.objects.create(source=source, first_year=1850, method="none", threshold=0)
    heads = stated(IndicatorFactory(people=True, decimals=4), ctg, SMALL, source=source)
    assert is_public(SMALL, heads, ctg.territory)
    load_reference()
    assert not is_public(SMALL, heads, ctg.territory)
    assert waiting() == ["settle_source"]


# --- A rule, an identity ----------------------------------------------------------------------------------------------


def test_a_source_whose_threshold_rises(ctg, no_worker):
    source = SourceFactory(threshold=2)
    heads = stated(IndicatorFactory(people=True, decimals=4), ctg, SMALL, source=source)
    assert is_public(SMALL, heads, ctg.territory)
    add_secrecy_rule(SecrecyRule(source=source, first_year=2019, threshold=5), by=None)
    assert not is_public(SMALL, heads, ctg.territory)


def test_open_data_that_nobody_protects_any_more(ctg, no_worker):
    """The same source is then ours to guard, for everybody."""
    source = SourceFactory()
    SecrecyRule.objects.create(source=source, first_year=1850, method="producer", threshold=5)
    heads = IndicatorFactory(people=True, decimals=4)
    add_value(heads, ctg.territory, "3.7129", source=source)
    assert is_public(SMALL, heads, ctg.territory)
    add_secrecy_rule(SecrecyRule(source=source, first_year=2015, threshold=5), by=None)
    assert not is_public(SMALL, heads, ctg.territory)


def test_a_source_that_rounds_no_more_is_judged_by_the_worker(ctg, no_worker):
    """Nothing is small: what the exact figures now tell takes the whole judgement."""
    source = SourceFactory()
    add_value(IndicatorFactory(people=True), ctg.territory, 40, caf=ctg.caf, source=source)
    add_secrecy_rule(SecrecyRule(source=source, method="rounded", threshold=5, base=5), by=None)
    assert waiting() == ["settle_source"]


def test_parts_of_a_total_declared_in_the_back_office_are_judged_by_the_worker(ctg, no_worker, office):
    whole, young, old = (IndicatorFactory(people=True) for _ in range(3))
    for indicator, number in ((whole, 40), (young, 3), (old, 37)):
        add_value(indicator, ctg.territory, number, caf=ctg.caf)
    sent = {"code": "ages", "indicator": whole.pk, "relation": "sum", "first": young.pk, "second": old.pk}
    sent |= {"tolerance": "0", "sentence": "Jeunes et anciens.", "third": ""}
    assert office.post(reverse("admin:territory_consistencyrule_add"), sent).status_code == 302
    assert ConsistencyRule.objects.filter(code="ages").exists()
    assert waiting() == ["settle_indicators"]
    ids = DBTaskResult.objects.get().args_kwargs["args"][0]
    assert ids == sorted([whole.pk, young.pk, old.pk])
    tasks.settle_indicators.func(ids)
    shown = Value.objects.filter(indicator__in=ids, is_withheld=False)
    assert [value.number for value in shown] == [Decimal(40)]


# --- A perimeter ------------------------------------------------------------------------------------------------------


def test_a_perimeter_of_open_communes_too_few_to_be_told_together(ctg, country, no_worker):
    """Relayed as published in each commune, a sum of ours is masked where it is read: no judgement is waited for."""
    source = SourceFactory()
    SecrecyRule.objects.create(source=source, method="producer", threshold=5)
    heads = IndicatorFactory(people=True, is_additive=True, decimals=4)
    first, second, _ = communes_of(ctg.territory)
    for place, number in ((first, "2.5000"), (second, "1.2129")):
        add_value(heads, place, number, source=source)
    perimeter = create_ctg(
        caf=country.caf, name="Deux villages", communes=[first, second], starts_on=STARTS_ON, ends_on=ENDS_ON, by=None
    )
    assert perimeter.territory.kind == "perimeter"
    publish_portrait(make_publishable(perimeter), by=None)
    assert not is_public(SMALL, heads, perimeter.territory)
    add_value(heads, second, "9.2129", source=source)
    assert is_public("11,7129", heads, perimeter.territory)
