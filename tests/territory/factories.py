"""Territories, figures and people. What a service makes is made by it: no state here that could not exist."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import factory

from ctg_site.accounts.models import User
from territory import services
from territory.models import (
    Belonging,
    Caf,
    ControlTotal,
    Ctg,
    FundingLine,
    Indicator,
    Invitation,
    Organisation,
    Outline,
    Role,
    Scheme,
    SecrecyRule,
    ServiceKind,
    Source,
    Territory,
    Value,
)
from tests.numbering import FIRST, code_of_nowhere, numbers

SINCE = date(2015, 1, 1)
STARTS_ON, ENDS_ON = date(2021, 1, 1), date(2025, 12, 31)
TODAY = date(2021, 6, 9)
_people = numbers()


class TerritoryFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Territory

    kind = Territory.Kind.COMMUNE
    code = factory.Sequence(code_of_nowhere)
    name = factory.Sequence(lambda n: f"Commune {FIRST + n}")

    class Params:
        epci = factory.Trait(kind=Territory.Kind.EPCI, code=factory.Sequence(lambda n: f"2000{FIRST + n}"))


class CafFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Caf

    code = factory.Sequence(lambda n: f"{1001 + n}")
    name = factory.Sequence(lambda n: f"Caf numéro {FIRST + n}")
    territory = factory.SubFactory(
        TerritoryFactory, kind=Territory.Kind.DEPARTEMENT, code=factory.Sequence(lambda n: f"D{FIRST + n}")
    )


class SourceFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Source
        skip_postgeneration_save = True

    code = factory.Sequence(lambda n: f"source-{FIRST + n}")
    name = factory.Sequence(lambda n: f"Source {FIRST + n}")
    producer = "Caf"

    @factory.post_generation
    def threshold(self, create: bool, threshold: int | None, **kwargs: object) -> None:
        if threshold:
            SecrecyRule.objects.create(source=self, threshold=threshold)


class IndicatorFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Indicator
        django_get_or_create = ["code"]

    code = factory.Sequence(lambda n: f"indicateur-{FIRST + n}")
    label = factory.Sequence(lambda n: f"Indicateur {FIRST + n}")
    theme = Indicator.Theme.PORTRAIT
    unit = Indicator.Unit.PERCENT
    definition = "En % des allocataires."
    is_key = True

    class Params:
        evolution = factory.Trait(is_evolution=True)
        people = factory.Trait(unit=Indicator.Unit.COUNT, counts_people=True, is_key=False)


class OrganisationFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Organisation

    caf = factory.SubFactory(CafFactory)
    kind = Organisation.Kind.ASSOCIATION
    name = factory.Sequence(lambda n: f"Organisme {FIRST + n}")


@dataclass
class Country:
    """France, a région, a département with its Caf."""

    france: Territory
    department: Territory
    caf: Caf


def make_country() -> Country:
    france = TerritoryFactory(kind=Territory.Kind.FRANCE, code="FM", name="France métropolitaine")
    region = TerritoryFactory(kind=Territory.Kind.REGION, code="76", name="Occitanie", parent=france)
    department = TerritoryFactory(kind=Territory.Kind.DEPARTEMENT, code="66", name="Pyrénées-Orientales", parent=region)
    caf = CafFactory(code="66", name="Caf des Pyrénées-Orientales", territory=department)
    return Country(france, department, caf)


def make_epci(department: Territory | None = None, *, communes: int = 3, name: str = "Conflent-Canigó") -> Territory:
    epci = TerritoryFactory(epci=True, name=name, parent=department)
    for commune in TerritoryFactory.create_batch(communes, parent=department):
        Belonging.objects.create(commune=commune, group=epci, valid_from=SINCE)
    return epci


def communes_of(place: Territory, on: date = STARTS_ON) -> list[Territory]:
    return list(place.communes_on(on).order_by("code"))


def make_ctg(caf: Caf | None = None, *, place: Territory | None = None, **fields: object) -> Ctg:
    caf = caf or CafFactory()
    place = place or make_epci(caf.territory)
    values = {"name": place.name, "communes": communes_of(place), "starts_on": STARTS_ON, "ends_on": ENDS_ON}
    return services.create_ctg(caf=caf, by=None, **(values | fields))


def make_user(name: str = "", *, ctg: Ctg | None = None, caf: Caf | None = None, role: Role | None = None) -> User:
    number = next(_people)
    user = User.objects.create_user(
        f"personne-{number}@essai.example", "motdepasse-long", full_name=name or f"Personne {number}"
    )
    if role:
        services.grant_role(user=user, role=role, ctg=ctg, caf=caf, by=None)
    return user


def make_superuser() -> User:
    return User.objects.create_superuser(f"racine-{next(_people)}@essai.example", "motdepasse-long", full_name="Racine")


def make_invitation(ctg: Ctg, **fields: object) -> Invitation:
    number = next(_people)
    values = {
        "email": f"invite-{number}@essai.example",
        "full_name": "Camille Essai",
        "role": Role.CONTRIBUTOR,
        "on": TODAY,
    }
    return services.invite(ctg, by=None, **(values | fields))


def add_value(
    indicator: Indicator,
    place: Territory,
    number: str | int | None,
    *,
    year: int = 2019,
    start_year: int | None = None,
    caf: Caf | None = None,
    quality: str = Value.Quality.EXACT,
    source: Source | None = None,
    document: str = "Diaporama",
    on: date = date(2026, 1, 1),
) -> Value:
    source = (
        source or Source.objects.get_or_create(code="essai", defaults={"name": "Source d’essai", "producer": "Caf"})[0]
    )
    return services.type_value(
        services.Typed(
            indicator=indicator,
            territory=place,
            year=year,
            start_year=start_year,
            number=None if number is None else Decimal(number),
            quality=quality,
            source=source,
            document=document,
        ),
        caf=caf,
        by=None,
        on=on,
    )


def population_indicator() -> Indicator:
    return IndicatorFactory(
        code="population", label="Population municipale", unit=Indicator.Unit.COUNT, is_key=False, is_additive=True
    )


def make_publishable(ctg: Ctg) -> Ctg:
    """With the population and one key indicator, as the portrait asks."""
    add_value(population_indicator(), ctg.territory, 20391, year=2017, caf=ctg.caf)
    add_value(IndicatorFactory(code="bas-revenus", label="Allocataires à bas revenus"), ctg.territory, 43, caf=ctg.caf)
    return ctg


def make_published(ctg: Ctg) -> Ctg:
    return services.publish_portrait(make_publishable(ctg), by=None)


def add_outline(commune: Territory, x: float, y: float = 42.6) -> Outline:
    square = [[x, y], [x + 0.1, y], [x + 0.1, y + 0.1], [x, y + 0.1], [x, y]]
    return Outline.objects.create(
        territory=commune, geometry={"type": "Polygon", "coordinates": [square]}, source="IGN"
    )


def add_line(ctg: Ctg, label: str, amount: str, *, project: bool = False, **fields: object) -> FundingLine:
    service, _ = ServiceKind.objects.get_or_create(
        code="projets" if project else "services",
        defaults={"label": "Projets" if project else "Services", "is_project": project},
    )
    scheme, _ = Scheme.objects.get_or_create(code="ps-cej", defaults={"label": "Prestation de service et Cej"})
    values = {
        "caf": ctg.caf,
        "territory": ctg.territory,
        "year": 2019,
        "service": service,
        "scheme": scheme,
        "label": label,
        "state": FundingLine.State.ACTUAL,
        "amount": Decimal(amount),
        "rounding": 100,
        "source": "Présentation du 9 juin 2021",
    }
    return services.save_funding_line(FundingLine(**(values | fields)), by=None)


def add_total(ctg: Ctg, label: str, amount: str, *, rounding: int = 0, year: int = 2019) -> ControlTotal:
    scheme, _ = Scheme.objects.get_or_create(code=label.lower().replace(" ", "-"), defaults={"label": label})
    total = ControlTotal(
        caf=ctg.caf,
        territory=ctg.territory,
        year=year,
        scheme=scheme,
        amount=Decimal(amount),
        rounding=rounding,
        source="Présentation",
    )
    return services.save_control_total(total, by=None)
