"""The dated rates: a new one takes over from its day, none is ever written over."""

from datetime import date

from django.db import transaction

from ctg_site.accounts.models import User
from ctg_site.audit.services import record
from ctg_site.lib.errors import RuleBroken
from ctg_site.lib.saving import save_checked
from territory.models import Rate


@transaction.atomic
def add_rate(rate: Rate, *, by: User | None) -> Rate:
    """What was computed before keeps the rate it was computed with."""
    if rate.pk:
        raise RuleBroken("Un barème ne se modifie pas : ajoutez une nouvelle ligne, avec sa date de début.")
    save_checked(rate)
    record(by, "rate.added", rate, value=str(rate.value), from_=rate.valid_from.isoformat())
    return rate


@transaction.atomic
def confirm_rate(rate: Rate, *, source: str, by: User | None, to_verify: bool = False) -> None:
    """Somebody has read the official text: the mark « à vérifier » goes, or comes back; the value stays."""
    if rate.value is None and not to_verify:
        raise RuleBroken("Ce barème est à chiffrer : ajoutez une ligne avec sa valeur et sa source.")
    Rate.objects.filter(pk=rate.pk).update(to_verify=to_verify, source=source)
    record(by, "rate.confirmed", rate, source=source, to_verify=to_verify)


@transaction.atomic
def end_rate(rate: Rate, *, valid_to: date | None, by: User | None) -> None:
    """The rate is no longer applied after that day; None takes the end back."""
    if valid_to and valid_to < rate.valid_from:
        raise RuleBroken("La date de fin précède la date de début.")
    Rate.objects.filter(pk=rate.pk).update(valid_to=valid_to)
    record(by, "rate.ended", rate, valid_to=valid_to.isoformat() if valid_to else None)
