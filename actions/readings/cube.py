"""The money of a plan along its three edges: axis × funder × year. Each face adds up to the same total."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from actions.content import PlanContent
from actions.models import Cost, Financing
from ctg_site.lib.charts import StackChart, stack_chart
from ctg_site.lib.numbers import NBSP, euros
from ctg_site.lib.text import search_key

NOTHING = Decimal("0.00")
PLANNED, PAID = "prevu", "realise"
MEASURES: dict[str, tuple[str, Callable[[Financing], Decimal | None]]] = {
    PLANNED: ("Prévu", lambda line: line.planned),
    PAID: ("Réalisé", lambda line: line.paid),
}
SECTIONS = {
    "": "Toutes les sections",
    "fonctionnement": Cost.Nature.RUNNING.label,
    "investissement": Cost.Nature.INVESTMENT.label,
}
NATURES = {"fonctionnement": Cost.Nature.RUNNING, "investissement": Cost.Nature.INVESTMENT}


@dataclass(frozen=True)
class Fact:
    """An amount at its place in the cube."""

    axis: str
    funder: str
    year: str
    amount: Decimal


@dataclass(frozen=True)
class Edge:
    """What a face is read along: its values in order, and the short headings they take as columns."""

    name: str
    of: Callable[[Fact], str]
    values: tuple[str, ...]
    headings: tuple[str, ...]


@dataclass(frozen=True)
class FaceRow:
    label: str
    amounts: tuple[Decimal, ...]
    total: Decimal


@dataclass(frozen=True)
class Face:
    """Two edges of the cube; the row of totals and the column of totals end on the same corner."""

    title: str
    edge: str
    columns: tuple[str, ...]
    rows: tuple[FaceRow, ...]
    totals: FaceRow


@dataclass(frozen=True)
class Cube:
    measure: str
    years: Face
    funders: Face
    crossed: Face  # the columns are short: « Axe 1 »
    detail: tuple[Face, ...]

    @property
    def total(self) -> Decimal:
        return self.years.totals.total

    @property
    def ties(self) -> bool:
        """Added by axis, by funder or by year, the plan costs as much."""
        faces = [self.years, self.funders, self.crossed]
        added = sum((face.totals.total for face in self.detail), NOTHING)
        return {face.totals.total for face in faces} == {self.total} and added == self.total


def plan_cube(content: PlanContent, *, measure: str = PLANNED, section: str = "") -> Cube:
    facts = _facts(content, measure, section)
    axis, funder, year = _axes(content), _funders(facts), _years(content, facts)
    return Cube(
        measure=MEASURES[measure][0],
        years=_face(f"{axis.name} par année", facts, axis, year),
        funders=_face("Financeur par année", facts, funder, year),
        crossed=_face(f"Financeur par {axis.name.lower()}", facts, funder, axis),
        detail=tuple(
            _face(value, [fact for fact in facts if fact.axis == value], funder, year) for value in axis.values
        ),
    )


def cube_chart(cube: Cube) -> StackChart:
    """Who pays each year: a bar a year, a part a funder."""
    face = cube.funders
    rows = [(year, [row.amounts[place] for row in face.rows]) for place, year in enumerate(face.columns)]
    sentence = f"{cube.measure}{NBSP}: {euros(cube.total)} en tout, " + ", ".join(
        f"{euros(amount)} en {year}" for year, amount in zip(face.columns, face.totals.amounts, strict=True)
    )
    return stack_chart(
        "Financements par année et par financeur", f"{sentence}.", [row.label for row in face.rows], rows
    )


def _facts(content: PlanContent, measure: str, section: str) -> list[Fact]:
    amount_of = MEASURES[measure][1]
    nature = NATURES.get(section)
    return [
        Fact(str(axis.objective), line.funder.name, str(line.year), amount_of(line) or NOTHING)
        for axis in content.axes
        for action in axis.all_actions()
        if not action.is_set_aside
        for line in action.financings.all()
        if nature in (None, line.nature)
    ]


def _axes(content: PlanContent) -> Edge:
    name, axes = content.plan.axis_name, [axis.objective for axis in content.axes]
    return Edge(
        name, lambda fact: fact.axis, tuple(str(axis) for axis in axes), tuple(f"{name} {axis.code}" for axis in axes)
    )


def _funders(facts: list[Fact]) -> Edge:
    names = tuple(sorted({fact.funder for fact in facts}, key=search_key))
    return Edge("Financeur", lambda fact: fact.funder, names, names)


def _years(content: PlanContent, facts: list[Fact]) -> Edge:
    """Those of the Ctg, and any other where money was written before its period changed."""
    years = tuple(sorted({*(str(year) for year in content.plan.ctg.years), *(fact.year for fact in facts)}))
    return Edge("Année", lambda fact: fact.year, years, years)


def _face(title: str, facts: Iterable[Fact], rows: Edge, columns: Edge) -> Face:
    cells: dict[tuple[str, str], Decimal] = defaultdict(lambda: NOTHING)
    for fact in facts:
        cells[rows.of(fact), columns.of(fact)] += fact.amount
    lines = [_row(row, [cells[row, column] for column in columns.values]) for row in rows.values]
    totals = [sum((line.amounts[place] for line in lines), NOTHING) for place in range(len(columns.values))]
    return Face(title, rows.name, columns.headings, tuple(lines), _row("Total", totals))


def _row(label: str, amounts: Sequence[Decimal]) -> FaceRow:
    return FaceRow(label, tuple(amounts), sum(amounts, NOTHING))
