from datetime import date

from django.db import transaction

from ctg_site.accounts.models import User
from ctg_site.audit.services import record
from ctg_site.lib.errors import RuleBroken
from ctg_site.lib.saving import save_checked
from diagnostic.models import Contribution, ThematicGroup
from territory.models import Organisation


@transaction.atomic
def contribute(
    group: ThematicGroup,
    *,
    author: User,
    kind: str,
    text: str,
    on: date,
    organisation: Organisation | None = None,
    by: User | None = None,
    is_demo: bool = False,
) -> Contribution:
    """A partner speaks to a group while it listens; ``by`` types for the author when they are not the same."""
    if reason := group.why_closed_on(on):
        raise RuleBroken(reason)
    if organisation is not None and organisation.caf_id != group.ctg.caf_id:
        raise RuleBroken("Cet organisme est dans l’annuaire d’une autre Caf.")
    contribution = Contribution(
        group=group, author=author, organisation=organisation, kind=kind, text=text, is_demo=is_demo
    )
    save_checked(contribution)
    record(by or author, "contribution.sent", contribution, ctg=group.ctg)
    return contribution
