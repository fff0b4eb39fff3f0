"""A diagnosis as large as those of real Ctgs: findings with photographs, contributions, figures, ballots, priorities."""

from collections.abc import Iterable
from datetime import date

from actions.services import open_plan
from diagnostic import services
from diagnostic.models import Contribution, Diagnosis, Finding, Priority, Scoring
from diagnostic.services import DEFAULT_GROUPS
from territory.models import Ctg, Indicator, Release, Role, Source, Territory, Value
from tests.diagnostic.factories import add_idea, key_indicator, make_diagnosis, make_user, open_group

ON, VOTERS, PRIORITIES = date(2021, 6, 1), 8, 6


def make_large_diagnosis(*, findings: int, contributions: int, figures: int, ctg: Ctg | None = None) -> Diagnosis:
    """With its plan open, as « Nouvelle Ctg » leaves it."""
    diagnosis = make_diagnosis(ctg=ctg, groups=DEFAULT_GROUPS)
    open_plan(diagnosis, by=None)
    for group in diagnosis.ctg.groups.order_by("position"):
        open_group(group, closes=None)
    grow(diagnosis, findings=findings, contributions=contributions, figures=figures)
    _rank(diagnosis)
    return Diagnosis.objects.for_page().get(pk=diagnosis.pk)


def grow(diagnosis: Diagnosis, *, findings: int, contributions: int, figures: int) -> None:
    """So many more, spread over the groups."""
    groups = list(diagnosis.ctg.groups.order_by("position"))
    indicators = [_figure(number) for number in range(figures)]
    tell_by_place(indicators, diagnosis.ctg)
    author = make_user("Partenaire", role=Role.CONTRIBUTOR, ctg=diagnosis.ctg)
    for number in range(contributions):
        group, text = groups[number % len(groups)], f"Ce que voit le partenaire {number}. " * 5
        services.contribute(group, author=author, kind=Contribution.Kind.MISSING, text=text, on=ON)
    made = [_finding(diagnosis, groups[number % len(groups)], number) for number in range(findings)]
    for number, finding in enumerate(made):
        chosen = indicators[number % max(len(indicators), 1) :][:2]
        services.photograph_figures(finding, indicators=chosen, by=None, on=ON)
        add_idea(diagnosis, group=finding.group, finding=finding, text=f"Piste {number}")
    for number in range(PRIORITIES):
        priority = Priority(diagnosis=diagnosis, title=f"Priorité {number}", text="Pourquoi. " * 20)
        services.save_priority(priority, findings=made[number::PRIORITIES], by=None)


def tell_by_place(indicators: Iterable[Indicator], ctg: Ctg) -> None:
    """What files bring: nobody publishes a perimeter, its figures are those of its communes."""
    source, _ = Source.objects.get_or_create(code="essai", defaults={"name": "Caf, données d’essai", "producer": "Caf"})
    release = Release.objects.create(source=source, caf=ctg.caf, name=f"Livraison {Release.objects.count()}")
    is_perimeter = ctg.territory.kind == Territory.Kind.PERIMETER
    places = list(ctg.communes.all()) if is_perimeter else [ctg.territory]
    Value.objects.bulk_create(
        Value(indicator=indicator, territory=place, year=year, start_year=year, release=release, number=20 + number)
        for indicator in indicators
        for year in (2018, 2019)
        for number, place in enumerate(places)
    )


def _figure(number: int) -> Indicator:
    return key_indicator(f"Chiffre {number}", unit=Indicator.Unit.COUNT, is_additive=True, counts_people=True)


def _finding(diagnosis: Diagnosis, group, number: int) -> Finding:  # type: ignore[no-untyped-def]
    finding = Finding(diagnosis=diagnosis, group=group, kind=Finding.Kind.NEED, title=f"Constat {number}")
    finding.text = "Les familles des villages le disent. " * 8
    communes = list(diagnosis.ctg.communes.order_by("pk"))
    sources = list(group.contributions.order_by("pk")[number % 3 :][:3])
    return services.save_finding(finding, communes=communes, contributions=sources, by=None)


def _rank(diagnosis: Diagnosis) -> None:
    people = [make_user(f"Voix {number}", role=Role.CONTRIBUTOR, ctg=diagnosis.ctg) for number in range(VOTERS)]
    for group in diagnosis.ctg.groups.order_by("position"):
        scoring = services.open_scoring(Scoring(diagnosis=diagnosis, group=group), by=None, on=ON)
        found = list(diagnosis.findings.filter(group=group).order_by("pk"))
        for number, person in enumerate(people):
            marks = {finding: (1 + number % 5, 1 + place % 5) for place, finding in enumerate(found)}
            services.cast_ballot(scoring, college="elected", marks=marks, user=person, on=ON)
        services.close_scoring(scoring, by=None, on=ON)
