"""The portrait of a place as a PDF, for those who read on paper: key figures, themes, communes, definitions."""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import date

from django.db.models import Q
from django.template.loader import render_to_string

from ctg_site.lib.pdf import kept_pdf
from territory.models import Caf, Indicator
from territory.portraits import portrait_from
from territory.portraits.figures import read_figures
from territory.portraits.stage import Stage
from territory.portraits.themes import Line, ThemeTables, tables_of
from territory.portraits.unknown import missing_from

MOST_LINES = 84  # with their definitions, what eight pages hold
FEW_LINES = 40  # below, there is room to say what is not known, and to read the definitions without a glass
LABELS = dict(Indicator.Theme.choices) | {Indicator.Theme.PORTRAIT: "Population et revenus"}


@dataclass(frozen=True)
class Chapter:
    label: str
    tables: ThemeTables


def portrait_document(stage: Stage, caf: Caf | None, *, is_public: bool, on: date) -> bytes:
    """Eight queries at most: every theme is read at once."""
    html = render_to_string("territory/place/pdf/portrait.html", _content(stage, caf, on) | {"is_public": is_public})
    return kept_pdf(html)


def _content(stage: Stage, caf: Caf | None, on: date) -> dict[str, object]:
    figures = read_figures(stage, caf, Q(), with_communes=True)
    keys = tables_of(figures, figures.keys, on)
    rest = [indicator for indicator in figures.indicators.values() if not indicator.is_key]
    whole = tables_of(figures, rest, on)
    tables = _on_paper(whole, MOST_LINES - len(keys.lines))
    defined = [*keys.lines, *tables.lines]
    chapters = [_chapter(label, theme, tables) for theme, label in LABELS.items()]
    return {
        "place": stage.here,
        "stage": stage,
        "on": on,
        "keys": keys,
        "tables": tables,
        "left_out": len(whole.counted) - len(tables.counted),
        "chapters": [chapter for chapter in chapters if chapter.tables.lines],
        "portrait": portrait_from(figures, caf),
        "defined": defined,
        "is_short": len(defined) < FEW_LINES,
        "missing": missing_from(figures) if len(defined) < FEW_LINES else [],
        "sources": figures.sources(),
    }


def _on_paper(tables: ThemeTables, room: int) -> ThemeTables:
    """All that compares, then as many counts as eight pages hold: of each theme in turn, last those a printed share is made of."""
    terms = {
        pk for line in tables.compared for pk in (line.indicator.numerator_id, line.indicator.denominator_id) if pk
    }
    seen: Counter[str] = Counter()
    ranked = []
    for place, line in enumerate(tables.counted):
        seen[line.indicator.theme] += 1
        ranked.append((line.indicator.pk in terms, seen[line.indicator.theme], place))
    kept = {place for *_, place in sorted(ranked)[: max(room - len(tables.compared), 0)]}
    return replace(tables, counted=[line for place, line in enumerate(tables.counted) if place in kept])


def _chapter(label: str, theme: str, tables: ThemeTables) -> Chapter:
    def of_theme(lines: list[Line]) -> list[Line]:
        return [line for line in lines if line.indicator.theme == theme]

    return Chapter(label, ThemeTables(tables.stage, of_theme(tables.compared), of_theme(tables.counted), [], tables.on))
