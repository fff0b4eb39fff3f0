from typing import Any, Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from simple_history.models import HistoricalRecords

from ctg_site.lib.conditions import Check
from ctg_site.lib.errors import RuleBroken
from diagnostic import missing
from territory.models import Ctg

MOST_LINES, LONGEST_LINE = 5, 180
FROZEN = "Le diagnostic est validé : il ne se modifie plus."


def lines_of(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


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
            "ctg__caf__territory", "ctg__territory__parent__parent__parent__parent", "next"
        ).prefetch_related("ctg__facts")


class Diagnosis(models.Model):
    """Step 1: what the partners found, with the figures. Validated by a committee, then frozen; reopening makes a version."""

    ctg = models.ForeignKey(Ctg, verbose_name="Ctg", on_delete=models.CASCADE, related_name="diagnoses")
    version = models.PositiveSmallIntegerField("version", default=1)
    summary = models.TextField(
        "synthèse", blank=True, max_length=10_000, help_text="Ce qu’il faut retenir, en quelques phrases."
    )
    previous = models.OneToOneField(
        "self",
        verbose_name="version précédente",
        null=True,
        blank=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="next",
    )
    reopened_on = models.DateField("rouvert le", null=True, blank=True, editable=False)
    reopening_reason = models.TextField("motif de la réouverture", blank=True, max_length=2000, editable=False)
    key_points = models.TextField(
        "cinq choses à savoir",
        blank=True,
        max_length=1000,
        help_text="Pour la page des élus : une par ligne, cinq au plus. Vide : elles sont tirées du diagnostic.",
    )
    decisions_asked = models.TextField(
        "décisions à prendre",
        blank=True,
        max_length=1000,
        help_text="Pour la page des élus : une par ligne, cinq au plus.",
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
            Check(
                name="diagnosis_reopened_for_a_reason",
                condition=Q(previous=None) | (Q(reopened_on__isnull=False) & ~Q(reopening_reason="")),
                violation_error_message="Dites pourquoi le diagnostic est rouvert.",
            ),
            Check(
                name="diagnosis_validated_by_a_decision",
                condition=Q(validated_on=None, validated_by_decision="")
                | (Q(validated_on__isnull=False) & ~Q(validated_by_decision="")),
                violation_error_message="Un diagnostic validé porte la décision qui le valide.",
            ),
            Check(
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

    def get_absolute_url(self) -> str:
        return reverse("diagnostic:diagnosis", args=[self.ctg.slug])

    def clean(self) -> None:
        for name in ("key_points", "decisions_asked"):
            lines = lines_of(getattr(self, name))
            if len(lines) > MOST_LINES:
                raise ValidationError({name: f"Cinq lignes au plus : il y en a {len(lines)}."})
            if any(len(line) > LONGEST_LINE for line in lines):
                raise ValidationError(
                    {name: f"Une ligne dépasse {LONGEST_LINE} caractères : elle ne tient pas à l’écran."}
                )

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
