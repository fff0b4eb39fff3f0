"""A mail in two forms, text and page, sent by the worker; while the mail server does not answer, it is tried again."""

import logging
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import wraps
from typing import Any

from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django_tasks import task
from django_tasks.base import Task

from ctg_site.lib.dates import now

AGAIN_AFTER = [timedelta(minutes=minutes) for minutes in (1, 5, 20, 60, 240, 720)]  # then it is given up, in the logs
logger = logging.getLogger(__name__)


def letter(write: Callable[..., None]) -> Task[..., None]:
    """A task that sends a mail. Each try looks again at whether it is still to be sent."""

    @task()
    @wraps(write)
    def attempt(*args: Any, tries: int = 0, **kwargs: Any) -> None:
        try:
            write(*args, **kwargs)
        except OSError as refusal:  # what smtplib raises too
            if tries == len(AGAIN_AFTER):
                raise
            logger.warning("Le courriel n’est pas parti, il sera essayé de nouveau : %s", type(refusal).__name__)
            attempt.using(run_after=now() + AGAIN_AFTER[tries]).enqueue(*args, tries=tries + 1, **kwargs)

    return attempt


def send_letter(to: str, subject: str, template: str, context: Mapping[str, Any]) -> None:
    """``template`` is the address of both files, without « .txt » nor « .html »."""
    values = dict(context)
    mail = EmailMultiAlternatives(subject, render_to_string(f"{template}.txt", values), to=[to])
    mail.attach_alternative(render_to_string(f"{template}.html", values), "text/html")
    mail.send()
