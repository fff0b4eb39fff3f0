from collections.abc import Iterable
from decimal import Decimal

from django.db import transaction

from actions.models import Action, ActionPlan, Cost, Financing
from actions.services.writing import draft, locked
from ctg_site.accounts.models import User
from ctg_site.audit.services import record
from ctg_site.lib.errors import RuleBroken
from ctg_site.lib.saving import save_checked


@transaction.atomic
def save_cost(cost: Cost, *, by: User | None) -> Cost:
    plan = draft(cost.action.plan)
    refuse_a_year_outside(plan, cost.year)
    save_checked(cost, by=by)
    record(by, "action.cost", cost.action, ctg=plan.ctg, year=cost.year, nature=cost.nature, amount=str(cost.amount))
    return cost


@transaction.atomic
def save_financing(financing: Financing, *, by: User | None) -> Financing:
    plan = draft(financing.action.plan)
    refuse_a_year_outside(plan, financing.year)
    if financing.funder.caf_id != plan.ctg.caf_id:
        raise RuleBroken("Ce financeur n’est pas dans l’annuaire de cette Caf.")
    save_checked(financing, by=by)
    record(
        by,
        "action.financing",
        financing.action,
        ctg=plan.ctg,
        funder=financing.funder.name,
        year=financing.year,
        nature=financing.nature,
        planned=str(financing.planned),
    )
    return financing


@transaction.atomic
def delete_cost(cost: Cost, *, by: User | None) -> None:
    plan = draft(cost.action.plan)
    record(by, "action.cost_deleted", cost.action, ctg=plan.ctg, year=cost.year, amount=str(cost.amount))
    cost.delete()


@transaction.atomic
def delete_financing(financing: Financing, *, by: User | None) -> None:
    plan = draft(financing.action.plan)
    record(
        by,
        "action.financing_deleted",
        financing.action,
        ctg=plan.ctg,
        funder=financing.funder.name,
        year=financing.year,
    )
    financing.delete()


@transaction.atomic
def save_budget(
    action: Action, *, rows: Iterable[Cost | Financing], deleted: Iterable[Cost | Financing], by: User | None
) -> None:
    """All the money of an action as one gesture: a line refused leaves everything as it was."""
    for row in deleted:
        delete_cost(row, by=by) if isinstance(row, Cost) else delete_financing(row, by=by)
    for row in rows:
        row.action = action
        save_cost(row, by=by) if isinstance(row, Cost) else save_financing(row, by=by)


@transaction.atomic
def record_amounts(
    action: Action, *, changes: Iterable[tuple[Cost | Financing, str, Decimal | None]], by: User | None
) -> None:
    """Everything that was typed on the page of an action, as one gesture."""
    for row, field, amount in changes:
        row.action = action
        record_amount(row, field=field, amount=amount, by=by)


def record_payment(financing: Financing, *, paid: Decimal | None, by: User | None) -> Financing:
    record_amount(financing, field="paid", amount=paid, by=by)
    return Financing.objects.get(pk=financing.pk)


@transaction.atomic
def record_amount(row: Cost | Financing, *, field: str, amount: Decimal | None, by: User | None) -> None:
    """What was really committed, paid or spent, beside what was planned: it still moves once the plan is adopted."""
    plan = locked(row.action.plan)
    if plan.adopted_on is None and plan.previous_id is None:
        raise RuleBroken("Le réalisé s’enregistre une fois le plan adopté.")
    if amount is not None and amount < 0:
        raise RuleBroken("Le montant ne peut pas être négatif.")
    current = type(row)._base_manager.select_for_update(of=("self",)).get(pk=row.pk)
    before = getattr(current, field)
    setattr(current, field, amount)
    current.save(update_fields=[field])
    record(by, f"action.{field}", row.action, ctg=plan.ctg, before=_text(before), after=_text(amount), row=str(current))


def refuse_a_year_outside(plan: ActionPlan, year: int) -> None:
    years = plan.ctg.years
    if year not in years:
        raise RuleBroken(f"L’année doit être dans la période de la Ctg, de {years[0]} à {years[-1]}.")


def _text(amount: Decimal | None) -> str | None:
    return None if amount is None else str(amount)
