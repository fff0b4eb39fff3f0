"""Sober samples of every component, for the page « /styleguide/ » where developers look at them."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.core.paginator import Paginator

from ctg_site.lib import charts, numbers
from ctg_site.lib.fields import AmountField, DayField
from ctg_site.lib.prose import ProseField
from territory.secrecy import MASKED, MISSING, PublicValue, State

_NAMES = {"here": "Conflent-Canigó", "department": "Pyrénées-Orientales", "france": "France métropolitaine"}

_ROWS = [
    ("Évolution du nombre d’allocataires, 2014-2019", "Moins que le département, moins que la France.", 13, 22, 17),
    ("Allocataires à bas revenus", "13 points de plus qu’en France métropolitaine.", 43, 40, 30),
    (
        "Bénéficiaires d’un revenu garanti (RSA, prime d’activité, AAH)",
        "14 points de plus qu’en France métropolitaine.",
        63,
        62,
        49,
    ),
    ("Familles nombreuses", "Proche de la moyenne française.", 17, 15, 18),
]


@dataclass(frozen=True)
class _Row:
    label: str
    sentence: str
    here: PublicValue
    department: PublicValue
    france: PublicValue
    gap_text: str
    plot: charts.DotPlot


class SampleForm(forms.Form):
    """Each kind of field, with its help and its refusal."""

    title = ProseField(label="Intitulé de l’action", help_text="En une phrase, sans sigle.")
    kind = forms.ChoiceField(label="Nature", choices=[("running", "Fonctionnement"), ("investment", "Investissement")])
    amount = AmountField(label="Montant annuel", help_text="En euros, par exemple 44 400.")
    starts_on = DayField(label="Début", required=False)
    text = ProseField(label="Résultat attendu", widget=forms.Textarea(attrs={"rows": 3}), required=False)
    groups = forms.MultipleChoiceField(
        label="Groupes concernés",
        choices=[("petite-enfance", "Petite enfance"), ("parentalite", "Parentalité")],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )


def samples() -> dict[str, Any]:
    return {
        "steps": _steps(),
        "stats": _stats(),
        "comparison": _comparison(),
        "names": _NAMES,
        "lines": _lines(),
        "map": _map(),
        "chart": _chart(),
        "meetings": _meetings(),
        "tags": _tags(),
        "page": Paginator(range(60), 20).page(2),
        "form": SampleForm(),
        "refused_form": SampleForm({"title": "", "kind": "running", "amount": "douze", "groups": ["parentalite"]}),
        "missing": ["Choisir au moins un axe.", "Donner un pilote à l’action « Relais petite enfance »."],
        "masked": MASKED,
        "absent": MISSING,
        "shown": _percent(43),
    }


def _steps() -> list[dict[str, Any]]:
    labels = [
        ("Diagnostic partagé", "done", "validé le 30 oct. 2021"),
        ("Projet de territoire", "done", "axes fixés le 30 oct. 2021"),
        ("Plan d’actions", "done", "formalisé le 15 nov. 2021"),
        ("Faisabilité et chiffrage", "now", "en cours"),
        ("Plan définitif", "todo", "à venir"),
        ("Signature", "todo", "à venir"),
        ("Évaluation annuelle", "todo", "2021 à 2025"),
    ]
    rows = enumerate(labels, start=1)
    return [
        {"number": number, "label": label, "state": state, "detail": detail, "url": "#steps" if state == "done" else ""}
        for number, (label, state, detail) in rows
    ]


def _stats() -> list[dict[str, str]]:
    return [
        {"text": numbers.integer(20391), "label": "habitants", "note": "en 2017"},
        {
            "text": numbers.percent(42),
            "label": "habitants couverts par la Caf",
            "note": f"{numbers.integer(8629)} personnes",
        },
        {"text": numbers.integer(4077), "label": "foyers allocataires", "note": ""},
        {"text": numbers.money_short(1089800), "label": "versés aux partenaires en 2019", "note": ""},
    ]


def _percent(number: int) -> PublicValue:
    return PublicValue(State.SHOWN, Decimal(number), numbers.percent(number))


def _comparison() -> list[_Row]:
    scale = charts.Scale.covering([Decimal(number) for row in _ROWS for number in row[2:]])
    rows = [_row(scale, label, sentence, *map(_percent, figures)) for label, sentence, *figures in _ROWS]
    return [*rows, _row(scale, "Familles monoparentales", "", MASKED, _percent(33), MISSING)]


def _row(
    scale: charts.Scale, label: str, sentence: str, here: PublicValue, department: PublicValue, france: PublicValue
) -> _Row:
    values = {"here": here, "dept": department, "france": france}
    names = dict(zip(values, _NAMES.values(), strict=True))
    points = [charts.Point(role, names[role], value.text, value.number) for role, value in values.items()]
    gap = numbers.points(here.number - france.number) if here.number is not None and france.number is not None else ""
    return _Row(label, sentence, here, department, france, gap, charts.dot_plot(label, points, scale))


def _lines() -> list[dict[str, Any]]:
    amounts = [
        ("Accueil de loisirs, extra et périscolaire", 520600),
        ("Accueil du jeune enfant, 2 établissements", 442500),
        ("Chargés de coopération, 2,5 ETP", 44400),
        ("Séjours vacances", 6900),
    ]
    return [
        {"label": label, "text": numbers.euros(amount), "share": Decimal(amount) / 5206, "is_demo": amount == 6900}
        for label, amount in amounts
    ]


def _map() -> charts.Choropleth:
    """Six squares: enough to see the five classes, and a secret."""
    squares = [
        ("Codalet", 46, "shown"),
        ("Eus", 186, "shown"),
        ("Joch", 386, "shown"),
        ("Vinça", 775, "shown"),
        ("Prades", 6124, "shown"),
    ]
    areas = [
        charts.Area(name, _square(index), f"{numbers.integer(count)} habitants", Decimal(count), state)
        for index, (name, count, state) in enumerate(squares)
    ]
    areas.append(charts.Area("Urbanya", _square(5), "secret", None, "masked"))
    return charts.choropleth("Population municipale par commune", areas, thresholds=[100, 250, 500, 1500])


def _square(index: int) -> dict[str, Any]:
    west, south = 2.4 + 0.1 * (index % 3), 42.6 - 0.07 * (index // 3)
    east, north = west + 0.1, south + 0.07
    return {
        "type": "Polygon",
        "coordinates": [[[west, south], [east, south], [east, north], [west, north], [west, south]]],
    }


def _chart() -> charts.LineChart:
    population = charts.Series("here", "Conflent-Canigó", tuple((2013 + i, Decimal(20800 - 90 * i)) for i in range(5)))
    return charts.line_chart("Population municipale", "La population baisse un peu chaque année.", [population])


def _meetings() -> list[dict[str, str]]:
    rows = [
        ("done", "d’avril au 15 octobre 2021", "Comité opérationnel", "Partage et enrichissement du diagnostic"),
        ("now", "30 octobre 2021", "Comité de pilotage", "Validation du diagnostic, choix des axes"),
        ("todo", "décembre 2021", "Comité de pilotage", "Signature"),
    ]
    return [dict(zip(("state", "when", "title", "text"), row, strict=True)) | {"url": ""} for row in rows]


def _tags() -> list[tuple[str, str]]:
    return [
        ("preparing", "En préparation"),
        ("in_force", "En vigueur"),
        ("expired", "Échue"),
        ("terminated", "Résiliée"),
        ("pending", "À étudier"),
        ("retained", "Retenue"),
        ("rework", "À retravailler"),
        ("dropped", "Écartée"),
    ]
