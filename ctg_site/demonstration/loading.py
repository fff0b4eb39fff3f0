"""Loads the whole demonstration in one transaction; a second call changes nothing."""

import json
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction

from actions.loading import load_reference as load_plan_reference
from actions.models import ActionPlan
from actions.services import publish_plan
from ctg_site.demonstration.calendar import Secretary
from ctg_site.demonstration.cast import Cast, assemble, give_roles
from ctg_site.demonstration.diagnoses import GroupWork
from ctg_site.demonstration.money import load_money, open_facilities
from ctg_site.demonstration.plans import Planner
from ctg_site.demonstration.rooms import Furnisher, day, number
from ctg_site.demonstration.shared_work import Workshop
from ctg_site.starting import start_ctg
from diagnostic.models import Diagnosis
from diagnostic.services import publish_diagnosis
from governance.loading import load_reference as load_governance_reference
from territory.loading import FIXTURES, load_open_figures, load_outlines, load_population, load_reference, read_csv
from territory.models import (
    ControlTotal,
    Ctg,
    FundingLine,
    Indicator,
    Release,
    Scheme,
    ServiceKind,
    Source,
    Territory,
    Value,
)
from territory.services import (
    Typed,
    accept_invitation,
    invite,
    mark_opened,
    publish_calendar,
    publish_portrait,
    save_control_total,
    save_funding_line,
    type_local_figure,
    type_value,
)
from territory.vintages import load_geography

DEMO = FIXTURES / "demo"
SEED = "Présentation du 9 juin 2021"
INVENTED = "Donnée de démonstration"
INVENTED_LATER = "Donnée de démonstration, livraison suivante"


def read_journeys() -> dict[str, Any]:
    return json.loads((DEMO / "journeys.json").read_text(encoding="utf-8"))


def load_reference_data() -> None:
    """Geography, population, outlines, catalogue, model actions and articles, powers of the committees."""
    load_reference()
    load_geography()
    load_population()
    load_outlines()
    load_open_figures()
    load_plan_reference()
    load_governance_reference()


@transaction.atomic
def load_demonstration() -> bool:
    """True when it loaded, False when the demonstration was already there."""
    data = read_journeys()
    if Ctg.objects.filter(is_demo=True).exists():
        return False
    load_reference_data()
    cast = assemble(data)
    ctgs = {row["key"]: _begin(row, cast) for row in data["ctgs"]}
    give_roles(data, cast, ctgs)
    treasurers = open_facilities(DEMO, ctgs, cast.operator)
    for row in data["ctgs"]:
        _play(ctgs[row["key"]], row, cast)
    load_money(DEMO, treasurers)
    return True


def _begin(row: dict[str, Any], cast: Cast) -> Ctg:
    epci = Territory.objects.get(kind=Territory.Kind.EPCI, code=row["epci"])
    starts_on = date.fromisoformat(row["starts_on"])
    return start_ctg(
        caf=cast.cafs[row["caf"]],
        name=row["name"],
        communes=epci.communes_on(starts_on),
        starts_on=starts_on,
        ends_on=date.fromisoformat(row["ends_on"]),
        by=cast.operator,
        on=date.fromisoformat(row["created_on"]),
        is_demo=True,
    )


def _play(ctg: Ctg, row: dict[str, Any], cast: Cast) -> None:
    if row["key"] == "conflent":
        _type_seed(ctg, cast)
    _type_invented(ctg, row, cast)
    _type_local(ctg, cast)
    for guest in row["invitations"]:
        _invite(ctg, guest, cast)
    furnisher = Furnisher(ctg, row, cast)
    furnisher.furnish()
    workshop = Workshop(furnisher, row["key"])
    workshop.discuss()
    work = GroupWork(furnisher, row["key"], lambda figure: _type(ctg, ctg.territory, figure, INVENTED_LATER, cast))
    work.play()
    Secretary(furnisher, work).play()
    Planner(furnisher, row["key"]).play()
    work.bring_figures()
    _publish(ctg, row["published"], cast)


def _type_seed(ctg: Ctg, cast: Cast) -> None:
    """Every figure of the deck, with the deck as its source, and its amounts to the euro."""
    for row in read_csv(DEMO / "seed_figures.csv"):
        place = Territory.objects.get(kind=row["territory_kind"], code=row["territory_code"])
        _type(ctg, place, row, SEED, cast)
    for row in read_csv(DEMO / "seed_funding.csv"):
        save_funding_line(_line(ctg, row, row["source"]), by=cast.operator)
    for row in read_csv(DEMO / "seed_control_totals.csv"):
        total = ControlTotal(caf=ctg.caf, territory=ctg.territory, year=int(row["year"]))
        total.scheme = Scheme.objects.get(code=row["scheme"])
        total.amount, total.rounding, total.source = Decimal(row["amount"]), int(row["rounding"]), row["source"]
        save_control_total(total, by=cast.operator)


def _type_invented(ctg: Ctg, row: dict[str, Any], cast: Cast) -> None:
    for figure in row["figures"]:
        _type(ctg, ctg.territory, figure, INVENTED, cast)
    for line in row["funding"]:
        funding = _line(ctg, line, INVENTED)
        funding.is_demo = True
        save_funding_line(funding, by=cast.operator)


def _type_local(ctg: Ctg, cast: Cast) -> None:
    """What the territory counts itself: invented, and said to be."""
    for row in read_csv(DEMO / "local_figures.csv"):
        if row["epci"] == ctg.territory.code:
            value = type_local_figure(
                ctg,
                indicator=Indicator.objects.get(code=row["indicator"]),
                place=ctg.communes.get(code=row["commune"]) if row["commune"] else ctg.territory,
                year=int(row["year"]),
                number=Decimal(row["number"]),
                document=row["document"],
                by=cast.operator,
                on=_counted_in(row),
            )
            Release.objects.filter(pk=value.release_id).update(is_demo=True)


def _counted_in(row: dict[str, Any]) -> date:
    """A figure is typed once its year is over, whatever the clock of the machine."""
    return date(int(row["year"]), 12, 31)


def _type(ctg: Ctg, place: Territory, row: dict[str, Any], document: str, cast: Cast) -> None:
    value = type_value(
        Typed(
            indicator=Indicator.objects.get(code=row["indicator"]),
            territory=place,
            year=int(row["year"]),
            start_year=int(row["start_year"]),
            number=number(row["number"]),
            quality=row["quality"] or Value.Quality.EXACT,
            source=Source.objects.get(code="caf-portrait" if document == SEED else "saisie-caf"),
            document=document,
        ),
        caf=ctg.caf,
        by=cast.operator,
        on=_counted_in(row),
    )
    if document.startswith(INVENTED) and not value.release.is_demo:
        value.release.is_demo = True
        value.release.save(update_fields=["is_demo"])


def _line(ctg: Ctg, row: dict[str, Any], source: str) -> FundingLine:
    return FundingLine(
        caf=ctg.caf,
        territory=ctg.territory,
        year=int(row["year"]),
        service=ServiceKind.objects.get(code=row["service"]),
        label=row["label"],
        scheme=Scheme.objects.get(code=row["scheme"]),
        state=row["state"],
        nature=row["nature"],
        quantity=number(row["quantity"]),
        unit=row["unit"],
        amount=Decimal(row["amount"]),
        rounding=int(row["rounding"]),
        source=source,
    )


def _invite(ctg: Ctg, row: dict[str, Any], cast: Cast) -> None:
    invitation = invite(
        ctg,
        email=row["email"],
        full_name=row["full_name"],
        role=row["role"],
        organisation=cast.organisation(row["organisation"]),
        message=row["message"],
        due_on=day(row["due_on"]),
        by=cast.operator,
        on=date.fromisoformat(row["on"]),
    )
    if row["state"] in ("opened", "accepted"):
        mark_opened(invitation)
    if row["state"] == "accepted":
        answered_on = date.fromisoformat(row["on"]) + timedelta(days=3)
        accept_invitation(invitation, on=answered_on, user=cast.users[row["email"]])


def _publish(ctg: Ctg, published: dict[str, bool], cast: Cast) -> None:
    ctg.refresh_from_db()
    if published["portrait"]:
        publish_portrait(ctg, by=cast.operator)
    if published["calendar"]:
        publish_calendar(ctg, by=cast.operator)
    if published["diagnosis"]:
        publish_diagnosis(Diagnosis.objects.current().get(ctg=ctg), by=cast.operator)
    if published["plan"]:
        publish_plan(ActionPlan.objects.current().get(diagnosis__ctg=ctg), by=cast.operator)
