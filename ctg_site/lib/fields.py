"""Form fields that read numbers and days as French people type them, and give back what was typed when it is refused."""

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from ctg_site.lib import numbers
from ctg_site.lib.dates import FIRST_YEAR, LAST_YEAR


class NumberField(forms.DecimalField):
    """« 1 200,50 » or « 1200.5 »: two decimals at most, shown back without useless zeros."""

    widget = forms.TextInput

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_digits": 12, "decimal_places": 2} | kwargs)

    def to_python(self, value: Any) -> Decimal | None:  # type: ignore[override]
        if value in self.empty_values or isinstance(value, Decimal):
            return value or (None if value != 0 else Decimal(0))
        try:
            return numbers.parse_amount(str(value))
        except numbers.TooLarge as error:
            raise ValidationError(str(error), code="too_large") from error
        except ValueError as error:
            raise ValidationError(self.refusal(error), code="invalid") from error

    def prepare_value(self, value: Any) -> Any:
        return self.shown(value) if isinstance(value, Decimal) else value

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {"inputmode": "decimal", "autocomplete": "off"}

    def refusal(self, error: ValueError) -> str:
        return "Écrivez un nombre, par exemple 12,5 (deux décimales au plus)."

    def shown(self, value: Decimal) -> str:
        return numbers.shortest(value)


class AmountField(NumberField):
    """Euros, to the cent, never negative."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"min_value": 0} | kwargs)
        self.error_messages["min_value"] = "Le montant ne peut pas être négatif."

    def refusal(self, error: ValueError) -> str:
        return str(error)

    def shown(self, value: Decimal) -> str:
        return numbers.decimal(value)


class DayField(forms.DateField):
    """A day, with the browser's own calendar, where « 21 » typed for the year makes the year 21."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"widget": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")} | kwargs)

    def to_python(self, value: Any) -> date | None:
        day = super().to_python(value)
        if day is not None and not FIRST_YEAR <= day.year <= LAST_YEAR:
            raise ValidationError(
                f"Cette date est en l’an {day.year}\u00a0: écrivez l’année en quatre chiffres.", code="year"
            )
        return day
