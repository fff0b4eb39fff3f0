"""Contribute with an account, see what became of it, answer, download what is attached."""

from django.contrib import messages
from django.http import FileResponse, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from ctg_site.accounts.requests import Request
from ctg_site.drafts.pages import with_draft
from ctg_site.lib.dates import today
from ctg_site.lib.http import saved
from diagnostic import perms, services
from diagnostic.contribution_forms import AnswerForm, ContributionForm
from diagnostic.models import Contribution, ThematicGroup
from diagnostic.outcomes import outcomes
from diagnostic.views.access import CONTRIBUTORS_ONLY, GROUP_ONLY, diagnosis_inside, group_inside
from territory.perms import require


def contribute(request: Request, slug: str, pk: int) -> HttpResponse:
    """A text sent too late is refused, and stays on the page to be copied."""
    group = group_inside(request, slug, pk)
    require(perms.can_contribute(request.user, group), CONTRIBUTORS_ONLY)
    instance = Contribution(group=group, author=request.user)
    form = ContributionForm(request.POST or None, request.FILES or None, instance=instance)
    if request.method == "POST" and saved(form, lambda: _send(group, form, request)):
        messages.success(request, "Merci : votre contribution est envoyée au groupe.")
        return redirect("diagnostic:group", slug, pk)
    draft = with_draft(request, form)
    context = {
        "ctg": group.ctg,
        "group": group,
        "form": form,
        "draft": draft,
        "why_closed": group.why_closed_on(today()),
    }
    return render(request, "diagnostic/contribute.html", context)


def my_contributions(request: Request, slug: str) -> HttpResponse:
    """« Ce qu’est devenue ma contribution », for an account."""
    ctg = diagnosis_inside(request, slug).ctg
    mine = Contribution.objects.filter(group__ctg=ctg).of_person(request.user)
    return render(request, "diagnostic/my_contributions.html", {"ctg": ctg, "outcomes": outcomes(mine)})


def contribution_answer(request: Request, slug: str, pk: int) -> HttpResponse:
    contribution = _inside(request, slug, pk)
    require(perms.can_edit_group(request.user, contribution.group), GROUP_ONLY)
    form = AnswerForm(request.POST or None, instance=contribution)
    if request.method == "POST" and saved(
        form, lambda: services.answer_contribution(contribution, **form.cleaned_data, by=request.user)
    ):
        messages.success(request, "La réponse est enregistrée : son auteur la lira sur sa page.")
        return redirect("diagnostic:group", slug, contribution.group_id)
    context = {
        "ctg": contribution.group.ctg,
        "contribution": contribution,
        "who": contribution.signature(knows=True),
        "form": form,
        "draft": with_draft(request, form),
    }
    return render(request, "diagnostic/contribution_answer.html", context)


def contribution_attachment(request: Request, slug: str, pk: int) -> FileResponse:
    """Downloaded, never shown: the browser neither guesses its kind nor runs anything of it."""
    contribution = _inside(request, slug, pk)
    get_object_or_404(Contribution.objects.exclude(attachment=""), pk=pk)
    response = FileResponse(
        contribution.attachment.open("rb"),
        as_attachment=True,
        filename=contribution.attachment_name,
        content_type="application/octet-stream",
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


def _inside(request: Request, slug: str, pk: int) -> Contribution:
    rows = Contribution.objects.visible_to(request.user).select_related("group__ctg__caf__territory", "author", "guest")
    return get_object_or_404(rows.select_related("organisation"), group__ctg__slug=slug, pk=pk)


def _send(group: ThematicGroup, form: ContributionForm, request: Request) -> None:
    organisation = form.cleaned_data.get("organisation")
    services.contribute(group, author=request.user, organisation=organisation, **form.spoken, on=today())
