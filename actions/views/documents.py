"""The plan and its fiches, on paper."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.utils.text import slugify

from actions import documents, perms
from actions.views.access import content_for, shown_action, shown_plan
from ctg_site.accounts.requests import Request
from ctg_site.lib.dates import today
from ctg_site.lib.http import opened


@login_not_required
def plan_pdf(request: Request, slug: str) -> HttpResponse:
    plan = shown_plan(request, slug)
    inside = perms.is_inside(request.user, plan.ctg)
    content = content_for(request, plan, in_full=True)
    printed = documents.plan_document(content, on=today(), inside=inside)
    return opened(printed, "application/pdf", f"plan-d-actions-{slug}.pdf")


@login_not_required
def action_pdf(request: Request, slug: str, pk: int) -> HttpResponse:
    action = shown_action(request, slug, pk)
    inside = perms.is_inside(request.user, action.plan.ctg)
    name = f"fiche-{slugify(action.code.replace('.', '-'))}-{slug}.pdf"
    return opened(documents.action_document(action, on=today(), inside=inside), "application/pdf", name)
