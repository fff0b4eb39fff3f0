"""Diagnoses in each situation of step 1. States are reached through the services, as the partners would."""

from datetime import date
from decimal import Decimal

from ctg_site.accounts.models import User
from diagnostic import services
from diagnostic.models import Contribution, Diagnosis, Finding, Idea, Priority, Scoring, ThematicGroup
from diagnostic.rankings import FEWEST_SHOWN
from diagnostic.services import GroupSeed
from territory.models import Caf, Ctg, Indicator, Organisation, Role, Source, Territory, Value
from territory.services import Typed, create_ctg, grant_role, type_value
from tests.numbering import numbers
from tests.territory.factories import CafFactory, OrganisationFactory, TerritoryFactory
from tests.worlds import remembered

__all__ = ["CafFactory", "OrganisationFactory", "TerritoryFactory"]

_numbers = numbers()
STARTS_ON, ENDS_ON = date(2021, 1, 1), date(2025, 12, 31)
VALIDATED_ON = date(2021, 10, 30)
OPENED_ON, CLOSED_ON = date(2021, 4, 1), date(2021, 10, 15)

TWO_GROUPS = (
    GroupSeed("Petite enfance", "0 – moins de 3 ans", ThematicGroup.Colour.EARLY_CHILDHOOD),
    GroupSeed("Parentalité", "", ThematicGroup.Colour.PARENTING),
)


@remembered
def make_ctg(caf: Caf | None = None) -> Ctg:
    communes = TerritoryFactory.create_batch(2)
    caf = caf or CafFactory()
    return create_ctg(
        caf=caf, name=f"Haute Vallée {next(_numbers)}", communes=communes, starts_on=STARTS_ON, ends_on=ENDS_ON, by=None
    )


def make_user(name: str, *, role: Role, ctg: Ctg, organisation: Organisation | None = None) -> User:
    user = User.objects.create_user(f"diagnostic-{next(_numbers)}@essai.example", full_name=name)
    where = {"caf": ctg.caf} if role.value.startswith("caf_") else {"ctg": ctg}
    grant_role(user=user, role=role, organisation=organisation, by=None, **where)
    return user


@remembered
def make_diagnosis(*, ctg: Ctg | None = None, groups: tuple[GroupSeed, ...] = TWO_GROUPS) -> Diagnosis:
    return services.open_diagnosis(ctg or make_ctg(), by=None, groups=groups)


@remembered
def make_ready_diagnosis(**options: object) -> Diagnosis:
    """A draft that lacks nothing: a committee can validate it."""
    diagnosis = make_diagnosis(**options)
    diagnosis.summary = "Beaucoup de familles à bas revenus, des services loin des vallées."
    services.describe_diagnosis(diagnosis, by=None)
    findings = [add_finding(diagnosis, group=group) for group in diagnosis.ctg.groups.order_by("position")]
    add_priority(diagnosis, findings=findings)
    return diagnosis


@remembered
def make_validated_diagnosis(**options: object) -> Diagnosis:
    diagnosis = make_ready_diagnosis(**options)
    return services.validate_diagnosis(diagnosis, decision="Copil n° 2021-1", by=None, on=VALIDATED_ON)


@remembered
def make_published_diagnosis(**options: object) -> Diagnosis:
    return services.publish_diagnosis(make_validated_diagnosis(**options), by=None)


def first_group(diagnosis: Diagnosis) -> ThematicGroup:
    return diagnosis.ctg.groups.order_by("position").first()


def open_group(
    group: ThematicGroup, *, opens: date | None = OPENED_ON, closes: date | None = CLOSED_ON
) -> ThematicGroup:
    group.contributions_open_on, group.contributions_close_on = opens, closes
    return services.save_group(group, by=None)


def add_finding(diagnosis: Diagnosis, *, group: ThematicGroup | None = None, **fields: object) -> Finding:
    values = {"kind": Finding.Kind.NEED, "title": "Des accueils fermés en août"} | fields
    links = {name: values.pop(name, None) for name in ("communes", "contributions")}
    finding = Finding(diagnosis=diagnosis, group=group or first_group(diagnosis), **values)
    return services.save_finding(finding, by=None, **links)


def add_idea(
    diagnosis: Diagnosis, *, group: ThematicGroup | None = None, text: str = "Un accueil itinérant", **fields: object
) -> Idea:
    return services.save_idea(
        Idea(diagnosis=diagnosis, group=group or first_group(diagnosis), text=text, **fields), by=None
    )


def add_priority(
    diagnosis: Diagnosis, *, findings: list[Finding], title: str = "Accueillir tous les enfants"
) -> Priority:
    return services.save_priority(Priority(diagnosis=diagnosis, title=title), findings=findings, by=None)


def add_contribution(
    group: ThematicGroup, author: User, *, text: str = "Il manque des places le mercredi."
) -> Contribution:
    return services.contribute(group, author=author, kind=Contribution.Kind.MISSING, text=text, on=OPENED_ON)


def everybody_marks(scoring: Scoring, marks: dict[Finding, tuple[int, int]], *, on: date) -> None:
    """The same marks from as many people as a result needs to be shown."""
    for number in range(FEWEST_SHOWN):
        person = make_user(f"Voix {number}", role=Role.CONTRIBUTOR, ctg=scoring.diagnosis.ctg)
        services.cast_ballot(scoring, college="elected", marks=marks, user=person, on=on)


def key_indicator(label: str = "Allocataires à bas revenus", **fields: object) -> Indicator:
    values = {
        "code": f"cle-{next(_numbers)}",
        "theme": Indicator.Theme.PORTRAIT,
        "unit": Indicator.Unit.PERCENT,
        "is_key": True,
    }
    return Indicator.objects.create(label=label, definition="Définition", **(values | fields))


def tell(
    indicator: Indicator,
    ctg: Ctg,
    number: int | None = 43,
    *,
    territory: Territory | None = None,
    year: int = 2019,
    **fields: object,
) -> Value:
    """A figure typed by the Caf, for here or for a level above."""
    source, _ = Source.objects.get_or_create(code="essai", defaults={"name": "Caf, données d’essai", "producer": "Caf"})
    return type_value(
        Typed(
            indicator=indicator,
            territory=territory or ctg.territory,
            year=year,
            number=None if number is None else Decimal(number),
            source=source,
            **fields,
        ),
        caf=ctg.caf,
        by=None,
        on=date(2026, 1, 1),
    )
