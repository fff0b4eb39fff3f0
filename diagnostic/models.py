from datetime import date
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Count, F, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone
from simple_history.models import HistoricalRecords

from ctg_site.lib.dates import french_date
from ctg_site.lib.errors import RuleBroken
from diagnostic import missing
from territory.models import Ctg, Organisation, Territory

FROZEN = "Le diagnostic est validé : il ne se modifie plus."


class GroupQuerySet(models.QuerySet["ThematicGroup"]):
    def visible_to(self, user) -> Self:
        return self.filter(ctg__in=Ctg.objects.visible_to(user))

    def open_to(self, user) -> Self:
        """The groups of their own Ctgs, and those whose findings are published."""
        published = Diagnosis.objects.filter(published_at__isnull=False)
        return self.filter(Q(ctg__in=Ctg.objects.visible_to(user)) | Q(ctg__in=published.values("ctg")))

    def for_page(self) -> Self:
        """With what the header of every page of a Ctg reads."""
        return self.select_related("ctg__caf__territory", "lead").prefetch_related("ctg__facts")

    def with_counts(self) -> Self:
        """The findings and ideas of the last version, and the contributions, counted apart so that they do not multiply."""
        diagnoses = Diagnosis.objects.current().values("pk")
        return self.annotate(
            finding_count=_count_by_group(Finding.objects.filter(diagnosis__in=diagnoses)),
            idea_count=_count_by_group(Idea.objects.filter(diagnosis__in=diagnoses)),
            contribution_count=_count_by_group(Contribution.objects.all()),
        ).order_by("position", "pk")


def _count_by_group(rows: models.QuerySet) -> Coalesce:
    counted = rows.filter(group=models.OuterRef("pk")).order_by().values("group").annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted), 0)


class ThematicGroup(models.Model):
    """A working group of partners on a theme; its meetings are governance meetings like all the others."""

    class Colour(models.TextChoices):
        EARLY_CHILDHOOD = "petite-enfance", "rouille"
        YOUTH = "enfance-jeunesse", "bleu"
        PARENTING = "parentalite", "prune"
        RIGHTS = "droits", "vert"
        SOCIAL_LIFE = "avs-logement", "violet"

    ctg = models.ForeignKey(Ctg, verbose_name="Ctg", on_delete=models.CASCADE, related_name="groups")
    name = models.CharField("nom", max_length=100)
    audience = models.CharField("public", max_length=80, blank=True, help_text="« 0 – moins de 3 ans »")
    colour = models.CharField("couleur", max_length=20, choices=Colour, default=Colour.EARLY_CHILDHOOD)
    lead = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="animateur ou animatrice",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="led_groups",
    )
    contributions_open_on = models.DateField("contributions à partir du", null=True, blank=True)
    contributions_close_on = models.DateField("contributions jusqu’au", null=True, blank=True)
    position = models.PositiveSmallIntegerField("ordre", default=0)

    objects = GroupQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = "groupe thématique"
        verbose_name_plural = "groupes thématiques"
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["ctg", "name"],
                name="group_unique_name",
                violation_error_message="Ce groupe existe déjà dans cette Ctg.",
            ),
            models.CheckConstraint(
                name="group_contribution_dates_in_order",
                condition=Q(contributions_close_on=None)
                | Q(contributions_open_on=None)
                | Q(contributions_close_on__gte=F("contributions_open_on")),
                violation_error_message="La clôture des contributions précède leur ouverture.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def takes_contributions_on(self, on: date) -> bool:
        return self.why_closed_on(on) == ""

    def why_closed_on(self, on: date) -> str:
        """Why nobody can contribute that day; empty when they can. Both dates are part of the period."""
        opens, closes = self.contributions_open_on, self.contributions_close_on
        if opens is None:
            return "Les contributions de ce groupe ne sont pas encore ouvertes."
        if on < opens:
            return f"Les contributions ouvriront le {french_date(opens)} : revenez à partir de ce jour."
        if closes is not None and on > closes:
            return f"Les contributions sont closes depuis le {french_date(closes)}. Écrivez à l’équipe de la Ctg si vous avez encore à dire."
        return ""


class GroupMember(models.Model):
    """An organisation that takes part in a group, through a person with an account or not yet."""

    group = models.ForeignKey(ThematicGroup, verbose_name="groupe", on_delete=models.CASCADE, related_name="members")
    organisation = models.ForeignKey(Organisation, verbose_name="organisme", on_delete=models.PROTECT, related_name="+")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="personne",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="group_seats",
    )

    class Meta:
        verbose_name = "membre de groupe"
        verbose_name_plural = "membres de groupe"
        ordering = ["organisation__name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["group", "organisation", "user"],
                name="group_member_unique",
                violation_error_message="Ce membre est déjà dans le groupe.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.organisation} – {self.group}"


class DiagnosisQuerySet(models.QuerySet["Diagnosis"]):
    def visible_to(self, user) -> Self:
        return self.filter(ctg__in=Ctg.objects.visible_to(user))

    def open_to(self, user) -> Self:
        """Their own Ctgs' diagnoses, drafts included; for everyone else, what is published."""
        return self.filter(Q(ctg__in=Ctg.objects.visible_to(user)) | Q(published_at__isnull=False))

    def current(self) -> Self:
        """The last version of each Ctg."""
        later = Diagnosis.objects.filter(ctg=models.OuterRef("ctg"), version__gt=models.OuterRef("version"))
        return self.filter(~models.Exists(later))

    def for_page(self) -> Self:
        """With what the header of every page of a Ctg and the comparison with the levels above read."""
        return self.select_related(
            "ctg__caf__territory", "ctg__territory__parent__parent__parent__parent"
        ).prefetch_related("ctg__facts")


class Diagnosis(models.Model):
    """Step 1: what the partners found, with the figures. Validated by a committee, then frozen; reopening makes a version."""

    ctg = models.ForeignKey(Ctg, verbose_name="Ctg", on_delete=models.CASCADE, related_name="diagnoses")
    version = models.PositiveSmallIntegerField("version", default=1)
    summary = models.TextField(
        "synthèse", blank=True, max_length=10_000, help_text="Ce qu’il faut retenir, en quelques phrases."
    )
    team_phase_starts_on = models.DateField("phase 1, avec les équipes : début", null=True, blank=True)
    team_phase_ends_on = models.DateField("phase 1 : fin", null=True, blank=True)
    partner_phase_starts_on = models.DateField("phase 2, avec les partenaires : début", null=True, blank=True)
    partner_phase_ends_on = models.DateField("phase 2 : fin", null=True, blank=True)
    validated_on = models.DateField("validé le", null=True, blank=True, editable=False)
    validated_by_decision = models.CharField("décision", max_length=120, blank=True, editable=False)
    published_at = models.DateTimeField("publié le", null=True, blank=True, editable=False)

    objects = DiagnosisQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = "diagnostic partagé"
        verbose_name_plural = "diagnostics partagés"
        ordering = ["ctg", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["ctg", "version"], name="diagnosis_unique_version"),
            models.CheckConstraint(
                name="diagnosis_validated_by_a_decision",
                condition=Q(validated_on=None, validated_by_decision="")
                | (Q(validated_on__isnull=False) & ~Q(validated_by_decision="")),
                violation_error_message="Un diagnostic validé porte la décision qui le valide.",
            ),
            models.CheckConstraint(
                name="diagnosis_phases_in_order",
                condition=(
                    (
                        Q(team_phase_ends_on=None)
                        | Q(team_phase_starts_on=None)
                        | Q(team_phase_ends_on__gte=F("team_phase_starts_on"))
                    )
                    & (
                        Q(partner_phase_ends_on=None)
                        | Q(partner_phase_starts_on=None)
                        | Q(partner_phase_ends_on__gte=F("partner_phase_starts_on"))
                    )
                ),
                violation_error_message="La fin d’une phase précède son début.",
            ),
        ]

    def __str__(self) -> str:
        return f"Diagnostic de {self.ctg}"

    @property
    def is_validated(self) -> bool:
        return self.validated_on is not None

    def missing_before_validation(self) -> list[str]:
        """What remains to be done, in the words shown to the user."""
        return missing.texts_before_validation(self)


class DiagnosisPart(models.Model):
    """What a diagnosis is made of: once it is validated, nothing of it is written or removed, whatever the door."""

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        self._refuse_if_frozen()
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        self._refuse_if_frozen()
        return super().delete(*args, **kwargs)

    def _refuse_if_frozen(self) -> None:
        if Diagnosis.objects.filter(pk=self.diagnosis_id, validated_on__isnull=False).exists():  # type: ignore[attr-defined]
            raise RuleBroken(FROZEN)


class Contribution(models.Model):
    """What a partner says to a group: what works, what is missing, an idea."""

    class Kind(models.TextChoices):
        WORKS = "works", "Ce qui marche"
        MISSING = "missing", "Ce qui manque"
        IDEA = "idea", "Une idée"

    group = models.ForeignKey(
        ThematicGroup, verbose_name="groupe", on_delete=models.CASCADE, related_name="contributions"
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="auteur", on_delete=models.PROTECT, related_name="contributions"
    )
    organisation = models.ForeignKey(
        Organisation, verbose_name="au titre de", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    kind = models.CharField("nature", max_length=8, choices=Kind)
    text = models.TextField("texte", max_length=5000)
    submitted_at = models.DateTimeField("envoyée le", default=timezone.now, editable=False)
    is_demo = models.BooleanField("donnée de démonstration", default=False)

    class Meta:
        verbose_name = "contribution"
        ordering = ["-submitted_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} – {self.group}"


class FindingQuerySet(models.QuerySet["Finding"]):
    def visible_to(self, user) -> Self:
        return self.filter(diagnosis__ctg__in=Ctg.objects.visible_to(user))


class Finding(DiagnosisPart):
    """A finding (constat) of a group: strength, weakness, need or opportunity, with the ideas it brings."""

    class Kind(models.TextChoices):
        STRENGTH = "strength", "Force"
        WEAKNESS = "weakness", "Faiblesse"
        NEED = "need", "Besoin"
        OPPORTUNITY = "opportunity", "Opportunité"

    diagnosis = models.ForeignKey(
        Diagnosis, verbose_name="diagnostic", on_delete=models.CASCADE, related_name="findings"
    )
    group = models.ForeignKey(ThematicGroup, verbose_name="groupe", on_delete=models.PROTECT, related_name="findings")
    kind = models.CharField("nature", max_length=11, choices=Kind)
    title = models.CharField("constat", max_length=200)
    text = models.TextField("explication", blank=True, max_length=5000)
    communes = models.ManyToManyField(Territory, verbose_name="communes concernées", blank=True, related_name="+")
    contributions = models.ManyToManyField(
        Contribution, verbose_name="contributions", blank=True, related_name="findings"
    )
    position = models.PositiveSmallIntegerField("ordre", default=0)
    is_demo = models.BooleanField("donnée de démonstration", default=False)

    objects = FindingQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = "constat"
        ordering = ["group__position", "position", "pk"]

    def __str__(self) -> str:
        return self.title


class Idea(DiagnosisPart):
    """An idea for improvement (piste d’amélioration) of a group, born of a finding or not."""

    diagnosis = models.ForeignKey(Diagnosis, verbose_name="diagnostic", on_delete=models.CASCADE, related_name="ideas")
    group = models.ForeignKey(ThematicGroup, verbose_name="groupe", on_delete=models.PROTECT, related_name="ideas")
    finding = models.ForeignKey(
        Finding, verbose_name="constat", null=True, blank=True, on_delete=models.SET_NULL, related_name="ideas"
    )
    text = models.CharField("piste", max_length=300)
    position = models.PositiveSmallIntegerField("ordre", default=0)
    is_demo = models.BooleanField("donnée de démonstration", default=False)

    class Meta:
        verbose_name = "piste d’amélioration"
        verbose_name_plural = "pistes d’amélioration"
        ordering = ["group__position", "position", "pk"]

    def __str__(self) -> str:
        return self.text


class PriorityQuerySet(models.QuerySet["Priority"]):
    def visible_to(self, user) -> Self:
        return self.filter(diagnosis__ctg__in=Ctg.objects.visible_to(user))


class Priority(DiagnosisPart):
    """A priority (enjeu) that the territory draws from its findings."""

    diagnosis = models.ForeignKey(
        Diagnosis, verbose_name="diagnostic", on_delete=models.CASCADE, related_name="priorities"
    )
    title = models.CharField("priorité", max_length=200)
    text = models.TextField("pourquoi", blank=True, max_length=5000)
    findings = models.ManyToManyField(Finding, verbose_name="constats", blank=True, related_name="priorities")
    position = models.PositiveSmallIntegerField("rang", default=0)
    is_demo = models.BooleanField("donnée de démonstration", default=False)

    objects = PriorityQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = "priorité"
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return self.title
