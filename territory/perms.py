"""Who may do what on a Ctg: plain booleans from the role. The table is docs/roles.md, read by the tests."""

from collections.abc import Iterable

from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet

from ctg_site.accounts.models import User
from territory.models import Caf, Comment, Ctg, Membership, Role

STAFF = {Role.CAF_MANAGER, Role.CAF_ADVISER}
STEERERS = STAFF | {Role.LEAD}
WRITERS = STEERERS | {Role.EDITOR}
SPEAKERS = set(Role) - {Role.CAF_READER, Role.READER, Role.SIGNATORY}


def _memberships(user: User) -> list[Membership]:
    """All the roles of a person: they came with the account of the visitor (accounts.py), or are read once."""
    if not user.is_authenticated:
        return []
    if not hasattr(user, "_memberships"):
        know_roles(user, Membership.objects.filter(user_id=user.pk))
    return user._memberships  # type: ignore[attr-defined]


def know_roles(user: User, memberships: Iterable[Membership]) -> None:
    user._memberships = list(memberships)  # type: ignore[attr-defined]


def roles_on(user: User, ctg: Ctg) -> set[Role]:
    """The roles that count on this Ctg: those given on it, and those given on its Caf."""
    return {Role(m.role) for m in _memberships(user) if m.ctg_id == ctg.pk or m.caf_id == ctg.caf_id}


def has_role(user: User, ctg: Ctg, allowed: set[Role]) -> bool:
    return bool(user.is_authenticated and (user.is_superuser or roles_on(user, ctg) & allowed))


def is_inside(user: User, ctg: Ctg) -> bool:
    return has_role(user, ctg, set(Role))


def require(allowed: bool, reason: str) -> None:
    """Inside the Ctg but not allowed: a 403 with its reason, in French."""
    if not allowed:
        raise PermissionDenied(reason)


def can_create_ctg(user: User, caf: Caf | None = None) -> bool:
    if not user.is_authenticated:
        return False
    if user.is_superuser:
        return True
    return any(m.role in STAFF and (caf is None or m.caf_id == caf.pk) for m in _memberships(user))


def can_steer(user: User, ctg: Ctg) -> bool:
    """Publish, invite, convene, record decisions: the Caf advisers and the cooperation officer."""
    return has_role(user, ctg, STEERERS)


def can_edit(user: User, ctg: Ctg) -> bool:
    """Write in the rooms of the Ctg: those who steer, and the editors."""
    return has_role(user, ctg, WRITERS)


def can_comment(user: User, ctg: Ctg) -> bool:
    """Those who take part in the work; the others read it."""
    return has_role(user, ctg, SPEAKERS)


def can_settle(user: User, comment: Comment, ctg: Ctg) -> bool:
    """The author of a comment, and those who write in the Ctg."""
    return can_edit(user, ctg) or (comment.author_id == user.pk and can_comment(user, ctg))


def can_manage_members(user: User, ctg: Ctg) -> bool:
    return has_role(user, ctg, STEERERS)


def can_edit_funding(user: User, ctg: Ctg) -> bool:
    """The money of the Caf is entered by the Caf."""
    return has_role(user, ctg, STAFF)


def can_write_caf(user: User, caf: Caf) -> bool:
    """The money of a whole Caf: its lines, its COF, its payments."""
    return bool(user.is_authenticated and (user.is_superuser or caf.pk in written_cafs(user)))


def can_type_figures(user: User, ctg: Ctg) -> bool:
    """A figure typed by a Caf shows on all its Ctgs: the Caf types it."""
    return has_role(user, ctg, STAFF)


def can_bring_files(user: User, caf: Caf | None = None) -> bool:
    """Files of figures: the Caf brings its own, the administrators of the site bring open data too."""
    if not user.is_authenticated:
        return False
    return user.is_superuser or (caf.pk in written_cafs(user) if caf else bool(written_cafs(user)))


def can_change_geography(user: User) -> bool:
    """The official geography is the same for every Caf: the administrators of the site change it."""
    return bool(user.is_authenticated and user.is_superuser)


def staffed_cafs(user: User) -> set[int]:
    """The Cafs where this person works, whatever the role there."""
    return {m.caf_id for m in _memberships(user) if m.caf_id}


def written_cafs(user: User) -> set[int]:
    """The Cafs whose data this person may write."""
    return {m.caf_id for m in _memberships(user) if m.caf_id and m.role in STAFF}


def managed_cafs(user: User) -> set[int]:
    """The Cafs where this person gives the roles."""
    return {m.caf_id for m in _memberships(user) if m.caf_id and m.role == Role.CAF_MANAGER}


def people_of(user: User) -> "QuerySet[User]":
    """The accounts that a person of a Caf may name: those with a role there or on one of its Ctgs."""
    if user.is_superuser:
        return User.objects.all()
    cafs = staffed_cafs(user)
    return User.objects.filter(Q(memberships__caf__in=cafs) | Q(memberships__ctg__caf__in=cafs)).distinct()
