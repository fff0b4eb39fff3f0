"""A workbook of money: received, read and compared by the worker, shown cell by cell, then applied whole or not at all."""

import hashlib
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import transaction

from ctg_site.accounts.models import User
from ctg_site.audit.services import record
from ctg_site.lib.attachments import shown_name
from ctg_site.lib.errors import RuleBroken
from territory import services
from territory.imports.cells import Known, Plan
from territory.imports.lines import LineReader
from territory.imports.outcome import report_of
from territory.imports.shares import ShareReader
from territory.imports.sheet import check_content, read_sheets
from territory.imports.stated import TotalReader
from territory.models import Caf, ControlTotal, FundingImport, FundingLine, LegacyAction

READERS = (LineReader, TotalReader, ShareReader)
TITLES = [reader.title for reader in READERS]
ONCE_READ = 40  # % of the way: the file is in memory, the register is not compared yet
State = FundingImport.State
Tell = Callable[[int, int], None]


def receive_import(caf: Caf, *, name: str, content: bytes, by: User | None) -> FundingImport:
    """Kept as it came; the worker reads it, nothing is applied yet."""
    check_content(content)
    sent = FundingImport.objects.create(
        caf=caf, name=shown_name(name), content=content, sha256=hashlib.sha256(content).hexdigest(), created_by=by
    )
    record(by, "funding.import_received", sent, caf_code=caf.code, sha256=sent.sha256)
    return sent


def read_import(sent: FundingImport) -> FundingImport:
    """Writes no line: fills the report, or says why the file is refused."""
    if sent.state == State.APPLIED:
        raise RuleBroken("Ce fichier est déjà appliqué.")
    _mark(sent, State.READING, progress=0, refusal="")
    try:
        plan = plan_import(sent, tell=_teller(sent))
    except RuleBroken as refusal:
        _mark(sent, State.REFUSED, report={}, refusal=str(refusal))
        record(None, "funding.import_refused", sent, caf_code=sent.caf.code, reason=sent.refusal)
        return sent
    _mark(sent, State.READ, report=report_of(plan), progress=100)
    return sent


def _teller(sent: FundingImport) -> Tell:
    """How far the comparison is, written once a second at most."""
    told = time.monotonic()

    def tell(done: int, among: int) -> None:
        nonlocal told
        if time.monotonic() - told > 1:
            told = time.monotonic()
            progress = ONCE_READ + (99 - ONCE_READ) * done // among
            FundingImport.objects.filter(pk=sent.pk).update(progress=progress)

    FundingImport.objects.filter(pk=sent.pk).update(progress=1)
    return tell


def plan_import(sent: FundingImport, *, tell: Tell = lambda done, among: None) -> Plan:
    """What applying the file would do, with every refusal at its cell; as many queries for a line as for thousands."""
    sheets, known, plan = read_sheets(bytes(sent.content), TITLES), Known(sent.caf), Plan()
    for reader in READERS:
        if reader.title in sheets:
            reader(sheets[reader.title], known, plan, tell).read()
    return plan


@transaction.atomic
def ask_to_apply(sent: FundingImport) -> FundingImport:
    """Two people may press at once: one of them starts it."""
    sent = _locked(sent)
    if sent.state == State.APPLIED:
        raise RuleBroken("Ce fichier est déjà appliqué.")
    if not sent.is_ready:
        raise RuleBroken("Corrigez d’abord les cellules refusées : rien n’a été écrit.")
    _mark(sent, State.APPLYING)
    return sent


def apply_import(sent: FundingImport, *, by: User | None, at: datetime) -> FundingImport:
    """Compared again with the register as it is now; refused since, it shows why and nothing is written."""
    try:
        return _apply(sent, by=by, at=at)
    except RuleBroken:
        read_import(FundingImport.objects.select_related("caf").get(pk=sent.pk))
        raise


@transaction.atomic
def _apply(sent: FundingImport, *, by: User | None, at: datetime) -> FundingImport:
    sent = _locked(sent)
    if sent.applied_at:
        raise RuleBroken("Ce fichier est déjà appliqué.")
    plan = plan_import(sent)
    if plan.errors:
        raise RuleBroken("Corrigez d’abord les cellules refusées : rien n’a été écrit.")
    sent.applied_at, sent.added, sent.changed = at, len(plan.added), len(plan.changed)
    report = report_of(plan)
    _write(plan, by)
    _mark(sent, State.APPLIED, applied_at=at, added=sent.added, changed=sent.changed, report=report)
    record(by, "funding.import_applied", sent, caf_code=sent.caf.code, added=sent.added, changed=sent.changed)
    return sent


def _write(plan: Plan, by: User | None) -> None:
    services.save_funding_lines([item.obj for item in plan.planned if isinstance(item.obj, FundingLine)], by=by)
    for item in plan.planned:
        if isinstance(item.obj, ControlTotal):
            services.save_control_total(item.obj, by=by)
        elif isinstance(item.obj, LegacyAction):
            services.save_split_action(item.obj, item.units, local_amounts=item.local, by=by)


def _locked(sent: FundingImport) -> FundingImport:
    return FundingImport.objects.select_for_update(of=("self",)).select_related("caf").get(pk=sent.pk)


def _mark(sent: FundingImport, state: FundingImport.State, **fields: Any) -> None:
    for name, value in {"state": state, **fields}.items():
        setattr(sent, name, value)
    sent.save(update_fields=["state", *fields])
