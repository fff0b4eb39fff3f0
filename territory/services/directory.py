"""The directory of a Caf filled with the collectivities that a new Ctg concerns, so that nobody types them again."""

from django.db import transaction

from ctg_site.accounts.models import User
from ctg_site.lib.text import of_place
from territory.models import Belonging, Ctg, Organisation, Territory
from territory.services.people import save_organisation


@transaction.atomic
def fill_directory(ctg: Ctg, *, by: User | None) -> None:
    """The Caf itself, the intercommunalités of the communes of the Ctg and these communes, each once."""
    known = Organisation.objects.filter(caf=ctg.caf)
    if not known.filter(kind=Organisation.Kind.CAF).exists():
        save_organisation(Organisation(caf=ctg.caf, kind=Organisation.Kind.CAF, name=ctg.caf.name), by=by)
    listed = set(known.filter(territory__isnull=False).values_list("territory", flat=True))
    names = set(known.values_list("name", flat=True))
    for place in [*_epcis(ctg), *ctg.communes.order_by("name", "pk")]:
        organisation = _organisation(ctg, place)
        if place.pk not in listed and organisation.name not in names:
            save_organisation(organisation, by=by)


def _epcis(ctg: Ctg) -> list[Territory]:
    belongings = Belonging.objects.valid_on(ctg.starts_on).filter(commune__in=ctg.communes.values("pk"))
    return list(Territory.objects.epcis().filter(pk__in=belongings.values("group")).order_by("name", "pk"))


def _organisation(ctg: Ctg, place: Territory) -> Organisation:
    if place.kind == Territory.Kind.EPCI:
        kind, name, siren = Organisation.Kind.EPCI, place.name, place.code
    else:
        kind, name, siren = Organisation.Kind.COMMUNE, f"Commune {of_place(place.name)}", ""
    return Organisation(caf=ctg.caf, kind=kind, name=name, siren=siren, territory=place)
