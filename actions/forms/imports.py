"""The workbook sent for a plan, and what its headings mean."""

from typing import Any

from django import forms

from actions.imports import layout
from actions.imports.columns import SheetSpec
from actions.imports.layout import ID, IDENTIFIER, Layout, Place
from actions.imports.sheets import sheet_specs
from actions.models import PlanImport
from ctg_site.lib import typed_cells
from ctg_site.lib.text import search_key
from ctg_site.lib.typed_cells import Book

NOT_READ = "Ne pas lire cette feuille"
NOT_IMPORTED = "Ne pas importer"


class WorkbookForm(forms.Form):
    file = forms.FileField(
        label="Classeur Excel (.xlsx)",
        help_text="Celui que vous avez exporté, ou le plan que vous aviez déjà : faites-le glisser ici, ou choisissez-le.",
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx"}),
        error_messages={"required": "Choisissez un fichier.", "empty": "Ce fichier est vide."},
    )


class LayoutForm(forms.Form):
    """A sheet of theirs is one of ours, or nothing; each of its headings is one of our columns, or nothing."""

    fields: dict[str, Any]

    def __init__(self, data: Any = None, *, sent: PlanImport) -> None:
        super().__init__(data)
        self.sent, self.specs = sent, {spec.title: spec for spec in sheet_specs(sent.plan)}
        self.book: Book = typed_cells.from_json(sent.book)
        known = layout.remembered(sent.plan.ctg.caf)
        stored = layout.from_json(sent.layout)
        self.guess = stored or layout.find_layout(self.book, self.specs.values(), known)
        self.sheets = [
            title for title, rows in self.book.items() if rows and search_key(title) != search_key(layout.README)
        ]
        for number, title in enumerate(self.sheets):
            self._add_sheet(number, title, known)

    def groups(self) -> list[tuple[str, forms.BoundField, list[forms.BoundField]]]:
        """For the page: the name of the sheet, what it is, its headings."""
        return [
            (
                title,
                self[f"sheet_{number}"],
                [self[name] for name in self.fields if name.startswith(f"column_{number}_")],
            )
            for number, title in enumerate(self.sheets)
        ]

    def layout(self) -> Layout:
        found: Layout = {}
        for number, title in enumerate(self.sheets):
            if spec := self.specs.get(self.cleaned_data[f"sheet_{number}"]):
                found[spec.title] = Place(title, self._heading_row(number, title, spec), self._columns(number))
        return found

    def choices(self) -> dict[tuple[str, str], str]:
        """What is worth remembering: the headings of the sheets that are read."""
        return {
            (kind, self.fields[name].label): self.cleaned_data[name]
            for number, _ in enumerate(self.sheets)
            if (kind := self.cleaned_data[f"sheet_{number}"])
            for name in self.fields
            if name.startswith(f"column_{number}_") and self.cleaned_data[name] != ID
        }

    def _add_sheet(self, number: int, title: str, known: dict[tuple[str, str], str]) -> None:
        spec = self._spec_of(number, title)
        self.fields[f"sheet_{number}"] = forms.ChoiceField(
            label=f"La feuille « {title} » contient",
            required=False,
            initial=spec.title if spec else "",
            choices=[("", NOT_READ), *((name, name) for name in self.specs)],
        )
        if spec is None:
            return
        place = self._place(title, spec, known)
        rank_of = {rank: name for name, rank in place.columns.items()}
        columns = layout.choices_of(spec, self.sent.plan.ctg.years)
        for rank, heading in enumerate(layout.headings_of(self.book[title], place.heading_row)):
            if heading:
                self.fields[f"column_{number}_{rank}"] = forms.ChoiceField(
                    label=heading,
                    required=False,
                    initial=rank_of.get(rank, ""),
                    choices=[("", NOT_IMPORTED), (ID, IDENTIFIER), *columns],
                )

    def _spec_of(self, number: int, title: str) -> SheetSpec | None:
        if self.is_bound:
            return self.specs.get(self.data.get(f"sheet_{number}", ""))
        if not self.guess and len(self.sheets) == 1:
            return next(iter(self.specs.values()))
        return next((self.specs[name] for name, place in self.guess.items() if place.sheet == title), None)

    def _place(self, title: str, spec: SheetSpec, known: dict[tuple[str, str], str]) -> Place:
        place = self.guess.get(spec.title)
        if place is not None and place.sheet == title:
            return place
        return layout.place_in(self.book, title, spec, known)

    def _heading_row(self, number: int, title: str, spec: SheetSpec) -> int:
        return self._place(title, spec, {}).heading_row

    def _columns(self, number: int) -> dict[str, int]:
        prefix = f"column_{number}_"
        return {
            self.cleaned_data[name]: int(name.removeprefix(prefix))
            for name in self.fields
            if name.startswith(prefix) and self.cleaned_data[name]
        }
