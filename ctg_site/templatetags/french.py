"""Numbers, dates and public figures, as French readers expect them; the rules are in ``ctg_site.lib``."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from ctg_site.lib import dates, numbers
from territory.portraits.themes import years_of
from territory.secrecy import REASONS, PublicValue

register = template.Library()


def _filter(name: str, write: Callable[..., str]) -> None:
    """A template filter that writes nothing where there is nothing to write."""

    def written(value: Any, places: int | None = None) -> str:
        if value is None or value == "":
            return ""
        return write(value) if places is None else write(value, places)

    register.filter(name, written, expects_localtime=True)  # a moment is told by the clock of Paris


_filter("integer", numbers.integer)
_filter("decimal", numbers.decimal)
_filter("shortest", numbers.shortest)
_filter("euros", numbers.euros)
_filter("money_short", numbers.money_short)
_filter("percent", numbers.percent)
_filter("points", numbers.points)
_filter("signed", numbers.signed)
_filter("fte", numbers.fte)
_filter("fr_date", dates.french_date)
_filter("short_date", dates.short_date)
_filter("fr_month", dates.french_month)
_filter("years", years_of)
_filter("fr_moment", dates.french_moment)


@register.filter
def public_value(value: PublicValue) -> str | SafeString:
    """The figure with its unit; a figure that is not shown says why."""
    if value.is_shown:
        return value.text
    reason = REASONS.get(value.text, value.words)
    if value.words == value.text:
        return format_html('<abbr title="{}">{}</abbr>', reason, value.text)
    said = '<abbr title="{}"><span aria-hidden="true">{}</span><span class="vh">{}</span></abbr>'
    return format_html(said, reason, value.text, value.words)


@register.filter
def dot(number: Decimal | float) -> str:
    """A coordinate of SVG: a point, never the comma of a French page."""
    return f"{number:.1f}"
