from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction

from actions.models import Action
from actions.services.feasibility import give_verdict
from actions.services.fiches import save_action
from ctg_site.accounts.models import User
from ctg_site.lib.errors import RuleBroken
from ctg_site.lib.numbers import NBSP

NOTHING_CHANGED = "Rien n’a été modifié : corrigez ce qui suit, ou retirez ces actions de votre choix."


@dataclass(frozen=True)
class Judgement:
    """The same verdict for all, with its reason: each action keeps it among its opinions."""

    verdict: str
    reason: str
    on: date


@transaction.atomic
def change_actions(
    actions: Iterable[Action], *, changes: Mapping[str, Any], by: User | None, judgement: Judgement | None = None
) -> int:
    """The same change on many fiches, as one gesture: a single refusal leaves them all as they were."""
    chosen = list(actions)
    if not chosen:
        raise RuleBroken("Choisissez au moins une action.")
    if not changes and judgement is None:
        raise RuleBroken("Dites ce qui change : rien n’est rempli.")
    refusals = [refusal for action in chosen if (refusal := _change(action, changes, judgement, by))]
    if refusals:
        raise RuleBroken(NOTHING_CHANGED, missing=refusals)
    return len(chosen)


def _change(action: Action, changes: Mapping[str, Any], judgement: Judgement | None, by: User | None) -> str:
    """The reason of a refusal, or nothing; the others are still tried, so that every reason is read at once."""
    for name, value in changes.items():
        setattr(action, name, value)
    try:
        if changes:
            save_action(action, by=by)
        if judgement:
            give_verdict(action, verdict=judgement.verdict, reason=judgement.reason, by=by, on=judgement.on)
    except RuleBroken as refusal:
        return f"Action {action.code}{NBSP}: {' '.join([str(refusal), *refusal.missing])}"
    return ""
