"""A form that two people may have open at once: nobody's words are overwritten, and nothing is saved before a choice.

The form carries the version it started from. When it comes back after somebody else has saved, what only one of the
two changed is kept; what both changed is shown in both versions with a proposed merge, and the form waits for a choice.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.core import signing
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.forms.models import model_to_dict

from ctg_site.lib.dates import french_date, french_moment
from ctg_site.lib.fields import NumberField
from ctg_site.lib.merging import Piece, differences, merge
from ctg_site.lib.prose import clean_prose

MINE, THEIRS, MERGED = "mine", "theirs", "merged"
CARRIED = "started_from"
DAMAGED = "Cette page est abîmée : copiez votre texte, rouvrez la page et collez-le."


@dataclass(frozen=True)
class Conflict:
    """A field that both changed. ``pieces`` goes from their version to mine, word by word."""

    name: str
    choice: str  # the name of the buttons that choose
    label: str
    mine: str
    theirs: str
    pieces: list[Piece]
    choices: list[tuple[str, str, bool]]


class SharedForm(forms.ModelForm):
    """To inherit from instead of ModelForm; ``conflicts`` is what the page shows when two people met."""

    fields: dict[str, Any]
    also_shared: tuple[str, ...] = ()  # fields of the row that the form writes in its own way

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.conflicts: list[Conflict] = []
        self.overtaken = ""  # who saved meanwhile something else than what this form started from
        if self.instance.pk:
            names = [*(self._meta.fields or []), *self.also_shared]
            seen = {name: plain(self.initial[name]) for name in names if name in self.initial}
            self.fields[CARRIED] = carried_field(signed(seen, mine={}))

    def values_of(self, row: Model, names: list[str]) -> dict[str, Any]:
        """What the row holds, as the form would show it."""
        return model_to_dict(row, names)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        token = data.pop(CARRIED, "")
        if not (self.instance.pk and token):
            return data
        try:
            carried = signing.loads(token, salt=CARRIED)
        except signing.BadSignature:
            self.add_error(None, DAMAGED)
        else:
            self._meet(data, carried["seen"], carried["mine"])
        return data

    def _meet(self, data: dict[str, Any], seen: dict[str, Any], waiting: dict[str, Any]) -> None:
        """What was seen, what is typed, what is saved: the row stays locked until the form is saved."""
        saved = type(self.instance)._base_manager.select_for_update(of=("self",)).get(pk=self.instance.pk)
        self._take_the_rest(saved)
        unsettled = {name: mine for name, mine in waiting.items() if not self._settle(data, name, mine, seen.get(name))}
        now = {name: plain(value) for name, value in self.values_of(saved, list(seen)).items()}
        self.overtaken = "" if now == seen else _who_saved(saved)
        for name in [name for name in now if name in data and name in self.fields]:
            mine = plain(data[name])
            if now[name] not in (seen[name], mine) and not self._reconciled(data, name, seen[name], now[name]):
                unsettled[name] = mine
                self._type(name, self._proposal(name, seen[name], mine, now[name]))
        if unsettled:
            self._ask(saved, now, unsettled)
        elif self.overtaken:
            self._type(CARRIED, signed(now, mine={}))

    def says_what_it_was_given(self) -> bool:
        """Nothing else is typed than what the page opened with, whatever became of the row meanwhile."""
        seen = seen_in(self.data.get(self.add_prefix(CARRIED), ""))
        typed = {name: plain(self.cleaned_data.get(name)) for name in seen} if hasattr(self, "cleaned_data") else {}
        return bool(seen) and typed == seen

    def _take_the_rest(self, saved: Model) -> None:
        """What this form does not hold is written back as it is now, not as it was when this request read it."""
        for field in saved._meta.concrete_fields:
            if field.name not in self.fields:
                setattr(self.instance, field.attname, getattr(saved, field.attname))

    def _settle(self, data: dict[str, Any], name: str, mine: Any, theirs: Any) -> bool:
        """The choice made for a field that was in conflict; none made is not settled."""
        choice = self._chosen(name)
        if choice in (MINE, THEIRS):
            self.errors.pop(name, None)  # that of the proposed text, which is not kept: it may be too long
            data[name] = self.fields[name].clean(mine if choice == MINE else theirs)
        return bool(choice)

    def _reconciled(self, data: dict[str, Any], name: str, seen: Any, theirs: Any) -> bool:
        """What only they changed is theirs; in a list of ticks, what each ticked or unticked counts."""
        mine = plain(data[name])
        if mine == seen:
            agreed = theirs
        elif isinstance(mine, list):
            agreed = sorted((set(mine) & set(theirs)) | (set(mine) ^ set(theirs)) - set(seen))
        else:
            return False
        data[name] = self.fields[name].clean(agreed)
        self._type(name, agreed)
        return True

    def _ask(self, saved: Model, now: dict[str, Any], unsettled: dict[str, Any]) -> None:
        """Not saved: both versions are shown, and from now on the form starts from theirs."""
        self._type(CARRIED, signed(now, mine=unsettled))
        self.conflicts = [self._conflict(name, mine, now[name]) for name, mine in unsettled.items()]
        self.add_error(None, f"{_who_saved(saved)} Rien n’est enregistré ni perdu : choisissez ce que vous gardez.")

    def _conflict(self, name: str, mine: Any, theirs: Any) -> Conflict:
        rows = [(MINE, "Garder ma version"), (THEIRS, "Garder l’autre version")]
        if self._is_text(name):
            rows.append((MERGED, "Garder le texte du formulaire ci-dessous, où les deux versions sont réunies"))
        chosen, shown_mine, shown_theirs = self._chosen(name), self._shown(name, mine), self._shown(name, theirs)
        return Conflict(
            name=name,
            choice=self.add_prefix(f"keep_{name}"),
            label=str(self.fields[name].label),
            mine=shown_mine,
            theirs=shown_theirs,
            pieces=differences(shown_theirs, shown_mine) if self._is_text(name) else [],
            choices=[(value, label, value == chosen) for value, label in rows],
        )

    def _proposal(self, name: str, seen: Any, mine: Any, theirs: Any) -> Any:
        return merge(seen, mine, theirs).text if self._is_text(name) else mine

    def _is_text(self, name: str) -> bool:
        """Words, that can be put together; two numbers cannot."""
        field = self.fields[name]
        return type(field.widget) in (forms.TextInput, forms.Textarea) and not isinstance(field, forms.DecimalField)

    def _chosen(self, name: str) -> str:
        choice = self.data.get(self.add_prefix(f"keep_{name}"), "")
        return choice if choice in (MINE, THEIRS, MERGED) else ""

    def _shown(self, name: str, value: Any) -> str:
        """A value as the form would say it."""
        field = self.fields[name]
        if value and isinstance(field, NumberField):
            return field.shown(Decimal(value))
        if value and isinstance(field, forms.DateField):
            return french_date(date.fromisoformat(value))
        labels = {str(key): str(label) for key, label in getattr(field, "choices", [])}
        return labels.get(str(value), str(value)) or "(vide)"

    def _type(self, name: str, value: Any) -> None:
        """As if it had been typed: the form comes back with it."""
        data: Any = self.data.copy()  # type: ignore[attr-defined]
        key = self.add_prefix(name)
        if value and isinstance(self.fields[name], NumberField):
            value = self.fields[name].shown(Decimal(value))
        if isinstance(value, list):
            data.setlist(key, value)
        else:
            data[key] = value
        self.data = data


class SharedRows(forms.BaseInlineFormSet):
    """Rows, each a SharedForm, that two people may have open at once: one may remove what the other changes."""

    GONE = (
        "Quelqu’un a supprimé cette ligne pendant que vous la modifiiez. "
        "Pour la garder, recopiez-la dans une ligne vide ; sinon, cochez « Supprimer »."
    )

    _pk_field: Any
    initial_forms: Any

    def clean(self) -> None:
        super().clean()
        for form in self.initial_forms:
            if _is_gone(form) and not self._should_delete_form(form):
                form.errors.pop(self._pk_field.name, None)
                form.add_error(None, self.GONE)
        overtaken = [form for form in self.initial_forms if form.overtaken and self._should_delete_form(form)]
        if overtaken:
            raise ValidationError(
                [f"{form.overtaken} C’est une ligne que vous supprimez : relisez-la." for form in overtaken]
            )

    def add_error(self, field: None, sentences: list[str]) -> None:
        self.non_form_errors().extend(sentences)

    def _should_delete_form(self, form: Any) -> bool:
        return bool(super()._should_delete_form(form)) or (  # type: ignore[misc]
            _is_gone(form) and form.says_what_it_was_given()
        )


def _is_gone(form: Any) -> bool:
    return form.is_bound and not form.empty_permitted and form.instance.pk is None


def plain(value: Any) -> Any:
    """A value of a form or of a row as what JSON carries, the same for the same meaning."""
    if value is None:
        return ""
    if isinstance(value, Model):
        return value.pk
    if isinstance(value, str):
        return clean_prose(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, Iterable):
        return sorted(plain(row) for row in value)
    return value


def signed(seen: dict[str, Any], *, mine: dict[str, Any]) -> str:
    return signing.dumps({"seen": seen, "mine": mine}, salt=CARRIED, compress=True)


def carried_field(token: str = "") -> forms.CharField:
    """What a form started from, which comes back with it."""
    return forms.CharField(required=False, widget=forms.HiddenInput, initial=token)


def seen_in(token: str) -> dict[str, Any]:
    """Empty when the token is damaged."""
    try:
        return dict(signing.loads(token, salt=CARRIED)["seen"])
    except signing.BadSignature:
        return {}


def _who_saved(row: Model) -> str:
    history = getattr(row, "history", None)
    last = history.select_related("history_user").order_by("-history_id").first() if history else None
    if last is None or last.history_user is None:
        return "Quelqu’un d’autre a enregistré ce texte pendant que vous l’écriviez."
    return f"{last.history_user} a enregistré ce texte {french_moment(last.history_date)}, pendant que vous l’écriviez."
