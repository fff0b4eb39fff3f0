"""A Ctg from nothing, its perimeter, its dated facts."""

from collections.abc import Iterable
from datetime import date

from django.db import transaction
from django.db.models import Count, Q
from django.utils.text import slugify

from ctg_site.accounts.models import User
from ctg_site.audit.services import record
from ctg_site.lib.errors import RuleBroken
from ctg_site.lib.saving import save_checked
from territory.models import Belonging, Caf, Ctg, CtgFact, Territory


@transaction.atomic
def create_ctg(
    *,
    caf: Caf,
    name: str,
    communes: Iterable[Territory],
    starts_on: date,
    ends_on: date,
    by: User | None,
    is_demo: bool = False,
) -> Ctg:
    communes = _checked_communes(communes, starts_on)
    ctg = Ctg(caf=caf, name=name.strip(), starts_on=starts_on, ends_on=ends_on, created_by=by, is_demo=is_demo)
    ctg.slug = _free_slug(ctg)
    ctg.territory = _territory_of(ctg, communes)
    save_checked(ctg)
    ctg.communes.set(communes)
    record(by, "ctg.created", ctg, ctg=ctg, communes=sorted(commune.code for commune in communes))
    return ctg


@transaction.atomic
def update_ctg(
    ctg: Ctg, *, name: str, communes: Iterable[Territory], starts_on: date, ends_on: date, by: User | None
) -> Ctg:
    """Before the text is fixed only: afterwards its name, its perimeter and its period are what the parties sign."""
    _lock(ctg)
    if ctg.facts.exists():
        raise RuleBroken(
            "Le texte de cette convention est arrêté : son nom, son périmètre et sa période ne changent plus."
        )
    communes = _checked_communes(communes, starts_on)
    ctg.name, ctg.starts_on, ctg.ends_on = name.strip(), starts_on, ends_on
    ctg.territory = _territory_of(ctg, communes)
    save_checked(ctg)
    ctg.communes.set(communes)
    record(by, "ctg.updated", ctg, ctg=ctg, communes=sorted(commune.code for commune in communes))
    return ctg


@transaction.atomic
def state_fact(ctg: Ctg, *, kind: str, on: date, by: User | None) -> CtgFact:
    """Write a dated fact once. Two signed Ctgs never cover the same commune at the same time (rule R5)."""
    if kind == CtgFact.Kind.SIGNED:
        _lock_rivals(ctg)
        _refuse_overlap(ctg)
    else:
        _lock(ctg)
    fact = CtgFact(ctg=ctg, kind=kind, on=on)
    save_checked(fact)
    record(by, f"ctg.{kind}", ctg, ctg=ctg, on=on.isoformat())
    return fact


def _lock(ctg: Ctg) -> None:
    """A fact and a change of the perimeter wait for each other."""
    Ctg.objects.select_for_update().get(pk=ctg.pk)


def _lock_rivals(ctg: Ctg) -> None:
    """Those that share a commune with it, itself included, in one order for all: of two signed at the same moment, the
    second sees the first."""
    sharing = Ctg.communes.through.objects.filter(territory__in=ctg.communes.order_by().values("pk")).values("ctg")
    list(Ctg.objects.select_for_update().filter(pk__in=sharing).order_by("pk"))


def _checked_communes(communes: Iterable[Territory], on: date) -> list[Territory]:
    communes = list(communes)
    if not communes:
        raise RuleBroken("Choisissez au moins une commune.")
    strangers = [place for place in communes if place.kind != Territory.Kind.COMMUNE]
    if strangers:
        raise RuleBroken(f"Le périmètre se compose de communes ; « {strangers[0]} » n’en est pas une.")
    gone = [place.name for place in communes if place.valid_from > on or (place.valid_to and place.valid_to < on)]
    if gone:
        raise RuleBroken(f"Ces communes n’existent pas au début de la convention : {', '.join(sorted(gone))}.")
    return communes


def _free_slug(ctg: Ctg) -> str:
    stem = slugify(f"{ctg.name[:80]} {ctg.period}")
    taken = set(Ctg.objects.filter(slug__startswith=stem).values_list("slug", flat=True))
    candidates = (stem if number == 1 else f"{stem}-{number}" for number in range(1, len(taken) + 2))
    return next(slug for slug in candidates if slug not in taken)


def _territory_of(ctg: Ctg, communes: list[Territory]) -> Territory:
    """The EPCI, or the perimeter of this Caf, made of exactly these communes; else a new perimeter."""
    ids = [commune.pk for commune in communes]
    owned = Q(group__kind=Territory.Kind.EPCI) | Q(group__kind=Territory.Kind.PERIMETER, group__caf=ctg.caf)
    same = (
        Belonging.objects.valid_on(ctg.starts_on)
        .filter(owned)
        .values("group")
        .annotate(total=Count("commune"), shared=Count("commune", filter=Q(commune__in=ids)))
        .filter(total=len(ids), shared=len(ids))
        .order_by("group")
    )
    found = Territory.objects.filter(pk__in=[row["group"] for row in same]).order_by("kind", "pk").first()
    return found or _new_perimeter(ctg, communes)


def _new_perimeter(ctg: Ctg, communes: list[Territory]) -> Territory:
    """A perimeter is a set of communes without a history of its own: each belongs to it for as long as it exists."""
    stem = slugify(f"{ctg.caf.code} {ctg.name}")[:36]
    taken = set(
        Territory.objects.filter(kind=Territory.Kind.PERIMETER, code__startswith=stem).values_list("code", flat=True)
    )
    code = next(code for code in [stem, *(f"{stem}-{n}" for n in range(2, len(taken) + 2))] if code not in taken)
    perimeter = Territory(
        kind=Territory.Kind.PERIMETER,
        code=code,
        name=ctg.name,
        nature="Périmètre de Ctg",
        caf=ctg.caf,
        parent=ctg.caf.territory,
    )
    save_checked(perimeter)
    Belonging.objects.bulk_create(
        Belonging(commune=commune, group=perimeter, valid_from=commune.valid_from, valid_to=commune.valid_to)
        for commune in communes
    )
    return perimeter


def _refuse_overlap(ctg: Ctg) -> None:
    ended = CtgFact.objects.filter(kind=CtgFact.Kind.TERMINATED, on__lte=ctg.starts_on).values("ctg")
    rival = (
        Ctg.objects.filter(facts__kind=CtgFact.Kind.SIGNED, starts_on__lte=ctg.ends_on, ends_on__gte=ctg.starts_on)
        .filter(communes__in=ctg.communes.all())
        .exclude(pk=ctg.pk)
        .exclude(pk__in=ended)
        .first()
    )
    if rival:
        raise RuleBroken(f"Une autre Ctg signée couvre déjà une de ces communes sur la même période : {rival}.")
