"""A text begun is never lost: saved as it is typed, refused, or sent after the session ended; it comes back to its author alone."""

import io
import json
import re
from datetime import date, timedelta

import pytest
from django.core import signing
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from ctg_site.drafts.keys import DAYS, DraftKey, read_key
from ctg_site.drafts.models import Draft
from ctg_site.drafts.services import MOST_CHARACTERS, find_draft, save_draft
from ctg_site.lib.dates import now
from ctg_site.lib.errors import RuleBroken
from diagnostic.models import Diagnosis
from territory.models import Comment, Role
from tests.diagnostic.factories import add_finding, first_group, make_diagnosis, make_user, open_group

pytestmark = pytest.mark.django_db

TEXT = "Les parents attendent\nsix mois une place."
PASSWORD = "un bon mot de passe"
SAVE, DISCARD = reverse("drafts:save"), reverse("drafts:discard")


@pytest.fixture(autouse=True)
def _in_june(monkeypatch):
    monkeypatch.setattr("diagnostic.views.contributions.today", lambda: date(2021, 6, 9))


@pytest.fixture
def group():
    return open_group(first_group(make_diagnosis()))


@pytest.fixture
def author(group):
    user = make_user("Partenaire", role=Role.CONTRIBUTOR, ctg=group.ctg)
    user.set_password(PASSWORD)
    user.save()
    return user


@pytest.fixture
def page(group):
    return reverse("diagnostic:contribute", args=[group.ctg.slug, group.pk])


@pytest.fixture
def writer(client, author):
    client.force_login(author)
    return client


def key_on(client, page) -> str:
    return re.search(r'name="draft" value="([^"]+)"', client.get(page).text).group(1)


def typed(client, page, **fields) -> dict[str, str]:
    return {"draft": key_on(client, page), "kind": "missing", "text": TEXT} | fields


def test_what_is_typed_comes_back_at_the_same_field(writer, page):
    answer = writer.post(SAVE, typed(writer, page), headers={"Accept": "application/json"})
    assert re.fullmatch(r"Brouillon enregistré le .+ à \d+\sh\s\d\d\.", answer.json()["text"])
    assert answer.json()["login"] == ""
    shown = writer.get(page).text
    assert "Voici votre brouillon" in shown
    assert f">\n{TEXT}</textarea>" in shown
    assert re.search(r'value="missing"[^>]*checked', shown)


def test_without_script_a_button_saves_and_comes_back(writer, page):
    answer = writer.post(SAVE, typed(writer, page), follow=True)
    assert answer.redirect_chain == [(page, 302)]
    assert "Brouillon enregistré" in answer.text
    assert TEXT in answer.text


def test_a_session_that_ends_while_one_writes_gives_the_text_back_after_the_login(writer, page, author):
    body = typed(writer, page)
    writer.logout()
    answer = writer.post(SAVE, body, headers={"Accept": "application/json"}).json()
    assert answer["login"].startswith(reverse("accounts:login"))
    back = writer.post(answer["login"], {"username": author.email, "password": PASSWORD}, follow=True)
    assert back.redirect_chain[-1][0] == page
    assert TEXT in back.text


def test_a_text_sent_after_the_session_ended_is_kept(writer, page, author, group):
    body = typed(writer, page)
    writer.logout()
    login = writer.post(page, body)
    assert "Votre session est terminée, votre texte est gardé." in writer.get(login["Location"]).text
    assert not group.contributions.exists()
    writer.force_login(author)
    assert TEXT in writer.get(page).text


def test_a_comment_sent_after_the_session_ended_is_given_back_where_one_comments(writer, author, group):
    finding = add_finding(Diagnosis.objects.get(ctg=group.ctg))
    address = reverse("territory:discussion", args=[group.ctg.slug, "constat", finding.pk])
    key = key_on(writer, finding.get_absolute_url())
    writer.logout()
    login = writer.post(address, {"draft": key, "text": TEXT}, headers={"Referer": finding.get_absolute_url()})
    assert "votre texte est gardé" in writer.get(login["Location"]).text
    back = writer.post(login["Location"], {"username": author.email, "password": PASSWORD}, follow=True)
    assert back.redirect_chain[-1][0] == address
    assert f">\n{TEXT}</textarea>" in back.text
    assert not Comment.objects.exists()
    writer.post(address, {"draft": key, "text": TEXT})
    assert Comment.objects.get().text == TEXT
    assert not Draft.objects.exists()


@pytest.mark.parametrize("name", ["priority_new", "idea_new", "diagnosis_edit", "finding_new", "guests_invite"])
def test_each_page_where_the_diagnosis_is_written_keeps_what_is_typed(client, group, name):
    client.force_login(make_user("Coopération", role=Role.LEAD, ctg=group.ctg))
    page = client.get(reverse(f"diagnostic:{name}", args=[group.ctg.slug])).text
    assert f'data-draft="{SAVE}"' in page


def test_a_text_refused_for_its_token_is_kept(author, page):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(author)
    refused = strict.post(page, typed(strict, page))
    assert refused.status_code == 403
    assert "Votre texte est gardé en brouillon" in refused.text
    assert TEXT in strict.get(page).text


def test_a_text_refused_by_a_rule_is_kept(writer, page):
    long = "z" * 100_000
    refused = writer.post(page, typed(writer, page, text=long))
    assert refused.status_code == 200
    assert long in writer.get(page).text


def test_once_sent_nothing_remains_of_the_draft(writer, page, group):
    body = typed(writer, page)
    writer.post(SAVE, body)
    writer.post(page, body)
    assert group.contributions.get().text == TEXT
    assert not Draft.objects.exists()
    assert TEXT not in writer.get(page).text


def test_a_draft_is_forgotten_when_asked_by_its_author_only(writer, page):
    body = typed(writer, page)
    writer.post(SAVE, body)
    Client().post(DISCARD, body)
    assert Draft.objects.exists()
    writer.post(DISCARD, body)
    assert not Draft.objects.exists()


def test_nobody_else_sees_it(writer, page, group):
    writer.post(SAVE, typed(writer, page))
    other = Client()
    other.force_login(make_user("Autre", role=Role.CONTRIBUTOR, ctg=group.ctg))
    assert TEXT not in other.get(page).text


def test_one_form_does_not_fill_another(writer, page, group):
    writer.post(SAVE, typed(writer, page))
    second = open_group(group.ctg.groups.exclude(pk=group.pk).get())
    assert TEXT not in writer.get(reverse("diagnostic:contribute", args=[group.ctg.slug, second.pk])).text


@pytest.mark.parametrize(
    "key",
    ["", "faux", signing.dumps({"user_id": 1}, salt="ctg_site.drafts"), signing.dumps({})],
    ids=["none", "invented", "of another form", "of another use"],
)
def test_a_forged_key_saves_nothing_and_says_so(client, key):
    answer = client.post(SAVE, {"draft": key, "text": TEXT}, headers={"Accept": "application/json"})
    assert answer.status_code == 400
    assert "n’est pas reconnu" in answer.json()["text"]
    assert client.post(SAVE, {"draft": key, "text": TEXT}, follow=True).status_code == 200
    assert not Draft.objects.exists()


def test_a_key_lives_a_month(monkeypatch):
    key = DraftKey(None, "essai:1", "f", "/")
    signed = key.signed()
    assert read_key(signed) == key
    late = (now() + timedelta(days=DAYS, minutes=1)).timestamp()
    monkeypatch.setattr("django.core.signing.time.time", lambda: late)
    with pytest.raises(RuleBroken):
        read_key(signed)


def test_a_draft_never_holds_the_token_nor_a_null_byte():
    key = DraftKey(None, "essai:1", "f", "/")
    save_draft(key, [("text", ["a\0b"]), ("csrfmiddlewaretoken", ["x"]), ("draft", ["y"])], at=now())
    assert find_draft(key).fields == {"text": ["ab"]}


def test_a_boundless_draft_is_refused_with_its_limit(writer, page):
    body = typed(writer, page, text="z" * (MOST_CHARACTERS + 1))
    answer = writer.post(SAVE, body, headers={"Accept": "application/json"})
    assert "500\u202f000 caractères" in json.loads(answer.content)["text"]


def test_old_drafts_are_purged_and_no_other(author):
    for days in (0, 179, 181):
        save_draft(DraftKey(author.pk, "", f"page {days}", "/"), [("text", ["x"])], at=now() - timedelta(days=days))
    call_command("purge_drafts", stdout=io.StringIO())
    assert sorted(Draft.objects.values_list("form", flat=True)) == ["page 0", "page 179"]
    with pytest.raises(CommandError, match="au moins un jour"):
        call_command("purge_drafts", days=0)
    assert Draft.objects.count() == 2


def test_two_windows_on_the_same_form_keep_two_texts(writer, page, group):
    """One after the other is given back, the last one saved first; sending one leaves the other."""
    first, second = (typed(writer, page, text=text) for text in ("Texte du premier onglet", "Texte du second onglet"))
    writer.post(SAVE, first)
    writer.post(SAVE, second)
    writer.post(SAVE, first | {"text": "Texte du premier onglet, repris"})
    assert "Texte du premier onglet, repris" in writer.get(page).text
    writer.post(SAVE, typed(writer, page, text="Texte du premier onglet, rouvert"))  # given back, then gone on with
    assert Draft.objects.count() == 2
    refused = writer.post(page, first | {"text": ""})  # comes back with its own draft, not a third one
    assert Draft.objects.count() == 2
    again = re.search(r'name="draft" value="([^"]+)"', refused.text).group(1)
    assert writer.post(page, first | {"draft": again}).status_code == 302
    assert "Texte du second onglet" in writer.get(page).text
    assert writer.post(page, second).status_code == 302
    assert "Voici votre brouillon" not in writer.get(page).text
    assert group.contributions.count() == 2
