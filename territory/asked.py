"""Gestures that settle what is masked: asked on a page, done by the worker, whole or not at all.

The figures of a large Caf are judged in tens of seconds, more than a page may take. Nothing is written before they are: what was shown
stays as it was until the gesture is done, and the page says that it waits.
"""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.db import transaction
from django.db.models import Q
from django_tasks import task

from ctg_site.accounts.models import User
from ctg_site.lib.dates import PARIS, now
from ctg_site.lib.errors import RuleBroken
from territory import services
from territory.models import AskedGesture, Caf, Ctg, Indicator, Source, Territory, Value, Withholding
from territory.models.asked import TOLD_FOR
from territory.services.figures import LOCAL, Typed, write_value
from territory.services.local_figures import refuse_elsewhere
from territory.services.publication import refuse_incomplete
from territory.services.secrecy import write_withholding
from territory.withholding import exposed_keys

Kind, State = AskedGesture.Kind, AskedGesture.State
TWICE = "C’est déjà demandé : attendez que ce soit fini."
GONE = "Ce chiffre n’existe plus : actualisez la page."
FAILED = "Une erreur a empêché ce geste, et rien n’a changé. Recommencez ; si elle revient, prévenez l’administrateur du site."
LOST = timedelta(minutes=15)  # a worker that was stopped never answers


def ask_to_type(
    ctg: Ctg, *, indicator: Indicator, territory: Territory, source: Source, by: User, on: date, **given: Any
) -> None:
    """Refused at once where a rule does not need the other figures: written as it would be, and taken back."""
    typed = Typed(indicator=indicator, territory=territory, source=source, **given)
    _try(lambda: write_value(typed, caf=ctg.caf, by=by, on=on))
    number = given.pop("number", None)
    named = {"indicator": indicator.pk, "territory": territory.pk, "source": source.pk}
    told = {"number": None if number is None else str(number)}
    _ask(Kind.TYPE, ctg.caf, f"{indicator.label}, {territory.name}, {given['year']}", by, ctg, **named, **told, **given)


def ask_to_type_local(ctg: Ctg, *, indicator: Indicator, place: Territory, by: User, on: date, **given: Any) -> None:
    refuse_elsewhere(ctg, indicator, place)
    source = Source.objects.get(code=LOCAL)
    ask_to_type(ctg, indicator=indicator, territory=place, source=source, by=by, on=on, **given)


def ask_to_remove(ctg: Ctg, value: Value, *, by: User) -> None:
    about = f"{value.indicator.label}, {value.territory.name}, {value.year}"
    _ask(Kind.REMOVE, ctg.caf, about, by, ctg, value=value.pk)


def ask_to_withhold(caf: Caf, *, indicator: Indicator, territory: Territory, year: int, by: User) -> None:
    _try(lambda: write_withholding(caf=caf, indicator=indicator, territory=territory, year=year, by=by))
    about = f"{indicator.label}, {territory.name}, {year}"
    _ask(Kind.WITHHOLD, caf, about, by, indicator=indicator.pk, territory=territory.pk, year=year)


def ask_to_show(row: Withholding, *, by: User) -> None:
    _ask(Kind.SHOW, row.caf, f"{row.indicator.label}, {row.territory.name}, {row.year}", by, row=row.pk)


def ask_to_publish(ctg: Ctg, *, by: User) -> None:
    refuse_incomplete(ctg)
    _ask(Kind.PUBLISH, ctg.caf, ctg.name, by, ctg)


def ask_to_check(caf: Caf, *, by: User | None) -> None:
    _ask(Kind.CHECK, caf, caf.name, by)


def _try(gesture: Callable[[], object]) -> None:
    with transaction.atomic():
        gesture()
        transaction.set_rollback(True)


@transaction.atomic
def _ask(
    kind: AskedGesture.Kind, caf: Caf, about: str, by: User | None, ctg: Ctg | None = None, **arguments: Any
) -> None:
    same = AskedGesture.objects.filter(kind=kind, caf=caf, ctg=ctg, about=about)
    if same.filter(state=State.WAITING, asked_at__gt=now() - LOST, arguments=arguments).exists():
        raise RuleBroken(TWICE)
    old = Q(state=State.REFUSED, asked_at__lt=now() - TOLD_FOR)
    AskedGesture.objects.filter(old, caf=caf).delete()
    same.filter(~Q(state=State.WAITING) | Q(arguments=arguments)).delete()
    asked = AskedGesture.objects.create(
        kind=kind, caf=caf, ctg=ctg, about=about, asked_by=by, arguments=arguments, asked_at=now()
    )
    do_asked.enqueue(asked.pk)


@task()
def do_asked(asked_id: int) -> None:
    """What was taken back meanwhile, or done by another worker, is left alone."""
    try:
        _do(asked_id)
    except RuleBroken as refusal:
        _refuse(asked_id, "\n".join([str(refusal), *refusal.missing]))
    except ObjectDoesNotExist:
        _refuse(asked_id, GONE)
    except Exception:
        _refuse(asked_id, FAILED)
        raise


@transaction.atomic
def _do(asked_id: int) -> None:
    rows = AskedGesture.objects.select_for_update(of=("self",)).select_related("caf", "ctg__caf", "asked_by")
    asked = rows.filter(pk=asked_id, state=State.WAITING).first()
    if asked is not None:
        _GESTURES[Kind(asked.kind)](asked, **asked.arguments)


def _refuse(asked_id: int, reason: str) -> None:
    AskedGesture.objects.filter(pk=asked_id).update(state=State.REFUSED, refusal=reason)


# --- What the worker does ---------------------------------------------------------------------------------------------


def _type(
    asked: AskedGesture, *, indicator: int, territory: int, source: int, number: str | None, **given: Any
) -> None:
    services.type_value(
        Typed(
            indicator=Indicator.objects.get(pk=indicator),
            territory=Territory.objects.get(pk=territory),
            source=Source.objects.get(pk=source),
            number=None if number is None else Decimal(number),
            **given,
        ),
        caf=asked.caf,
        by=asked.asked_by,
        on=asked.asked_at.astimezone(PARIS).date(),
    )
    asked.delete()


def _remove(asked: AskedGesture, *, value: int) -> None:
    found = Value.objects.select_related("indicator", "territory", "release__source").get(pk=value)
    assert asked.ctg is not None
    remove = services.remove_local_figure if found.release.source.code == LOCAL else services.remove_typed_figure
    remove(asked.ctg, found, by=asked.asked_by)
    asked.delete()


def _withhold(asked: AskedGesture, *, indicator: int, territory: int, year: int) -> None:
    services.withhold_value(
        caf=asked.caf,
        indicator=Indicator.objects.get(pk=indicator),
        territory=Territory.objects.get(pk=territory),
        year=year,
        by=asked.asked_by,
    )
    _check_again(asked)


def _show(asked: AskedGesture, *, row: int) -> None:
    found = Withholding.objects.select_related("caf", "indicator", "territory").get(pk=row)
    services.show_value(found, by=asked.asked_by)
    _check_again(asked)


def _publish(asked: AskedGesture) -> None:
    assert asked.ctg is not None
    services.publish_portrait(asked.ctg, by=asked.asked_by)
    asked.delete()


def _check(asked: AskedGesture) -> None:
    ctgs = Ctg.objects.filter(caf=asked.caf).order_by()
    places = Territory.objects.filter(pk__in=ctgs.values("territory")) | Territory.objects.filter(
        pk__in=ctgs.values("communes")
    )
    asked.found, asked.state = exposed_keys(asked.caf, places), State.DONE
    asked.save(update_fields=["found", "state"])


def _check_again(asked: AskedGesture) -> None:
    """What was found before says no more what is given away."""
    asked.delete()
    if AskedGesture.objects.filter(kind=Kind.CHECK, caf=asked.caf, state=State.DONE).exists():
        ask_to_check(asked.caf, by=asked.asked_by)


_GESTURES: dict[AskedGesture.Kind, Callable[..., None]] = {
    Kind.TYPE: _type,
    Kind.REMOVE: _remove,
    Kind.WITHHOLD: _withhold,
    Kind.SHOW: _show,
    Kind.PUBLISH: _publish,
    Kind.CHECK: _check,
}
