"""What the worker does for the territory once a gesture is committed: mails, and judging again what is masked everywhere."""

from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django_tasks import task

from ctg_site.lib.dates import now
from territory.links import invitation_url
from territory.models import Invitation, Value
from territory.withholding import settle_everywhere


@task()
def send_invitation(invitation_id: int, reminder: bool = False) -> None:
    """Nothing is sent to someone who has answered, or is no longer invited, since the mail was queued."""
    rows = Invitation.objects.pending().select_related("ctg__caf", "invited_by", "organisation")
    invitation = rows.filter(pk=invitation_id).first()
    if invitation is None:
        return
    context = {"invitation": invitation, "ctg": invitation.ctg, "url": invitation_url(invitation), "reminder": reminder}
    subject = f"{'Rappel : ' if reminder else ''}Invitation à la Ctg {invitation.ctg}"
    mail = EmailMultiAlternatives(
        subject, render_to_string("territory/emails/invitation.txt", context), to=[invitation.email]
    )
    mail.attach_alternative(render_to_string("territory/emails/invitation.html", context), "text/html")
    mail.send()
    Invitation.objects.filter(pk=invitation.pk).update(sent_at=now())


@task()
def settle_source(source_id: int, first_year: int) -> None:
    settle_everywhere(Value.objects.filter(release__source=source_id, year__gte=first_year))


@task()
def settle_indicator(indicator_id: int) -> None:
    """What it counts, and of what it is a part, decides what is masked."""
    settle_everywhere(Value.objects.filter(indicator=indicator_id))
