from dataclasses import dataclass
from typing import Any

from django import template
from django.urls import resolve, reverse

from ctg_site.journey import Rooms, Step, rooms_of, steps
from ctg_site.lib.dates import today
from territory import perms
from territory.models import Ctg

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
    is_current: bool


@register.inclusion_tag("components/_ctg_header.html", takes_context=True)
def ctg_header(context: template.Context, ctg: Ctg) -> dict[str, Any]:
    rooms = rooms_of(ctg)
    on = today()
    opened = _open_rooms(context, rooms)
    return {
        "ctg": ctg,
        "state": ctg.state_on(on),
        "steps": [_shown(step, ctg, opened) for step in steps(rooms, on=on)],
    }


@register.inclusion_tag("components/_ctg_tabs.html", takes_context=True)
def ctg_tabs(context: template.Context, ctg: Ctg) -> dict[str, Any]:
    request = context["request"]
    current = resolve(request.path_info).view_name
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
            Tab(label, reverse(name, args=[ctg.slug]), name == current)
            for name, label in labels.items()
            if name in opened
        ]
    }


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
