from collections.abc import Iterable
from typing import Any

from django.db import models

from ctg_site.accounts.models import User
from ctg_site.audit.models import Entry


def record(
    actor: User | None,
    verb: str,
    target: models.Model,
    *,
    ctg: models.Model | None = None,
    caf_code: str = "",
    label: str = "",
    **data: Any,
) -> Entry:
    """Write one line of the journal, in the transaction of the gesture.

    ``verb`` reads "plan.adopted"; ``label`` names an actor without account (a partner who answers by link).
    ``ctg`` gives the line its Ctg and, unless said otherwise, its Caf.
    """
    entry = entry_of(actor, verb, target, ctg=ctg, caf_code=caf_code, label=label, **data)
    entry.save()
    return entry


def record_all(entries: Iterable[Entry]) -> None:
    """The lines of a gesture on many objects, each made by ``entry_of``."""
    Entry.objects.bulk_create(entries, batch_size=500)


def entry_of(
    actor: User | None,
    verb: str,
    target: models.Model,
    *,
    ctg: models.Model | None = None,
    caf_code: str = "",
    label: str = "",
    **data: Any,
) -> Entry:
    """A line of the journal that is not written yet."""
    if ctg is not None and not caf_code:
        caf_code = ctg.caf.code  # type: ignore[attr-defined]
    return Entry(
        actor=actor,
        actor_label=label or (actor.full_name if actor else "Système"),
        verb=verb,
        target_type=target._meta.label_lower,
        target_id=str(target.pk),
        target_label=str(target)[:250],
        caf_code=caf_code,
        ctg_id=ctg.pk if ctg is not None else None,
        data=data,
    )
