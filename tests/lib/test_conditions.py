"""The constraints of a model judged in memory: the same answers as the database, and as many queries for one row as for many."""

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import connection, models
from django.db.models import CheckConstraint, F, Model, Q
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from ctg_site.lib.conditions import Check, Unreadable, check_keys, check_row, check_saved, holds, named_in
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


OURS = ("ctg_site", "territory", "diagnostic", "actions", "governance")
RULES = [
    (model, constraint)
    for model in apps.get_models()
    for constraint in model._meta.constraints
    if model.__module__.split(".")[0] in OURS and isinstance(constraint, CheckConstraint)
]
ASKED_OF_THE_DATABASE = {"ctg_five_years_at_most", "user_email_is_lower_case"}


def test_every_rule_of_the_product_is_judged_in_memory():
    assert len(RULES) > 80
    assert [constraint.name for _, constraint in RULES if not isinstance(constraint, Check)] == []
    unread = {constraint.name for model, constraint in RULES if not _is_read(constraint.condition, model())}
    assert unread == ASKED_OF_THE_DATABASE


@pytest.mark.parametrize(("model", "constraint"), RULES, ids=[constraint.name for _, constraint in RULES])
def test_memory_and_database_refuse_the_same_rows(model, constraint):
    """Of each rule, rows that it accepts and rows that it refuses; rows without one of its columns too, as in a form."""
    if constraint.name in ASKED_OF_THE_DATABASE:
        return
    answers = set()
    for row in rows_around(model, constraint.condition):
        accepted = accepted_by_the_database(constraint, row)
        assert accepted_in_memory(constraint, row) == accepted, row.__dict__
        answers.add(accepted)
    assert answers == {True, False}


def rows_around(model: type[Model], condition: Q, at_most: int = 60) -> Iterator[Model]:
    names = sorted(set(named_in(condition)))
    written = literals(condition)
    choices = {name: candidates(model._meta.get_field(name), written) for name in names}
    chance = random.Random(model.__name__)
    for _ in range(at_most):
        yield model(**{model._meta.get_field(name).attname: chance.choice(choices[name]) for name in names})


def literals(condition: Q) -> list[object]:
    """What a condition compares with: its limits are where it is easily misread."""
    found: list[object] = []
    for child in condition.children:
        if isinstance(child, Q):
            found += literals(child)
        else:
            found += child[1] if isinstance(child[1], list | tuple) else [child[1]]
    return found


def candidates(field: models.Field, written: list[object]) -> list[object]:
    empty = [None] if field.null else []
    numbers = [value for value in written if isinstance(value, int | Decimal) and not isinstance(value, bool)]
    match field:
        case models.BooleanField():
            return [*empty, False, True]
        case models.ForeignKey():
            return [None, 1]
        case models.DateTimeField():
            return [*empty, *(datetime(2024, 1, day, tzinfo=UTC) for day in (1, 2))]
        case models.DateField():
            return [*empty, *(date(2024, 1, day) for day in (1, 2))]
        case models.DecimalField() | models.IntegerField():
            return [*empty, *(value + step for value in [0, *numbers] for step in (-1, 0, 1))]
        case _:
            return [*empty, "", "autre", *(value for value in written if isinstance(value, str))]


def accepted_in_memory(constraint: Check, row: Model) -> bool:
    try:
        with CaptureQueriesContext(connection) as queries:
            constraint.validate(type(row), row)
    except ValidationError:
        return False
    finally:
        assert not queries.captured_queries
    return True


def accepted_by_the_database(constraint: CheckConstraint, row: Model) -> bool:
    try:
        CheckConstraint.validate(constraint, type(row), row)
    except ValidationError:
        return False
    return True


def _is_read(condition: Q, row: Model) -> bool:
    try:
        holds(condition, row)
    except Unreadable:
        return False
    return True


def test_a_rule_that_memory_cannot_read_is_asked_of_the_database():
    ctg = make_ctg()
    ctg.ends_on = ctg.starts_on.replace(year=ctg.starts_on.year + 6)
    with pytest.raises(ValidationError, match="cinq ans au plus"):
        check_saved(ctg)


def test_a_rule_on_a_field_already_refused_says_nothing():
    total = ControlTotal(amount=Decimal(-1))
    constraint = next(constraint for _, constraint in RULES if constraint.name == "control_total_not_negative")
    constraint.validate(ControlTotal, total, exclude={"amount"})
    with pytest.raises(ValidationError):
        constraint.validate(ControlTotal, total, exclude={"year"})


def test_a_save_asks_the_database_for_its_keys_alone():
    """Seven rows pointed to, of which none is read again; five rules, judged in memory; two keys, of which one is its own."""
    facility = a_facility(ctg := make_ctg())
    line = a_line(facility, ctg, "10", service=facility.kind, label="Crèche")
    with CaptureQueriesContext(connection) as queries:
        check_saved(line)
    asked = [query["sql"] for query in queries.captured_queries if query["sql"].startswith("SELECT")]
    assert len(asked) == 1, asked


def test_a_row_that_is_not_at_hand_is_sought():
    line = a_line(a_facility(ctg := make_ctg()), ctg, "10")
    line.facility_id = 0
    with pytest.raises(ValidationError) as refusal:
        check_saved(line)
    assert "facility" in refusal.value.message_dict


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
