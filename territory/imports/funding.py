"""A workbook of money: read, shown cell by cell, then applied whole or not at all."""

import hashlib
from datetime import datetime

from django.db import transaction

from ctg_site.accounts.models import User
from ctg_site.audit.services import record
from ctg_site.lib.errors import RuleBroken
from territory import services
from territory.exports.lines import LINES
from territory.imports.cells import CellError, Known, Plan
from territory.imports.lines import LineReader
from territory.imports.shares import ShareReader
from territory.imports.sheet import read_sheets
from territory.imports.stated import TotalReader
from territory.models import Caf, ControlTotal, FundingImport, FundingLine, LegacyAction

READERS = (LineReader, TotalReader, ShareReader)
MOST_CHANGES = 2_000
TOO_MANY = "Ce fichier change plus de 2 000 lignes : découpez-le, par territoire ou par année."
TITLES = [reader.title for reader in READERS]


def receive_import(caf: Caf, *, name: str, content: bytes, by: User | None) -> FundingImport:
    """Kept as it came once it can be read; nothing is applied yet."""
    read_sheets(content, TITLES)
    sent = FundingImport.objects.create(
        caf=caf, name=name[:200], content=content, sha256=hashlib.sha256(content).hexdigest(), created_by=by
    )
    record(by, "funding.import_received", sent, caf_code=caf.code, sha256=sent.sha256)
    return sent


def plan_import(sent: FundingImport) -> Plan:
    """What applying the file would do, with every refusal at its cell. Writes nothing."""
    sheets, known, plan = read_sheets(bytes(sent.content), TITLES), Known(sent.caf), Plan()
    for reader in READERS:
        if reader.title in sheets:
            reader(sheets[reader.title], known, plan).read()
    if len(plan.planned) > MOST_CHANGES:
        plan.errors.append(CellError(LINES, "1", "", TOO_MANY))
    return plan


@transaction.atomic
def apply_import(sent: FundingImport, *, by: User | None, at: datetime) -> FundingImport:
    sent = FundingImport.objects.select_for_update(of=("self",)).select_related("caf").get(pk=sent.pk)
    if sent.applied_at:
        raise RuleBroken("Ce fichier est déjà appliqué.")
    plan = plan_import(sent)
    if plan.errors:
        raise RuleBroken("Corrigez d’abord les cellules refusées : rien n’a été écrit.")
    sent.applied_at, sent.added, sent.changed = at, len(plan.added), len(plan.changed)
    _write(plan, by)
    sent.save(update_fields=["applied_at", "added", "changed"])
    record(by, "funding.import_applied", sent, caf_code=sent.caf.code, added=sent.added, changed=sent.changed)
    return sent


def _write(plan: Plan, by: User | None) -> None:
    services.save_funding_lines([item.obj for item in plan.planned if isinstance(item.obj, FundingLine)], by=by)
    for item in plan.planned:
        if isinstance(item.obj, ControlTotal):
            services.save_control_total(item.obj, by=by)
        elif isinstance(item.obj, LegacyAction):
            services.save_split_action(item.obj, item.units, local_amounts=item.local, by=by)
