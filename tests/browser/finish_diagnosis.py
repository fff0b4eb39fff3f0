"""Run on the database of a demonstration site: what the other groups and the writers bring, so that a copil can decide."""

import sys
from datetime import date
from decimal import Decimal

import django

django.setup()

from actions.models import ActionPlan  # noqa: E402
from actions.services import describe_plan, save_objective  # noqa: E402
from diagnostic.models import Diagnosis, Finding, Priority  # noqa: E402
from diagnostic.services import describe_diagnosis, save_finding, save_priority  # noqa: E402
from territory.models import Indicator, Source  # noqa: E402
from territory.services import Typed, type_value  # noqa: E402


def main(slug: str) -> None:
    diagnosis = Diagnosis.objects.current().select_related("ctg__caf", "ctg__territory").get(ctg__slug=slug)
    ctg = diagnosis.ctg
    for indicator in Indicator.objects.filter(is_key=True):
        year = date.today().year - 1
        told = {"indicator": indicator, "territory": ctg.territory, "year": year}
        told |= {"start_year": year - 5} if indicator.is_evolution else {}
        type_value(
            Typed(**told, number=Decimal(25), source=Source.objects.get(code="saisie-caf"), document="Essai"),
            caf=ctg.caf,
            by=None,
            on=date.today(),
        )
    for group in ctg.groups.order_by("position"):
        if not diagnosis.findings.filter(group=group).exists():
            finding = Finding(diagnosis=diagnosis, group=group, kind=Finding.Kind.NEED, title=f"Besoin : {group.name}")
            save_finding(finding, by=None)
    diagnosis.summary = "Peu de services au nord, des villages qui se mobilisent."
    describe_diagnosis(diagnosis, by=None)
    priority = Priority(diagnosis=diagnosis, title="Accueillir les enfants au nord")
    save_priority(priority, findings=diagnosis.findings.all(), by=None)
    plan = ActionPlan.objects.current().get(diagnosis=diagnosis)
    describe_plan(plan, introduction="Grandir au village.", level_names=plan.level_names, by=None)
    for axis in plan.objectives.filter(parent=None):
        save_objective(axis, priorities=[priority], by=None)


if __name__ == "__main__":
    main(sys.argv[1])
