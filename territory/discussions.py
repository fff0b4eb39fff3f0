"""The comments on a subject, as its page shows them."""

from dataclasses import dataclass

from django.db.models import Model
from django.urls import reverse

from ctg_site.accounts.models import User
from ctg_site.drafts.keys import DraftKey
from territory import perms
from territory.models import Comment, Ctg
from territory.subjects import subject_of


@dataclass(frozen=True)
class ShownComment:
    comment: Comment
    may_settle: bool


@dataclass(frozen=True)
class Discussion:
    ctg: Ctg
    kind: str
    pk: int
    unsettled: list[ShownComment]
    settled: list[ShownComment]
    can_comment: bool
    draft_key: str  # a comment sent after the session ended is given back on the page of the discussion


def read_discussion(row: Model, *, ctg: Ctg, user: User) -> Discussion:
    """One query, whatever the versions in which the subject was discussed."""
    subject = subject_of(row)
    kind = subject.word
    address = reverse("territory:discussion", args=[ctg.slug, kind, row.pk])
    rows = (
        Comment.objects.about(kind, subject.same_as(row))
        .select_related("author", "settled_by")
        .order_by("written_at", "pk")
    )
    shown = [ShownComment(comment, perms.can_settle(user, comment, ctg)) for comment in rows]
    return Discussion(
        ctg=ctg,
        kind=kind,
        pk=row.pk,
        unsettled=[row for row in shown if not row.comment.is_settled],
        settled=[row for row in shown if row.comment.is_settled],
        can_comment=perms.can_comment(user, ctg),
        draft_key=DraftKey(user.pk, "", address, address).signed(),
    )
