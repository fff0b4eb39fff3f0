"""The life of a file of figures: received, read by a guarded child, questions answered, applied whole, undone if need be."""

import hashlib
import json
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.files import File
from django.db import transaction
from django.db.models.fields.files import FieldFile

from ctg_site.accounts.models import User
from ctg_site.audit.services import record
from ctg_site.lib import numbers
from ctg_site.lib.attachments import shown_name
from ctg_site.lib.errors import RuleBroken
from ctg_site.lib.guarded import run_guarded
from territory import checks
from territory.imports import staging
from territory.imports.catalogue import catalogue_for, write_places
from territory.imports.totals import compare_totals
from territory.models import TOWN_INHABITANTS, Caf, FigureFile, Indicator, Release, Source
from territory.possible import is_to_come
from territory.ranking import refresh_ranks
from territory.towns import silence_villages
from territory.withholding import settle, span_of

CHILD = "territory.imports.child"
MOST_BYTES = 100 << 20
TOO_BIG = "Ce fichier dépasse 100 Mo : découpez-le par année ou par département."
NOT_APPLIED = (
    "L’application s’est arrêtée avant la fin\u00a0: aucun chiffre n’est écrit. Appliquez de nouveau le fichier."
)
NOT_UNDONE = (
    "L’annulation s’est arrêtée avant la fin\u00a0: les chiffres du fichier sont toujours là. Annulez-le de nouveau."
)
DEFAULT_SOURCE = "saisie-caf"
State = FigureFile.State


def receive_file(
    name: str,
    chunks: Iterable[bytes],
    *,
    caf: Caf | None,
    by: User | None,
    year: int | None = None,
    source: Source | None = None,
) -> FigureFile:
    """Kept as it came, until somebody has looked at what it says."""
    digest, size = hashlib.sha256(), 0
    with tempfile.TemporaryFile() as kept:
        for chunk in chunks:
            size += len(chunk)
            if size > MOST_BYTES:
                raise RuleBroken(TOO_BIG)
            digest.update(chunk)
            kept.write(chunk)
        if not size:
            raise RuleBroken("Ce fichier est vide.")
        kept.seek(0)
        file = FigureFile(
            caf=caf,
            name=shown_name(name),
            sha256=digest.hexdigest(),
            size=size,
            year=year,
            source=source,
            created_by=by,
        )
        if year and is_to_come(year, file.latest_year):
            raise RuleBroken(f"L’année {year} n’est pas encore venue\u00a0: donnez celle des chiffres du fichier.")
        file.content.save(f"{digest.hexdigest()[:16]}{Path(name).suffix[:8]}", File(kept), save=False)
        file.save()
    record(by, "figures.file_received", file, caf_code=_caf_code(file), sha256=file.sha256)
    return file


def read_file(file: FigureFile) -> FigureFile:
    """Writes no figure: fills the report, or says why the file is refused and forgets its content."""
    closed = (State.APPLIED, State.UNDOING, State.UNDONE, State.REFUSED)
    if not FigureFile.objects.filter(pk=file.pk).exclude(state__in=closed).update(state=State.READING):
        raise RuleBroken("Ce fichier est déjà traité : déposez-le de nouveau pour le relire.")
    _mark(file, State.READING, progress=0)
    try:
        with tempfile.TemporaryDirectory() as folder, _on_disk(file.content) as content:
            answer, lines = _run_child(file, content, Path(folder))
            if "refusal" in answer:
                raise RuleBroken(answer["refusal"])
            _keep(file, answer, lines)
    except RuleBroken as refusal:
        _refuse(file, str(refusal))
    return file


def answer_questions(file: FigureFile, answers: dict[str, str], *, by: User | None) -> FigureFile:
    known = {
        question["key"]: {value for value, _ in question["choices"]} for question in file.report.get("questions", [])
    }
    wrong = [key for key, value in answers.items() if known.get(key) and value not in known[key]]
    if wrong or not answers.keys() <= known.keys():
        raise RuleBroken("Cette réponse n’est pas une de celles proposées.")
    file.answers = file.answers | answers
    _mark(file, State.WAITING)
    record(by, "figures.file_answered", file, caf_code=_caf_code(file), answers=answers)
    return file


def what_blocks(file: FigureFile) -> list[str]:
    """What must be settled before the file is applied, in the words shown to the user."""
    report, reasons = file.report, []
    if file.state not in (State.READ, State.ASKING, State.APPLYING):
        return [f"Le fichier est dans l’état « {file.get_state_display()} »."]
    if report["error_count"]:
        reasons.append("Corriger les cellules signalées dans le fichier, puis le déposer de nouveau.")
    if open_questions(file):
        reasons.append("Répondre aux questions.")
    if not report["new"] and not report["changed"]:
        reasons.append(
            "Rien à appliquer : ce fichier ne change rien."
            if report["values"]
            else "Rien à appliquer : le fichier ne contient aucun chiffre."
        )
    return reasons


def open_questions(file: FigureFile) -> list[dict[str, Any]]:
    return [question for question in file.report.get("questions", []) if question["key"] not in file.answers]


@transaction.atomic
def ask_to_apply(file: FigureFile) -> None:
    """Two people may press at once: one of them starts it, and the worker does the rest."""
    file = FigureFile.objects.select_for_update(of=("self",)).get(pk=file.pk)
    if file.state == State.APPLYING:
        raise RuleBroken("Ce fichier est déjà en cours d’application.")
    if reasons := what_blocks(file):
        raise RuleBroken("Le fichier n’est pas appliqué.", missing=reasons)
    _mark(file, State.APPLYING, refusal="")


def apply_asked(file: FigureFile, *, by: User | None, at: datetime) -> None:
    """What stops it is said on the page of the file, which may then be applied again."""
    asked = FigureFile.objects.filter(pk=file.pk, state=State.APPLYING)
    try:
        apply_file(file, by=by, at=at)
    except RuleBroken as refusal:
        asked.update(state=State.READ, refusal=" ".join([str(refusal), *refusal.missing]))
    except BaseException:
        asked.update(state=State.READ, refusal=NOT_APPLIED)
        raise


@transaction.atomic
def apply_file(file: FigureFile, *, by: User | None, at: datetime) -> FigureFile:
    """All the figures, as one release, or none."""
    file = FigureFile.objects.select_for_update(of=("self",)).get(pk=file.pk)
    if reasons := what_blocks(file):
        raise RuleBroken("Le fichier n’est pas appliqué.", missing=reasons)
    source = Source.objects.get(code=file.report["source"])
    file.release = Release.objects.create(source=source, name=_release_name(file, source), caf=file.caf, loaded_by=by)
    with _on_disk(file.prepared) as lines:
        count = staging.load(lines, file.release)
    if count != file.report["values"]:
        raise RuleBroken("Les chiffres lus ne sont plus ceux de l’aperçu : relancez la lecture.")
    silence_villages(file.release)
    indicators, years = span_of(file.release)
    settled = settle(file.caf, indicators, years)
    refresh_ranks(set(indicators) - settled)
    prepared = file.prepared
    transaction.on_commit(lambda: prepared.storage.delete(str(prepared.name)))  # no file comes back by a rollback
    file.state, file.applied_at, file.source, file.prepared = State.APPLIED, at, source, ""
    file.save(update_fields=["state", "applied_at", "release", "source", "prepared"])
    record(by, "figures.file_applied", file, caf_code=_caf_code(file), release=file.release.pk, values=count)
    return file


@transaction.atomic
def ask_to_undo(file: FigureFile) -> None:
    """The worker does it: what the others then give away takes as long to judge. Asked again where a worker was stopped."""
    file = FigureFile.objects.select_for_update(of=("self",)).get(pk=file.pk)
    if file.state not in (State.APPLIED, State.UNDOING):
        raise RuleBroken("Seul un fichier appliqué s’annule.")
    _mark(file, State.UNDOING, refusal="")


def undo_asked(file: FigureFile, *, by: User | None) -> None:
    """What stops it is said on the page of the file, which stays applied."""
    asked = FigureFile.objects.filter(pk=file.pk, state=State.UNDOING)
    try:
        undo_file(file, by=by)
    except RuleBroken as refusal:
        asked.update(state=State.APPLIED, refusal=" ".join([str(refusal), *refusal.missing]))
    except BaseException:
        asked.update(state=State.APPLIED, refusal=NOT_UNDONE)
        raise


@transaction.atomic
def undo_file(file: FigureFile, *, by: User | None) -> FigureFile:
    """The release leaves with its figures; those it had taken the place of show again."""
    file = FigureFile.objects.select_for_update(of=("self",)).select_related("release").get(pk=file.pk)
    if file.state not in (State.APPLIED, State.UNDOING) or file.release is None:
        raise RuleBroken("Seul un fichier appliqué s’annule.")
    count = file.release.values.count()
    indicators, years = span_of(file.release)
    file.release.delete()
    settled = settle(file.caf, indicators, years)
    refresh_ranks(set(indicators) - settled)
    file.release, file.state = None, State.UNDONE
    file.save(update_fields=["state", "release"])
    record(by, "figures.file_undone", file, caf_code=_caf_code(file), values=count)
    return file


@transaction.atomic
def discard_file(file: FigureFile, *, by: User | None) -> None:
    """A file that was never applied leaves without a trace, but for the line of the journal."""
    file = FigureFile.objects.select_for_update(of=("self",)).get(pk=file.pk)
    if file.state == State.APPLYING:
        raise RuleBroken("Ce fichier est en cours d’application : attendez qu’elle soit finie.")
    if file.state in (State.APPLIED, State.UNDOING, State.UNDONE):
        raise RuleBroken("Un fichier appliqué se garde : annulez-le plutôt.")
    record(by, "figures.file_discarded", file, caf_code=_caf_code(file))
    _forget(file)
    file.delete()


# --- Reading ----------------------------------------------------------------------------------------------------------


def _run_child(file: FigureFile, content: Path, folder: Path) -> tuple[dict[str, Any], Path]:
    catalogue, places = folder / "catalogue.json", folder / "places.tsv"
    lines, report = folder / "lines", folder / "report.json"
    with catalogue.open("w") as out:
        json.dump(catalogue_for(file), out, ensure_ascii=False)
    with places.open("w") as out:
        write_places(file, out)
    told = time.monotonic()

    def tell(line: str) -> None:
        nonlocal told
        if line.isdigit() and time.monotonic() - told > 1:
            told = time.monotonic()
            FigureFile.objects.filter(pk=file.pk).update(progress=min(int(line), 99))

    run_guarded(CHILD, *map(str, (content, catalogue, places, lines, report)), on_line=tell)
    return json.loads(report.read_text()), lines


def _keep(file: FigureFile, answer: dict[str, Any], lines: Path) -> None:
    source = _source_of(file, answer)
    comparison = staging.compare(lines, source, file.caf, _rules_of(answer))
    if comparison.villages:
        answer["notices"].append(
            f"{numbers.integer(comparison.villages)} chiffre{'s' if comparison.villages > 1 else ''} de communes de "
            f"{numbers.integer(TOWN_INHABITANTS)} habitants ou moins\u00a0: leur source ne les publie que pour les communes plus "
            "grandes, « sans objet » prendra leur place."
        )
    answer["totals"] = compare_totals(answer["totals"], source, file.caf)
    file.report = answer | asdict(comparison) | {"source": source.code, "source_name": source.name}
    if file.prepared:
        file.prepared.delete(save=False)
    with lines.open("rb") as content:
        file.prepared.save(f"{file.sha256[:16]}.tsv", File(content), save=False)
    file.state = State.ASKING if open_questions(file) else State.READ
    file.progress, file.refusal = 100, ""
    file.save(update_fields=["report", "prepared", "state", "progress", "refusal"])


def _source_of(file: FigureFile, answer: dict[str, Any]) -> Source:
    """Chosen by the person, else told by the columns; open data that say nothing of their source raise a question."""
    if file.source:
        return file.source
    found = Source.objects.filter(code=file.answers.get("source") or answer["source"]).first()
    if found is None and file.caf is None:
        choices = list(Source.objects.order_by("name").values_list("code", "name"))
        answer["questions"].append(
            {
                "key": "source",
                "text": "Le fichier ne dit pas qui produit ces chiffres. Qui ?",
                "choices": choices,
                "count": 1,
            }
        )
    return found or Source.objects.get(code=DEFAULT_SOURCE)


def _rules_of(answer: dict[str, Any]) -> list[Any]:
    """Only the rules whose every term is in the file."""
    labels = {label for table in answer["tables"] for label in table["indicators"]}
    present = set(Indicator.objects.filter(label__in=labels).values_list("pk", flat=True))
    return [rule for rule in checks.rules() if {rule.indicator_id, *(term.pk for term in rule.terms)} <= present]


def _refuse(file: FigureFile, sentence: str) -> None:
    _forget(file)
    file.content, file.prepared, file.report = "", "", {}
    _mark(file, State.REFUSED, refusal=sentence)
    record(None, "figures.file_refused", file, caf_code=_caf_code(file), reason=sentence)


def _forget(file: FigureFile) -> None:
    for field in (file.content, file.prepared):
        if field:
            field.delete(save=False)


def _mark(file: FigureFile, state: FigureFile.State, **fields: Any) -> None:
    file.state = state
    for name, value in fields.items():
        setattr(file, name, value)
    file.save(update_fields=["state", "answers", "content", "prepared", "report", *fields])


@contextmanager
def _on_disk(field: FieldFile) -> Iterator[Path]:
    """A path that another process can read, wherever the storage keeps the file."""
    path = _path_of(field)
    if path is not None:
        yield path
        return
    with tempfile.NamedTemporaryFile() as copy:
        with field.open("rb") as content:
            for chunk in content.chunks():
                copy.write(chunk)
        copy.flush()
        yield Path(copy.name)


def _path_of(field: FieldFile) -> Path | None:
    try:
        path = Path(field.path)
    except NotImplementedError:
        return None
    return path if path.is_file() else None


def _release_name(file: FigureFile, source: Source) -> str:
    taken = set(
        Release.objects.filter(source=source, caf=file.caf, name__startswith=file.name[:150]).values_list(
            "name", flat=True
        )
    )
    candidates = [file.name[:180], *(f"{file.name[:180]} ({number})" for number in range(2, len(taken) + 3))]
    return next(name for name in candidates if name not in taken)


def _caf_code(file: FigureFile) -> str:
    return file.caf.code if file.caf else ""
