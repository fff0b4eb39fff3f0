from collections.abc import Sequence
from datetime import date

from django.db import transaction

from actions import missing
from actions.content import read_plan
from actions.models import ActionPlan
from actions.services.writing import draft, locked
from ctg_site.accounts.models import User
from ctg_site.audit.services import record
from ctg_site.lib.dates import now
from ctg_site.lib.errors import RuleBroken
from ctg_site.lib.saving import save_checked
from diagnostic.models import Diagnosis


@transaction.atomic
def open_plan(diagnosis: Diagnosis, *, by: User | None) -> ActionPlan:
    """Begin the plan of a diagnosis: drafting ahead of its validation is allowed, closing is not."""
    if diagnosis.plans.exists():
        raise RuleBroken("Le plan d’actions de ce diagnostic est déjà ouvert.")
    earlier = ActionPlan.objects.filter(diagnosis__ctg=diagnosis.ctg).order_by("-version").first()
    plan = ActionPlan(diagnosis=diagnosis, version=earlier.version + 1 if earlier else 1)
    save_checked(plan, by=by)
    record(by, "plan.opened", plan, ctg=diagnosis.ctg)
    return plan


@transaction.atomic
def describe_plan(plan: ActionPlan, *, introduction: str, level_names: Sequence[str], by: User | None) -> ActionPlan:
    """Write the territory project and name the levels of its tree; the committee fixes both with the axes."""
    plan = draft(plan)
    if plan.axes_fixed_on:
        raise RuleBroken("Les axes sont fixés : le projet de territoire et le nom des niveaux ne se modifient plus.")
    names = [name.strip() for name in level_names if name.strip()]
    if names and not 2 <= len(names) <= 3:
        raise RuleBroken("Le projet de territoire a deux ou trois niveaux.")
    deepest = "__".join(["parent"] * len(names))
    if names and plan.objectives.filter(**{f"{deepest}__isnull": False}).exists():
        raise RuleBroken(f"Le projet a déjà plus de {len(names)} niveaux : nommez-les tous.")
    plan.introduction, plan.level_names = introduction, names
    save_checked(plan, by=by)
    record(by, "plan.described", plan, ctg=plan.ctg)
    return plan


@transaction.atomic
def fix_axes(plan: ActionPlan, *, decision: str, by: User | None, on: date) -> ActionPlan:
    return _close(plan, "axes_fixed", "Les axes ne peuvent pas encore être fixés.", decision=decision, by=by, on=on)


@transaction.atomic
def formalise_plan(plan: ActionPlan, *, decision: str, by: User | None, on: date) -> ActionPlan:
    return _close(plan, "formalised", "Le plan ne peut pas encore être formalisé.", decision=decision, by=by, on=on)


@transaction.atomic
def close_costing(plan: ActionPlan, *, decision: str, by: User | None, on: date) -> ActionPlan:
    return _close(
        plan,
        "costed",
        "La faisabilité et le chiffrage ne peuvent pas encore être clos.",
        decision=decision,
        by=by,
        on=on,
    )


@transaction.atomic
def adopt_plan(plan: ActionPlan, *, decision: str, by: User | None, on: date) -> ActionPlan:
    """Close the writing of the plan: from now on it can be signed, not edited."""
    return _close(plan, "adopted", "Le plan ne peut pas encore être adopté.", decision=decision, by=by, on=on)


@transaction.atomic
def mark_signed(plan: ActionPlan, *, by: User | None, on: date) -> ActionPlan:
    """The convention that holds this plan is signed by all; called by the room that signs."""
    plan = locked(plan)
    if plan.adopted_on is None:
        raise RuleBroken("Le plan n’est pas adopté : il ne peut pas être signé.")
    if plan.signed_on:
        raise RuleBroken("Ce plan est déjà signé.")
    if on < plan.adopted_on:
        raise RuleBroken(f"La signature ne peut pas précéder l’adoption du plan, le {plan.adopted_on:%d/%m/%Y}.")
    plan.signed_on = on
    plan.save(update_fields=["signed_on"])
    record(by, "plan.signed", plan, ctg=plan.ctg, on=on.isoformat())
    return plan


@transaction.atomic
def publish_plan(plan: ActionPlan, *, by: User | None) -> ActionPlan:
    plan = locked(plan)
    if not plan.is_adopted:
        raise RuleBroken("Le plan se publie une fois adopté.")
    if plan.published_at:
        raise RuleBroken("Le plan est déjà publié.")
    plan.published_at = now()
    plan.save(update_fields=["published_at"])
    record(by, "plan.published", plan, ctg=plan.ctg)
    return plan


@transaction.atomic
def unpublish_plan(plan: ActionPlan, *, by: User | None) -> ActionPlan:
    plan = locked(plan)
    if plan.published_at is None:
        raise RuleBroken("Le plan n’est pas publié.")
    plan.published_at = None
    plan.save(update_fields=["published_at"])
    record(by, "plan.unpublished", plan, ctg=plan.ctg)
    return plan


def _close(plan: ActionPlan, closure: str, refusal: str, *, decision: str, by: User | None, on: date) -> ActionPlan:
    plan = locked(plan)
    if getattr(plan, f"{closure}_on"):
        raise RuleBroken("Cette étape du plan est déjà validée.")
    if not decision.strip():
        raise RuleBroken("Seule la décision d’un comité valide une étape du plan : indiquez-la.")
    lacks = [lack.text for lack in missing.lacks_before(closure, read_plan(plan, without=("funders",)))]
    if lacks:
        raise RuleBroken(refusal, missing=lacks)
    _refuse_before_the_step_before(plan, closure, on)
    setattr(plan, f"{closure}_on", on)
    setattr(plan, f"{closure}_decision", decision.strip()[:120])
    plan.save(update_fields=[f"{closure}_on", f"{closure}_decision"])
    record(by, f"plan.{closure}", plan, ctg=plan.ctg, on=on.isoformat(), decision=decision)
    return plan


def _refuse_before_the_step_before(plan: ActionPlan, closure: str, on: date) -> None:
    place = ActionPlan.CLOSURES.index(closure)
    before = getattr(plan, f"{ActionPlan.CLOSURES[place - 1]}_on") if place else plan.diagnosis.validated_on
    if before and on < before:
        raise RuleBroken(f"Cette étape ne peut pas être datée avant la précédente, validée le {before:%d/%m/%Y}.")
