"""How a page offers a draft: ``draft = with_draft(request, form)``, then ``draft=draft`` for the component ``_form.html``.

Sending needs nothing more: the middleware forgets the draft when the form is accepted (the answer is a redirection),
and keeps it when the form is refused, or when the session is lost.
"""

from dataclasses import dataclass
from datetime import datetime

from django import forms
from django.utils.datastructures import MultiValueDict

from ctg_site.accounts.requests import Request
from ctg_site.drafts.keys import DraftKey
from ctg_site.drafts.models import Draft
from ctg_site.drafts.services import find_draft


@dataclass(frozen=True)
class FormDraft:
    """What the form shows: its key, and when the text given back was saved."""

    key: str
    saved_at: datetime | None


def with_draft(request: Request, *parts: forms.BaseForm, link: str = "", name: str = "") -> FormDraft:
    """Give a form that opens what its author had begun to write. ``link`` names who has no account;
    ``name`` is the form, its path when nothing else is said."""
    key = DraftKey(None if link else request.user.pk, link, name or request.path, request.get_full_path())
    kept = None if any(form.is_bound for form in parts) else find_draft(key)
    if kept is not None:
        for form in parts:
            restore(form, kept)
    return FormDraft(key.signed(), kept.saved_at if kept else None)


def restore(form: forms.BaseForm, draft: Draft) -> None:
    """Each field as it was typed, even what would be refused: the form says so when it is sent. Files are not kept."""
    typed: MultiValueDict[str, str] = MultiValueDict(draft.fields)
    for name, field in form.fields.items():
        key, widget = form.add_prefix(name), field.widget
        if not (isinstance(field, forms.FileField) or widget.value_omitted_from_data(typed, {}, key)):
            form.initial[name] = widget.value_from_datadict(typed, {}, key)
