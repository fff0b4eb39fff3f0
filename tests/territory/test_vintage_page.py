"""A vintage of the geography, dropped by an administrator: read by a child, shown, then applied whole; or refused."""

import csv
import io
import lzma
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from ctg_site.audit.models import Entry
from ctg_site.lib.dates import now
from ctg_site.lib.errors import RuleBroken
from territory.imports import geography
from territory.models import Belonging, Role, Territory, VintageFile
from territory.vintages import Vintage, apply_vintage, preview_vintage
from tests.territory.factories import CafFactory, make_superuser, make_user
from tests.territory.test_vintage import AFTER, BEFORE, belonging, place

pytestmark = pytest.mark.django_db
State = VintageFile.State


def table(rows, columns):
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, delimiter=";")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def archive(vintage, pack=False, **instead):
    """The three tables of a vintage; ``instead`` gives the text of one of them."""
    texts = {
        "territories": table(vintage.places, list(BEFORE.places[0])),
        "belongings": table(vintage.belongings, ["commune", "group", "valid_from", "valid_to"]),
        "changes": table(vintage.changes, ["on", "kind", "before", "after"]),
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, text in (texts | instead).items():
            if text is None:
                continue
            content = text if isinstance(text, bytes) else text.encode()
            packed.writestr(f"cog/{name}.csv{'.xz' if pack else ''}", lzma.compress(content) if pack else content)
    return out.getvalue()


def logged(user):
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def known():
    apply_vintage(BEFORE)


@pytest.fixture
def administrator(known):
    return logged(make_superuser())


def drop(client, content, scope="", name="cog-2027.zip"):
    return client.post(reverse("files:vintage"), {"file": SimpleUploadedFile(name, content), "scope": scope})


def page_of(client):
    return client.get(reverse("files:vintage")).content.decode()


def press(client, gesture):
    file = VintageFile.objects.first()
    return client.post(reverse(f"files:vintage_{gesture}"), {"vintage": file.pk if file else ""}, follow=True)


# --- Shown, then applied ---


@pytest.mark.parametrize("pack", [False, True])
def test_what_changes_is_shown_then_applied_in_one_click(administrator, pack):
    drop(administrator, archive(AFTER, pack))
    page = page_of(administrator)
    for sentence in (
        "Apparaissent : 1",
        "Commune nouvelle (66001)",
        "Disparaissent : 2",
        "Commune 2 (66002), le 31/12/2026",
        "Commune 3 devient Commune Trois (66003)",
        "Commune Trois (66003) passe de Pyrénées Cerdagne à Conflent-Canigó",
    ):
        assert sentence in page
    assert Territory.objects.communes().count() == 3
    press(administrator, "apply")
    assert preview_vintage(AFTER).is_empty
    file = VintageFile.objects.get()
    assert (file.state, file.applied_at is not None) == (State.APPLIED, True)
    assert "Millésimes appliqués" in page_of(administrator)
    verbs = set(Entry.objects.filter(verb__startswith="geography.").values_list("verb", flat=True))
    assert verbs == {"geography.vintage_received", "geography.vintage_applied"}


def test_the_vintage_of_the_software_is_looked_at_without_a_file(administrator):
    """And what it does not hold is said, since it stays."""
    apply_vintage(Vintage([place("commune", "66899", "Nulle-Part", ("departement", "66"))], [], []))
    administrator.post(reverse("files:vintage"), {"scope": "66"})
    file = VintageFile.objects.get()
    assert (file.name, file.state, file.refusal) == (geography.SHIPPED, State.READ, "")
    page = page_of(administrator)
    assert "premiers seulement" in page
    assert "Absents du millésime, laissés tels quels : 1" in page
    assert "Nulle-Part (66899)" in page


def test_a_vintage_already_in_place_has_nothing_to_apply(administrator):
    drop(administrator, archive(BEFORE))
    page = page_of(administrator)
    assert "Rien à changer." in page
    assert reverse("files:vintage_apply") not in page
    press(administrator, "apply")
    assert VintageFile.objects.get().state == State.READ


def test_a_scope_narrows_it(administrator):
    drop(administrator, archive(AFTER), scope="11")
    assert "aucune commune dans « 11 »" in page_of(administrator)
    drop(administrator, archive(AFTER), scope="66")
    assert "Apparaissent : 1" in page_of(administrator)
    assert "Écrivez des codes" in drop(administrator, archive(AFTER), scope="le 66 ; et l’Aude").content.decode()


def test_the_next_one_takes_the_place_of_the_one_that_was_not_applied(administrator):
    drop(administrator, archive(AFTER))
    first = VintageFile.objects.get()
    drop(administrator, archive(BEFORE))
    assert VintageFile.objects.get().pk != first.pk
    answer = administrator.post(reverse("files:vintage_apply"), {"vintage": first.pk}, follow=True)
    assert "un autre a pris sa place" in answer.content.decode()
    assert preview_vintage(BEFORE).is_empty


def test_it_is_discarded(administrator):
    drop(administrator, archive(AFTER))
    press(administrator, "discard")
    assert not VintageFile.objects.exists()


# --- All or nothing ---


def read(vintage=AFTER, **instead):
    file = geography.receive_vintage(name="cog.zip", content=archive(vintage, **instead), scope="", by=None)
    return geography.read_vintage_file(file)


def test_what_fails_on_the_way_leaves_nothing(known, monkeypatch):
    file = read()
    geography.ask_to_apply_vintage(file)
    monkeypatch.setattr(geography, "refresh_ranks", lambda indicators: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        geography.apply_vintage_file(file, by=None, at=now())
    assert preview_vintage(BEFORE).is_empty
    assert not Belonging.objects.filter(valid_from__year=2027).exists()
    assert VintageFile.objects.get().state == State.READ


def test_a_preview_that_is_no_longer_true_is_shown_again(known):
    file = read()
    geography.ask_to_apply_vintage(file)
    Territory.objects.filter(code="66003").update(name="Commune 3 bis")
    with pytest.raises(RuleBroken, match="a changé depuis l’aperçu"):
        geography.apply_vintage_file(file, by=None, at=now())
    file.refresh_from_db()
    assert file.state == State.READ
    assert "Commune 3 bis devient Commune Trois (66003)" in str(file.preview)
    assert not Territory.objects.filter(name="Commune nouvelle").exists()


def test_one_click_starts_it_once(known):
    file = read()
    geography.ask_to_apply_vintage(file)
    with pytest.raises(RuleBroken, match="Application en cours"):
        geography.ask_to_apply_vintage(VintageFile.objects.get())
    with pytest.raises(RuleBroken, match="déjà en cours"):
        read()


def test_what_was_applied_meanwhile_is_kept(known):
    file = read()
    looked_at = VintageFile.objects.get()
    geography.ask_to_apply_vintage(file)
    geography.apply_vintage_file(file, by=None, at=now())
    with pytest.raises(RuleBroken, match="se garde comme preuve"):
        geography.discard_vintage(looked_at, by=None)
    assert VintageFile.objects.get().state == State.APPLIED


def test_nothing_is_applied_that_nobody_asked_for(known):
    with pytest.raises(RuleBroken, match="dans l’état"):
        geography.apply_vintage_file(read(), by=None, at=now())
    assert preview_vintage(BEFORE).is_empty


# --- Refused, with where and what was expected ---

IN_66 = ("departement", "66")
PLACES, BELONGINGS = AFTER.places, AFTER.belongings


def with_places(*rows):
    return Vintage([*PLACES, *rows], BELONGINGS, [])


BAD = {
    "no zip": (b"bonjour", "pas un millésime"),
    "a torn zip": (archive(AFTER)[:-30], "pas un millésime"),
    "a table is missing": (archive(AFTER, changes=None), "pas un millésime"),
    "other columns": (archive(AFTER, changes="quand;quoi\n"), "changes.csv, ligne 1 : colonnes attendues : on ; kind"),
    "not UTF-8": (archive(AFTER, changes="on;kind;before;after\n# é\n".encode("latin-1")), "n’est pas en UTF-8"),
    "a bomb": (archive(AFTER, True, changes=b"on;kind;before;after\n" + b"0" * (61 << 20)), "trop lourd"),
    "no commune": (archive(Vintage(PLACES[:4], [], [])), "aucune commune"),
    "a code without its zero": (
        archive(with_places(place("commune", "1004", "Ambérieu", IN_66))),
        "« 1004 » ; attendu : un code de commune, zéros compris",
    ),
    "a wrong key": (archive(with_places(place("epci", "200049212", "Faux", IN_66))), "un SIREN dont la clé est juste"),
    "no name": (archive(with_places(place("commune", "66004", " ", IN_66))), "attendu : un nom"),
    "an unknown parent": (archive(with_places(place("commune", "66004", "A", ("departement", "99")))), "« 99 »"),
    "a day that is not one": (archive(with_places(place("commune", "66004", "A", IN_66, "2027-02-30"))), "une date"),
    "an end before its start": (
        archive(with_places(place("commune", "66004", "A", IN_66, "2027-01-01", "2026-01-01"))),
        "une date qui suit valid_from",
    ),
    "twice the same code": (archive(with_places(place("commune", "66003", "A", IN_66))), "une entité à la fois"),
    "an unknown level": (archive(with_places(place("canton", "66", "A"))), "territories.csv, ligne 12, kind"),
    "a commune that does not exist": (
        archive(Vintage(PLACES, [belonging("66899", "200049211")], [])),
        "une commune qui existe le 01/01/2020",
    ),
    "an unknown EPCI": (archive(Vintage(PLACES, [belonging("66003", "246600415")], [])), "une intercommunalité"),
    "two EPCI at once": (
        archive(Vintage(PLACES, [*BELONGINGS, belonging("66003", "200049211", "2026-06-01")], [])),
        "une seule intercommunalité à la fois",
    ),
    "a change of nobody": (
        archive(Vintage(PLACES, BELONGINGS, [{"on": "2027-01-01", "kind": "merge", "before": "", "after": "66001"}])),
        "changes.csv, ligne 2, before",
    ),
    "another change": (
        archive(Vintage(PLACES, BELONGINGS, [{"on": "2027-01-01", "kind": "vol", "before": "66002", "after": ""}])),
        "attendu : merge, split",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_vintage_is_refused_with_one_sentence(name, administrator):
    content, sentence = BAD[name]
    drop(administrator, content)
    file = VintageFile.objects.get()
    assert file.state == State.REFUSED
    assert sentence in file.refusal
    assert bytes(file.content) == b""
    assert "Ce millésime est refusé." in page_of(administrator)
    assert preview_vintage(BEFORE).is_empty


def test_the_command_refuses_it_too(known, tmp_path, capsys):
    path = tmp_path / "cog.zip"
    path.write_bytes(BAD["a wrong key"][0])
    with pytest.raises(CommandError, match="SIREN dont la clé"):
        call_command("load_geography", file=path)
    path.write_bytes(archive(AFTER))
    call_command("load_geography", file=path, preview=True)
    assert "Apparaissent : 1" in capsys.readouterr().out
    call_command("load_geography", file=path)
    assert preview_vintage(AFTER).is_empty


# --- Who ---


def test_a_caf_sees_it_and_does_not_apply_it(administrator):
    drop(administrator, archive(AFTER))
    adviser = logged(make_user(caf=CafFactory(), role=Role.CAF_ADVISER))
    page = page_of(adviser)
    assert "Commune nouvelle (66001)" in page
    assert "L’administration du site l’applique" in page
    assert "<form" not in page.partition('id="vintage-state"')[2].partition("</main>")[0]
    assert press(adviser, "apply").status_code == 403
    assert drop(adviser, archive(AFTER)).status_code == 403
    assert VintageFile.objects.get().state == State.READ
