"""The plan seen from each side; what the public may read of it is what is published."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_POST

from actions import perms, services
from actions.content import PlanContent, read_plan
from actions.forms.readings import BulkForm, FilterForm
from actions.models import Action, ActionPlan
from actions.readings import boards, chain, cube, schedule, table
from actions.views.access import content_for, plan_to_edit, shown_plan
from ctg_site.accounts.requests import Request
from ctg_site.lib.dates import today, year_in
from ctg_site.lib.http import saved
from ctg_site.lib.numbers import key_in

PER_PAGE = 60
TABLE: dict[str, Any] = {"parts": ("targets",), "without": ("priorities", "funders")}
DIRECTIONS = [("", "Depuis les priorités"), ("indicateurs", "Depuis les indicateurs")]


@dataclass(frozen=True)
class Choice:
    url: str
    text: str
    is_current: bool


@login_not_required
def plan_board(request: Request, slug: str) -> HttpResponse:
    plan, content = _read(request, slug, without=("priorities", "financings"))
    asked = request.GET.get("par", "")
    by = asked if asked in boards.BY else "axe"
    columns = boards.board(content, by)
    context = {
        "columns": columns,
        "by": by,
        "choices": _choices(request, "par", boards.BY.items(), by),
        "count": len(content.actions),
    }
    return _page(request, plan, "actions/plan_board.html", context)


@login_not_required
def plan_table(request: Request, slug: str) -> HttpResponse:
    filters = table.Filters.read(request.GET)
    plan, content = _read(request, slug, commune=filters.commune, **TABLE)
    may_edit = perms.can_edit_plan(request.user, plan.ctg) and not plan.is_adopted
    bulk = BulkForm(plan=plan, may_judge=perms.can_give_verdict(request.user, plan.ctg)) if may_edit else None
    return _table(request, content, filters, bulk)


@require_POST
def plan_bulk(request: Request, slug: str) -> HttpResponse:
    """One gesture on many actions: those ticked, or all that the filters keep. Refused, the page says why and keeps all."""
    plan = plan_to_edit(request, slug)
    filters = table.Filters.read(QueryDict(request.POST.get("query", "")))
    content = read_plan(plan, commune=filters.commune, **TABLE)
    ticked = set(request.POST.getlist("actions"))
    kept = table.filtered(content, filters)
    chosen = kept if request.POST.get("scope") == "all" else [action for action in kept if str(action.pk) in ticked]
    form = BulkForm(request.POST, plan=plan, may_judge=perms.can_give_verdict(request.user, plan.ctg))
    if saved(form, lambda: _change(chosen, form, request)):
        messages.success(request, f"{_counted(len(chosen))}.")
        return redirect(f"{reverse('actions:plan_table', args=[slug])}?{urlencode(filters.as_query)}")
    unchanged = read_plan(plan, commune=filters.commune, **TABLE)  # the rows above carry what was refused
    return _table(request, unchanged, filters, form, ticked)


def _change(chosen: Iterable[Action], form: BulkForm, request: Request) -> None:
    services.change_actions(chosen, changes=form.changes(), judgement=form.judgement(today()), by=request.user)


@login_not_required
def plan_gantt(request: Request, slug: str) -> HttpResponse:
    plan, content = _read(request, slug, parts=("steps",), without=("priorities", "costs", "financings"))
    asked = year_in(request.GET.get("annee", ""))
    year = asked if asked in plan.ctg.years else None
    years = [("", "Toute la Ctg"), *((str(each), str(each)) for each in plan.ctg.years)]
    context = {
        "axes": schedule.plan_schedule(content, on=today(), year=year),
        "sentence": schedule.plan_sentence(content),
        "has_today": schedule.period_of(content, year).holds(today()),
        "choices": _choices(request, "annee", years, str(year or "")),
    }
    return _page(request, plan, "actions/plan_gantt.html", context)


@login_not_required
def plan_cube(request: Request, slug: str) -> HttpResponse:
    plan, content = _read(request, slug, without=("priorities", "costs"))
    measure = request.GET.get("montant", "")
    section = request.GET.get("section", "")
    measure = measure if measure in cube.MEASURES else cube.PLANNED
    section = section if section in cube.SECTIONS else ""
    measures = [(key, label) for key, (label, _) in cube.MEASURES.items()]
    found = cube.plan_cube(content, measure=measure, section=section)
    context = {
        "cube": found,
        "chart": cube.cube_chart(found),
        "measures": _choices(request, "montant", measures, measure),
        "sections": _choices(request, "section", cube.SECTIONS.items(), section),
        "axis_word": plan.axis_name.lower(),
    }
    return _page(request, plan, "actions/plan_cube.html", context)


@login_not_required
def plan_chain(request: Request, slug: str) -> HttpResponse:
    """Down from the priorities, or up from the indicators; what is left aside is said to those inside."""
    plan, content = _read(request, slug, parts=("targets",), without=("financings",))
    found = chain.plan_chain(content, plan.diagnosis.priorities.order_by("position", "pk"))
    direction = "indicateurs" if request.GET.get("sens") == "indicateurs" else ""
    context = {
        "chain": found,
        "may_open": perms.may_read_diagnosis(request.user, plan),
        "direction": direction,
        "directions": _choices(request, "sens", DIRECTIONS, direction),
    }
    return _page(request, plan, "actions/plan_chain.html", context)


def _read(request: Request, slug: str, **what: Any) -> tuple[ActionPlan, PlanContent]:
    plan = shown_plan(request, slug)
    return plan, content_for(request, plan, **what)


def _page(request: Request, plan: ActionPlan, template: str, context: dict[str, object]) -> HttpResponse:
    inside = perms.is_inside(request.user, plan.ctg)
    can_edit = perms.can_edit_plan(request.user, plan.ctg) and not plan.is_adopted
    return render(request, template, {"ctg": plan.ctg, "plan": plan, "inside": inside, "can_edit": can_edit} | context)


def _table(
    request: Request,
    content: PlanContent,
    filters: table.Filters,
    bulk: BulkForm | None,
    ticked: Collection[str] = (),
) -> HttpResponse:
    actions = table.filtered(content, filters)
    page = Paginator(actions, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "actions": page,
        "found": len(actions),
        "count": len(content.actions),
        "filters": filters,
        "query": urlencode(filters.as_query),
        "form": FilterForm(content=content, initial=filters.as_query),
        "bulk": bulk if actions else None,
        "ticked": {key_in(pk) for pk in ticked},
    }
    return _page(request, content.plan, "actions/plan_table.html", context)


def _choices(request: Request, name: str, choices: Iterable[tuple[str, str]], current: str) -> list[Choice]:
    """The same address with another value; the first choice is what is shown when nothing is asked."""
    return [Choice(_address(request, name, key), text, key == current) for key, text in choices]


def _address(request: Request, name: str, key: str) -> str:
    query = request.GET.copy()
    query[name] = key
    return f"?{query.urlencode()}"


def _counted(count: int) -> str:
    return "Une action est modifiée" if count == 1 else f"{count} actions sont modifiées"
