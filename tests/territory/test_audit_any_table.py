"""The audit on any table: counts up to a thousand billion, ratios of nothing, figures that contradict one another."""

from datetime import date
from decimal import Decimal

from hypothesis import example, given, settings
from hypothesis import strategies as st

from territory.compositions import LAST_KNOWN
from territory.disclosure import Cell, Table, at_most, audit, protect, suggestion, total_of
from territory.disclosure.audit import Guard, _by_hand, _row, _share_only
from territory.disclosure.identities import ratio
from territory.disclosure.solver import Row, System
from territory.known import Known, _parts_then

YEAR = 2024
SMALL = 5
WHOLE = st.integers(0, 12)
LARGE = st.integers(0, 10**12)
COUNTS = st.lists(WHOLE | LARGE, min_size=1, max_size=5)


def cell(indicator, place, number, *, threshold=SMALL):
    """Masked when it is small; what nobody counted is None."""
    if number is None:
        return Cell((indicator, place, YEAR), None, None, None, threshold)
    number, is_masked = Decimal(number), 0 < number < threshold
    shown = None if is_masked else number
    return Cell((indicator, place, YEAR), number, shown, shown, threshold, is_masked=is_masked)


def table_of(parts, wholes, total, decimals):
    """Two indicators over the same places: parts at most wholes, each with its total, and the published ratios."""
    table = Table({})

    def put(one):
        table.cells[one.key] = one
        if one.is_masked:
            table.hidden.add(one.key)
        return one.key

    for indicator, numbers in ((1, parts), (2, wholes)):
        keys = [put(cell(indicator, place, number)) for place, number in enumerate(numbers, 1)]
        stated = sum(number or 0 for number in numbers) if total is None else total
        table.identities.append(total_of(put(cell(indicator, 0, stated)), keys))
    for place, (part, whole) in enumerate(zip(parts, wholes, strict=False), 1):
        table.identities.append(at_most((1, place, YEAR), (2, place, YEAR)))
        if part is not None and whole:
            number = round(Decimal(part) / whole * 100, decimals)
            told_by = put(cell(3, place, number, threshold=0))
            half = Decimal(5).scaleb(-decimals - 1)
            table.identities += ratio(told_by, (1, place, YEAR), (2, place, YEAR), number, half)
    return table


def depend(keys):
    return set()


@settings(max_examples=80)
@given(wholes=COUNTS, share=st.fractions(0, 1), decimals=st.integers(0, 2))
def test_the_bounds_of_figures_that_agree_hold_the_truth(wholes, share, decimals):
    parts = [int(whole * share) for whole in wholes]
    table = table_of(parts, wholes, None, decimals)
    truth = {key: one.number for key, one in table.cells.items()}
    for breach in audit(table):
        number = float(truth[breach.key])
        room = 1e-6 * max(1.0, *(float(other) for other in truth.values()))
        assert breach.low - room <= number <= breach.high + room


@settings(max_examples=80)
@given(
    parts=st.lists(st.none() | WHOLE | LARGE, min_size=1, max_size=5),
    wholes=st.lists(st.none() | WHOLE | LARGE, min_size=1, max_size=5),
    total=st.none() | WHOLE | LARGE,
    decimals=st.integers(0, 2),
)
@example(parts=[0, 3], wholes=[1000, 2], total=7, decimals=0)  # « 0 % » beside figures that contradict it
@example(parts=[3, 10**12], wholes=[2, 1], total=4, decimals=2)
@example(parts=[None, 1, 5, None], wholes=[None, 5, None], total=None, decimals=0)  # a mask joins them to what held
def test_figures_that_contradict_one_another_are_audited_too(parts, wholes, total, decimals):
    table = table_of(parts, wholes, total, decimals)
    left = protect(table, depend)
    assert all(suggestion(table, breach) is None for breach in left)
    assert left == audit(table), "ce qui n’a pas été regardé de nouveau"


@settings(max_examples=80)
@given(
    truth=st.integers(0, 8),
    others=st.lists(
        st.lists(st.tuples(st.sampled_from([1.0, -1.0, 100.0]), st.integers(0, 9)), max_size=2), min_size=1
    ),
    factor=st.sampled_from([1.0, -1.0, 100.0, -42.5]),
    room=st.sampled_from([0.0, 2.5]),
)
@example(truth=0, others=[[(1.0, 0), (1.0, 0)]], factor=-1.0, room=2.5)  # no end, which HiGHS called a contradiction
def test_what_is_found_by_hand_is_what_the_solver_finds(truth, others, factor, room):
    """Rows that share one cell only are solved without scipy."""
    key, rows = (1, 0, YEAR), []
    for i, more in enumerate(others):
        factors, side = {key: factor}, factor * truth
        for j, (other, number) in enumerate(more):
            factors[1, 1 + i * 10 + j, YEAR] = other
            side += other * number
        rows.append(Row(factors, side - room, side + room))
    assert _share_only(key, rows)
    system, by_hand = System(rows), _by_hand(key, rows)
    solved = system.low(key).number, system.high(key).number
    assert by_hand is not None
    assert abs(by_hand[0].number - solved[0]) < 1e-6
    if solved[0] > 1e-6:
        assert by_hand[1].number == solved[1] or abs(by_hand[1].number - solved[1]) < 1e-6


def test_a_commune_over_the_border_of_its_departement_is_protected_by_what_tells_it():
    """An EPCI of seventy-one communes, one of them in the next département: it is the EPCI less the whole département but
    another EPCI. To mask more of the seventy says nothing of it, and left it known."""
    table, counts = Table({}), {}

    def put(place, number):
        counts[place] = number
        one = cell(1, place, number)
        table.cells[one.key] = one
        table.hidden |= {one.key} if one.is_masked else set()
        return one.key

    def tell(place, parts):
        table.identities.append(
            total_of(put(place, sum(counts[part] for part in parts)), [(1, p, YEAR) for p in parts])
        )

    here, beyond, other, across = range(10, 80), 5, (1, 2), (3, 4)
    put(beyond, 3)
    for place in (*here, *other, *across):
        put(place, 10 + place)
    tell(100, [*here, beyond])
    tell(101, other)
    tell(102, across)
    tell(103, [101, *here])
    tell(104, [102, beyond])
    assert protect(table, depend) == []
    assert audit(table) == []
    assert len(table.hidden) < 12


def told_two_by_two(*, wrong):
    """Three masked counts and the sums of each two of them; ``wrong`` adds a sum and a ceiling that cannot both be true."""
    table = Table({})
    for place, number in enumerate((3, 3, 3, 4, 6, 6, 6, 7)):
        one = cell(1, place, number)
        table.cells[one.key] = one
        table.hidden |= {one.key} if one.is_masked else set()
    ceiling = Cell((1, 9, YEAR), Decimal(1), Decimal(1), Decimal(1), SMALL)
    table.cells[ceiling.key] = ceiling
    first, second, third, other, *sums, false = [key for key in table.cells if key != ceiling.key]
    pairs = ((first, second), (second, third), (first, third))
    table.identities += [total_of(whole, pair) for whole, pair in zip(sums, pairs, strict=True)]
    if wrong:
        table.identities += [total_of(false, (third, other)), at_most(other, ceiling.key)]
    return table


def test_a_figure_typed_wrong_leaves_the_others_to_be_audited_together():
    agreed = {breach.key for breach in audit(told_two_by_two(wrong=False))}
    assert len(agreed) == 3
    assert agreed <= {breach.key for breach in audit(told_two_by_two(wrong=True))}


def test_a_set_is_read_in_the_geography_of_which_most_is_counted():
    """A file of an old year in today's communes: what the EPCI was made of then, one of them gone since, is not its sum."""
    whole, *parts = (cell(1, place, number) for place, number in enumerate((79, 30, 3, 46)))
    known = Known(Table({one.key: one for one in (whole, *parts)}))
    made = [((date.min, date(2025, 12, 31)), {1, 2, 9}), ((date(2026, 1, 1), LAST_KNOWN), {1, 2, 3})]
    assert [set(keys) for keys in _parts_then(known, whole.key, made)] == [{one.key for one in parts}]


def test_nothing_is_solved_where_identities_make_no_ring(monkeypatch):
    """Loading the solver takes 40 MB: an import of a million figures has 100."""
    whole, part, *rest = (cell(1, place, number) for place, number in enumerate((90, 3, None, None, None)))
    table = Table({one.key: one for one in (whole, part, *rest)})
    table.hidden = {part.key}
    table.identities += [
        total_of(whole.key, [part.key, rest[0].key]),
        total_of(rest[0].key, [rest[1].key, rest[2].key]),
    ]

    def no_solving(*_args):
        raise AssertionError

    monkeypatch.setattr(System, "_solve", no_solving)
    assert audit(table) == []


@st.composite
def sums_of_any_cells(draw):
    """Counts and sums of some of them, shown or not, that all hold together; what nobody counted, and published shares."""
    numbers = draw(st.lists(st.integers(0, 9) | st.integers(0, 60), min_size=2, max_size=7))
    table = Table({})

    def put(place, number, *, is_counted=True):
        one = cell(1, place, number) if is_counted else cell(1, place, None)
        table.cells[one.key] = one
        table.hidden |= {one.key} if one.is_masked else set()
        return one.key

    keys = [put(place, number, is_counted=draw(st.booleans()) or number > 20) for place, number in enumerate(numbers)]
    for total in range(draw(st.integers(1, 4))):
        inside = sorted(draw(st.sets(st.integers(0, len(numbers) - 1), min_size=1)))
        whole = put(100 + total, sum(numbers[i] for i in inside), is_counted=draw(st.booleans()))
        table.identities.append(total_of(whole, [keys[i] for i in inside]))
        if draw(st.booleans()):
            table.identities.append(at_most(keys[inside[0]], whole))
    return table


def kinds(table, keys):
    """Cells that enter the same identities take each other's place, and the audit looks at one of them."""
    return {frozenset(id(one) for one in table.by_cell[key] if len(one.factors) > 1) for key in keys}


def each_alone(table):
    """As slowly as can be: both ends of each hidden cell, over all the identities."""
    rows = [_row(table, identity) for identity in table.identities]
    system, found = System(rows), set()
    for key in system.place:
        guard = Guard(table.cells[key].threshold, table.least(key))
        if guard.is_known(system.low(key).number, system.high(key).number):
            found.add(key)
    return found


@settings(max_examples=80, deadline=None)
@given(sums_of_any_cells())
def test_cells_cleared_together_are_those_that_are_cleared_alone(table):
    found = {breach.key for breach in audit(table)}
    assert found <= each_alone(table)
    assert kinds(table, found) == kinds(table, each_alone(table))


@settings(max_examples=80, deadline=None)
@given(sums_of_any_cells(), st.data())
def test_a_few_identities_tell_nothing_that_all_do_not(table, data):
    some = [identity for identity in table.identities if data.draw(st.booleans())]
    everything = {breach.key: breach for breach in audit(table)}
    for breach in audit(table, None, some):  # its low end may be of all that are alike
        assert everything[breach.key].high <= breach.high + 1e-6
    for breach in everything.values():
        assert [again.key for again in audit(table, [breach.key], breach.proof)] == [breach.key]


@settings(max_examples=80, deadline=None)
@given(sums_of_any_cells())
def test_what_is_masked_around_what_was_told_protects_it(table):
    left = protect(table, depend)
    assert kinds(table, each_alone(table)) == kinds(table, {breach.key for breach in left})
    assert all(suggestion(table, breach) is None for breach in left)
