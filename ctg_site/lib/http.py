"""Between a page and a gesture: a refusal becomes a message, and what was typed stays."""

from collections.abc import Callable
from ipaddress import ip_address
from typing import Any, Protocol

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.http import content_disposition_header

from ctg_site.lib.errors import RuleBroken


class Checked(Protocol):
    """A form, or several that are saved as one."""

    def is_valid(self) -> bool: ...

    def add_error(self, field: None, error: list[str], /) -> None: ...


def saved(form: Checked, gesture: Callable[[], Any]) -> bool:
    """Run the gesture of a valid form; a refusal goes on the form, which keeps what was typed.

    One transaction holds the check and the gesture: what the form compared itself with cannot change in between.
    """
    with transaction.atomic():
        if not form.is_valid():
            return False
        try:
            with transaction.atomic():
                gesture()
        except RuleBroken as refusal:
            form.add_error(None, [str(refusal), *refusal.missing])
            return False
    return True


def done(request: HttpRequest, gesture: Callable[[], Any], success: str) -> bool:
    """Run a gesture that has no form, and say how it went."""
    try:
        gesture()
    except RuleBroken as refusal:
        for sentence in [str(refusal), *refusal.missing]:
            messages.error(request, sentence)
        return False
    messages.success(request, success)
    return True


def attached(content: bytes, content_type: str, name: str) -> HttpResponse:
    """A file to save."""
    return _file(content, content_type, content_disposition_header(True, name))


def opened(content: bytes, content_type: str, name: str) -> HttpResponse:
    """A file that the browser shows, under the name it has when one saves it."""
    return _file(content, content_type, content_disposition_header(False, name))


def _file(content: bytes, content_type: str, disposition: str | None) -> HttpResponse:
    return HttpResponse(content, content_type=content_type, headers={"Content-Disposition": disposition or "inline"})


def visitor_address(request: HttpRequest) -> str | None:
    """Where a request comes from. Behind our proxy, what it wrote itself: the last address of the chain, since a visitor
    may claim any other before it."""
    here: str | None = request.META.get("REMOTE_ADDR")  # nothing where somebody is let in without a page
    if not settings.BEHIND_PROXY:
        return here
    claimed = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
    try:
        return str(ip_address(claimed))
    except ValueError:
        return here


def ranks_asked(request: HttpRequest) -> int:
    """By how many ranks a button or a drag moves a row, negative upwards; 0, which goes nowhere, when it is no number."""
    return _small(request.POST.get("ranks", "")) or 0


def rank_seen(request: HttpRequest) -> int | None:
    """Where the page showed the row that moves; None when it does not say."""
    return _small(request.POST.get("seen_at", ""))


def _small(text: str) -> int | None:
    return int(text) if text.removeprefix("-").isdecimal() and len(text) < 6 else None
