"""A new vintage of the geography: every Caf sees what it changes, the administrators of the site apply it."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from ctg_site.lib.errors import RuleBroken
from ctg_site.lib.http import done, saved
from ctg_site.lib.numbers import key_in
from territory import perms
from territory.forms import VintageForm
from territory.imports import geography
from territory.imports.jobs import apply_vintage, read_vintage
from territory.models import Territory, VintageFile

READERS = "La Caf et les administrateurs du site voient les millésimes de la géographie."
WRITERS = "La géographie est la même pour toutes les Caf : les administrateurs du site la changent."
GONE = "Ce millésime n’est plus là : un autre a pris sa place."
SHOWN_APPLIED = 10


def vintage(request: HttpRequest) -> HttpResponse:
    """What the last one changes; sent here: a file, or nothing for the vintage that came with the software."""
    perms.require(perms.can_bring_files(request.user), READERS)
    if request.method == "POST":
        perms.require(perms.can_change_geography(request.user), WRITERS)
    form = VintageForm(request.POST or None, request.FILES or None)
    received: list[VintageFile] = []
    if request.method == "POST" and saved(form, lambda: received.append(form.receive(request.user))):
        read_vintage.enqueue(received[0].pk)
        return redirect("files:vintage")
    applied = VintageFile.objects.filter(state=VintageFile.State.APPLIED).defer("content").select_related("created_by")
    waiting = VintageFile.objects.exclude(state=VintageFile.State.APPLIED).defer("content").first()
    context = {
        "form": form,
        "may_change": perms.can_change_geography(request.user),
        "vintage": waiting,
        "may_apply": waiting and waiting.state == VintageFile.State.READ and geography.changes_something(waiting),
        "applied": applied[:SHOWN_APPLIED],
        "count": Territory.objects.communes().filter(valid_to=None).count(),
    }
    return render(request, "territory/vintage.html", context)


@require_POST
def vintage_apply(request: HttpRequest) -> HttpResponse:
    def ask(file: VintageFile) -> None:
        geography.ask_to_apply_vintage(file)
        apply_vintage.enqueue(file.pk, request.user.pk)

    return _run(request, ask, "Le millésime va être appliqué.")


@require_POST
def vintage_discard(request: HttpRequest) -> HttpResponse:
    return _run(request, lambda file: geography.discard_vintage(file, by=request.user), "Le millésime est supprimé.")


def _run(request: HttpRequest, gesture: Callable[[VintageFile], None], success: str) -> HttpResponse:
    """On the very vintage that was looked at."""
    perms.require(perms.can_change_geography(request.user), WRITERS)
    file = VintageFile.objects.filter(pk=key_in(request.POST.get("vintage", ""))).first()

    def on_file() -> None:
        if file is None:
            raise RuleBroken(GONE)
        gesture(file)

    done(request, on_file, success)
    return redirect("files:vintage")
