"""Four fiches of a real plan, written and costed by the pages; adoption refused for each thing that lacks, then decided."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from actions import services
from actions.models import Action, ActionPlan, Financing, Objective, Target
from governance.loading import load_reference
from governance.models import CommitteeKind
from governance.services import hold_meeting, open_governance, plan_meeting
from territory.models import Role
from tests.actions.factories import close_up_to, funder, make_plan, make_user
from tests.browser import walk
from tests.browser.forms import fill, send
from tests.browser.visitors import plain

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

FICHES = (
    "Tenir un outil de suivi de l’offre et de la demande",
    "Cartographier les besoins de places",
    "Professionnaliser les assistantes maternelles",
    "Animer le réseau des assistantes maternelles",
)
ADOPT = "Valider le plan d’actions définitif"
PURPOSE = "Validation du plan"


@pytest.fixture
def plan(live_server: Any) -> ActionPlan:
    """Sèvremoine, 2023-2026: the axes are fixed, nothing of the plan is written; a steering committee has met."""
    load_reference()
    plan = close_up_to(make_plan(), "axes_fixed")
    funder(plan, "Commune de Sèvremoine")
    funder(plan, "Caf de Maine-et-Loire")
    open_governance(plan.ctg, by=None)
    copil = plan.ctg.committees.get(kind=CommitteeKind.COPIL)
    meeting = plan_meeting(copil, purpose=PURPOSE, starts_on=date(2022, 11, 3), by=None)
    hold_meeting(meeting, held_on=date(2022, 11, 3), by=None)
    return plan


def test_four_fiches_are_written_costed_and_adopted(plan, page: Page, log_in):
    log_in(make_user("Camille Coopération", ctg=plan.ctg, role=Role.LEAD))
    ctg = f"/ctg/{plan.ctg.slug}/"
    for place, title in enumerate(FICHES, start=1):
        _write(page, ctg, title)
        _cost(page, f"1.1.{place}", Decimal(9000 + place))
        _measure(page, place)
        _judge(page)
    services.formalise_plan(plan, decision="Comité opérationnel partenarial n° 1", by=None, on=date(2022, 9, 1))
    services.close_costing(plan, decision="Comité opérationnel partenarial n° 2", by=None, on=date(2022, 10, 1))
    page.goto(f"{ctg}plan/")
    assert _lacks(page) == []
    for remove, sentence in REMOVALS:
        restore = remove(Action.objects.get(plan=plan, code="1.1.1"))
        page.goto(f"{ctg}plan/")
        assert _lacks(page) == [sentence]
        expect(page.locator("section.todo li a")).to_have_count(1)  # it leads to where it is mended
        refusal = walk.decide_too_early(page, ctg, PURPOSE, ADOPT)
        assert refusal == ["Le plan ne peut pas encore être adopté.", sentence]
        restore()
    walk.decide(page, ctg, PURPOSE, ADOPT)
    page.goto(f"{ctg}plan/")
    expect(page.locator("main")).to_contain_text("Plan adopté")
    expect(page.get_by_role("link", name="Ajouter une action")).to_have_count(0)
    plan.refresh_from_db()
    assert plan.adopted_on == date(2022, 11, 3)


def _write(page: Page, ctg: str, title: str) -> None:
    """From the choice of where it begins to its calendar, step by step."""
    page.goto(f"{ctg}plan/")
    walk.follow(page, "Ajouter une action", "Partir d’une fiche vide")
    fill(page, title=title, objective="1.1. Connaître l’offre et la demande", themes=[walk.labels(page, "themes")[0]])
    send(page, "Créer la fiche et continuer")
    fill(page, description=f"{title}, avec les gestionnaires.", audience="Familles", age_from="0", age_to="3")
    send(page, "Enregistrer et continuer")
    fill(page, lead="Commune de Sèvremoine")
    fill(
        page, **{"partnerships-0-organisation": "Caf de Maine-et-Loire", "partnerships-0-role": "Accompagne et finance"}
    )
    send(page, "Enregistrer et continuer")
    fill(page, starts_on=date(2023, 1, 1), ends_on=date(2026, 12, 31))
    fill(page, **{"steps-0-title": "Réunir les gestionnaires", "steps-0-due_on": date(2023, 6, 30)})
    send(page, "Enregistrer et continuer")
    fill(page, staff_fte="0,5")
    send(page, "Enregistrer et continuer")


def _cost(page: Page, code: str, amount: Decimal) -> None:
    """The cost of a year, shared by two funders to the cent; a single funder leaves it unbalanced, and it is said."""
    cost = {"year": "2023", "nature": "running", "label": "Coordination", "amount": f"{amount} €"}
    fill(page, **{f"costs-0-{name}": value for name, value in cost.items()})
    _finance(page, 0, "Commune de Sèvremoine", "4 000,25")
    send(page, "Enregistrer et ajouter des lignes")
    missing = f"{amount - Decimal('4000.25'):.2f}".replace(".", ",")
    expect(page.locator("main .note").filter(has_text="il manque")).to_contain_text(missing[-6:])
    _finance(page, 1, "Caf de Maine-et-Loire", missing)
    send(page, "Enregistrer le budget")
    expect(page.locator("main h2").first).to_contain_text(code)


def _finance(page: Page, place: int, name: str, planned: str) -> None:
    line = {"year": "2023", "nature": "running", "funder": name, "planned": planned}
    fill(page, **{f"financings-{place}-{key}": value for key, value in line.items()})


def _measure(page: Page, place: int) -> None:
    walk.follow(page, "Ajouter un indicateur")
    baseline = {"baseline": "10"} if place % 2 else {"baseline_reason": "Jamais compté jusqu’ici"}
    fill(page, label="Familles suivies", unit="familles", goal="40", source="Relais petite enfance", **baseline)
    send(page, "Enregistrer l’indicateur")


def _judge(page: Page) -> None:
    send(page, "Proposer à l’étude")
    walk.follow(page, "Donner l’avis de faisabilité")
    fill(page, text="Le besoin est démontré.", verdict="Retenue", given_on=date(2022, 8, 15))
    send(page, "Enregistrer l’avis")


def _lacks(page: Page) -> list[str]:
    return [plain(text).strip() for text in page.locator("section.todo li").all_inner_texts()]


Removal = Callable[[Action], Callable[[], Any]]


def _without(model: Any, **fields: Any) -> Removal:
    """Take something away below the pages, and give back how to put it right."""

    def remove(action: Action) -> Callable[[], Any]:
        rows = model.objects.filter(pk=action.pk) if model is Action else model.objects.filter(action=action)
        before = rows.values("pk", *fields).first()
        rows.filter(pk=before["pk"]).update(**fields)
        return lambda: model.objects.filter(pk=before.pop("pk")).update(**before)

    return remove


def _without_themes(action: Action) -> Callable[[], Any]:
    themes = list(action.themes.all())
    action.themes.clear()
    return lambda: action.themes.set(themes)


def _without_rows(*names: str) -> Removal:
    def remove(action: Action) -> Callable[[], Any]:
        rows = [row for name in names for row in getattr(action, name).all()]
        for name in names:
            getattr(action, name).all().delete()
        return lambda: [type(row)._base_manager.bulk_create([row]) for row in rows]

    return remove


def _with_an_empty(title: str, *, inside: bool) -> Removal:
    """An axis, or an objective below the axis of the action, where nothing hangs."""

    def add(action: Action) -> Callable[[], Any]:
        parent = action.objective.parent if inside else None
        code = "1.2" if inside else "2"
        row = Objective.objects.create(plan=action.plan, parent=parent, code=code, title=title)
        return row.delete

    return add


REMOVALS: list[tuple[Removal, str]] = [
    (_without_themes, "Action 1.1.1 : il manque la thématique"),
    (_without(Action, lead=None, verdict="draft"), "Action 1.1.1 : il manque le porteur"),
    (_without(Action, description=""), "Action 1.1.1 : il manque la description"),
    (_without(Action, starts_on=None), "Action 1.1.1 : il manque la date de début ou de fin"),
    (
        _without(Action, ends_on=date(2027, 1, 31)),
        "Action 1.1.1 : ses dates sortent de la période de la Ctg (2023-2026)",
    ),
    (
        _without(Action, verdict="rework", verdict_reason="Chiffrage à revoir"),
        "Action 1.1.1 : l’avis de faisabilité n’est pas rendu (à retravailler)",
    ),
    (
        _without(Financing, planned=Decimal("5000.74")),
        "Action 1.1.1 : il manque 0,01 € de financement en 2023 (fonctionnement)",
    ),
    (
        _without(Financing, planned=Decimal("5000.76")),
        "Action 1.1.1 : il y a 0,01 € de financement en trop en 2023 (fonctionnement)",
    ),
    (
        _without_rows("costs", "financings"),
        "Action 1.1.1 : aucune dépense n’est chiffrée (0 € si elle ne coûte rien)",
    ),
    (_without_rows("targets"), "Action 1.1.1 : il manque un indicateur d’évaluation"),
    (_without(Target, source=""), "Action 1.1.1 : l’indicateur « Familles suivies » n’a pas de source"),
    (_with_an_empty("Rompre l’isolement", inside=True), "Objectif 1.2 : aucune action"),
    (_with_an_empty("Jeunesse", inside=False), "Enjeu 2 : aucun objectif"),
]
