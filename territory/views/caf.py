"""The pages of a Caf: all its money, what is due at the end of the year, its COF, its imports."""

from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.db.models import Case, QuerySet, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from ctg_site.drafts.pages import with_draft
from ctg_site.lib.dates import today, year_in
from ctg_site.lib.http import attached, done, saved
from ctg_site.lib.sheets import CONTENT_TYPE
from territory import perms
from territory.exports import lines_csv, register_workbook, template_workbook
from territory.forms import AgreementForm, ImportForm, JustificationForm, PaymentForm
from territory.imports.funding import ask_to_apply
from territory.imports.jobs import apply_funding_import, read_funding_import
from territory.models import Caf, FundingAgreement, FundingImport, FundingLine, Justification, Payment, Rate, Scheme
from territory.reports import caf_summary
from territory.reports.year_end import year_end
from territory.views.funding import NOT_CAF

State = FundingLine.State
SHOWN_DETAILS, SHOWN_IMPORTS = 100, 20


def money(request: HttpRequest, caf: str) -> HttpResponse:
    """By territory and by scheme, year by year: two readings of the same sums. All the Cafs only for who runs the site."""
    found = own_caf(request, caf)
    state = _state(request)
    by_territory, by_scheme = caf_summary.by_territory_and_scheme(found, state=state)
    context = {
        "caf": found,
        "room": "money",
        "states": State.choices,
        "state": state,
        "state_label": State(state).label,
        "by_territory": by_territory,
        "by_scheme": by_scheme,
        "can_write": perms.can_write_caf(request.user, found),
        "national": caf_summary.national(state=state) if request.user.is_superuser else None,
    }
    return render(request, "territory/caf_money.html", context)


def due(request: HttpRequest, caf: str) -> HttpResponse:
    found = own_caf(request, caf)
    on = today()
    report = year_end(found, year_in(request.GET.get("annee", "")) or on.year - 1, on)
    context = {
        "caf": found,
        "room": "due",
        "report": report,
        "on": on,
        "can_write": perms.can_write_caf(request.user, found),
    }
    return render(request, "territory/caf_due.html", context)


def agreement(request: HttpRequest, caf: str, pk: int) -> HttpResponse:
    found = own_caf(request, caf)
    cof = _agreement(found, pk)
    can_write = perms.can_write_caf(request.user, found)
    context = {
        "caf": found,
        "room": "due",
        "agreement": cof,
        "lines": cof.lines.select_related("scheme").order_by("-year", _best_known_first(), "pk"),
        "payments": cof.payments.order_by("-year", "-paid_on", "-pk"),
        "justifications": cof.justifications.order_by("-year"),
        "can_write": can_write,
    }
    return render(request, "territory/caf_agreement.html", context)


def agreement_new(request: HttpRequest, caf: str) -> HttpResponse:
    found = caf_to_write(request, caf)
    form = AgreementForm(request.POST or None, instance=FundingAgreement(caf=found), caf=found)
    return _form_page(
        request, found, form, "Ajouter une convention de financement", reverse("caf:due", args=[found.code])
    )


def agreement_edit(request: HttpRequest, caf: str, pk: int) -> HttpResponse:
    found = caf_to_write(request, caf)
    cof = _agreement(found, pk)
    form = AgreementForm(request.POST or None, instance=cof, caf=found)
    return _form_page(request, found, form, f"Modifier la {cof}", _url(cof))


def payment_new(request: HttpRequest, caf: str, pk: int) -> HttpResponse:
    found = caf_to_write(request, caf)
    cof = _agreement(found, pk)
    payment = Payment(agreement=cof, year=min(max(today().year, cof.years[0]), cof.years[-1]), paid_on=today())
    form = PaymentForm(request.POST or None, instance=payment)
    return _form_page(request, found, form, f"Enregistrer un paiement, {cof}", _url(cof))


def justification_new(request: HttpRequest, caf: str, pk: int) -> HttpResponse:
    found = caf_to_write(request, caf)
    cof = _agreement(found, pk)
    row = Justification(agreement=cof, year=today().year - 1, received_on=today())
    form = JustificationForm(request.POST or None, instance=row)
    return _form_page(request, found, form, f"Pièces reçues, {cof}", _url(cof))


def register_xlsx(request: HttpRequest, caf: str) -> HttpResponse:
    found = own_caf(request, caf)
    return attached(register_workbook(found, on=today()), CONTENT_TYPE, f"financements-caf-{found.code}.xlsx")


def register_csv(request: HttpRequest, caf: str) -> HttpResponse:
    found = own_caf(request, caf)
    return attached(lines_csv(found), "text/csv; charset=utf-8", f"financements-caf-{found.code}.csv")


def template_xlsx(request: HttpRequest, caf: str) -> HttpResponse:
    found = own_caf(request, caf)
    return attached(template_workbook(found, on=today()), CONTENT_TYPE, "modele-financements.xlsx")


def import_new(request: HttpRequest, caf: str) -> HttpResponse:
    found = caf_to_write(request, caf)
    form = ImportForm(request.POST or None, request.FILES or None)
    sent: list[FundingImport] = []
    if request.method == "POST" and saved(form, lambda: sent.append(form.save_as(found, request.user))):
        read_funding_import.enqueue(sent[0].pk)
        return redirect("caf:import_preview", found.code, sent[0].pk)
    context = {"caf": found, "room": "money", "form": form, "imports": _imports(found)[:SHOWN_IMPORTS]}
    return render(request, "territory/caf_import.html", context)


def import_preview(request: HttpRequest, caf: str, pk: int) -> HttpResponse:
    found = caf_to_write(request, caf)
    sent = get_object_or_404(_imports(found), pk=pk)
    details = Paginator(sent.report.get("details", []), SHOWN_DETAILS)
    page = details.get_page(request.GET.get("page"))
    context = {"caf": found, "room": "money", "sent": sent, "report": sent.report, "page": page}
    return render(request, "territory/caf_import_preview.html", context)


@require_POST
def import_read(request: HttpRequest, caf: str, pk: int) -> HttpResponse:
    found = caf_to_write(request, caf)
    read_funding_import.enqueue(get_object_or_404(_imports(found), pk=pk).pk)
    return redirect("caf:import_preview", found.code, pk)


@require_POST
def import_apply(request: HttpRequest, caf: str, pk: int) -> HttpResponse:
    found = caf_to_write(request, caf)
    sent = get_object_or_404(_imports(found), pk=pk)
    if done(request, lambda: ask_to_apply(sent), "Le fichier va être appliqué."):
        apply_funding_import.enqueue(sent.pk, request.user.pk)
    return redirect("caf:import_preview", found.code, pk)


def _best_known_first() -> Case:
    order = [State.ACTUAL, State.UPDATED, State.PLANNED]
    return Case(*(When(state=state, then=place) for place, state in enumerate(order)))


def _imports(caf: Caf) -> "QuerySet[FundingImport]":
    """Without the file itself, which no page shows."""
    return FundingImport.objects.filter(caf=caf).select_related("caf", "created_by").defer("content").order_by("-pk")


@login_not_required
def rates(request: HttpRequest) -> HttpResponse:
    """The rates that the computations use, with where they come from: open to all."""
    day = today()
    schemes = Scheme.objects.exclude(family=Scheme.Family.MIXED).order_by("position", "label", "pk")
    by_scheme: dict[int, list[Rate]] = {}
    for rate in Rate.objects.for_list():
        by_scheme.setdefault(rate.scheme_id, []).append(rate)
    rows = [(scheme, by_scheme.get(scheme.pk, [])) for scheme in schemes]
    return render(request, "territory/rates.html", {"rows": rows, "on": day})


def own_caf(request: HttpRequest, code: str) -> Caf:
    return get_object_or_404(Caf.objects.visible_to(request.user).distinct(), code=code)


def caf_to_write(request: HttpRequest, code: str) -> Caf:
    found = own_caf(request, code)
    perms.require(perms.can_write_caf(request.user, found), NOT_CAF)
    return found


def _agreement(caf: Caf, pk: int) -> FundingAgreement:
    return get_object_or_404(FundingAgreement.objects.for_list().select_related("caf"), pk=pk, caf=caf)


def _url(cof: FundingAgreement) -> str:
    return reverse("caf:agreement", args=[cof.caf.code, cof.pk])


def _state(request: HttpRequest) -> str:
    asked = request.GET.get("etat", "")
    return asked if asked in State.values else State.ACTUAL


def _form_page(request: HttpRequest, caf: Caf, form, title: str, back: str) -> HttpResponse:
    if request.method == "POST" and saved(form, lambda: form.save_as(request.user)):
        return redirect(back)
    context = {"caf": caf, "form": form, "title": title, "back": back, "draft": with_draft(request, form)}
    return render(request, "territory/caf_form.html", context)
