"""The constraints of a model judged in memory: the same answers as the database, and as many queries for one row as for many."""

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db.models import CheckConstraint, F, Q
from hypothesis import given, settings
from hypothesis import strategies as st

from ctg_site.lib.conditions import check_keys, check_row, holds
from territory.models import ControlTotal, FundingLine
from tests.territory.factories import add_line, make_ctg
from tests.territory.money import a_facility, a_line, save

pytestmark = pytest.mark.django_db
D = Decimal

AMOUNTS = st.none() | st.sampled_from([D(-1), D(0), D(50), D(100), D(101)])
LINES = st.builds(
    FundingLine,
    state=st.sampled_from(FundingLine.State.values),
    amount=AMOUNTS,
    quantity=AMOUNTS,
    unit_cost=AMOUNTS,
    family_share=AMOUNTS,
    billing=AMOUNTS,
    general_scheme=AMOUNTS,
)


@settings(deadline=None)
@given(LINES | st.builds(ControlTotal, amount=st.sampled_from([D(-1), D(0), D(1)])))
def test_memory_and_database_refuse_the_same_rows(row):
    for constraint in row._meta.constraints:
        if isinstance(constraint, CheckConstraint):
            assert (holds(constraint.condition, row) is not False) == accepted_by_the_database(constraint, row)


def accepted_by_the_database(constraint, row) -> bool:
    try:
        constraint.validate(type(row), row)
    except ValidationError:
        return False
    return True


@settings(deadline=None)
@given(LINES)
def test_each_way_to_write_a_condition_is_read_as_the_database_reads_it(row):
    for condition in [
        Q(amount__gt=F("quantity")),
        Q(amount__lt=5) | ~Q(quantity__lte=F("unit_cost")),
        Q(state__in=["planned", "actual"]),
        Q(facility__isnull=True) & Q(amount__isnull=False),
        ~(Q(amount=None) | Q(quantity__gte=1)),
    ]:
        constraint = CheckConstraint(name="essai", condition=condition)
        assert (holds(condition, row) is not False) == accepted_by_the_database(constraint, row)


def test_a_row_is_refused_with_the_words_of_its_model():
    ctg = make_ctg()
    line = a_line(a_facility(ctg), ctg, "-1", label="Crèche")
    with pytest.raises(ValidationError) as refusal:
        check_row(line)
    assert set(refusal.value.message_dict) == {"service"}  # a row it lacks is missed, one it has is not read again
    line.service = line.facility.kind
    with pytest.raises(ValidationError, match="régularisation ou indu"):
        check_row(line)


def test_a_key_is_alone_among_the_rows_and_in_the_base(django_assert_num_queries):
    ctg = make_ctg()
    facility = a_facility(ctg)
    known = save(a_line(facility, ctg, "10"))
    check_keys([known])
    other = a_line(facility, ctg, "20", year=2023, service=facility.kind)
    with django_assert_num_queries(1):
        check_keys([known, other])
    for rows in ([a_line(facility, ctg, "20")], [other, a_line(facility, ctg, "30", year=2023)]):
        with pytest.raises(ValidationError, match="Cet équipement a déjà une ligne"):
            check_keys(rows)
    bafa = add_line(ctg, "Bafa", "100")
    check_keys([bafa])
    bafa.pk = None
    with pytest.raises(ValidationError, match="Cette ligne existe déjà"):
        check_keys([bafa])
