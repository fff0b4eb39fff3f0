"""The text of the convention as a document: what it says, from the cover to the signature blocks."""

from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse

from actions.documents import plan_annex
from diagnostic.documents import diagnosis_annex
from governance.models import Agreement, Meeting
from territory.models import Facility, ServiceKind
from territory.portraits.money import read_money


def render_agreement(agreement: Agreement) -> bytes:
    """Rendered once when the text is frozen; before that, each time, and marked as a draft."""
    from ctg_site.lib.pdf import (
        render_pdf,  # WeasyPrint takes a second to load, which no other page or command should wait for
    )

    return render_pdf(agreement_html(agreement))


def agreement_html(agreement: Agreement) -> str:
    return render_to_string("governance/pdf/agreement.html", agreement_content(agreement))


def _annexed(agreement: Agreement) -> list[tuple[Facility, ServiceKind]]:
    """What the freeze states as facts, each under the name its kind has that day; a draft shows what is still supported
    at the end of its period."""
    ctg = agreement.ctg
    on = agreement.frozen_on or ctg.ends_on
    rows = Facility.objects.supported_in(ctg, on).select_related("kind__successor", "manager", "seat")
    return [(facility, facility.kind.on(on)) for facility in rows.order_by("name", "pk")]


def agreement_content(agreement: Agreement) -> dict[str, Any]:
    ctg, plan = agreement.ctg, agreement.plan
    shown = [Meeting.Status.PLANNED, Meeting.Status.HELD]
    meetings = list(Meeting.objects.filter(committee__ctg=ctg, status__in=shown).for_calendar())
    return {
        "agreement": agreement,
        "ctg": ctg,
        "title": f"Convention territoriale globale {ctg.period} – {ctg.name}",
        "parties": list(agreement.parties.all()),
        "articles": list(agreement.articles.all()),
        "diagnosis": diagnosis_annex(plan.diagnosis),
        "facilities": _annexed(agreement),
        "money": read_money(ctg.territory, ctg.caf),
        "plan": plan_annex(plan),
        "meetings": meetings,
        "has_decisions": any(meeting.decisions.all() for meeting in meetings),
        "method": getattr(ctg, "evaluation_method", None),
        "address": settings.SITE_URL + reverse("governance:agreement", args=[ctg.slug]),
    }
