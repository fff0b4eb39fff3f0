"""How a page offers a draft: ``draft = with_draft(request, form)``, then ``draft=draft`` for the component ``_form.html``.

Sending needs nothing more: the middleware forgets the draft when the form is accepted (the answer is a redirection),
and keeps it when the form is refused, or when the session is lost.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from secrets import token_hex

from django import forms
from django.utils.datastructures import MultiValueDict

from ctg_site.accounts.requests import Request
from ctg_site.drafts.keys import FIELD, WINDOW, DraftKey, read_key
from ctg_site.drafts.models import Draft
from ctg_site.drafts.services import find_draft
from ctg_site.lib.errors import RuleBroken

MOST_NAMED = 170  # characters of an address, in Draft.form


@dataclass(frozen=True)
class FormDraft:
    """What the form shows: its key, and when the text given back was saved."""

    key: str
    saved_at: datetime | None


def with_draft(request: Request, *parts: forms.BaseForm, link: str = "", name: str = "", page: str = "") -> FormDraft:
    """Give a form that opens what its author had begun to write. ``link`` names who has no account;
    ``name`` is the form, its address when nothing else is said; ``page`` shows it, when it is sent elsewhere."""
    address = page or request.get_full_path()
    key = DraftKey(None if link else request.user.pk, link, name or _short(address), address, _window(request))
    kept = None if any(form.is_bound for form in parts) else find_draft(key)
    if kept is not None:
        for form in parts:
            restore(form, kept)
        key = replace(key, window=kept.form.removeprefix(key.form).removeprefix(WINDOW))
    return FormDraft(key.signed(), kept.saved_at if kept else None)


def _window(request: Request) -> str:
    """Of the page that comes back refused, its own; of a page that opens, a new one."""
    try:
        return read_key(request.POST.get(FIELD, "")).window
    except RuleBroken:
        return token_hex(4)


def _short(address: str) -> str:
    """A question as long as one likes (what is merged, what is filtered) still names one form."""
    path, _, question = address.partition("?")
    return f"{path[:MOST_NAMED]}?{sha256(question.encode()).hexdigest()[:16]}" if question else path[:MOST_NAMED]


def restore(form: forms.BaseForm, draft: Draft) -> None:
    """Each field as it was typed, even what would be refused: the form says so when it is sent. Files are not kept."""
    typed: MultiValueDict[str, str] = MultiValueDict(draft.fields)
    for name, field in form.fields.items():
        key, widget = form.add_prefix(name), field.widget
        if not (isinstance(field, forms.FileField) or widget.value_omitted_from_data(typed, {}, key)):
            form.initial[name] = widget.value_from_datadict(typed, {}, key)
