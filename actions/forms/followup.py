from datetime import date
from typing import Any

from django import forms

from actions.models import Step
from ctg_site.lib.dates import french_date
from ctg_site.lib.fields import DayField


class StepsDoneForm(forms.Form):
    """The day each step was done; empty, it is not."""

    def __init__(self, *args: Any, steps: list[Step], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.steps = steps
        for step in steps:
            self.fields[f"done_{step.pk}"] = DayField(
                label=f"« {step.title} » : faite le",
                required=False,
                initial=step.done_on,
                help_text=f"Échéance le {french_date(step.due_on)}.",
            )

    def changes(self) -> list[tuple[Step, date | None]]:
        named = [(step, f"done_{step.pk}") for step in self.steps]
        return [(step, self.cleaned_data[name]) for step, name in named if name in self.changed_data]
