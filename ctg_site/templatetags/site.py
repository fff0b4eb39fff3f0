"""What the layout asks of the site: where the visitor is, which version runs."""

import tomllib

from django import template
from django.conf import settings
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

_PROJECT = tomllib.loads((settings.BASE_DIR / "pyproject.toml").read_text(encoding="utf-8"))["project"]


@register.simple_tag
def active(path: str, url_name: str) -> str | SafeString:
    """``aria-current`` for the link of the page one is on."""
    return mark_safe(' aria-current="page"') if path == reverse(url_name) else ""


@register.simple_tag
def version() -> str:
    return _PROJECT["version"]
