"""Files of figures: dropped, read in the background, looked at, applied, undone."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.text import slugify
from django.views.decorators.http import require_POST

from ctg_site.lib.dates import today
from ctg_site.lib.http import attached, done, saved
from ctg_site.lib.sheets import CONTENT_TYPE
from territory import perms
from territory.forms import AnswerForm, FileForm, TemplateForm
from territory.imports import filing
from territory.imports.jobs import apply_figure_file, read_figure_file, undo_figure_file
from territory.imports.report import (
    answers_given,
    changes_said,
    masses_set_aside,
    report_workbook,
    summary,
    totals_said,
)
from territory.imports.template import template_workbook
from territory.models import FigureFile

PAGE_SIZE = 20
REASON = "La Caf et les administrateurs du site déposent les fichiers de chiffres."


def files(request: HttpRequest) -> HttpResponse:
    perms.require(perms.can_bring_files(request.user), REASON)
    form = FileForm(request.POST or None, request.FILES or None, user=request.user, on=today())
    received: list[FigureFile] = []
    if request.method == "POST" and saved(form, lambda: received.append(form.receive(request.user))):
        read_figure_file.enqueue(received[0].pk)
        return redirect("files:file", received[0].pk)
    return _files(request, form, TemplateForm(user=request.user, on=today(), initial={"year": today().year - 1}))


def _files(request: HttpRequest, form: FileForm, template_form: TemplateForm) -> HttpResponse:
    rows = FigureFile.objects.visible_to(request.user).select_related("caf", "source", "created_by")
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "territory/files.html", {"form": form, "template_form": template_form, "page": page})


def template(request: HttpRequest) -> HttpResponse:
    perms.require(perms.can_bring_files(request.user), REASON)
    form = TemplateForm(request.GET or None, user=request.user, on=today())
    if form.is_bound and not form.is_valid():
        return _files(request, FileForm(user=request.user, on=today()), form)
    if form.is_valid():
        ctg, year = form.cleaned_data["ctg"], form.cleaned_data["year"]
    else:
        ctg, year = form.fields["ctg"].queryset.first(), today().year - 1  # type: ignore[attr-defined]
    if ctg is None:
        return redirect("files:files")
    return attached(template_workbook(ctg, year=year, on=today()), CONTENT_TYPE, f"chiffres-{ctg.slug}-{year}.xlsx")


def file(request: HttpRequest, pk: int) -> HttpResponse:
    found = _own(request, pk)
    context = _context(found)
    return render(request, "territory/file.html", context)


def file_report(request: HttpRequest, pk: int) -> HttpResponse:
    found = _own(request, pk)
    return attached(report_workbook(found, on=today()), CONTENT_TYPE, f"compte-rendu-{slugify(found.name)}.xlsx")


@require_POST
def file_answer(request: HttpRequest, pk: int) -> HttpResponse:
    found = _own(request, pk)
    form = AnswerForm(request.POST, file=found)
    if form.keys and saved(form, lambda: form.save_as(request.user)):
        read_figure_file.enqueue(found.pk)
        return redirect("files:file", pk)
    context = _context(found) | {"questions": form}
    return render(request, "territory/file.html", context)


@require_POST
def file_apply(request: HttpRequest, pk: int) -> HttpResponse:
    """Asked here, done by the worker: a million figures and their secrecy take longer than a page may."""
    found = _own(request, pk)
    if done(request, lambda: filing.ask_to_apply(found), "L’application des chiffres est demandée."):
        apply_figure_file.enqueue(found.pk, request.user.pk)
    return redirect("files:file", pk)


@require_POST
def file_undo(request: HttpRequest, pk: int) -> HttpResponse:
    found = _own(request, pk)
    if done(request, lambda: filing.ask_to_undo(found), "Le retrait des chiffres est demandé."):
        undo_figure_file.enqueue(found.pk, request.user.pk)
    return redirect("files:file", pk)


@require_POST
def file_read(request: HttpRequest, pk: int) -> HttpResponse:
    found = _own(request, pk)
    read_figure_file.enqueue(found.pk)
    return redirect("files:file", pk)


@require_POST
def file_discard(request: HttpRequest, pk: int) -> HttpResponse:
    found = _own(request, pk)
    if done(request, lambda: filing.discard_file(found, by=request.user), "Le fichier est supprimé."):
        return redirect("files:files")
    return redirect("files:file", pk)


def _context(found: FigureFile) -> dict[str, Any]:
    return {
        "file": found,
        "summary": summary(found),
        "aside": masses_set_aside(found),
        "changes": changes_said(found),
        "totals": totals_said(found),
        "answered": answers_given(found),
        "questions": AnswerForm(file=found) if filing.open_questions(found) else None,
        "blocking": filing.what_blocks(found) if found.report and not found.applied_at else [],
    }


def _own(request: HttpRequest, pk: int) -> FigureFile:
    rows = FigureFile.objects.visible_to(request.user).select_related("caf", "source", "created_by", "release")
    found = get_object_or_404(rows, pk=pk)
    perms.require(perms.can_bring_files(request.user, found.caf), REASON)
    return found
