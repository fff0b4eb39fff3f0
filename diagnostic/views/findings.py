from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db.models import Count, Model, QuerySet, Value
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from ctg_site.accounts.requests import Request
from ctg_site.drafts.pages import with_draft
from ctg_site.lib.database import each_of, with_each
from ctg_site.lib.dates import today
from ctg_site.lib.http import done, saved
from ctg_site.lib.numbers import key_in
from ctg_site.lib.text import search_key
from diagnostic import perms, services
from diagnostic.figures import finding_figures
from diagnostic.forms import FindingForm, IdeaForm
from diagnostic.merging import merged
from diagnostic.models import Contribution, Diagnosis, Finding, Idea, ThematicGroup
from diagnostic.views.access import GROUP_ONLY, diagnosis_inside, editable_groups, refuse_frozen, was_replaced
from territory.discussions import read_discussion
from territory.perms import is_inside, require


@login_not_required
def finding(request: Request, slug: str, pk: int) -> HttpResponse:
    """A finding with all it rests on; what people say of it stays inside."""
    finding, ideas = _with_ideas(request, slug, pk)
    diagnosis, ctg = finding.diagnosis, finding.diagnosis.ctg
    finding.group.ctg, inside = ctg, is_inside(request.user, ctg)
    knows = perms.can_edit_group(request.user, finding.group)
    heard = finding.contributions.for_page() if inside and finding.sources else []  # type: ignore[attr-defined]
    context = {
        "ctg": ctg,
        "finding": finding,
        **_named(finding),
        "seen": finding_figures(finding, on=today()),
        "ideas": ideas,
        "priorities": finding.priorities.order_by("position", "pk"),
        "sources": [(row, row.signature(knows=knows)) for row in heard],
        "can_write": knows and not diagnosis.is_validated,
        "can_rank": perms.can_edit_diagnosis(request.user, ctg) and not diagnosis.is_validated,
        "is_former": was_replaced(diagnosis, inside),
        "discussion": read_discussion(finding, ctg=ctg, user=request.user) if inside else None,
    }
    return render(request, "diagnostic/finding.html", context)


def _with_ideas(request: Request, slug: str, pk: int) -> tuple[Finding, list[Idea]]:
    """One query for the two."""
    found = Finding.objects.open_to(request.user).for_page().filter(diagnosis__ctg__slug=slug, pk=pk)
    counted = with_each(found.select_related("group"), "ideas", Idea).annotate(sources=Count("contributions"))
    rows = list(counted.order_by("each_position", "each_id"))
    if not rows:
        raise Http404("Aucun constat ici.")
    return rows[0], each_of(rows, Idea)


def _named(finding: Finding) -> dict[str, list[str]]:
    """The communes and the equipments it speaks of, by name: one query for the two."""
    rows = [
        getattr(finding, name).order_by().annotate(what=Value(name)).values_list("what", "name")
        for name in ("communes", "facilities")
    ]
    found: dict[str, list[str]] = {"communes": [], "facilities": []}
    for what, name in sorted(rows[0].union(rows[1], all=True), key=lambda row: search_key(row[1])):
        found[what].append(name)
    return found


MOST_MERGED = 50


def finding_new(request: Request, slug: str) -> HttpResponse:
    """A new finding, of the group that ``?groupe=`` names, made of the contributions that ``?contribution=`` names."""
    diagnosis, groups = to_write(request, slug)
    initial = _chosen(request, groups) | merged(_ticked(request, groups))
    form = FindingForm(request.POST or None, instance=Finding(diagnosis=diagnosis), groups=groups, initial=initial)
    return _finding_form(request, form)


def finding_edit(request: Request, slug: str, pk: int) -> HttpResponse:
    diagnosis, groups = to_write(request, slug)
    finding = mine(diagnosis.findings, pk, diagnosis, groups)
    return _finding_form(request, FindingForm(request.POST or None, instance=finding, groups=groups))


def finding_delete(request: Request, slug: str, pk: int) -> HttpResponse:
    """Asked first, on a page of its own: the ideas stay, the priorities lose a support."""
    diagnosis, groups = to_write(request, slug)
    finding = mine(diagnosis.findings, pk, diagnosis, groups)
    if request.method == "POST":
        done(request, lambda: services.delete_finding(finding, by=request.user), "Le constat est supprimé.")
        return redirect("diagnostic:group", slug, finding.group_id)
    context = {"ctg": diagnosis.ctg, "finding": finding, "priorities": finding.priorities.order_by("position", "pk")}
    return render(request, "diagnostic/finding_delete.html", context)


def idea_new(request: Request, slug: str) -> HttpResponse:
    diagnosis, groups = to_write(request, slug)
    chosen = _chosen(request, groups) | {"finding": request.GET.get("constat")}
    form = IdeaForm(request.POST or None, instance=Idea(diagnosis=diagnosis), groups=groups, initial=chosen)
    return _idea_form(request, form)


def idea_edit(request: Request, slug: str, pk: int) -> HttpResponse:
    diagnosis, groups = to_write(request, slug)
    idea = mine(diagnosis.ideas, pk, diagnosis, groups)
    return _idea_form(request, IdeaForm(request.POST or None, instance=idea, groups=groups))


def idea_delete(request: Request, slug: str, pk: int) -> HttpResponse:
    diagnosis, groups = to_write(request, slug)
    idea = mine(diagnosis.ideas, pk, diagnosis, groups)
    if request.method == "POST":
        done(request, lambda: services.delete_idea(idea, by=request.user), "La piste est supprimée.")
        return redirect("diagnostic:group", slug, idea.group_id)
    return render(request, "diagnostic/idea_delete.html", {"ctg": diagnosis.ctg, "idea": idea})


def to_write(request: Request, slug: str) -> tuple[Diagnosis, list[ThematicGroup]]:
    diagnosis = diagnosis_inside(request, slug)
    groups = editable_groups(request, diagnosis)
    refuse_frozen(diagnosis)
    return diagnosis, groups


def mine(rows, pk: int, diagnosis: Diagnosis, groups: list[ThematicGroup]):
    """A finding or an idea of this diagnosis, refused when it is another group's."""
    row = get_object_or_404(rows.select_related("group"), pk=pk)
    require(row.group in groups, GROUP_ONLY)
    row.diagnosis = diagnosis
    return row


def _chosen(request: Request, groups: list[ThematicGroup]) -> dict[str, int]:
    asked = request.GET.get("groupe", "")
    return next(({"group": group.pk} for group in groups if str(group.pk) == asked), {})


def _ticked(request: Request, groups: list[ThematicGroup]) -> QuerySet[Contribution]:
    numbers = [key_in(text) for text in request.GET.getlist("contribution")]
    return Contribution.objects.filter(pk__in=numbers[:MOST_MERGED], group__in=groups).order_by("submitted_at", "pk")


def _finding_form(request: Request, form: FindingForm) -> HttpResponse:
    if request.method == "POST" and saved(form, lambda: _save_finding(form, request)):
        messages.success(request, "Le constat est enregistré.")
        return redirect(form.instance)
    context = {**_context(form), "draft": with_draft(request, form)}
    return render(request, "diagnostic/finding_edit.html", context)


def _save_finding(form: FindingForm, request: Request) -> None:
    data = form.cleaned_data
    services.save_finding(
        form.instance, communes=data["communes"], contributions=data.get("contributions"), by=request.user
    )


def _idea_form(request: Request, form: IdeaForm) -> HttpResponse:
    if request.method == "POST" and saved(form, lambda: services.save_idea(form.instance, by=request.user)):
        messages.success(request, "La piste est enregistrée.")
        return _to_group(form.instance)
    return render(request, "diagnostic/idea_edit.html", {**_context(form), "draft": with_draft(request, form)})


def _context(form: FindingForm | IdeaForm) -> dict[str, object]:
    row: Model = form.instance
    return {"ctg": form.instance.diagnosis.ctg, "form": form, "row": row}


def _to_group(row: Finding | Idea) -> HttpResponse:
    return redirect("diagnostic:group", row.diagnosis.ctg.slug, row.group_id)
