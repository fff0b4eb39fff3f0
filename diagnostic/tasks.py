"""Mails of the diagnosis, sent by the worker once the gesture is committed."""

from ctg_site.lib.dates import now
from ctg_site.lib.letters import letter, send_letter
from diagnostic.links import ballot_url, guest_url
from diagnostic.models import Guest, Scoring


@letter
def send_contribution_request(guest_id: int, reminder: bool = False) -> None:
    """Nothing is sent to who has answered, or is no longer invited, since the mail was queued."""
    guest = Guest.objects.waited_for().select_related("ctg__caf", "invited_by").filter(pk=guest_id).first()
    if guest is None:
        return
    context = {
        "guest": guest,
        "ctg": guest.ctg,
        "groups": guest.groups.order_by("position", "pk"),
        "url": guest_url(guest),
        "reminder": reminder,
    }
    subject = f"{'Rappel : ' if reminder else ''}Votre contribution au diagnostic de la Ctg {guest.ctg}"
    send_letter(guest.email, subject, "diagnostic/emails/contribution_request", context)
    Guest.objects.filter(pk=guest.pk).update(sent_at=now())


@letter
def send_ballot_request(guest_id: int, scoring_id: int) -> None:
    """Nothing is sent once the ranking is closed, the link cancelled, or the ballot given."""
    scoring = Scoring.objects.select_related("group").filter(pk=scoring_id, closed_on=None).first()
    if scoring is None:
        return
    guest = scoring.silent_guests().select_related("ctg__caf").filter(pk=guest_id).first()
    if guest is None:
        return
    context = {"guest": guest, "ctg": guest.ctg, "scoring": scoring, "url": ballot_url(guest, scoring.group)}
    subject = f"Votre avis sur les constats du groupe {scoring.group}"
    send_letter(guest.email, subject, "diagnostic/emails/ballot_request", context)
