from django.core.exceptions import ValidationError
from django.db.models import Model

from ctg_site.lib.errors import RuleBroken
from ctg_site.lib.prose import clean_texts


def save_checked(obj: Model, *, by: Model | None = None) -> None:
    """Save what the rules of the model accept; else refuse with their French sentences, before the database is touched.

    ``by`` signs the line of history, where the model keeps one; without it, the person of the request does.
    """
    if by is not None:
        obj._history_user = by  # type: ignore[attr-defined]
    clean_texts(obj)
    try:
        obj.full_clean()
    except ValidationError as error:
        raise RuleBroken(" ".join(_sentences(obj, error))) from error
    obj.save()


def _sentences(obj: Model, error: ValidationError) -> list[str]:
    rows = []
    for field, messages in error.message_dict.items():
        named = field in {f.name for f in obj._meta.get_fields()}
        label = f"{obj._meta.get_field(field).verbose_name} : " if named else ""  # type: ignore[union-attr]
        rows += [f"{label}{message}" for message in messages]
    return rows
