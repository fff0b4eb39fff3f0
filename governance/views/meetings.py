from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from ctg_site.drafts.pages import with_draft
from ctg_site.lib.dates import french_date, today
from ctg_site.lib.http import done, saved
from ctg_site.lib.numbers import key_in
from governance import perms, services
from governance.deciding import decision_words
from governance.forms import AttendanceForm, DecisionForm, HoldForm, MeetingForm
from governance.forms.committees import gate_choices, gate_label
from governance.models import Attendance, Committee, GateRule, Meeting
from governance.views.access import ctg_to_steer, meeting_to_steer, shown_meeting
from territory.models import Ctg


@login_not_required
def meeting(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Everyone reads its purpose and its decisions once the calendar is published; minutes and people stay inside."""
    return _page(request, shown_meeting(request, slug, pk))


def meeting_new(request: HttpRequest, slug: str) -> HttpResponse:
    ctg = ctg_to_steer(request, slug)
    initial = {"ctg": ctg, **_to_decide(ctg, request.GET.get("etape", ""))}
    form = MeetingForm(request.POST or None, instance=Meeting(is_demo=ctg.is_demo), initial=initial)
    if request.method == "POST" and saved(form, lambda: services.save_meeting(form.instance, by=request.user)):
        _warn(request, form.instance)
        messages.success(request, "La réunion est inscrite au calendrier.")
        return redirect("governance:meeting", slug, form.instance.pk)
    context = {"ctg": ctg, "form": form, "meeting": None, "draft": with_draft(request, form)}
    return render(request, "governance/meeting_edit.html", context)


def meeting_edit(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    meeting = meeting_to_steer(request, slug, pk)
    form = MeetingForm(request.POST or None, instance=meeting)
    if request.method == "POST" and saved(form, lambda: services.save_meeting(form.instance, by=request.user)):
        _warn(request, form.instance)
        messages.success(request, "La réunion est enregistrée.")
        return redirect("governance:meeting", slug, pk)
    context = {"ctg": meeting.ctg, "form": form, "meeting": meeting, "draft": with_draft(request, form)}
    return render(request, "governance/meeting_edit.html", context)


def meeting_hold(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Say that it took place, and when: from then on it can decide."""
    meeting = meeting_to_steer(request, slug, pk)
    form = HoldForm(request.POST or None, initial={"held_on": min(meeting.starts_on, today())})
    if request.method == "POST" and saved(
        form, lambda: services.hold_meeting(meeting, held_on=form.cleaned_data["held_on"], by=request.user)
    ):
        messages.success(request, "La réunion s’est tenue : vous pouvez enregistrer ses décisions.")
        return redirect("governance:meeting", slug, pk)
    return render(request, "governance/meeting_hold.html", {"ctg": meeting.ctg, "form": form, "meeting": meeting})


@require_POST
def meeting_cancel(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    meeting = meeting_to_steer(request, slug, pk)
    done(request, lambda: services.cancel_meeting(meeting, by=request.user), "La réunion est annulée.")
    return redirect("governance:meeting", slug, pk)


def meeting_attendance(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Who came, and one more."""
    meeting = meeting_to_steer(request, slug, pk)
    form = AttendanceForm(request.POST or None, instance=Attendance(meeting=meeting))
    if request.method == "POST" and saved(form, lambda: services.save_attendance(form.instance, by=request.user)):
        messages.success(request, "La présence est enregistrée.")
        return redirect("governance:meeting_attendance", slug, pk)
    context = {
        "ctg": meeting.ctg,
        "meeting": meeting,
        "form": form,
        "attendances": _attendances(meeting),
        "draft": with_draft(request, form),
    }
    return render(request, "governance/meeting_attendance.html", context)


@require_POST
def meeting_attendance_remove(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    meeting = meeting_to_steer(request, slug, pk)
    found = meeting.attendances.filter(pk=key_in(request.POST.get("attendance", ""))).first()
    if found is None:
        messages.error(request, "Cette personne n’est plus dans la liste.")
    else:
        done(request, lambda: services.delete_attendance(found, by=request.user), f"{found} n’est plus dans la liste.")
    return redirect("governance:meeting_attendance", slug, pk)


@require_POST
def decision_take(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """A refusal comes back on the page of the meeting with everything that is missing, and what was typed."""
    meeting = meeting_to_steer(request, slug, pk)
    form = _decision_form(request, meeting)
    if saved(form, lambda: _take(request, meeting, form)):
        messages.success(request, "La décision est enregistrée.")
        return redirect("governance:meeting", slug, pk)
    return _page(request, meeting, form)


def _take(request: HttpRequest, meeting: Meeting, form: DecisionForm) -> None:
    data = form.cleaned_data
    gate, year = form.gate_and_year()
    on = meeting.held_on or today()
    services.take_decision(
        meeting,
        text=data["text"],
        gate=gate,
        evaluation_year=year,
        owner=data["owner"],
        due_on=data["due_on"],
        by=request.user,
        on=on,
    )


def _page(request: HttpRequest, meeting: Meeting, form: DecisionForm | None = None) -> HttpResponse:
    ctg, user = meeting.ctg, request.user
    inside = perms.is_inside(user, ctg)
    can_decide = perms.can_record_decisions(user, ctg) and meeting.is_held
    context = {
        "ctg": ctg,
        "meeting": meeting,
        "decisions": meeting.decisions.select_related("committee").order_by("number", "pk"),
        "attendances": _attendances(meeting) if inside else [],
        "inside": inside,
        "can_convene": perms.can_convene(user, ctg),
        "form": None,
        "draft": None,
    }
    if can_decide:
        form = form or _decision_form(request, meeting)
        page = reverse("governance:meeting", args=[ctg.slug, meeting.pk])
        context |= {"form": form, "draft": with_draft(request, form, page=page)}
    return render(request, "governance/meeting.html", context)


def _attendances(meeting: Meeting):
    return meeting.attendances.select_related("organisation").order_by("organisation__name", "full_name", "pk")


def _decision_form(request: HttpRequest, meeting: Meeting) -> DecisionForm:
    gates = GateRule.objects.filter(committee_kind=meeting.committee.kind).order_by("pk").values_list("gate", flat=True)
    choices = gate_choices(meeting.ctg, list(gates))
    asked = request.GET.get("etape", "")
    initial = {"gate": asked, "text": decision_words(asked)} if asked in dict(choices) else {}
    return DecisionForm(request.POST or None, choices=choices, initial=initial)


def _to_decide(ctg: Ctg, asked: str) -> dict[str, object]:
    """The committee that may close this step, and what it meets for."""
    able = GateRule.objects.filter(gate=asked.partition(":")[0]).values("committee_kind")
    committee = Committee.objects.filter(ctg=ctg, kind__in=able).order_by("kind", "pk").first()
    return {"committee": committee, "purpose": gate_label(asked)} if committee else {}


def _warn(request: HttpRequest, meeting: Meeting) -> None:
    for day in meeting.days_off:
        messages.warning(request, f"Le {french_date(day)} est un jour de week-end ou férié.")
