"""Pages that belong to no single step: home, search, territory, page of a Ctg, « Ce qui m’attend », « Nouvelle Ctg »."""

from collections.abc import Iterable
from datetime import date
from email import message_from_bytes
from email.policy import default as email_policy
from pathlib import Path

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from actions.models import Action
from ctg_site import journey
from ctg_site.forms import NewCtgForm, PickTerritoryForm
from ctg_site.lib.dates import now, today
from ctg_site.lib.errors import RuleBroken
from ctg_site.my_day import day_of
from ctg_site.starting import start_ctg
from ctg_site.styleguide import samples
from diagnostic.models import Diagnosis, ThematicGroup
from governance.deciding import ways_to_decide
from governance.models import Meeting
from territory import perms
from territory.models import Ctg, Territory
from territory.models.ctg import CtgQuerySet
from territory.portraits import Portrait, portrait
from territory.portraits.stage import stage_below
from territory.portraits.themes import old_ones, old_words

PAGE_SIZE = 20


@login_not_required
def home(request: HttpRequest) -> HttpResponse:
    page = Paginator(Ctg.objects.published().for_list(), PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "home.html", {"page": page, "on": today()})


@login_not_required
def territories(request: HttpRequest) -> HttpResponse:
    """The territories with a Ctg this visitor may open, by name."""
    page = Paginator(Ctg.objects.open_to(request.user).for_list(), PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "territories.html", {"page": page, "on": today()})


@login_not_required
def search(request: HttpRequest) -> HttpResponse:
    text = request.GET.get("q", "").strip()[:100]
    context = {"text": text, "on": today(), "places": [], "ctgs": [], "actions": []}
    if text:
        found = Territory.objects.reference().matching(text)
        context["places"] = found.select_related("parent")[:PAGE_SIZE]
        ctgs = Ctg.objects.open_to(request.user).for_list()
        context["ctgs"] = ctgs.filter(_called(text))[:PAGE_SIZE]
        actions = Action.objects.readable_by(request.user).last_versions().filter(title__icontains=text)
        context["actions"] = actions.select_related("plan__diagnosis__ctg").order_by("title", "pk")[:PAGE_SIZE]
    return render(request, "search.html", context)


def _called(text: str) -> Q:
    """By its name as it is written, or by that of its territory: accents and hyphens do not matter there."""
    places = Territory.objects.matching(text).order_by().values("pk")
    return Q(name__icontains=text) | Q(territory__in=places)


@login_not_required
def ctg(request: HttpRequest, slug: str) -> HttpResponse:
    """The public face of a Ctg: its portrait, its groups, its calendar."""
    found = get_object_or_404(_with_its_levels(Ctg.objects.open_to(request.user)), slug=slug)
    inside = perms.is_inside(request.user, found)
    rooms = journey.rooms_of(found)
    meetings = Meeting.objects.open_to(request.user).filter(committee__ctg=found).select_related("committee")
    told = portrait(found.territory, found.caf, stage=stage_below(found.territory, found.territory.parent))
    context = {
        "ctg": found,
        "portrait": told,
        "old_note": _old_note(told, rooms.diagnosis, on=today()),
        "groups": ThematicGroup.objects.filter(ctg=found).with_counts() if _shows_groups(rooms, inside) else [],
        "meetings": meetings.in_order()[:PAGE_SIZE],
    }
    return render(request, "ctg_home.html", context)


def _old_note(told: Portrait, diagnosis: Diagnosis | None, *, on: date) -> str:
    """Those of the day of the diagnosis, as it says itself; else those that are old for who reads them now."""
    values, day = [row.here for row in told.comparison.rows], diagnosis.validated_on if diagnosis else None
    if day and (then := old_ones(values, day)):
        return f"{then} ont {old_words()} à la date du diagnostic."
    today_old = old_ones(values, on)
    return f"{today_old} ont {old_words()}." if today_old else ""


def ctg_follow(request: HttpRequest, slug: str) -> HttpResponse:
    """For those inside: what the step in progress still lacks, what is published, what is planned."""
    found = get_object_or_404(_with_its_levels(Ctg.objects.visible_to(request.user)), slug=slug)
    on, rooms = today(), journey.rooms_of(found)
    gate, since = journey.gate_of_next_step(rooms, on=on)
    rows = Meeting.objects.filter(committee__ctg=found).exclude(status=Meeting.Status.CANCELLED)
    meetings = list(rows.able_to_close(gate).select_related("committee").in_order())
    context = {
        "ctg": found,
        "step": journey.current_step(rooms, on=on),
        "lacks": journey.lacks_of_next_step(rooms, request.user, on=on),
        "ways": ways_to_decide(found, gate, meetings, user=request.user, on=on, since=since) if gate else [],
        "meetings": [meeting for meeting in meetings if not meeting.is_held][:PAGE_SIZE],
        "can_steer": perms.can_steer(request.user, found),
        "asked": found.asked_gestures.told_to(request.user, at=now()),
    }
    return render(request, "ctg_follow.html", context)


def _with_its_levels(ctgs: CtgQuerySet) -> CtgQuerySet:
    levels = ctgs.select_related("caf__territory", "territory__parent__parent__parent__parent")
    return levels.prefetch_related("facts")


def _shows_groups(rooms: journey.Rooms, inside: bool) -> bool:
    return inside or bool(rooms.diagnosis and rooms.diagnosis.published_at)


def my_day(request: HttpRequest) -> HttpResponse:
    context = {"day": day_of(request.user, on=today()), "on": today(), "can_create": perms.can_create_ctg(request.user)}
    return render(request, "my_day.html", context)


def new_ctg(request: HttpRequest) -> HttpResponse:
    """Two pages: the intercommunalités (in the address), then everything else on one form."""
    perms.require(perms.can_create_ctg(request.user), "Seule la Caf crée une Ctg.")
    picking = PickTerritoryForm(request.GET or None, user=request.user)
    if not (request.GET and picking.is_valid()):
        return render(request, "new_ctg_pick.html", {"form": picking})
    caf, epcis = picking.cleaned_data["caf"], picking.cleaned_data["epci"]
    form = NewCtgForm(request.POST or None, communes=_communes_of(epcis), initial=_proposal(epcis))
    if request.method == "POST" and form.is_valid():
        try:
            created = start_ctg(
                caf=caf,
                name=form.cleaned_data["name"],
                communes=form.cleaned_data["communes"],
                starts_on=form.cleaned_data["starts_on"],
                ends_on=form.cleaned_data["ends_on"],
                groups=form.chosen_groups(),
                milestones=form.milestones(),
                guests=form.all_guests(),
                by=request.user,
                on=today(),
            )
        except RuleBroken as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, "La Ctg est ouverte. Commencez par ses chiffres et ses groupes.")
            return redirect("ctg_follow", created.slug)
    return render(request, "new_ctg.html", {"form": form, "caf": caf, "epcis": epcis})


def _communes_of(epcis: Iterable[Territory]) -> QuerySet[Territory]:
    on = today()
    communes: QuerySet[Territory] = Territory.objects.none()
    for epci in epcis:
        communes = communes | epci.communes_on(on)
    return communes.distinct().order_by("name", "pk")


def _proposal(epcis: Iterable[Territory]) -> dict[str, object]:
    """A Ctg prepared this year begins with the next one, and lasts five years, the most it may."""
    year = today().year + 1
    return {
        "name": " et ".join(epci.name for epci in epcis),
        "starts_on": date(year, 1, 1),
        "ends_on": date(year + 4, 12, 31),
        "communes": _communes_of(epcis),
    }


@login_not_required
def outbox(request: HttpRequest) -> HttpResponse:
    """The demonstration only: the e-mails it sent, newest first, so that invitations can be followed."""
    files = sorted(Path(settings.OUTBOX_DIR).glob("*.log"), reverse=True)[:PAGE_SIZE]
    return render(request, "outbox.html", {"mails": [mail for file in files for mail in _mails(file)]})


def _mails(file: Path) -> list[dict[str, str]]:
    rows = []
    for raw in file.read_bytes().split(b"-" * 79 + b"\n"):
        if raw.strip():
            mail = message_from_bytes(raw, policy=email_policy)
            body = mail.get_body(("plain",))
            rows.append(
                {
                    "to": mail["To"],
                    "subject": mail["Subject"],
                    "date": mail["Date"],
                    "text": body.get_content() if body else "",
                }
            )
    return rows


@login_not_required
def method(request: HttpRequest) -> HttpResponse:
    return render(request, "pages/method.html")


@login_not_required
def accessibility(request: HttpRequest) -> HttpResponse:
    return render(request, "pages/accessibility.html")


@login_not_required
def privacy(request: HttpRequest) -> HttpResponse:
    return render(request, "pages/privacy.html")


@login_not_required
def legal(request: HttpRequest) -> HttpResponse:
    return render(request, "pages/legal.html")


@login_not_required
def styleguide(request: HttpRequest) -> HttpResponse:
    return render(request, "styleguide.html", samples())
