"""All along the convention: which step is done, who is late, and a word to those who are, and to nobody else."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from functools import partial

from django.db import models, transaction
from django.db.models import F, Q

from actions.models import Action, ActionPlan, Step
from actions.services.writing import locked
from actions.tasks import send_late_steps
from ctg_site.accounts.models import User
from ctg_site.audit.services import record
from ctg_site.lib.errors import RuleBroken
from territory.models import Ctg

BETWEEN_REMINDERS = timedelta(days=7)


@transaction.atomic
def record_steps(action: Action, *, done: Iterable[tuple[Step, date | None]], by: User | None, on: date) -> None:
    for step, day in done:
        step.action = action
        record_step(step, done_on=day, by=by, on=on)


@transaction.atomic
def record_step(step: Step, *, done_on: date | None, by: User | None, on: date) -> Step:
    """The day a step was done, or None when it was not after all; recorded before the adoption as after it."""
    plan = locked(step.action.plan)
    if done_on and done_on > on:
        raise RuleBroken(f"L’étape « {step.title} » ne peut pas être faite un jour à venir.")
    current = Step.objects.select_for_update().get(pk=step.pk)
    before, current.done_on = current.done_on, done_on
    current.save(update_fields=["done_on"])
    record(
        by,
        "action.step_done",
        step.action,
        ctg=plan.ctg,
        step=step.title,
        before=before and before.isoformat(),
        after=done_on and done_on.isoformat(),
    )
    return current


def late_steps(*, on: date, ctg: Ctg | None = None) -> models.QuerySet[Step]:
    """Of the last adopted version of each plan; a person who no longer has a role there is not late."""
    adopted = ActionPlan.objects.filter(adopted_on__isnull=False)
    later = adopted.filter(diagnosis__ctg=models.OuterRef("action__plan__diagnosis__ctg")).filter(
        version__gt=models.OuterRef("action__plan__version")
    )
    rows = Step.objects.filter(done_on=None, due_on__lt=on, action__verdict=Action.Verdict.RETAINED)
    rows = rows.filter(action__plan__adopted_on__isnull=False).exclude(models.Exists(later))
    member = Q(action__lead_user__memberships__ctg=F("action__plan__diagnosis__ctg")) | Q(
        action__lead_user__memberships__caf=F("action__plan__diagnosis__ctg__caf")
    )
    rows = rows.filter(member, action__lead_user__isnull=False)
    return (rows.filter(action__plan__diagnosis__ctg=ctg) if ctg else rows).distinct()


@transaction.atomic
def remind_late_leads(*, by: User | None, on: date, ctg: Ctg | None = None) -> int:
    """One mail a person and a Ctg, not more than one a week for the same step. Returns how many leave."""
    rows = late_steps(on=on, ctg=ctg).select_related("action__lead_user", "action__plan__diagnosis__ctg")
    waiting = rows.filter(Q(reminded_on=None) | Q(reminded_on__lte=on - BETWEEN_REMINDERS)).order_by("due_on", "pk")
    groups: dict[tuple[int, int], list[Step]] = defaultdict(list)
    for step in waiting:
        groups[step.action.lead_user_id, step.action.plan.ctg.pk].append(step)  # type: ignore[index]
    for (user_id, _), steps in groups.items():
        Step.objects.filter(pk__in=[step.pk for step in steps]).update(reminded_on=on)
        record(by, "plan.lead_reminded", steps[0].action.plan, ctg=steps[0].action.plan.ctg, steps=len(steps))
        transaction.on_commit(partial(send_late_steps.enqueue, user_id, [step.pk for step in steps]))
    return len(groups)
