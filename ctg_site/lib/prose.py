"""What people type or paste, freed of what nobody can see: null bytes, control characters, marks that turn the text over."""

import re
import unicodedata
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import CharField, Field, Model, TextField

from ctg_site.lib.errors import RuleBroken
from ctg_site.lib.numbers import integer

_LINE_BREAKS = re.compile(r"\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_INVISIBLE = re.compile(
    r"[\x00-\x08\x0e-\x1f\x7f-\x9f"  # control characters, tabs and line breaks kept
    r"\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # marks of direction: they can make a text read as another
    r"\ud800-\udfff\ufeff\ufffe\uffff]"  # what no database or XML file accepts
)


def clean_prose(text: str) -> str:
    """The text as it reads: line breaks alike, nothing hidden. Markup stays what was typed and is shown as text."""
    return _INVISIBLE.sub("", unicodedata.normalize("NFC", _LINE_BREAKS.sub("\n", text))).strip()


def clean_line(text: str) -> str:
    """The same on one line; the non-breaking spaces of French stay."""
    return re.sub(r"[\n\t ]+", " ", clean_prose(text))


def clean_texts(row: Model) -> None:
    """Clean every text that a person writes in this row; one that is too long is refused with its length."""
    for field in row._meta.concrete_fields:
        value = getattr(row, field.attname)
        if not isinstance(field, CharField | TextField) or field.choices or not isinstance(value, str):
            continue
        text = clean_prose(value) if isinstance(field, TextField) else clean_line(value)
        if field.max_length and len(text) > field.max_length:
            raise RuleBroken(too_long(str(field.verbose_name), len(text), field.max_length))
        setattr(row, field.attname, text)


def is_free(field: Field) -> bool:
    """A text that a person writes as they like: neither an address, nor a code with a shape, nor a choice."""
    return type(field) in (CharField, TextField) and not field.choices


def too_long(name: str, length: int, limit: int) -> str:
    return f"{name.capitalize()} : {integer(length)} caractères, pour {integer(limit)} au plus."


class ProseField(forms.CharField):
    """Takes what is pasted whole: without ``maxlength``, which would cut the end of a text without a word."""

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value) or ""
        cleaned = clean_prose(text) if isinstance(self.widget, forms.Textarea) else clean_line(text)
        return cleaned or self.empty_value

    def clean(self, value: Any) -> Any:
        """Too long is said in words, with by how much."""
        text = self.to_python(value) or ""
        if self.max_length and len(text) > self.max_length:
            raise ValidationError(
                f"Ce texte fait {integer(len(text))} caractères, pour {integer(self.max_length)} au plus\u00a0: "
                f"raccourcissez-le de {integer(len(text) - self.max_length)}.",
                code="max_length",
            )
        return super().clean(value)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        attrs = super().widget_attrs(widget)
        attrs.pop("maxlength", None)
        return attrs
