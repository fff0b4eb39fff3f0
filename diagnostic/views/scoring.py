"""The ranking of a group: what it gave, how it opens and closes, the ballot with an account or by link."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from ctg_site.accounts.requests import Request
from ctg_site.lib.dates import today
from ctg_site.lib.errors import RuleBroken
from ctg_site.lib.http import done, saved
from diagnostic import perms, services
from diagnostic.forms import organisations_of
from diagnostic.links import guest_from_token
from diagnostic.models import Ballot, Diagnosis, Finding, Scoring, ThematicGroup
from diagnostic.rankings import rank, read_notes
from diagnostic.scoring_forms import BallotForm, ScoringForm
from diagnostic.services.guests import why_link_closed
from diagnostic.views.access import (
    CONTRIBUTORS_ONLY,
    diagnosis_of,
    group_inside,
    group_to_edit,
    refuse_frozen,
    shown_group,
)
from diagnostic.views.links import closed
from territory.perms import is_inside, require


@login_not_required
def group_scoring(request: Request, slug: str, pk: int) -> HttpResponse:
    """Read once closed, by everyone who reads the diagnosis. Before, nobody: from a ballot to the next, the change would tell it."""
    group = shown_group(request, slug, pk)
    diagnosis = diagnosis_of(request, group)
    scoring, former = _scoring(diagnosis, group), None
    if scoring is None or not scoring.closed_on:
        former = Scoring.objects.counting_for(diagnosis).filter(group=group).select_related("diagnosis").first()
    shown = former if scoring is None else scoring if scoring.closed_on else None
    inside = is_inside(request.user, group.ctg)
    why_closed = scoring.why_closed_on(today()) if scoring else ""
    context = {
        "ctg": group.ctg,
        "group": group,
        "diagnosis": diagnosis,
        "scoring": scoring,
        "former": former,
        "shown": shown,
        "ranking": rank(_to_rank(diagnosis, group), read_notes(diagnosis, shown)) if shown else None,
        "why_closed": why_closed,
        "ballots": scoring.ballots.count() if scoring and inside and not shown else None,
        "can_write": perms.can_edit_group(request.user, group) and not diagnosis.is_validated,
        "can_vote": scoring is not None and not why_closed and perms.can_contribute(request.user, group),
    }
    return render(request, "diagnostic/group_scoring.html", context)


def scoring_edit(request: Request, slug: str, pk: int) -> HttpResponse:
    diagnosis, group = _to_lead(request, slug, pk)
    scoring = _scoring(diagnosis, group) or Scoring(diagnosis=diagnosis, group=group)
    form = ScoringForm(request.POST or None, instance=scoring)
    if request.method == "POST" and saved(
        form, lambda: services.open_scoring(form.instance, by=request.user, on=today())
    ):
        messages.success(request, "La notation est ouverte.")
        return redirect("diagnostic:group_scoring", slug, pk)
    return render(request, "diagnostic/scoring_edit.html", {"ctg": group.ctg, "group": group, "form": form})


@require_POST
def scoring_close(request: Request, slug: str, pk: int) -> HttpResponse:
    diagnosis, group = _to_lead(request, slug, pk)
    if scoring := _scoring(diagnosis, group):
        done(
            request,
            lambda: services.close_scoring(scoring, by=request.user, on=today()),
            "La notation est close : son résultat se lit avec le diagnostic.",
        )
    return redirect("diagnostic:group_scoring", slug, pk)


@require_POST
def scoring_call(request: Request, slug: str, pk: int) -> HttpResponse:
    """Those who have not voted, and nobody else."""
    diagnosis, group = _to_lead(request, slug, pk)
    if scoring := _scoring(diagnosis, group):
        done(
            request,
            lambda: services.call_to_score(scoring, by=request.user, on=today()),
            "Un courriel part pour chaque partenaire invité qui n’a pas donné son avis.",
        )
    return redirect("diagnostic:group_scoring", slug, pk)


def ballot(request: Request, slug: str, pk: int) -> HttpResponse:
    """One ballot a person, that they may change until the scoring closes."""
    group = group_inside(request, slug, pk)
    require(perms.can_contribute(request.user, group), CONTRIBUTORS_ONLY)
    scoring = _scoring(diagnosis_of(request, group), group)
    if scoring is None:
        messages.info(request, "La notation de ce groupe n’est pas ouverte.")
        return redirect("diagnostic:group_scoring", slug, pk)
    mine = services.ballot_of(scoring, user=request.user)
    organisation = organisations_of(request.user, group.ctg).first()
    form = _form(request, scoring, mine, Ballot.usual_college(organisation))
    if request.method == "POST" and saved(form, lambda: _cast(scoring, form, user=request.user)):
        messages.success(request, "Votre bulletin est enregistré. Vous pouvez le changer jusqu’à la clôture.")
        return redirect("diagnostic:group_scoring", slug, pk)
    context = {"ctg": group.ctg, "group": group, "form": form, "why_closed": scoring.why_closed_on(today())}
    return render(request, "diagnostic/ballot.html", context)


@never_cache
@login_not_required
def ballot_by_link(request: HttpRequest, slug: str, token: str, pk: int) -> HttpResponse:
    try:
        guest = guest_from_token(token, slug)
    except RuleBroken as refusal:
        return closed(request, str(refusal), status=404)
    if reason := why_link_closed(guest, today()):
        return closed(request, reason)
    group = get_object_or_404(guest.groups, pk=pk)
    scoring = Scoring.objects.filter(diagnosis__in=Diagnosis.objects.current(), group=group).first()
    if scoring is None:
        return closed(request, "La notation de ce groupe n’est pas ouverte : revenez plus tard par ce même lien.")
    mine = services.ballot_of(scoring, guest=guest)
    form = _form(request, scoring, mine, Ballot.usual_college(guest.organisation))
    if request.method == "POST" and saved(form, lambda: _cast(scoring, form, guest=guest)):
        messages.success(request, "Votre bulletin est enregistré. Vous pouvez le changer jusqu’à la clôture.")
        return redirect("diagnostic:ballot_by_link", slug, token, pk)
    context = {
        "guest": guest,
        "ctg": guest.ctg,
        "token": token,
        "group": group,
        "form": form,
        "mine": mine,
        "why_closed": scoring.why_closed_on(today()),
    }
    return render(request, "diagnostic/ballot_by_link.html", context)


def _to_lead(request: Request, slug: str, pk: int) -> tuple[Diagnosis, ThematicGroup]:
    group = group_to_edit(request, slug, pk)
    diagnosis = diagnosis_of(request, group)
    refuse_frozen(diagnosis)
    return diagnosis, group


def _scoring(diagnosis: Diagnosis, group: ThematicGroup) -> Scoring | None:
    scoring = diagnosis.scorings.filter(group=group).first()
    if scoring:
        scoring.diagnosis, scoring.group = diagnosis, group
    return scoring


def _to_rank(diagnosis: Diagnosis, group: ThematicGroup) -> list[Finding]:
    return list(diagnosis.findings.to_rank().filter(group=group).order_by("position", "pk"))


def _form(request: HttpRequest, scoring: Scoring, mine: Ballot | None, college: str) -> BallotForm:
    findings = _to_rank(scoring.diagnosis, scoring.group)
    return BallotForm(request.POST or None, scoring=scoring, findings=findings, ballot=mine, college=college)


def _cast(scoring: Scoring, form: BallotForm, **who: object) -> None:
    college = form.cleaned_data["college"]
    services.cast_ballot(scoring, college=college, on=today(), **form.given, **who)
