from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from ctg_site.accounts.requests import Request
from ctg_site.drafts.pages import with_draft
from ctg_site.lib.http import done, saved
from territory import perms, services
from territory.discussions import read_discussion
from territory.forms import CommentForm
from territory.models import Comment, Ctg
from territory.stories import read_story
from territory.subjects import SUBJECTS

SPEAKERS_ONLY = "Votre rôle permet de lire cette Ctg, pas d’y commenter."
SETTLERS_ONLY = "Ce commentaire est réglé par son auteur ou par les personnes qui rédigent cette Ctg."


def discussion(request: Request, slug: str, kind: str, pk: int) -> HttpResponse:
    """What is said of a subject, and one more comment: the form of the subject's own page is sent here."""
    row, ctg = _subject(request, slug, kind, pk)
    form = CommentForm(request.POST or None)
    if request.method == "POST":
        perms.require(perms.can_comment(request.user, ctg), SPEAKERS_ONLY)
        if saved(form, lambda: services.add_comment(row, text=form.cleaned_data["text"], by=request.user)):
            messages.success(request, "Votre commentaire est ajouté.")
            return redirect(f"{row.get_absolute_url()}#echanges")
    context = {
        "ctg": ctg,
        "row": row,
        "form": form,
        "draft": with_draft(request, form),
        "discussion": read_discussion(row, ctg=ctg, user=request.user),
    }
    return render(request, "territory/discussion.html", context)


def story(request: Request, slug: str, kind: str, pk: int) -> HttpResponse:
    row, ctg = _subject(request, slug, kind, pk)
    return render(request, "territory/story.html", {"ctg": ctg, "row": row, "versions": read_story(row)})


@require_POST
def comment_settle(request: Request, slug: str, pk: int) -> HttpResponse:
    comment = _comment(request, slug, pk)
    done(request, lambda: services.settle_comment(comment, by=request.user), "Le commentaire est réglé.")
    return _back(request, comment)


@require_POST
def comment_reopen(request: Request, slug: str, pk: int) -> HttpResponse:
    comment = _comment(request, slug, pk)
    done(request, lambda: services.reopen_comment(comment, by=request.user), "Le commentaire est rouvert.")
    return _back(request, comment)


def _subject(request: Request, slug: str, kind: str, pk: int) -> tuple[Any, Ctg]:
    if kind not in SUBJECTS:
        raise Http404("Rien à discuter ici.")
    subject = SUBJECTS[kind]
    row = get_object_or_404(subject.rows_of(request.user, slug), pk=pk)
    return row, subject.ctg_of(row)


def _comment(request: Request, slug: str, pk: int) -> Comment:
    rows = Comment.objects.visible_to(request.user).select_related("ctg__caf", "author", "settled_by")
    comment = get_object_or_404(rows, ctg__slug=slug, pk=pk)
    perms.require(perms.can_settle(request.user, comment, comment.ctg), SETTLERS_ONLY)
    return comment


def _back(request: Request, comment: Comment) -> HttpResponse:
    """To the subject; to the Ctg when the subject is no longer there."""
    slug = comment.ctg.slug
    row = SUBJECTS[comment.subject_kind].rows_of(request.user, slug).filter(pk=comment.subject_id).first()
    return redirect(f"{row.get_absolute_url()}#echanges" if row else reverse("ctg", args=[slug]))
