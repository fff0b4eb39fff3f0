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
    save_checked(cost)
    record(by, "action.cost", cost.action, ctg=plan.ctg, year=cost.year, nature=cost.nature, amount=str(cost.amount))
    return cost


@transaction.atomic
def save_financing(financing: Financing, *, by: User | None) -> Financing:
    plan = draft(financing.action.plan)
    refuse_a_year_outside(plan, financing.year)
    if financing.funder.caf_id != plan.ctg.caf_id:
        raise RuleBroken("Ce financeur n’est pas dans l’annuaire de cette Caf.")
    save_checked(financing)
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
def record_payments(action: Action, *, paid: Iterable[tuple[Financing, Decimal | None]], by: User | None) -> None:
    for financing, amount in paid:
        financing.action = action
        record_payment(financing, paid=amount, by=by)


@transaction.atomic
def record_payment(financing: Financing, *, paid: Decimal | None, by: User | None) -> Financing:
    """What was really paid, beside what was planned: the only thing that still moves once the plan is adopted."""
    plan = locked(financing.action.plan)
    if plan.adopted_on is None:
        raise RuleBroken("Le réalisé s’enregistre une fois le plan adopté.")
    current = Financing.objects.select_for_update(of=("self",)).get(pk=financing.pk)
    before, current.paid = current.paid, paid
    if paid is not None and paid < 0:
        raise RuleBroken("Le montant ne peut pas être négatif.")
    current.save(update_fields=["paid"])
    record(
        by,
        "action.paid",
        financing.action,
        ctg=plan.ctg,
        before=_text(before),
        after=_text(paid),
        funder=current.funder.name,
    )
    return current


def refuse_a_year_outside(plan: ActionPlan, year: int) -> None:
    years = plan.ctg.years
    if year not in years:
        raise RuleBroken(f"L’année doit être dans la période de la Ctg, de {years[0]} à {years[-1]}.")


def _text(amount: Decimal | None) -> str | None:
    return None if amount is None else str(amount)
