"""The life of a file sent for a plan: received, its columns explained, applied whole or not at all."""

import hashlib
from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from actions.imports.comparing import preview_import
from actions.imports.layout import COST_OF_YEAR, OF_YEAR, Layout, choices_of, to_json
from actions.imports.preview import Line
from actions.imports.sheets import sheet_specs
from actions.models import FROZEN, Action, ActionPlan, HeadingChoice, PlanImport
from ctg_site.accounts.models import User
from ctg_site.audit.services import record
from ctg_site.lib import typed_cells
from ctg_site.lib.attachments import shown_name
from ctg_site.lib.errors import RuleBroken
from ctg_site.lib.numbers import NBSP
from ctg_site.lib.text import search_key
from territory.models import Caf


def receive_import(plan: ActionPlan, *, name: str, content: bytes, by: User | None) -> PlanImport:
    """Kept once it can be read; nothing is applied yet."""
    if plan.is_adopted:
        raise RuleBroken(FROZEN)
    if not content:
        raise RuleBroken("Ce fichier est vide.")
    book = typed_cells.read_book(content)
    sent = PlanImport.objects.create(
        plan=plan,
        name=shown_name(name),
        sha256=hashlib.sha256(content).hexdigest(),
        book=typed_cells.to_json(book),
        created_by=by,
    )
    record(by, "plan.import_received", sent, ctg=plan.ctg, sha256=sent.sha256)
    return read_again(sent)


def read_again(sent: PlanImport) -> PlanImport:
    """Against the plan as it is now; writes nothing in it."""
    if sent.applied_at is None:
        sent.report = preview_import(sent).report()
        sent.save(update_fields=["report"])
    return sent


@transaction.atomic
def save_layout(
    sent: PlanImport, *, layout: Layout, choices: Mapping[tuple[str, str], str], by: User | None
) -> PlanImport:
    """Where our columns are in this file; ``choices`` (sheet, heading) are remembered for the next file of the Caf."""
    if sent.applied_at:
        raise RuleBroken("Ce fichier est déjà appliqué.")
    for (sheet, heading), field in choices.items():
        explain_heading(sent.plan.ctg.caf, sheet=sheet, heading=heading, field=field, by=by)
    sent.layout = to_json(layout)
    sent.save(update_fields=["layout"])
    record(by, "plan.import_explained", sent, ctg=sent.plan.ctg, headings=len(choices))
    return read_again(sent)


@transaction.atomic
def explain_heading(caf: Caf, *, sheet: str, heading: str, field: str, by: User | None) -> HeadingChoice:
    """What a heading of theirs means in one of our sheets, or that it is not read; for every next file of the Caf."""
    key = search_key(heading)[:200]
    if not key:
        raise RuleBroken("Donnez l’intitulé de la colonne, tel qu’il est écrit dans leur classeur.")
    if field and not field.startswith((OF_YEAR, COST_OF_YEAR)) and field not in known_fields().get(sheet, {}):
        raise RuleBroken(f"La feuille «{NBSP}{sheet}{NBSP}» n’a pas cette colonne{NBSP}: choisissez l’une des siennes.")
    choice, _ = HeadingChoice.objects.update_or_create(caf=caf, sheet=sheet, heading=key, defaults={"field": field})
    record(by, "plan.heading_explained", choice, caf_code=caf.code, sheet=sheet, heading=key, field=field)
    return choice


def known_fields() -> dict[str, dict[str, str]]:
    """For each of our sheets, the columns that a file may fill, whatever the plan: our name of each, its heading."""
    return {spec.title: dict(choices_of(spec, ())) for spec in sheet_specs(ActionPlan())}


@transaction.atomic
def apply_import(sent: PlanImport, *, by: User | None, at: datetime) -> PlanImport:
    """Through the services of the plan, one line after the other; a single refusal leaves the plan as it was."""
    ActionPlan.objects.select_for_update(of=("self",)).get(pk=sent.plan_id)
    sent = (
        PlanImport.objects.select_for_update(of=("self",)).select_related("plan__diagnosis__ctg__caf").get(pk=sent.pk)
    )
    if sent.applied_at:
        raise RuleBroken("Ce fichier est déjà appliqué.")
    preview = preview_import(sent)
    if preview.missing:
        raise RuleBroken(preview.missing[0])
    if preview.errors:
        raise RuleBroken("Corrigez d’abord les cellules refusées : rien n’a été écrit.")
    if not preview.lines:
        raise RuleBroken("Ce fichier ne change rien.")
    if preview.report() != sent.report:
        raise RuleBroken("Le plan a changé depuis cet aperçu : relisez-le avant d’appliquer. Rien n’a été écrit.")
    for line in preview.lines:
        _save(line, by)
    sent.applied_at, sent.added, sent.changed = at, len(preview.added), len(preview.changed)
    sent.save(update_fields=["applied_at", "added", "changed"])
    record(by, "plan.import_applied", sent, ctg=sent.plan.ctg, added=sent.added, changed=sent.changed)
    return sent


def _save(line: Line, by: User | None) -> None:
    if not isinstance(line.target, Action):
        line.target.action = line.target.action  # an action that this file creates has its number by now
    try:
        line.spec.save(line.target, by=by, **line.values)
    except RuleBroken as refusal:
        reason = " ".join([str(refusal), *refusal.missing])
        raise RuleBroken(
            f"Feuille «{NBSP}{line.spec.title}{NBSP}», ligne {line.row}{NBSP}: {reason} Rien n’a été écrit."
        ) from refusal
