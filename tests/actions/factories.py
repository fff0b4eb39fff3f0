"""Plans in each situation of the flow. States are reached through the services, as a committee would."""

from datetime import date
from decimal import Decimal

from actions import services
from actions.models import Action, ActionPlan, Cost, Financing, Objective, Target
from ctg_site.accounts.models import User
from diagnostic.services import validate_diagnosis
from territory.models import Caf, Ctg, Organisation, Role
from territory.services import create_ctg, grant_role
from tests.diagnostic.factories import make_ready_diagnosis
from tests.numbering import numbers
from tests.territory.factories import CafFactory, OrganisationFactory, TerritoryFactory
from tests.worlds import remembered

__all__ = ["CafFactory", "OrganisationFactory", "TerritoryFactory"]

_numbers = numbers()
STARTS_ON, ENDS_ON = date(2023, 1, 1), date(2026, 12, 31)
VALIDATED_ON = date(2022, 6, 1)


@remembered
def make_ctg(caf: Caf | None = None) -> Ctg:
    communes = TerritoryFactory.create_batch(2)
    return create_ctg(
        caf=caf or CafFactory(),
        name=f"Sèvremoine {next(_numbers)}",
        communes=communes,
        starts_on=STARTS_ON,
        ends_on=ENDS_ON,
        by=None,
    )


def make_user(name: str, *, ctg: Ctg | None = None, caf: Caf | None = None, role: Role | None = None) -> User:
    user = User.objects.create_user(f"personne-{next(_numbers)}@essai.example", full_name=name)
    if role:
        grant_role(user=user, role=role, ctg=ctg, caf=caf, by=None)
    return user


THREE_LEVELS = ["Enjeu", "Objectif stratégique", "Objectif opérationnel"]


def name_three_levels(plan: ActionPlan) -> ActionPlan:
    return services.describe_plan(plan, introduction=plan.introduction, level_names=THREE_LEVELS, by=None)


@remembered
def make_plan(
    *, ctg: Ctg | None = None, validated: bool = True, introduction: str = "Grandir ici, ensemble."
) -> ActionPlan:
    """A plan whose diagnosis is validated, with its territory project and one axis that answers a priority."""
    diagnosis = make_ready_diagnosis(ctg=ctg or make_ctg())
    if validated:
        diagnosis = validate_diagnosis(diagnosis, decision="Copil n° 2022-1", by=None, on=VALIDATED_ON)
    plan = services.open_plan(diagnosis, by=None)
    if introduction:
        plan = services.describe_plan(plan, introduction=introduction, level_names=["Enjeu", "Objectif"], by=None)
    axis = add_objective(plan, title="Petite enfance")
    services.save_objective(axis, priorities=diagnosis.priorities.all(), by=None)
    add_objective(plan, parent=axis, title="Connaître l’offre et la demande")
    return plan


def add_objective(
    plan: ActionPlan, *, parent: Objective | None = None, title: str = "Objectif", code: str = ""
) -> Objective:
    objective = Objective(
        plan=plan, parent=parent, code=code or services.next_objective_code(plan, parent), title=title
    )
    return services.save_objective(objective, by=None)


def leaf(plan: ActionPlan) -> Objective:
    return plan.objectives.filter(parent__isnull=False, children=None).order_by("position", "pk").first()


def funder(plan: ActionPlan, name: str = "Commune") -> Organisation:
    return Organisation.objects.get_or_create(
        caf=plan.ctg.caf, name=name, defaults={"kind": Organisation.Kind.COMMUNE}
    )[0]


@remembered
def add_action(
    plan: ActionPlan, *, objective: Objective | None = None, complete: bool = False, **fields: object
) -> Action:
    """A fiche; ``complete`` gives it everything that adoption asks for, money and indicator included."""
    objective = objective or leaf(plan)
    values = {"title": "Outil de suivi de l’offre et de la demande", "code": services.next_action_code(objective)}
    if complete:
        values |= {
            "description": "Un outil partagé.",
            "lead": funder(plan),
            "starts_on": plan.ctg.starts_on,
            "ends_on": plan.ctg.ends_on,
        }
    if "verdict" in fields:
        values["lead"] = funder(plan)  # nothing leaves the draft without its lead
    action = Action(plan=plan, objective=objective, **(values | fields))
    services.save_action(action, by=None)
    if complete:
        action.themes.set(plan.ctg.groups.order_by("pk")[:1])
        services.give_verdict(action, verdict=Action.Verdict.RETAINED, by=None, on=VALIDATED_ON)
        add_money(action, year=plan.ctg.starts_on.year)
        add_target(action)
    return action


def add_money(
    action: Action, amount: str = "12000.00", *, year: int = 2023, planned: str | None = None, name: str = "Commune"
) -> None:
    add_cost(action, amount, year=year)
    add_financing(action, planned or amount, year=year, name=name)


def add_cost(action: Action, amount: str, *, year: int = 2023, nature: str = Cost.Nature.RUNNING) -> Cost:
    return services.save_cost(
        Cost(action=action, year=year, nature=nature, label="Poste", amount=Decimal(amount)), by=None
    )


def add_financing(
    action: Action, planned: str, *, year: int = 2023, nature: str = Cost.Nature.RUNNING, name: str = "Commune"
) -> Financing:
    line = Financing(
        action=action, year=year, nature=nature, funder=funder(action.plan, name), planned=Decimal(planned)
    )
    return services.save_financing(line, by=None)


def add_target(action: Action, **fields: object) -> Target:
    values = {
        "label": "Familles accompagnées",
        "unit": "familles",
        "baseline": Decimal(10),
        "goal": Decimal(40),
        "source": "Relais",
    }
    return services.save_target(Target(action=action, **(values | fields)), by=None)


CLOSINGS = {
    "axes_fixed": (services.fix_axes, date(2022, 7, 1)),
    "formalised": (services.formalise_plan, date(2022, 9, 1)),
    "costed": (services.close_costing, date(2022, 10, 1)),
    "adopted": (services.adopt_plan, date(2022, 11, 1)),
}


@remembered
def close_up_to(plan: ActionPlan, last: str) -> ActionPlan:
    """Take the committees' decisions one after the other, up to this closure."""
    for closure, (close, on) in CLOSINGS.items():
        plan = close(plan, decision=f"Copil n° {closure}", by=None, on=on)
        if closure == last:
            return plan
    raise LookupError(last)


@remembered
def make_complete_plan(**options: object) -> ActionPlan:
    plan = make_plan(**options)
    add_action(plan, complete=True)
    return plan


@remembered
def make_adopted_plan(**options: object) -> ActionPlan:
    return close_up_to(make_complete_plan(**options), "adopted")
