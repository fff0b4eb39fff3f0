"""The demonstration as tests use it: a signed Ctg that publishes all, one in preparation that publishes nothing."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import connection

from actions.models import ActionPlan
from ctg_site.demonstration.loading import load_demonstration
from diagnostic.models import Diagnosis
from governance.models import Agreement
from governance.services import add_party, draft_agreement
from territory.exports import template_workbook
from territory.imports.filing import read_file, receive_file
from territory.imports.funding import read_import, receive_import
from territory.models import Ctg, Indicator, Organisation
from territory.services import type_local_figure, withhold_value

# A figure, a place that nobody knows, a cell to correct, a question, a row without a place.
FIGURES = """Date référence;Code commune;Nom commune;Nombre foyers RSA;Part des habitants couverts par la Caf
2024-12;66149;Prades;230;41 %
2024-12;66999;Pradess;5;
2024-12;66136;Perpignan;beaucoup;0,43
2024-12;;;6675;
"""


@dataclass(frozen=True)
class Demonstration:
    signed: Ctg
    in_force: Ctg
    in_preparation: Ctg
    elsewhere: Ctg

    @property
    def caf_code(self) -> str:
        return self.signed.caf.code

    @property
    def ctgs(self) -> list[Ctg]:
        """Those of the first Caf."""
        return [self.signed, self.in_force, self.in_preparation]


def load_for_tests() -> Demonstration:
    load_demonstration()
    found = {ctg.name: ctg for ctg in Ctg.objects.select_related("caf", "territory")}
    demonstration = Demonstration(
        *(found[name] for name in ("Conflent-Canigó", "Vallespir", "Pyrénées Cerdagne", "Montagne Noire"))
    )
    complete(demonstration.in_preparation)
    _tell_the_planner()
    return demonstration


def _tell_the_planner() -> None:
    """What autovacuum does in a database that lives: without it PostgreSQL plans joins as if the tables were empty."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")


def complete(ctg: Ctg) -> None:
    """One object of each kind, so that every page has something to show; nothing published."""
    counted = {
        "place": ctg.territory,
        "year": 2024,
        "number": Decimal(40),
        "document": "Comptage",
        "on": date(2025, 1, 31),
    }
    type_local_figure(ctg, indicator=Indicator.objects.get(code="places-accueil-loisirs"), by=None, **counted)
    chosen = Indicator.objects.get(code="structures-vie-sociale")
    type_local_figure(ctg, indicator=chosen, by=None, **counted)
    withhold_value(caf=ctg.caf, indicator=chosen, territory=ctg.territory, year=2024, by=None)
    read_file(receive_file("essai.csv", [FIGURES.encode()], caf=ctg.caf, by=None))
    Ctg.objects.filter(pk=ctg.pk).update(portrait_published_at=None, calendar_published_at=None)
    Diagnosis.objects.filter(ctg=ctg).update(published_at=None, validated_on=None, validated_by_decision="")
    ActionPlan.objects.filter(diagnosis__ctg=ctg).update(axes_fixed_on=None, axes_fixed_decision="")
    plan = ActionPlan.objects.get(diagnosis__ctg=ctg)
    if not Agreement.objects.filter(plan=plan).exists():
        draft_agreement(plan, by=None)
    caf_organisation = Organisation.objects.get(caf=ctg.caf, kind=Organisation.Kind.CAF)
    add_party(Agreement.objects.get(plan=plan), organisation=caf_organisation, by=None)
    content = template_workbook(ctg.caf, on=date(2026, 1, 5))
    read_import(receive_import(ctg.caf, name="modele.xlsx", content=content, by=None))
