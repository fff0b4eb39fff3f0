"""The two addresses of drafts. The signed key of the form says whose text it is: it stands for the session and for CSRF."""

from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, resolve_url
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from ctg_site.drafts.keys import FIELD, DraftKey, read_key
from ctg_site.drafts.services import discard_draft, save_draft
from ctg_site.lib.dates import french_moment, now
from ctg_site.lib.errors import RuleBroken


@require_POST
@csrf_exempt
@login_not_required
def save(request: HttpRequest) -> HttpResponse:
    """By the script of the page as one types; by its button without script."""
    by_script = request.headers.get("Accept") == "application/json"
    try:
        key = read_key(request.POST.get(FIELD, ""))
        draft = save_draft(key, request.POST.lists(), at=now())
    except RuleBroken as refusal:
        if by_script:
            return JsonResponse({"text": str(refusal)}, status=400)
        messages.error(request, str(refusal))
        return redirect("home")
    text = f"Brouillon enregistré {french_moment(draft.saved_at)}."
    if by_script:
        return JsonResponse({"text": text, "login": _login(request, key)})
    messages.success(request, text)
    return redirect(key.page)


@require_POST
@login_not_required
def discard(request: HttpRequest) -> HttpResponse:
    try:
        key = read_key(request.POST.get(FIELD, ""))
    except RuleBroken as refusal:
        messages.error(request, str(refusal))
        return redirect("home")
    if not _has_lost_session(request, key):
        discard_draft(key)
        messages.success(request, "Le brouillon est oublié.")
    return redirect(key.page)


def _has_lost_session(request: HttpRequest, key: DraftKey) -> bool:
    return key.user_id is not None and request.user.pk != key.user_id


def _login(request: HttpRequest, key: DraftKey) -> str:
    """Where to log in again, when the session ended while one was writing."""
    if not _has_lost_session(request, key):
        return ""
    return f"{resolve_url(settings.LOGIN_URL)}?{urlencode({'next': key.page, 'texte': 'garde'})}"
