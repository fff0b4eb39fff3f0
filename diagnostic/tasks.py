"""Mails of the diagnosis, sent by the worker once the gesture is committed."""

from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django_tasks import task

from ctg_site.lib.dates import now
from diagnostic.links import guest_url
from diagnostic.models import Guest


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
    text = render_to_string("diagnostic/emails/contribution_request.txt", context)
    mail = EmailMultiAlternatives(subject, text, to=[guest.email])
    mail.attach_alternative(render_to_string("diagnostic/emails/contribution_request.html", context), "text/html")
    mail.send()
    Guest.objects.filter(pk=guest.pk).update(sent_at=now())
