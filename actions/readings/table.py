"""The actions of a plan as one list, narrowed by what the address asks for."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from actions.budgets import balances
from actions.content import PlanContent, code_key
from actions.models import Action
from ctg_site.lib.dates import year_in
from ctg_site.lib.text import search_key

LACKS: dict[str, tuple[str, Callable[[Action], bool]]] = {
    "porteur": ("sans porteur", lambda action: action.lead_id is None),
    "dates": ("sans dates", lambda action: not (action.starts_on and action.ends_on)),
    "cout": ("sans dépense chiffrée", lambda action: not action.costs.all()),
    "indicateur": ("sans indicateur", lambda action: not action.targets.all()),
    "equilibre": ("non équilibrées", lambda action: any(not balance.is_even for balance in balances(action))),
}
_END_OF_TIME = date.max
SORTS: dict[str, tuple[str, Callable[[Action], Any]]] = {
    "": ("Numéro", lambda action: code_key(action.code)),
    "intitule": ("Intitulé", lambda action: search_key(action.title)),
    "debut": ("Début", lambda action: action.starts_on or _END_OF_TIME),
    "fin": ("Fin", lambda action: action.ends_on or _END_OF_TIME),
    "cout": ("Coût, du plus grand au plus petit", lambda action: -action.cost_total),
}


@dataclass(frozen=True)
class Filters:
    """What the address says; an unknown value is as if nothing was said."""

    q: str = ""
    axe: str = ""
    porteur: str = ""
    etat: str = ""
    annee: str = ""
    commune: str = ""
    manque: str = ""
    tri: str = ""

    @classmethod
    def read(cls, query: Mapping[str, str]) -> "Filters":
        known = {field.name: query.get(field.name, "").strip()[:100] for field in fields(cls)}
        if known["manque"] not in LACKS:
            known["manque"] = ""
        if known["tri"] not in SORTS:
            known["tri"] = ""
        return cls(**known)

    @property
    def narrows(self) -> bool:
        return any((self.q, self.axe, self.porteur, self.etat, self.annee, self.commune, self.manque))

    @property
    def as_query(self) -> dict[str, str]:
        return {field.name: value for field in fields(self) if (value := getattr(self, field.name))}


def filtered(content: PlanContent, filters: Filters) -> list[Action]:
    kept = [action for action in _of_axis(content, filters.axe) if _matches(action, filters)]
    return sorted(kept, key=SORTS[filters.tri][1])


def _of_axis(content: PlanContent, code: str) -> Iterable[Action]:
    axes = [axis for axis in content.axes if code in ("", axis.objective.code)]
    return (action for axis in axes for action in axis.all_actions())


def _matches(action: Action, filters: Filters) -> bool:
    return (
        _says(action, filters.q)
        and filters.porteur in ("", str(action.lead_id or 0))
        and filters.etat in ("", action.verdict)
        and _lasts_in(action, filters.annee)
        and (not filters.commune or action.concerns)
        and (not filters.manque or LACKS[filters.manque][1](action))
    )


def _says(action: Action, asked: str) -> bool:
    """« 1.2 » is looked for as a number, words whatever their accents."""
    return action.code.startswith(asked) or all(word in _words(action) for word in search_key(asked).split())


def _words(action: Action) -> str:
    lead = action.lead.name if action.lead else ""
    return search_key(" ".join([action.title, action.description, action.audience, lead]))


def _lasts_in(action: Action, asked: str) -> bool:
    """An action without dates may fall in any year."""
    year = year_in(asked)
    if year is None:
        return True
    first, last = action.starts_on, action.ends_on
    return (first is None or first.year <= year) and (last is None or last.year >= year)
