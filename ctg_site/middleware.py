"""What a visitor meets who is not logged in, who sends too much, who asks of a page what it does not do, or whose address is none."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render, resolve_url
from django.utils.cache import patch_cache_control

from ctg_site.drafts.keys import FIELD
from ctg_site.lib.numbers import whole_number
from territory.models import Ctg

MOST_SENT = 110 << 20  # the heaviest thing that a page takes is a file of figures of 100 Mo


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


def refuse_what_is_too_heavy(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Django would write it whole on the disk, whoever sends it, before any form could say that it is too much."""

    def answer(request: HttpRequest) -> HttpResponse:
        length = whole_number(request.META.get("CONTENT_LENGTH") or "0")
        if length is None or length > MOST_SENT:
            return render(request, "413.html", {"most": MOST_SENT >> 20}, status=413)
        return get_response(request)

    return answer


def refuse_null_bytes(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """An address that no link of ours has, and that PostgreSQL cannot look for."""

    def answer(request: HttpRequest) -> HttpResponse:
        if "\0" in request.path_info or "%00" in request.META.get("QUERY_STRING", ""):
            raise Http404
        return get_response(request)

    return answer


def explain_gestures(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """The address of a button opened as a page: a browser would show its own words, in its own language. It is refused
    before anybody looks whose Ctg it is: to who has no part in it, there is no such address."""

    def answer(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if response.status_code != 405:
            return response
        if _is_of_others(request):
            raise Http404
        if request.method != "GET":
            return response
        page = render(request, "405.html", status=405)
        page["Allow"] = response["Allow"]
        return page

    return answer


def _is_of_others(request: HttpRequest) -> bool:
    match = request.resolver_match
    if match is None or not match.route.startswith("ctg/<slug:slug>/"):
        return False
    return not Ctg.objects.visible_to(request.user).filter(slug=match.kwargs["slug"]).exists()


def keep_nothing_of_a_session(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """What a browser was shown with a session is of one person: on a shared computer, « page précédente » would show it
    again to the next one. Without a session there is nothing to hide, and a page may be kept. So may the answer to a form:
    a browser cannot ask for it again, and who goes back to a refused one would lose what was typed."""

    def answer(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if request.method != "POST" and request.COOKIES.get(settings.SESSION_COOKIE_NAME):
            patch_cache_control(response, private=True, no_store=True)
        return response

    return answer
