import pytest

from ctg_site.lib.errors import RuleBroken
from territory import services
from territory.models import CAF_ROLES, CTG_ROLES, Membership, Role
from tests.territory.factories import CafFactory, OrganisationFactory, make_ctg, make_user

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("role", CTG_ROLES)
def test_a_role_of_a_ctg_is_given_on_a_ctg(role):
    ctg, user = make_ctg(), make_user()
    services.grant_role(user=user, role=role, ctg=ctg, by=None)
    assert not user.is_staff
    with pytest.raises(RuleBroken, match="Un rôle de Caf se donne sur une Caf"):
        services.grant_role(user=user, role=role, caf=ctg.caf, by=None)


@pytest.mark.parametrize("role", CAF_ROLES)
def test_a_role_of_the_caf_is_given_on_a_caf_and_opens_the_back_office(role):
    ctg, user = make_ctg(), make_user()
    services.grant_role(user=user, role=role, caf=ctg.caf, by=None)
    assert user.is_staff
    with pytest.raises(RuleBroken, match="Un rôle de Caf se donne sur une Caf"):
        services.grant_role(user=user, role=role, ctg=ctg, by=None)


def test_the_same_role_is_given_once():
    ctg, user = make_ctg(), make_user()
    services.grant_role(user=user, role=Role.LEAD, ctg=ctg, by=None)
    with pytest.raises(RuleBroken, match="déjà ce rôle"):
        services.grant_role(user=user, role=Role.LEAD, ctg=ctg, by=None)


def test_an_organisation_of_another_caf_is_refused():
    ctg, user = make_ctg(), make_user()
    with pytest.raises(RuleBroken, match="autre Caf"):
        services.grant_role(user=user, role=Role.READER, ctg=ctg, organisation=OrganisationFactory(), by=None)
    services.grant_role(user=user, role=Role.READER, ctg=ctg, organisation=OrganisationFactory(caf=ctg.caf), by=None)


def test_the_back_office_closes_with_the_last_role_at_a_caf():
    caf, user = CafFactory(), make_user()
    first = services.grant_role(user=user, role=Role.CAF_ADVISER, caf=caf, by=None)
    second = services.grant_role(user=user, role=Role.CAF_READER, caf=caf, by=None)
    services.withdraw_role(first, by=None)
    user.refresh_from_db()
    assert user.is_staff
    services.withdraw_role(second, by=None)
    user.refresh_from_db()
    assert not user.is_staff


def test_a_caf_keeps_one_manager():
    caf = CafFactory()
    only = services.grant_role(user=make_user(), role=Role.CAF_MANAGER, caf=caf, by=None)
    services.grant_role(user=make_user(), role=Role.CAF_MANAGER, caf=CafFactory(), by=None)
    with pytest.raises(RuleBroken, match="au moins une personne responsable"):
        services.withdraw_role(only, by=None)
    services.grant_role(user=make_user(), role=Role.CAF_MANAGER, caf=caf, by=None)
    services.withdraw_role(only, by=None)
    assert not Membership.objects.filter(pk=only.pk).exists()
