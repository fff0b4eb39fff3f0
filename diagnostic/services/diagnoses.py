from collections.abc import Sequence
from datetime import date

from django.db import transaction

from ctg_site.accounts.models import User
from ctg_site.audit.services import record
from ctg_site.lib.dates import now
from ctg_site.lib.errors import RuleBroken
from ctg_site.lib.saving import save_checked
from diagnostic.models import Diagnosis, ThematicGroup
from diagnostic.services.groups import DEFAULT_GROUPS, GroupSeed
from diagnostic.services.photographs import photograph_all
from diagnostic.services.writing import draft, locked
from territory.models import Ctg


@transaction.atomic
def open_diagnosis(ctg: Ctg, *, by: User | None, groups: Sequence[GroupSeed] = DEFAULT_GROUPS) -> Diagnosis:
    """Begin the diagnosis of a Ctg, with its groups: those of the seed unless others are chosen."""
    if ctg.diagnoses.exists():
        raise RuleBroken("Le diagnostic de cette Ctg est déjà ouvert.")
    diagnosis = Diagnosis(ctg=ctg)
    save_checked(diagnosis, by=by)
    for position, seed in enumerate(groups, start=1):
        save_checked(
            ThematicGroup(ctg=ctg, position=position, name=seed.name, audience=seed.audience, colour=seed.colour)
        )
    record(by, "diagnosis.opened", diagnosis, ctg=ctg, groups=[seed.name for seed in groups])
    return diagnosis


@transaction.atomic
def describe_diagnosis(diagnosis: Diagnosis, *, by: User | None) -> Diagnosis:
    """Write the summary and the dates of the two phases."""
    draft(diagnosis)
    save_checked(diagnosis, by=by)
    record(by, "diagnosis.described", diagnosis, ctg=diagnosis.ctg)
    return diagnosis


@transaction.atomic
def validate_diagnosis(diagnosis: Diagnosis, *, decision: str, by: User | None, on: date) -> Diagnosis:
    """A committee closes step 1: from now on the diagnosis is read, published, not edited."""
    diagnosis = locked(diagnosis)
    if diagnosis.is_validated:
        raise RuleBroken("Ce diagnostic est déjà validé.")
    if not decision.strip():
        raise RuleBroken("Seule la décision d’un comité valide le diagnostic : indiquez-la.")
    if lacks := diagnosis.missing_before_validation():
        raise RuleBroken("Le diagnostic ne peut pas encore être validé.", missing=lacks)
    photograph_all(diagnosis, on=on)
    diagnosis.validated_on, diagnosis.validated_by_decision = on, decision.strip()[:120]
    diagnosis.save(update_fields=["validated_on", "validated_by_decision"])
    record(by, "diagnosis.validated", diagnosis, ctg=diagnosis.ctg, on=on.isoformat(), decision=decision)
    return diagnosis


@transaction.atomic
def publish_diagnosis(diagnosis: Diagnosis, *, by: User | None) -> Diagnosis:
    diagnosis = locked(diagnosis)
    if not diagnosis.is_validated:
        raise RuleBroken("Le diagnostic se publie une fois validé par le comité de pilotage.")
    if diagnosis.published_at:
        raise RuleBroken("Le diagnostic est déjà publié.")
    diagnosis.published_at = now()
    diagnosis.save(update_fields=["published_at"])
    record(by, "diagnosis.published", diagnosis, ctg=diagnosis.ctg)
    return diagnosis


@transaction.atomic
def unpublish_diagnosis(diagnosis: Diagnosis, *, by: User | None) -> Diagnosis:
    diagnosis = locked(diagnosis)
    if diagnosis.published_at is None:
        raise RuleBroken("Le diagnostic n’est pas publié.")
    diagnosis.published_at = None
    diagnosis.save(update_fields=["published_at"])
    record(by, "diagnosis.withdrawn", diagnosis, ctg=diagnosis.ctg)
    return diagnosis
