"""The life of a vintage of the geography: received, read by a guarded child, shown, applied whole by the worker."""

import hashlib
import io
import json
import tempfile
import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import transaction

from ctg_site.accounts.models import User
from ctg_site.audit.services import record
from ctg_site.lib.attachments import shown_name
from ctg_site.lib.errors import RuleBroken
from ctg_site.lib.guarded import run_guarded
from territory.models import Indicator, VintageFile
from territory.ranking import refresh_ranks
from territory.vintages import FRANCE, TABLES, Vintage, apply_vintage, narrowed, preview_vintage

MOST_BYTES = 20 << 20
WALL_SECONDS = 120
SHOWN = 100
SHIPPED = "Millésime fourni avec le logiciel"
TOO_BIG = "Ce fichier dépasse 20\u00a0Mo : celui de la France entière tient en moins d’un."
BUSY = "Un millésime est déjà en cours de lecture ou d’application : attendez qu’il soit fini."
State = VintageFile.State


@transaction.atomic
def receive_vintage(*, name: str, content: bytes, scope: str, by: User | None) -> VintageFile:
    """Kept as it came; one is looked at at a time, and takes the place of the one that was not applied."""
    if len(content) > MOST_BYTES:
        raise RuleBroken(TOO_BIG)
    if not content:
        raise RuleBroken("Ce fichier est vide.")
    waiting = list(VintageFile.objects.select_for_update().exclude(state=State.APPLIED))
    if any(file.is_busy for file in waiting):
        raise RuleBroken(BUSY)
    VintageFile.objects.filter(pk__in=[file.pk for file in waiting]).delete()
    file = VintageFile(
        name=shown_name(name), content=content, sha256=hashlib.sha256(content).hexdigest(), scope=scope, created_by=by
    )
    file.save()
    record(by, "geography.vintage_received", file, sha256=file.sha256)
    return file


def receive_shipped(*, scope: str, by: User | None) -> VintageFile:
    """The one that came with the software: read and judged like any other."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name in TABLES:
            archive.write(FRANCE / f"{name}.csv.xz", f"{name}.csv.xz")
    return receive_vintage(name=SHIPPED, content=packed.getvalue(), scope=scope, by=by)


def read_vintage_file(file: VintageFile) -> VintageFile:
    """Writes no territory: says what would change, or why the file is refused and forgets its content."""
    if file.state == State.APPLIED:
        raise RuleBroken("Ce millésime est déjà appliqué.")
    _mark(file, State.READING)
    try:
        preview = _summed(_vintage_of(file))
    except RuleBroken as refusal:
        _mark(file, State.REFUSED, refusal=str(refusal), content=b"", preview={})
        record(None, "geography.vintage_refused", file, reason=file.refusal)
        return file
    _mark(file, State.READ, preview=preview)
    return file


@transaction.atomic
def ask_to_apply_vintage(file: VintageFile) -> None:
    """Two people may press at once: one of them starts it."""
    file = VintageFile.objects.select_for_update(of=("self",)).get(pk=file.pk)
    if file.state != State.READ:
        raise RuleBroken(f"Ce millésime est dans l’état « {file.get_state_display()} ».")
    if not changes_something(file):
        raise RuleBroken("Rien à appliquer : ce millésime est déjà celui du site.")
    _mark(file, State.APPLYING)


def apply_vintage_file(file: VintageFile, *, by: User | None, at: datetime) -> VintageFile:
    """Compared again with the geography as it is now; changed since, the new preview is shown and nothing is written."""
    try:
        return _apply(file, by=by, at=at)
    except RuleBroken:
        read_vintage_file(VintageFile.objects.get(pk=file.pk))
        raise
    finally:
        VintageFile.objects.filter(pk=file.pk, state=State.APPLYING).update(state=State.READ)


@transaction.atomic
def _apply(file: VintageFile, *, by: User | None, at: datetime) -> VintageFile:
    file = VintageFile.objects.select_for_update(of=("self",)).get(pk=file.pk)
    if file.state != State.APPLYING:
        raise RuleBroken(f"Ce millésime est dans l’état « {file.get_state_display()} ».")
    vintage = _vintage_of(file)
    if _summed(vintage) != file.preview:
        raise RuleBroken("La géographie du site a changé depuis l’aperçu : regardez le nouveau, puis appliquez.")
    apply_vintage(vintage)
    refresh_ranks(Indicator.objects.values_list("pk", flat=True))  # an EPCI may change of département
    _mark(file, State.APPLIED, applied_at=at)
    record(by, "geography.vintage_applied", file, sha256=file.sha256)
    return file


@transaction.atomic
def discard_vintage(file: VintageFile, *, by: User | None) -> None:
    """It may be applied at this very moment: the worker is waited for."""
    file = VintageFile.objects.select_for_update(of=("self",)).get(pk=file.pk)
    if file.state == State.APPLIED:
        raise RuleBroken("Un millésime appliqué se garde comme preuve.")
    record(by, "geography.vintage_discarded", file, sha256=file.sha256)
    file.delete()


def changes_something(file: VintageFile) -> bool:
    return any(part["count"] for part in file.parts if part["writes"])


def read_archive(path: Path) -> Vintage:
    """By the guarded child; RuleBroken with its sentence when it is not a vintage."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "tables.json"
        run_guarded("territory.imports.vintage", str(path), str(out), seconds=WALL_SECONDS)
        answer: dict[str, Any] = json.loads(out.read_text())
    if "refusal" in answer:
        raise RuleBroken(answer["refusal"])
    return Vintage(*(answer[name] for name in TABLES))


def _vintage_of(file: VintageFile) -> Vintage:
    with tempfile.NamedTemporaryFile() as copy:
        copy.write(bytes(file.content))
        copy.flush()
        whole = read_archive(Path(copy.name))
    vintage = narrowed(whole, file.scopes) if file.scopes else whole
    if not any(row["kind"] == "commune" for row in vintage.places):
        raise RuleBroken(
            f"Ce millésime n’a aucune commune dans « {file.scope} » : écrivez des codes, par exemple 66, 11."
        )
    return vintage


def _summed(vintage: Vintage) -> dict[str, Any]:
    preview = preview_vintage(vintage)
    writes = (preview.appears, preview.disappears, preview.renamed, preview.moves)
    parts = [
        {"title": title, "count": len(lines), "first": lines[:SHOWN], "writes": any(lines is own for own in writes)}
        for title, lines in preview.titled
    ]
    return {"parts": parts, "sha256": hashlib.sha256(repr(preview).encode()).hexdigest()}


def _mark(file: VintageFile, state: VintageFile.State, **fields: Any) -> None:
    for name, value in {"state": state, **fields}.items():
        setattr(file, name, value)
    file.save(update_fields=["state", *fields])
