"""Who meets, what they decide: committees, their meetings, their numbered decisions, and which step each may close."""

from datetime import date
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce, TruncMonth
from simple_history.models import HistoricalRecords

from ctg_site.lib.conditions import Check, has_come
from ctg_site.lib.dates import french_date, french_span, is_weekend_or_holiday, last_day_of_month
from diagnostic.models import ThematicGroup
from territory.models import Ctg, Organisation


class Gate(models.TextChoices):
    """The steps that only a committee's decision can close."""

    VALIDATE_DIAGNOSIS = "validate_diagnosis", "Valider le diagnostic partagé"
    FIX_AXES = "fix_axes", "Fixer les axes du plan d’actions"
    FORMALISE_PLAN = "formalise_plan", "Formaliser le plan d’actions"
    CLOSE_COSTING = "close_costing", "Clore l’étude de faisabilité et le chiffrage"
    ADOPT_PLAN = "adopt_plan", "Valider le plan d’actions définitif"
    VALIDATE_METHOD = "validate_method", "Valider la méthode d’évaluation"
    APPROVE_SIGNATURE = "approve_signature", "Arrêter le texte de la convention et le signer"
    VALIDATE_EVALUATION = "validate_evaluation", "Valider l’évaluation annuelle"


class CommitteeKind(models.TextChoices):
    COPIL = "copil", "Comité de pilotage"
    OPERATIONAL = "operational", "Comité opérationnel"
    OPERATIONAL_PARTNER = "operational_partner", "Comité opérationnel partenarial"
    GROUP = "group", "Groupe thématique"


class GateRule(models.Model):
    """Reference data: which committee may close which step (the seed's calendar)."""

    gate = models.CharField("étape", max_length=20, choices=Gate)
    committee_kind = models.CharField("comité", max_length=20, choices=CommitteeKind)

    class Meta:
        verbose_name = "compétence de comité"
        verbose_name_plural = "compétences des comités"
        ordering = ["gate", "committee_kind"]
        constraints = [models.UniqueConstraint(fields=["gate", "committee_kind"], name="gate_rule_unique")]

    def __str__(self) -> str:
        return f"{self.get_gate_display()} : {self.get_committee_kind_display()}"


class CommitteeQuerySet(models.QuerySet["Committee"]):
    def visible_to(self, user) -> Self:
        return self.filter(ctg__in=Ctg.objects.visible_to(user))


class Committee(models.Model):
    ctg = models.ForeignKey(Ctg, verbose_name="Ctg", on_delete=models.CASCADE, related_name="committees")
    kind = models.CharField("nature", max_length=20, choices=CommitteeKind)
    name = models.CharField("nom", max_length=150)
    group = models.ForeignKey(
        ThematicGroup,
        verbose_name="groupe thématique",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="committees",
    )

    objects = CommitteeQuerySet.as_manager()

    class Meta:
        verbose_name = "comité"
        ordering = ["kind", "name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["ctg", "name"],
                name="committee_unique_name",
                violation_error_message="Ce comité existe déjà dans cette Ctg.",
            ),
            Check(
                name="committee_group_matches_kind",
                condition=Q(kind="group", group__isnull=False) | (~Q(kind="group") & Q(group=None)),
                violation_error_message="Un groupe thématique, et lui seul, désigne son groupe.",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class MeetingQuerySet(models.QuerySet["Meeting"]):
    def visible_to(self, user) -> Self:
        return self.filter(committee__ctg__in=Ctg.objects.visible_to(user))

    def open_to(self, user) -> Self:
        mine = Q(committee__ctg__in=Ctg.objects.visible_to(user))
        return self.filter(mine | (Q(committee__ctg__calendar_published_at__isnull=False) & ~Q(status="draft")))

    def for_calendar(self) -> Self:
        """In the order of time, each with its committee and its decisions."""
        decisions = models.Prefetch("decisions", Decision.objects.select_related("committee").order_by("number", "pk"))
        return self.select_related("committee").prefetch_related(decisions).in_order()

    def able_to_close(self, gate: str) -> Self:
        """Each with ``is_able``: its committee is one of those that may close this step."""
        rules = GateRule.objects.filter(gate=gate, committee_kind=models.OuterRef("committee__kind"))
        return self.annotate(is_able=models.Exists(rules))

    def in_order(self) -> Self:
        """A day that is known, or was held, before a meeting of which only the month is known."""
        known = models.Case(models.When(ends_on=None, then=Coalesce("held_on", "starts_on")), default=F("starts_on"))
        is_vague = Q(held_on=None, ends_on=None, starts_precision="month")
        return self.annotate(
            known_on=known,
            known_month=TruncMonth(known, output_field=models.DateField()),
            is_vague=models.Case(models.When(is_vague, then=1), default=0),
        ).order_by("known_month", "is_vague", "known_on", "pk")


class Meeting(models.Model):
    """A milestone of the calendar: a day, a month, or a range, each end with its own precision."""

    class Precision(models.TextChoices):
        DAY = "day", "au jour"
        MONTH = "month", "au mois"

    class Status(models.TextChoices):
        DRAFT = "draft", "En projet"
        PLANNED = "planned", "Prévue"
        HELD = "held", "Tenue"
        CANCELLED = "cancelled", "Annulée"

    committee = models.ForeignKey(Committee, verbose_name="comité", on_delete=models.CASCADE, related_name="meetings")
    purpose = models.CharField("objet", max_length=250)
    starts_on = models.DateField("date ou début", help_text="Le premier jour du mois quand seul le mois est connu.")
    starts_precision = models.CharField("précision", max_length=5, choices=Precision, default=Precision.DAY)
    ends_on = models.DateField("fin", null=True, blank=True, help_text="Seulement pour une période.")
    ends_precision = models.CharField("précision de la fin", max_length=5, choices=Precision, default=Precision.DAY)
    place = models.CharField("lieu", max_length=150, blank=True)
    status = models.CharField("état", max_length=9, choices=Status, default=Status.PLANNED)
    held_on = models.DateField("tenue le", null=True, blank=True, validators=[has_come])
    minutes = models.TextField("compte rendu", blank=True, max_length=20000)
    is_demo = models.BooleanField("donnée de démonstration", default=False)

    objects = MeetingQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = "réunion"
        ordering = ["starts_on", "pk"]
        constraints = [
            Check(
                name="meeting_dates_in_order",
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")),
                violation_error_message="La fin de la période précède son début.",
            ),
            Check(
                name="meeting_held_on_matches_status",
                condition=(Q(status="held") & Q(held_on__isnull=False)) | (~Q(status="held") & Q(held_on=None)),
                violation_error_message="Une réunion tenue a sa date ; les autres n’en ont pas.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.committee} : {self.purpose}"

    @property
    def ctg(self) -> Ctg:
        return self.committee.ctg

    @property
    def when(self) -> str:
        """« d’avril au 15 octobre 2021 », « 30 octobre 2021 », « novembre 2021 »; the day it was held once held."""
        if self.held_on and self.ends_on is None:
            return french_date(self.held_on)
        return french_span(self.starts_on, self.starts_precision, self.ends_on, self.ends_precision)

    @property
    def last_day(self) -> date:
        """Until then it may still meet: a month that is known alone is not over before its end."""
        precision = self.ends_precision if self.ends_on else self.starts_precision
        day = self.ends_on or self.starts_on
        return last_day_of_month(day) if precision == self.Precision.MONTH else day

    @property
    def is_held(self) -> bool:
        return self.status == self.Status.HELD

    @property
    def days_off(self) -> list[date]:
        """The ends of the meeting, known to the day, that fall on a weekend or a holiday: said, never refused (R60)."""
        ends = [(self.starts_on, self.starts_precision), (self.ends_on, self.ends_precision)]
        days = [day for day, precision in ends if day and precision == self.Precision.DAY]
        return [day for day in days if is_weekend_or_holiday(day)]


class Attendance(models.Model):
    class Status(models.TextChoices):
        PRESENT = "present", "Présent"
        EXCUSED = "excused", "Excusé"
        ABSENT = "absent", "Absent"
        REPRESENTED = "represented", "Représenté"

    meeting = models.ForeignKey(Meeting, verbose_name="réunion", on_delete=models.CASCADE, related_name="attendances")
    organisation = models.ForeignKey(Organisation, verbose_name="organisme", on_delete=models.PROTECT, related_name="+")
    full_name = models.CharField("nom et prénom", max_length=150)
    status = models.CharField("présence", max_length=11, choices=Status)

    class Meta:
        verbose_name = "présence"
        ordering = ["organisation__name", "full_name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["meeting", "organisation", "full_name"],
                name="attendance_unique_person",
                violation_error_message="Cette personne est déjà dans la liste, au titre de cet organisme.",
            )
        ]

    def __str__(self) -> str:
        return self.full_name


class Decision(models.Model):
    """A numbered decision of a committee; only a decision opens a gate. Numbers run per committee and civil year."""

    meeting = models.ForeignKey(Meeting, verbose_name="réunion", on_delete=models.PROTECT, related_name="decisions")
    committee = models.ForeignKey(
        Committee, verbose_name="comité", on_delete=models.PROTECT, related_name="decisions", editable=False
    )
    year = models.PositiveSmallIntegerField("année", editable=False)
    number = models.PositiveSmallIntegerField("numéro", editable=False)
    gate = models.CharField("étape close", max_length=20, choices=Gate, blank=True)
    evaluation_year = models.PositiveSmallIntegerField("année évaluée", null=True, blank=True)
    text = models.TextField("décision", max_length=5000)
    taken_on = models.DateField("prise le")
    owner = models.CharField("responsable", max_length=150, blank=True)
    due_on = models.DateField("échéance", null=True, blank=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="enregistrée par",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    is_demo = models.BooleanField("donnée de démonstration", default=False)

    class Meta:
        verbose_name = "décision"
        ordering = ["-taken_on", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["committee", "year", "number"], name="decision_unique_number"),
            Check(
                name="decision_evaluation_year_matches_gate",
                condition=Q(gate="validate_evaluation", evaluation_year__isnull=False)
                | (~Q(gate="validate_evaluation") & Q(evaluation_year=None)),
                violation_error_message="La décision qui valide une évaluation dit son année, les autres non.",
            ),
        ]

    def __str__(self) -> str:
        """Kept by the step that this decision closes: 120 characters there."""
        return f"{str(self.committee)[:85]}, décision {self.reference}"

    @property
    def reference(self) -> str:
        return f"n°\u00a0{self.year}-{self.number}"
