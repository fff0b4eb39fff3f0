import base64

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from actions.models import ActionPlan
from ctg_site.drafts.pages import with_draft
from ctg_site.lib.http import done, opened, saved
from governance import perms, services
from governance.documents import render_agreement
from governance.forms import AgreementForm, ArticleForm
from governance.mending import shown_lacks
from governance.missing import lacks_before_freeze
from governance.models import Article
from governance.sealing import DocumentAltered, stored_document
from governance.views.access import (
    WRITERS_ONLY,
    agreement_to_edit,
    back_when_closed,
    shown_agreement,
    shown_agreement_or_none,
)
from territory.perms import require
from territory.views.fetching import own_ctg


@login_not_required
def agreement(request: HttpRequest, slug: str) -> HttpResponse:
    """The text, its parties and where their signatures stand; for everyone once all have signed."""
    agreement = shown_agreement_or_none(request, slug)
    if agreement is None:
        ctg = own_ctg(request, slug)
        context = {"ctg": ctg, "can_edit": perms.can_edit_agreement(request.user, ctg)}
        return render(request, "governance/agreement_none.html", context)
    ctg, user = agreement.ctg, request.user
    can_edit = perms.can_edit_agreement(user, ctg) and not agreement.is_frozen
    context = {
        "ctg": ctg,
        "agreement": agreement,
        "inside": perms.is_inside(user, ctg),
        "can_edit": can_edit,
        "can_sign": perms.can_record_signatures(user, ctg) and agreement.is_frozen,
        "lacks": shown_lacks(lacks_before_freeze(agreement), user, ctg) if can_edit else [],
    }
    return render(request, "governance/agreement.html", context)


@login_not_required
def agreement_pdf(request: HttpRequest, slug: str) -> HttpResponse:
    """The stored bytes once the text is frozen; until then a fresh draft, marked so, for those inside."""
    agreement = shown_agreement(request, slug)
    if not agreement.is_frozen:
        return opened(render_agreement(agreement), "application/pdf", f"projet-{agreement.number}.pdf")
    try:
        content = stored_document(agreement, by=request.user if request.user.is_authenticated else None)
    except DocumentAltered as error:
        return render(request, "governance/document_altered.html", {"reason": str(error)}, status=500)
    response = opened(content, "application/pdf", f"{agreement.number}.pdf")
    response["ETag"] = f'"{agreement.document_sha256}"'
    response["Repr-Digest"] = f"sha-256=:{base64.b64encode(bytes.fromhex(agreement.document_sha256)).decode()}:"
    return response


@require_POST
def agreement_new(request: HttpRequest, slug: str) -> HttpResponse:
    ctg = own_ctg(request, slug)
    require(perms.can_edit_agreement(request.user, ctg), WRITERS_ONLY)
    plan = ActionPlan.objects.current().filter(diagnosis__ctg=ctg).for_page().first()
    if plan is None:
        messages.error(request, "Ouvrez d’abord le plan d’actions : la convention le porte en annexe.")
    else:
        done(
            request,
            lambda: services.draft_agreement(plan, by=request.user),
            "Le texte est préparé à partir des articles types.",
        )
    return redirect("governance:agreement", slug)


@back_when_closed("governance:agreement")
def agreement_edit(request: HttpRequest, slug: str) -> HttpResponse:
    agreement = agreement_to_edit(request, slug)
    form = AgreementForm(request.POST or None, instance=agreement)
    if request.method == "POST" and saved(form, lambda: services.describe_agreement(form.instance, by=request.user)):
        messages.success(request, "Le préambule est enregistré.")
        return redirect("governance:agreement", slug)
    context = {"ctg": agreement.ctg, "form": form, "draft": with_draft(request, form)}
    return render(request, "governance/agreement_edit.html", context)


@back_when_closed("governance:agreement")
def article_new(request: HttpRequest, slug: str) -> HttpResponse:
    return _article_form(request, Article(agreement=agreement_to_edit(request, slug)))


@back_when_closed("governance:agreement")
def article_edit(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    return _article_form(request, _article(request, slug, pk))


@require_POST
@back_when_closed("governance:agreement")
def article_move(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    article = _article(request, slug, pk)
    up = request.POST.get("direction") == "up"
    done(request, lambda: services.move_article(article, up=up, by=request.user), f"« {article.title} » est déplacé.")
    return redirect(f"{reverse('governance:agreement', args=[slug])}#articles")


@require_POST
@back_when_closed("governance:agreement")
def article_delete(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    article = _article(request, slug, pk)
    done(
        request, lambda: services.delete_article(article, by=request.user), f"L’article « {article.title} » est retiré."
    )
    return redirect(f"{reverse('governance:agreement', args=[slug])}#articles")


def _article(request: HttpRequest, slug: str, pk: int) -> Article:
    agreement = agreement_to_edit(request, slug)
    article = get_object_or_404(Article, agreement=agreement, pk=pk)
    article.agreement = agreement
    return article


def _article_form(request: HttpRequest, article: Article) -> HttpResponse:
    ctg = article.agreement.ctg
    form = ArticleForm(request.POST or None, instance=article)
    if request.method == "POST" and saved(form, lambda: services.save_article(form.instance, by=request.user)):
        messages.success(request, "L’article est enregistré.")
        return redirect(f"{reverse('governance:agreement', args=[ctg.slug])}#articles")
    context = {"ctg": ctg, "form": form, "article": article, "draft": with_draft(request, form)}
    return render(request, "governance/article_edit.html", context)
