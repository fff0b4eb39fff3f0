"""A group reads what partners said: what waits for it first, then what it took up; the finding keeps its sources."""

from datetime import date

import pytest
from django.urls import reverse

from diagnostic import services
from diagnostic.forms import GroupForm
from diagnostic.models import Guest
from diagnostic.tasks import send_contribution_request
from territory.models import Indicator, Role
from tests.diagnostic.factories import (
    add_contribution,
    add_finding,
    first_group,
    key_indicator,
    make_diagnosis,
    make_user,
    make_validated_diagnosis,
    open_group,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def diagnosis():
    return make_diagnosis()


@pytest.fixture
def group(diagnosis):
    return open_group(first_group(diagnosis))


@pytest.fixture
def partner(diagnosis):
    return make_user("Rosa", role=Role.CONTRIBUTOR, ctg=diagnosis.ctg)


def page(client, name, diagnosis, *args):
    return client.get(reverse(f"diagnostic:{name}", args=[diagnosis.ctg.slug, *args])).content.decode()


def test_what_waits_comes_first_and_the_rest_leads_to_its_finding(as_someone, diagnosis, group, partner):
    taken, answered, waiting = (add_contribution(group, partner, text=text) for text in ("Prise", "Vue", "En attente"))
    finding = add_finding(diagnosis, title="Peu de places", contributions=[taken])
    services.answer_contribution(answered, answer="Hors du sujet.", is_set_aside=True, by=None)
    client = as_someone("lead", diagnosis)
    heard = client.get(reverse("diagnostic:group", args=[diagnosis.ctg.slug, group.pk])).context["heard"]
    assert [row.pk for row, _ in heard.unworked] == [waiting.pk]
    assert {row.pk for row, _ in heard.worked} == {taken.pk, answered.pk}
    shown = page(client, "group", diagnosis, group.pk)
    assert "Reprises, ou avec une réponse\u00a0: 2" in shown
    assert f'<a href="{finding.get_absolute_url()}">Peu de places</a>' in shown.partition('id="contributions"')[2]


def test_a_long_list_has_its_button_again_at_its_end(as_someone, diagnosis, group, partner):
    client = as_someone("lead", diagnosis)
    for number in range(3):
        add_contribution(group, partner, text=f"Idée {number}")
    assert page(client, "group", diagnosis, group.pk).count('form="merge">') == 0
    add_contribution(group, partner, text="Encore une")
    assert page(client, "group", diagnosis, group.pk).count('form="merge">') == 1


@pytest.mark.parametrize(("who", "name"), [("lead", "Rosa"), ("reader", "Un partenaire")])
def test_a_finding_shows_its_sources_inside_and_keeps_who_is_anonymous(
    as_someone, diagnosis, group, partner, who, name
):
    said = add_contribution(group, partner, text="Rien après dix-huit heures.")
    said.is_anonymous = True
    said.save()
    finding = add_finding(diagnosis, contributions=[said])
    shown = page(as_someone(who, diagnosis), "finding", diagnosis, finding.pk)
    assert "Rien après dix-huit heures." in shown
    assert name in shown
    assert ("Rosa" in shown) == (who == "lead")


def test_the_public_reads_a_published_finding_without_its_sources(client, diagnosis, group, partner):
    said = add_contribution(group, partner, text="Rien après dix-huit heures.")
    diagnosis = make_validated_diagnosis()
    finding = diagnosis.findings.first()
    group = open_group(finding.group)
    said = add_contribution(group, make_user("Rosa", role=Role.CONTRIBUTOR, ctg=diagnosis.ctg))
    finding.contributions.add(said)
    services.publish_diagnosis(diagnosis, by=None)
    shown = page(client, "finding", diagnosis, finding.pk)
    assert finding.title in shown
    assert said.text not in shown


def test_the_figures_a_group_may_follow_are_offered_by_theme(group):
    indicator = key_indicator(theme=Indicator.Theme.PARENTING)
    offered = dict(GroupForm(instance=group).fields["indicators"].choices)
    assert (indicator.pk, indicator.label) in offered[indicator.get_theme_display()]


def test_the_page_of_the_diagnosis_has_a_table_of_contents_that_leads_somewhere(as_someone, diagnosis):
    shown = page(as_someone("lead", diagnosis), "diagnosis", diagnosis)
    contents = shown.partition('<nav class="contents"')[2].partition("</nav>")[0]
    anchors = [part.partition('"')[0] for part in contents.split('href="#')[1:]]
    assert anchors == ["summary", "figures", "findings", "priorities"]
    assert all(f'id="{anchor}"' in shown for anchor in anchors)


# --- Inviting at the right moment -------------------------------------------------------------------------------------


def test_the_dates_already_fixed_are_proposed_again(as_someone, diagnosis):
    client = as_someone("lead", diagnosis)
    url = reverse("diagnostic:campaign_dates", args=[diagnosis.ctg.slug])
    dates = {"opens_on": date(2021, 4, 1), "closes_on": date(2021, 10, 15)}
    services.schedule_contributions(diagnosis.ctg.groups.all(), **dates, by=None)
    form = client.get(url).context["form"]
    assert {name: form[name].value() for name in dates} == dates
    open_group(first_group(diagnosis), closes=date(2021, 12, 31))
    form = client.get(url).context["form"]
    assert {name: form[name].value() for name in dates} == dict.fromkeys(dates)


@pytest.mark.parametrize("name", ["guests_invite", "campaign"])
def test_a_group_whose_link_would_open_nothing_is_told_before_inviting(as_someone, diagnosis, name):
    for group in diagnosis.ctg.groups.all():
        open_group(group, opens=date(2021, 4, 1), closes=None)
    client = as_someone("lead", diagnosis)
    assert "un lien n’y mène à rien" not in page(client, name, diagnosis)
    open_group(first_group(diagnosis), opens=None, closes=None)
    shown = page(client, name, diagnosis)
    assert "pas de contributions\u00a0: Petite enfance." in shown
    assert reverse("diagnostic:campaign_dates", args=[diagnosis.ctg.slug]) in shown


@pytest.mark.parametrize(
    ("opens", "closes", "sentence"),
    [
        (None, None, "les dates vous seront annoncées"),
        (date(2021, 4, 1), None, "à partir du 1er avril 2021"),
        (date(2021, 4, 1), date(2021, 10, 15), "du 1er avril 2021 au 15 octobre 2021"),
    ],
)
def test_the_letter_says_when_the_group_listens(mailoutbox, diagnosis, opens, closes, sentence):
    group = open_group(first_group(diagnosis), opens=opens, closes=closes)
    guest = Guest(ctg=diagnosis.ctg, full_name="Ami", email="ami@essai.example")
    services.invite_guest(guest, groups=[group], by=None)
    send_contribution_request.enqueue(guest.pk)
    assert f"Groupe Petite enfance\u00a0: {sentence}" in mailoutbox[-1].body


# --- From a finding to a priority ------------------------------------------------------------------------------------


def test_a_finding_leads_to_the_priority_it_founds(as_someone, diagnosis):
    finding, stranger = add_finding(diagnosis), add_finding(make_diagnosis())
    client = as_someone("lead", diagnosis)
    link = f"{reverse('diagnostic:priority_new', args=[diagnosis.ctg.slug])}?constat={finding.pk}"
    assert f'href="{link}"' in page(client, "finding", diagnosis, finding.pk)
    assert client.get(link).context["form"]["findings"].value() == [finding.pk]
    for asked in (stranger.pk, "abc", "9" * 30, ""):
        form = client.get(link.replace(f"={finding.pk}", f"={asked}")).context["form"]
        assert form["findings"].value() == []


def test_who_reads_is_offered_no_gesture_on_a_finding(as_someone, diagnosis):
    assert "?constat=" not in page(as_someone("reader", diagnosis), "finding", diagnosis, add_finding(diagnosis).pk)


def test_a_text_too_long_says_by_how_much_beside_its_field_and_stays(as_someone, diagnosis):
    client = as_someone("lead", diagnosis)
    url = reverse("diagnostic:priority_new", args=[diagnosis.ctg.slug])
    form = client.post(url, {"title": "Titre", "text": "é" * 100_000}).context["form"]
    (sentence,) = form.errors["text"]
    assert sentence == (
        "Ce texte fait 100\u202f000 caractères, pour 5\u202f000 au plus\u00a0: raccourcissez-le de 95\u202f000."
    )
    assert form["text"].value() == "é" * 100_000
