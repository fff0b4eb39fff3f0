"""What a visitor meets who is not logged in, or who asks of a page what it does not do."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render, resolve_url

from ctg_site.drafts.keys import FIELD


class LoginRequired(LoginRequiredMiddleware):
    """A button pressed after the session ended: one comes back to its page, since its own address is none."""

    def handle_no_permission(self, request: HttpRequest, view_func: Any) -> HttpResponseRedirect:
        page = _page_of_the_button(request)
        if not page:
            return super().handle_no_permission(request, view_func)
        login = redirect_to_login(page, resolve_url(settings.LOGIN_URL))
        login["Location"] += "&geste=a-refaire"
        return login


def _page_of_the_button(request: HttpRequest) -> str:
    """Empty for a form, which is sent to its own page or keeps its draft, and when the browser does not tell."""
    if request.method != "POST" or request.POST.get(FIELD):
        return ""
    came_from = urlsplit(request.headers.get("Referer", ""))
    if came_from.netloc != request.get_host() or came_from.path == request.path:
        return ""
    return f"{came_from.path}?{came_from.query}" if came_from.query else came_from.path


def explain_gestures(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """The address of a button opened as a page: a browser would show its own words, in its own language."""

    def answer(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if response.status_code != 405 or request.method != "GET":
            return response
        page = render(request, "405.html", status=405)
        page["Allow"] = response["Allow"]
        return page

    return answer
