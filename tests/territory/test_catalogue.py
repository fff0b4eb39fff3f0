"""The catalogue of indicators, line by line: what each says, of what it is made, and that nothing a diagnosis asks is missing."""

import csv
import re
from decimal import Decimal

import pytest
from django.conf import settings
from django.db import IntegrityError, transaction

from territory.loading import load_open_figures, load_reference
from territory.models import Indicator, SecrecyRule, Source, Value
from territory.portraits.sentences import line
from territory.portraits.stage import Stage
from territory.secrecy import PublicValue, State, text_of
from tests.territory.factories import TerritoryFactory, make_country, make_epci

REFERENCE = settings.BASE_DIR / "fixtures" / "reference"


def rows(name: str) -> list[dict[str, str]]:
    with (REFERENCE / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter=";"))


INDICATORS = rows("indicators")
CODES = {row["code"]: row for row in INDICATORS}
each = pytest.mark.parametrize("row", INDICATORS, ids=list(CODES))

# What a diagnosis asks, theme by theme, and the indicators that answer.
ASKED = {
    "population": "population evolution-population solde-naturel solde-migratoire naissances menages",
    "ages": "enfants-moins-3-ans habitants-3-5-ans habitants-6-10-ans habitants-11-14-ans habitants-15-17-ans "
    "habitants-18-24-ans habitants-65-ans-et-plus part-moins-3-ans part-3-5-ans part-6-10-ans part-11-14-ans "
    "part-15-17-ans part-18-24-ans part-65-ans-et-plus indice-jeunesse",
    "familles": "familles-avec-enfants part-familles-monoparentales part-familles-3-enfants",
    "allocataires": "foyers-allocataires personnes-couvertes taux-couverture-population evolution-allocataires "
    "allocataires-isoles allocataires-monoparents allocataires-couples-enfants allocataires-couples-sans-enfant "
    "montant-prestations foyers-msa",
    "précarité": "bas-revenus foyers-bas-revenus foyers-reference revenu-garanti part-rsa part-prime-activite part-aah "
    "dependance-prestations dependance-totale foyers-qf-moins-400 foyers-qf-400-799 foyers-qf-800-1199 "
    "foyers-qf-1200-et-plus niveau-vie-median taux-pauvrete menages-imposes",
    "petite enfance": "enfants-moins-6-ans places-eaje places-assistantes-maternelles places-garde-domicile "
    "places-ecole-avant-3-ans taux-couverture-jeune-enfant assistantes-maternelles-agreees "
    "assistantes-maternelles-actives assistantes-maternelles-55-ans taux-occupation-eaje taux-facturation-eaje "
    "part-parents-actifs foyers-cmg etp-rpe heures-laep familles-sans-place",
    "enfance-jeunesse": "eleves-premier-degre eleves-second-degre places-accueil-loisirs heures-periscolaire "
    "heures-extrascolaire enfants-accueil-loisirs frequentation-accueil-loisirs communes-plan-mercredi accueils-jeunes "
    "groupes-clas journees-sejours ips-ecoles",
    "parentalité": "lieux-accueil-enfants-parents actions-reaap mediations-familiales familles-clas foyers-separes "
    "foyers-asf foyers-aripa",
    "droits": "non-recours-rsa foyers-rsa-moins-25-ans part-jeunes-sans-emploi-ni-formation jeunes-mission-locale "
    "france-services rendez-vous-droits",
    "vie sociale": "centres-sociaux espaces-vie-sociale centres-sociaux-familles habitants-zone-influence "
    "adherents-vie-sociale",
    "logement": "allocataires-aide-logement aide-logement-parc-public aide-logement-parc-prive part-effort-39 aides-fsl "
    "logements-non-decents places-fjt places-residences part-suroccupation",
    "numérique": "part-locaux-fibre fragilite-numerique conseillers-numeriques",
    "handicap": "enfants-aeeh allocataires-aah enfants-aeeh-eaje enfants-aeeh-loisirs eleves-ulis",
}


@pytest.mark.parametrize("theme", ASKED)
def test_what_a_diagnosis_asks_is_in_the_catalogue(theme):
    assert set(ASKED[theme].split()) - set(CODES) == set()


def test_no_indicator_is_there_twice():
    for column in ("code", "label", "position", "definition"):
        values = [row[column] for row in INDICATORS]
        assert {value for value in values if values.count(value) > 1} == set(), column


@each
def test_a_line_of_the_catalogue_is_complete_and_written_in_french(row):
    assert row["theme"] in Indicator.Theme.values
    assert row["unit"] in Indicator.Unit.values
    assert row["finest_level"] in Indicator.Level.values
    assert row["direction"] in Indicator.Direction.values
    assert row["source"] in {source["code"] for source in rows("sources")}
    assert row["definition"].endswith(".")
    assert not row["label"].endswith(".")
    for text in (row["label"], row["definition"], row["phrase"]):
        assert "'" not in text  # the apostrophe of print
        assert "  " not in text
        assert not re.search(r"\d[ ](%|€)", text.replace("\u00a0", "_")) or "\u00a0" not in text
    assert row["phrase"].count("{of}") == 1


@each
def test_the_unit_agrees_with_the_rest_of_the_line(row):
    unit, is_ratio = row["unit"], bool(row["numerator"])
    assert bool(row["numerator"]) == bool(row["denominator"])
    assert not is_ratio or (unit in ("percent", "rate") and not row["is_additive"] and not row["counts_people"])
    assert not row["is_additive"] or unit in ("count", "euro", "fte")
    assert not row["counts_people"] or (unit == "count" and row["decimals"] == "0" and row["is_additive"])
    assert not row["is_evolution"] or (unit == "percent" and row["tied_to"])
    assert unit != "euro" or row["unit_name"] in ("€ par mois", "€ par an")
    assert unit not in ("count", "rate") or row["unit_name"]  # « nombre » says nothing of what is counted
    # « 43 % des allocataires… », « Le niveau de vie médian… »
    said_after_the_number = unit == "percent" and not row["is_evolution"]
    assert row["phrase"].startswith(("des ", "du ")) == said_after_the_number
    assert said_after_the_number or row["phrase"].startswith(("le ", "la ", "l’"))


@each
def test_a_ratio_is_made_of_two_quantities_of_the_catalogue(row):
    terms = [CODES[row[name]] for name in ("numerator", "denominator") if row[name]]
    for term in terms:
        assert term["is_additive"], f"{term['code']} ne s’additionne pas"
        assert not term["numerator"]
    assert len({term["code"] for term in terms}) == len(terms)


def test_a_monthly_amount_says_so_and_is_tied_to_those_who_receive_it():
    amounts = [row for row in INDICATORS if row["code"].startswith("montant-")]
    assert len(amounts) == 3
    for row in amounts:
        assert "mensuel" in row["label"].lower()
        assert "jamais multiplié par douze" in row["definition"]
        assert CODES[row["tied_to"]]["counts_people"]


def test_each_source_says_what_must_be_known_and_has_a_rule_of_secrecy():
    ruled = {row["source"] for row in rows("secrecy_rules")}
    for row in rows("sources"):
        assert row["caveat"].endswith("."), row["code"]
        assert row["code"] in ruled
        assert not row["url"] or row["licence"]
    for row in rows("sources"):
        if row["code"] in ("cafdata", "caf-portrait", "caf-allocataires-iris"):
            assert "MSA" in row["caveat"]


def test_what_counts_people_is_guarded_unless_its_source_is_a_census():
    guarded = {row["source"] for row in rows("secrecy_rules") if row["method"] != "none"}
    people = {row["source"] for row in INDICATORS if row["counts_people"]}
    assert people - guarded == {"insee-recensement"}


def test_headings_and_rules_name_indicators_that_exist():
    assert {row["indicator"] for row in rows("headings")} <= set(CODES)
    for row in rows("consistency_rules"):
        used = {row[name] for name in ("indicator", "first", "second", "third") if row[name]}
        assert used <= set(CODES), row["code"]
    taken = [(row["family"], row["source"], row["heading"].lower()) for row in rows("headings")]
    assert len(taken) == len(set(taken))


@pytest.mark.parametrize(
    "heading", ["NBMEN", "NBPERS", "Q2", "D1", "D9", "RD", "GI", "PPEN", "PPSOC", "PPMINI", "PPLOGT"]
)
def test_what_filosofi_calls_an_indicator_is_known(heading):
    """The names of the files of available income as published."""
    assert any(row["family"] == "insee_wide" and row["heading"] == heading for row in rows("headings"))


def test_the_part_of_taxes_is_not_the_part_of_those_who_pay_them():
    """« PIMPOT19 » is −13.0 for Conflent-Canigó: what taxes take from the income, not « −13 % des ménages sont imposés »."""
    assert [row["heading"] for row in rows("headings") if row["indicator"] == "menages-imposes"] == ["PIMP"]


@pytest.mark.django_db
class TestLoaded:
    def test_every_indicator_makes_a_sentence_that_reads(self):
        load_reference()
        country = make_country()
        stage = Stage(make_epci(country.department), country.department, country.france)
        assert Indicator.objects.count() > 100
        for one in Indicator.objects.all():
            start = 2014 if one.is_evolution else 2019
            values = [
                PublicValue(State.SHOWN, number, text_of(number, one), one.unit, 2019, start)
                for number in map(Decimal, (43, 400, 3000))
            ]
            said = line(one, stage, *values)
            assert said.endswith("."), one.code
            assert "{" not in said
            assert not re.search(r"\b(de de|de le|de les|des des|à à)\b", said), said

    def test_a_yearly_pace_is_not_told_as_the_whole_change(self):
        load_reference()
        here, decimal = make_epci(), Decimal("-0.4")
        value = PublicValue(State.SHOWN, decimal, "−0,4 %", "percent", 2020, 2014)
        one = Indicator.objects.get(code="evolution-population")
        said = line(one, Stage(here, None, None), value, value, value)
        assert said == f"La population de {here.name} a diminué de 0,4\u00a0% par an entre 2014 et 2020."

    def test_the_database_refuses_a_ratio_in_euros_and_a_share_that_adds_up(self):
        one, other = (Indicator.objects.create(code=code, label=code, theme="portrait", unit="count") for code in "ab")
        for wrong in ({"unit": "euro"}, {"unit": "percent", "is_additive": True}):
            with pytest.raises(IntegrityError), transaction.atomic():
                Indicator.objects.create(
                    code="c", label="c", theme="portrait", numerator=one, denominator=other, **wrong
                )
        with pytest.raises(IntegrityError), transaction.atomic():
            Indicator.objects.create(code="d", label="d", theme="portrait", unit="rate", is_additive=True)

    def test_an_open_figure_keeps_the_quality_that_its_file_says(self, tmp_path, monkeypatch):
        load_reference()
        TerritoryFactory(code="66149", name="Prades", parent=make_country().department)
        (tmp_path / "open_figures.csv").write_text(
            "kind;code;indicator;year;start_year;number;quality;source\n"
            "commune;66149;foyers-rsa;2023;2023;410;rounded;cafdata\n",
            encoding="utf-8",
        )
        monkeypatch.setattr("territory.loading.FIGURES", tmp_path)
        load_open_figures()
        assert Value.objects.get().quality == Value.Quality.ROUNDED

    def test_loading_twice_changes_nothing(self):
        load_reference()
        before = Indicator.objects.count(), Source.objects.count(), SecrecyRule.objects.count()
        load_reference()
        assert (Indicator.objects.count(), Source.objects.count(), SecrecyRule.objects.count()) == before
        assert before[0] == len(INDICATORS)
