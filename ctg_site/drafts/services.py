from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Q

from ctg_site.drafts.keys import FIELD, WINDOW, DraftKey
from ctg_site.drafts.models import Draft
from ctg_site.lib.errors import RuleBroken
from ctg_site.lib.numbers import integer

MOST_CHARACTERS = 500_000
_NOT_KEPT = {FIELD, "csrfmiddlewaretoken", "password"}

Typed = Iterable[tuple[str, list[str]]]


def save_draft(key: DraftKey, typed: Typed, *, at: datetime) -> Draft:
    """Keep what a form holds, as it was typed; a null byte, which no database takes, is the only thing left out."""
    fields = {name: [value.replace("\0", "") for value in values] for name, values in typed if name not in _NOT_KEPT}
    if sum(len(value) for values in fields.values() for value in values) > MOST_CHARACTERS:
        raise RuleBroken(f"Ce texte dépasse {integer(MOST_CHARACTERS)} caractères : il n’est pas gardé en brouillon.")
    draft, _ = Draft.objects.update_or_create(**_of(key), defaults={"fields": fields, "saved_at": at})
    return draft


def find_draft(key: DraftKey) -> Draft | None:
    """The last one saved, whatever the window."""
    rows = Draft.objects.filter(**_whose(key))
    return rows.filter(Q(form=key.form) | Q(form__startswith=f"{key.form}{WINDOW}")).first()


def discard_draft(key: DraftKey) -> None:
    Draft.objects.filter(**_of(key)).delete()


def purge_drafts(*, before: datetime) -> int:
    """What nobody has come back to since: how many are gone."""
    return Draft.objects.filter(saved_at__lt=before).delete()[0]


def _of(key: DraftKey) -> dict[str, Any]:
    return _whose(key) | {"form": key.name}


def _whose(key: DraftKey) -> dict[str, Any]:
    return {"user_id": key.user_id, "link": key.link}
