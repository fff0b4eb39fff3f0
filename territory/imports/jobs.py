"""The reading of a file, away from the pages: the worker does it, and shows how far it is."""

from django_tasks import task

from territory.imports.filing import read_file
from territory.models import FigureFile


@task()
def read_figure_file(file_id: int) -> None:
    """A file discarded since, or applied meanwhile, is left alone."""
    closed = (FigureFile.State.APPLIED, FigureFile.State.UNDONE, FigureFile.State.REFUSED)
    file = FigureFile.objects.filter(pk=file_id).exclude(state__in=closed).first()
    if file is not None:
        read_file(file)
