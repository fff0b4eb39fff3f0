"""Where each page of the URLconf is in the running demonstration; printed for the browser tests, which have no database."""

import json
from dataclasses import asdict, dataclass, field

from django.test import Client
from django.urls import NoReverseMatch

from ctg_site.accounts.models import User
from ctg_site.lib import pdf
from governance.models import Evaluation
from territory.models import Ctg
from tests.demonstration import complete
from tests.ink import BlankPage
from tests.pages import Page, our_pages

ADVISER = "conseil.caf66@demo.example"
SENT_ON = "renvoi"  # to a page that is walked by its own name


@dataclass(frozen=True)
class Address:
    """``readers`` see a page there; when nobody does, ``why`` says what came instead."""

    name: str
    url: str = ""
    readers: list[str] = field(default_factory=list)
    why: str = ""


def print_addresses() -> None:
    """What is published first, then what is in preparation: what the first no longer edits, the others do."""
    published, in_force, in_preparation = (
        Ctg.objects.get(name=name) for name in ("Conflent-Canigó", "Vallespir", "Pyrénées Cerdagne")
    )
    complete(in_preparation)
    pdf.HTML = BlankPage  # a file is not looked at, and this process ends with the list
    _reopen_first_evaluation(in_force)
    clients = {"": Client(HTTP_HOST="127.0.0.1"), ADVISER: Client(HTTP_HOST="127.0.0.1")}
    clients[ADVISER].force_login(User.objects.get(email=ADVISER))
    addresses = [_address(page, [published, in_preparation, in_force], clients) for page in our_pages()]
    print(json.dumps([asdict(address) for address in addresses]))  # noqa: T201


def _reopen_first_evaluation(ctg: Ctg) -> None:
    first = Evaluation.objects.filter(agreement__plan__diagnosis__ctg=ctg, year=ctg.starts_on.year)
    first.update(validated_on=None, validated_by_decision="", published_at=None)


def _address(page: Page, ctgs: list[Ctg], clients: dict[str, Client]) -> Address:
    why = "sans exemple"
    for url in _urls(page, ctgs):
        answers = {reader: _answer(client, url) for reader, client in clients.items()}
        if readers := [reader for reader, answer in answers.items() if answer == "page"]:
            return Address(page.name, url, readers)
        why = answers[ADVISER] if why != SENT_ON else why
    return Address(page.name, why=why)


def _urls(page: Page, ctgs: list[Ctg]) -> list[str]:
    urls = []
    for ctg in ctgs:
        try:
            urls.append(page.url(ctg))
        except NoReverseMatch:  # nothing of that kind in this Ctg
            continue
    return [url for url in urls if url]


def _answer(client: Client, url: str) -> str:
    response = client.get(url)
    if response.status_code == 302 and "/compte/" not in response["Location"]:
        return SENT_ON
    if response.status_code != 200:
        return str(response.status_code)
    return "page" if response["Content-Type"].startswith("text/html") else "fichier"
