"""What people of a Ctg may discuss and look back on. Each app names its own when it starts (``discuss`` in its apps.py)."""

from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db.models import Model, QuerySet


@dataclass(frozen=True)
class Subject:
    """``word`` names the kind in addresses and in the journal; ``ctg_path`` leads from a row to its Ctg.

    ``key`` is what a row keeps from a version to the next: what was said of it follows.
    """

    word: str
    model: type[Model]
    ctg_path: str
    key: str = ""

    def same_as(self, row: Model) -> list[Any] | QuerySet:
        """The row in each of its versions, to look for what was said of it."""
        if not self.key:
            return [row.pk]
        same = {self.key: getattr(row, self.key), self.ctg_path: self.ctg_of(row)}
        return self.model._default_manager.filter(**same).order_by().values("pk")

    def rows_of(self, user: Any, slug: str) -> QuerySet:
        """The rows of this Ctg, for those inside it."""
        mine = apps.get_model("territory", "Ctg").objects.visible_to(user)
        inside = {f"{self.ctg_path}__in": mine, f"{self.ctg_path}__slug": slug}
        pages = [f"{self.ctg_path}__{path}" for path in ("caf__territory", "territory__parent")]
        return self.model._default_manager.filter(**inside).select_related(*pages)

    def ctg_of(self, row: Model) -> Any:
        found: Any = row
        for step in self.ctg_path.split("__"):
            found = getattr(found, step)
        return found


SUBJECTS: dict[str, Subject] = {}


def discuss(word: str, model: type[Model], ctg_path: str, *, key: str = "") -> None:
    """The model keeps its history and says its page (``get_absolute_url``)."""
    SUBJECTS[word] = Subject(word, model, ctg_path, key)


def subject_of(row: Model) -> Subject:
    return next(subject for subject in SUBJECTS.values() if subject.model is type(row))
