"""Signed party by party: never before the délibération, before its transmission only with a reason (domain T14)."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from ctg_site.audit.models import Entry
from ctg_site.lib.errors import RuleBroken
from governance import services
from governance.models import Gate, Party, Signatory
from governance.signing import check_signature
from territory.models import Ctg, CtgFact, Organisation
from tests.governance.factories import (
    FROZEN_ON,
    SIGNED_ON,
    add_party,
    decide,
    decide_up_to,
    fresh,
    make_agreement,
    make_ctg,
    make_frozen_agreement,
    make_ready_plan,
    make_signed_agreement,
    sign,
)

pytestmark = pytest.mark.django_db

# Frozen on 30 November, délibération of 1 December, transmitted on the 3rd.
REFUSED, WITH_REASON, WARNED, ACCEPTED = "refused", "with a reason", "warned", "accepted"
DAYS = {
    date(2021, 11, 29): REFUSED,  # before the freeze
    date(2021, 11, 30): REFUSED,  # before the délibération
    date(2021, 12, 1): WITH_REASON,
    date(2021, 12, 2): WITH_REASON,
    date(2021, 12, 3): WARNED,
    date(2021, 12, 6): ACCEPTED,
    date(2025, 12, 31): ACCEPTED,
    date(2026, 1, 1): REFUSED,  # after the end of the convention
}


def local_authority(agreement):
    return agreement.parties.get(organisation__kind=Organisation.Kind.EPCI)


def outcome(party, on, reason=""):
    try:
        recorded = services.record_signature(party, on=on, by=None, reason=reason)
    except RuleBroken:
        return REFUSED
    return WARNED if recorded.warnings else ACCEPTED


@pytest.mark.parametrize(("on", "expected"), DAYS.items(), ids=str)
def test_when_a_party_may_sign(on, expected):
    party = local_authority(make_frozen_agreement())
    assert outcome(party, on) == (REFUSED if expected == WITH_REASON else expected)
    party.refresh_from_db()
    assert party.signed_on == (None if expected in (REFUSED, WITH_REASON) else on)


@pytest.mark.parametrize(("on", "expected"), DAYS.items(), ids=str)
def test_a_reason_passes_before_the_transmission_and_never_before_the_deliberation(on, expected):
    party = local_authority(make_frozen_agreement())
    got = outcome(party, on, reason="La préfecture a reçu le texte le jour même.")
    assert got == (ACCEPTED if expected == WITH_REASON else expected)
    party.refresh_from_db()
    assert bool(party.signature_reason) is (expected == WITH_REASON)


def test_what_the_page_says_is_what_is_refused():
    party = local_authority(make_frozen_agreement())
    assert check_signature(party, on=SIGNED_ON).obstacles == []
    with pytest.raises(RuleBroken) as refusal:
        services.record_signature(party, on=date(2021, 12, 2), by=None)
    assert refusal.value.missing == check_signature(party, on=date(2021, 12, 2)).obstacles != []


def test_the_reason_is_kept_in_the_journal():
    party = local_authority(make_frozen_agreement())
    services.record_signature(party, on=date(2021, 12, 2), by=None, reason="  Accord de la préfecture  ")
    entry = Entry.objects.get(verb="party.signed")
    assert entry.data["reason"] == "Accord de la préfecture"
    assert "n’est transmise au préfet que le 3 décembre 2021" in entry.data["overridden"][0]


def test_a_deliberation_never_transmitted_asks_for_a_reason():
    agreement = make_agreement()
    party = add_party(agreement, Organisation.Kind.COMMUNE, transmitted_on=None)
    decide(agreement.ctg, Gate.APPROVE_SIGNATURE)
    with pytest.raises(RuleBroken) as refusal:
        services.record_signature(party, on=SIGNED_ON, by=None)
    assert "pas encore transmise" in refusal.value.missing[0]
    services.record_signature(party, on=SIGNED_ON, by=None, reason="Transmission en cours")


def test_a_text_that_is_not_frozen_is_not_signed():
    party = local_authority(make_agreement())
    with pytest.raises(RuleBroken) as refusal:
        services.record_signature(party, on=SIGNED_ON, by=None, reason="Urgent")
    assert "pas encore arrêté" in refusal.value.missing[0]


def test_nobody_signs_before_the_text_is_frozen():
    """The Caf needs no délibération: the freeze alone holds it."""
    agreement = make_frozen_agreement()
    caf = agreement.parties.get(organisation__kind=Organisation.Kind.CAF)
    with pytest.raises(RuleBroken) as refusal:
        services.record_signature(caf, on=FROZEN_ON - timedelta(days=1), by=None, reason="Urgent")
    assert "Le texte est arrêté le 30 novembre 2021" in refusal.value.missing[0]
    services.record_signature(caf, on=FROZEN_ON, by=None)


def test_a_signature_is_recorded_once_given(monkeypatch):
    """Whatever the door, the day it would be given included."""
    party = local_authority(make_frozen_agreement())
    monkeypatch.setattr("ctg_site.lib.dates.today", lambda: SIGNED_ON - timedelta(days=1))
    with pytest.raises(RuleBroken, match="pas encore venu"):
        services.record_signature(party, on=SIGNED_ON, by=None)
    party.refresh_from_db()
    assert (party.signed_on, Entry.objects.filter(verb="party.signed").exists()) == (None, False)
    monkeypatch.setattr("ctg_site.lib.dates.today", lambda: SIGNED_ON)
    assert services.record_signature(party, on=SIGNED_ON, by=None).party.signed_on == SIGNED_ON


def test_a_party_signs_once():
    party = local_authority(make_frozen_agreement())
    services.record_signature(party, on=SIGNED_ON, by=None)
    with pytest.raises(RuleBroken, match="a déjà signé"):
        services.record_signature(party, on=SIGNED_ON, by=None)


@pytest.mark.parametrize("first", [Organisation.Kind.CAF, Organisation.Kind.EPCI])
def test_parties_sign_in_any_order_and_the_last_puts_the_convention_in_force(first):
    agreement = make_frozen_agreement()
    ctg = agreement.ctg
    kinds = sorted([Organisation.Kind.CAF, Organisation.Kind.EPCI], key=lambda kind: kind != first)
    days = [date(2021, 12, 10), date(2021, 12, 6)]
    for kind, on, completes in zip(kinds, days, [False, True], strict=True):
        assert not fresh(agreement).signed_on
        party = agreement.parties.get(organisation__kind=kind)
        assert services.record_signature(party, on=on, by=None).completes is completes
    agreement = fresh(agreement)
    assert agreement.signed_on == agreement.plan.signed_on == date(2021, 12, 10)
    ctg = Ctg.objects.get(pk=ctg.pk)
    assert ctg.fact(CtgFact.Kind.SIGNED) == date(2021, 12, 10)
    assert ctg.state_on(date(2021, 12, 9)) == Ctg.State.PREPARING
    assert ctg.state_on(date(2021, 12, 10)) == Ctg.State.IN_FORCE
    assert ctg.state_on(date(2026, 1, 1)) == Ctg.State.EXPIRED


def test_signed_before_its_period_a_convention_is_in_force_when_the_period_begins():
    ctg = make_ctg(starts_on=date(2022, 1, 1), ends_on=date(2025, 12, 31))
    make_signed_agreement(ctg)
    ctg = Ctg.objects.get(pk=ctg.pk)
    assert ctg.fact(CtgFact.Kind.SIGNED) == SIGNED_ON
    assert ctg.state_on(date(2021, 12, 31)) == Ctg.State.PREPARING
    assert ctg.state_on(date(2022, 1, 1)) == Ctg.State.IN_FORCE


def test_two_signed_conventions_never_cover_a_commune_at_the_same_time():
    """Refused when the last party signs: nothing of that signature remains (R5)."""
    signed = make_signed_agreement()
    rival = make_ctg(caf=signed.ctg.caf)
    rival.communes.set(signed.ctg.communes.all())
    agreement = make_frozen_agreement(rival)
    with pytest.raises(RuleBroken, match="Une autre Ctg signée couvre déjà"):
        sign(agreement)
    agreement = fresh(agreement)
    assert agreement.signed_on is None
    assert [party.signed_on for party in agreement.parties.all()] == [SIGNED_ON, None]
    assert rival.fact("signed") is None


def test_the_caf_has_two_signatories_and_nobody_has_three():
    agreement = make_agreement()
    caf = agreement.parties.get(organisation__kind=Organisation.Kind.CAF)
    assert caf.signatories.count() == 2
    assert caf.represented == "représentée par Signataire 1, Présidence et par Signataire 2, Présidence"
    third = Signatory(party=caf, rank=3, full_name="Troisième", quality="Administratrice")
    with pytest.raises(RuleBroken):
        services.save_signatory(third, by=None)
    third.rank = 2
    with pytest.raises(RuleBroken, match="deux signataires au plus"):
        services.save_signatory(third, by=None)


def test_who_is_not_the_legal_head_signs_by_delegation():
    party = local_authority(make_agreement())
    signatory = Signatory(party=party, rank=2, full_name="Adjointe", quality="Première adjointe", is_legal_head=False)
    with pytest.raises(RuleBroken, match="par délégation"):
        services.save_signatory(signatory, by=None)
    signatory.delegation = "Arrêté n° 12 du 3 juillet 2020"
    services.save_signatory(signatory, by=None)


def test_a_convention_signed_after_the_end_of_its_first_year_is_accepted():
    """T7: Perpignan, 2024-2028, signed on 27 February 2025."""
    ctg = make_ctg(starts_on=date(2024, 1, 1), ends_on=date(2028, 12, 31))
    agreement = services.draft_agreement(make_ready_plan(ctg), by=None)
    decide_up_to(ctg, Gate.VALIDATE_METHOD)
    add_party(agreement, Organisation.Kind.CAF)
    add_party(agreement, Organisation.Kind.EPCI)
    decide(ctg, Gate.APPROVE_SIGNATURE)
    agreement = sign(agreement, date(2025, 2, 27))
    assert agreement.signed_on == date(2025, 2, 27)
    assert services.open_evaluation(agreement, year=2024, by=None, on=date(2025, 3, 1)).year == 2024


@pytest.mark.parametrize(
    ("who", "code"),
    [("anonymous", 302), ("outsider", 404), ("reader", 403), ("editor", 403), ("signatory", 403), ("lead", 302)],
)
def test_who_records_a_signature(who, code, as_someone):
    agreement = make_frozen_agreement()
    party = local_authority(agreement)
    url = reverse("governance:signature_record", args=[agreement.ctg.slug, party.pk])
    response = as_someone(who, agreement.ctg).post(url, {"on": SIGNED_ON.isoformat()})
    assert response.status_code == code
    assert (Party.objects.get(pk=party.pk).signed_on == SIGNED_ON) is (who == "lead")


def test_the_page_asks_for_the_reason_then_warns_then_says_what_remains(lead_of):
    agreement = make_frozen_agreement()
    party = local_authority(agreement)
    client = lead_of(agreement.ctg)
    url = reverse("governance:signature_record", args=[agreement.ctg.slug, party.pk])
    page = client.post(url, {"on": "2021-12-02"}).content.decode()
    assert "n’est transmise au préfet que le 3 décembre 2021" in page
    assert 'value="2021-12-02"' in page
    page = client.post(url, {"on": "2021-12-03"}, follow=True).content.decode()
    assert "le jour même de la signature" in page
    assert "les autres parties restent à signer" in page
    assert "a déjà signé" in client.get(url, follow=True).content.decode()


def test_a_signature_of_tomorrow_is_refused(lead_of):
    agreement = make_frozen_agreement(make_ctg(ends_on=date(2025, 12, 31)))
    party = local_authority(agreement)
    url = reverse("governance:signature_record", args=[agreement.ctg.slug, party.pk])
    response = lead_of(agreement.ctg).post(url, {"on": "2099-01-01"})
    assert "Ce jour n’est pas encore venu" in response.content.decode()
    assert date(2099, 1, 1) > FROZEN_ON
    assert Party.objects.get(pk=party.pk).signed_on is None
