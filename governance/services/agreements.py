"""The text of the convention: its articles, its parties, and the freeze that stores its PDF once."""

from datetime import date
from hashlib import sha256

from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import Max

from actions.models import ActionPlan
from ctg_site.accounts.models import User
from ctg_site.audit.services import record
from ctg_site.lib.dates import french_date
from ctg_site.lib.errors import RuleBroken
from ctg_site.lib.ranks import moved
from ctg_site.lib.saving import save_checked
from governance.documents import render_agreement
from governance.models import Agreement, Article, Clause
from territory.models import Ctg, CtgFact
from territory.services import annex_facilities, state_fact


def follow_plan(old: ActionPlan, new: ActionPlan) -> None:
    """The text being prepared goes with the version that will be signed; once frozen, it holds the plan it was frozen with."""
    agreement = Agreement.objects.filter(plan=old).first()
    if agreement is None:
        return
    if agreement.is_frozen:
        raise RuleBroken(
            "Le texte de la convention est arrêté avec cette version du plan : elle se modifie par un avenant."
        )
    agreement.plan = new
    agreement.save(update_fields=["plan"])


@transaction.atomic
def draft_agreement(plan: ActionPlan, *, by: User | None) -> Agreement:
    """Begin the text from the model articles; drafting ahead of the adoption of the plan is allowed."""
    if Agreement.objects.filter(plan=plan).exists():
        raise RuleBroken("Le texte de la convention est déjà préparé.")
    clauses = list(Clause.objects.order_by("position"))
    preamble = next((clause for clause in clauses if clause.is_preamble), None)
    ctg = plan.ctg
    agreement = Agreement(plan=plan, number=_next_number(ctg), is_demo=ctg.is_demo)
    agreement.preamble = _filled(preamble.body, ctg) if preamble else ""
    save_checked(agreement)
    for position, clause in enumerate((clause for clause in clauses if not clause.is_preamble), start=1):
        save_checked(
            Article(agreement=agreement, position=position, title=clause.title, body=_filled(clause.body, ctg))
        )
    record(by, "agreement.drafted", agreement, ctg=ctg)
    return agreement


@transaction.atomic
def describe_agreement(agreement: Agreement, *, by: User | None) -> Agreement:
    """Its preamble and the place of signature."""
    draft(agreement)
    save_checked(agreement)
    record(by, "agreement.described", agreement, ctg=agreement.ctg)
    return agreement


@transaction.atomic
def save_article(article: Article, *, by: User | None) -> Article:
    agreement = draft(article.agreement)
    is_new = article.pk is None
    if is_new:
        article.position = (agreement.articles.aggregate(last=Max("position"))["last"] or 0) + 1
    save_checked(article)
    record(by, "article.created" if is_new else "article.changed", article, ctg=agreement.ctg)
    return article


@transaction.atomic
def delete_article(article: Article, *, by: User | None) -> None:
    """The articles after it take its place, so that numbers run without a hole."""
    agreement = draft(article.agreement)
    record(by, "article.deleted", article, ctg=agreement.ctg)
    article.delete()
    _number(list(agreement.articles.order_by("position", "pk")))


@transaction.atomic
def move_article(article: Article, *, up: bool, by: User | None) -> Article:
    agreement = draft(article.agreement)
    _number(moved(agreement.articles.order_by("position", "pk"), article, -1 if up else 1))
    record(by, "article.moved", article, ctg=agreement.ctg, up=up)
    return article


@transaction.atomic
def freeze_agreement(agreement: Agreement, *, decision: str, by: User | None, on: date) -> Agreement:
    """Fix the text by a decision: its PDF is rendered and stored now, with its SHA-256, and never rendered again."""
    agreement = draft(agreement)
    if not decision.strip():
        raise RuleBroken("Seule la décision d’un comité arrête le texte de la convention : indiquez-la.")
    if lacks := agreement.missing_before_freeze():
        raise RuleBroken("Le texte de la convention ne peut pas encore être arrêté.", missing=lacks)
    _refuse_before_earlier_steps(agreement, on)
    agreement.frozen_on, agreement.frozen_by_decision = on, decision.strip()[:120]
    content = render_agreement(agreement)
    agreement.document_sha256 = sha256(content).hexdigest()
    agreement.document.save(f"{agreement.number}.pdf", ContentFile(content), save=False)
    agreement.save(update_fields=["frozen_on", "frozen_by_decision", "document", "document_sha256"])
    state_fact(agreement.ctg, kind=CtgFact.Kind.FROZEN, on=on, by=by)
    annex_facilities(agreement.ctg, on=on, by=by)
    record(
        by,
        "agreement.frozen",
        agreement,
        ctg=agreement.ctg,
        on=on.isoformat(),
        decision=decision,
        sha256=agreement.document_sha256,
    )
    return agreement


def draft(agreement: Agreement) -> Agreement:
    """The text as it is now, kept for this transaction, refused once frozen."""
    agreement = locked(agreement)
    if agreement.is_frozen:
        raise RuleBroken(Agreement.CLOSED)
    return agreement


def locked(agreement: Agreement) -> Agreement:
    return Agreement.objects.select_for_update(of=("self",)).for_page().get(pk=agreement.pk)


def _refuse_before_earlier_steps(agreement: Agreement, on: date) -> None:
    method, adopted_on = agreement.ctg.evaluation_method, agreement.plan.adopted_on
    latest = max(day for day in (adopted_on, method.validated_on) if day)
    if on < latest:
        raise RuleBroken(
            f"Le texte ne peut pas être arrêté avant le plan et la méthode d’évaluation, validés le {french_date(latest)}."
        )


def _next_number(ctg: Ctg) -> str:
    """« CTG-66-2021-001 »: the Caf, the first year, then a rank."""
    stem = f"CTG-{ctg.caf.code}-{ctg.starts_on.year}-"
    taken = [
        int(number[len(stem) :])
        for number in Agreement.objects.filter(number__startswith=stem).values_list("number", flat=True)
    ]
    return f"{stem}{max(taken, default=0) + 1:03d}"


def _filled(body: str, ctg: Ctg) -> str:
    """Plain replacement: what a clause says otherwise between braces stays as it is."""
    words = {
        "{caf}": ctg.caf.name,
        "{territory}": ctg.name,
        "{starts_on}": french_date(ctg.starts_on),
        "{ends_on}": french_date(ctg.ends_on),
    }
    for mark, word in words.items():
        body = body.replace(mark, word)
    return body


def _number(articles: list[Article]) -> None:
    for position, article in enumerate(articles, start=1):
        article.position = position
    Article.objects.bulk_update(articles, ["position"])
