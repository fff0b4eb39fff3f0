"""What changed from one version of a plan to another: actions, dates, amounts. A constant number of queries."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db.models import Prefetch

from actions.content import code_key
from ctg_site.lib.dates import short_date
from ctg_site.lib.numbers import euros, shortest
from ctg_site.lib.text import search_key

if TYPE_CHECKING:
    from actions.models import Action, ActionPlan
    from ctg_site.accounts.models import User

Actions = dict[Any, Any]
NOTHING = "rien"
ADDED, REMOVED, CHANGED = "added", "removed", "changed"
LABELS = {ADDED: "Ajoutée", REMOVED: "Retirée", CHANGED: "Modifiée"}


@dataclass(frozen=True)
class FieldChange:
    label: str
    before: str
    after: str


@dataclass(frozen=True)
class ActionChange:
    kind: str
    action: "Action"
    fields: list[FieldChange]

    @property
    def label(self) -> str:
        return LABELS[self.kind]


@dataclass(frozen=True)
class Comparison:
    old: "ActionPlan"
    new: "ActionPlan"
    changes: list[ActionChange]
    unchanged: int
    cost_before: Decimal
    cost_after: Decimal

    @property
    def gap(self) -> Decimal:
        return self.cost_after - self.cost_before


def compare(old: "ActionPlan", new: "ActionPlan", *, led_by: "User | None" = None) -> Comparison:
    """Both versions are read together, so that two take no more queries than one."""
    before, after = _read(old, new, led_by)
    keys = before.keys() | after.keys()
    changes = [change for key in keys if (change := _change(before.get(key), after.get(key)))]
    return Comparison(
        old,
        new,
        sorted(changes, key=lambda change: code_key(change.action.code)),
        unchanged=len(keys) - len(changes),
        cost_before=_cost(before),
        cost_after=_cost(after),
    )


def _read(old: "ActionPlan", new: "ActionPlan", led_by: "User | None") -> tuple[Actions, Actions]:
    actions: Any = type(old)._meta.get_field("actions").related_model
    rows = actions.objects.filter(plan__in=[old.pk, new.pk])
    if led_by:
        rows = rows.filter(lead_user=led_by)
    lines: Any = actions._meta.get_field("financings").related_model
    financings = Prefetch("financings", lines.objects.select_related("funder"))
    rows = rows.select_related("objective", "lead", "lead_user").order_by("pk")
    found = list(rows.prefetch_related("communes", "partners", "targets", "steps", "costs", financings))
    before, after = ({row.key: row for row in found if row.plan_id == plan.pk} for plan in (old, new))
    return before, after


def _change(before: "Action | None", after: "Action | None") -> ActionChange | None:
    if before is None or after is None:
        kept = before or after
        assert kept is not None
        return ActionChange(REMOVED if before else ADDED, kept, [])
    rows = dict.fromkeys([*(old := _facts(before)), *(new := _facts(after))])
    fields = [
        FieldChange(label, old.get(label, NOTHING), new.get(label, NOTHING))
        for label in rows
        if old.get(label, NOTHING) != new.get(label, NOTHING)
    ]
    return ActionChange(CHANGED, after, fields) if fields else None


def _facts(action: "Action") -> dict[str, str]:
    """Everything that is compared, as a reader says it."""
    texts = {
        "Numéro": action.code,
        "Intitulé": action.title,
        "Objectif": str(action.objective),
        "Description": action.description,
        "Public": action.audience,
        "Résultats attendus": action.expected_results,
        "Porteur": str(action.lead or ""),
        "Pilote": str(action.lead_user or ""),
        "Partenaires": _names(action.partners.all()),
        "Communes": _names(action.communes.all()) or "Tout le territoire",
        "Début": short_date(action.starts_on) if action.starts_on else "",
        "Fin": short_date(action.ends_on) if action.ends_on else "",
        "Moyens humains (ETP)": "" if action.staff_fte is None else shortest(action.staff_fte),
        "État": action.get_verdict_display(),
    }
    return {label: text for label, text in [*texts.items(), *_rows(action)] if text}


def _rows(action: "Action") -> Iterator[tuple[str, str]]:
    for step in action.steps.all():
        yield f"Étape « {step.title} »", short_date(step.due_on)
    costs: dict[int, Decimal] = defaultdict(Decimal)
    for cost in action.costs.all():
        costs[cost.year] += cost.amount
    for year in sorted(costs):
        yield f"Coût {year}", euros(costs[year])
    funding: dict[tuple[int, str], Decimal] = defaultdict(Decimal)
    for line in action.financings.all():
        funding[line.year, line.funder.name] += line.planned
    for year, name in sorted(funding):
        yield f"{name}, {year}", euros(funding[year, name])
    for target in action.targets.all():
        start = "non disponible" if target.baseline is None else shortest(target.baseline)
        yield f"Indicateur « {target.label} »", f"de {start} à {shortest(target.goal)} {target.unit}"


def _names(rows: Any) -> str:
    return ", ".join(sorted((row.name for row in rows), key=search_key))


def _cost(actions: Actions) -> Decimal:
    return sum((action.cost_total for action in actions.values() if not action.is_set_aside), Decimal("0.00"))
