"""Photographs of figures: how one is taken, and what the figure has become since."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from ctg_site.lib import numbers
from diagnostic.models import Diagnosis, Finding, Photograph
from territory.models import Indicator, Source, Territory
from territory.portraits.figures import Figures
from territory.portraits.stage import Stage
from territory.portraits.themes import is_old, old_words, years_of
from territory.secrecy import PublicValue, State

EXACT = 4  # decimals, those of the table of the figures


@dataclass(frozen=True)
class Seen:
    """A photograph, and the figure of today when it is another one; ``old_mark`` when it was old the day of the diagnosis."""

    photograph: Photograph
    today: PublicValue | None
    old_mark: str = ""

    @property
    def here(self) -> PublicValue:
        return self.photograph.here


@dataclass(frozen=True)
class Photographed:
    """The photographs of a validated diagnosis, in the place of the figures of today for what compares them."""

    photographs: list[Photograph]
    stage: Stage

    @property
    def keys(self) -> list[Indicator]:
        return [photograph.measure for photograph in self.photographs if photograph.is_key]

    def shown(self, indicator: Indicator, territory: Territory | None, like: PublicValue | None = None) -> PublicValue:
        photograph = self._of(indicator)
        return photograph.in_france if territory == self.stage.france else photograph.here

    def middle(self, indicator: Indicator, like: PublicValue) -> PublicValue:
        return self._of(indicator).in_department

    def sources(self) -> list[dict[str, Any]]:
        grouped: dict[tuple[str, str, str], list[Photograph]] = defaultdict(list)
        for photograph in self.photographs:
            if photograph.source:
                grouped[photograph.source, photograph.producer, photograph.caveat].append(photograph)
        return [_source(rows) for _, rows in sorted(grouped.items())]

    def _of(self, indicator: Indicator) -> Photograph:
        return next(photograph for photograph in self.photographs if photograph.indicator_id == indicator.pk)


def pose(indicator: Indicator, figures: Figures, *, diagnosis: Diagnosis, on: date) -> Photograph:
    """The figure of today, ready to be kept; it comes through the secrecy gate like any other."""
    stage = figures.stage
    here = figures.shown(indicator, stage.here)
    photograph = Photograph(diagnosis=diagnosis, indicator=indicator, taken_on=on, perimeter=stage.here.name)
    photograph.label, photograph.unit, photograph.decimals = indicator.label, indicator.unit, indicator.decimals
    photograph.is_key, photograph.quality = indicator.is_key, here.quality
    _copy(photograph, "", here)
    _copy(photograph, "department_", figures.middle(indicator, like=here))
    _copy(photograph, "france_", figures.shown(indicator, stage.france, like=here))
    photograph.department = stage.department.name if stage.department else ""
    photograph.france = stage.france.name if stage.france else ""
    if origin := figures.origin(indicator, stage.here, here):
        source: Source = origin.release.source
        photograph.source, photograph.producer, photograph.caveat = source.name, source.producer, source.caveat
        photograph.release, photograph.is_demo = origin.release.name, origin.release.is_demo
    return photograph


def is_known(indicator: Indicator, figures: Figures) -> bool:
    """What nobody has told yet cannot be photographed; a secret can."""
    value = figures.shown(indicator, figures.stage.here)
    return value.state in (State.SHOWN, State.MASKED) or value.year is not None


def said(indicator: Indicator, value: PublicValue) -> str:
    """« Allocataires à bas revenus : 43 % (2019) »."""
    return f"{indicator.label}\u00a0: {value.text}" + (f" ({years_of(value)})" if value.year else "")


def obey_secrecy(photographs: Iterable[Photograph], figures: Figures) -> None:
    """What the gate says today of the figures of the same years: those masked since are masked in the photographs too.

    ``figures`` were read with their indicators; the rows stay as they were taken.
    """
    indicators = {indicator.pk: indicator for indicator in figures.indicators.values()}
    for row in photographs:
        if indicator := indicators.get(row.indicator_id):
            stage = figures.stage
            _mask(row, "", figures.shown(indicator, stage.here, like=row.here))
            if row.department_number is not None:
                _mask(row, "department_", figures.middle(indicator, like=row.in_department))
            if row.france_number is not None:
                _mask(row, "france_", figures.shown(indicator, stage.france, like=row.in_france))


def seen(photographs: Iterable[Photograph], figures: Figures | None, *, on: date | None) -> list[Seen]:
    """No query: ``figures`` were read with the indicators of these photographs; None says nothing of today."""
    indicators = {indicator.pk: indicator for indicator in figures.indicators.values()} if figures else {}

    def one(row: Photograph) -> Seen:
        today = figures.shown(indicators[row.indicator_id], figures.stage.here) if figures else None
        return Seen(row, today and _since(row, today), old_words() if on and is_old(row.here, on) else "")

    return [one(row) for row in photographs]


def hang(
    findings: Iterable[Finding], photographs: Iterable[Photograph], figures: Figures | None, *, on: date | None
) -> None:
    """Each finding with its own, as ``finding.seen``: templates read it there."""
    by_finding: dict[int | None, list[Seen]] = defaultdict(list)
    for row in seen(photographs, figures, on=on):
        by_finding[row.photograph.finding_id].append(row)
    for finding in findings:
        finding.seen = by_finding[finding.pk]  # type: ignore[attr-defined]


def seen_by(finding: Finding) -> list[Seen]:
    """What ``hang`` hung."""
    return finding.seen  # type: ignore[attr-defined]


def _since(photograph: Photograph, today: PublicValue) -> PublicValue | None:
    then = photograph.here
    is_same = (then.text, then.year, then.start_year) == (today.text, today.year, today.start_year)
    return None if is_same else today


def _copy(photograph: Photograph, place: str, value: PublicValue) -> None:
    number = None if value.number is None else numbers.rounded(value.number, EXACT)
    found: dict[str, object] = {"state": value.state.value, "number": number, "text": value.text}
    found |= {"year": value.year, "start_year": value.start_year}
    for name, content in found.items():
        setattr(photograph, place + name, content)


def _mask(photograph: Photograph, place: str, today: PublicValue) -> None:
    if today.state == State.MASKED and today.year == getattr(photograph, f"{place}year"):
        for name, content in {"state": State.MASKED.value, "number": None, "text": today.text}.items():
            setattr(photograph, place + name, content)


def _source(rows: list[Photograph]) -> dict[str, Any]:
    releases = sorted({row.release for row in rows if row.release})
    return {"source": rows[0].origin, "releases": releases, "is_demo": any(row.is_demo for row in rows)}
