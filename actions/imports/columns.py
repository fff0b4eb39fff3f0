"""The sheets of the workbook and their columns: how each is written, and how it is read back."""

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Manager, Model

from actions import services
from actions.content import PlanContent
from actions.imports import reading
from actions.imports.known import Known
from actions.imports.reading import Reader
from actions.models import Action, ActionPlan, Cost, Financing, InKind, Lever, Step, Target
from ctg_site.lib.prose import clean_prose
from ctg_site.lib.sheets import euro, shortest, year
from ctg_site.lib.text import search_key

EVERYWHERE = "Tout le territoire"
SEVERAL = " ; "


@dataclass(frozen=True)
class Column:
    """``read`` is missing when the column is only there to be read; ``fixed`` says why it does not change by this door."""

    heading: str
    field: str
    write: Callable[[Any], Any]
    read: Callable[[Known], Reader] | None = None
    fixed: str = ""
    synonyms: tuple[str, ...] = ()
    is_many: bool = False


@dataclass(frozen=True)
class SheetSpec:
    """``key`` says when two lines without identifier are the same; ``is_unique`` when the plan holds only one of it."""

    title: str
    prefix: str
    model: type[Model]
    columns: tuple[Column, ...]
    rows_of: Callable[[Action], Iterable[Any]]
    key: Callable[[dict[str, Any]], Hashable]
    save: Callable[..., Any]
    twice: str
    is_unique: bool = False
    note: str = ""
    related: str = field(default="")

    def rows(self, content: PlanContent) -> list[Any]:
        return [row for action in content.actions for row in self.rows_of(action)]

    def column(self, name: str) -> Column:
        return next(column for column in self.columns if column.field == name)


def sheet_specs(plan: ActionPlan) -> tuple[SheetSpec, ...]:
    """The territory gives their names to the levels of its tree."""
    return (_actions(plan), STEPS, COSTS, FINANCINGS, IN_KIND, LEVERS, TARGETS)


def current_values(row: Any, spec: SheetSpec) -> dict[str, Any]:
    """What the row says now, as a reader gives it back: rows in the order of their keys, texts freed of what is not seen."""
    return {column.field: _as_read(getattr(row, column.field)) for column in spec.columns if column.read}


def _as_read(value: Any) -> Any:
    if isinstance(value, Manager):
        return tuple(sorted(value.all(), key=lambda each: each.pk))
    return clean_prose(value) if isinstance(value, str) else value


def _text(model: type[Model], name: str, heading: str, *synonyms: str) -> Column:
    read = reading.text(model._meta.get_field(name))  # type: ignore[arg-type]
    return Column(heading, name, lambda row: getattr(row, name), lambda known: read, synonyms=synonyms)


def _choice(name: str, heading: str, choices: Any, default: Any, *synonyms: str) -> Column:
    read = reading.or_default(reading.choice(choices), default)
    write = f"get_{name}_display"
    return Column(heading, name, lambda row: getattr(row, write)(), lambda known: read, synonyms=synonyms)


def _amount(name: str, heading: str, *synonyms: str, required: bool = False) -> Column:
    read = reading.amount(required=required)
    return Column(heading, name, lambda row: euro(getattr(row, name)), lambda known: read, synonyms=synonyms)


def _day(name: str, heading: str, *synonyms: str, required: bool = False) -> Column:
    return Column(
        heading, name, lambda row: getattr(row, name), lambda known: known.day(required=required), synonyms=synonyms
    )


def _organisation(name: str, heading: str, *synonyms: str, required: bool = False) -> Column:
    return Column(
        heading,
        name,
        lambda row: getattr(row, name),
        lambda known: known.organisation(required=required),
        synonyms=synonyms,
    )


def _recorded(name: str, heading: str, write: Callable[[Any], Any]) -> Column:
    return Column(
        heading, name, write, fixed="Ce qui est réalisé s’enregistre sur la page de l’action, une fois le plan adopté."
    )


ACTION = Column(
    "Action", "action", lambda row: row.action.code, lambda known: known.action(), synonyms=("numéro de l’action",)
)
YEAR = Column("Année", "year", lambda row: year(row.year), lambda known: known.year())
NATURE = _choice("nature", "Section", Cost.Nature, Cost.Nature.RUNNING)


def _actions(plan: ActionPlan) -> SheetSpec:
    return SheetSpec(
        "Actions",
        "A",
        Action,
        (
            Column(
                "Numéro",
                "code",
                lambda row: row.code,
                lambda known: known.code(),
                synonyms=("n°", "no", "code", "fiche", "n° fiche", "n° de fiche", "numéro de l’action"),
            ),
            _text(Action, "title", "Intitulé", "titre", "action", "nom de l’action", "intitulé de l’action"),
            Column(f"{plan.axis_name} (se lit seulement)", "axis", lambda row: str(row.objective.axis)),
            Column(
                plan.level_name(1),
                "objective",
                lambda row: str(row.objective),
                lambda known: known.leaf(),
                synonyms=("objectif", "objectif opérationnel"),
            ),
            _choice("novelty", "Nature", Action.Novelty, Action.Novelty.NEW),
            _choice("importance", "Priorité", Action.Importance, Action.Importance.MEDIUM),
            _text(Action, "description", "Description", "descriptif", "contenu", "description de l’action"),
            _text(Action, "audience", "Public", "public cible", "public visé", "bénéficiaires"),
            Column("De (ans)", "age_from", lambda row: row.age_from, lambda known: reading.whole(120)),
            Column("À (ans)", "age_to", lambda row: row.age_to, lambda known: reading.whole(120)),
            _text(Action, "expected_results", "Résultats attendus"),
            _text(Action, "success_factors", "Conditions de réussite"),
            _text(Action, "obstacles", "Freins", "points de vigilance"),
            _text(Action, "other_plans", "Lien avec d’autres schémas"),
            _organisation(
                "lead", "Porteur", "pilote", "porteur de l’action", "structure porteuse", "pilote de l’action"
            ),
            _organisation("co_lead", "Co-porteur", "copilote", "co-pilote"),
            Column(
                "Partenaires",
                "partners",
                lambda row: _names(row.partners),
                lambda known: known.organisations(),
                is_many=True,
            ),
            Column(
                "Communes",
                "communes",
                lambda row: _names(row.communes) or EVERYWHERE,
                lambda known: known.communes(EVERYWHERE),
                synonyms=("territoire concerné",),
                is_many=True,
            ),
            _day("starts_on", "Début", "date de début", "démarrage"),
            _day("ends_on", "Fin", "date de fin", "échéance"),
            Column("ETP", "staff_fte", lambda row: shortest(row.staff_fte), lambda known: reading.amount()),
            _text(Action, "staff_means", "Moyens humains"),
            _text(Action, "material_means", "Moyens matériels"),
            Column(
                "État",
                "verdict",
                lambda row: row.get_verdict_display(),
                fixed="L’état d’une action change par l’avis du comité technique, sur la page de l’action.",
            ),
            Column("Motif (se lit seulement)", "verdict_reason", lambda row: row.verdict_reason),
            Column("Coût total (se lit seulement)", "cost_total", lambda row: euro(row.cost_total)),
            Column("Donnée de démonstration", "is_demo", lambda row: row.is_demo),
        ),
        rows_of=lambda action: [action],
        key=lambda values: values["code"],
        save=_save_action,
        twice="Ce numéro figure déjà à la ligne {row}.",
        is_unique=True,
        note="Une ligne par action, dans l’ordre du plan. Plusieurs noms dans une cellule se séparent par « ; ».",
    )


def _save_action(action: Action, *, by: Any, partners: Any = None, communes: Any = None) -> None:
    services.save_action(action, by=by, partners=partners, communes=communes)


STEPS = SheetSpec(
    "Étapes",
    "E",
    Step,
    (
        ACTION,
        _text(Step, "title", "Étape"),
        _day("starts_on", "Début"),
        _day("due_on", "Échéance", "fin", "date", required=True),
        _recorded("done_on", "Faite le", lambda row: row.done_on),
    ),
    rows_of=lambda action: action.steps.all(),
    key=lambda values: (values["action"].code, search_key(values["title"])),
    save=services.save_part,
    twice="Cette étape figure déjà à la ligne {row}.",
)
COSTS = SheetSpec(
    "Dépenses",
    "D",
    Cost,
    (
        ACTION,
        YEAR,
        NATURE,
        _text(Cost, "label", "Poste", "dépense", "libellé"),
        _amount("amount", "Coût", "montant", required=True),
        _amount("low", "Hypothèse basse"),
        _amount("high", "Hypothèse haute"),
        _recorded("spent", "Réalisé", lambda row: euro(row.spent)),
    ),
    rows_of=lambda action: action.costs.all(),
    key=lambda values: (values["action"].code, values["year"], values["nature"], search_key(values["label"])),
    save=services.save_cost,
    twice="Cette dépense figure déjà à la ligne {row}.",
)
FINANCINGS = SheetSpec(
    "Financements",
    "F",
    Financing,
    (
        ACTION,
        YEAR,
        NATURE,
        _organisation("funder", "Financeur", required=True),
        _amount("planned", "Prévu", "montant", "prévisionnel", required=True),
        _recorded("committed", "Engagé", lambda row: euro(row.committed)),
        _recorded("paid", "Réalisé", lambda row: euro(row.paid)),
    ),
    rows_of=lambda action: action.financings.all(),
    key=lambda values: (values["action"].code, values["year"], values["nature"], values["funder"].pk),
    save=services.save_financing,
    twice="Ce financeur a déjà une ligne pour cette action, cette année et cette section, à la ligne {row} : gardez-en une seule.",
    is_unique=True,
    note="Le prévu, l’engagé et le réalisé restent côte à côte.",
)
IN_KIND = SheetSpec(
    "Apports en nature",
    "N",
    InKind,
    (
        ACTION,
        YEAR,
        _organisation("giver", "Qui apporte", required=True),
        _text(InKind, "label", "Apport"),
        _amount("amount", "Valeur", required=True),
    ),
    rows_of=lambda action: action.in_kind.all(),
    key=lambda values: (values["action"].code, values["year"], values["giver"].pk, search_key(values["label"])),
    save=services.save_part,
    twice="Cet apport figure déjà à la ligne {row}.",
    note="Ils sont valorisés à côté du budget et ne s’y ajoutent pas.",
)
LEVERS = SheetSpec(
    "Leviers de la Caf",
    "L",
    Lever,
    (
        ACTION,
        Column("Dispositif", "scheme", lambda row: row.scheme.label, lambda known: known.scheme()),
        _amount("yearly_amount", "Montant attendu par an"),
        _text(Lever, "note", "À quelles conditions"),
    ),
    rows_of=lambda action: action.levers.all(),
    key=lambda values: (values["action"].code, values["scheme"].pk),
    save=services.save_part,
    twice="Ce dispositif figure déjà à la ligne {row}.",
    is_unique=True,
)
TARGETS = SheetSpec(
    "Indicateurs",
    "I",
    Target,
    (
        ACTION,
        _text(Target, "label", "Indicateur"),
        _choice("kind", "Nature", Target.Kind, Target.Kind.QUANTITATIVE),
        _text(Target, "scale", "Échelle"),
        _choice("level", "Ce qu’il mesure", Target.Level, Target.Level.RESULT),
        _choice("frequency", "Fréquence", Target.Frequency, Target.Frequency.YEARLY),
        _text(Target, "unit", "Unité"),
        _choice("direction", "Sens voulu", Target.Direction, Target.Direction.HIGHER),
        Column("Valeur de départ", "baseline", lambda row: shortest(row.baseline), lambda known: reading.number()),
        _text(Target, "baseline_reason", "Pourquoi pas de valeur de départ"),
        Column("Cible", "goal", lambda row: shortest(row.goal), lambda known: reading.number(required=True)),
        _text(Target, "source", "Source"),
        Column("Donnée de démonstration", "is_demo", lambda row: row.is_demo),
    ),
    rows_of=lambda action: action.targets.all(),
    key=lambda values: (values["action"].code, search_key(values["label"])),
    save=services.save_target,
    twice="Cet indicateur figure déjà à la ligne {row}.",
)


def _names(rows: Any) -> str:
    return SEVERAL.join(sorted((row.name for row in rows.all()), key=search_key))
