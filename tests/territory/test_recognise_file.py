"""One small file of each family: it is recognised without being told, and read to the last cell."""

import pytest

from territory.imports import texts
from territory.imports.errors import Personal, Unreadable
from territory.imports.places import Places
from tests.territory.reading import catalogue, read

CNAF = "dtreffre;numcomdo;nomcom;indfoy_rsa;indmtt_rsa\n2024-12;2A004;AJACCIO;30;15100\n2024-12;;;6675;2694600\n"
FILOSOFI = "CODGEO;LIBGEO;Q219;PPSOC19;GI19\n66149;Prades;18 890,0;0,8;0,290\n66136;Perpignan;;s;\n"
LONG = '"GEO";"GEO_OBJECT";"EC_MEASURE";"OBS_STATUS";"TIME_PERIOD";"OBS_VALUE"\n'
IRIS = "CODGEO;NOTE;A;PERCOU\n"


def places() -> Places:
    known = catalogue()
    return Places(known["places"], known["names"], known["districts"])


def family(report):
    return report["tables"][0]["family"]


# --- Cnaf open data ---


def test_cnaf_open_data():
    figures, report = read(CNAF)
    assert family(report) == "cnaf_open"
    assert report["source"] == "cafdata"
    assert figures == {
        ("foyers-rsa", "2A004", 2024, 2024, "30", "rounded"),
        ("montant-rsa", "2A004", 2024, 2024, "15100", "rounded"),
    }


def test_the_same_with_french_labels_as_headings():
    text = CNAF.replace(
        "dtreffre;numcomdo;nomcom;indfoy_rsa;indmtt_rsa",
        "Date référence;Numéro commune;Nom commune;Nombre foyers RSA;Montant total RSA",
    )
    assert read(text)[0] == read(CNAF)[0]


def test_households_not_located_keep_their_mass_and_go_nowhere():
    _, report = read(CNAF)
    [group] = report["aside"]
    assert "non localisés" in group["reason"]
    assert group["count"] == 1
    assert group["masses"]["Foyers bénéficiaires du RSA 2024"] == "6675"


def test_counts_are_rounded_since_their_producer_rounds_them():
    """Cafdata does since the figures of 2020: one of 2019 is exact, and a share of it keeps its decimals."""
    figures, _ = read(CNAF.replace("2024-12;2A004", "2019-12;2A004"))
    assert {(figure[2], figure[5]) for figure in figures} == {(2019, "exact")}


def test_other_months_are_set_aside():
    figures, report = read(CNAF.replace("2024-12;2A004", "2024-11;2A004"))
    assert figures == set()
    assert {group["reason"] for group in report["aside"]} >= {"Autres mois que décembre"}


def test_an_unknown_commune_is_said_with_the_nearest():
    _, report = read(CNAF.replace("2A004;AJACCIO", "2A999;ALLATA"))
    [row] = report["unknown"]
    assert (row["row"], row["code"], row["closest"]) == (2, "2A999", "Alata (2A006)")


def test_a_year_in_other_signs_than_digits_is_no_year():
    """« ² » is a digit for Python, and no number."""
    assert read(FILOSOFI.replace("Q219", "Q2²²"))[1]["tables"][0]["ignored"] == ["Q2²²"]
    rows = '"2A004";"COM";"LVB";"A";2020;7\n"2A004";"COM";"LVB";"A";19²0;8\n'
    figures, report = read(LONG + rows)
    assert {figure[2] for figure in figures} == {2020}
    assert [error["value"] for error in report["errors"]] == ["19²0"]


def test_codes_that_lost_their_zero_are_mended_and_it_is_said():
    figures, report = read("dtreffre;numcomdo;indfoy_rsa\n2024-12;1004;15\n")
    assert {figure[1] for figure in figures} == {"01004"}
    assert any("zéro" in sentence for sentence in report["notices"])


@pytest.mark.parametrize(("year", "entity"), [(2014, 500), (2015, 500), (2016, 501), (2024, 501)])
def test_the_entity_is_the_one_of_the_year(year, entity):
    assert places().find("commune", "01015", year) == entity


def test_a_figure_older_than_the_entity_goes_to_the_nearest():
    assert places().find("epci", "200049211", 2019) is not None


def test_the_first_line_may_say_what_cuts_the_others(tmp_path):
    """As Excel writes it: a comma would cut these into more columns."""
    path = tmp_path / "essai.csv"
    path.write_text("sep=;\na,b,c;d,e,f\n1,2,3;4,5,6\n")
    assert list(texts.read_text(path)) == [["a,b,c", "d,e,f"], ["1,2,3", "4,5,6"]]


# --- Cnaf open data by band of the quotient familial ---

BANDS = """dtreffre;numcomdo;nomcom;qf_400;indfoy_ndur;indnbp_ndur;indmtt_ndur;indfoy_ndurpaje
2024-12;2A004;AJACCIO;Moins de 400 euros;1200;2900;900000;300
2024-12;2A004;AJACCIO;Entre 400 et 799 euros;2500;6000;1500000;400
2024-12;2A004;AJACCIO;Entre 1200 et 1599 euros;700;1500;200000;60
2024-12;2A004;AJACCIO;4000 euros ou plus;15;30;2000;5
2024-12;2A004;AJACCIO;Inconnu;905;1800;100000;10
2024-12;2A006;ALATA;Entre 2000 et 3999 euros;20;60;4000;5
2024-12;2A006;ALATA;Moins de 400 euros;0;0;0;0
2024-12;;;Moins de 400 euros;6675;9000;2694600;40
"""


def test_bands_of_the_quotient_familial_are_so_many_indicators():
    """What the file counts of 1 200 € and more in four bands is one indicator; a band alone is as its producer rounded it."""
    figures, report = read(BANDS)
    assert (family(report), report["source"], report["errors"]) == ("cnaf_bands", "cafdata", [])
    assert figures == {
        ("foyers-qf-moins-400", "2A004", 2024, 2024, "1200", "rounded"),
        ("foyers-qf-400-799", "2A004", 2024, 2024, "2500", "rounded"),
        ("foyers-qf-1200-et-plus", "2A004", 2024, 2024, "715", "estimated"),
        ("foyers-qf-1200-et-plus", "2A006", 2024, 2024, "20", "rounded"),
        ("foyers-qf-moins-400", "2A006", 2024, 2024, "0", "rounded"),
    }
    assert report["tables"][0]["ignored"] == ["indnbp_ndur", "indmtt_ndur", "indfoy_ndurpaje"]
    assert len(report["tables"][0]["indicators"]) == 3


def test_the_bands_with_the_french_labels_of_the_site_as_headings():
    text = BANDS.replace(
        "dtreffre;numcomdo;nomcom;qf_400;indfoy_ndur;",
        "Date référence;Numéro commune;Nom commune;Quotient familial;Nombre foyers NDUR;",
    )
    assert read(text)[0] == read(BANDS)[0]


def test_a_band_never_passes_for_the_whole():
    """Not the households of the first band for all of them, nor those of the Paje within it."""
    figures, _ = read(BANDS)
    assert not {figure[0] for figure in figures} & {"foyers-allocataires", "personnes-couvertes", "foyers-paje"}


def test_households_of_no_band_or_of_no_commune_keep_their_mass():
    _, report = read(BANDS.replace("Entre 400 et 799 euros", "De 400 à 500 euros"))
    masses = {group["reason"]: group["masses"] for group in report["aside"]}
    assert masses["Tranches de quotient familial hors du catalogue (Inconnu)"] == {"Foyers allocataires 2024": "905"}
    assert masses["Tranches de quotient familial hors du catalogue (De 400 à 500 euros)"] == {
        "Foyers allocataires 2024": "2500"
    }
    [located] = [mass for reason, mass in masses.items() if "non localisés" in reason]
    assert located == {"Foyers au quotient familial de moins de 400 € 2024": "6675"}


def test_a_band_that_a_place_does_not_have_is_no_zero():
    figures, _ = read(BANDS)
    assert not [figure for figure in figures if figure[:2] == ("foyers-qf-800-1199", "2A004")]


def test_a_band_without_its_number_makes_no_sum():
    figures, report = read(BANDS.replace("4000 euros ou plus;15", "4000 euros ou plus;"))
    assert ("foyers-qf-1200-et-plus", "2A004", 2024, 2024, None, "missing") in figures


@pytest.mark.parametrize("band", ["Moins de 400 euros", "4000 euros ou plus"])
def test_the_same_band_twice_is_an_error(band):
    _, report = read(BANDS.replace("2024-12;2A004;AJACCIO;Inconnu;905", f"2024-12;2A004;AJACCIO;{band};905"))
    [error] = report["errors"]
    assert (error["row"], error["value"]) == (6, "905")


@pytest.mark.parametrize("wrong", ["quinze", "2,5", "-5"])
def test_a_number_that_cannot_be_is_an_error_in_a_sum_too(wrong):
    _, report = read(BANDS.replace("4000 euros ou plus;15", f"4000 euros ou plus;{wrong}"))
    [error] = report["errors"]
    assert (error["row"], error["column"], error["value"]) == (5, "indfoy_ndur", wrong)


def test_the_bands_of_an_arrondissement_make_up_those_of_the_city():
    text = BANDS.replace("2A004;AJACCIO", "75101;PARIS 1").replace("2A006;ALATA", "75102;PARIS 2")
    figures, _ = read(text)
    assert ("foyers-qf-1200-et-plus", "75056", 2024, 2024, "735", "rounded") in figures
    assert ("foyers-qf-moins-400", "75056", 2024, 2024, "1200", "rounded") in figures


@pytest.mark.parametrize("column", ["nomqpv", "numirisd"])
@pytest.mark.parametrize("text", [BANDS, CNAF])
def test_quarters_do_not_pass_for_their_commune(text, column):
    lines = text.splitlines()
    quarters = "\n".join([f"{lines[0]};{column}", *(f"{line};Les Cannes" for line in lines[1:])])
    with pytest.raises(Unreadable, match="quartiers"):
        read(quarters)


# --- Wide files of Insee ---


def test_wide_file_with_the_year_in_its_headings():
    figures, report = read(FILOSOFI)
    assert (family(report), report["source"], report["years"]) == ("insee_wide", "insee-filosofi", [2019])
    assert ("niveau-vie-median", "66149", 2019, 2019, "18890", "exact") in figures
    assert ("part-prestations-sociales", "66149", 2019, 2019, "0.8", "exact") in figures  # the producer says the unit
    assert report["questions"] == []


def test_a_blank_means_what_the_source_says():
    figures, _ = read(FILOSOFI)
    assert ("niveau-vie-median", "66136", 2019, 2019, None, "masked") in figures


def test_the_headings_may_come_after_notes():
    assert read("Revenus 2019\nSource Insee;2021\n\n" + FILOSOFI)[0] == read(FILOSOFI)[0]


@pytest.mark.parametrize(
    ("code", "name", "found"),
    [
        ("01", "Ain", "01"),
        ("01", "Guadeloupe", "01"),
        ("11", "Île-de-France", "11"),
        ("1", "France métropolitaine", "FM"),
    ],
)
def test_the_level_is_told_by_the_name_when_the_code_has_two(code, name, found):
    figures, _ = read(f"CODGEO;LIBGEO;Q219\n{code};{name};21930\n")
    assert {figure[1] for figure in figures} == {found}


def test_a_code_of_two_levels_without_a_name_is_not_guessed():
    figures, report = read("CODGEO;Q219\n11;21930\n")
    assert figures == set()
    assert report["unknown_count"] == 1


# --- Long files of Insee ---


def test_long_file_with_several_levels():
    rows = (
        '"2A004";"COM";"LVB";"A";2020;700.0\n"2A";"DEP";"LVB";"A";2020;1400\n'
        '"FM";"FRANCE";"LVB";"A";2020;696664\n"001";"AAV2020";"LVB";"A";2020;3\n'
    )
    figures, report = read(LONG + rows)
    assert (family(report), report["source"]) == ("insee_long", "insee-etat-civil")
    assert {figure[1:5] for figure in figures} == {
        ("2A004", 2020, 2020, "700"),
        ("2A", 2020, 2020, "1400"),
        ("FM", 2020, 2020, "696664"),
    }
    assert [group["reason"] for group in report["aside"]] == ["Autres découpages (AAV2020)"]


def test_the_status_of_a_figure_is_its_quality():
    figures, _ = read(
        LONG + '"2A004";"COM";"LVB";"M";2020;\n"2A006";"COM";"LVB";"E";2020;12\n"66149";"COM";"LVB";"C";2020;\n'
    )
    assert {(figure[1], figure[5]) for figure in figures} == {
        ("2A004", "missing"),
        ("2A006", "estimated"),
        ("66149", "masked"),
    }


def test_the_quick_way_and_the_careful_way_agree():
    quick = LONG + "".join(
        f'"{code}";"COM";"LVB";"A";{year};{year - 2000}\n' for code in ("2A004", "66149") for year in (2019, 2020, 2021)
    )
    careful = quick.replace(';"A";', ';"A";').replace("\n", ".0\n").replace('OBS_VALUE".0', 'OBS_VALUE"')
    assert read(quick)[0] == read(careful)[0]
    assert len(read(quick)[0]) == 6


def test_paris_is_the_sum_of_its_arrondissements_only_without_its_own_row():
    rows = '"75101";"ARM";"LVB";"A";2020;10\n"75102";"ARM";"LVB";"A";2020;20\n'
    assert {figure[1:5] for figure in read(LONG + rows)[0]} == {("75056", 2020, 2020, "30")}
    figures, report = read(LONG + rows + '"75056";"COM";"LVB";"A";2020;31\n')
    assert {figure[1:5] for figure in figures} == {("75056", 2020, 2020, "31")}
    assert [(row["sum"], row["stated"]) for row in report["totals"] if "Paris" in row["place"]] == [("30", "31")]


def test_incomplete_arrondissements_make_no_city():
    figures, report = read(LONG + '"75101";"ARM";"LVB";"A";2020;10\n')
    assert figures == set()
    assert "Arrondissements" in report["aside"][0]["reason"]


def test_twice_the_same_figure_is_an_error_at_its_row():
    _, report = read(LONG + '"2A004";"COM";"LVB";"A";2020;7\n"2A004";"COM";"LVB";"A";2020;8\n')
    [error] = report["errors"]
    assert (error["row"], error["value"]) == (3, "8")
    assert "2A004 a déjà" in error["expected"]


# --- IRIS ---


def test_iris_are_summed_by_commune_when_all_are_there():
    figures, report = read(IRIS + "661490101;0;100;250\n661490102;0;50;120\n", name="CAF_2019_IRIS.csv")
    assert family(report) == "iris"
    assert ("foyers-allocataires", "66149", 2019, 2019, "150", "exact") in figures
    assert any("2019 : lue dans le nom" in sentence for sentence in report["notices"])


def test_a_commune_with_a_secret_iris_is_left_out_and_named():
    figures, report = read(IRIS + "661490101;0;100;250\n661490102;2;;120\n", name="CAF_2019_IRIS.csv")
    assert {figure[:2] for figure in figures} == {("personnes-couvertes", "66149")}
    assert report["aside"][0]["rows"][0]["detail"] == "Prades (66149) : Foyers allocataires"


def test_a_file_that_says_no_year_asks():
    figures, report = read(IRIS + "661490101;0;100;250\n", name="iris.csv")
    assert figures == set()
    assert [question["key"] for question in report["questions"]] == ["year"]
    assert len(read(IRIS + "661490101;0;100;250\n", name="iris.csv", answers={"year": "2018"})[0]) == 2


# --- Our own template ---

TEMPLATE = "Niveau;Code;Territoire;Allocataires à bas revenus (%) [bas-revenus] 2019;Évolution [evolution-allocataires] 2014-2019\n"


def test_template():
    figures, report = read(TEMPLATE + "Commune;66149;Prades;43 %;13 %\nIntercommunalité (EPCI);200049211;Conflent;;\n")
    assert family(report) == "template"
    assert figures == {
        ("bas-revenus", "66149", 2019, 2019, "43", "exact"),
        ("evolution-allocataires", "66149", 2019, 2014, "13", "exact"),
    }


def test_a_bare_fraction_in_a_column_of_percentages_is_a_question():
    text = TEMPLATE + "Commune;66149;Prades;0,43;\nCommune;66136;Perpignan;0,5;\n"
    _, report = read(text)
    [question] = report["questions"]
    assert question["count"] == 2
    assert "0,43" in question["text"]
    numbers = {
        answer: {figure[4] for figure in read(text, answers={question["key"]: answer})[0]}
        for answer in ("percent", "share")
    }
    assert numbers == {"percent": {"0.43", "0.5"}, "share": {"43", "50"}}


def asked(text, **answers):
    return {question["key"]: question for question in read(text, answers=answers)[1]["questions"]}


def numbers_of(text, **answers):
    return {figure[1]: figure[4] for figure in read(text, answers=answers)[0]}


def test_each_column_has_its_own_question():
    """Even where one column holds every indicator: the rows of one of them are its column."""
    long = "Code;Niveau;Indicateur;Année;Valeur\n66149;Commune;bas-revenus;2024;0,43\n66149;Commune;revenu-garanti;2024;1\n"
    assert len(asked(long)) == 1
    first = "Code;Bas revenus [bas-revenus] 2019;Revenu garanti [revenu-garanti] 2019\n66149;0,43;0,6\n"
    assert len(asked(first)) == 2
    assert len(asked(long + "66136;Commune;revenu-garanti;2024;0,6\n")) == 2


def test_a_one_in_a_column_of_shares_is_a_hundred_percent():
    """However it is read: the quick way of the long files would have written 1 %."""
    text = (
        "Code;Niveau;Indicateur;Année;Valeur\n66149;Commune;bas-revenus;2024;1\n66136;Commune;bas-revenus;2024;0,43\n"
    )
    [key] = asked(text)
    assert numbers_of(text, **{key: "share"}) == {"66149": "100", "66136": "43"}


def test_a_mixed_column_is_answered_cell_by_cell():
    text = TEMPLATE + "Commune;66149;Prades;0,43;\nCommune;66136;Perpignan;45;\nCommune;2A004;Ajaccio;0,5;\n"
    [column] = asked(text)
    cells = [key for key in asked(text, **{column: "cells"}) if key != column]
    assert [key.rpartition(":")[2] for key in cells] == ["2", "4"]
    answers = {column: "cells", cells[0]: "share", cells[1]: "percent"}
    assert numbers_of(text, **answers) == {"66149": "43", "66136": "45", "2A004": "0.5"}


def test_a_number_that_contradicts_the_answer_of_its_column_is_asked_about():
    """43 in a column of shares would be 4 300 %."""
    text = TEMPLATE + "Commune;66149;Prades;0,43;\nCommune;66136;Perpignan;45;\n"
    [column] = asked(text)
    [cell] = asked(text, **{column: "share"}).keys() - {column}
    assert numbers_of(text, **{column: "share", cell: "percent"}) == {"66149": "43", "66136": "45"}


def test_too_many_cells_to_ask_about_are_to_be_mended_in_the_file(monkeypatch):
    monkeypatch.setattr("territory.imports.figures.MOST_CELLS", 1)
    text = TEMPLATE + "Commune;66149;Prades;0,43;\nCommune;66136;Perpignan;0,5;\n"
    [column] = asked(text)
    _, report = read(text, answers={column: "cells"})
    assert [error["row"] for error in report["errors"]] == [3]
    assert "avec son signe" in report["errors"][0]["expected"]


@pytest.mark.parametrize(
    "text",
    [
        "Date référence;Code commune;Allocataires à bas revenus\n2024-12;66149;0,43\n",
        "Code;Allocataires à bas revenus 2024\n66149;0,43\n",
        "Code;Niveau;Indicateur;Année;Valeur\n66149;Commune;bas-revenus;2024;0,43\n",
    ],
)
def test_a_column_that_no_producer_named_is_asked_about_too(text):
    assert len(read(text)[1]["questions"]) == 1


def test_a_percentage_shown_hundred_times_too_large_is_a_question():
    text = TEMPLATE + "Commune;66149;Prades;4300%;\n"
    [question] = read(text)[1]["questions"]
    assert {figure[4] for figure in read(text, answers={question["key"]: "hundred"})[0]} == {"43"}


def test_a_cell_that_is_no_figure_says_where_and_what_was_expected():
    _, report = read(TEMPLATE + "Commune;66149;Prades;beaucoup;\n")
    [error] = report["errors"]
    assert (error["sheet"], error["row"], error["value"]) == ("Données", 2, "beaucoup")
    assert error["column"].startswith("Allocataires")
    assert "un nombre" in error["expected"]


# --- What no cell, row or file can mean ---


@pytest.mark.parametrize(
    ("heading", "cell", "expected"),
    [
        ("Foyers [foyers-allocataires] 2019", "12,5", "un nombre entier"),
        ("Foyers [foyers-allocataires] 2019", "2,5 Etp", "sans « Etp »"),
        ("Foyers [foyers-allocataires] 2019", "1 000 €", "sans « € »"),
        ("RSA [montant-rsa] 2019", "2,5 Etp", "sans « Etp »"),
        ("Bas revenus [bas-revenus] 2019", "33 €", "sans « € », l’unité de « Allocataires à bas revenus » est « % »"),
        ("Bas revenus [bas-revenus] 2019", "33 pts", "sans « points »"),
        ("Bas revenus [bas-revenus] 2019", "−3 %", "zéro ou plus, « Allocataires à bas revenus » est une part"),
        ("Bas revenus [bas-revenus] 2019", "-3", "zéro ou plus"),
    ],
)
def test_a_cell_in_another_unit_or_out_of_its_bounds_is_refused(heading, cell, expected):
    figures, report = read(f"Code;{heading}\n66149;{cell}\n")
    [error] = report["errors"]
    assert figures == set()
    assert (error["row"], error["value"]) == (2, cell)
    assert expected in error["expected"]


TO_COME = "une année déjà commencée, 2026 au plus tard"


@pytest.mark.parametrize(
    ("text", "row", "column", "value"),
    [
        ("dtreffre;numcomdo;indfoy_rsa\n2031-12;2A004;30\n", 2, "dtreffre", "2031-12"),
        ("dtreffre;numcomdo;qf_400;indfoy_ndur\n2031-12;2A004;Moins de 400 euros;30\n", 2, "dtreffre", "2031-12"),
        ("CODGEO;Q231\n66149;18890\n66136;17000\n", 1, "Q231", "2031"),
        (
            "Code;Foyers [foyers-allocataires] 2031\n66149;12\n66136;14\n",
            1,
            "Foyers [foyers-allocataires] 2031",
            "2031",
        ),
    ],
)
def test_a_year_to_come_is_refused_where_it_is_written(text, row, column, value):
    figures, report = read(text)
    assert figures == set()
    [error] = report["errors"]
    assert (error["row"], error["column"], error["value"], error["expected"]) == (row, column, value, TO_COME)


@pytest.mark.parametrize(
    ("heading", "written", "expected"),
    [
        (
            "Évolution [evolution-allocataires] 2023-2018",
            "2023-2018",
            "l’année de départ avant celle d’arrivée, 2018-2023",
        ),
        ("Bas revenus [bas-revenus] 2018-2023", "2018-2023", "une seule année, « Allocataires à bas revenus »"),
        ("Évolution [evolution-allocataires] 2031-2018", "2031-2018", TO_COME),
    ],
)
def test_years_that_a_column_cannot_have_are_refused_at_its_heading(heading, written, expected):
    figures, report = read(f"Code;{heading}\n66149;12 %\n66136;14 %\n")
    [error] = report["errors"]
    assert figures == set()
    assert (error["row"], error["column"], error["value"]) == (1, heading, written)
    assert error["expected"].startswith(expected)


def test_a_second_table_below_the_first_is_refused_where_it_begins():
    figures, report = read("CODGEO;LIBGEO;Q219\n66149;Prades;18890\n\nCODGEO;LIBGEO;D119\n66136;Perpignan;9000\n")
    assert {figure[:2] for figure in figures} == {("niveau-vie-median", "66149")}
    [error] = report["errors"]
    assert (error["row"], error["expected"].split(" : ")[0]) == (4, "un seul tableau par feuille")


def test_headings_repeated_on_each_page_are_passed_over():
    figures, report = read("CODGEO;LIBGEO;Q219\n66149;Prades;18890\nCODGEO;LIBGEO;Q219\n66136;Perpignan;17000\n")
    assert (len(figures), report["errors"], report["unknown"]) == (2, [], [])


def test_a_total_of_a_part_is_a_total():
    _, report = read(CNAF + ";;Sous-total Conflent;465;\n")
    assert report["errors"] == []
    assert {group["reason"]: group["count"] for group in report["aside"]}["Lignes de total"] == 1


def test_a_heading_of_the_cnaf_followed_by_a_year_is_read():
    text = "Code commune;Commune;Nombre foyers RSA 2022;Nombre foyers RSA 2023\n66149;Prades;380;390\n"
    figures, report = read(text)
    assert {(figure[0], figure[2], figure[4]) for figure in figures} == {
        ("foyers-rsa", 2022, "380"),
        ("foyers-rsa", 2023, "390"),
    }
    assert report["source"] == "cafdata"


def test_an_intercommunalite_whose_number_is_wrong_is_found_by_its_name():
    _, report = read("CODGEO;LIBGEO;Q220\n243400017;Conflent Canigo;18700\n")
    assert report["unknown"][0]["closest"] == "Conflent-Canigó (200049211)"


def test_a_text_that_a_spreadsheet_did_not_cut_is_told_from_an_unknown_file():
    with pytest.raises(Unreadable, match="serrées dans une seule"):
        read("dtreffre;numcomdo;indmtt_rsa\n2024-12;2A004;3000\t50\n", delimiter="\t")
    with pytest.raises(Unreadable, match="aucune famille connue"):
        read("Nom;Ville;Âge\nA;B;12\n")


def test_the_other_columns_of_a_row_are_read_beside_a_year_to_come():
    figures, _ = read("Code;Foyers [foyers-allocataires] 2031;Foyers [foyers-allocataires] 2024\n66149;12;14\n")
    assert {(figure[2], figure[4]) for figure in figures} == {(2024, "14")}


def test_projections_of_a_long_file_are_set_aside_and_said():
    text = "GEO;GEO_OBJECT;TIME_PERIOD;EC_MEASURE;OBS_VALUE\n66149;COM;2023;LVB;60\n66149;COM;2031;LVB;70\n66149;COM;2050;LVB;75\n"
    figures, report = read(text)
    assert {(figure[2], figure[4]) for figure in figures} == {(2023, "60")}
    [group] = [group for group in report["aside"] if "projections" in group["reason"]]
    assert (group["count"], group["rows"][0]["detail"]) == (2, "66149, 2031")


def test_a_year_to_come_in_the_name_of_the_file_is_not_proposed():
    _, report = read(IRIS + "661490101;0;100;250\n", name="CAF_2031_IRIS.csv")
    [question] = report["questions"]
    years = [value for value, _ in question["choices"]]
    assert (years[0], "2031" in years) == ("2026", False)


def test_a_census_of_two_digits_is_of_its_century():
    figures, _ = read("CODGEO;P99_POP;P19_POP\n66149;5800;6000\n")
    assert {figure[2] for figure in figures} == {1999, 2019}


def test_a_part_of_a_household_is_refused_in_the_files_of_the_cnaf_and_a_census_keeps_its_decimals():
    _, report = read(CNAF.replace("AJACCIO;30", "AJACCIO;1,234"))
    assert "ambiguïté" in report["errors"][0]["expected"]
    figures, _ = read("CODGEO;NBPERS19\n66149;819,5\n")
    assert {figure[4] for figure in figures} == {"819.5"}


def test_an_evolution_may_be_negative():
    text = "Code;Évolution [evolution-allocataires] 2014-2019\n66149;−3 %\n"
    assert {figure[4] for figure in read(text)[0]} == {"-3"}


def test_a_bare_number_above_a_hundred_in_a_column_of_percentages_is_a_question():
    text = TEMPLATE + "Commune;66149;Prades;4300;\nCommune;66136;Perpignan;90;\n"
    [key] = asked(text)
    assert numbers_of(text, **{key: "as_written"}) == {"66149": "4300", "66136": "90"}
    assert numbers_of(text, **{key: "hundred"}) == {"66149": "43", "66136": "0.9"}


@pytest.mark.parametrize("month", ["novembre 2023", "nov. 2023", "2023-T3", "30/11/2023", "S1 2023"])
def test_another_month_in_words_is_set_aside_too(month):
    figures, report = read(CNAF.replace("2024-12;2A004", f"{month};2A004"))
    assert figures == set()
    assert report["error_count"] == 0


@pytest.mark.parametrize("month", ["décembre 2023", "Déc. 2023", "2023-T4", "31/12/2023", "2023"])
def test_december_in_words(month):
    assert {figure[2] for figure in read(CNAF.replace("2024-12;2A004", f"{month};2A004"))[0]} == {2023}


def test_totals_and_notes_below_a_table_are_set_aside_and_do_not_block_it():
    text = f"{CNAF}Total général;;;30;15100\n2024-12;;TOTAL;30;15100\nSource : Cnaf;hors MSA\n;;;;\n"
    figures, report = read(text)
    assert (figures, report["error_count"], report["unknown_count"]) == (read(CNAF)[0], 0, 0)
    aside = {group["reason"]: group["count"] for group in report["aside"]}
    assert aside["Lignes de total"] == 2
    assert not any("None" in label for group in report["aside"] for label in group["masses"])
    assert aside["Lignes sans chiffre ni territoire (titres, notes)"] == 1


def test_without_a_column_of_codes_no_row_is_taken_for_households_not_located():
    with pytest.raises(Unreadable, match="code des territoires"):
        read("dtreffre;nomcom;indfoy_rsa\n2024-12;AJACCIO;30\n")


def test_a_commune_merged_before_the_year_of_its_figures_is_said_and_left_out():
    given = catalogue()
    given["places"]["commune"]["66136"] = [(1943, 2015, 600)]
    for text in (
        CNAF + "2024-12;66136;Perpignan;30;100\n2015-12;66136;Perpignan;30;100\n",
        "GEO;GEO_OBJECT;INDICATEUR;TIME_PERIOD;OBS_VALUE\n66136;COM;foyers-rsa;2024;30\n66136;COM;foyers-rsa;2015;30\n",
    ):
        figures, report = read(text, places=given["places"])
        assert {figure[2] for figure in figures if figure[1] == "66136"} == {2015}
        [row] = report["unknown"]
        assert (row["code"], row["closest"][:23]) == ("66136", "n’existe plus en 2024 :")


def test_an_iris_counted_twice_is_refused():
    text = IRIS + "661490000;;12;30\n661490000;;12;30\n"
    _, report = read(text, year=2019)
    [error] = report["errors"]
    assert (error["row"], error["value"]) == (3, "661490000")


def test_an_iris_cannot_count_less_than_nobody():
    _, report = read(IRIS + "661490000;;-12;30\n", year=2019)
    assert "zéro ou plus" in report["errors"][0]["expected"]


def test_codes_mended_by_the_thousand_are_said_in_one_sentence():
    rows = "".join(f"2024-12;{code};x;30;100\n" for code in ("1004", "'66149", "66136.0", "2a006"))
    figures, report = read(CNAF + rows)
    assert {figure[1] for figure in figures} == {"2A004", "01004", "66149", "66136", "2A006"}
    [sentence] = report["notices"]
    assert "4 codes rétablis, par exemple « 1004 », lu « 01004 »" in sentence


# --- What is refused whole ---


@pytest.mark.parametrize(
    "text",
    [
        "NIR;Code;indfoy_rsa\n1;66149;3\n",
        "Nom;Prénom;Date de naissance;Commune\nX;Y;Z;66149\n",
        "Matricule;dtreffre;numcomdo;indfoy_rsa\n123;2024-12;66149;1\n",
        "dtreffre;numcomdo;indfoy_rsa;clef\n" + "2024-12;66149;1;2 55 08 14 168 025 38\n" * 3,
    ],
)
def test_a_file_of_persons_is_refused(text):
    with pytest.raises(Personal, match="n’a pas été conservé"):
        read(text)


def test_a_table_of_no_family_is_refused_with_what_to_do():
    with pytest.raises(Unreadable, match="modèle Excel"):
        read("a;b\n1;2\n")
