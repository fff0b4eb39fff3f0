"""What is typed in the pages of the plan: saved, or refused with a sentence and kept."""

import re
from datetime import date
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from actions.models import Action
from territory.models import Role
from tests.actions.factories import (
    add_action,
    add_cost,
    add_financing,
    add_objective,
    funder,
    leaf,
    make_adopted_plan,
    make_complete_plan,
    make_plan,
    make_user,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def plan():
    return make_plan()


@pytest.fixture
def officer(as_someone, plan):
    return as_someone("lead", plan)


def post(client, page, plan, data, *, pk=None):
    response = client.post(reverse(f"actions:{page}", args=[plan.ctg.slug] + ([pk] if pk else [])), data)
    return response, response.content.decode()


def is_saved(response):
    return response.status_code == 302


def kept(page, *values):
    return all(value in page for value in values)


def test_the_territory_project(officer, plan):
    response, _ = post(
        officer, "plan_edit", plan, {"introduction": "Vivre ici.", "level_names": "Thème, Enjeu, Objectif"}
    )
    plan.refresh_from_db()
    assert is_saved(response)
    assert (plan.introduction, plan.level_names) == ("Vivre ici.", ["Thème", "Enjeu", "Objectif"])


def test_a_territory_project_with_too_many_levels(officer, plan):
    response, page = post(officer, "plan_edit", plan, {"introduction": "Vivre ici.", "level_names": "A, B, C, D"})
    assert response.status_code == 200
    assert kept(page, "Vivre ici.", "A, B, C, D", "deux ou trois noms")


def test_an_axis_proposes_the_next_number(officer, plan):
    assert 'value="2"' in officer.get(reverse("actions:objective_new", args=[plan.ctg.slug])).content.decode()
    axis = plan.objectives.get(code="1")
    page = officer.get(reverse("actions:objective_new", args=[plan.ctg.slug]) + f"?parent={axis.pk}").content.decode()
    assert 'value="1.2"' in page


@pytest.mark.parametrize("parent", ["", "abc", "999999", "-1"])
def test_a_parent_that_does_not_exist_is_no_parent(officer, plan, parent):
    assert officer.get(reverse("actions:objective_new", args=[plan.ctg.slug]) + f"?parent={parent}").status_code == 200


def test_an_axis(officer, plan):
    priority = plan.diagnosis.priorities.get()
    response, _ = post(
        officer, "objective_new", plan, {"code": "2", "title": "Parentalité", "priorities": [priority.pk]}
    )
    assert is_saved(response)
    assert list(plan.objectives.get(code="2").priorities.all()) == [priority]


def test_a_refused_objective_keeps_what_was_typed(officer, plan):
    data = {"code": "1", "title": "Parentalité en Sèvremoine", "text": "Un long texte"}
    response, page = post(officer, "objective_new", plan, data)
    assert response.status_code == 200
    assert kept(page, "Parentalité en Sèvremoine", "Un long texte", "déjà pris")


def test_an_objective_moves_and_leaves(officer, plan):
    second = add_objective(plan, title="Parentalité")
    post(officer, "objective_move", plan, {"ranks": "-1"}, pk=second.pk)
    assert plan.objectives.filter(parent=None).order_by("position").first() == second
    post(officer, "objective_delete", plan, {}, pk=second.pk)
    assert not plan.objectives.filter(pk=second.pk).exists()


def action_data(plan, **fields):
    first = {"objective": leaf(plan).pk, "title": "Cartographie des besoins", "novelty": "new", "importance": "high"}
    return first | fields


def step(client, plan, action, name, data, rows=()):
    """A step of the fiche; ``rows`` are those of its formsets, by prefix."""
    data = dict(data)
    for prefix, lines in dict(rows).items():
        data |= {f"{prefix}-TOTAL_FORMS": len(lines), f"{prefix}-INITIAL_FORMS": sum("id" in line for line in lines)}
        data |= {
            f"{prefix}-{place}-{field}": value for place, line in enumerate(lines) for field, value in line.items()
        }
    response = client.post(reverse("actions:action_step", args=[plan.ctg.slug, action.pk, name]), data)
    return response, response.content.decode()


def test_an_action_takes_the_next_number(officer, plan):
    theme = plan.ctg.groups.first()
    response, _ = post(officer, "action_new", plan, action_data(plan, themes=[theme.pk]))
    action = Action.objects.get(plan=plan)
    assert response.url == reverse("actions:action_step", args=[plan.ctg.slug, action.pk, "contenu"])
    assert (action.code, action.is_draft, list(action.themes.all())) == ("1.1.1", True, [theme])


def test_a_fiche_is_written_step_by_step(officer, plan):
    action, commune = add_action(plan), plan.ctg.communes.first()
    partner = funder(plan, "Association")
    step(officer, plan, action, "contenu", {"description": "Une carte.", "age_from": "0", "age_to": "3"})
    people = {"lead": funder(plan).pk, "communes": [commune.pk]}
    row = {"organisation": partner.pk, "role": "Prête la salle", "state": "committed"}
    step(officer, plan, action, "acteurs", people, {"partnerships": [row]})
    dates = {"starts_on": "2023-03-01", "ends_on": "2024-03-01"}
    step(officer, plan, action, "calendrier", dates, {"steps": [{"title": "Réunir", "due_on": "2023-06-01"}]})
    given = {"year": "2023", "giver": partner.pk, "label": "Salle", "amount": "1 200,50 €"}
    response, _ = step(
        officer, plan, action, "moyens", {"staff_fte": "0,5", "next": "1"}, {"in_kind": [given], "levers": []}
    )
    assert response.url == reverse("actions:budget", args=[plan.ctg.slug, action.pk])
    action.refresh_from_db()
    assert (action.description, action.ages, action.staff_fte) == ("Une carte.", "0 à 3 ans", Decimal("0.50"))
    assert (action.lead, list(action.communes.all())) == (funder(plan), [commune])
    assert (action.starts_on, action.steps.get().due_on) == (date(2023, 3, 1), date(2023, 6, 1))
    assert (action.partnerships.get().role, action.in_kind.get().amount) == ("Prête la salle", Decimal("1200.50"))


@pytest.mark.parametrize(
    ("name", "data", "rows", "sentence"),
    [
        ("contenu", {"age_from": "11", "age_to": "3"}, {}, "L’âge de fin est inférieur"),
        ("calendrier", {"starts_on": "2022-12-31"}, {"steps": []}, "Choisissez un jour de la période de la Ctg"),
        ("calendrier", {"ends_on": "2027-01-01"}, {"steps": []}, "du 01/01/2023 au 31/12/2026"),
        ("calendrier", {"starts_on": "2024-02-01", "ends_on": "2024-01-01"}, {"steps": []}, "précède son début"),
        ("calendrier", {}, {"steps": [{"title": "Trop tard", "due_on": "2027-02-01"}]}, "Choisissez un jour"),
        ("calendrier", {}, {"steps": [{"title": "Sans jour", "due_on": ""}]}, "Ce champ est obligatoire"),
        ("moyens", {"staff_fte": "beaucoup"}, {"in_kind": [], "levers": []}, "Écrivez un nombre"),
        ("moyens", {"staff_fte": "-1"}, {"in_kind": [], "levers": []}, "ne peuvent pas être négatifs"),
        ("acteurs", {"contact_email": "personne"}, {"partnerships": []}, "adresse"),
    ],
)
def test_a_refused_step_keeps_what_was_typed_and_writes_nothing(officer, plan, name, data, rows, sentence):
    action = add_action(plan)
    response, page = step(officer, plan, action, name, data, rows)
    assert response.status_code == 200
    assert kept(page, sentence, *[value for value in data.values() if value])
    assert not action.steps.exists()
    assert Action.objects.get(pk=action.pk).starts_on is None


def test_a_partner_twice(officer, plan):
    action, partner = add_action(plan), funder(plan, "Association")
    rows = [{"organisation": partner.pk, "role": role, "state": "sought"} for role in ("Un", "Deux")]
    _, page = step(officer, plan, action, "acteurs", {}, {"partnerships": rows})
    assert "Une ligne figure deux fois" in page
    assert not action.partnerships.exists()


def test_a_step_that_does_not_exist(officer, plan):
    assert (
        officer.get(reverse("actions:action_step", args=[plan.ctg.slug, add_action(plan).pk, "rien"])).status_code
        == 404
    )


def test_the_next_action_follows_it(officer, plan):
    add_action(plan)
    post(officer, "action_new", plan, action_data(plan))
    assert Action.objects.get(title="Cartographie des besoins").code == "1.1.2"


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"code": "1.1"}, "déjà celui d’un axe ou d’un objectif"),
        ({"title": ""}, "Ce champ est obligatoire."),
        ({"objective": "0"}, "Sélectionnez un choix valide"),
    ],
)
def test_a_refused_action_keeps_what_was_typed(officer, plan, fields, sentence):
    response, page = post(officer, "action_new", plan, action_data(plan, **fields))
    assert response.status_code == 200
    assert kept(page, sentence, fields.get("title", "Cartographie des besoins"))
    assert not Action.objects.filter(plan=plan).exists()


def test_an_action_hangs_on_a_leaf(officer, plan):
    branch = plan.objectives.get(code="1")
    _, page = post(officer, "action_new", plan, action_data(plan, objective=branch.pk))
    assert "Sélectionnez un choix valide" in page
    assert not Action.objects.filter(plan=plan).exists()


def test_the_lead_of_an_action_writes_its_fiche_but_not_its_place_nor_its_lead(as_someone):
    plan = make_complete_plan()
    action, client = plan.actions.get(), as_someone("action_lead", plan)
    response, _ = step(client, plan, action, "contenu", {"description": "Mieux dit.", "title": "Volé", "code": "9"})
    assert is_saved(response)
    assert step(client, plan, action, "essentiel", action_data(plan))[0].status_code == 403
    other = funder(plan, "Autre")
    step(client, plan, action, "acteurs", {"lead": other.pk, "contact_name": "Accueil"}, {"partnerships": []})
    action.refresh_from_db()
    assert (action.description, action.code, action.contact_name) == ("Mieux dit.", "1.1.1", "Accueil")
    assert (action.title, action.lead) == ("Outil de suivi de l’offre et de la demande", funder(plan))


@pytest.mark.parametrize("verdict", ["rework", "postponed", "dropped"])
def test_an_opinion_needs_its_reason(officer, plan, verdict):
    action = add_action(plan, verdict="pending")
    response, page = post(
        officer,
        "action_verdict",
        plan,
        {"verdict": verdict, "verdict_reason": " ", "given_on": "2022-07-01"},
        pk=action.pk,
    )
    assert response.status_code == 200
    assert "Dites pourquoi" in page
    response, _ = post(
        officer,
        "action_verdict",
        plan,
        {"verdict": verdict, "verdict_reason": "Trop cher.", "given_on": "2022-07-01"},
        pk=action.pk,
    )
    action.refresh_from_db()
    assert (is_saved(response), action.verdict, action.verdict_reason) == (True, verdict, "Trop cher.")


def target_data(**fields):
    values = {
        "label": "Places",
        "unit": "places",
        "direction": "higher",
        "kind": "quantitative",
        "level": "result",
        "frequency": "yearly",
        "baseline": "1 200,5",
        "goal": "1 500",
        "source": "Caf",
    }
    return values | fields


def test_an_indicator_typed_the_french_way(officer, plan):
    action = add_action(plan)
    response, _ = post(officer, "target_new", plan, target_data(), pk=action.pk)
    target = action.targets.get()
    assert is_saved(response)
    assert (target.baseline, target.goal) == (Decimal("1200.50"), Decimal("1500.00"))
    assert kept(
        officer.get(reverse("actions:target_edit", args=[plan.ctg.slug, target.pk])).content.decode(), "1 200,5"
    )


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"goal": "1 200,50"}, "La cible est égale à la valeur de départ"),
        ({"goal": "1 100"}, "dans le sens voulu"),
        ({"kind": "qualitative"}, "ce que veut dire chaque niveau"),
        ({"goal": "environ 12"}, "Écrivez un nombre, par exemple 12,5"),
        ({"baseline": ""}, "dites pourquoi elle n’est pas disponible"),
        ({"source": ""}, "Ce champ est obligatoire."),
    ],
)
def test_a_refused_indicator_keeps_what_was_typed(officer, plan, fields, sentence):
    action = add_action(plan)
    response, page = post(officer, "target_new", plan, target_data(label="Places d’accueil", **fields), pk=action.pk)
    assert response.status_code == 200
    assert kept(page, sentence, "Places d’accueil", fields.get("goal", "1 500"))
    assert not action.targets.exists()


# --- The budget of an action ------------------------------------------------------------------------------------------


def budget_data(costs=(), financings=(), **more):
    data = dict(more)
    for prefix, rows in (("costs", costs), ("financings", financings)):
        initial = sum("id" in row for row in rows)
        data |= {f"{prefix}-TOTAL_FORMS": len(rows), f"{prefix}-INITIAL_FORMS": initial}
        data |= {f"{prefix}-{place}-{name}": value for place, row in enumerate(rows) for name, value in row.items()}
    return data


def cost_row(amount, **fields):
    return {"year": "2023", "nature": "running", "label": "Poste", "amount": amount} | fields


def financing_row(plan, planned, name="Commune", **fields):
    return {"year": "2023", "nature": "running", "funder": funder(plan, name).pk, "planned": planned} | fields


def test_a_budget_typed_the_french_way(officer, plan):
    action = add_action(plan)
    empty = {"year": "", "nature": "running", "label": "", "amount": ""}
    data = budget_data(
        [cost_row("1 200,50 €"), empty], [financing_row(plan, "1000"), financing_row(plan, "200.5", "Caf")]
    )
    response, _ = post(officer, "budget", plan, data, pk=action.pk)
    assert response.url == reverse("actions:action", args=[plan.ctg.slug, action.pk])
    assert list(action.costs.values_list("amount", flat=True)) == [Decimal("1200.50")]
    assert sum(action.financings.values_list("planned", flat=True)) == Decimal("1200.50")


def test_more_lines_are_asked_for_without_leaving(officer, plan):
    action = add_action(plan)
    response, _ = post(officer, "budget", plan, budget_data([cost_row("10")], more="1"), pk=action.pk)
    assert response.url == reverse("actions:budget", args=[plan.ctg.slug, action.pk])
    assert action.costs.count() == 1


def test_lines_change_and_leave(officer, plan):
    action = add_action(plan)
    cost, line = add_cost(action, "10.00"), add_financing(action, "10.00")
    data = budget_data([cost_row("20", id=cost.pk)], [financing_row(plan, "10", id=line.pk, DELETE="on")])
    post(officer, "budget", plan, data, pk=action.pk)
    assert list(action.costs.values_list("pk", "amount")) == [(cost.pk, Decimal("20.00"))]
    assert not action.financings.exists()


@pytest.mark.parametrize(
    ("costs", "sentence"),
    [
        (cost_row("12.000,00"), "Écrivez un montant en euros"),
        (cost_row("beaucoup"), "Écrivez un montant en euros"),
        (cost_row("-5"), "Le montant ne peut pas être négatif."),
        (cost_row("99999999999"), "Ce nombre est trop grand"),
        (cost_row("10", year="2030"), "Sélectionnez un choix valide"),
        (cost_row("10", year=""), "Ce champ est obligatoire."),
        (cost_row("10", label=""), "Ce champ est obligatoire."),
    ],
)
def test_a_refused_budget_keeps_what_was_typed(officer, plan, costs, sentence):
    action = add_action(plan)
    response, page = post(officer, "budget", plan, budget_data([costs], [financing_row(plan, "777,77")]), pk=action.pk)
    assert response.status_code == 200
    assert kept(page, sentence, costs["amount"], "777,77")
    assert not action.costs.exists()
    assert not action.financings.exists()


def test_a_funder_twice_in_a_year(officer, plan):
    action = add_action(plan)
    rows = [financing_row(plan, "10"), financing_row(plan, "20")]
    response, page = post(officer, "budget", plan, budget_data(financings=rows), pk=action.pk)
    assert response.status_code == 200
    assert "Un financeur figure deux fois" in page
    assert not action.financings.exists()


def test_a_funder_of_another_caf(officer, plan):
    action, stranger = add_action(plan), funder(make_plan(), "Ailleurs")
    response, page = post(
        officer, "budget", plan, budget_data(financings=[financing_row(plan, "10", funder=stranger.pk)]), pk=action.pk
    )
    assert response.status_code == 200
    assert "Sélectionnez un choix valide" in page


def test_what_is_paid(as_someone):
    plan = make_adopted_plan()
    action, client = plan.actions.get(), as_someone("action_lead", plan)
    line = action.financings.get()
    response, page = post(client, "payments", plan, {f"paid_{line.pk}": "beaucoup"}, pk=action.pk)
    assert response.status_code == 200
    assert kept(page, "beaucoup", "Écrivez un montant en euros")
    response, _ = post(client, "payments", plan, {f"paid_{line.pk}": "12 000,01"}, pk=action.pk)
    line.refresh_from_db()
    assert is_saved(response)
    assert line.paid == Decimal("12000.01")
    assert "Au-delà du prévu" in client.get(reverse("actions:action", args=[plan.ctg.slug, action.pk])).content.decode()


# --- Gestures without a form ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", ["plan_publish", "plan_unpublish", "objective_move"])
def test_a_gesture_is_not_a_link(officer, plan, page):
    pk = leaf(plan).pk if page == "objective_move" else None
    assert officer.get(reverse(f"actions:{page}", args=[plan.ctg.slug] + ([pk] if pk else []))).status_code == 405


@pytest.mark.parametrize(
    ("who", "code"), [("lead", 302), ("editor", 403), ("reader", 403), ("outsider", 404), ("anonymous", 302)]
)
def test_who_publishes(who, code, as_someone):
    plan = make_adopted_plan()
    response, _ = post(as_someone(who, plan), "plan_publish", plan, {})
    plan.refresh_from_db()
    assert response.status_code == code
    assert bool(plan.published_at) == (who == "lead")


def test_the_button_of_the_page_carries_its_token():
    plan = make_adopted_plan()
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(make_user("conseillère", caf=plan.ctg.caf, role=Role.CAF_ADVISER))
    page = browser.get(reverse("actions:plan", args=[plan.ctg.slug])).content.decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page).group(1)
    publish = reverse("actions:plan_publish", args=[plan.ctg.slug])
    assert browser.post(publish).status_code == 403
    assert browser.post(publish, {"csrfmiddlewaretoken": token}).status_code == 302


def test_a_draft_is_not_published_by_a_direct_post(officer, plan):
    post(officer, "plan_publish", plan, {})
    plan.refresh_from_db()
    assert plan.published_at is None
    assert "une fois adopté" in officer.get(reverse("actions:plan", args=[plan.ctg.slug])).content.decode()


def test_an_action_and_an_indicator_leave(officer, plan):
    action = add_action(plan, complete=True)
    post(officer, "target_delete", plan, {}, pk=action.targets.get().pk)
    assert not action.targets.exists()
    post(officer, "action_delete", plan, {}, pk=action.pk)
    assert not plan.actions.exists()


def test_what_is_typed_in_a_step_is_kept_as_a_draft_and_given_back(officer, plan):
    action = add_action(plan)
    url = reverse("actions:action_step", args=[plan.ctg.slug, action.pk, "calendrier"])
    key = officer.get(url).context["draft"].key
    officer.post(reverse("drafts:save"), {"draft": key, "starts_on": "2023-03-01", "steps-0-title": "Réunir"})
    page = officer.get(url).content.decode()
    assert kept(page, "Voici votre brouillon", 'value="2023-03-01"', 'value="Réunir"')
    assert Action.objects.get(pk=action.pk).starts_on is None


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("budget", {"costs-0-label": "Coordination", "financings-0-planned": "douze mille"}),
        ("action_verdict", {"text": "Le besoin est démontré"}),
        ("target_new", {"label": "Familles suivies", "goal": "beaucoup"}),
    ],
)
def test_what_is_typed_on_the_other_pages_of_a_fiche_is_kept_too(officer, plan, name, typed):
    url = reverse(f"actions:{name}", args=[plan.ctg.slug, add_action(plan).pk])
    key = officer.get(url).context["draft"].key
    officer.post(reverse("drafts:save"), {"draft": key, **typed})
    page = officer.get(url).content.decode()
    assert kept(page, "Voici votre brouillon", *typed.values())


def test_two_people_on_the_same_step_lose_no_word(officer, plan):
    action = add_action(plan, description="Une carte des places.")
    url = reverse("actions:action_step", args=[plan.ctg.slug, action.pk, "contenu"])
    started_from = officer.get(url).context["forms"].form["started_from"].value()
    Action.objects.filter(pk=action.pk).update(description="Une carte des besoins.")
    response, page = step(
        officer, plan, action, "contenu", {"description": "Une liste des places.", "started_from": started_from}
    )
    assert response.status_code == 200
    assert kept(page, "Votre version", "Une liste des places.", "Une carte des besoins.")
