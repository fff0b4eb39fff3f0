from collections.abc import Callable, Iterable
from typing import Any

from django.db import transaction
from django.db.models import Q

from actions.models import Action, ActionPlan, Objective
from actions.services.parts import Part, save_parts
from actions.services.writing import draft
from ctg_site.accounts.models import User
from ctg_site.audit.services import record
from ctg_site.lib.errors import RuleBroken
from ctg_site.lib.saving import save_checked
from diagnostic.models import Finding, ThematicGroup
from territory.models import Membership, Organisation, Territory


@transaction.atomic
def save_action(
    action: Action,
    *,
    by: User | None,
    partners: Iterable[Organisation] | None = None,
    communes: Iterable[Territory] | None = None,
    themes: Iterable[ThematicGroup] | None = None,
    findings: Iterable[Finding] | None = None,
) -> Action:
    """Write a fiche; each list replaces the one that is there, None leaves it."""
    plan = draft(action.plan)
    is_new = action.pk is None
    _refuse_a_branch(action)
    _refuse_dates_outside(plan, action)
    _refuse_strangers(plan, action)
    if Objective.objects.filter(plan=plan, code=action.code).exists():
        raise RuleBroken(f"Le numéro {action.code} est déjà celui d’un axe ou d’un objectif du plan.")
    save_checked(action, by=by)
    _set_links(plan, action, partners=partners, communes=communes, themes=themes, findings=findings)
    record(by, "action.created" if is_new else "action.changed", action, ctg=plan.ctg)
    return action


@transaction.atomic
def write_fiche(
    action: Action, *, by: User | None, rows: Iterable[Part] = (), deleted: Iterable[Part] = (), **links: Any
) -> Action:
    """A step of the fiche, its fields and its rows, as one gesture: a refusal leaves everything as it was."""
    save_action(action, by=by, **links)
    save_parts(action, rows=rows, deleted=deleted, by=by)
    return action


@transaction.atomic
def delete_action(action: Action, *, by: User | None) -> None:
    plan = draft(action.plan)
    record(by, "action.deleted", action, ctg=plan.ctg)
    action.delete()


@transaction.atomic
def submit_action(action: Action, *, by: User | None) -> Action:
    """Out of the draft: the fiche has its lead and waits for the technical committee."""
    plan = draft(action.plan)
    if not action.is_draft:
        raise RuleBroken("Cette fiche n’est plus un brouillon.")
    if action.lead_id is None:
        raise RuleBroken("Désignez le porteur de l’action : une fiche sans porteur reste un brouillon.")
    return _set_state(plan, action, Action.Verdict.PENDING, "action.submitted", by=by)


@transaction.atomic
def return_to_draft(action: Action, *, by: User | None) -> Action:
    """Back to the draft: what the committee said stays in its opinions, its verdict no longer counts."""
    plan = draft(action.plan)
    if action.is_draft:
        raise RuleBroken("Cette fiche est déjà un brouillon.")
    return _set_state(plan, action, Action.Verdict.DRAFT, "action.returned_to_draft", by=by)


def _set_state(plan: ActionPlan, action: Action, state: Action.Verdict, event: str, *, by: User | None) -> Action:
    action.verdict, action.verdict_reason = state, ""
    save_checked(action, by=by)
    record(by, event, action, ctg=plan.ctg)
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
    if any(body and body.caf_id != plan.ctg.caf_id for body in (action.lead, action.co_lead)):
        raise RuleBroken("Le porteur n’est pas dans l’annuaire de cette Caf.")
    if any(source and source.diagnosis_id != plan.diagnosis_id for source in (action.priority, action.idea)):
        raise RuleBroken("La priorité ou la piste n’appartient pas au diagnostic de ce plan.")
    if action.lead_user and not is_member(action.lead_user, plan):
        raise RuleBroken("Le pilote doit d’abord être invité dans cette Ctg.")


def is_member(user: User, plan: ActionPlan) -> bool:
    return Membership.objects.filter(Q(ctg=plan.ctg) | Q(caf=plan.ctg.caf), user=user).exists()


def _set_links(plan: ActionPlan, action: Action, **links: Iterable[Any] | None) -> None:
    for name, rows in links.items():
        if rows is None:
            continue
        chosen = list(rows)
        if any(not BELONGS[name](plan, row) for row in chosen):
            raise RuleBroken(STRANGERS[name])
        getattr(action, name).set(chosen)


BELONGS: dict[str, Callable[[ActionPlan, Any], bool]] = {
    "partners": lambda plan, partner: partner.caf_id == plan.ctg.caf_id,
    "communes": lambda plan, commune: commune.pk in set(plan.ctg.communes.values_list("pk", flat=True)),
    "themes": lambda plan, theme: theme.ctg_id == plan.ctg.pk,
    "findings": lambda plan, finding: finding.diagnosis_id == plan.diagnosis_id,
}
STRANGERS = {
    "partners": "Un de ces partenaires n’est pas dans l’annuaire de cette Caf.",
    "communes": "Une de ces communes n’est pas dans le périmètre de cette Ctg.",
    "themes": "Une de ces thématiques n’appartient pas à cette Ctg.",
    "findings": "Un de ces constats n’appartient pas au diagnostic de ce plan.",
}
