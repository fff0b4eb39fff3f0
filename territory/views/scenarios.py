"""« What becomes of our Cej »: the contract that ends, the scenarios side by side, shared with the territory or not."""

from typing import Any

from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from ctg_site.drafts.pages import with_draft
from ctg_site.lib.dates import now, today
from ctg_site.lib.http import attached, done, saved
from ctg_site.lib.numbers import key_in
from ctg_site.lib.sheets import CONTENT_TYPE
from territory import perms, services
from territory.exports import scenarios_workbook
from territory.forms import LegacyActionForm, LegacyContractForm, ScenarioForm
from territory.models import Ctg, LegacyAction, LegacyContract, LegacyShare, Scenario
from territory.reports.comparison import MOST, columns_of, conditions_by_facility
from territory.views.fetching import own_ctg
from territory.views.funding import ctg_to_write


def scenarios(request: HttpRequest, slug: str) -> HttpResponse:
    """Up to three, those ticked in the address or the first ones."""
    ctg = own_ctg(request, slug)
    every = _visible(request, ctg)
    chosen = _chosen(request, every)
    columns = columns_of(ctg, chosen)
    can_edit = perms.can_edit_funding(request.user, ctg)
    facilities = [row.facility for column in columns for row in column.facilities]
    context = {
        "ctg": ctg,
        "every": every,
        "chosen": {scenario.pk for scenario in chosen},
        "most": MOST,
        "columns": columns,
        "conditions": conditions_by_facility(ctg, facilities, today()),
        "can_edit": can_edit,
        "query": request.GET.urlencode(),
    }
    return render(request, "territory/scenarios.html", context)


def scenarios_xlsx(request: HttpRequest, slug: str) -> HttpResponse:
    ctg = own_ctg(request, slug)
    columns = columns_of(ctg, _chosen(request, _visible(request, ctg)))
    return attached(scenarios_workbook(ctg, columns, on=today()), CONTENT_TYPE, f"simulation-{ctg.slug}.xlsx")


def scenario_new(request: HttpRequest, slug: str) -> HttpResponse:
    ctg = ctg_to_write(request, slug)
    contract = LegacyContract.objects.filter(caf=ctg.caf, territory=ctg.territory).order_by("-ends_on", "pk").first()
    return _scenario_page(request, ctg, Scenario(ctg=ctg, contract=contract), "Nouveau scénario")


def scenario_edit(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    ctg = ctg_to_write(request, slug)
    return _scenario_page(request, ctg, _scenario(ctg, pk), "Modifier le scénario")


@require_POST
def scenario_share(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    scenario = _scenario(ctg_to_write(request, slug), pk)
    done(
        request,
        lambda: services.share_scenario(scenario, by=request.user, at=now()),
        "Le scénario est partagé avec le territoire.",
    )
    return redirect(_beside_others(scenario))


@require_POST
def scenario_unshare(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    scenario = _scenario(ctg_to_write(request, slug), pk)
    done(request, lambda: services.unshare_scenario(scenario, by=request.user), "Le scénario n’est plus partagé.")
    return redirect(_beside_others(scenario))


@require_POST
def scenario_delete(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    ctg = ctg_to_write(request, slug)
    scenario = _scenario(ctg, pk)
    done(request, lambda: services.delete_scenario(scenario, by=request.user), "Le scénario est supprimé.")
    return redirect("territory:scenarios", slug)


@require_POST
def scenario_plan(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    ctg = ctg_to_write(request, slug)
    scenario = _scenario(ctg, pk)
    if done(
        request, lambda: services.plan_bonuses(scenario, by=request.user), "Les bonus sont inscrits au prévisionnel."
    ):
        return redirect("territory:funding", slug)
    return redirect(_beside_others(scenario))


def contracts(request: HttpRequest, slug: str) -> HttpResponse:
    """The Cej that ends and how each action is shared, for those who enter them."""
    ctg = ctg_to_write(request, slug)
    return render(request, "territory/contracts.html", {"ctg": ctg, "contracts": _contracts(ctg)})


def contract_new(request: HttpRequest, slug: str) -> HttpResponse:
    ctg = ctg_to_write(request, slug)
    contract = LegacyContract(caf=ctg.caf, territory=ctg.territory)
    form = LegacyContractForm(request.POST or None, instance=contract, ctg=ctg)
    return _plain_page(request, ctg, form, "Enregistrer un Cej")


def contract_edit(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    ctg = ctg_to_write(request, slug)
    form = LegacyContractForm(request.POST or None, instance=_contract(ctg, pk), ctg=ctg)
    return _plain_page(request, ctg, form, "Modifier le Cej")


def action_new(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    ctg = ctg_to_write(request, slug)
    return _action_page(request, ctg, LegacyAction(contract=_contract(ctg, pk)), "Répartir une action du Cej")


def action_edit(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    ctg = ctg_to_write(request, slug)
    own = LegacyAction.objects.filter(contract__caf=ctg.caf, contract__territory=ctg.territory)
    action = get_object_or_404(own.select_related("contract__caf"), pk=pk)
    return _action_page(request, ctg, action, "Modifier la répartition")


def _visible(request: HttpRequest, ctg: Ctg) -> list[Scenario]:
    rows = Scenario.objects.visible_to(request.user).filter(ctg=ctg)
    return list(rows.select_related("contract", "created_by").order_by("pk"))


def _chosen(request: HttpRequest, every: list[Scenario]) -> list[Scenario]:
    wanted = {key_in(pk) for pk in request.GET.getlist("s")} - {0}
    return [scenario for scenario in every if not wanted or scenario.pk in wanted][:MOST]


def _beside_others(scenario: Scenario) -> str:
    """Where this scenario is shown, next to the first ones."""
    others = Scenario.objects.filter(ctg=scenario.ctg).exclude(pk=scenario.pk).order_by("pk")
    shown = [scenario.pk, *others.values_list("pk", flat=True)[: MOST - 1]]
    chosen = QueryDict(mutable=True)
    chosen.setlist("s", [str(pk) for pk in shown])
    return f"{reverse('territory:scenarios', args=[scenario.ctg.slug])}?{chosen.urlencode()}"


def _contracts(ctg: Ctg) -> list[LegacyContract]:
    shares = Prefetch(
        "shares", queryset=LegacyShare.objects.select_related("facility").order_by("facility__name", "pk")
    )
    actions = LegacyAction.objects.select_related("service").prefetch_related(shares).order_by("-amount", "pk")
    rows = LegacyContract.objects.filter(caf=ctg.caf, territory=ctg.territory).select_related("payee")
    return list(rows.prefetch_related(Prefetch("actions", queryset=actions)).order_by("-ends_on", "pk"))


def _scenario(ctg: Ctg, pk: int) -> Scenario:
    return get_object_or_404(Scenario.objects.select_related("ctg__caf", "contract"), pk=pk, ctg=ctg)


def _contract(ctg: Ctg, pk: int) -> LegacyContract:
    return get_object_or_404(LegacyContract.objects.select_related("caf"), pk=pk, caf=ctg.caf, territory=ctg.territory)


def _scenario_page(request: HttpRequest, ctg: Ctg, scenario: Scenario, title: str) -> HttpResponse:
    form = ScenarioForm(request.POST or None, instance=scenario, ctg=ctg)
    if request.method == "POST" and saved(form, lambda: form.save_as(request.user, now())):
        return redirect(_beside_others(scenario))
    heads = [str(year) for year in ctg.years]
    context = {
        "ctg": ctg,
        "form": form,
        "title": title,
        "heads": heads,
        "caption": "Unités nouvelles en service, par année",
        "note": "Ce qui s’ajoute à l’existant du Cej. Une case vide garde le nombre de l’année d’avant\u00a0; 0 dit que les unités ferment.",
    }
    return render(request, "territory/table_form.html", context)


def _action_page(request: HttpRequest, ctg: Ctg, action: LegacyAction, title: str) -> HttpResponse:
    form = LegacyActionForm(request.POST or None, instance=action, ctg=ctg)
    if request.method == "POST" and saved(form, lambda: form.save_as(request.user)):
        return redirect("territory:contracts", ctg.slug)
    heads = ["Unités existantes", "Participation de la collectivité (€)"]
    caption = "Les équipements qui avaient ces unités, et ce que la collectivité leur verse"
    note = "Le montant se partage en proportion des unités, au centime près. Laissez vides les équipements sans part."
    context = {"ctg": ctg, "form": form, "title": title, "heads": heads, "caption": caption, "note": note}
    return render(request, "territory/table_form.html", context)


def _plain_page(request: HttpRequest, ctg: Ctg, form: Any, title: str) -> HttpResponse:
    if request.method == "POST" and saved(form, lambda: form.save_as(request.user)):
        return redirect("territory:contracts", ctg.slug)
    back = reverse("territory:contracts", args=[ctg.slug])
    context = {
        "ctg": ctg,
        "form": form,
        "title": title,
        "back": back,
        "delete_url": "",
        "draft": with_draft(request, form),
    }
    return render(request, "territory/form.html", context)
