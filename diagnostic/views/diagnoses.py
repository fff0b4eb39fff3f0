from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from ctg_site.accounts.requests import Request
from ctg_site.drafts.pages import with_draft
from ctg_site.lib.dates import today
from ctg_site.lib.http import attached, done, opened, saved
from ctg_site.lib.sheets import CONTENT_TYPE
from diagnostic import documents, exports, perms, services
from diagnostic.brief import brief_of
from diagnostic.content import read_diagnosis
from diagnostic.figures import figures_of
from diagnostic.forms import DiagnosisForm
from diagnostic.mending import shown_lacks
from diagnostic.missing import lacks_before_validation
from diagnostic.models import Diagnosis
from diagnostic.rankings import weigh
from diagnostic.views.access import STEERERS_ONLY, diagnosis_inside, diagnosis_to_edit, shown_diagnosis, was_replaced
from territory.perms import is_inside, require


@login_not_required
def diagnosis(request: Request, slug: str) -> HttpResponse:
    return show_diagnosis(request, shown_diagnosis(request, slug), is_current=True)


def show_diagnosis(request: Request, diagnosis: Diagnosis, *, is_current: bool = False) -> HttpResponse:
    """The current version, or an old one, which is validated and so only read."""
    ctg, user = diagnosis.ctg, request.user
    content = read_diagnosis(diagnosis)
    weigh(content)
    figures = figures_of(diagnosis, content, on=today())
    can_edit = is_current and perms.can_edit_diagnosis(user, ctg) and not diagnosis.is_validated
    context = {
        "ctg": ctg,
        "diagnosis": diagnosis,
        "content": content,
        "figures": figures,
        "on": today(),
        "is_current": is_current,
        "is_former": was_replaced(diagnosis, is_inside(user, ctg)),
        "inside": is_inside(user, ctg),
        "can_edit": can_edit,
        "can_edit_groups": is_current and perms.can_edit_diagnosis(user, ctg),
        "can_gather": is_current and perms.can_publish_diagnosis(user, ctg),
        "can_publish": is_current and diagnosis.is_validated and perms.can_publish_diagnosis(user, ctg),
        "lacks": shown_lacks(lacks_before_validation(content, figures.read), user, ctg) if can_edit else [],
    }
    return render(request, "diagnostic/diagnosis.html", context)


def diagnosis_edit(request: Request, slug: str) -> HttpResponse:
    diagnosis = diagnosis_to_edit(request, slug)
    form = DiagnosisForm(request.POST or None, instance=diagnosis)
    if request.method == "POST" and saved(form, lambda: services.describe_diagnosis(form.instance, by=request.user)):
        messages.success(request, "La synthèse et les dates sont enregistrées.")
        return redirect("diagnostic:diagnosis", slug)
    context = {"ctg": diagnosis.ctg, "form": form, "draft": with_draft(request, form)}
    return render(request, "diagnostic/diagnosis_edit.html", context)


@login_not_required
def diagnosis_brief(request: Request, slug: str) -> HttpResponse:
    """For an elected member: one screen."""
    diagnosis = shown_diagnosis(request, slug)
    content = read_diagnosis(diagnosis, with_ideas=False)
    brief = brief_of(content, figures_of(diagnosis, content, on=today()))
    context = {"ctg": diagnosis.ctg, "diagnosis": diagnosis, "brief": brief}
    return render(request, "diagnostic/diagnosis_brief.html", context)


@login_not_required
def diagnosis_pdf(request: Request, slug: str) -> HttpResponse:
    return send_pdf(shown_diagnosis(request, slug))


def send_pdf(diagnosis: Diagnosis) -> HttpResponse:
    content = documents.diagnosis_document(diagnosis, on=today())
    return opened(content, "application/pdf", f"{_file_name(diagnosis)}.pdf")


@require_POST
def diagnosis_publish(request: Request, slug: str) -> HttpResponse:
    diagnosis = _to_publish(request, slug)
    done(
        request,
        lambda: services.publish_diagnosis(diagnosis, by=request.user),
        "Le diagnostic est publié : tout le monde peut le lire.",
    )
    return redirect("diagnostic:diagnosis", slug)


@require_POST
def diagnosis_unpublish(request: Request, slug: str) -> HttpResponse:
    diagnosis = _to_publish(request, slug)
    done(request, lambda: services.unpublish_diagnosis(diagnosis, by=request.user), "Le diagnostic n’est plus public.")
    return redirect("diagnostic:diagnosis", slug)


@login_not_required
def diagnosis_xlsx(request: Request, slug: str) -> HttpResponse:
    return send_xlsx(shown_diagnosis(request, slug))


def send_xlsx(diagnosis: Diagnosis) -> HttpResponse:
    return attached(exports.diagnosis_sheets(diagnosis, on=today()), CONTENT_TYPE, f"{_file_name(diagnosis)}.xlsx")


def _file_name(diagnosis: Diagnosis) -> str:
    return f"diagnostic-{diagnosis.ctg.slug}-v{diagnosis.version}"


def _to_publish(request: Request, slug: str) -> Diagnosis:
    diagnosis = diagnosis_inside(request, slug)
    require(perms.can_publish_diagnosis(request.user, diagnosis.ctg), STEERERS_ONLY)
    return diagnosis
