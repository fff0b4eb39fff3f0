"""What the shared diagnosis asks of a person, read from its groups in one query; what it says of the commune of a mayor."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse

from ctg_site.accounts.models import User
from diagnostic.models import Ballot, Contribution, Diagnosis, Finding, GroupMember, Guest, Scoring, ThematicGroup
from territory.models import Ctg, Membership

LIMIT = 60  # twelve Ctgs of five groups


@dataclass(frozen=True)
class Task:
    title: str
    detail: str
    url: str
    due_on: date | None = None


def group_tasks(user: User, steered: list[Ctg], *, on: date) -> list[Task]:
    """For who sits in a group, who leads it, who gathers the contributions of the Ctg."""
    groups = list(_groups(user, steered, on)[:LIMIT])
    own = [task for group in groups for task in _own_tasks(group, user, on)]
    steering = {ctg.pk for ctg in steered}
    rows = [group for group in groups if group.ctg_id in steering and group.is_draft]
    rows.sort(key=lambda group: group.ctg_id)
    return [
        *own,
        *(task for _, found in groupby(rows, key=lambda row: row.ctg_id) for task in _gathering(list(found), on)),
    ]


def _groups(user: User, steered: list[Ctg], on: date) -> QuerySet[Any]:
    current = Diagnosis.objects.current()
    here = {"group": OuterRef("pk")}
    asking = Scoring.objects.filter(**here, diagnosis__in=current, closed_on=None).filter(
        Q(closes_on=None) | Q(closes_on__gte=on)
    )
    ballots = Ballot.objects.filter(scoring__group=OuterRef("pk"), scoring__diagnosis__in=current)
    mine = Q(user=user) | Q(guest__email__iexact=user.email)
    guests = Guest.objects.filter(ctg=OuterRef("ctg"))
    rows = ThematicGroup.objects.annotate(
        is_seated=Exists(GroupMember.objects.seated().filter(**here, user=user)),
        has_spoken=Exists(Contribution.objects.filter(**here, author=user)),
        has_findings=Exists(Finding.objects.filter(**here, diagnosis__in=current)),
        is_draft=Exists(current.filter(ctg=OuterRef("ctg"), validated_on=None)),
        to_vote_before=Subquery(asking.values("closes_on")[:1]),
        may_vote=Exists(asking) & ~Exists(ballots.filter(mine)),
        unworked=_count(Contribution.objects.unworked().filter(**here), "group"),
        waited=_count(guests.waited_for(), "ctg"),
        asked=_count(guests.filter(revoked_at=None), "ctg"),
    )
    concerned = Q(lead=user) | Q(is_seated=True) | Q(ctg__in=[ctg.pk for ctg in steered])
    visible = rows.filter(concerned, ctg__in=Ctg.objects.visible_to(user))
    return visible.select_related("ctg").order_by("ctg__name", "ctg", "position", "pk")


def _count(rows: QuerySet, by: str) -> Coalesce:
    return Coalesce(Subquery(rows.order_by().values(by).annotate(n=Count("pk")).values("n")), 0)


def _own_tasks(group: Any, user: User, on: date) -> Iterator[Task]:
    def address(page: str) -> str:
        return reverse(f"diagnostic:{page}", args=[group.ctg.slug, group.pk])

    leads = group.lead_id == user.pk
    if group.is_seated and not group.has_spoken and group.takes_contributions_on(on):
        detail = f"{group.ctg} : dites ce qui marche, ce qui manque, vos idées."
        yield Task(f"Contribuer au groupe {group.name}", detail, address("contribute"), group.contributions_close_on)
    if leads and group.is_draft and not group.has_findings:
        yield Task(
            f"Écrire les constats du groupe {group.name}",
            f"{group.ctg} : aucun constat pour l’instant.",
            address("group"),
        )
    if leads and group.is_draft and group.unworked:
        detail = f"{group.ctg} : {_to_work(group.unworked)}."
        yield Task(f"Reprendre les contributions du groupe {group.name}", detail, f"{address('group')}#contributions")
    if (group.is_seated or leads) and group.is_draft and group.may_vote:
        detail = f"{group.ctg} : dites ce qui compte le plus."
        yield Task(f"Noter ce qu’a trouvé le groupe {group.name}", detail, address("ballot"), group.to_vote_before)


def _gathering(groups: list[Any], on: date) -> Iterator[Task]:
    """One task a Ctg for who steers it."""
    ctg, first = groups[0].ctg, groups[0]
    url = reverse("diagnostic:campaign", args=[ctg.slug])
    if not first.asked and all(group.contributions_open_on is None for group in groups):
        detail = f"{ctg} : fixez les dates des groupes, puis invitez les partenaires."
        yield Task("Lancer le recueil des contributions", detail, url)
        return
    waiting = []
    if first.waited and any(group.takes_contributions_on(on) for group in groups):
        waiting.append(f"{first.waited} partenaire{'s' if first.waited > 1 else ''} sur {first.asked} à relancer")
    if unworked := sum(group.unworked for group in groups):
        waiting.append(_to_work(unworked))
    if waiting:
        yield Task("Suivre le recueil des contributions", f"{ctg} : {', '.join(waiting)}.", url)


def _to_work(count: int) -> str:
    several = count > 1
    return f"{count} contribution{'s' if several else ''} attend{'ent' if several else ''} un constat ou une réponse"


def commune_findings(memberships: Iterable[Membership]) -> dict[tuple[int | None, int], list[Finding]]:
    """By Ctg and commune, the findings that name it."""
    places = [row.organisation.territory_id for row in memberships if row.organisation]
    if not places:
        return {}
    rows = Finding.objects.filter(
        diagnosis__in=Diagnosis.objects.current(),
        diagnosis__ctg__in=[row.ctg_id for row in memberships],
        communes__in=places,
    ).annotate(place=F("communes"), ctg=F("diagnosis__ctg"))
    found: dict[tuple[int | None, int], list[Finding]] = {}
    for finding in rows.order_by("group__position", "position", "pk"):
        found.setdefault((finding.ctg, finding.place), []).append(finding)
    return found
