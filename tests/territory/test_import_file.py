"""The life of a file of figures: shown before anything is written, applied whole, identical the second time, undone."""

import io
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command
from openpyxl import load_workbook

from ctg_site.audit.models import Entry
from ctg_site.lib.errors import RuleBroken
from territory.imports import filing, staging
from territory.imports.report import lines_of, masses_set_aside, report_workbook, summary
from territory.imports.template import heading_of, template_workbook
from territory.loading import load_reference
from territory.models import FigureFile, Indicator, Release, Source, Territory, Value
from tests.territory.factories import CafFactory, TerritoryFactory, make_ctg

pytestmark = pytest.mark.django_db

AT = datetime(2026, 1, 5, tzinfo=UTC)
State = FigureFile.State


@pytest.fixture(autouse=True)
def country():
    load_reference()
    for code, name in [("2A004", "Ajaccio"), ("2A006", "Alata"), ("66149", "Prades")]:
        TerritoryFactory(code=code, name=name)


def bring(text, name="essai.csv", caf=None, **more) -> FigureFile:
    content = text if isinstance(text, bytes) else text.encode()
    return filing.read_file(filing.receive_file(name, [content], caf=caf, by=None, **more))


def cnaf(*rows):
    return "\n".join(["dtreffre;numcomdo;nomcom;indfoy_rsa", *rows])


def apply(file):
    return filing.apply_file(file, by=None, at=AT)


def figures():
    rows = Value.objects.values_list("territory__code", "year", "number", "quality", "release__name")
    return {
        (code, year, None if number is None else int(number), quality, name)
        for code, year, number, quality, name in rows
    }


# --- Shown, then applied ---


def test_the_columns_that_are_not_taken_are_named():
    file = bring("CODGEO;LIBGEO;Q219;TP6019;DECFIS\n66149;Prades;18890;20;1\n")
    assert ("Colonnes laissées", "«\u00a0DECFIS\u00a0»") in summary(file)
    assert "Colonnes laissées" not in dict(summary(bring(cnaf("2024-12;2A004;AJACCIO;30"))))
    many = [f"COL{n}" for n in range(20)]
    file = bring(f"CODGEO;LIBGEO;Q219;{';'.join(many)}\n66149;Prades;18890{';' * 20}\n", name="large.csv")
    assert dict(summary(file))["Colonnes laissées"].endswith("et 8 autres, que le catalogue ne connaît pas")


def test_nothing_is_written_before_it_is_applied():
    file = bring(cnaf("2024-12;2A004;AJACCIO;30"))
    assert (file.state, file.report["new"]) == (State.READ, 1)
    assert Value.objects.count() == Release.objects.count() == 0
    apply(file)
    assert figures() == {("2A004", 2024, 30, "rounded", "essai.csv")}
    assert Value.objects.get().release.source.code == "cafdata"


def test_the_same_file_twice_changes_nothing():
    apply(bring(cnaf("2024-12;2A004;AJACCIO;30")))
    again = bring(cnaf("2024-12;2A004;AJACCIO;30"))
    assert (again.report["identical"], again.report["new"]) == (1, 0)
    with pytest.raises(RuleBroken) as refusal:
        apply(again)
    assert "ne change rien" in refusal.value.missing[0]
    assert Release.objects.count() == 1


def test_a_correction_shows_what_changes_and_keeps_the_old_value():
    apply(bring(cnaf("2023-12;2A004;AJACCIO;25", "2024-12;2A004;AJACCIO;30")))
    file = bring(cnaf("2024-12;2A004;AJACCIO;35", "2024-12;2A006;ALATA;5"))
    assert (file.report["new"], file.report["changed"], file.report["identical"]) == (1, 1, 0)
    [change] = file.report["changes"]
    assert (change["place"], change["before"], change["after"]) == ("Ajaccio", "30", "35")
    apply(file)
    assert Value.objects.filter(territory__code="2A004", year=2024).count() == 2


def test_a_release_is_undone_and_the_older_values_are_there():
    apply(bring(cnaf("2024-12;2A004;AJACCIO;30")))
    before = figures()
    file = apply(bring(cnaf("2024-12;2A004;AJACCIO;35")))
    filing.undo_file(file, by=None)
    assert figures() == before
    assert FigureFile.objects.get(pk=file.pk).state == State.UNDONE
    with pytest.raises(RuleBroken):
        filing.undo_file(file, by=None)


def test_a_caf_is_compared_with_its_own_figures_only():
    caf, other = CafFactory(), CafFactory()
    apply(bring(cnaf("2024-12;2A004;AJACCIO;30"), caf=caf))
    assert bring(cnaf("2024-12;2A004;AJACCIO;30"), caf=other).report["new"] == 1
    assert bring(cnaf("2024-12;2A004;AJACCIO;30"), caf=caf).report["identical"] == 1


# --- Whole or nothing ---


def test_one_wrong_cell_blocks_the_whole_file():
    file = bring(cnaf("2024-12;2A004;AJACCIO;30", "2024-12;2A006;ALATA;beaucoup"))
    with pytest.raises(RuleBroken) as refusal:
        apply(file)
    assert "Corriger les cellules" in refusal.value.missing[0]
    assert Value.objects.count() == 0


def test_a_load_that_fails_halfway_leaves_nothing(monkeypatch):
    file = bring(cnaf("2024-12;2A004;AJACCIO;30"))
    monkeypatch.setattr(staging, "_check_keys", lambda cursor, release: (_ for _ in ()).throw(RuntimeError("coupure")))
    with pytest.raises(RuntimeError):
        apply(file)
    assert Value.objects.count() == Release.objects.count() == 0
    assert FigureFile.objects.get(pk=file.pk).state == State.READ


def test_a_place_that_left_since_the_preview_stops_the_load():
    file = bring(cnaf("2024-12;2A004;AJACCIO;30"))
    Territory.objects.filter(code="2A004").delete()
    with pytest.raises(RuleBroken, match="relancez la lecture"):
        apply(file)
    assert Value.objects.count() == Release.objects.count() == 0


def test_orphans_are_found():
    apply(bring(cnaf("2024-12;2A004;AJACCIO;30")))
    assert staging.orphans() == 0
    Territory.objects.filter(code="2A004")._raw_delete("default")
    assert staging.orphans() == 1


def test_the_journal_says_who_brought_and_applied():
    apply(bring(cnaf("2024-12;2A004;AJACCIO;30")))
    assert list(Entry.objects.order_by("pk").values_list("verb", flat=True)) == [
        "figures.file_received",
        "figures.file_applied",
    ]


# --- Questions ---


def test_a_question_waits_for_its_answer():
    caf = CafFactory()
    text = "Code;Territoire;Bas revenus [bas-revenus] 2019\n2A004;Ajaccio;0,43\n"
    file = bring(text, caf=caf, source=Source.objects.get(code="saisie-caf"))
    assert file.state == State.ASKING
    with pytest.raises(RuleBroken) as refusal:
        apply(file)
    assert refusal.value.missing == ["Répondre aux questions."]
    [question] = file.report["questions"]
    with pytest.raises(RuleBroken, match="proposées"):
        filing.answer_questions(file, {question["key"]: "peut-être"}, by=None)
    filing.read_file(filing.answer_questions(file, {question["key"]: "share"}, by=None))
    apply(file)
    assert Value.objects.get().number == 43


def test_open_data_without_a_source_raise_a_question():
    file = bring("Code;Population municipale 2017\n66149;6124\n")
    assert [question["key"] for question in file.report["questions"]] == ["source"]
    filing.read_file(filing.answer_questions(file, {"source": "insee-populations-legales"}, by=None))
    assert apply(file).release.source.code == "insee-populations-legales"


# --- Refused, and not kept ---


def test_a_file_of_persons_is_refused_and_its_content_forgotten():
    file = filing.receive_file("gens.csv", [b"Nom;Prenom;Date de naissance\nA;B;1980\n"], caf=None, by=None)
    storage, name = file.content.storage, file.content.name
    assert storage.exists(name)
    filing.read_file(file)
    file.refresh_from_db()
    assert file.state == State.REFUSED
    assert "n’a pas été conservé" in file.refusal
    assert (file.content.name, storage.exists(name)) == ("", False)


def test_an_empty_file_is_refused_at_once():
    with pytest.raises(RuleBroken, match="vide"):
        filing.receive_file("vide.csv", [], caf=None, by=None)
    assert not FigureFile.objects.exists()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "latin-1", "utf-16", "utf-16-le"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_text_in_every_coat(encoding, delimiter):
    text = cnaf("2024-12;2A004;Évêché d’Ajaccio;30", "2024-12;2A006;Alata;5").replace("’", "'").replace(";", delimiter)
    apply(bring(text.encode(encoding)))
    assert {number for _, _, number, _, _ in figures()} == {30, 5}


# --- Rules between figures ---


def test_a_broken_rule_is_said_before_the_file_is_applied():
    rows = [
        "Code;Personnes couvertes par la Caf 2019;Population municipale 2019;Part des habitants couverts par la Caf 2019"
    ]
    file = bring(
        "\n".join([*rows, "66149;8629;20391;42", "2A004;8629;20391;52"]), source=Source.objects.get(code="saisie-caf")
    )
    [failure] = file.report["failures"]
    assert failure["place"] == "Ajaccio, 2019"
    assert "8\u202f629 / 20\u202f391 = 42,3" in failure["detail"]


# --- The template and the report ---


def test_the_template_comes_back_filled():
    ctg = make_ctg()
    indicator = Indicator.objects.get(code="bas-revenus")
    book = load_workbook(io.BytesIO(template_workbook(ctg, year=2019, on=AT.date())))
    page = book["Portrait"]
    column = [cell.value for cell in page[1]].index(heading_of(indicator, 2019)) + 1
    cell = page.cell(2, column)
    cell.value, cell.number_format = 0.43, "0 %"
    content = io.BytesIO()
    book.save(content)
    file = bring(content.getvalue(), name="modele.xlsx", caf=ctg.caf)
    assert (file.state, file.refusal) == (State.READ, "")
    apply(file)
    value = Value.objects.get()
    assert (value.indicator, value.territory, value.number, value.year) == (indicator, ctg.territory, Decimal(43), 2019)


def test_the_report_names_sheet_row_column_value_and_what_was_expected():
    file = bring(cnaf("2024-12;2A006;ALATA;beaucoup", "2024-12;2A999;ALLATA;3", "2024-12;;;15"))
    book = load_workbook(io.BytesIO(report_workbook(file, on=AT.date())))
    assert [cell.value for cell in book["À corriger"][2]][:4] == ["Données", 2, "indfoy_rsa", "beaucoup"]
    assert [cell.value for cell in book["Territoires inconnus"][2]][2:] == ["2A999", "ALLATA", "Alata (2A006)"]
    assert "15" in book["Mis de côté"]["D2"].value


# --- The command ---


def test_the_command_says_and_applies(tmp_path):
    path = tmp_path / "rsa.csv"
    path.write_text(cnaf("2024-12;2A004;AJACCIO;30"))
    out = io.StringIO()
    call_command("import_values", path, stdout=out)
    assert "Rien n’a été écrit" in out.getvalue()
    assert (Value.objects.count(), FigureFile.objects.count()) == (0, 0)
    call_command("import_values", path, "--apply", stdout=out)
    assert Value.objects.count() == 1


@pytest.mark.parametrize("text", ["a;b\n1;2\n", "NIR;Code;indfoy_rsa\n1;66149;3\n"])
def test_the_command_refuses_in_french(tmp_path, text):
    path = tmp_path / "essai.csv"
    path.write_text(text)
    with pytest.raises(CommandError, match="fichier"):
        call_command("import_values", path, "--apply")
    assert Value.objects.count() == 0


@pytest.mark.parametrize("whose", ["caf", "source"])
def test_the_command_brings_nothing_in_the_name_of_nobody(tmp_path, whose):
    """A code mistyped would make open data of the figures of a Caf."""
    path = tmp_path / "rsa.csv"
    path.write_text(cnaf("2024-12;2A004;AJACCIO;30"))
    with pytest.raises(CommandError, match="n’a le code « inconnu »"):
        call_command("import_values", path, "--apply", f"--{whose}", "inconnu")
    assert (Value.objects.count(), FigureFile.objects.count()) == (0, 0)


def test_the_command_asks_and_is_answered(tmp_path):
    CafFactory(code="2A")
    path, out = tmp_path / "parts.csv", io.StringIO()
    path.write_text("Code;Bas revenus [bas-revenus] 2019\n2A004;0,43\n")
    given = ["--caf", "2A", "--source", "saisie-caf"]
    call_command("import_values", str(path), *given, stdout=out)
    assert '--answer "share:Données › Bas revenus [bas-revenus] 2019=share"' in out.getvalue()
    with pytest.raises(CommandError, match="Répondre aux questions"):
        call_command("import_values", str(path), *given, "--apply", stdout=out)
    with pytest.raises(CommandError, match="Aucune question n’a la clé « inconnue »"):
        call_command("import_values", str(path), *given, "--answer", "inconnue=1", stdout=out)
    assert Value.objects.count() == 0
    answer = "share:Données › Bas revenus [bas-revenus] 2019=share"
    call_command("import_values", str(path), *given, "--answer", answer, "--apply", stdout=out)
    assert Value.objects.get().number == 43


def test_what_is_set_aside_says_its_unit_on_the_page_in_the_command_and_in_the_workbook():
    text = (
        "dtreffre;numcomdo;nomcom;indfoy_rsa;indmtt_rsa\n"
        "2024-12;2A004;AJACCIO;30;15100\n2024-12;;;6675;4134900\n2023-12;;;1;100\n"
    )
    file = bring(text)
    [(reason, masses)] = masses_set_aside(file)
    assert "2 lignes" in reason
    assert masses == [
        "Foyers bénéficiaires du RSA 2023 : 1\u00a0foyer",
        "Foyers bénéficiaires du RSA 2024 : 6\u202f675\u00a0foyers",
        "Montant mensuel de RSA 2023 : 100\u00a0€ par mois",
        "Montant mensuel de RSA 2024 : 4\u202f134\u202f900\u00a0€ par mois",
    ]
    assert any("6\u202f675\u00a0foyers" in line for line in lines_of(file))
    book = load_workbook(io.BytesIO(report_workbook(file, on=AT.date())))
    assert any("6\u202f675\u00a0foyers" in str(row[3].value) for row in book["Mis de côté"].iter_rows())


def test_an_evolution_needs_its_two_years_and_the_template_writes_them():
    evolution = Indicator.objects.get(code="evolution-allocataires")
    assert heading_of(evolution, 2024).endswith("[evolution-allocataires] 2019-2024")
    one_year = f"Code;Territoire;{heading_of(evolution, 2024).replace('2019-2024', '2024')}\n66149;Prades;13 %\n"
    file = bring(one_year)
    [error] = file.report["errors"]
    assert error["expected"] == "deux années dans l’intitulé de la colonne, par exemple 2014-2019"
    both = bring(f"Code;Territoire;{heading_of(evolution, 2024)}\n66149;Prades;13 %\n")
    assert (both.report["error_count"], both.report["new"]) == (0, 1)
