"""What happens to the draft of a form that is sent: forgotten when it is accepted, kept in every other case."""

from collections.abc import Callable

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url

from ctg_site.drafts.keys import FIELD, read_key
from ctg_site.drafts.services import discard_draft, save_draft
from ctg_site.lib.dates import now
from ctg_site.lib.errors import RuleBroken

GetResponse = Callable[[HttpRequest], HttpResponse]


def keep_drafts(get_response: GetResponse) -> GetResponse:
    def answer(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if request.method == "POST" and request.POST.get(FIELD) and not _is_about_drafts(request):
            _settle(request, response)
        return response

    return answer


def _settle(request: HttpRequest, response: HttpResponse) -> None:
    lost_session = _asks_to_log_in(response)
    try:
        key = read_key(request.POST[FIELD])
        if response.status_code == 302 and not lost_session:
            discard_draft(key)
            return
        save_draft(key, request.POST.lists(), at=now())
    except RuleBroken:
        return
    if lost_session:  # the page of the login says that nothing is lost
        login = redirect_to_login(key.page, resolve_url(settings.LOGIN_URL))
        response["Location"] = f"{login['Location']}&texte=garde"


def _is_about_drafts(request: HttpRequest) -> bool:
    return request.resolver_match is not None and request.resolver_match.namespace == "drafts"


def _asks_to_log_in(response: HttpResponse) -> bool:
    return response.status_code == 302 and response["Location"].startswith(f"{resolve_url(settings.LOGIN_URL)}?")
