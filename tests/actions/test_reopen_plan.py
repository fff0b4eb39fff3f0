"""An adopted plan is reopened as a new version; the old one stays as it was, and the two are compared."""

from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse

from actions import services
from actions.models import ActionPlan, InKind, Lever, Partnership, Step
from actions.versions import compare
from ctg_site.lib.errors import RuleBroken
from diagnostic.models import Diagnosis
from governance.loading import load_reference
from governance.models import Agreement
from governance.services import draft_agreement
from territory.models import Role, Scheme
from territory.services import add_comment
from tests.actions.factories import (
    CLOSINGS,
    add_action,
    add_money,
    close_up_to,
    funder,
    make_adopted_plan,
    make_complete_plan,
    make_user,
)

pytestmark = pytest.mark.django_db
REOPENED_ON = date(2022, 12, 1)
REASON = "La Caf a précisé son aide."


def reopen(plan, **options):
    return services.reopen_plan(plan, **({"reason": REASON, "by": None, "on": REOPENED_ON} | options))


@pytest.fixture
def plan():
    """An adopted plan with something in every kind of row."""
    plan = make_complete_plan()
    action = plan.actions.get()
    partner = funder(plan, "Association")
    scheme = Scheme.objects.create(code="essai", label="Essai")
    for part in (
        Step(action=action, title="Réunir", due_on=date(2023, 6, 1)),
        Partnership(action=action, organisation=partner, role="Prête la salle"),
        InKind(action=action, year=2023, giver=partner, label="Salle", amount=Decimal(100)),
        Lever(action=action, scheme=scheme),
    ):
        services.save_part(part, by=None)
    add_action(plan, complete=True, title="Cartographie des besoins")
    return close_up_to(plan, "adopted")


PARTS = ("partnerships", "steps", "costs", "financings", "in_kind", "levers", "opinions", "targets", "themes")


def counts(plan):
    return {part: sum(getattr(action, part).count() for action in plan.actions.all()) for part in PARTS}


def test_it_copies_everything_and_keeps_the_old_version_frozen(plan):
    new = reopen(plan)
    assert (new.version, new.previous, new.reopening_reason, new.adopted_on) == (2, plan, REASON, None)
    assert new.costed_decision == plan.costed_decision  # only the adoption is decided again
    assert counts(new) == counts(plan)
    assert min(counts(new).values()) > 0
    assert [o.code for o in new.objectives.order_by("code")] == [o.code for o in plan.objectives.order_by("code")]
    axis = new.objectives.get(code="1")
    assert (axis.priorities.count(), new.objectives.get(code="1.1").parent) == (1, axis)
    with pytest.raises(RuleBroken, match="ne se modifie plus"):
        services.save_action(plan.actions.first(), by=None)
    assert ActionPlan.objects.current().get(diagnosis=plan.diagnosis) == new


def test_the_new_version_is_written_and_adopted_again(plan):
    new = reopen(plan)
    action = new.actions.get(code="1.1.1")
    action.title = "Outil partagé"
    services.save_action(action, by=None)
    new = services.adopt_plan(new, decision="Copil n° 9", by=None, on=date(2023, 1, 5))
    assert new.is_adopted
    assert plan.actions.get(code="1.1.1").title != "Outil partagé"


@pytest.mark.parametrize(("back_to", "kept"), [("axes_fixed", 0), ("formalised", 1), ("costed", 2), ("adopted", 3)])
def test_what_is_decided_again(plan, back_to, kept):
    new = reopen(plan, back_to=back_to)
    assert sum(getattr(new, f"{closure}_on") is not None for closure in CLOSINGS) == kept


@pytest.mark.parametrize(
    ("options", "sentence"),
    [({"reason": "  "}, "Dites pourquoi"), ({"on": date(2022, 10, 31)}, "avant d’avoir été adopté")],
)
def test_a_reopening_without_reason_or_before_the_adoption(plan, options, sentence):
    with pytest.raises(RuleBroken, match=sentence):
        reopen(plan, **options)
    assert ActionPlan.objects.count() == 1


def test_a_draft_a_signed_plan_and_an_old_version_are_not_reopened(plan):
    with pytest.raises(RuleBroken, match="n’est pas adopté"):
        reopen(make_complete_plan())
    new = reopen(plan)
    with pytest.raises(RuleBroken, match="version plus récente"):
        reopen(plan)
    new = services.adopt_plan(new, decision="Copil n° 9", by=None, on=date(2023, 1, 5))
    new = services.mark_signed(new, by=None, on=date(2023, 1, 6))
    with pytest.raises(RuleBroken, match="avenant"):
        reopen(new, on=date(2023, 2, 1))


def test_the_text_being_prepared_follows_and_a_frozen_one_holds(plan):
    load_reference()
    agreement = draft_agreement(plan, by=None)
    new = reopen(plan)
    agreement.refresh_from_db()
    assert agreement.plan == new
    Agreement.objects.filter(pk=agreement.pk).update(
        frozen_on=date(2023, 1, 7), frozen_by_decision="Copil n° 10", document="texte.pdf", document_sha256="0" * 64
    )
    new = services.adopt_plan(new, decision="Copil n° 9", by=None, on=date(2023, 1, 5))
    with pytest.raises(RuleBroken, match="est arrêté avec cette version"):
        reopen(new, on=date(2023, 2, 1))
    assert ActionPlan.objects.filter(diagnosis=Diagnosis.objects.get()).count() == 2


def test_the_comparison_says_actions_amounts_and_dates(plan, django_assert_num_queries):
    new = reopen(plan)
    changed, removed = new.actions.get(code="1.1.1"), new.actions.get(code="1.1.2")
    changed.ends_on = date(2025, 6, 30)
    services.save_action(changed, by=None)
    add_money(changed, "500.00", year=2024)
    services.delete_action(removed, by=None)
    add_action(new, complete=True, title="Animer le réseau")
    with django_assert_num_queries(7):
        comparison = compare(plan, new)
    said = {change.action.title: (change.label, change.fields) for change in comparison.changes}
    assert said["Cartographie des besoins"] == ("Retirée", [])
    assert said["Animer le réseau"] == ("Ajoutée", [])
    label, fields = said["Outil de suivi de l’offre et de la demande"]
    assert label == "Modifiée"
    assert [(field.label, field.before, field.after) for field in fields] == [
        ("Fin", "31 déc. 2026", "30 juin 2025"),
        ("Coût 2024", "rien", "500\u00a0€"),
        ("Commune, 2024", "rien", "500\u00a0€"),
    ]
    assert (comparison.unchanged, comparison.gap) == (0, Decimal("500.00"))


def test_the_pages_show_both_versions(plan, as_someone):
    client, slug = as_someone("lead", plan), plan.ctg.slug
    response = client.post(reverse("actions:plan_reopen", args=[slug]), {"reason": REASON, "back_to": "adopted"})
    assert response.status_code == 302
    versions = client.get(reverse("actions:plan_versions", args=[slug])).content.decode()
    assert REASON in versions
    old = client.get(reverse("actions:plan_version", args=[slug, 1])).content.decode()
    assert "Ancienne version" in old
    assert "Modifier le projet" not in old
    assert "Rien n’a changé" in client.get(reverse("actions:plan_compare", args=[slug, 1])).content.decode()


def test_the_public_reads_the_published_version_while_the_next_is_written(client):
    plan = services.publish_plan(make_adopted_plan(), by=None)
    new = reopen(plan)
    ActionPlan.objects.filter(pk=new.pk).update(introduction="Un secret de la version 2")
    page = client.get(reverse("actions:plan", args=[plan.ctg.slug])).content.decode()
    assert "Grandir ici, ensemble." in page
    assert "Un secret" not in page


def test_what_was_said_of_an_action_is_read_in_its_next_version(plan, as_someone):
    client = as_someone("lead", plan)
    old = plan.actions.earliest("code")
    add_comment(old, text="Et la navette ?", by=make_user("Claude", ctg=plan.ctg, role=Role.LEAD))
    new = reopen(plan).actions.earliest("code")
    add_comment(new, text="Elle est chiffrée.", by=make_user("Sacha", ctg=plan.ctg, role=Role.LEAD))
    for action in (old, new):
        page = client.get(action.get_absolute_url()).content.decode()
        assert "Et la navette ?" in page
        assert "Elle est chiffrée." in page


def test_what_is_said_elsewhere_of_a_copy_does_not_come_here(plan, as_someone):
    """Control: the same key in another Ctg, as a database restored by hand could hold, is another action."""
    other = make_adopted_plan()
    other.actions.update(key=plan.actions.earliest("code").key)
    add_comment(other.actions.get(), text="Ailleurs", by=make_user("Claude", ctg=other.ctg, role=Role.LEAD))
    page = as_someone("lead", plan).get(plan.actions.earliest("code").get_absolute_url()).content.decode()
    assert "Ailleurs" not in page
