"""The sheets of the workbook: what each holds, in the order of its columns."""

from typing import Any

from actions import services
from actions.imports import reading
from actions.imports.columns import Column, SheetSpec, amount, choice, day, organisation, recorded, text
from actions.models import Action, ActionPlan, Cost, Financing, InKind, Lever, Partnership, Step, Target
from ctg_site.lib.sheets import euro, shortest, year
from ctg_site.lib.text import search_key

EVERYWHERE = "Tout le territoire"
SEVERAL = " ; "
AXIS = "axis"


def sheet_specs(plan: ActionPlan) -> tuple[SheetSpec, ...]:
    """The territory gives their names to the levels of its tree."""
    return (_actions(plan), PARTNERSHIPS, STEPS, COSTS, FINANCINGS, IN_KIND, LEVERS, TARGETS)


ACTION = Column(
    "Action", "action", lambda row: row.action.code, lambda known: known.action(), synonyms=("numéro de l’action",)
)
YEAR = Column("Année", "year", lambda row: year(row.year), lambda known: known.year())
NATURE = choice("nature", "Section", Cost.Nature, Cost.Nature.RUNNING)


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
            text(Action, "title", "Intitulé", "titre", "action", "nom de l’action", "intitulé de l’action"),
            Column(
                f"{plan.axis_name} (se lit seulement)",
                AXIS,
                lambda row: str(row.objective.axis),
                synonyms=(plan.axis_name, "axe", "axe stratégique", "enjeu"),
            ),
            Column(
                plan.level_name(1),
                "objective",
                lambda row: str(row.objective),
                lambda known: known.leaf(),
                synonyms=("objectif", "objectif opérationnel"),
            ),
            choice("novelty", "Nature", Action.Novelty, Action.Novelty.NEW),
            choice("importance", "Priorité", Action.Importance, Action.Importance.MEDIUM),
            text(Action, "description", "Description", "descriptif", "contenu", "description de l’action"),
            text(Action, "audience", "Public", "public cible", "public visé", "bénéficiaires"),
            Column("De (ans)", "age_from", lambda row: row.age_from, lambda known: reading.whole(120)),
            Column("À (ans)", "age_to", lambda row: row.age_to, lambda known: reading.whole(120)),
            text(Action, "expected_results", "Résultats attendus"),
            text(Action, "success_factors", "Conditions de réussite"),
            text(Action, "obstacles", "Freins", "points de vigilance"),
            text(Action, "other_plans", "Lien avec d’autres schémas"),
            organisation(
                "lead", "Porteur", "pilote", "porteur de l’action", "structure porteuse", "pilote de l’action"
            ),
            organisation("co_lead", "Co-porteur", "copilote", "co-pilote"),
            Column(
                "Thématiques",
                "themes",
                lambda row: _names(row.themes),
                lambda known: known.themes(),
                synonyms=("thématique", "thème", "thèmes", "champ d’intervention"),
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
            day("starts_on", "Début", "date de début", "démarrage"),
            day("ends_on", "Fin", "date de fin", "échéance"),
            Column("ETP", "staff_fte", lambda row: shortest(row.staff_fte), lambda known: reading.amount()),
            text(Action, "staff_means", "Moyens humains"),
            text(Action, "material_means", "Moyens matériels"),
            Column(
                "État",
                "verdict",
                lambda row: row.get_verdict_display(),
                fixed="L’état d’une action change par l’avis du comité technique, sur la page de l’action.",
            ),
            Column("Motif (se lit seulement)", "verdict_reason", lambda row: row.verdict_reason),
            Column("Coût total (se lit seulement)", "cost_total", lambda row: euro(row.cost_total)),
            Column("Donnée de démonstration", "is_demo", lambda row: row.is_demo),
            Column(
                "Référent",
                "contact_name",
                lambda row: row.contact_name,
                lambda known: reading.text(Action._meta.get_field("contact_name")),
                synonyms=("contact", "personne à contacter", "référent : nom et fonction"),
                is_private=True,
            ),
            Column(
                "Courriel du référent",
                "contact_email",
                lambda row: row.contact_email,
                lambda known: reading.email,
                synonyms=("courriel", "mail", "adresse électronique"),
                is_private=True,
            ),
            Column(
                "Partenaires",
                "partners",
                None,
                lambda known: known.organisations(),
                synonyms=("partenaire", "partenaires associés"),
                is_many=True,
            ),
        ),
        rows_of=lambda action: [action],
        key=lambda values: values["code"],
        save=_save_action,
        twice="Ce numéro figure déjà à la ligne {row}.",
        is_unique=True,
        note="Une ligne par action, dans l’ordre du plan. Plusieurs noms dans une cellule se séparent par « ; ». "
        "Un axe ou un objectif nouveau s’ajoute d’abord sur la page du plan.",
    )


def _save_action(action: Action, *, by: Any, **links: Any) -> None:
    services.save_action(action, by=by, **links)


PARTNERSHIPS = SheetSpec(
    "Partenaires",
    "P",
    Partnership,
    (
        ACTION,
        organisation("organisation", "Partenaire", "organisme", required=True),
        text(Partnership, "role", "Rôle", "ce qu’il fait"),
        choice("state", "Mobilisation", Partnership.State, Partnership.State.SOUGHT),
    ),
    rows_of=lambda action: action.partnerships.all(),
    key=lambda values: (values["action"].code, values["organisation"].pk),
    save=services.save_part,
    twice="Ce partenaire figure déjà dans la fiche, à la ligne {row}.",
    is_unique=True,
)
STEPS = SheetSpec(
    "Étapes",
    "E",
    Step,
    (
        ACTION,
        text(Step, "title", "Étape"),
        day("starts_on", "Début"),
        day("due_on", "Échéance", "fin", "date", required=True),
        recorded("done_on", "Faite le", lambda row: row.done_on),
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
        text(Cost, "label", "Poste", "dépense", "libellé"),
        amount("amount", "Coût", "montant", required=True),
        amount("low", "Hypothèse basse"),
        amount("high", "Hypothèse haute"),
        recorded("spent", "Réalisé", lambda row: euro(row.spent)),
    ),
    rows_of=lambda action: action.costs.all(),
    key=lambda values: (values["action"].code, values["year"], values["nature"], search_key(values["label"])),
    save=services.save_cost,
    twice="Cette dépense figure déjà à la ligne {row}.",
    per_year="amount",
)
FINANCINGS = SheetSpec(
    "Financements",
    "F",
    Financing,
    (
        ACTION,
        YEAR,
        NATURE,
        organisation("funder", "Financeur", required=True),
        amount("planned", "Prévu", "montant", "prévisionnel", required=True),
        recorded("committed", "Engagé", lambda row: euro(row.committed)),
        recorded("paid", "Réalisé", lambda row: euro(row.paid)),
    ),
    rows_of=lambda action: action.financings.all(),
    key=lambda values: (values["action"].code, values["year"], values["nature"], values["funder"].pk),
    save=services.save_financing,
    twice="Ce financeur a déjà une ligne pour cette action, cette année et cette section, à la ligne {row} : gardez-en une seule.",
    is_unique=True,
    per_year="planned",
    note="Le prévu, l’engagé et le réalisé restent côte à côte.",
)
IN_KIND = SheetSpec(
    "Apports en nature",
    "N",
    InKind,
    (
        ACTION,
        YEAR,
        organisation("giver", "Qui apporte", required=True),
        text(InKind, "label", "Apport"),
        amount("amount", "Valeur", required=True),
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
        amount("yearly_amount", "Montant attendu par an"),
        text(Lever, "note", "À quelles conditions"),
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
        text(Target, "label", "Indicateur"),
        choice("kind", "Nature", Target.Kind, Target.Kind.QUANTITATIVE),
        text(Target, "scale", "Échelle"),
        choice("level", "Ce qu’il mesure", Target.Level, Target.Level.RESULT),
        choice("frequency", "Fréquence", Target.Frequency, Target.Frequency.YEARLY),
        text(Target, "unit", "Unité"),
        choice("direction", "Sens voulu", Target.Direction, Target.Direction.HIGHER),
        Column("Valeur de départ", "baseline", lambda row: shortest(row.baseline), lambda known: reading.number()),
        text(Target, "baseline_reason", "Pourquoi pas de valeur de départ"),
        Column("Cible", "goal", lambda row: shortest(row.goal), lambda known: reading.number(required=True)),
        text(Target, "source", "Source"),
        Column("Donnée de démonstration", "is_demo", lambda row: row.is_demo),
    ),
    rows_of=lambda action: action.targets.all(),
    key=lambda values: (values["action"].code, search_key(values["label"])),
    save=services.save_target,
    twice="Cet indicateur figure déjà à la ligne {row}.",
)


def _names(rows: Any) -> str:
    return SEVERAL.join(sorted((row.name for row in rows.all()), key=search_key))
