"""What the public may know of a set of places: every figure of the Caf and of open data, and the identities between them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from itertools import count, groupby
from typing import NamedTuple

from django.db.models import Q, QuerySet

from territory.compositions import LAST_KNOWN, Made, communes_of_communes, compositions
from territory.disclosure import Cell, Identity, Key, Table, at_most, ratio, total_of
from territory.models import Belonging, Caf, ConsistencyRule, Indicator, SecrecyRule, Territory, Value

FOREVER = 10_000
UPPER = (Territory.Kind.DEPARTEMENT, Territory.Kind.REGION, Territory.Kind.FRANCE)
Relation = ConsistencyRule.Relation


@dataclass(frozen=True)
class Rules:
    """The rule of a source for a year; a source without a rule is held to be our own count, below 5."""

    by_source: dict[int, list[SecrecyRule]]
    protected: set[int]

    def of(self, source: int, year: int) -> SecrecyRule:
        return next((rule for rule in self.by_source.get(source, ()) if rule.first_year <= year), UNWRITTEN)

    def spans(self, source: int) -> Iterator[tuple[int, int, SecrecyRule]]:
        """From which year to which other one, excluded, each rule holds."""
        end = FOREVER
        for rule in self.by_source.get(source, ()):
            yield rule.first_year, end, rule
            end = rule.first_year
        yield 0, end, UNWRITTEN


UNWRITTEN = SecrecyRule(first_year=0)


class Row(NamedTuple):
    """A figure with what its delivery says: a file of France has a hundred thousand of them, too many for objects."""

    indicator: int
    territory: int
    year: int
    start_year: int
    number: Decimal | None
    quality: str
    is_withheld: bool
    pk: int
    caf: int | None
    source: int
    loaded_at: datetime

    @property
    def key(self) -> Key:
        return self.indicator, self.territory, self.year


COLUMNS = (*Row._fields[:7], "pk", "release__caf", "release__source", "release__loaded_at")
AT_ONCE = 2000


@dataclass(frozen=True)
class Catalogue:
    indicators: dict[int, Indicator]
    checks: list[ConsistencyRule]

    def related(self, start: Iterable[int]) -> set[int]:
        """All that identities bind to these indicators, from one to the next."""
        neighbours: dict[int, set[int]] = defaultdict(set)
        for bound in self._bound():
            for pk in bound:
                neighbours[pk] |= bound
        found, waiting = set(start), list(start)
        while waiting:
            news = neighbours[waiting.pop()] - found
            found |= news
            waiting += news
        return found

    def _bound(self) -> Iterator[set[int]]:
        for one in self.indicators.values():
            yield {pk for pk in (one.pk, one.numerator_id, one.denominator_id, one.tied_to_id) if pk}
        for check in self.checks:
            yield {check.indicator_id, *(term.pk for term in check.terms)}


def read_rules() -> Rules:
    by_source: dict[int, list[SecrecyRule]] = defaultdict(list)
    for rule in SecrecyRule.objects.order_by("source", "-first_year"):
        by_source[rule.source_id].append(rule)
    return Rules(by_source, {pk for pk, rules in by_source.items() if not any(rule.is_ours for rule in rules)})


def read_catalogue() -> Catalogue:
    checks = ConsistencyRule.objects.filter(relation__in=[Relation.SUM, Relation.AT_MOST])
    return Catalogue(Indicator.objects.in_bulk(), list(checks.select_related("first", "second", "third")))


@dataclass
class Known:
    """``rows`` are the figures behind each cell that may be masked; ``ties`` what is masked with it; ``unsure`` the sets
    that may have been made in several ways, their figures do not say which, each with its parts in the ways not yet believed."""

    table: Table
    rows: dict[Key, list[int]] = field(default_factory=lambda: defaultdict(list))
    ties: dict[Key, set[Key]] = field(default_factory=lambda: defaultdict(set))
    unsure: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))

    def depend(self, keys: set[Key]) -> set[Key]:
        """A ratio goes with its terms, an amount with those who receive it, an evolution with either of its years."""
        tied = {other for key in keys for other in self.ties.get(key, ())}
        return {key for key in tied if self.table.cells[key].is_ours and not self.table.is_hidden(key)}


def read_geographies(
    caf: Caf | None, indicators: set[int], years: set[int] | None, places: set[int], catalogue: Catalogue, rules: Rules
) -> Iterator[Known]:
    """What is known, once for each geography that the figures may be of, the last one first: a stranger knows which, we do
    not, and all believed at once contradict each other. Only around the sets concerned, after the first; what is masked
    between two readings is seen by the next."""
    for geography in count():
        known = _read_known(caf, indicators, years, places, catalogue, rules, geography)
        places = {pk for whole, parts in known.unsure.items() for pk in (whole, *parts)}
        yield known
        del known  # a national one is large, and the next is as large
        if not places:
            return


def _read_known(
    caf: Caf | None,
    indicators: set[int],
    years: set[int] | None,
    places: set[int],
    catalogue: Catalogue,
    rules: Rules,
    geography: int,
) -> Known:
    """Twelve queries at most: the sets around these places, which of them have totals, their members, what became of communes,
    what stands beside them, the figures."""
    visible = public_to(caf).filter(indicator__in=indicators).order_by()
    if years is not None:
        visible = visible.filter(Q(year__in=years) | Q(start_year__in=years))
    upper = dict(Territory.objects.filter(kind__in=UPPER, valid_to=None).values_list("pk", "parent"))
    members, made = _members(places, visible, upper)
    beside = _beside(visible, members, upper, catalogue)
    wanted = Q(territory__in=places.union(members, *members.values(), *_earlier(made)))
    if beside:
        far = {part for sets in beside.values() for parts in sets for part in parts}
        wanted |= Q(territory__in=far, indicator__in={key[0] for key in beside}, year__in={key[2] for key in beside})
    known = Known(Table({}))
    figures = visible.filter(wanted).order_by("indicator", "territory", "year").values_list(*COLUMNS)
    for key, same in groupby(map(Row._make, figures.iterator(AT_ONCE)), key=lambda row: row.key):
        _add_cell(known, key, list(same), caf, catalogue, rules)
    _add_identities(known, members, made, beside, catalogue, geography)
    known.table.hidden = {key for key, cell in known.table.cells.items() if cell.is_masked}
    return known


def public_to(caf: Caf | None) -> "QuerySet[Value]":
    """Open data, what this Caf knows, and what the others show or say to be secret: a stranger reads the pages of them all."""
    if caf is None:
        return Value.objects.filter(release__caf=None)
    return Value.objects.filter(Q(release__caf=None) | Q(release__caf=caf) | Q(number__isnull=False))


def _members(
    places: set[int], visible: "QuerySet[Value]", upper: Mapping[int, int | None]
) -> tuple[dict[int, set[int]], dict[int, Made]]:
    """What each set around these places is the sum of: the communes of an EPCI, a perimeter or a département, the
    départements of a région, the régions of France. A set counts where it has a total, or where a set above tells it.
    Then what those were made of that have been made of several."""
    lasting = Belonging.objects.filter(valid_to=None)
    around = Belonging.objects.filter(Q(commune__in=places) | Q(group__in=places))
    near = set(around.values_list("group", flat=True).distinct())
    inside = Territory.objects.filter(pk__in=places | near, parent__isnull=False)
    parents = set(inside.values_list("parent", flat=True))
    above = _climbed([pk for pk in upper if pk in parents or pk in places], upper)
    groups = near | set(lasting.filter(commune__parent__in=above).values_list("group", flat=True))
    totals = set(visible.filter(territory__in=groups | above).values_list("territory", flat=True).distinct())
    told = {pk for pk in above if _climbed([pk], upper) & totals}
    found: dict[int, set[int]] = defaultdict(set)
    dated: dict[int, list[tuple[int, date, date]]] = defaultdict(list)
    rows = Belonging.objects.filter(group__in=totals & groups).order_by()
    for group, commune, start, end in rows.values_list("group", "commune", "valid_from", "valid_to"):
        dated[group].append((commune, start, end or LAST_KNOWN))
        if end is None:
            found[group].add(commune)
    communes = Territory.objects.communes().filter(parent__in=told, valid_to=None)
    for pk, parent in [*communes.values_list("pk", "parent"), *upper.items()]:
        if parent in told:
            found[parent].add(pk)
    made = {group: list(compositions(rows)) for group, rows in dated.items()} | _mergers(places.union(*found.values()))
    made = {group: spans for group, spans in made.items() if len(spans) > 1 or group not in found}
    for group in made:
        found.setdefault(group, set())
    return found, made


def _mergers(near: set[int]) -> dict[int, Made]:
    """A commune made of others is their sum in whatever year both are told."""
    return {
        whole: [((date.min, LAST_KNOWN), parts)]
        for whole, parts in communes_of_communes().items()
        if not near.isdisjoint(parts | {whole})
    }


def _earlier(made: Mapping[int, Made]) -> list[set[int]]:
    return [inside for spans in made.values() for _, inside in spans]


def _parts_then(known: Known, key: Key, made: Made) -> list[list[Key]]:
    """Its parts in each geography that a figure of that year may be of, the last one first: the one in force when it was
    counted, or a later one. What the figures belie is left out, all that they do not prove where they prove one; where they
    belie all of them, none is."""
    pk, _, year = key
    counted = date(year, 12, 31)
    found = [[(pk, part, year) for part in inside] for (_, end), inside in reversed(made) if end >= counted]
    likely = [parts for parts in found if not _is_belied(known, key, parts)]
    return [parts for parts in likely if _is_proved(known, [key, *parts])] or likely or found


def _is_proved(known: Known, keys: list[Key]) -> bool:
    """Of a sum that is not belied: each figure of it is known to the unit."""
    return all(bounds is not None and bounds[0] == bounds[1] for bounds in (_bounds(known, key) for key in keys))


def _is_belied(known: Known, key: Key, parts: list[Key]) -> bool:
    """By the figures themselves, masked or not: a geography that they are not of tells nothing true."""
    whole, told = _bounds(known, key), [_bounds(known, part) for part in parts]
    if whole is None:
        return False
    if sum(bounds[0] for bounds in told if bounds) > whole[1]:
        return True
    return None not in told and sum(bounds[1] for bounds in told if bounds) < whole[0]


def _bounds(known: Known, key: Key) -> tuple[Decimal, Decimal] | None:
    cell = known.table.cells.get(key)
    if cell and cell.low is not None and cell.high is not None:
        return cell.low, cell.high
    return (cell.number, cell.number) if cell and cell.number is not None else None


def _beside(
    visible: "QuerySet[Value]", members: Mapping[int, set[int]], upper: Mapping[int, int | None], catalogue: Catalogue
) -> dict[Key, list[set[int]]]:
    """A département that nobody counted, beside ours in a counted région, is the sum of its EPCI or of its communes: the
    région less these tells ours. So for a région in France. Only where the total is missing: there are thousands of them."""
    inside: dict[int, set[int]] = defaultdict(set)
    for pk, parent in upper.items():
        if parent is not None:
            inside[parent].add(pk)
    levels = members.keys() & inside.keys()
    strangers = set().union(*(inside[one] for one in levels)) - members.keys()
    if not strangers:
        return {}
    low = {one: inside.get(one, {one}) for one in strangers}
    additive = [pk for pk, one in catalogue.indicators.items() if one.is_additive]
    counted = visible.filter(indicator__in=additive, territory__in=levels.union(strangers, *low.values()))
    seen = set(counted.values_list("indicator", "territory", "year").distinct())
    missing = [
        (pk, one, year)
        for pk, year in {(pk, year) for pk, place, year in seen if place in levels}
        for one in strangers
        if (pk, one, year) not in seen
    ]
    uncounted = {place for pk, one, year in missing for place in low[one] if (pk, place, year) not in seen}
    parts = _parts_of(uncounted, visible, {key[0] for key in missing}, {key[2] for key in missing})
    found: dict[Key, list[set[int]]] = {}
    for pk, one, year in missing:
        told = {place: parts[place] for place in low[one] if place in parts and (pk, place, year) not in seen}
        if one in inside and (told or any((pk, place, year) in seen for place in low[one])):
            found[pk, one, year] = [inside[one]]
        found |= {(pk, place, year): sets for ours in told.values() for place, sets in ours.items()}
    return found


def _parts_of(
    departments: set[int], visible: "QuerySet[Value]", indicators: set[int], years: set[int]
) -> dict[int, dict[int, list[set[int]]]]:
    """Of each of these départements where something is counted: its communes, its EPCI with the communes that are left,
    and the communes of each of these EPCI."""
    near = visible.filter(indicator__in=indicators, year__in=years, territory__parent__in=departments)
    counted = set(near.values_list("territory__parent", flat=True).distinct()) if departments and indicators else set()
    if not counted:
        return {}
    communes: dict[int, set[int]] = defaultdict(set)
    rows = Territory.objects.communes().filter(parent__in=counted, valid_to=None)
    for pk, parent in rows.values_list("pk", "parent"):
        if parent is not None:
            communes[parent].add(pk)
    groups: dict[int, set[int]] = defaultdict(set)
    lasting = Belonging.objects.filter(valid_to=None, group__kind=Territory.Kind.EPCI, group__parent__in=counted)
    for group, commune in lasting.values_list("group", "commune"):
        groups[group].add(commune)
    found = {}
    for place, ours in communes.items():
        whole = {group: inside for group, inside in groups.items() if inside <= ours}
        larger = whole.keys() | ours.difference(*whole.values())
        found[place] = {place: [ours, larger]} | {group: [inside] for group, inside in whole.items()}
    return found


def _climbed(start: Iterable[int], parents: Mapping[int, int | None]) -> set[int]:
    """These places and all that they are inside of."""
    found, waiting = set(start), list(start)
    while waiting:
        parent = parents.get(waiting.pop())
        if parent is not None and parent not in found:
            found.add(parent)
            waiting.append(parent)
    return found


def _add_cell(known: Known, key: Key, values: list[Row], caf: Caf | None, catalogue: Catalogue, rules: Rules) -> None:
    """A figure that open data show is known, whatever we do; else the last one of the Caf is what is read."""
    indicator = catalogue.indicators[key[0]]
    mine = caf and caf.pk
    last = max(values, key=lambda value: (value.caf == mine, value.caf is not None, value.loaded_at, value.pk))
    rule = rules.of(last.source, last.year)
    own = [value for value in values if _is_ours(value, caf, rules)]
    shown = [value for value in values if value.number is not None and not value.is_withheld]
    elsewhere = [value for value in shown if value not in own]
    read = elsewhere[-1] if elsewhere else last if last in shown else None
    low, high = _interval(read.number, rules.of(read.source, read.year)) if read else (None, None)
    is_masked = read is None and (last.is_withheld or last.quality == Value.Quality.MASKED)
    threshold = (rule.threshold or UNWRITTEN.threshold) if indicator.is_head_count else 0
    known.table.cells[key] = Cell(key, last.number, low, high, threshold, bool(own) and not elsewhere, is_masked)
    known.rows[key] += [value.pk for value in own if value.number is not None]
    for term in (indicator.numerator_id, indicator.denominator_id, indicator.tied_to_id):
        if term:
            for year in {value.start_year for value in values} | {key[2]}:
                known.ties[term, key[1], year].add(key)


def _is_ours(value: Row, caf: Caf | None, rules: Rules) -> bool:
    rule = rules.of(value.source, value.year)
    if value.caf is None:
        return caf is None and rule.is_ours
    if caf is None or value.caf != caf.pk:
        return False
    return rule.method != SecrecyRule.Method.NONE


def _interval(number: Decimal | None, rule: SecrecyRule) -> tuple[Decimal, Decimal]:
    """Rounded to 5, « 10 » says between 8 and 14: whether its producer rounds to the nearest or below is not known."""
    number = number or Decimal(0)
    if rule.method != SecrecyRule.Method.ROUNDED:
        return number, number
    return max(number - rule.base // 2, Decimal(0)), number + rule.base - 1


def _add_identities(
    known: Known,
    members: dict[int, set[int]],
    made: Mapping[int, Made],
    beside: Mapping[Key, list[set[int]]],
    catalogue: Catalogue,
    geography: int,
) -> None:
    """A figure that nobody gave takes its place in the identities of those around it: they may tell it, or tell through it."""
    cells, told = known.table.cells, known.table.identities
    _add_uncounted_terms(cells, catalogue)
    waiting, larger = list(cells), _larger_parts({pk: inside for pk, inside in members.items() if pk not in made})
    while waiting:
        pk, place, year = waiting.pop()
        indicator, key = catalogue.indicators[pk], (pk, place, year)
        ways = [[(pk, part, year) for part in inside] for inside in beside.get(key, ())]
        if indicator.is_additive and place in made:
            likely = _parts_then(known, key, made[place])
            ways += likely[geography : geography + 1] or likely[-1:]
            if later := likely[geography + 1 :]:
                known.unsure[place].update(part[1] for parts in later for part in parts)
        elif indicator.is_additive and place in members:
            ways += [[(pk, part, year) for part in sets[place]] for sets in (members, larger) if place in sets]
        told += [total_of(key, parts) for parts in ways]
        news = {part for parts in ways for part in parts if part not in cells}
        cells.update({part: _uncounted(part, indicator) for part in news})
        waiting += news
    _add_uncounted_terms(cells, catalogue)
    for key in list(cells):
        indicator = catalogue.indicators[key[0]]
        if indicator.numerator_id and indicator.denominator_id:
            told += _ratio(cells[key], indicator)
    for check in catalogue.checks:
        for pk, place, year in [key for key in cells if key[0] == check.indicator_id]:
            terms = [(term.pk, place, year) for term in check.terms]
            if all(term in cells for term in terms):
                whole = (pk, place, year)
                told.append(total_of(whole, terms) if check.relation == Relation.SUM else at_most(whole, terms[0]))


def _larger_parts(members: Mapping[int, set[int]]) -> dict[int, set[int]]:
    """A set told by the sets inside of it, and by what is outside of them: a département by its EPCI. The communes say as
    much, but beside a shown total one of these parts is then masked rather than the total."""
    groups: dict[int, set[int]] = defaultdict(set)
    for group, inside in members.items():
        for one in inside:
            groups[one].add(group)
    found: dict[int, set[int]] = {}
    for place, inside in members.items():
        near = set().union(*(groups[one] for one in inside)) - {place}
        chosen, rest = set(), set(inside)
        for group in sorted(near, key=lambda group: (-len(members[group]), group)):
            if members[group] <= rest and members[group] != inside:
                chosen.add(group)
                rest -= members[group]
        if chosen:
            found[place] = chosen | rest
    return found


def _add_uncounted_terms(cells: dict[Key, Cell], catalogue: Catalogue) -> None:
    """Of the sums and of the published ratios."""
    terms: dict[int, set[int]] = defaultdict(set)
    for one in catalogue.indicators.values():
        terms[one.pk] |= {pk for pk in (one.numerator_id, one.denominator_id) if pk}
    for check in catalogue.checks:
        if check.relation == Relation.SUM:
            whole = {check.indicator_id, *(term.pk for term in check.terms)}
            for pk in whole:
                terms[pk] |= whole
    for pk, place, year in list(cells):
        for term in terms[pk]:
            cells.setdefault((term, place, year), _uncounted((term, place, year), catalogue.indicators[term]))


def _uncounted(key: Key, indicator: Indicator) -> Cell:
    """A figure that nobody gave: the others may still tell it."""
    return Cell(key, None, None, None, UNWRITTEN.threshold if indicator.is_head_count else 0)


def _ratio(cell: Cell, indicator: Indicator) -> list[Identity]:
    """What a published ratio says of its terms, even of a numerator that nobody published."""
    if cell.number is None:
        return []
    assert indicator.numerator_id
    assert indicator.denominator_id
    above, below = (indicator.numerator_id, *cell.key[1:]), (indicator.denominator_id, *cell.key[1:])
    exponent = cell.number.normalize().as_tuple().exponent
    digits = max(indicator.decimals, -exponent if isinstance(exponent, int) else 0)
    return ratio(cell.key, above, below, cell.number, Decimal(5).scaleb(-digits - 1))
