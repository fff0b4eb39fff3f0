from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from ctg_site.drafts.pages import with_draft
from ctg_site.lib.dates import today
from ctg_site.lib.http import done, saved
from governance import perms, services
from governance.forms import DeliberationForm, PartyForm, SignatoryFormSet, SignatureForm
from governance.models import Agreement, Deliberation, Party
from governance.signing import check_signature
from governance.views.access import (
    SIGNATURES_ONLY,
    WRITERS_ONLY,
    agreement_inside,
    agreement_to_edit,
    back_when_closed,
    refuse,
)
from territory.perms import require
from territory.services import save_organisation


@back_when_closed("governance:agreement")
def party_new(request: HttpRequest, slug: str) -> HttpResponse:
    agreement = agreement_to_edit(request, slug)
    form = PartyForm(request.POST or None, agreement=agreement)
    if request.method == "POST" and saved(form, lambda: _add(request, agreement, form)):
        messages.success(request, "La partie est ajoutée : dites qui la représente.")
        return redirect(
            "governance:party_edit", slug, agreement.parties.order_by("-position").values_list("pk", flat=True)[0]
        )
    context = {"ctg": agreement.ctg, "form": form, "draft": with_draft(request, form)}
    return render(request, "governance/party_new.html", context)


@back_when_closed("governance:agreement")
def party_edit(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Its one or two signatories."""
    party = _party(request, agreement_to_edit(request, slug), pk)
    formset = SignatoryFormSet(request.POST or None, instance=party, prefix="signatories")
    if request.method == "POST" and saved(formset, lambda: _save_signatories(request, formset)):
        messages.success(request, "Les signataires sont enregistrés.")
        return _back(slug)
    draft = with_draft(request, *formset.forms)
    context = {"ctg": party.agreement.ctg, "party": party, "formset": formset, "draft": draft}
    return render(request, "governance/party_edit.html", context)


@require_POST
@back_when_closed("governance:agreement")
def party_remove(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    party = _party(request, agreement_to_edit(request, slug), pk)
    done(request, lambda: services.remove_party(party, by=request.user), f"{party} n’est plus partie à la convention.")
    return _back(slug)


@back_when_closed("governance:agreement")
def deliberation_edit(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Whole before the freeze; afterwards its transmission only, until the party signs."""
    agreement = agreement_inside(request, slug)
    require(perms.can_edit_agreement(request.user, agreement.ctg), WRITERS_ONLY)
    party = _party(request, agreement, pk)
    refuse(party.signed_on is not None, "Cette partie a signé : sa délibération ne change plus.")
    deliberation = getattr(party, "deliberation", None) or Deliberation(party=party)
    form = DeliberationForm(request.POST or None, instance=deliberation)
    if request.method == "POST" and saved(form, lambda: services.save_deliberation(form.instance, by=request.user)):
        messages.success(request, "La délibération est enregistrée.")
        return _back(slug)
    context = {"ctg": agreement.ctg, "party": party, "form": form, "draft": with_draft(request, form)}
    return render(request, "governance/deliberation_edit.html", context)


@back_when_closed("governance:agreement")
def signature_record(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    agreement = agreement_inside(request, slug)
    require(perms.can_record_signatures(request.user, agreement.ctg), SIGNATURES_ONLY)
    party = _party(request, agreement, pk)
    refuse(party.signed_on is not None, f"{party} a déjà signé.")
    form = SignatureForm(request.POST or None)
    if request.method == "POST" and saved(form, lambda: _sign(request, party, form)):
        return _back(slug)
    context = {
        "ctg": agreement.ctg,
        "party": party,
        "form": form,
        "obstacles": check_signature(party, on=today()).obstacles,
        "draft": with_draft(request, form),
    }
    return render(request, "governance/signature_record.html", context)


@transaction.atomic
def _add(request: HttpRequest, agreement: Agreement, form: PartyForm) -> None:
    organisation = form.chosen()
    if organisation.pk is None:
        save_organisation(organisation, by=request.user)
    services.add_party(agreement, organisation=organisation, by=request.user)


@transaction.atomic
def _save_signatories(request: HttpRequest, formset) -> None:
    gone, kept = formset.changes()
    for signatory in gone:
        services.delete_signatory(signatory, by=request.user)
    for signatory in kept:
        services.save_signatory(signatory, by=request.user)


def _sign(request: HttpRequest, party: Party, form: SignatureForm) -> None:
    data = form.cleaned_data
    recorded = services.record_signature(party, on=data["on"], reason=data["reason"], by=request.user)
    for warning in recorded.warnings:
        messages.warning(request, warning)
    after = (
        "toutes les parties ont signé, la convention est signée"
        if recorded.completes
        else "les autres parties restent à signer"
    )
    messages.success(request, f"Signature enregistrée pour {party} : {after}.")


def _party(request: HttpRequest, agreement: Agreement, pk: int) -> Party:
    party = get_object_or_404(agreement.parties.select_related("organisation", "deliberation"), pk=pk)
    party.agreement = agreement
    return party


def _back(slug: str) -> HttpResponse:
    return redirect(f"{reverse('governance:agreement', args=[slug])}#parties")
