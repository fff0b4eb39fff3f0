from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from ctg_site.drafts.pages import with_draft
from ctg_site.lib.http import saved
from governance import perms, services
from governance.forms import CommitteeForm
from governance.models import Committee, Meeting
from governance.views.access import STEERERS_ONLY, ctg_to_steer, ctg_with_calendar
from territory.perms import require


@login_not_required
def calendar(request: HttpRequest, slug: str) -> HttpResponse:
    """The meetings in the order of time, each with what it decided."""
    ctg = ctg_with_calendar(request, slug)
    can_convene = perms.can_convene(request.user, ctg)
    meetings = list(Meeting.objects.open_to(request.user).filter(committee__ctg=ctg).for_calendar())
    context = {
        "ctg": ctg,
        "meetings": meetings,
        "has_decisions": any(meeting.decisions.all() for meeting in meetings),
        "committees": ctg.committees.order_by("kind", "name", "pk") if can_convene else [],
        "inside": perms.is_inside(request.user, ctg),
        "can_convene": can_convene,
    }
    return render(request, "governance/calendar.html", context)


def committee_new(request: HttpRequest, slug: str) -> HttpResponse:
    return _form(request, Committee(ctg=ctg_to_steer(request, slug)))


def committee_edit(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    rows = Committee.objects.visible_to(request.user).select_related("ctg__caf__territory")
    committee = get_object_or_404(rows, ctg__slug=slug, pk=pk)
    require(perms.can_convene(request.user, committee.ctg), STEERERS_ONLY)
    return _form(request, committee)


def _form(request: HttpRequest, committee: Committee) -> HttpResponse:
    form = CommitteeForm(request.POST or None, instance=committee)
    if request.method == "POST" and saved(form, lambda: services.save_committee(form.instance, by=request.user)):
        messages.success(request, "Le comité est enregistré.")
        return redirect("governance:calendar", committee.ctg.slug)
    context = {"ctg": committee.ctg, "form": form, "committee": committee, "draft": with_draft(request, form)}
    return render(request, "governance/committee_edit.html", context)
