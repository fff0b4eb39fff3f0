"""What is masked is decided when figures arrive, leave or are corrected, with all the figures they are tied to.

Reading then asks one boolean of each row. Small counts first, as a set; then what would give them back (disclosure/).
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from territory.disclosure import Breach, Key, audit, protect, suggestion
from territory.known import Catalogue, Rules, public_to, read_catalogue, read_geographies, read_rules
from territory.models import Belonging, Caf, Indicator, Release, Territory, Value, Withholding
from territory.ranking import forget_ranks, refresh_ranks
from territory.telling import telling_sets

Exposed = tuple[Key, Key | None]


@dataclass(frozen=True)
class Figure:
    indicator: Indicator
    territory: Territory
    year: int

    def __str__(self) -> str:
        return f"« {self.indicator.label} », {self.territory.name}, {self.year}"


@dataclass(frozen=True)
class Exposure:
    """A count that the figures shown give away, and what to mask with it: None where others publish all the rest."""

    exposed: Figure
    mask: Figure | None

    def __str__(self) -> str:
        if self.mask is None:
            return f"{self.exposed}\u00a0: tout ce qui le trahit est publié ailleurs ; retirer le chiffre de la Caf."
        return f"{self.exposed}\u00a0: masquer aussi {self.mask}."


@transaction.atomic
def settle(caf: Caf | None, indicators: Iterable[int], years: Iterable[int]) -> set[int]:
    """Decides again among these figures and those tied to them; open data weigh on every Caf, and what a Caf cannot protect by
    itself is left to those that tell it. Ranks follow: those of the indicators returned."""
    catalogue, rules, years = read_catalogue(), read_rules(), set(years)
    related = catalogue.related(indicators)
    changed, tellers = _settle(caf, related, years, catalogue, rules)
    own = Release.objects.filter(caf__isnull=False, values__indicator__in=related, values__year__in=years)
    if caf:
        own = own.exclude(caf=caf).filter(values__territory__in={key[1] for key in tellers})
    for other in Caf.objects.filter(pk__in=own.values("caf")).order_by("pk") if tellers or caf is None else ():
        changed |= _settle(other, related, years, catalogue, rules)[0]
    if changed:
        refresh_ranks(changed)
    return changed


def settle_everywhere(values: QuerySet[Value]) -> None:
    """After a rule or a definition has changed: for open data and for every Caf."""
    rows = values.order_by()
    settle(None, rows.values_list("indicator", flat=True).distinct(), rows.values_list("year", flat=True).distinct())


def mask_at_once(values: QuerySet[Value]) -> None:
    """What the rules forbid to show among these, before the worker judges what would give it back: the small counts, and what
    says them again (their ratios, the amounts that they receive, their evolutions). Their ranks leave until they are made again.
    """
    catalogue, rules = read_catalogue(), read_rules()
    shown = _not_relayed(values.order_by(), rules).filter(number__isnull=False, is_withheld=False)
    counts = {pk for pk, one in catalogue.indicators.items() if one.is_head_count}
    is_small = Q(pk__in=[])
    for source in shown.values_list("release__source", flat=True).distinct():
        for first_year, end_year, rule in rules.spans(source):
            span = Q(release__source=source, year__gte=first_year, year__lt=end_year)
            is_small |= span & Q(number__gt=0, number__lt=rule.threshold)
    small = shown.filter(is_small, indicator__in=counts)
    changed = set(small.values_list("indicator", flat=True).distinct())
    small.update(is_withheld=True)
    touched = set(values.order_by().values_list("indicator", flat=True).distinct())
    for one in catalogue.indicators.values():
        terms = {pk for pk in (one.numerator_id, one.denominator_id, one.tied_to_id) if pk}
        is_touched = one.pk in touched or terms & touched
        if terms and is_touched and _mask_with_terms(one, terms, rules):
            changed.add(one.pk)
    forget_ranks(changed)


def span_of(release: Release) -> tuple[list[int], list[int]]:
    """The indicators and the years that a release brings: to be asked before it leaves."""
    pairs = list(release.values.order_by().values_list("indicator", "year").distinct())
    return list({indicator for indicator, _ in pairs}), list({year for _, year in pairs})


def exposures(caf: Caf, places: Iterable[Territory]) -> list[Exposure]:
    return named_exposures(exposed_keys(caf, places))


def exposed_keys(caf: Caf, places: Iterable[Territory]) -> list[Exposed]:
    """The audit before publication: every year and indicator of these places and of the sets they are part of. Each count
    that is given away, and what to mask with it.

    What open data give away by themselves is relayed as published: it is not what this Caf adds.
    """
    catalogue, rules, around = read_catalogue(), read_rules(), {place.pk for place in places}
    exposed: dict[Key, Key | None] = {}
    for known in read_geographies(caf, set(catalogue.indicators), None, around, catalogue, rules):
        for one in audit(known.table):
            exposed.setdefault(one.key, suggestion(known.table, one))
    if not exposed:
        return []
    elsewhere = read_geographies(None, {key[0] for key in exposed}, None, around, catalogue, rules)
    already = {breach.key for known in elsewhere for breach in audit(known.table)}
    return [(key, mask) for key, mask in exposed.items() if key not in already]


def named_exposures(pairs: Iterable[Exposed]) -> list[Exposure]:
    """In words; a place or an indicator that has left since is told no more."""
    pairs = [(_as_key(exposed), _as_key(mask) if mask else None) for exposed, mask in pairs]
    keys = {key for pair in pairs for key in pair if key}
    indicators = Indicator.objects.in_bulk({key[0] for key in keys})
    places = Territory.objects.in_bulk({key[1] for key in keys})
    figures = {
        key: Figure(indicators[key[0]], places[key[1]], key[2])
        for key in keys
        if key[0] in indicators and key[1] in places
    }
    return [
        Exposure(figures[exposed], figures.get(mask) if mask else None) for exposed, mask in pairs if exposed in figures
    ]


def _as_key(cells: Iterable[int]) -> Key:
    """Kept as JSON, a key comes back as a list."""
    indicator, territory, year = cells
    return indicator, territory, year


def _not_relayed(values: QuerySet[Value], rules: Rules) -> QuerySet[Value]:
    """Open data that their producer protects are relayed as published."""
    return values.exclude(release__caf=None, release__source__in=rules.protected)


def _mask_with_terms(indicator: Indicator, terms: set[int], rules: Rules) -> int:
    term = Value.objects.filter(
        Q(release__caf=OuterRef("release__caf")) | Q(release__caf=None),
        Q(year=OuterRef("year")) | Q(year=OuterRef("start_year")),
        indicator__in=terms,
        territory=OuterRef("territory"),
        number__isnull=False,
        is_withheld=True,
    )
    own = _not_relayed(Value.objects.filter(indicator=indicator, number__isnull=False, is_withheld=False), rules)
    return own.filter(Exists(term)).update(is_withheld=True)


def _settle(
    caf: Caf | None, related: set[int], years: set[int], catalogue: Catalogue, rules: Rules
) -> tuple[set[int], set[Key]]:
    """The indicators of which something appears or disappears; the figures that tell what could not be protected."""
    releases = Release.objects.filter(caf=caf)
    if caf is None:
        releases = releases.exclude(source__in=rules.protected)
    sources: dict[int, list[int]] = defaultdict(list)
    for source, release in releases.order_by("pk").values_list("source", "pk"):
        sources[source].append(release)
    own = [pk for found in sources.values() for pk in found]
    guarded = Value.objects.filter(indicator__in=related, release__in=own).order_by()
    changed, tellers = set[int](), set[Key]()
    for bound in _bound_years(guarded, years, catalogue):
        more, left = _settle_years(guarded, sources, caf, related, bound, catalogue, rules)
        changed |= more
        tellers |= {key for breach in left for one in breach.proof for key in one.factors}
    return changed, tellers


def _settle_years(
    guarded: QuerySet[Value],
    sources: dict[int, list[int]],
    caf: Caf | None,
    related: set[int],
    years: set[int],
    catalogue: Catalogue,
    rules: Rules,
) -> tuple[set[int], list[Breach]]:
    guarded = guarded.filter(Q(year__in=years) | Q(start_year__in=years))
    masked = guarded.filter(is_withheld=True)
    before = dict(masked.values_list("pk", "indicator"))
    _mask_small(guarded, sources, caf, catalogue, rules)
    places = _sensitive_places(guarded, caf, related, years, catalogue)
    left: list[Breach] = []
    for known in read_geographies(caf, related, years, places, catalogue, rules) if places else ():
        left += protect(known.table, known.depend)
        rows = [pk for key in known.table.hidden for pk in known.rows.get(key, ())]
        Value.objects.filter(pk__in=rows, is_withheld=False).update(is_withheld=True)
        del known  # before the next is read
    after = dict(masked.values_list("pk", "indicator"))
    either = before | after
    return {either[pk] for pk in before.keys() ^ after.keys()}, left


def _bound_years(guarded: QuerySet[Value], years: set[int], catalogue: Catalogue) -> list[set[int]]:
    """An evolution binds its two years; no identity binds others, so that they need not be in memory at once."""
    tied = [pk for pk, one in catalogue.indicators.items() if one.tied_to_id]
    evolutions = guarded.filter(indicator__in=tied, start_year__lt=F("year"))
    spans = [set(span) for span in evolutions.values_list("start_year", "year").distinct()]
    found: list[set[int]] = []
    for year in sorted(years):
        if any(year in bound for bound in found):
            continue
        bound = {year}
        while more := set().union(*(span for span in spans if span & bound)) - bound:
            bound |= more
        found.append(bound)
    return found


def _mask_small(
    guarded: QuerySet[Value], sources: dict[int, list[int]], caf: Caf | None, catalogue: Catalogue, rules: Rules
) -> None:
    """Between one and the threshold of its source in its year; and what the Caf chose."""
    is_small = Q(pk__in=[])
    for source, releases in sources.items():
        for first_year, end_year, rule in rules.spans(source):
            is_small |= Q(release__in=releases, year__gte=first_year, year__lt=end_year, number__lt=rule.threshold)
    counts = Q(indicator__in=[pk for pk, one in catalogue.indicators.items() if one.is_head_count], number__gt=0)
    chosen = Q(pk__in=[])
    if caf:
        for row in Withholding.objects.filter(caf=caf, indicator__in=catalogue.indicators):
            chosen |= Q(indicator=row.indicator_id, territory=row.territory_id, year=row.year)
    to_mask = guarded.filter((is_small & counts) | chosen, number__isnull=False)
    kept = list(to_mask.filter(is_withheld=True).values_list("pk", flat=True))
    guarded.filter(is_withheld=True).exclude(pk__in=kept).update(is_withheld=False)
    to_mask.filter(is_withheld=False).update(is_withheld=True)


def _sensitive_places(
    guarded: QuerySet[Value], caf: Caf | None, related: set[int], years: set[int], catalogue: Catalogue
) -> set[int]:
    """Where something is masked, where a published ratio may say a small count, where a total says whom nobody counted."""
    indicators = catalogue.indicators
    ratios = [pk for pk, one in indicators.items() if one.numerator_id]
    heads = [pk for pk in related if indicators[pk].is_additive and indicators[pk].is_head_count]
    secret = Q(is_withheld=True) | Q(quality=Value.Quality.MASKED)  # as the index of secrets has it
    found = {
        place
        for rows in (guarded.filter(secret), guarded.filter(indicator__in=ratios))
        for place in rows.values_list("territory", flat=True).distinct()
    }
    if not guarded.filter(indicator__in=heads).exists():
        return found  # what open data tell of open data is relayed
    near = None
    if caf:
        own = set(guarded.filter(indicator__in=related).values_list("territory", flat=True).distinct())
        near = own | _sets_around(own)
        theirs = public_to(caf).filter(secret, indicator__in=related, year__in=years).exclude(release__caf=caf)
        inside = Q(territory__in=near) | Q(territory__belongings__group__in=near)
        found |= set(theirs.filter(inside).order_by().values_list("territory", flat=True).distinct())
    return found | telling_sets(public_to(caf).filter(indicator__in=heads, year__in=years).order_by(), near)


def _sets_around(places: set[int]) -> set[int]:
    groups = Belonging.objects.filter(commune__in=places).order_by().values_list("group", flat=True)
    parents = Territory.objects.filter(pk__in=places, parent__isnull=False).order_by().values_list("parent", flat=True)
    return {pk for pk in groups.union(parents) if pk}
