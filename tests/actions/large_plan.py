"""A plan of the size of real ones, written straight to the database: what is looked at is how it is read, and printed.

Its words are those of the plan of Sèvremoine (domain: four of its actions) and of what other territories publish.
"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from itertools import cycle, islice, product

from actions.models import Action, ActionPlan, Cost, Financing, InKind, Objective, Partnership, Step, Target
from territory.models import Organisation
from territory.services import create_ctg
from tests.actions.factories import funder, make_plan
from tests.territory.factories import CafFactory, TerritoryFactory

FUNDERS = (
    "Caf de Maine-et-Loire",
    "Commune nouvelle de Sèvremoine",
    "Conseil départemental de Maine-et-Loire",
    "Msa",
    "État – direction départementale de l’emploi, du travail et des solidarités",
    "Participation des familles",
)
AXES = {
    "Petite enfance": (
        "Connaître l’offre et la demande",
        "Accompagner les professionnels",
        "Accueillir tous les enfants",
    ),
    "Enfance et jeunesse": ("Rendre les accueils accessibles", "Aller vers les jeunes", "Accompagner leurs projets"),
    "Parentalité": (
        "Rompre l’isolement des parents",
        "Soutenir les familles fragiles",
        "Faire connaître ce qui existe",
    ),
    "Vie sociale, logement et accès aux droits": ("Animer les communes", "Lutter contre le non-recours", "Se loger"),
}
TITLES = (
    "Tenir un outil de suivi de l’offre et de la demande d’accueil",
    "Cartographier les besoins de places",
    "Professionnaliser les assistantes maternelles et rompre leur isolement par des temps de formation partagés entre communes",
    "Animer le réseau des assistantes maternelles",
    "Ouvrir un lieu d’accueil enfants-parents itinérant",
    "Accueillir les enfants en situation de handicap dans tous les accueils de loisirs",
    "Navettes du mercredi",
    "Espace jeunes mobile",
    "Aide aux devoirs",
    "Guichet unique des familles",
)
SENTENCES = (
    "Réunir chaque trimestre les gestionnaires, le relais petite enfance et la protection maternelle et infantile.",
    "Une personne tient l’outil et prévient les communes quand une commune manque de places.",
    "Les familles sont associées à la fabrication de l’outil, par deux réunions publiques et un questionnaire.",
    "L’action commence par les communes où aucune solution n’existe aujourd’hui, puis s’étend à tout le territoire.",
    "Les équipes reçoivent une formation commune avant l’ouverture, et se retrouvent deux fois par an.",
    "Un véhicule aménagé fait la tournée des villages selon un calendrier fixe, annoncé dans les bulletins municipaux.",
)
PROJECT = (
    "Sèvremoine réunit dix communes déléguées. Les familles y sont plus nombreuses qu’ailleurs dans le département, et les "
    "plus jeunes d’entre elles s’installent loin des services. Le territoire veut que chaque enfant y trouve sa place, "
    "que chaque parent sache à qui parler, et que chaque jeune puisse y mener un projet sans devoir partir."
)
STEPS = (
    "Réunir les partenaires",
    "Signer la convention de financement",
    "Ouvrir le service au public",
    "Faire le bilan",
)


def make_large_plan(*, actions: int = 60, years: int = 5, funders: int = 6) -> ActionPlan:
    """``actions`` fiches over four axes, each paid every year by ``funders``, balanced to the cent."""
    plan = _empty_plan(years)
    payers = [funder(plan, name) for name in FUNDERS[:funders]]
    leaves = _tree(plan)
    made = _actions(plan, leaves, payers, actions)
    _rows(plan, made, payers)
    return plan


def _empty_plan(years: int) -> ActionPlan:
    communes = TerritoryFactory.create_batch(6)
    ends_on = date(2022 + years, 12, 31)
    ctg = create_ctg(
        caf=CafFactory(), name="Sèvremoine", communes=communes, starts_on=date(2023, 1, 1), ends_on=ends_on, by=None
    )
    plan = make_plan(ctg=ctg, introduction="\n\n".join([PROJECT] * 3))
    plan.objectives.filter(parent__isnull=False).delete()
    plan.objectives.all().delete()
    return plan


def _tree(plan: ActionPlan) -> list[Objective]:
    leaves = []
    for number, (title, objectives) in enumerate(AXES.items(), start=1):
        axis = Objective.objects.create(plan=plan, code=f"{number}", title=title, position=number)
        axis.priorities.set(plan.diagnosis.priorities.all()[:1])
        leaves += [
            Objective.objects.create(plan=plan, parent=axis, code=f"{number}.{n}", title=words, position=n)
            for n, words in enumerate(objectives, start=1)
        ]
    return leaves


def _actions(plan: ActionPlan, leaves: list[Objective], leads: list[Organisation], count: int) -> list[Action]:
    """Short and long fiches alike: one sentence to six, with or without their other texts."""
    rows = []
    for number, (leaf, title) in enumerate(islice(zip(cycle(leaves), cycle(TITLES)), count)):  # noqa: B905 - both without end
        length = 1 + number % len(SENTENCES)
        rows.append(
            Action(
                plan=plan,
                objective=leaf,
                code=f"{leaf.code}.{number // len(leaves) + 1}",
                title=title,
                description="\n\n".join(SENTENCES[:length]),
                audience="Enfants de moins de 3 ans et leurs parents" if number % 2 else "Jeunes",
                age_from=0 if number % 2 else 11,
                age_to=3 if number % 2 else None,
                expected_results="Une place proposée à chaque famille qui en demande une." if number % 3 else "",
                success_factors="Un calendrier fixe et connu, des salles chauffées." if number % 4 == 0 else "",
                obstacles="Les routes en hiver ; la difficulté à recruter." if number % 5 == 0 else "",
                lead=leads[number % len(leads)],
                co_lead=leads[(number + 1) % len(leads)] if number % 7 == 0 else None,
                contact_name="Responsable du relais petite enfance",
                starts_on=date(2023 + number % 2, 1 + number % 12, 1),
                ends_on=plan.ctg.ends_on,
                staff_fte=Decimal("0.50") if number % 3 == 0 else None,
                staff_means="Une animatrice du relais." if number % 3 == 0 else "",
                verdict=Action.Verdict.RETAINED,
                is_demo=False,
            )
        )
    Action.objects.bulk_create(rows)
    return list(plan.actions.order_by("pk"))


def _rows(plan: ActionPlan, actions: list[Action], funders: list[Organisation]) -> None:
    years = list(plan.ctg.years)
    share = Decimal("1250.35")
    money = list(product(actions, years))
    Cost.objects.bulk_create(
        Cost(action=action, year=year, label="Coordination et animation", amount=share * len(funders))
        for action, year in money
    )
    Financing.objects.bulk_create(
        Financing(action=action, year=year, funder=who, planned=share) for action, year in money for who in funders
    )
    Step.objects.bulk_create(
        Step(action=action, title=title, due_on=min(date(2024 + place // 2, 6, 30), plan.ctg.ends_on))
        for action in actions
        for place, title in enumerate(STEPS)
    )
    Target.objects.bulk_create(_targets(actions))
    Partnership.objects.bulk_create(
        Partnership(action=action, organisation=who, role="Finance et accompagne")
        for action in actions
        for who in funders[:3]
    )
    InKind.objects.bulk_create(
        InKind(action=action, year=years[0], giver=funders[0], label="Salle prêtée 20 jours", amount=Decimal(1800))
        for action in actions[::3]
    )
    communes, themes = list(plan.ctg.communes.all()), list(plan.ctg.groups.all())
    for number, action in enumerate(actions):
        action.themes.add(themes[number % len(themes)])
        action.communes.set(communes[: number % 4])


def _targets(actions: list[Action]) -> Iterator[Target]:
    for action in actions:
        yield Target(
            action=action, label="Familles accompagnées", unit="familles", baseline=10, goal=40, source="Relais"
        )
        yield Target(
            action=action,
            label="Part des demandes qui trouvent une solution dans les trois mois",
            unit="%",
            baseline_reason="Jamais compté jusqu’ici",
            goal=80,
            source="Outil de suivi partagé",
        )
