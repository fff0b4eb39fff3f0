"""The pages of the files: what each person sees, sends, answers, applies."""

import re
from contextlib import nullcontext
from datetime import UTC, datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from ctg_site.lib.dates import now
from ctg_site.lib.errors import RuleBroken
from territory.imports.filing import apply_asked, ask_to_apply, ask_to_undo, read_file, receive_file, undo_asked
from territory.loading import load_reference
from territory.models import FigureFile, Role, Value
from tests.territory.factories import TerritoryFactory, make_ctg, make_superuser, make_user

pytestmark = pytest.mark.django_db

GOOD = "dtreffre;numcomdo;nomcom;indfoy_rsa\n2024-12;2A004;Ajaccio;30\n"


@pytest.fixture
def caf():
    load_reference()
    TerritoryFactory(code="2A004", name="Ajaccio")
    return make_ctg().caf


def logged(user):
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def adviser(caf):
    return logged(make_user(caf=caf, role=Role.CAF_ADVISER))


def send(client, caf, text=GOOD, name="rsa.csv", **more):
    sent = SimpleUploadedFile(name, text.encode())
    return client.post(reverse("files:files"), {"file": sent, "caf": caf.pk if caf else "", **more})


def test_a_file_is_dropped_looked_at_applied_and_undone(adviser, caf):
    response = send(adviser, caf)
    file = FigureFile.objects.get()
    assert response["Location"] == reverse("files:file", args=[file.pk])
    page = adviser.get(response["Location"]).content.decode()
    assert "données ouvertes de la Cnaf" in page
    assert Value.objects.count() == 0
    adviser.post(reverse("files:file_apply", args=[file.pk]))
    assert Value.objects.get().release.caf == caf
    adviser.post(reverse("files:file_undo", args=[file.pk]))
    assert Value.objects.count() == 0


def test_the_worker_applies_it_and_the_page_waits(adviser, caf, settings):
    send(adviser, caf)
    file = FigureFile.objects.get()
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
    adviser.post(reverse("files:file_apply", args=[file.pk]))
    file.refresh_from_db()
    assert (file.state, Value.objects.count()) == (FigureFile.State.APPLYING, 0)
    page = adviser.get(reverse("files:file", args=[file.pk])).content.decode()
    assert "Application en cours" in page
    assert "1\u00a0chiffre à écrire" in page
    assert "Vous pouvez quitter cette page" in page
    assert 'hx-trigger="every 1s"' in page
    assert "Supprimer" not in page
    again = adviser.post(reverse("files:file_apply", args=[file.pk]), follow=True).content.decode()
    assert "déjà en cours d’application" in again
    adviser.post(reverse("files:file_discard", args=[file.pk]))
    apply_asked(FigureFile.objects.get(), by=None, at=now())
    assert Value.objects.count() == 1


def test_the_worker_takes_the_figures_out_and_the_page_waits(adviser, caf, settings):
    """As long to judge as to apply: the web server only notes that it was asked."""
    send(adviser, caf)
    file = FigureFile.objects.get()
    adviser.post(reverse("files:file_apply", args=[file.pk]))
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
    adviser.post(reverse("files:file_undo", args=[file.pk]))
    file.refresh_from_db()
    assert (file.state, Value.objects.count()) == (FigureFile.State.UNDOING, 1)
    page = adviser.get(reverse("files:file", args=[file.pk])).content.decode()
    assert "Annulation en cours" in page
    assert "ceux dont ils avaient pris la place reviennent" in page
    assert 'hx-trigger="every 1s"' in page
    assert "Reprendre l’annulation" in page
    assert "Supprimer" not in page
    with pytest.raises(RuleBroken, match="déjà traité"):
        read_file(FigureFile.objects.get())
    undo_asked(FigureFile.objects.get(), by=None)
    assert (FigureFile.objects.get().state, Value.objects.count()) == (FigureFile.State.UNDONE, 0)
    again = adviser.post(reverse("files:file_undo", args=[file.pk]), follow=True).content.decode()
    assert "Seul un fichier appliqué s’annule" in again


def test_what_stops_the_worker_leaves_the_file_applied(adviser, caf, monkeypatch):
    send(adviser, caf)
    file = FigureFile.objects.get()
    adviser.post(reverse("files:file_apply", args=[file.pk]))
    file.refresh_from_db()
    ask_to_undo(file)
    monkeypatch.setattr("territory.imports.filing.settle", lambda *args: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        undo_asked(file, by=None)
    assert (FigureFile.objects.get().state, Value.objects.count()) == (FigureFile.State.APPLIED, 1)
    assert "toujours là" in adviser.get(reverse("files:file", args=[file.pk])).content.decode()


@pytest.mark.parametrize("failure", [RuleBroken("La géographie a changé."), ZeroDivisionError()])
def test_what_stops_the_worker_leaves_the_file_ready_to_be_applied_again(adviser, caf, monkeypatch, failure):
    def fail(*args):
        raise failure

    send(adviser, caf)
    file = FigureFile.objects.get()
    ask_to_apply(file)
    monkeypatch.setattr("territory.imports.filing.settle", fail)
    with nullcontext() if isinstance(failure, RuleBroken) else pytest.raises(ZeroDivisionError):
        apply_asked(file, by=None, at=now())
    file.refresh_from_db()
    assert (file.state, Value.objects.count()) == (FigureFile.State.READ, 0)
    page = adviser.get(reverse("files:file", args=[file.pk])).content.decode()
    assert ("La géographie a changé." in page) == isinstance(failure, RuleBroken)
    assert ("aucun chiffre n’est écrit" in page) != isinstance(failure, RuleBroken)
    assert "Appliquer" in page


def test_a_file_applied_meanwhile_is_not_read_again(adviser, caf):
    send(adviser, caf)
    stale = FigureFile.objects.get()
    adviser.post(reverse("files:file_apply", args=[stale.pk]))
    with pytest.raises(RuleBroken, match="déjà traité"):
        read_file(stale)
    assert FigureFile.objects.get().state == FigureFile.State.APPLIED


def test_a_question_is_answered_on_the_page(adviser, caf):
    send(adviser, caf, "Code;Bas revenus [bas-revenus] 2019\n2A004;0,43\n")
    file = FigureFile.objects.get()
    assert "0,43 veut dire 43 %" in adviser.get(reverse("files:file", args=[file.pk])).content.decode()
    assert adviser.post(reverse("files:file_answer", args=[file.pk]), {}).status_code == 200
    adviser.post(reverse("files:file_answer", args=[file.pk]), {"q0": "share"})
    adviser.post(reverse("files:file_apply", args=[file.pk]))
    assert Value.objects.get().number == 43


def test_a_mixed_column_is_answered_cell_by_cell_on_the_page(adviser, caf):
    TerritoryFactory(code="2A006", name="Alata")
    send(adviser, caf, "Code;Bas revenus [bas-revenus] 2019\n2A004;0,43\n2A006;45\n")
    file = FigureFile.objects.get()
    url = reverse("files:file", args=[file.pk])
    adviser.post(reverse("files:file_answer", args=[file.pk]), {"q0": "cells"})
    page = adviser.get(url).content.decode()
    assert "ligne 2 : « 0,43 » veut dire…" in page
    assert "Vos réponses" in page
    adviser.post(reverse("files:file_answer", args=[file.pk]), {"q0": "share"})
    adviser.post(reverse("files:file_apply", args=[file.pk]))
    assert dict(Value.objects.values_list("territory__code", "number")) == {"2A004": 43, "2A006": 45}


def test_what_is_wrong_is_shown_and_nothing_is_applied(adviser, caf):
    send(adviser, caf, GOOD + "2024-12;2A999;Ajacio;5\n2024-12;2A004;x;beaucoup\n")
    file = FigureFile.objects.get()
    page = adviser.get(reverse("files:file", args=[file.pk])).content.decode()
    assert "Ajaccio (2A004)" in page
    assert "beaucoup" in page
    adviser.post(reverse("files:file_apply", args=[file.pk]))
    assert Value.objects.count() == 0


def test_what_changes_and_what_does_not_add_up_are_read_in_french(adviser, caf):
    TerritoryFactory(code="2A", name="Corse-du-Sud", kind="departement")
    heading = "Code;Niveau de vie médian [niveau-vie-median] 2019;Foyers [foyers-allocataires] 2019\n"
    send(adviser, caf, f"{heading}2A004;12345,5;1500\n2A;20000;1500\n")
    adviser.post(reverse("files:file_apply", args=[FigureFile.objects.get().pk]))
    send(adviser, caf, f"{heading}2A004;12345,75;1400\n2A;s;1500\n", name="revu.csv")
    page = adviser.get(reverse("files:file", args=[FigureFile.objects.first().pk])).content.decode()
    cells = [cell.strip() for cell in re.findall(r"<td[^>]*>([^<]*)</td>", page)]
    assert {"12\u202f345,5", "12\u202f345,75", "20\u202f000", "secret statistique"} <= set(cells)
    assert {"1\u202f400", "1\u202f500", "\u2212100"} <= set(cells)


def test_a_refused_file_says_why(adviser, caf):
    send(adviser, caf, "NIR;Code;indfoy_rsa\n1;2A004;3\n")
    page = adviser.get(reverse("files:file", args=[FigureFile.objects.get().pk])).content.decode()
    assert "n’a pas été conservé" in page


def test_a_caf_never_sees_the_files_of_another(adviser, caf):
    other = make_ctg().caf
    theirs = receive_file("ailleurs.csv", [b"x"], caf=other, by=None)
    openly = receive_file("ouvert.csv", [b"x"], caf=None, by=None)
    page = adviser.get(reverse("files:files")).content.decode()
    assert "ailleurs.csv" not in page
    assert "ouvert.csv" not in page
    for file in (theirs, openly):
        assert adviser.get(reverse("files:file", args=[file.pk])).status_code == 404
        assert adviser.post(reverse("files:file_apply", args=[file.pk])).status_code == 404
    assert "caf" in send(adviser, other).context["form"].errors


def test_open_data_are_brought_by_the_administrators(adviser, caf):
    assert "caf" in send(adviser, None).context["form"].errors
    send(logged(make_superuser()), None)
    assert FigureFile.objects.get().caf is None


def test_a_file_being_read_shows_how_far_it_is(adviser, caf):
    file = receive_file("long.csv", [b"x"], caf=caf, by=None)
    FigureFile.objects.filter(pk=file.pk).update(state="reading", progress=42)
    page = adviser.get(reverse("files:file", args=[file.pk])).content.decode()
    assert 'value="42"' in page
    assert "Actualiser" in page


def test_the_template_and_the_report_are_workbooks(adviser, caf):
    send(adviser, caf)
    file, ctg = FigureFile.objects.get(), caf.ctgs.get()
    for url in (f"{reverse('files:template')}?ctg={ctg.pk}&year=2024", reverse("files:file_report", args=[file.pk])):
        assert adviser.get(url).content.startswith(b"PK")


def test_a_year_to_come_is_refused_with_the_file_and_with_the_template(adviser, caf):
    said = "Cette année n’est pas encore venue"
    assert said in send(adviser, caf, year="2031").content.decode()
    assert not FigureFile.objects.exists()
    page = adviser.get(f"{reverse('files:template')}?ctg={caf.ctgs.get().pk}&year=2031").content.decode()
    assert said in page
    with pytest.raises(RuleBroken, match="2031 n’est pas encore venue"):
        receive_file("rsa.csv", [GOOD.encode()], caf=caf, by=None, year=2031)


def test_each_field_of_the_page_has_its_own_id(adviser, caf):
    found = re.findall(r'\bid="([^"]+)"', adviser.get(reverse("files:files")).content.decode())
    assert sorted(found) == sorted(set(found))


def test_a_file_says_nothing_of_the_years_after_it_came(adviser, caf):
    late = GOOD.replace("2024-12", "2026-12")
    file = receive_file("rsa.csv", [late.encode()], caf=caf, by=None)
    FigureFile.objects.filter(pk=file.pk).update(created_at=datetime(2025, 12, 31, 22, 30, tzinfo=UTC))
    file = read_file(FigureFile.objects.get(pk=file.pk))
    [error] = file.report["errors"]
    assert (error["value"], error["expected"]) == ("2026-12", "une année déjà commencée, 2025 au plus tard")


def test_a_file_never_applied_may_be_removed(adviser, caf):
    send(adviser, caf)
    adviser.post(reverse("files:file_discard", args=[FigureFile.objects.get().pk]))
    assert not FigureFile.objects.exists()
