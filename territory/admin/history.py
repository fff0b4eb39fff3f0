"""The history of a row in the back office, in French: what changed is written as the pages write it."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from simple_history.template_utils import HistoricalRecordContextHelper

from ctg_site.lib import numbers
from ctg_site.lib.dates import french_date, french_moment

EMPTY = "(vide)"


class FrenchChanges(HistoricalRecordContextHelper):
    def prepare_delta_change_value(self, change: Any, value: Any) -> Any:
        value = super().prepare_delta_change_value(change, value)
        labels = dict(getattr(self.model._meta.get_field(change.field), "flatchoices", []))
        return labels.get(value, value) if isinstance(value, str) and value else _written(value)


def _written(value: Any) -> Any:
    """The moment before the day: a datetime is a date too."""
    if value is None or value in ("", []):
        return EMPTY
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, Decimal):
        return numbers.shortest(value)
    if isinstance(value, datetime):
        return french_moment(value)
    return french_date(value) if isinstance(value, date) else value
