"""The reading of a file, away from the pages: the worker does it, and shows how far it is."""

from contextlib import suppress

from django_tasks import task

from ctg_site.accounts.models import User
from ctg_site.lib.dates import now
from ctg_site.lib.errors import RuleBroken
from territory.imports.filing import apply_asked, read_file, undo_asked
from territory.imports.funding import apply_import, read_import
from territory.imports.geography import apply_vintage_file, read_vintage_file
from territory.models import FigureFile, FundingImport, VintageFile


@task()
def read_figure_file(file_id: int) -> None:
    """A file discarded since, or applied meanwhile, is left alone."""
    state = FigureFile.State
    closed = (state.APPLIED, state.UNDOING, state.UNDONE, state.REFUSED)
    file = FigureFile.objects.filter(pk=file_id).exclude(state__in=closed).first()
    if file is not None:
        read_file(file)


@task()
def apply_figure_file(file_id: int, user_id: int) -> None:
    file = FigureFile.objects.filter(pk=file_id, state=FigureFile.State.APPLYING).first()
    if file is not None:
        apply_asked(file, by=User.objects.get(pk=user_id), at=now())


@task()
def undo_figure_file(file_id: int, user_id: int) -> None:
    file = FigureFile.objects.filter(pk=file_id, state=FigureFile.State.UNDOING).first()
    if file is not None:
        undo_asked(file, by=User.objects.get(pk=user_id))


@task()
def read_funding_import(import_id: int) -> None:
    """A file applied meanwhile is left alone."""
    sent = FundingImport.objects.select_related("caf").exclude(state=FundingImport.State.APPLIED)
    if (found := sent.filter(pk=import_id).first()) is not None:
        read_import(found)


@task()
def apply_funding_import(import_id: int, user_id: int) -> None:
    """What was refused meanwhile is in the report, which the page shows."""
    sent = FundingImport.objects.filter(pk=import_id, state=FundingImport.State.APPLYING).first()
    if sent is not None:
        with suppress(RuleBroken):
            apply_import(sent, by=User.objects.get(pk=user_id), at=now())


@task()
def read_vintage(file_id: int) -> None:
    """A vintage that another took the place of is left alone."""
    if (file := VintageFile.objects.exclude(state=VintageFile.State.APPLIED).filter(pk=file_id).first()) is not None:
        read_vintage_file(file)


@task()
def apply_vintage(file_id: int, user_id: int) -> None:
    """What changed meanwhile is in the new preview, which the page shows."""
    file = VintageFile.objects.filter(pk=file_id, state=VintageFile.State.APPLYING).first()
    if file is not None:
        with suppress(RuleBroken):
            apply_vintage_file(file, by=User.objects.get(pk=user_id), at=now())
