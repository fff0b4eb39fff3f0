"""Nothing is public before somebody publishes it."""

from django.db import transaction

from ctg_site.accounts.models import User
from ctg_site.audit.services import record
from ctg_site.lib.dates import now
from ctg_site.lib.errors import RuleBroken
from territory.models import Ctg
from territory.portraits import missing_before_portrait
from territory.withholding import exposures

GIVEN_AWAY = (
    "Le portrait n’est pas publié : les chiffres montrés permettent de retrouver de petits effectifs, couverts par le secret "
    "statistique. La page « Chiffres non masqués » de la Caf dit lesquels masquer."
)


def refuse_incomplete(ctg: Ctg) -> None:
    if ctg.portrait_published_at:
        raise RuleBroken("Le portrait est déjà publié.")
    if missing := missing_before_portrait(ctg):
        raise RuleBroken("Le portrait ne peut pas encore être publié.", missing=missing)


@transaction.atomic
def publish_portrait(ctg: Ctg, *, by: User | None) -> Ctg:
    refuse_incomplete(ctg)
    if exposed := exposures(ctg.caf, [ctg.territory, *ctg.communes.all()]):
        raise RuleBroken(GIVEN_AWAY, missing=[str(one) for one in exposed])
    return _stamp(ctg, by, "portrait.published", portrait_published_at=now())


@transaction.atomic
def unpublish_portrait(ctg: Ctg, *, by: User | None) -> Ctg:
    """The calendar goes with it: it is reached from the page of the Ctg."""
    if not ctg.portrait_published_at:
        raise RuleBroken("Le portrait n’est pas publié.")
    return _stamp(ctg, by, "portrait.withdrawn", portrait_published_at=None, calendar_published_at=None)


@transaction.atomic
def publish_calendar(ctg: Ctg, *, by: User | None) -> Ctg:
    if ctg.calendar_published_at:
        raise RuleBroken("Le calendrier est déjà publié.")
    if not ctg.portrait_published_at:
        raise RuleBroken(
            "Le calendrier ne peut pas encore être publié.", missing=["Publier d’abord le portrait du territoire."]
        )
    return _stamp(ctg, by, "calendar.published", calendar_published_at=now())


@transaction.atomic
def unpublish_calendar(ctg: Ctg, *, by: User | None) -> Ctg:
    if not ctg.calendar_published_at:
        raise RuleBroken("Le calendrier n’est pas publié.")
    return _stamp(ctg, by, "calendar.withdrawn", calendar_published_at=None)


def _stamp(ctg: Ctg, by: User | None, verb: str, **stamps: object) -> Ctg:
    for field, value in stamps.items():
        setattr(ctg, field, value)
    ctg.save(update_fields=list(stamps))
    record(by, verb, ctg, ctg=ctg)
    return ctg
