from django.db import transaction

from actions.models import Target
from actions.services.writing import draft
from ctg_site.accounts.models import User
from ctg_site.audit.services import record
from ctg_site.lib.saving import save_checked


@transaction.atomic
def save_target(target: Target, *, by: User | None) -> Target:
    """An indicator with its baseline, its goal and its source."""
    plan = draft(target.action.plan)
    is_new = target.pk is None
    save_checked(target, by=by)
    record(by, "target.created" if is_new else "target.changed", target, ctg=plan.ctg, action=target.action.code)
    return target


@transaction.atomic
def delete_target(target: Target, *, by: User | None) -> None:
    plan = draft(target.action.plan)
    record(by, "target.deleted", target, ctg=plan.ctg, action=target.action.code)
    target.delete()
