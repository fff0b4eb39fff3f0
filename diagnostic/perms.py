"""Who may do what in the diagnosis; the table role × gesture is docs/roles.md."""

from ctg_site.accounts.models import User
from diagnostic.models import ThematicGroup
from territory import perms
from territory.models import Ctg, Role

# A signatory signs and a reader reads; either contributes once given the role of contributor too.
CONTRIBUTORS = set(Role) - {Role.CAF_READER, Role.READER, Role.SIGNATORY}


def can_edit_diagnosis(user: User, ctg: Ctg) -> bool:
    """The summary, the phases, the priorities, the groups."""
    return perms.can_edit(user, ctg)


def can_publish_diagnosis(user: User, ctg: Ctg) -> bool:
    return perms.can_steer(user, ctg)


def can_edit_group(user: User, group: ThematicGroup) -> bool:
    """The findings, ideas and members of a group: those who write in the Ctg, and its lead on this group alone."""
    return perms.can_edit(user, group.ctg) or (group.lead_id == user.pk and can_contribute(user, group))


def can_contribute(user: User, group: ThematicGroup) -> bool:
    return perms.has_role(user, group.ctg, CONTRIBUTORS)
