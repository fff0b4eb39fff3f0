"""What people of a Ctg may discuss and look back on. Each app names its own when it starts (``discuss`` in its apps.py)."""

from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db.models import Model, QuerySet


@dataclass(frozen=True)
class Subject:
    """``word`` names the kind in addresses and in the journal; ``ctg_path`` leads from a row to its Ctg."""

    word: str
    model: type[Model]
    ctg_path: str

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


def discuss(word: str, model: type[Model], ctg_path: str) -> None:
    """The model keeps its history and says its page (``get_absolute_url``)."""
    SUBJECTS[word] = Subject(word, model, ctg_path)


def subject_of(row: Model) -> Subject:
    return next(subject for subject in SUBJECTS.values() if subject.model is type(row))
