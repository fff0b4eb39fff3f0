"""What every gesture on a diagnosis does first: take it as it is now and check that it can still be written."""

from ctg_site.lib.errors import RuleBroken
from diagnostic.models import FROZEN, Diagnosis, ThematicGroup


def locked(diagnosis: Diagnosis) -> Diagnosis:
    """The diagnosis as it is now, kept for this transaction."""
    rows = Diagnosis.objects.select_for_update(of=("self",)).select_related("ctg__caf", "ctg__territory")
    return rows.get(pk=diagnosis.pk)


def draft(diagnosis: Diagnosis) -> Diagnosis:
    """The locked diagnosis, refused once validated."""
    diagnosis = locked(diagnosis)
    if diagnosis.is_validated:
        raise RuleBroken(FROZEN)
    return diagnosis


def refuse_a_foreign_group(group: ThematicGroup, diagnosis: Diagnosis) -> None:
    if group.ctg_id != diagnosis.ctg_id:
        raise RuleBroken("Ce groupe appartient à une autre Ctg.")
