from hashlib import sha256

import pytest
from django.core.files.storage import default_storage

from governance.services import agreements
from territory.models import Role
from tests.governance.factories import make_ctg, make_user

STEERERS = ("caf_manager", "caf_adviser", "lead")
WRITERS = (*STEERERS, "editor")
INSIDE = (*WRITERS, "caf_reader", "group_lead", "action_lead", "contributor", "signatory", "reader")


@pytest.fixture(autouse=True)
def quick_pdf(request, monkeypatch):
    """Most tests are about the gesture, not the ink: a few bytes stand for the PDF unless the test asks for the real one."""
    if "real_pdf" not in request.fixturenames:
        monkeypatch.setattr(agreements, "render_agreement", lambda agreement: f"PDF {agreement.number}".encode())


@pytest.fixture
def real_pdf():
    """The document itself, by WeasyPrint."""


@pytest.fixture
def as_someone(client):
    """Log in as one of the roles on this Ctg; the outsider works for another Caf."""

    def log_in(name, ctg):
        if name == "outsider":
            client.force_login(make_user("Ailleurs", ctg=make_ctg(), role=Role.CAF_MANAGER))
        elif name != "anonymous":
            client.force_login(make_user(name, ctg=ctg, role=Role(name)))
        return client

    return log_in


@pytest.fixture
def lead_of(as_someone):
    """A client logged in as the cooperation officer of this Ctg."""
    return lambda ctg: as_someone("lead", ctg)


def stored_bytes(agreement) -> bytes:
    with default_storage.open(agreement.document.name) as file:
        return file.read()


def fingerprint(content: bytes) -> str:
    return sha256(content).hexdigest()
