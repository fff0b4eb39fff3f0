"""A group ranks what it found: one ballot a person, counted and never shown; the committee keeps the last word."""

import io
import re
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from openpyxl import load_workbook

from ctg_site.lib.errors import RuleBroken
from diagnostic import services
from diagnostic.colleges import Method
from diagnostic.content import read_diagnosis
from diagnostic.documents import document_context
from diagnostic.exports import diagnosis_sheets
from diagnostic.links import guest_url
from diagnostic.models import Ballot, Diagnosis, Finding, Guest, Scoring
from diagnostic.rankings import rank, read_notes
from diagnostic.tasks import send_ballot_request
from territory.models import Role
from tests.diagnostic.factories import (
    add_finding,
    add_priority,
    first_group,
    make_diagnosis,
    make_ready_diagnosis,
    make_user,
)

pytestmark = pytest.mark.django_db
OPENED_ON, LAST_DAY, TOO_LATE = date(2021, 9, 1), date(2021, 9, 30), date(2021, 10, 1)
MATRIX, VOTES = Method.MATRIX, Method.VOTES


@pytest.fixture
def diagnosis():
    return make_ready_diagnosis()


@pytest.fixture
def needs(diagnosis):
    """The three findings of the first group that call for something; a strength beside them."""
    add_finding(diagnosis, kind=Finding.Kind.STRENGTH, title="Un relais très suivi")
    first = diagnosis.findings.get(group=first_group(diagnosis), kind="need")
    return [first, add_finding(diagnosis, title="Peu de places"), add_finding(diagnosis, title="Des horaires courts")]


def opened(diagnosis, method=MATRIX, **fields):
    scoring = Scoring(diagnosis=diagnosis, group=first_group(diagnosis), method=method, closes_on=LAST_DAY, **fields)
    return services.open_scoring(scoring, by=None, on=OPENED_ON)


def voter(diagnosis, name="Voix"):
    return make_user(name, role=Role.CONTRIBUTOR, ctg=diagnosis.ctg)


def mark(scoring, *pairs, college="elected", user=None, on=OPENED_ON, **who):
    if not who:
        who = {"user": user or voter(scoring.diagnosis)}
    return services.cast_ballot(scoring, college=college, marks=dict(pairs), on=on, **who)


def vote(scoring, *findings, college="elected", **who):
    who = who or {"user": voter(scoring.diagnosis)}
    return services.cast_ballot(scoring, college=college, votes=findings, on=OPENED_ON, **who)


def invited(diagnosis, email="voix@essai.example"):
    guest = Guest(ctg=diagnosis.ctg, full_name="Camille Essai", email=email)
    return services.invite_guest(guest, groups=[first_group(diagnosis)], by=None)


def notes_of(scoring):
    return read_notes(scoring.diagnosis, scoring)


def test_the_note_is_the_mean_of_importance_times_feasibility_with_its_spread(diagnosis, needs):
    scoring = opened(diagnosis)
    mark(scoring, (needs[0], (5, 4)), (needs[1], (2, 2)), (needs[2], (5, 5)))
    mark(scoring, (needs[0], (3, 2)), (needs[1], (2, 2)), (needs[2], (5, 5)))
    mark(scoring, (needs[0], (4, 3)), (needs[1], (2, 2)))
    ranked = notes_of(scoring)[needs[0].key]
    assert (ranked.note, ranked.low, ranked.high, ranked.ballots) == (
        Decimal("50.66666666666666666666666667"),
        24,
        80,
        3,
    )
    assert (ranked.importance, ranked.feasibility) == (Decimal(4), Decimal(3))
    ranking = rank(needs, notes_of(scoring))
    assert [(line.rank, line.finding) for line in ranking.lines] == [(1, needs[0]), (2, needs[1])]
    assert ranking.unmarked == [needs[2]]
    assert "arrive en tête avec 51 sur 100, d’après 3 bulletins" in ranking.sentence


@pytest.mark.parametrize("method", [MATRIX, VOTES])
def test_the_result_of_too_few_ballots_is_shown_nowhere_and_binds_nobody(client, diagnosis, needs, method):
    """Of two persons, each would read the ballot of the other: on the page, in the sheets, on paper."""
    add_priority(diagnosis, findings=[needs[1]], title="Des horaires d’abord")
    scoring = opened(diagnosis, method)
    for _ in range(2):
        give = {MATRIX: lambda: mark(scoring, (needs[1], (5, 4))), VOTES: lambda: vote(scoring, needs[1])}
        give[method]()
    services.close_scoring(scoring, by=None, on=OPENED_ON)
    assert read_notes(diagnosis) == {}
    client.force_login(voter(diagnosis))
    page = client.get(address("group_scoring", diagnosis)).text
    assert "Résultat non montré" in page
    assert "sur 100" not in page
    sheet = load_workbook(io.BytesIO(diagnosis_sheets(for_page(diagnosis), on=LAST_DAY)))["Notes des groupes"]
    assert "Peu de places" not in [cell.value for row in sheet for cell in row]
    context = document_context(for_page(diagnosis), on=LAST_DAY)
    assert [chapter.ranking for chapter in context["groups"] if chapter.ranking] == []
    assert diagnosis.missing_before_validation() == []


def for_page(diagnosis):
    return Diagnosis.objects.for_page().get(pk=diagnosis.pk)


def test_nobody_reads_the_result_before_it_is_closed(client, diagnosis, needs):
    """From a ballot to the next, whoever leads the group would read how the last one voted."""
    scoring = opened(diagnosis)
    for _ in range(3):
        mark(scoring, (needs[0], (5, 4)))
    client.force_login(make_user("Coopération", role=Role.LEAD, ctg=diagnosis.ctg))
    page = client.get(address("group_scoring", diagnosis)).text
    assert "sur 100" not in page
    assert re.search(r"Bulletins reçus</dt>\s*<dd>\s*3\b", page)


def test_a_single_college_shown_has_no_spread(diagnosis, needs):
    scoring = opened(diagnosis, VOTES)
    for _ in range(3):
        vote(scoring, needs[0], college="residents")
    vote(scoring, needs[1], college="elected")
    vote(scoring, needs[1], college="institutions")
    assert set(notes_of(scoring)[needs[0].key].colleges) == {"residents"}
    assert notes_of(scoring)[needs[0].key].spread is None


def test_each_college_weighs_the_same_and_a_small_one_is_not_shown(diagnosis, needs):
    scoring = opened(diagnosis, VOTES)
    for _ in range(4):
        vote(scoring, needs[0])
    for choice in (needs[1], needs[1], needs[0]):
        vote(scoring, choice, college="associations")
    vote(scoring, needs[1], college="residents")
    vote(scoring, needs[0], college="institutions")
    first = notes_of(scoring)[needs[0].key]
    third = Decimal(100) / 3
    assert round(first.note, 2) == round((100 + third + 0 + 100) / 4, 2)
    assert set(first.colleges) == {"elected", "associations"}
    assert (first.low, first.high) == (first.colleges["associations"], Decimal(100))


def test_a_single_small_college_cannot_be_found_by_subtraction(diagnosis, needs):
    scoring = opened(diagnosis, VOTES)
    for college, count in (("elected", 4), ("associations", 3), ("residents", 1)):
        for _ in range(count):
            vote(scoring, needs[0], college=college)
    assert set(notes_of(scoring)[needs[0].key].colleges) == {"elected"}


def test_equal_notes_share_a_rank(diagnosis, needs):
    scoring = opened(diagnosis)
    for _ in range(3):
        mark(scoring, (needs[0], (2, 2)), (needs[1], (4, 1)), (needs[2], (1, 1)))
    assert [line.rank for line in rank(needs, notes_of(scoring)).lines] == [1, 1, 3]


def test_a_person_has_one_ballot_that_they_change(diagnosis, needs):
    scoring, person = opened(diagnosis), voter(diagnosis)
    mark(scoring, (needs[0], (5, 5)), user=person)
    mark(scoring, (needs[1], (1, 1)), user=person, college="residents")
    ballot = scoring.ballots.get()
    assert (ballot.college, [score.finding for score in ballot.scores.all()]) == ("residents", [needs[1]])


def test_an_account_and_a_link_of_the_same_person_make_one_ballot(diagnosis, needs):
    scoring, person = opened(diagnosis), voter(diagnosis)
    mark(scoring, (needs[0], (5, 5)), guest=invited(diagnosis, person.email.upper()))
    mark(scoring, (needs[0], (1, 1)), user=person)
    score = scoring.ballots.get().scores.get()
    assert (score.importance, score.feasibility) == (1, 1)


def test_the_database_takes_one_ballot_a_person(diagnosis, needs):
    scoring, person = opened(diagnosis), voter(diagnosis)
    mark(scoring, (needs[0], (5, 5)), user=person)
    with pytest.raises(IntegrityError), transaction.atomic():
        Ballot.objects.bulk_create([Ballot(scoring=scoring, user=person, college="elected")])


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"marks": {}}, "vide"),
        ({"marks": "strength"}, "n’est plus à noter"),
        ({"marks": "bad"}, "Donnez les deux notes, de 1 à 5"),
    ],
)
def test_a_bad_ballot_is_refused_whole(diagnosis, needs, given, sentence):
    scoring = opened(diagnosis)
    strength = diagnosis.findings.get(kind=Finding.Kind.STRENGTH)
    marks = {"strength": {needs[0]: (3, 3), strength: (5, 5)}, "bad": {needs[0]: (3, 3), needs[1]: (6, 1)}}
    chosen = marks.get(given["marks"], {}) if isinstance(given["marks"], str) else {}
    with pytest.raises(RuleBroken, match=sentence):
        services.cast_ballot(scoring, college="elected", marks=chosen, on=OPENED_ON, user=voter(diagnosis))
    assert not scoring.ballots.exists()


def test_a_fourth_voice_is_refused(diagnosis, needs):
    scoring = opened(diagnosis, VOTES)
    with pytest.raises(RuleBroken, match="Vous avez 3 voix"):
        vote(scoring, *needs, add_finding(diagnosis, title="Un quatrième"))


@pytest.mark.parametrize("how", ["late", "closed", "validated", "revoked", "another group"])
def test_nobody_votes_when_it_is_not_the_time_or_not_their_place(diagnosis, needs, how):
    scoring, guest, on = opened(diagnosis), invited(diagnosis), OPENED_ON
    mark(scoring, (needs[0], (3, 3)))
    if how == "late":
        on = TOO_LATE
    elif how == "closed":
        services.close_scoring(scoring, by=None, on=OPENED_ON)
    elif how == "validated":
        services.close_scoring(scoring, by=None, on=OPENED_ON)
        services.validate_diagnosis(diagnosis, decision="Copil", by=None, on=LAST_DAY)
    elif how == "revoked":
        services.revoke_guest(guest, by=None)
    else:
        guest.groups.set([])
    with pytest.raises(RuleBroken):
        mark(scoring, (needs[0], (3, 3)), guest=guest, on=on)
    assert scoring.ballots.count() == 1


def test_the_method_no_longer_changes_once_somebody_has_voted(diagnosis, needs):
    scoring = opened(diagnosis)
    mark(scoring, (needs[0], (3, 3)))
    scoring.method = VOTES
    with pytest.raises(RuleBroken, match="la méthode ne change plus"):
        services.open_scoring(scoring, by=None, on=OPENED_ON)


def test_nothing_to_rank_and_nobody_to_count_are_refused():
    diagnosis = make_diagnosis()
    with pytest.raises(RuleBroken, match="aucun besoin"):
        opened(diagnosis)
    add_finding(diagnosis)
    with pytest.raises(RuleBroken, match="Personne n’a encore voté"):
        services.close_scoring(opened(diagnosis), by=None, on=OPENED_ON)


def test_the_committee_says_why_it_departs_from_the_groups(diagnosis, needs):
    add_priority(diagnosis, findings=[needs[1]], title="Des horaires d’abord")
    scoring = opened(diagnosis)
    for _ in range(3):
        mark(scoring, (needs[0], (1, 1)), (needs[1], (5, 5)))
    assert diagnosis.missing_before_validation() == []
    services.close_scoring(scoring, by=None, on=OPENED_ON)
    lack = "Priorité « Accueillir tous les enfants » : le comité la place avant une autre mieux notée, il dit pourquoi"
    assert diagnosis.missing_before_validation() == [lack]
    first = diagnosis.priorities.get(position=1)
    first.reason = "C’est la demande des familles."
    services.save_priority(first, by=None)
    assert diagnosis.missing_before_validation() == []


def test_orphans_show_both_ways(client, diagnosis, needs):
    add_priority(diagnosis, findings=[], title="Sans constat")
    content = read_diagnosis(diagnosis)
    assert needs[1] in content.orphans
    assert [priority.title for priority in content.unsupported] == ["Sans constat"]
    client.force_login(make_user("Lecture", role=Role.READER, ctg=diagnosis.ctg))
    page = client.get(diagnosis.get_absolute_url()).content.decode()
    assert "Priorités qui ne s’appuient sur aucun constat : 1" in page
    assert "Constats qu’aucune priorité ne reprend : 3" in page


def address(name, diagnosis):
    return reverse(f"diagnostic:{name}", args=[diagnosis.ctg.slug, first_group(diagnosis).pk])


def test_the_whole_ranking_is_played_on_the_pages(client, diagnosis, needs, settings):
    lead = make_user("Coopération", role=Role.LEAD, ctg=diagnosis.ctg)
    client.force_login(lead)
    client.post(address("scoring_edit", diagnosis), {"method": "matrix", "closes_on": ""})
    client.force_login(voter(diagnosis))
    names = {f"{name}_{needs[0].pk}": "" for name in ("importance", "feasibility")}
    refused = client.post(address("ballot", diagnosis), {"college": "elected"} | names).content.decode()
    assert "Ce bulletin est vide" in refused
    half = client.post(address("ballot", diagnosis), {"college": "elected", f"importance_{needs[0].pk}": 5})
    assert "Donnez les deux notes" in half.content.decode()
    sent = {"college": "elected", f"importance_{needs[0].pk}": 5, f"feasibility_{needs[0].pk}": 3}
    assert client.post(address("ballot", diagnosis), sent).status_code == 302
    hidden = client.get(address("group_scoring", diagnosis)).content.decode()
    assert "sur 100" not in hidden
    for name in ("Deuxième", "Troisième"):
        client.force_login(voter(diagnosis, name))
        client.post(address("ballot", diagnosis), sent)
    client.force_login(lead)
    client.post(address("scoring_close", diagnosis))
    client.force_login(voter(diagnosis, "Autre"))
    page = client.get(address("group_scoring", diagnosis)).content.decode()
    assert "arrive en tête avec 60 sur 100, d’après 3 bulletins" in page
    assert "<svg" in page
    late = client.post(address("ballot", diagnosis), sent).content.decode()
    assert "La notation est close" in late


def test_a_guest_votes_by_their_link(client, diagnosis, needs):
    scoring, guest = opened(diagnosis, VOTES), invited(diagnosis)
    scoring.closes_on = None
    services.open_scoring(scoring, by=None, on=OPENED_ON)
    home = guest_url(guest)
    page = client.get(home).content.decode()
    assert "Noter ce qu’a trouvé le groupe Petite enfance" in page
    url = f"{home}notation/{scoring.group_id}/"
    four = [need.pk for need in (*needs, add_finding(diagnosis, title="Un quatrième"))]
    refused = client.post(url, {"college": "residents", "votes": four}).content.decode()
    assert "vous en avez coché 4" in refused
    assert refused.count("checked") == 5  # nothing of what was ticked is lost
    client.post(url, {"college": "residents", "votes": four[:2]})
    assert (scoring.ballots.get().guest, scoring.ballots.get().scores.count()) == (guest, 2)
    assert client.get(f"{home}notation/{scoring.group_id + 1}/").status_code == 404


def test_what_is_closed_is_neither_closed_nor_opened_again(diagnosis, needs):
    scoring = opened(diagnosis)
    mark(scoring, (needs[0], (3, 3)))
    scoring = services.close_scoring(scoring, by=None, on=LAST_DAY)
    for gesture in (services.close_scoring, services.open_scoring):
        with pytest.raises(RuleBroken, match="close depuis le 30 septembre 2021"):
            gesture(scoring, by=None, on=TOO_LATE)
    scoring.refresh_from_db()
    assert scoring.closed_on == LAST_DAY


# --- Telling the partners that one can vote ---------------------------------------------------------------------------


def called(scoring, on=OPENED_ON):
    return services.call_to_score(scoring, by=None, on=on)


def delivered(django_capture_on_commit_callbacks, mailoutbox, gesture):
    mailoutbox.clear()
    with django_capture_on_commit_callbacks(execute=True):
        gesture()
    return sorted(letter.to[0] for letter in mailoutbox)


def test_only_the_partners_who_have_not_voted_are_written_to_and_once_a_day(
    client, diagnosis, needs, mailoutbox, django_capture_on_commit_callbacks, monkeypatch
):
    monkeypatch.setattr("diagnostic.views.scoring.today", lambda: OPENED_ON)
    scoring = opened(diagnosis, VOTES)
    silent, voted, gone, known = (invited(diagnosis, f"{name}@essai.example") for name in ("a", "b", "c", "d"))
    services.revoke_guest(gone, by=None)
    vote(scoring, needs[0], guest=voted)
    account = voter(diagnosis)
    account.email = known.email
    account.save()
    vote(scoring, needs[0], user=account)

    def delivery(on=OPENED_ON):
        return delivered(django_capture_on_commit_callbacks, mailoutbox, lambda: called(scoring, on))

    assert delivery() == [silent.email]
    assert "jusqu’au" in mailoutbox[0].body
    link = re.search(r"https?://[^/]+(/\S+)", mailoutbox[0].body)[1]
    assert "Peu de places" in client.get(link).text
    with pytest.raises(RuleBroken, match="Personne n’est à prévenir"):
        called(scoring)
    assert delivery(OPENED_ON + timedelta(days=1)) == [silent.email]
    vote(scoring, needs[0], guest=silent)
    with pytest.raises(RuleBroken, match="Personne n’est à prévenir"):
        called(scoring, OPENED_ON + timedelta(days=2))


def test_a_letter_that_waits_is_not_sent_to_who_is_asked_no_more(diagnosis, needs, mailoutbox):
    scoring, guest = opened(diagnosis, VOTES), invited(diagnosis)
    services.revoke_guest(guest, by=None)
    mailoutbox.clear()
    send_ballot_request.enqueue(guest.pk, scoring.pk)
    assert mailoutbox == []


def test_nobody_is_called_to_a_ranking_that_is_over(diagnosis, needs):
    scoring = opened(diagnosis, VOTES)
    invited(diagnosis)
    with pytest.raises(RuleBroken, match="s’est terminée"):
        called(scoring, LAST_DAY + timedelta(days=1))
    vote(scoring, needs[0])
    services.close_scoring(scoring, by=None, on=OPENED_ON)
    with pytest.raises(RuleBroken, match="close depuis"):
        called(Scoring.objects.get(pk=scoring.pk))


def test_the_button_is_there_while_one_can_vote(client, diagnosis, needs, monkeypatch):
    monkeypatch.setattr("diagnostic.views.scoring.today", lambda: OPENED_ON)
    invited(diagnosis)
    scoring = opened(diagnosis, VOTES)
    client.force_login(make_user("Coopération", role=Role.LEAD, ctg=diagnosis.ctg))
    assert address("scoring_call", diagnosis) in client.get(address("group_scoring", diagnosis)).text
    assert "Un courriel part" in client.post(address("scoring_call", diagnosis), follow=True).text
    vote(scoring, needs[0])
    services.close_scoring(scoring, by=None, on=OPENED_ON)
    assert address("scoring_call", diagnosis) not in client.get(address("group_scoring", diagnosis)).text
