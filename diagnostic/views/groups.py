from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db.models import Count
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from ctg_site.accounts.requests import Request
from ctg_site.lib.dates import today
from ctg_site.lib.http import done, saved
from ctg_site.lib.numbers import key_in
from diagnostic import perms, services
from diagnostic.content import ideas_of, rows_with_ideas
from diagnostic.figures import group_figures
from diagnostic.forms import GroupForm, MemberForm
from diagnostic.models import Contribution, Diagnosis, GroupMember, Idea, ThematicGroup
from diagnostic.views.access import (
    WRITERS_ONLY,
    diagnosis_inside,
    group_inside,
    group_to_edit,
    shown_diagnosis,
)
from territory.perms import is_inside, require

MOST_CONTRIBUTIONS = 200


@login_not_required
def group(request: Request, slug: str, pk: int) -> HttpResponse:
    """Everyone reads what a published group found; its people and what they wrote stay inside."""
    diagnosis = shown_diagnosis(request, slug)
    group, ideas = _with_ideas(diagnosis, pk)
    inside = is_inside(request.user, group.ctg)
    can_edit = perms.can_edit_group(request.user, group)
    findings = list(
        diagnosis.findings.filter(group=group).annotate(source_count=Count("contributions")).order_by("position", "pk")
    )
    rows = group.contributions.for_page().with_outcome(diagnosis)[:MOST_CONTRIBUTIONS]
    context = {
        "ctg": group.ctg,
        "group": group,
        "diagnosis": diagnosis,
        "members": group.members.seated().select_related("organisation", "user").order_by("organisation__name", "pk"),
        "findings": findings,
        "ideas": ideas,
        "heard": _heard(rows, knows=can_edit) if inside else None,
        "figures": group_figures(group, diagnosis, findings, on=today()),
        "why_closed": group.why_closed_on(today()),
        "on": today(),
        "inside": inside,
        "can_edit": can_edit,
        "can_write": can_edit and not diagnosis.is_validated,
        "can_edit_group": perms.can_edit_diagnosis(request.user, group.ctg),
        "can_contribute": perms.can_contribute(request.user, group),
    }
    return render(request, "diagnostic/group.html", context)


@dataclass(frozen=True)
class Heard:
    """What partners said: what the group still has to work on, then what it has taken up or answered."""

    unworked: list[tuple[Contribution, str]]
    worked: list[tuple[Contribution, str]]


def _heard(rows: Iterable[Contribution], *, knows: bool) -> Heard:
    signed = [(row, row.signature(knows=knows)) for row in rows]
    return Heard([pair for pair in signed if not pair[0].is_worked], [pair for pair in signed if pair[0].is_worked])


def _with_ideas(diagnosis: Diagnosis, pk: int) -> tuple[ThematicGroup, list[Idea]]:
    """One query for the two."""
    rows = list(rows_with_ideas(diagnosis.ctg.groups.filter(pk=pk).select_related("lead"), diagnosis))
    if not rows:
        raise Http404("Aucun groupe ici.")
    group: ThematicGroup = rows[0]
    group.ctg = diagnosis.ctg
    return group, [idea for row in rows for idea in ideas_of(row, diagnosis, {})]


def group_new(request: Request, slug: str) -> HttpResponse:
    ctg = diagnosis_inside(request, slug).ctg
    require(perms.can_edit_diagnosis(request.user, ctg), WRITERS_ONLY)
    return _form(request, ThematicGroup(ctg=ctg))


def group_edit(request: Request, slug: str, pk: int) -> HttpResponse:
    return _form(request, _group_of_writers(request, slug, pk))


@require_POST
def group_delete(request: Request, slug: str, pk: int) -> HttpResponse:
    group = _group_of_writers(request, slug, pk)
    if done(request, lambda: services.delete_group(group, by=request.user), f"Le groupe « {group} » est supprimé."):
        return redirect("diagnostic:diagnosis", slug)
    return redirect("diagnostic:group_edit", slug, pk)


def group_members(request: Request, slug: str, pk: int) -> HttpResponse:
    """Who sits in the group, and one more."""
    group = group_to_edit(request, slug, pk)
    form = MemberForm(request.POST or None, instance=GroupMember(group=group))
    if request.method == "POST" and saved(form, lambda: _add(group, form, request)):
        messages.success(request, "Le membre est ajouté au groupe.")
        return redirect("diagnostic:group_members", slug, pk)
    rows = list(group.members.select_related("organisation", "user").order_by("organisation__name", "pk"))
    context = {
        "ctg": group.ctg,
        "group": group,
        "members": [row for row in rows if row.left_on is None],
        "former": [row for row in rows if row.left_on is not None],
        "form": form,
    }
    return render(request, "diagnostic/group_members.html", context)


@require_POST
def group_member_remove(request: Request, slug: str, pk: int) -> HttpResponse:
    group = group_to_edit(request, slug, pk)
    member = group.members.seated().filter(pk=key_in(request.POST.get("member", ""))).first()
    if member is None:
        messages.error(request, "Ce membre n’est plus dans le groupe.")
    else:
        done(
            request,
            lambda: services.remove_member(member, by=request.user, on=today()),
            f"{member.organisation} ne siège plus dans le groupe.",
        )
    return redirect("diagnostic:group_members", slug, pk)


def _group_of_writers(request: Request, slug: str, pk: int) -> ThematicGroup:
    group = group_inside(request, slug, pk)
    require(perms.can_edit_diagnosis(request.user, group.ctg), WRITERS_ONLY)
    return group


def _add(group: ThematicGroup, form: MemberForm, request: Request) -> None:
    services.add_member(group, **form.cleaned_data, by=request.user)


def _form(request: Request, group: ThematicGroup) -> HttpResponse:
    name, slug = group.name, group.ctg.slug
    form = GroupForm(request.POST or None, instance=group)
    if request.method == "POST" and saved(form, lambda: _save(form, request)):
        messages.success(request, "Le groupe est enregistré.")
        return redirect("diagnostic:group", slug, group.pk)
    return render(request, "diagnostic/group_edit.html", {"ctg": group.ctg, "group": group, "name": name, "form": form})


def _save(form: GroupForm, request: Request) -> None:
    services.save_group(form.instance, indicators=form.cleaned_data["indicators"], by=request.user)
