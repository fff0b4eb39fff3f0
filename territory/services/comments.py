from django.db import transaction
from django.db.models import Model

from ctg_site.accounts.models import User
from ctg_site.audit.services import record
from ctg_site.lib.dates import now
from ctg_site.lib.errors import RuleBroken
from ctg_site.lib.saving import save_checked
from territory.models import Comment
from territory.subjects import subject_of


@transaction.atomic
def add_comment(row: Model, *, text: str, by: User, is_demo: bool = False) -> Comment:
    """Somebody inside says something of a finding, a priority, an action; frozen or not, it may be discussed."""
    subject = subject_of(row)
    comment = Comment(
        ctg=subject.ctg_of(row),
        subject_kind=subject.word,
        subject_id=row.pk,
        subject_label=str(row)[:250],
        author=by,
        text=text,
        is_demo=is_demo,
    )
    save_checked(comment)
    record(by, "comment.written", comment, ctg=comment.ctg)
    return comment


@transaction.atomic
def settle_comment(comment: Comment, *, by: User) -> Comment:
    comment = _locked(comment)
    if comment.is_settled:
        raise RuleBroken(f"{comment.settled_by} a déjà marqué ce commentaire comme réglé.")
    comment.settled_at, comment.settled_by = now(), by
    save_checked(comment)
    record(by, "comment.settled", comment, ctg=comment.ctg)
    return comment


@transaction.atomic
def reopen_comment(comment: Comment, *, by: User) -> Comment:
    comment = _locked(comment)
    if not comment.is_settled:
        raise RuleBroken("Ce commentaire n’est pas réglé : il est déjà ouvert.")
    comment.settled_at = comment.settled_by = None
    save_checked(comment)
    record(by, "comment.reopened", comment, ctg=comment.ctg)
    return comment


def _locked(comment: Comment) -> Comment:
    rows = Comment.objects.select_for_update(of=("self",)).select_related("ctg__caf", "author", "settled_by")
    return rows.get(pk=comment.pk)
