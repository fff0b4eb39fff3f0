"""A mail server that does not answer loses no mail: the worker tries again, for a day."""

import smtplib
from datetime import timedelta

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django_tasks_db.models import DBTaskResult

from ctg_site.accounts.models import User
from ctg_site.accounts.tasks import send_password_reset
from ctg_site.lib.dates import now
from ctg_site.lib.letters import AGAIN_AFTER

pytestmark = pytest.mark.django_db


@pytest.fixture
def queue(settings):
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
    return DBTaskResult.objects.order_by("enqueued_at")


@pytest.fixture
def server(monkeypatch):
    """Down or up, as ``down`` says."""
    state = {"down": True}
    send = EmailBackend.send_messages

    def answer(self, messages):
        if state["down"]:
            raise smtplib.SMTPServerDisconnected("Connection unexpectedly closed")
        return send(self, messages)

    monkeypatch.setattr(EmailBackend, "send_messages", answer)
    return state


def run(row: DBTaskResult) -> None:
    """As the worker does."""
    row.task.call(*row.args_kwargs["args"], **row.args_kwargs["kwargs"])


def test_a_mail_leaves_once_the_server_is_back(queue, server):
    person = User.objects.create_user("anne@essai.example", full_name="Anne Martin")
    send_password_reset.enqueue(person.pk)
    run(queue.last())
    assert queue.count() == 2
    again = queue.last()
    assert again.args_kwargs == {"args": [person.pk], "kwargs": {"tries": 1}}
    assert timedelta(0) < again.run_after - now() <= AGAIN_AFTER[0]
    assert mail.outbox == []
    server["down"] = False
    run(again)
    assert [letter.to for letter in mail.outbox] == [[person.email]]
    assert queue.count() == 2


def test_it_is_given_up_in_the_end_and_the_task_says_so(queue, server):
    person = User.objects.create_user("anne@essai.example", full_name="Anne Martin")
    send_password_reset.enqueue(person.pk)
    for tries in range(len(AGAIN_AFTER)):
        run(queue.last())
        assert queue.count() == tries + 2
    with pytest.raises(smtplib.SMTPServerDisconnected):
        run(queue.last())
