import re

import pytest
from django.template.loader import render_to_string

from diagnostic.documents import diagnosis_annex
from diagnostic.models import Diagnosis
from territory.models import Territory
from tests.diagnostic.factories import (
    TerritoryFactory,
    add_finding,
    add_idea,
    key_indicator,
    make_ready_diagnosis,
    make_validated_diagnosis,
    tell,
)

pytestmark = pytest.mark.django_db


def annex(diagnosis) -> str:
    return re.sub(r"[ \n]+", " ", render_to_string("diagnostic/pdf/_annex.html", diagnosis_annex(diagnosis)))


def test_the_annex_holds_the_figures_drawn_and_written_the_findings_and_the_priorities():
    diagnosis = make_ready_diagnosis()
    france = TerritoryFactory(kind=Territory.Kind.FRANCE, code="FM", name="France métropolitaine")
    tell(low_income := key_indicator("Allocataires à bas revenus"), diagnosis.ctg, 43)
    department = diagnosis.ctg.caf.territory
    department.parent = france
    department.save()
    tell(low_income, diagnosis.ctg, 30, territory=france)
    add_finding(diagnosis, title="Un relais <b>qui</b> s’installe", communes=list(diagnosis.ctg.communes.all()))
    add_idea(diagnosis, text="Un accueil itinérant")
    html = annex(Diagnosis.objects.get(pk=diagnosis.pk))
    for words in [
        "43\u00a0%",
        "30\u00a0%",
        "+13\u00a0pts",
        "<svg",
        "Beaucoup de familles",
        "Piste : Un accueil itinérant",
    ]:
        assert words in html
    assert "Un relais &lt;b&gt;qui&lt;/b&gt; s’installe" in html
    assert "Accueillir tous les enfants" in html
    assert "Projet, avant sa validation" in html


def test_a_validated_annex_names_its_decision():
    assert "Validé le 30 octobre 2021 (Copil n° 2021-1)." in annex(make_validated_diagnosis())
