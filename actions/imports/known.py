"""What a line of the workbook may name: the tree and the actions of the plan, the directory of the Caf, the communes of the Ctg.

Read once for the whole file, whatever its number of lines.
"""

from typing import Any

from actions.content import PlanContent, code_key, next_code
from actions.imports import reading
from actions.imports.reading import Reader, Refused
from actions.models import Action, Objective
from ctg_site.lib.numbers import NBSP
from ctg_site.lib.prose import clean_line
from ctg_site.lib.text import search_key
from ctg_site.lib.typed_cells import Cell
from territory.models import Organisation, Scheme


class Known:
    def __init__(self, content: PlanContent) -> None:
        self.plan = content.plan
        ctg = self.plan.ctg
        self.first, self.last, self.years = ctg.starts_on, ctg.ends_on, list(ctg.years)
        self.nodes = {node.objective.code: node for node in content.nodes()}
        self.leaves = {
            key: node.objective
            for node in content.nodes()
            if node.is_leaf and node.level
            for key in _names_of(node.objective)
        }
        self.branches = {
            key: node.objective
            for node in content.nodes()
            if not node.is_leaf or not node.level
            for key in _names_of(node.objective)
        }
        self.axes = {key: axis.objective for axis in content.axes for key in _names_of(axis.objective)}
        self.actions: dict[str, Action] = {}
        self._titles: dict[str, list[str]] = {}
        for action in content.actions:
            self.add(action)
        self._organisations = {
            search_key(row.name): row for row in Organisation.objects.filter(caf_id=ctg.caf_id).order_by("name", "pk")
        }
        self._communes = {search_key(row.name): row for row in ctg.communes.order_by("name", "pk")}
        self._themes = {search_key(row.name): row for row in ctg.groups.order_by("position", "pk")}
        self._schemes = {search_key(row.label): row for row in Scheme.objects.order_by("label", "pk")}

    def add(self, action: Action) -> None:
        """Of the plan, or made by this file: the lines below may name it, by its number or its title."""
        self.actions[action.code] = action
        codes = self._titles.setdefault(search_key(action.title), [])
        if action.code not in codes:
            codes.append(action.code)

    def next_code(self, objective: Objective) -> str:
        """The number after the greatest of those that hang there, in the plan and in the file."""
        return next_code(objective.code, self.actions)

    def day(self, *, required: bool = False) -> Reader:
        return reading.day_within(self.first, self.last, required=required)

    def year(self) -> Reader:
        return reading.year_among(self.years)

    @property
    def wrong_year(self) -> str:
        return reading.wrong_year(self.years)

    def organisation(self, *, required: bool = False) -> Reader:
        return reading.one_of(self._organisations, "dans l’annuaire de la Caf", required=required)

    def organisations(self) -> Reader:
        return reading.several_of(self._organisations, "dans l’annuaire de la Caf")

    def communes(self, everywhere: str) -> Reader:
        return reading.several_of(self._communes, "une commune de cette Ctg", whole=everywhere)

    def themes(self) -> Reader:
        return reading.several_of(self._themes, "une thématique de cette Ctg")

    def scheme(self) -> Reader:
        return reading.one_of(self._schemes, "un dispositif connu", required=True)

    def code(self) -> Reader:
        read = reading.text(Action._meta.get_field("code"))

        def checked(cell: Cell | None) -> str:
            found: str = read(cell) if cell else ""
            if found in self.nodes:
                raise Refused(f"Le numéro {found} est déjà celui d’un axe ou d’un objectif du plan.")
            return found

        return checked

    def action(self) -> Reader:
        def read(cell: Cell | None) -> Action:
            said = clean_line(cell.text) if cell else ""
            if said in self.actions:
                return self.actions[said]
            codes = self._titles.get(search_key(said), [])
            if len(codes) > 1:
                raise Refused(
                    f"Plusieurs actions portent cet intitulé{NBSP}: écrivez leur numéro, {' ou '.join(codes)}."
                )
            if not codes:
                raise Refused("Écrivez le numéro d’une action du plan ou de la feuille «\u00a0Actions\u00a0».")
            return self.actions[codes[0]]

        return read

    def axis(self, cell: Cell) -> Objective:
        found = self.axes.get(search_key(cell.text))
        if found is None:
            names = " ; ".join(str(axis) for axis in dict.fromkeys(self.axes.values())) or "aucun pour l’instant"
            raise Refused(f"«{NBSP}{cell.text}{NBSP}» n’est pas un axe du plan{NBSP}: {names}. {ADD_FIRST}")
        return found

    def leaf(self) -> Reader:
        """An action hangs on a leaf of the tree, named by its number, its title or both."""

        def read(cell: Cell | None) -> Objective:
            key = search_key(cell.text) if cell else ""
            if key in self.leaves:
                return self.leaves[key]
            codes = ", ".join(sorted({leaf.code for leaf in self.leaves.values()}, key=code_key))
            if key in self.branches:
                branch = self.branches[key]
                kind = "un axe" if branch.parent_id is None else "subdivisé"
                raise Refused(
                    f"«{NBSP}{branch}{NBSP}» est {kind}{NBSP}: rattachez l’action à l’un de ses objectifs ({_under(branch, codes)})."
                )
            absent = f"«{NBSP}{cell.text}{NBSP}» n’est pas un objectif du plan. " if cell else ""
            raise Refused(
                f"{absent}Écrivez l’un de ceux du plan{NBSP}: {codes or 'il n’y en a pas encore'}. {ADD_FIRST}"
            )

        return read


ADD_FIRST = "Un axe ou un objectif nouveau s’ajoute d’abord sur la page du plan."


def _under(branch: Objective, codes: str) -> str:
    inside = [code for code in codes.split(", ") if code.startswith(f"{branch.code}.")]
    return ", ".join(inside) or "aucun pour l’instant"


def _names_of(objective: Objective) -> list[Any]:
    return [search_key(objective.code), search_key(objective.title), search_key(str(objective))]
