from typing import Any

from django.db import models

from ctg_site.lib.errors import RuleBroken


class ClosedByDecision(models.Model):
    """A row that a committee's decision closes: from then on nothing of it is written or removed, whatever the door."""

    CLOSED = ""
    FREE_ONCE_CLOSED: frozenset[str] = frozenset()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        fields = kwargs.get("update_fields")
        if fields is None or not set(fields) <= self.FREE_ONCE_CLOSED:
            self._refuse_if_closed()
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        self._refuse_if_closed()
        return super().delete(*args, **kwargs)

    def is_closed(self) -> bool:
        """As the database says now, not as this copy of the row remembers."""
        raise NotImplementedError

    def _refuse_if_closed(self) -> None:
        if self.is_closed():
            raise RuleBroken(self.CLOSED)
