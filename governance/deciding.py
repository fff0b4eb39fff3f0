"""From « rien ne manque » to the decision: the meeting that can take it, and the one gesture that comes next."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.urls import reverse

from ctg_site.accounts.models import User
from ctg_site.lib.dates import french_date
from governance import perms
from governance.models import Meeting
from territory.models import Ctg

DECISION_WORDS = {
    "validate_diagnosis": "Le comité valide le diagnostic partagé.",
    "fix_axes": "Le comité fixe les axes du plan d’actions.",
    "formalise_plan": "Le comité formalise le plan d’actions.",
    "close_costing": "Le comité clôt l’étude de faisabilité et le chiffrage.",
    "adopt_plan": "Le comité valide le plan d’actions définitif.",
    "validate_method": "Le comité valide la méthode d’évaluation.",
    "approve_signature": "Le comité arrête le texte de la convention et approuve sa signature.",
}


@dataclass(frozen=True)
class Way:
    """« Comité de pilotage du 30 octobre 2021 : enregistrer sa décision »."""

    text: str
    label: str
    url: str
    is_gesture: bool = True


def decision_words(gate: str) -> str:
    """What a decision says when nothing more is to be said of it; ``gate`` as the form names it."""
    step, _, year = gate.partition(":")
    return f"Le comité valide l’évaluation de {year}." if year else DECISION_WORDS.get(step, "")


def ways_to_decide(
    ctg: Ctg, gate: str, meetings: Iterable[Meeting], *, user: User, on: date, since: date | None = None
) -> list[Way]:
    """``meetings`` come from ``able_to_close``. A decision is not older than what it follows: ``since``."""
    able = [meeting for meeting in meetings if meeting.is_able]  # type: ignore[attr-defined]
    planned = [meeting for meeting in able if meeting.status == Meeting.Status.PLANNED]
    coming = next((meeting for meeting in planned if meeting.last_day > on), None)
    ways = [_coming(ctg, coming)] if coming else []
    if not perms.can_record_decisions(user, ctg):
        return ways
    ways = [*_held(ctg, gate, able, since), *_overdue(ctg, planned, on), *ways]
    return ways or [_none_planned(ctg, gate)]


def _held(ctg: Ctg, gate: str, meetings: list[Meeting], since: date | None) -> list[Way]:
    held = [meeting for meeting in meetings if meeting.held_on and (since is None or meeting.held_on >= since)]
    if not held:
        return []
    last = max(held, key=lambda meeting: (meeting.held_on, meeting.pk))
    url = f"{reverse('governance:meeting', args=[ctg.slug, last.pk])}?etape={gate}#decide"
    return [Way(f"{last.committee.name} du {french_date(last.held_on)}", "Enregistrer sa décision", url)]  # type: ignore[arg-type]


def _overdue(ctg: Ctg, planned: list[Meeting], on: date) -> list[Way]:
    """Its day has come: either it was held, or it has to be put off."""
    past = [meeting for meeting in planned if meeting.last_day <= on][-1:]
    return [
        Way(
            f"{meeting.committee.name}, {meeting.when}",
            "Dire que la réunion s’est tenue",
            reverse("governance:meeting_hold", args=[ctg.slug, meeting.pk]),
        )
        for meeting in past
    ]


def _coming(ctg: Ctg, meeting: Meeting) -> Way:
    url = reverse("governance:meeting", args=[ctg.slug, meeting.pk])
    return Way("Prochaine réunion :", f"{meeting.committee.name}, {meeting.when}", url, is_gesture=False)


def _none_planned(ctg: Ctg, gate: str) -> Way:
    url = f"{reverse('governance:meeting_new', args=[ctg.slug])}?etape={gate}"
    return Way("Aucune réunion n’est prévue pour en décider", "Prévoir la réunion", url)
