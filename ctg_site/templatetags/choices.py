"""The boxes of a field, in groups that fold when they are long."""

from collections.abc import Sequence
from typing import Any

from django import template

register = template.Library()

AT_A_GLANCE = 12


@register.filter
def kept(options: Sequence[dict[str, Any]]) -> int:
    """How many of them are ticked."""
    return sum(option["selected"] for option in options)


@register.filter
def is_long(options: Sequence[dict[str, Any]]) -> bool:
    return len(options) > AT_A_GLANCE
