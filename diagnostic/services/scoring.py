"""A group ranks what it found: opened, voted by each person once, closed. The committee keeps the last word."""

from collections.abc import Iterable, Mapping
from datetime import date
from functools import partial

from django.db import transaction
from django.db.models import Q

from ctg_site.accounts.models import User
from ctg_site.audit.services import record
from ctg_site.lib.dates import now
from ctg_site.lib.errors import RuleBroken
from ctg_site.lib.saving import save_checked
from diagnostic.colleges import Method
from diagnostic.models import Ballot, Finding, Guest, Score, Scoring
from diagnostic.services.guests import check_link, mark_answered, why_link_closed
from diagnostic.services.writing import draft, refuse_a_foreign_group
from diagnostic.tasks import send_ballot_request

Marks = tuple[int, int]
NOBODY_TO_CALL = "Personne n’est à prévenir : les partenaires invités à ce groupe ont donné leur avis, ou ont reçu un courriel aujourd’hui."


@transaction.atomic
def open_scoring(scoring: Scoring, *, by: User | None, on: date) -> Scoring:
    """Open it, or change its dates; the method no longer changes once somebody has voted."""
    diagnosis = draft(scoring.diagnosis)
    refuse_a_foreign_group(scoring.group, diagnosis)
    if not diagnosis.findings.to_rank().filter(group=scoring.group).exists():
        raise RuleBroken("Ce groupe n’a encore aucun besoin, aucune faiblesse ni opportunité à noter.")
    if scoring.pk is None:
        scoring.opened_on = on
    elif (before := Scoring.objects.get(pk=scoring.pk)).closed_on:
        raise RuleBroken(before.why_closed_on(on))
    elif before.method != scoring.method and before.ballots.exists():
        raise RuleBroken("Des personnes ont déjà voté : la méthode ne change plus.")
    save_checked(scoring)
    record(by, "scoring.opened", scoring, ctg=diagnosis.ctg, method=scoring.method)
    return scoring


@transaction.atomic
def call_to_score(scoring: Scoring, *, by: User | None, on: date) -> int:
    """A letter to each partner invited to the group who has not voted, at most one letter a day: how many leave."""
    draft(scoring.diagnosis)
    if reason := scoring.why_closed_on(on):
        raise RuleBroken(reason)
    rows = scoring.silent_guests().exclude(reminded_on=on).order_by("pk")
    called = [guest.pk for guest in rows if not why_link_closed(guest, on)]
    if not called:
        raise RuleBroken(NOBODY_TO_CALL)
    Guest.objects.filter(pk__in=called).update(reminded_on=on)
    record(by, "scoring.called", scoring, ctg=scoring.diagnosis.ctg, letters=len(called))
    for pk in called:
        transaction.on_commit(partial(send_ballot_request.enqueue, pk, scoring.pk))
    return len(called)


@transaction.atomic
def close_scoring(scoring: Scoring, *, by: User | None, on: date) -> Scoring:
    diagnosis = draft(scoring.diagnosis)
    scoring = _locked(scoring)
    if scoring.closed_on:
        raise RuleBroken(scoring.why_closed_on(on))
    if not scoring.ballots.exists():
        raise RuleBroken("Personne n’a encore voté : la notation reste ouverte.")
    scoring.closed_on = on
    save_checked(scoring)
    record(by, "scoring.closed", scoring, ctg=diagnosis.ctg, ballots=scoring.ballots.count())
    return scoring


@transaction.atomic
def cast_ballot(
    scoring: Scoring,
    *,
    college: str,
    on: date,
    marks: Mapping[Finding, Marks] | None = None,
    votes: Iterable[Finding] = (),
    user: User | None = None,
    guest: Guest | None = None,
    is_demo: bool = False,
) -> Ballot:
    """The ballot of a person, in the place of the one they gave before, with their account or by their link."""
    diagnosis = draft(scoring.diagnosis)
    scoring = _locked(scoring)
    if guest is not None:
        _check_guest(guest, scoring, on)
    if reason := scoring.why_closed_on(on):
        raise RuleBroken(reason)
    given: dict[Finding, Marks | None] = dict(marks or {}) if scoring.method == Method.MATRIX else {}
    if scoring.method == Method.VOTES:
        given = dict.fromkeys(votes)
    _check_given(scoring, given)
    ballot = ballot_of(scoring, user=user, guest=guest) or Ballot(scoring=scoring, user=user, guest=guest)
    ballot.scoring, ballot.college, ballot.cast_at, ballot.is_demo = scoring, college, now(), is_demo
    save_checked(ballot)
    ballot.scores.all().delete()
    for finding, pair in given.items():
        importance, feasibility = pair or (None, None)
        save_checked(Score(ballot=ballot, finding=finding, importance=importance, feasibility=feasibility))
    if voter := guest or user:
        mark_answered(diagnosis.ctg, voter.email, at=ballot.cast_at)
    record(user, "ballot.cast", scoring, ctg=diagnosis.ctg, label=guest.full_name if guest else "")
    return ballot


def ballot_of(scoring: Scoring, *, user: User | None = None, guest: Guest | None = None) -> Ballot | None:
    """The same person has one ballot, whether they came by their account or by their link."""
    email = user.email if user else guest.email if guest else ""
    return scoring.ballots.filter(Q(user__email__iexact=email) | Q(guest__email__iexact=email)).order_by("pk").first()


def _check_given(scoring: Scoring, given: Mapping[Finding, Marks | None]) -> None:
    if not given:
        raise RuleBroken("Ce bulletin est vide : donnez au moins un avis.")
    if scoring.method == Method.VOTES and len(given) > Scoring.MOST_VOTES:
        raise RuleBroken(f"Vous avez {Scoring.MOST_VOTES} voix : choisissez {Scoring.MOST_VOTES} constats au plus.")
    theirs = {finding.pk for finding in scoring.diagnosis.findings.to_rank().filter(group=scoring.group_id)}
    if any(finding.pk not in theirs for finding in given):
        raise RuleBroken("Un de ces constats n’est plus à noter par ce groupe : rouvrez la page.")


def _check_guest(guest: Guest, scoring: Scoring, on: date) -> None:
    guest.refresh_from_db(fields=["revoked_at"])
    check_link(guest, on)
    if not guest.groups.filter(pk=scoring.group_id).exists():
        raise RuleBroken("Votre lien ne vous invite pas à noter pour ce groupe.")


def _locked(scoring: Scoring) -> Scoring:
    rows = Scoring.objects.select_for_update(of=("self",)).select_related("diagnosis__ctg__caf", "group")
    return rows.get(pk=scoring.pk)
