from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from ctg_site.drafts.pages import with_draft
from ctg_site.lib.http import saved
from governance import perms, services
from governance.forms import MethodForm
from governance.mending import shown_lacks
from governance.missing import lacks_before_method
from governance.models import EvaluationMethod
from governance.views.access import CTG, METHOD_ONLY, back_when_closed, refuse
from territory.perms import require


@login_not_required
def method(request: HttpRequest, slug: str) -> HttpResponse:
    """Inside as soon as it is drafted; for everyone once it is annexed to a signed convention."""
    method = _method(request, slug, EvaluationMethod.objects.open_to(request.user))
    can_edit = perms.can_edit_method(request.user, method.ctg) and method.validated_on is None
    context = {
        "ctg": method.ctg,
        "method": method,
        "can_edit": can_edit,
        "lacks": shown_lacks(lacks_before_method(method), request.user, method.ctg) if can_edit else [],
    }
    return render(request, "governance/method.html", context)


@back_when_closed("governance:method")
def method_edit(request: HttpRequest, slug: str) -> HttpResponse:
    method = _method(request, slug, EvaluationMethod.objects.visible_to(request.user))
    require(perms.can_edit_method(request.user, method.ctg), METHOD_ONLY)
    refuse(method.validated_on is not None, EvaluationMethod.CLOSED)
    form = MethodForm(request.POST or None, instance=method)
    if request.method == "POST" and saved(form, lambda: services.save_method(form.instance, by=request.user)):
        messages.success(request, "La méthode d’évaluation est enregistrée.")
        return redirect("governance:method", slug)
    context = {"ctg": method.ctg, "form": form, "draft": with_draft(request, form)}
    return render(request, "governance/method_edit.html", context)


def _method(request: HttpRequest, slug: str, rows) -> EvaluationMethod:
    joined = [f"ctg__{path}" for path in CTG]
    return get_object_or_404(rows.select_related(*joined).prefetch_related("ctg__facts"), ctg__slug=slug)
