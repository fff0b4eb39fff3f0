from collections.abc import Iterable

from django.db import transaction
from django.db.models import Q

from actions.models import Action, ActionPlan, Objective
from actions.services.writing import draft
from ctg_site.accounts.models import User
from ctg_site.audit.services import record
from ctg_site.lib.errors import RuleBroken
from ctg_site.lib.saving import save_checked
from territory.models import Membership, Organisation, Territory


@transaction.atomic
def save_action(
    action: Action,
    *,
    by: User | None,
    partners: Iterable[Organisation] | None = None,
    communes: Iterable[Territory] | None = None,
) -> Action:
    """Write a fiche; ``partners`` and ``communes`` replace the lists, None leaves them."""
    plan = draft(action.plan)
    is_new = action.pk is None
    _refuse_a_branch(action)
    _refuse_dates_outside(plan, action)
    _refuse_strangers(plan, action)
    if Objective.objects.filter(plan=plan, code=action.code).exists():
        raise RuleBroken(f"Le numéro {action.code} est déjà celui d’un axe ou d’un objectif du plan.")
    save_checked(action, by=by)
    if partners is not None:
        _set_partners(plan, action, partners)
    if communes is not None:
        _set_communes(plan, action, communes)
    record(by, "action.created" if is_new else "action.changed", action, ctg=plan.ctg)
    return action


@transaction.atomic
def delete_action(action: Action, *, by: User | None) -> None:
    plan = draft(action.plan)
    record(by, "action.deleted", action, ctg=plan.ctg)
    action.delete()


@transaction.atomic
def give_verdict(action: Action, *, verdict: str, reason: str = "", by: User | None) -> Action:
    """The technical opinion on an action; anything but « retenue » says why."""
    plan = draft(action.plan)
    action.verdict, action.verdict_reason = Action.Verdict(verdict), reason.strip()
    save_checked(action, by=by)
    record(by, "action.verdict", action, ctg=plan.ctg, verdict=action.verdict, reason=action.verdict_reason)
    return action


def _refuse_a_branch(action: Action) -> None:
    objective = action.objective
    if objective.plan_id != action.plan_id:
        raise RuleBroken("Cet objectif appartient à un autre plan.")
    if objective.parent_id is None:
        raise RuleBroken(f"« {objective} » est un axe : rattachez l’action à l’un de ses objectifs.")
    if objective.children.exists():
        raise RuleBroken(f"« {objective} » est subdivisé : rattachez l’action à l’un de ses sous-objectifs.")


def _refuse_dates_outside(plan: ActionPlan, action: Action) -> None:
    first, last = plan.ctg.starts_on, plan.ctg.ends_on
    if any(day and not first <= day <= last for day in (action.starts_on, action.ends_on)):
        raise RuleBroken(
            f"Les dates de l’action doivent tenir dans la période de la Ctg, du {first:%d/%m/%Y} au {last:%d/%m/%Y}."
        )


def _refuse_strangers(plan: ActionPlan, action: Action) -> None:
    if action.lead and action.lead.caf_id != plan.ctg.caf_id:
        raise RuleBroken("Le porteur n’est pas dans l’annuaire de cette Caf.")
    if action.lead_user and not is_member(action.lead_user, plan):
        raise RuleBroken("Le pilote doit d’abord être invité dans cette Ctg.")


def is_member(user: User, plan: ActionPlan) -> bool:
    return Membership.objects.filter(Q(ctg=plan.ctg) | Q(caf=plan.ctg.caf), user=user).exists()


def _set_partners(plan: ActionPlan, action: Action, partners: Iterable[Organisation]) -> None:
    chosen = list(partners)
    if any(partner.caf_id != plan.ctg.caf_id for partner in chosen):
        raise RuleBroken("Un de ces partenaires n’est pas dans l’annuaire de cette Caf.")
    action.partners.set(chosen)


def _set_communes(plan: ActionPlan, action: Action, communes: Iterable[Territory]) -> None:
    chosen = list(communes)
    outside = {commune.pk for commune in chosen} - set(plan.ctg.communes.values_list("pk", flat=True))
    if outside:
        raise RuleBroken("Une de ces communes n’est pas dans le périmètre de cette Ctg.")
    action.communes.set(chosen)
