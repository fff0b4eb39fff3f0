"""Step 4: what the technical committee answers to each criterion, and its opinion."""

from collections.abc import Iterable
from datetime import date

from django.db import transaction

from actions.models import Action, Mark, Opinion
from actions.services.writing import draft
from ctg_site.accounts.models import User
from ctg_site.audit.services import record
from ctg_site.lib.errors import RuleBroken
from ctg_site.lib.saving import save_checked


@transaction.atomic
def give_verdict(
    action: Action,
    *,
    verdict: str,
    by: User | None,
    on: date,
    reason: str = "",
    text: str = "",
    committee: str = "",
    marks: Iterable[Mark] = (),
) -> Action:
    """The technical opinion on an action; anything but « retenue » says why. Earlier opinions stay."""
    plan = draft(action.plan)
    if verdict not in Action.GIVEN:
        raise RuleBroken("Choisissez un verdict : retenue, à retravailler, reportée ou écartée.")
    if action.lead_id is None:
        raise RuleBroken("Désignez le porteur de l’action : une fiche sans porteur reste un brouillon.")
    action.verdict, action.verdict_reason = Action.Verdict(verdict), reason.strip()
    save_checked(action, by=by)
    for mark in marks:
        mark.action = action
        save_checked(mark, by=by)
    opinion = Opinion(action=action, given_on=on, committee=committee, verdict=verdict, reason=reason, text=text)
    save_checked(opinion)
    record(by, "action.verdict", action, ctg=plan.ctg, verdict=action.verdict, reason=action.verdict_reason)
    return action
