from datetime import date

from django.core.files.base import File
from django.db import transaction

from ctg_site.accounts.models import User
from ctg_site.audit.services import record
from ctg_site.lib.attachments import shown_name
from ctg_site.lib.dates import now
from ctg_site.lib.errors import RuleBroken
from ctg_site.lib.saving import save_checked
from diagnostic.models import Contribution, Guest, ThematicGroup
from diagnostic.services.guests import check_link, mark_answered
from territory.models import Organisation


@transaction.atomic
def contribute(
    group: ThematicGroup,
    *,
    kind: str,
    text: str,
    on: date,
    author: User | None = None,
    guest: Guest | None = None,
    organisation: Organisation | None = None,
    source: str = "",
    attachment: File | None = None,
    is_anonymous: bool = False,
    by: User | None = None,
    is_demo: bool = False,
) -> Contribution:
    """A partner speaks to a group while it listens, from an account or by link; ``by`` types for the author."""
    if guest is not None:
        _check_guest(guest, group, on)
        organisation = guest.organisation
    if reason := group.why_closed_on(on):
        raise RuleBroken(reason)
    if organisation is not None and organisation.caf_id != group.ctg.caf_id:
        raise RuleBroken("Cet organisme est dans l’annuaire d’une autre Caf.")
    contribution = Contribution(group=group, author=author, guest=guest, organisation=organisation, kind=kind)
    contribution.text, contribution.source, contribution.is_anonymous = text, source, is_anonymous
    contribution.is_demo = is_demo
    if attachment is not None:
        contribution.attachment, contribution.attachment_name = attachment, shown_name(attachment.name or "")
    save_checked(contribution)
    if speaker := guest or author:
        mark_answered(group.ctg, speaker.email, at=contribution.submitted_at)
    record(by or author, "contribution.sent", contribution, ctg=group.ctg, label=guest.full_name if guest else "")
    return contribution


@transaction.atomic
def answer_contribution(
    contribution: Contribution, *, answer: str, is_set_aside: bool, by: User | None
) -> Contribution:
    """What the group says to who contributed. Setting aside asks for the reason; what a finding took up is not set aside."""
    contribution = _locked(contribution)
    if is_set_aside and contribution.findings.exists():
        raise RuleBroken("Un constat s’appuie sur cette contribution : elle n’est pas écartée.")
    contribution.answer, contribution.is_set_aside = answer, is_set_aside
    contribution.answered_at = now() if answer.strip() else None
    save_checked(contribution)
    record(by, "contribution.answered", contribution, ctg=contribution.group.ctg, set_aside=is_set_aside)
    return contribution


def _check_guest(guest: Guest, group: ThematicGroup, on: date) -> None:
    check_link(guest, on)
    if group.ctg_id != guest.ctg_id:
        raise RuleBroken("Ce groupe est celui d’une autre Ctg que celle de votre lien.")
    if not guest.groups.filter(pk=group.pk).exists():
        raise RuleBroken("Votre lien ne vous invite pas à contribuer à ce groupe.")


def _locked(contribution: Contribution) -> Contribution:
    rows = Contribution.objects.select_for_update(of=("self",))
    return rows.select_related("group__ctg__caf").get(pk=contribution.pk)
