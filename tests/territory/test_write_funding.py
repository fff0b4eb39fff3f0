"""The money of a Caf below the doors: what the page, the back office and the shell may write."""

import pytest

from ctg_site.audit.models import Entry
from ctg_site.lib.errors import RuleBroken
from territory import services
from territory.models import ControlTotal, FundingLine
from tests.territory.factories import CafFactory, add_line, add_total, communes_of, make_ctg, make_epci

pytestmark = pytest.mark.django_db


@pytest.fixture
def ctg():
    """On a perimeter of its Caf."""
    return make_ctg(communes=communes_of(make_epci())[:1])


@pytest.mark.parametrize(
    "add", [lambda ctg, **f: add_line(ctg, "Ligne", "10", **f), lambda ctg, **f: add_total(ctg, "PS", "10")]
)
def test_each_gesture_is_in_the_journal_of_the_caf(ctg, add):
    row = add(ctg)
    save, delete = (
        (services.save_funding_line, services.delete_funding_line)
        if isinstance(row, FundingLine)
        else (services.save_control_total, services.delete_control_total)
    )
    save(row, by=None)
    delete(row, by=None)
    verbs = [entry.verb.rpartition(".")[2] for entry in Entry.objects.filter(verb__startswith="funding").order_by("pk")]
    assert verbs == ["added", "saved", "deleted"]
    assert set(Entry.objects.filter(verb__startswith="funding").values_list("caf_code", flat=True)) == {ctg.caf.code}


def test_the_perimeter_of_another_caf_gets_no_money(ctg):
    stranger = CafFactory()
    with pytest.raises(RuleBroken, match="autre Caf"):
        add_line(ctg, "Ligne", "10", caf=stranger)
    total = add_total(ctg, "PS", "10")
    total.caf = stranger
    with pytest.raises(RuleBroken, match="autre Caf"):
        services.save_control_total(total, by=None)
    assert not FundingLine.objects.exists()
    assert ControlTotal.objects.get().caf == ctg.caf


@pytest.mark.parametrize(
    ("changes", "sentence"), [({"amount": -1}, "négatif"), ({"label": " "}, "objet"), ({"state": "rêvé"}, "état")]
)
def test_what_is_not_a_line_is_refused(ctg, changes, sentence):
    line = add_line(ctg, "Ligne", "10")
    for name, value in changes.items():
        setattr(line, name, value)
    with pytest.raises(RuleBroken, match=sentence):
        services.save_funding_line(line, by=None)
    line.refresh_from_db()
    assert (line.label, line.amount) == ("Ligne", 10)
