"""Who sees which Ctg: tenancy is in the query, so that no page can forget it."""

import pytest
from django.contrib.auth.models import AnonymousUser

from territory import perms
from territory.accounts import AccountBackend
from territory.models import CAF_ROLES, Ctg, Organisation, Role
from tests.territory.factories import OrganisationFactory, make_ctg, make_published, make_superuser, make_user

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("role", Role)
def test_each_role_sees_its_own_and_nobody_elses(role):
    mine, other = make_ctg(), make_ctg()
    user = make_user(caf=mine.caf, role=role) if role in CAF_ROLES else make_user(ctg=mine, role=role)
    assert list(Ctg.objects.visible_to(user)) == [mine]
    assert perms.is_inside(user, mine)
    assert not perms.is_inside(user, other)


def test_a_role_on_a_ctg_says_nothing_of_the_others_of_the_caf():
    mine = make_ctg()
    make_ctg(mine.caf)
    assert list(Ctg.objects.visible_to(make_user(ctg=mine, role=Role.LEAD))) == [mine]


@pytest.mark.parametrize("who", ["anonymous", "stranger"])
def test_without_a_role_only_what_is_published(who):
    published, _draft = make_published(make_ctg()), make_ctg()
    user = AnonymousUser() if who == "anonymous" else make_user()
    assert not Ctg.objects.visible_to(user).exists()
    assert list(Ctg.objects.open_to(user)) == [published]
    assert not perms.is_inside(user, published)


def test_the_superuser_sees_all():
    make_ctg()
    make_ctg()
    assert Ctg.objects.visible_to(make_superuser()).count() == 2


def test_several_roles_make_one_row():
    ctg = make_ctg()
    user = make_user(ctg=ctg, role=Role.LEAD)
    make_ctg(ctg.caf)
    for role in (Role.EDITOR, Role.READER):
        ctg.memberships.create(user=user, role=role)
    assert list(Ctg.objects.open_to(user)) == [ctg]


def test_the_directory_is_that_of_ones_caf():
    ctg = make_ctg()
    mine = OrganisationFactory(caf=ctg.caf)
    OrganisationFactory()
    for user in (make_user(ctg=ctg, role=Role.LEAD), make_user(caf=ctg.caf, role=Role.CAF_READER)):
        assert list(Organisation.objects.visible_to(user).distinct()) == [mine]


GESTURES = {
    perms.can_steer: {Role.CAF_MANAGER, Role.CAF_ADVISER, Role.LEAD},
    perms.can_edit: {Role.CAF_MANAGER, Role.CAF_ADVISER, Role.LEAD, Role.EDITOR},
    perms.can_manage_members: {Role.CAF_MANAGER, Role.CAF_ADVISER, Role.LEAD},
    perms.can_edit_funding: {Role.CAF_MANAGER, Role.CAF_ADVISER},
    perms.can_type_figures: {Role.CAF_MANAGER, Role.CAF_ADVISER},
}


@pytest.mark.parametrize("gesture", GESTURES, ids=lambda gesture: gesture.__name__)
def test_who_may(gesture):
    ctg = make_ctg()
    people = {r: make_user(caf=ctg.caf, role=r) if r in CAF_ROLES else make_user(ctg=ctg, role=r) for r in Role}
    assert {role for role, user in people.items() if gesture(user, ctg)} == GESTURES[gesture]
    assert not gesture(AnonymousUser(), ctg)


def test_who_opens_a_ctg():
    ctg = make_ctg()
    adviser, reader = (make_user(caf=ctg.caf, role=role) for role in (Role.CAF_ADVISER, Role.CAF_READER))
    assert perms.can_create_ctg(adviser)
    assert perms.can_create_ctg(adviser, ctg.caf)
    assert not perms.can_create_ctg(adviser, make_ctg().caf)
    assert not perms.can_create_ctg(reader)
    assert not perms.can_create_ctg(make_user(ctg=ctg, role=Role.LEAD))
    assert not perms.can_create_ctg(AnonymousUser())


def test_whoever_is_signed_in_comes_with_their_roles(django_assert_num_queries):
    ctg = make_ctg()
    user = make_user(ctg=ctg, role=Role.LEAD)
    for role in (Role.EDITOR, Role.READER):
        ctg.memberships.create(user=user, role=role)
    with django_assert_num_queries(1):
        known = AccountBackend().get_user(user.pk)
        assert perms.roles_on(known, ctg) == {Role.LEAD, Role.EDITOR, Role.READER}


@pytest.mark.parametrize("account", ["without a role", "closed", "unknown"])
def test_an_account_that_brings_no_role(account, django_assert_num_queries):
    user = make_user(ctg=make_ctg(), role=Role.LEAD) if account == "closed" else make_user()
    type(user).objects.filter(pk=user.pk).update(is_active=account != "closed")
    with django_assert_num_queries(1):
        known = AccountBackend().get_user(0 if account == "unknown" else user.pk)
        assert known == (user if account == "without a role" else None)
        assert known is None or not perms.written_cafs(known)
