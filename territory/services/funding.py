"""The money of the Caf: lines and stated totals, entered by the Caf, each change in the journal."""

from django.db import transaction

from ctg_site.accounts.models import User
from ctg_site.audit.services import record
from ctg_site.lib.errors import RuleBroken
from ctg_site.lib.saving import save_checked
from territory.models import ControlTotal, FundingLine


@transaction.atomic
def save_funding_line(line: FundingLine, *, by: User | None) -> FundingLine:
    _save(line, "funding.line", by)
    return line


@transaction.atomic
def save_control_total(total: ControlTotal, *, by: User | None) -> ControlTotal:
    """Kept beside the sum of the lines, even when they differ."""
    _save(total, "funding.total", by)
    return total


@transaction.atomic
def delete_funding_line(line: FundingLine, *, by: User | None) -> None:
    _delete(line, "funding.line", by)


@transaction.atomic
def delete_control_total(total: ControlTotal, *, by: User | None) -> None:
    _delete(total, "funding.total", by)


def _save(row: FundingLine | ControlTotal, verb: str, by: User | None) -> None:
    if row.territory.caf_id not in (None, row.caf_id):
        raise RuleBroken("Ce périmètre appartient à une autre Caf.")
    gesture = "saved" if row.pk else "added"
    save_checked(row)
    record(by, f"{verb}.{gesture}", row, caf_code=row.caf.code, amount=str(row.amount))


def _delete(row: FundingLine | ControlTotal, verb: str, by: User | None) -> None:
    record(by, f"{verb}.deleted", row, caf_code=row.caf.code, amount=str(row.amount))
    row.delete()
