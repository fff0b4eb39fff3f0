"""Headings that users and producers write otherwise: years, codes, sums of columns, two rows of headings, parts of a whole."""

import io

import pytest

from territory.imports.errors import Unreadable
from territory.imports.headings import years_of
from territory.imports.ledger import Ledger
from territory.imports.reading import Reading
from territory.imports.report import summary
from territory.models import FigureFile
from tests.territory.reading import catalogue, read

# --- The census of Insee ---


def numbers_of(text, **changes):
    figures, report = read(text, **changes)
    assert (report["errors"], report["unknown"]) == ([], [])
    return {(code, year): number for code, _, year, _, number, _ in figures}, report


def test_ages_of_the_census_are_taken_and_added():
    text = "CODGEO;P21_POP;P21_POP0002;P21_POP0305;P21_POP0610;P21_POP1117;P21_POP3044\n66149;6100;90,25;110,5;200,25;300;9\n"
    figures, report = numbers_of(text)
    assert report["source"] == "insee-recensement"
    assert figures == {
        ("population", 2021): "6100",
        ("enfants-moins-3-ans", 2021): "90.25",
        ("habitants-3-5-ans", 2021): "110.5",
        ("enfants-moins-6-ans", 2021): "200.75",
        ("habitants-6-10-ans", 2021): "200.25",
        ("habitants-11-17-ans", 2021): "300",
        ("habitants-3-17-ans", 2021): "610.75",
        ("enfants-moins-18-ans", 2021): "701",
    }
    assert report["tables"][0]["ignored"] == ["P21_POP3044"]
    assert report["notices"] == []


def test_each_year_of_a_census_makes_its_own_sums_and_a_part_that_is_absent_makes_none():
    figures, _ = numbers_of("CODGEO;P20_POP1114;P20_POP1517;P14_POP1114\n66149;10;20;30\n")
    assert figures == {
        ("habitants-11-14-ans", 2020): "10",
        ("habitants-15-17-ans", 2020): "20",
        ("habitants-11-17-ans", 2020): "30",
        ("habitants-11-14-ans", 2014): "30",
    }


def test_a_sum_says_no_more_than_its_parts():
    figures, report = read("CODGEO;C21_NE24F3;C21_NE24F4P\n66149;s;12\n66136;3;douze\n")
    assert {figure[:2] + figure[4:] for figure in figures} == {("familles-3-enfants", "66149", None, "masked")}
    [error] = report["errors"]
    assert (error["row"], error["column"], error["value"]) == (3, "C21_NE24F3 + C21_NE24F4P", "douze")


def test_a_figure_counted_twice_by_the_census_is_taken_once():
    figures, _ = numbers_of("CODGEO;P21_MEN;C21_MEN;C21_COUPAENF;C21_FAMMONO\n66149;50;49,5;30;10\n")
    assert figures == {
        ("menages", 2021): "50",
        ("familles-monoparentales-recensement", 2021): "10",
        ("familles-avec-enfants-de-tout-age", 2021): "40",
    }


def test_the_iris_of_a_census_make_communes_with_their_decimals_and_the_year_of_their_headings():
    text = (
        "IRIS;COM;TYP_IRIS;LAB_IRIS;P21_POP0002;P21_POP0305;C21_POP15P\n"
        "661490101;66149;H;1;10,25;20;9\n661490102;66149;H;1;5,5;10;9\n"
    )
    figures, report = numbers_of(text, name="base.csv")
    assert report["tables"][0]["family"] == "iris"
    assert figures == {
        ("enfants-moins-3-ans", 2021): "15.75",
        ("habitants-3-5-ans", 2021): "30",
        ("enfants-moins-6-ans", 2021): "45.75",
    }
    assert report["tables"][0]["ignored"] == ["C21_POP15P"]


def test_the_code_of_the_iris_is_taken_for_the_place_wherever_it_is():
    figures, _ = numbers_of("COM;IRIS;P21_POP0002\n66149;661490101;10\n66149;661490102;5\n")
    assert figures == {("enfants-moins-3-ans", 2021): "15"}


def test_what_does_not_add_up_over_iris_is_left_and_said():
    figures, report = read("Code IRIS;Taux de pauvreté;Foyers allocataires\n661490101;17 %;30\n", name="iris-2020.csv")
    assert {figure[0] for figure in figures} == {"foyers-allocataires"}
    assert any("ne s’additionnent pas" in sentence for sentence in report["notices"])
    assert report["tables"][0]["ignored"] == ["Taux de pauvreté"]


# --- The year of a heading ---


@pytest.mark.parametrize(
    ("heading", "rest", "years"),
    [
        ("Foyers allocataires 2022", "Foyers allocataires ", (2022, 2022)),
        ("Foyers allocataires au 31/12/2022", "Foyers allocataires au ", (2022, 2022)),
        ("Foyers allocataires (décembre 2022)", "Foyers allocataires ()", (2022, 2022)),
        ("2022 - Foyers allocataires", " - Foyers allocataires", (2022, 2022)),
        ("Évolution 2014-2019", "Évolution ", (2014, 2019)),
        ("Évolution 2014 à 2019", "Évolution ", (2014, 2019)),
        ("Foyers au 30/06/2022", "Foyers au 30/06/2022", (None, None)),
        ("Lot 20221", "Lot 20221", (None, None)),
    ],
)
def test_the_years_of_a_heading(heading, rest, years):
    assert years_of(heading) == (rest, years)


@pytest.mark.parametrize(
    "heading",
    [
        "Foyers allocataires 2022",
        "Foyers allocataires (foyers) 2022",
        "Foyers allocataires en 2022",
        "Foyers allocataires au 31/12/2022",
        "2022 – Foyers allocataires",
        "foyers_allocataires_2022",
    ],
)
def test_a_heading_in_the_words_of_the_catalogue(heading):
    figures, report = read(f"Code Insee;Commune;{heading}\n66149;Prades;1500\n")
    assert {figure[:5] for figure in figures} == {("foyers-allocataires", "66149", 2022, 2022, "1500")}
    assert report["tables"][0]["ignored"] == []


def test_an_evolution_has_the_two_years_of_its_heading():
    text = "Code;Territoire;Évolution du nombre d’allocataires 2014-2019\n200049211;Conflent;17 %\nFM;France métropolitaine;18%\n"
    figures, _ = read(text)
    assert {figure[:5] for figure in figures} == {
        ("evolution-allocataires", "200049211", 2019, 2014, "17"),
        ("evolution-allocataires", "FM", 2019, 2014, "18"),
    }


def test_a_column_without_a_year_is_of_the_year_of_the_others():
    """« RD » in the files of Filosofi, beside « Q219 »."""
    figures, report = read("CODGEO;LIBGEO;Q219;RD\n66149;Prades;18890;3,1\n")
    assert {figure[:5] for figure in figures} == {
        ("niveau-vie-median", "66149", 2019, 2019, "18890"),
        ("rapport-interdecile", "66149", 2019, 2019, "3.1"),
    }
    _, report = read("CODGEO;LIBGEO;Q219;Q218;RD\n66149;Prades;18890;18000;3,1\n")
    assert report["tables"][0]["ignored"] == ["RD"]


UNDATED = "Code Insee;Commune;Foyers allocataires;Naissances domiciliées\n66149;Prades;1500;60\n"


def test_columns_without_a_year_are_of_the_year_given_with_the_file_or_of_its_name():
    for changes in ({"year": 2022}, {"name": "allocataires 2022.csv"}, {"name": "x.csv", "answers": {"year": "2022"}}):
        figures, report = read(UNDATED, **changes)
        assert {(figure[0], figure[2]) for figure in figures} == {("foyers-allocataires", 2022), ("naissances", 2022)}


def test_columns_without_a_year_ask_for_it():
    figures, report = read(UNDATED, name="x.csv")
    assert figures == set()
    assert [question["key"] for question in report["questions"]] == ["year"]


def test_labels_above_the_headings_of_a_producer_are_passed_over():
    labels = "Code géographique;Libellé géographique;Ménages fiscaux;Taux de pauvreté\n"
    figures, _ = read(f"{labels}CODGEO;LIBGEO;NBMENFISC17;TP6017\n66149;Prades;2900;22,5\n")
    assert {figure[:5] for figure in figures} == {
        ("menages-fiscaux", "66149", 2017, 2017, "2900"),
        ("taux-pauvrete", "66149", 2017, 2017, "22.5"),
    }


# --- Two rows of headings ---

TWO_ROWS = [
    "Code Insee;Commune;Foyers allocataires;;Naissances domiciliées;\n;;2021;2022;2021;2022\n66149;Prades;1;2;3;4\n",
    "Code Insee;Commune;2021;;2022;\n;;Foyers allocataires;Naissances domiciliées;Foyers allocataires;Naissances domiciliées\n"
    "66149;Prades;1;3;2;4\n",
    "Portrait;;2021;;2022;\nCode Insee;Commune;Foyers allocataires;Naissances domiciliées;Foyers allocataires;Naissances domiciliées\n"
    "66149;Prades;1;3;2;4\n",
]


@pytest.mark.parametrize("text", TWO_ROWS)
def test_merged_cells_give_their_year_or_their_name_to_the_columns_below(text):
    figures, report = read(text)
    assert {(figure[0], figure[2], figure[4]) for figure in figures} == {
        ("foyers-allocataires", 2021, "1"),
        ("foyers-allocataires", 2022, "2"),
        ("naissances", 2021, "3"),
        ("naissances", 2022, "4"),
    }
    assert (report["rows"], report["unknown_count"]) == (1, 0)


# --- The column of codes ---


@pytest.mark.parametrize(
    "heading",
    ["INSEE", "insee_com", "Code INSEE de la commune", "Code géo", "codgeo_2023", "Code officiel géographique", "COG"]
    + ["code_commune_insee", "N° Insee", "Code Insee (commune)", "CodeInsee", "Commune (code)"],
)
def test_a_column_of_codes_as_people_name_it(heading):
    figures, _ = read(f"{heading};Libellé;Foyers allocataires 2022\n66149;Prades;1500\n")
    assert {figure[1] for figure in figures} == {"66149"}


def test_what_is_of_no_intercommunalite_and_what_is_abroad_is_set_aside_with_its_mass():
    _, report = read("dtreffre;numepci;nomepci;indfoy_rsa\n2022-12;ZZZZZZZZZ;SANS EPCI;5\n")
    assert [(group["reason"], list(group["masses"].values())) for group in report["aside"]] == [
        ("Communes sans intercommunalité", ["5"])
    ]
    _, report = read("dtreffre;numdep;nomdep;indfoy_rsa\n2022-12;099;ETRANGER;5\n")
    assert [list(group["masses"].values()) for group in report["aside"]] == [["5"]]
    assert report["unknown_count"] == 0


# --- Parts of a whole, in a long file ---


def test_a_part_never_passes_for_the_whole_in_a_long_file():
    text = (
        "GEO;GEO_OBJECT;RP_MEASURE;AGE;SEX;TIME_PERIOD;OBS_VALUE\n66149;COM;POP;Y_LT20;_T;2021;1200\n66149;COM;POP;_T;_T;2021;6100\n"
        "66149;COM;POP;_T;F;2021;3100\n66149;COM;POP;Y20T64;_T;2021;3000\n66149;COM;POP;Y_GE65;_T;2021;1900\n"
    )
    figures, report = numbers_of(text)
    assert figures == {
        ("population", 2021): "6100",
        ("habitants-moins-20-ans", 2021): "1200",
        ("habitants-65-ans-et-plus", 2021): "1900",
    }
    assert [group["reason"] for group in report["aside"]] == [
        "Mesures hors du catalogue (POP F)",
        "Mesures hors du catalogue (POP Y20T64)",
    ]


def test_a_column_of_notes_is_no_part():
    figures, _ = numbers_of(
        "Code Insee;Indicateur;Année;Valeur;Remarque\n66149;Foyers allocataires;2021;1500;vu avec la mairie\n"
    )
    assert figures == {("foyers-allocataires", 2021): "1500"}


def test_reference_populations_and_incomes_in_long_files():
    figures, report = numbers_of(
        "GEO;GEO_OBJECT;FREQ;POPREF_MEASURE;TIME_PERIOD;OBS_VALUE\n66149;COM;A;PMUN;2022;6100\n66149;COM;A;PTOT;2022;6200\n"
    )
    assert (figures, report["source"]) == ({("population", 2022): "6100"}, "insee-populations-legales")
    figures, report = numbers_of(
        "GEO;GEO_OBJECT;FILOSOFI_MEASURE;TIME_PERIOD;OBS_VALUE\n66149;COM;MED_SL;2021;19500\n66149;COM;PR_MD60;2021;0.8\n"
    )
    assert figures == {("niveau-vie-median", 2021): "19500", ("taux-pauvrete", 2021): "0.8"}


# --- What is missing, in the words of the table ---


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Commune;Foyers allocataires 2021\nPrades;5\n", "ligne 1 : aucune colonne ne donne le code des territoires"),
        (
            "CODGEO;P21_ACT1564;P21_CHOM1564\n66149;5;3\n",
            "« CODGEO » donne des territoires, .*« P21_ACT1564 », « P21_CHOM1564 »",
        ),
        ("Titre\n\nCode Insee;Indicateur;2021;2022\n66149;Foyers allocataires;5;6\n", "ligne 3 : .*années en colonnes"),
        ("Indicateur;Prades;Eus\nFoyers allocataires 2022;5;6\n", "les territoires en colonnes"),
        ("a;b\n1;2\n", "aucune famille connue"),
    ],
)
def test_a_table_that_is_not_taken_says_what_is_missing(text, said):
    with pytest.raises(Unreadable, match=said):
        read(text)


def test_the_report_names_every_column_that_is_left():
    """The page names the first of them."""
    names = [f"COL{number}" for number in range(20)]
    table = {"sheet": "x", "family": "insee_wide", "label": "large", "rows": 1, "indicators": [], "ignored": names}
    counts = dict.fromkeys(("values", "new", "changed", "identical", "unknown_count", "error_count"), 0)
    file = FigureFile(report={"tables": [table], "source_name": "s", "years": [], **counts})
    assert "COL19" not in dict(summary(file))["Colonnes laissées"]
    assert "COL19" in dict(summary(file, in_full=True))["Colonnes laissées"]


def test_the_preview_names_the_indicators_that_have_figures():
    text = "Code;Foyers [foyers-allocataires] 2024;Population [population] 2024\n66149;1500;\n66136;3000;\n"
    _, report = read(text)
    assert report["tables"][0]["indicators"] == ["Foyers allocataires"]


def test_a_column_of_the_template_without_its_brackets_is_read_by_its_name_or_named():
    text = "Niveau;Code;Territoire;Foyers allocataires;Remarque;Population [population] 2024\nCommune;66149;Prades;1500;vu;6000\n"
    figures, report = read(text)
    assert {(figure[0], figure[2], figure[4]) for figure in figures} == {
        ("foyers-allocataires", 2024, "1500"),
        ("population", 2024, "6000"),
    }
    assert report["tables"][0]["ignored"] == ["Remarque"]


def test_a_file_of_several_sources_is_of_the_one_of_most_of_its_columns():
    _, report = read("CODGEO;PMUN19;Q219;TP6019\n66149;6000;18890;22,5\n")
    assert report["source"] == "insee-filosofi"
    assert any("plusieurs sources" in sentence for sentence in report["notices"])


def test_the_codes_of_insee_are_read_below_labels_that_look_like_headings():
    labels = "Code géographique;Libellé géographique;Pop en 2021 (princ);Population municipale 2021\n"
    figures, report = numbers_of(f"{labels}CODGEO;LIBGEO;P21_POP;P21_POP0002\n66149;Prades;6100;90\n")
    assert figures == {("population", 2021): "6100", ("enfants-moins-3-ans", 2021): "90"}
    with pytest.raises(Unreadable):
        read("Code;Libellé;Pop en 2021 (princ)\n66149;Prades;6100\n")


def test_a_sheet_a_year():
    given = catalogue(name="x.xlsx")
    reading = Reading(given, Ledger(io.StringIO(), 1000))
    for year in ("2021", "Année 2022"):
        reading.read(year, iter([["Code Insee", "Foyers allocataires"], ["66149", "1500"]]))
    report = reading.close()
    assert (report["years"], report["questions"], report["values"]) == ([2021, 2022], [], 2)


def test_a_code_and_its_name_in_one_cell():
    figures, report = read("Code Insee;Foyers allocataires 2022\n66149 - Prades;10\n66999 - Ailleurs;5\n")
    assert {figure[1] for figure in figures} == {"66149"}
    assert any("« 66149 - Prades », lu « 66149 »" in sentence for sentence in report["notices"])
    assert [row["code"] for row in report["unknown"]] == ["66999 - Ailleurs"]


def test_a_code_of_two_levels_says_which():
    _, report = read("Code;Foyers allocataires 2022\n01;10\n")
    assert report["unknown"][0]["closest"].startswith("Ain ou Guadeloupe\u00a0: ajoutez")
