"""Who is in the demonstration: the Cafs, their directories, one account per role."""

from dataclasses import dataclass, field
from typing import Any

from ctg_site.accounts.models import User
from territory.models import Caf, Ctg, Organisation, Territory
from territory.services import grant_role

PASSWORD = "demonstration-ctg"  # shown by `make demo`: these accounts exist in a demonstration only


@dataclass
class Cast:
    """The people and organisations of the demonstration, by the keys of fixtures/demo/journeys.json."""

    cafs: dict[str, Caf] = field(default_factory=dict)
    organisations: dict[str, Organisation] = field(default_factory=dict)
    users: dict[str, User] = field(default_factory=dict)

    def user(self, email: str) -> User | None:
        return self.users[email] if email else None

    def organisation(self, key: str) -> Organisation | None:
        return self.organisations[key] if key else None

    @property
    def operator(self) -> User:
        """Who typed the demonstration: the manager of the first Caf."""
        return next(iter(self.users.values()))


def assemble(data: dict[str, Any]) -> Cast:
    cast = Cast()
    for row in data["cafs"]:
        departement = Territory.objects.get(kind=Territory.Kind.DEPARTEMENT, code=row["departement"])
        caf, _ = Caf.objects.get_or_create(code=row["code"], defaults={"name": row["name"], "territory": departement})
        cast.cafs[row["code"]] = caf
        for organisation in row["organisations"]:
            cast.organisations[organisation["key"]] = _organisation(caf, organisation)
    for row in data["accounts"]:
        cast.users[row["email"]] = _account(row, cast)
    return cast


def give_roles(data: dict[str, Any], cast: Cast, ctgs: dict[str, Ctg]) -> None:
    """The roles on a Ctg, once it exists; those on a Caf were given with the account."""
    for row in data["accounts"]:
        for role in row["roles"]:
            if role["ctg"] in ctgs:
                grant_role(
                    user=cast.users[row["email"]],
                    role=role["role"],
                    ctg=ctgs[role["ctg"]],
                    organisation=cast.organisation(role["organisation"]),
                    by=cast.operator,
                )


def _organisation(caf: Caf, row: dict[str, Any]) -> Organisation:
    kind, _, code = row["territory"].partition(":")
    return Organisation.objects.create(
        caf=caf,
        kind=row["kind"],
        name=row["name"],
        short_name=row["short_name"],
        siren=row["siren"],
        territory=Territory.objects.filter(kind=kind, code=code).order_by("-valid_from").first() if code else None,
        is_demo=row["kind"] == Organisation.Kind.ASSOCIATION,
    )


def _account(row: dict[str, Any], cast: Cast) -> User:
    on_caf = [role for role in row["roles"] if role["caf"]]
    user = User.objects.create_user(row["email"], PASSWORD, full_name=row["full_name"], is_staff=bool(on_caf))
    for role in on_caf:
        caf, organisation = cast.cafs[role["caf"]], cast.organisation(role["organisation"])
        grant_role(user=user, role=role["role"], caf=caf, organisation=organisation, by=None)
    return user
