"""The partners of the demonstration who contribute by link: asked, having read or answered; what the groups made of it."""

import json
from datetime import date, datetime, time
from typing import Any

from django.core.files.base import ContentFile

from ctg_site.demonstration.cast import Cast
from ctg_site.lib.dates import PARIS
from ctg_site.lib.sheets import Sheet, workbook
from diagnostic.models import Contribution, Guest, ThematicGroup
from diagnostic.services import answer_contribution, contribute, invite_guest, mark_link_opened
from territory.loading import FIXTURES
from territory.models import Ctg

EVENINGS = [("janvier", 14), ("avril", 6), ("juillet", 7), ("octobre", 5), ("décembre", 13)]


def gather_by_link(ctg: Ctg, key: str, groups: dict[str, ThematicGroup], cast: Cast) -> dict[str, list[Contribution]]:
    """The contributions that each finding takes up, by the key of the finding."""
    taken: dict[str, list[Contribution]] = {}
    for row in json.loads((FIXTURES / "demo" / "contributions.json").read_text(encoding="utf-8")).get(key, []):
        guest = _invite(ctg, row, groups, cast)
        for words in row["contributions"]:
            contribution = _contribute(guest, words, groups)
            if words["finding"]:
                taken.setdefault(words["finding"], []).append(contribution)
            if words["answer"]:
                answer_contribution(
                    contribution, answer=words["answer"], is_set_aside=words["is_set_aside"], by=cast.operator
                )
    return taken


def _invite(ctg: Ctg, row: dict[str, Any], groups: dict[str, ThematicGroup], cast: Cast) -> Guest:
    guest = Guest(ctg=ctg, full_name=row["full_name"], email=row["email"], message=row["message"], is_demo=True)
    guest.organisation, guest.created_at = cast.organisation(row["organisation"]), morning(row["on"])
    invite_guest(guest, groups=[groups[name] for name in row["groups"]], by=cast.operator)
    if row["state"] != "sent":
        mark_link_opened(guest)
    return guest


def _contribute(guest: Guest, words: dict[str, Any], groups: dict[str, ThematicGroup]) -> Contribution:
    contribution = contribute(
        groups[words["group"]],
        guest=guest,
        kind=words["kind"],
        text=words["text"],
        source=words["source"],
        attachment=ContentFile(_evenings(), words["attachment"]) if words.get("attachment") else None,
        is_anonymous=words["is_anonymous"],
        on=date.fromisoformat(words["on"]),
        is_demo=True,
    )
    said_at = morning(words["on"])
    Contribution.objects.filter(pk=contribution.pk).update(submitted_at=said_at)
    Guest.objects.filter(pk=guest.pk).update(opened_at=said_at, answered_at=said_at)
    return contribution


def morning(day: str) -> datetime:
    return datetime.combine(date.fromisoformat(day), time(9, 30), PARIS)


def _evenings() -> bytes:
    """A real workbook, as a partner would send."""
    columns = {"Mois": lambda row: row[0], "Soirées": lambda row: row[1]}
    sheet = Sheet("Fréquentation", columns, EVENINGS)
    return workbook("Soirées du foyer en 2025", [sheet], source="Registre du foyer (inventé)", on=date(2026, 1, 31))
