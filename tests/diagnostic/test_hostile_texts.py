"""What people paste, whatever the door: shown as text, cleaned of what hides, refused beside its field when too long."""

import pytest
from django.urls import reverse

from ctg_site.lib.errors import RuleBroken
from diagnostic import services
from diagnostic.models import Finding, Idea, Priority
from territory.models import Role
from tests.diagnostic.factories import add_finding, first_group, make_diagnosis, make_user

pytestmark = pytest.mark.django_db

WORD = "<p class=MsoNormal><o:p>&nbsp;</o:p><b>Texte</b><script>alert(1)</script></p>"
PASTED = {"word": (WORD, WORD), "hidden": ("Un\x00 texte\u202e retourné\u2066\ufeff", "Un texte retourné")}
LONG = "z" * 100_000
ROOMS = {"finding": Finding, "idea": Idea, "priority": Priority}
LIMITS = {"finding": ("text", "5\u202f000"), "idea": ("text", "300"), "priority": ("text", "5\u202f000")}


@pytest.fixture
def diagnosis():
    return make_diagnosis()


def fields(kind, diagnosis, text):
    group = first_group(diagnosis).pk
    return {
        "finding": {"group": group, "kind": "need", "title": "Titre", "text": text},
        "idea": {"group": group, "text": text},
        "priority": {"title": "Titre", "text": text, "findings": [finding.pk for finding in diagnosis.findings.all()]},
    }[kind]


class Doors:
    def __init__(self, client, diagnosis):
        self.client, self.diagnosis = client, diagnosis

    def page(self, kind, text):
        self.client.force_login(make_user("Rédaction", role=Role.EDITOR, ctg=self.diagnosis.ctg))
        url = reverse(f"diagnostic:{kind}_new", args=[self.diagnosis.ctg.slug])
        return self.client.post(url, fields(kind, self.diagnosis, text))

    def admin(self, kind, text):
        person = make_user("Caf", role=Role.CAF_MANAGER, ctg=self.diagnosis.ctg)
        person.is_staff = True
        person.save()
        self.client.force_login(person)
        sent = fields(kind, self.diagnosis, text) | {"diagnosis": self.diagnosis.pk}
        if kind == "priority":
            sent["findings"] = ",".join(map(str, sent["findings"]))
        return self.client.post(reverse(f"admin:diagnostic_{kind}_add"), sent)


def rows(kind, diagnosis):
    return ROOMS[kind].objects.filter(diagnosis=diagnosis).exclude(text="").order_by("pk")


@pytest.mark.parametrize("pasted", PASTED)
@pytest.mark.parametrize("door", ["page", "admin", "service"])
@pytest.mark.parametrize("kind", ROOMS)
def test_what_is_pasted_is_kept_as_text_and_never_run(client, diagnosis, kind, door, pasted):
    add_finding(diagnosis)
    typed, kept = PASTED[pasted]
    if door == "service":
        made = {"text": typed} | ({} if kind == "idea" else {"title": "Titre"})
        made |= {} if kind == "priority" else {"group": first_group(diagnosis)}
        made |= {"kind": "need"} if kind == "finding" else {}
        getattr(services, f"save_{kind}")(ROOMS[kind](diagnosis=diagnosis, **made), by=None)
    else:
        assert getattr(Doors(client, diagnosis), door)(kind, typed).status_code == 302
    assert [row.text for row in rows(kind, diagnosis)] == [kept]
    client.force_login(make_user("Lecture", role=Role.READER, ctg=diagnosis.ctg))
    page = client.get(reverse("diagnostic:diagnosis", args=[diagnosis.ctg.slug])).text
    assert "<script>alert" not in page
    assert ("&lt;script&gt;alert(1)" in page) == (pasted == "word")


@pytest.mark.parametrize("door", ["page", "admin"])
@pytest.mark.parametrize("kind", ROOMS)
def test_a_hundred_thousand_characters_are_refused_beside_the_field_and_stay(client, diagnosis, kind, door):
    add_finding(diagnosis)
    answer = getattr(Doors(client, diagnosis), door)(kind, LONG)
    assert answer.status_code == 200
    assert LIMITS[kind][1].replace("\u202f", "") in answer.text.replace("\u202f", "").replace("&#8239;", "")
    assert LONG in answer.text
    assert not rows(kind, diagnosis).exists()


@pytest.mark.parametrize("kind", ROOMS)
def test_the_services_refuse_them_too(diagnosis, kind):
    made = {"text": LONG} | ({} if kind == "idea" else {"title": "Titre"})
    made |= {} if kind == "priority" else {"group": first_group(diagnosis)}
    made |= {"kind": "need"} if kind == "finding" else {}
    with pytest.raises(RuleBroken, match="au plus"):
        getattr(services, f"save_{kind}")(ROOMS[kind](diagnosis=diagnosis, **made), by=None)


@pytest.mark.parametrize("gesture", ["diagnosis_reopen", "priority_new"])
def test_the_reasons_are_cleaned_too(client, diagnosis, gesture):
    add_finding(diagnosis)
    client.force_login(make_user("Coopération", role=Role.LEAD, ctg=diagnosis.ctg))
    url = reverse(f"diagnostic:{gesture}", args=[diagnosis.ctg.slug])
    answer = client.post(url, {"title": "Titre", "findings": [], "reason": LONG})
    assert answer.status_code == 200
    assert LONG in answer.text
