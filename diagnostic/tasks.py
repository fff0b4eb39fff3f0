"""Mails of the diagnosis, sent by the worker once the gesture is committed."""

from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django_tasks import task

from ctg_site.lib.dates import now
from diagnostic.links import ballot_url, guest_url
from diagnostic.models import Guest, Scoring


@task()
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
    _send(guest, subject, "contribution_request", context)
    Guest.objects.filter(pk=guest.pk).update(sent_at=now())


@task()
def send_ballot_request(guest_id: int, scoring_id: int) -> None:
    """Nothing is sent once the ranking is closed, the link cancelled, or the ballot given."""
    scoring = Scoring.objects.select_related("group").filter(pk=scoring_id, closed_on=None).first()
    if scoring is None:
        return
    guest = scoring.silent_guests().select_related("ctg__caf").filter(pk=guest_id).first()
    if guest is None:
        return
    context = {"guest": guest, "ctg": guest.ctg, "scoring": scoring, "url": ballot_url(guest, scoring.group)}
    _send(guest, f"Votre avis sur les constats du groupe {scoring.group}", "ballot_request", context)


def _send(guest: Guest, subject: str, template: str, context: dict[str, object]) -> None:
    mail = EmailMultiAlternatives(
        subject, render_to_string(f"diagnostic/emails/{template}.txt", context), to=[guest.email]
    )
    mail.attach_alternative(render_to_string(f"diagnostic/emails/{template}.html", context), "text/html")
    mail.send()
