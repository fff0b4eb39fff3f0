from collections.abc import Iterable
from datetime import date
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from ctg_site.lib.conditions import Check
from ctg_site.lib.dates import french_date
from diagnostic.colleges import College, Method
from diagnostic.models.diagnosis import Diagnosis, DiagnosisPart
from diagnostic.models.findings import Finding
from diagnostic.models.groups import ThematicGroup
from diagnostic.models.guests import Guest
from territory.models import Ctg, Organisation


class ScoringQuerySet(models.QuerySet["Scoring"]):
    def visible_to(self, user) -> Self:
        return self.filter(diagnosis__ctg__in=Ctg.objects.visible_to(user))

    def asking(self, groups: Iterable[ThematicGroup], on: date) -> list["Scoring"]:
        """Those of these groups where one can vote that day, in the current version of the diagnosis."""
        rows = self.filter(group__in=list(groups), diagnosis__in=Diagnosis.objects.current(), closed_on=None)
        return [
            row for row in rows.select_related("group").order_by("group__position", "pk") if not row.why_closed_on(on)
        ]

    def counting_for(self, diagnosis: Diagnosis) -> Self:
        """The closed one of each group: of this version, else of the last version in which the group ranked."""
        closed = self.filter(diagnosis__ctg=diagnosis.ctg_id, diagnosis__version__lte=diagnosis.version)
        closed = closed.filter(closed_on__isnull=False)
        later = closed.filter(group=OuterRef("group"), diagnosis__version__gt=OuterRef("diagnosis__version"))
        return closed.filter(~Exists(later))


class Scoring(DiagnosisPart):
    """How a group ranks what it found: one for a group in a version of the diagnosis."""

    MOST_VOTES = 3

    diagnosis = models.ForeignKey(
        Diagnosis, verbose_name="diagnostic", on_delete=models.CASCADE, related_name="scorings"
    )
    group = models.ForeignKey(ThematicGroup, verbose_name="groupe", on_delete=models.CASCADE, related_name="scorings")
    method = models.CharField("méthode", max_length=6, choices=Method, default=Method.MATRIX)
    opened_on = models.DateField("ouverte le", editable=False)
    closes_on = models.DateField("jusqu’au", null=True, blank=True)
    closed_on = models.DateField("close le", null=True, blank=True, editable=False)
    is_demo = models.BooleanField("donnée de démonstration", default=False)

    objects = ScoringQuerySet.as_manager()

    class Meta:
        verbose_name = "notation d’un groupe"
        verbose_name_plural = "notations des groupes"
        ordering = ["group__position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["diagnosis", "group"],
                name="scoring_unique_group",
                violation_error_message="La notation de ce groupe est déjà ouverte.",
            ),
            Check(
                name="scoring_dates_in_order",
                condition=(Q(closes_on=None) | Q(closes_on__gte=models.F("opened_on")))
                & (Q(closed_on=None) | Q(closed_on__gte=models.F("opened_on"))),
                violation_error_message="La notation se clôt avant de s’ouvrir.",
            ),
        ]

    def __str__(self) -> str:
        return f"Notation du groupe {self.group}"

    def silent_guests(self) -> models.QuerySet[Guest]:
        """The partners invited to this group who have given no ballot, by their link nor by an account of theirs."""
        given = self.ballots.order_by("pk").values_list("guest__email", "user__email")
        emails = {by_link or by_account for by_link, by_account in given}
        return Guest.objects.filter(groups=self.group_id, revoked_at=None).exclude(email__in=emails)

    def why_closed_on(self, on: date) -> str:
        """Why nobody can vote that day; empty when they can."""
        if self.closed_on:
            return f"La notation est close depuis le {french_date(self.closed_on)}."
        if self.closes_on and on > self.closes_on:
            return f"La notation s’est terminée le {french_date(self.closes_on)}."
        return ""


class Ballot(DiagnosisPart):
    """What one person gives, once: they may change it until the scoring closes. Shown to nobody else, only counted."""

    scoring = models.ForeignKey(Scoring, verbose_name="notation", on_delete=models.CASCADE, related_name="ballots")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="personne",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="ballots",
    )
    guest = models.ForeignKey(
        Guest, verbose_name="par le lien de", null=True, blank=True, on_delete=models.PROTECT, related_name="ballots"
    )
    college = models.CharField("collège", max_length=12, choices=College)
    cast_at = models.DateTimeField("donné le", default=timezone.now)
    is_demo = models.BooleanField("donnée de démonstration", default=False)

    class Meta:
        verbose_name = "bulletin"
        ordering = ["pk"]
        constraints = [
            Check(
                name="ballot_by_an_account_or_by_link",
                condition=Q(user__isnull=False, guest=None) | Q(user=None, guest__isnull=False),
                violation_error_message="Un bulletin vient d’un compte ou d’un lien.",
            ),
            models.UniqueConstraint(
                fields=["scoring", "user"],
                name="ballot_unique_user",
                violation_error_message="Un seul bulletin par personne.",
            ),
            models.UniqueConstraint(
                fields=["scoring", "guest"],
                name="ballot_unique_guest",
                violation_error_message="Un seul bulletin par personne.",
            ),
        ]

    def __str__(self) -> str:
        return f"Bulletin du collège {self.get_college_display()}"

    @property
    def diagnosis_id(self) -> int:
        return self.scoring.diagnosis_id

    @staticmethod
    def usual_college(organisation: Organisation | None) -> College:
        """What is proposed; the person says which it is."""
        if organisation is None:
            return College.RESIDENTS
        if organisation.is_local_authority:
            return College.ELECTED
        if organisation.kind == Organisation.Kind.ASSOCIATION:
            return College.ASSOCIATIONS
        return College.INSTITUTIONS


class Score(models.Model):
    """What a ballot gives to a finding: two marks, or, without them, one voice."""

    ballot = models.ForeignKey(Ballot, verbose_name="bulletin", on_delete=models.CASCADE, related_name="scores")
    finding = models.ForeignKey(Finding, verbose_name="constat", on_delete=models.CASCADE, related_name="scores")
    importance = models.PositiveSmallIntegerField("importance", null=True, blank=True)
    feasibility = models.PositiveSmallIntegerField("faisabilité", null=True, blank=True)

    class Meta:
        verbose_name = "note"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["ballot", "finding"], name="score_unique_finding"),
            Check(
                name="score_of_two_marks_or_none",
                condition=Q(importance=None, feasibility=None) | Q(importance__range=(1, 5), feasibility__range=(1, 5)),
                violation_error_message="Donnez les deux notes, de 1 à 5, ou aucune.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.finding} – {self.ballot}"
