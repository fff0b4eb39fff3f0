from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.core.exceptions import ValidationError
from django.db.models import Model
from simple_history.utils import get_history_manager_for_model

from ctg_site.lib.conditions import check_keys, check_row, check_saved
from ctg_site.lib.errors import RuleBroken
from ctg_site.lib.prose import clean_texts

BATCH = 500


def save_checked(obj: Model, *, by: Model | None = None, fields: Sequence[str] | None = None) -> None:
    """Save what the rules of the model accept; else refuse with their French sentences, before the database is touched.

    ``by`` signs the line of history, where the model keeps one; without it, the person of the request does.
    ``fields`` are the only ones to write.
    """
    if by is not None:
        obj._history_user = by  # type: ignore[attr-defined]
    clean_texts(obj)
    with _refusing(obj):
        check_saved(obj)
    obj.save(update_fields=fields)


def save_all_checked(rows: Sequence[Model], *, by: Model | None) -> None:
    """As ``save_checked`` for many rows of one model, with their history: queries by the hundred rows, not by the row."""
    for row in rows:
        clean_texts(row)
        with _refusing(row):
            check_row(row)
    if not rows:
        return
    model = type(rows[0])
    with _refusing(rows[0]):
        check_keys(rows)
    added = [row for row in rows if row.pk is None]
    changed = [row for row in rows if row.pk is not None]
    names = [field.name for field in model._meta.concrete_fields if not field.primary_key]
    model._default_manager.bulk_create(added, batch_size=BATCH)
    if changed:
        model._default_manager.bulk_create(
            changed, batch_size=BATCH, update_conflicts=True, unique_fields=["pk"], update_fields=names
        )
    history = get_history_manager_for_model(model)
    history.bulk_history_create(added, batch_size=BATCH, default_user=by)
    history.bulk_history_create(changed, batch_size=BATCH, default_user=by, update=True)


@contextmanager
def _refusing(obj: Model) -> Iterator[None]:
    try:
        yield
    except ValidationError as error:
        raise RuleBroken(" ".join(_sentences(obj, error))) from error


def _sentences(obj: Model, error: ValidationError) -> list[str]:
    rows = []
    for field, messages in error.message_dict.items():
        named = field in {f.name for f in obj._meta.get_fields()}
        label = f"{obj._meta.get_field(field).verbose_name} : " if named else ""  # type: ignore[union-attr]
        rows += [f"{label}{message}" for message in messages]
    return rows
