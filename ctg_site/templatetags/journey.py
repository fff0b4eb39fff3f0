from dataclasses import dataclass
from datetime import date
from typing import Any

from django import template
from django.db.models import Q
from django.urls import ResolverMatch, resolve, reverse

from ctg_site.journey import Rooms, Step, gate_of_next_step, rooms_of, steps
from ctg_site.lib.dates import today
from diagnostic.models import ThematicGroup
from governance.deciding import Way, ways_to_decide
from governance.models import CommitteeKind, Meeting
from territory import perms
from territory.models import Ctg
from territory.subjects import SUBJECTS

register = template.Library()


@dataclass(frozen=True)
class ShownStep:
    """A step as the stepper component prints it."""

    number: int
    label: str
    state: str
    detail: str
    url: str


@dataclass(frozen=True)
class Tab:
    label: str
    url: str
    current: str  # the value of aria-current: the page itself, or a page of this room


# Elsewhere, on a phone, the steps fit in one line: the page itself must be seen without scrolling.
WHOLE_STEPPER = {"ctg", "ctg_follow"}

# The room of a page below it: the app says it, or the beginning of the address where an app has several rooms.
ROOM_OF_APP = {"diagnostic": "diagnostic:diagnosis", "actions": "actions:plan"}
ROOM_OF_ADDRESS = {
    "financements": "territory:funding",
    "equipements": "territory:funding",
    "simulation": "territory:funding",
    "chiffres": "territory:figures",
    "equipe": "territory:members",
    "calendrier": "governance:calendar",
    "convention": "governance:agreement",
    "evaluation": "governance:evaluations",
}


@register.inclusion_tag("components/_ctg_header.html", takes_context=True)
def ctg_header(context: template.Context, ctg: Ctg) -> dict[str, Any]:
    rooms = rooms_of(ctg)
    on = today()
    opened = _open_rooms(context, rooms)
    return {
        "ctg": ctg,
        "state": ctg.state_on(on),
        "steps": [_shown(step, ctg, opened) for step in steps(rooms, on=on)],
        "compact": resolve(context["request"].path_info).view_name not in WHOLE_STEPPER,
    }


@register.inclusion_tag("components/_ctg_tabs.html", takes_context=True)
def ctg_tabs(context: template.Context, ctg: Ctg) -> dict[str, Any]:
    request = context["request"]
    match = resolve(request.path_info)
    room = _room_of(match)
    labels = {
        "ctg_follow": "Suivi",
        "ctg": "Portrait",
        "territory:funding": "Financements",
        "diagnostic:diagnosis": "Diagnostic",
        "actions:plan": "Plan d’actions",
        "governance:calendar": "Calendrier",
        "governance:agreement": "Convention",
        "governance:evaluations": "Évaluation",
    }
    if perms.can_manage_members(request.user, ctg):
        labels |= {"territory:figures": "Chiffres", "territory:members": "Équipe"}
    opened = _open_rooms(context, rooms_of(ctg))
    return {
        "tabs": [
            Tab(label, reverse(name, args=[ctg.slug]), _current(name, match, room))
            for name, label in labels.items()
            if name in opened
        ]
    }


def _current(name: str, match: ResolverMatch, room: str) -> str:
    if name == match.view_name:
        return "page"
    return "true" if name == room else ""


def _room_of(match: ResolverMatch) -> str:
    if "kind" in match.kwargs:  # what is said of a finding or of an action stays in their room
        return ROOM_OF_APP.get(SUBJECTS[match.kwargs["kind"]].model._meta.app_label, "")
    beginning = match.route.removeprefix("ctg/<slug:slug>/").partition("/")[0]
    return ROOM_OF_APP.get(match.app_name) or ROOM_OF_ADDRESS.get(beginning, "")


@register.inclusion_tag("components/_group_meetings.html", takes_context=True)
def group_meetings(context: template.Context, group: ThematicGroup) -> dict[str, Any]:
    """The meetings of a group that this visitor may open: they belong to the calendar, which comes after the diagnosis."""
    rows = Meeting.objects.open_to(context["request"].user).filter(committee__group=group).in_order()
    return {"meetings": rows.select_related("committee"), "slug": group.ctg.slug}


@register.inclusion_tag("components/_next_copil.html", takes_context=True)
def next_copil(context: template.Context, ctg: Ctg) -> dict[str, Any]:
    """When the committee meets that decides; the calendar comes after the diagnosis, its pages do not know it."""
    user, on = context["request"].user, today()
    rows = Meeting.objects.open_to(user).filter(
        committee__ctg=ctg, committee__kind=CommitteeKind.COPIL, status=Meeting.Status.PLANNED
    )
    return {
        "meeting": rows.filter(Q(starts_on__gte=on) | Q(ends_on__gte=on)).in_order().first(),
        "slug": ctg.slug,
        "can_convene": perms.can_steer(user, ctg),
    }


@register.simple_tag(takes_context=True)
def next_ways(context: template.Context, ctg: Ctg, gate: str = "") -> list[Way]:
    """How the step in progress is closed, once nothing lacks; nothing when it is not ``gate`` that comes next."""
    found, since = gate_of_next_step(rooms_of(ctg), on=today())
    return _ways(context, ctg, found, since) if found and found == (gate or found) else []


@register.simple_tag(takes_context=True)
def ways_to_close(context: template.Context, ctg: Ctg, gate: str, year: int | None = None) -> list[Way]:
    """The same for what is no step of its own: the method, the evaluation of a year once it began."""
    return _ways(context, ctg, gate, date(year, 1, 1) if year else None, year)


def _ways(context: template.Context, ctg: Ctg, gate: str, since: date | None, year: int | None = None) -> list[Way]:
    rows = Meeting.objects.filter(committee__ctg=ctg).able_to_close(gate).select_related("committee").in_order()
    name = f"{gate}:{year}" if year else gate
    return ways_to_decide(ctg, name, rows, user=context["request"].user, on=today(), since=since)


def _open_rooms(context: template.Context, rooms: Rooms) -> set[str]:
    """The pages this visitor may open: everything for those inside, what is published for the others."""
    ctg = rooms.ctg
    everything = {
        "ctg_follow",
        "territory:figures",
        "territory:members",
        "ctg",
        "territory:funding",
        "diagnostic:diagnosis",
        "actions:plan",
        "governance:calendar",
        "governance:agreement",
        "governance:evaluations",
    }
    if perms.is_inside(context["request"].user, ctg):
        return everything
    published = {
        "ctg": ctg.portrait_published_at,
        "territory:funding": ctg.portrait_published_at,
        "diagnostic:diagnosis": rooms.diagnosis and rooms.diagnosis.published_at,
        "actions:plan": rooms.plan and rooms.plan.is_public,
        "governance:calendar": ctg.calendar_published_at,
        "governance:agreement": rooms.agreement and rooms.agreement.signed_on,
        "governance:evaluations": any(evaluation.published_at for evaluation in rooms.evaluations),
    }
    return {name for name, is_open in published.items() if is_open}


def _shown(step: Step, ctg: Ctg, opened: set[str]) -> ShownStep:
    url = reverse(step.url_name, args=[ctg.slug]) if step.url_name in opened else ""
    return ShownStep(step.number, step.label, step.state.value, step.detail, url)
