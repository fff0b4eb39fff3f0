from pathlib import PurePath
from typing import Self
from uuid import uuid4

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Count, OuterRef, Q, Subquery
from django.utils import timezone

from ctg_site.lib.attachments import check_attachment
from ctg_site.lib.conditions import Check
from diagnostic.models.diagnosis import Diagnosis
from diagnostic.models.groups import ThematicGroup
from diagnostic.models.guests import Guest
from territory.models import Ctg, Organisation

ANONYMOUS = "Un partenaire"


def attachment_path(contribution: "Contribution", name: str) -> str:
    """A name nobody guesses nor chooses."""
    return f"contributions/{contribution.group.ctg_id}/{uuid4().hex}{PurePath(name).suffix.lower()}"


class ContributionQuerySet(models.QuerySet["Contribution"]):
    def visible_to(self, user) -> Self:
        return self.filter(group__ctg__in=Ctg.objects.visible_to(user))

    def of_person(self, user) -> Self:
        """Theirs, with what they said by link before they had an account."""
        return self.filter(Q(author=user) | Q(guest__email=user.email))

    def unworked(self) -> Self:
        """Those the group has neither taken up in a finding nor answered."""
        return self.filter(findings=None, answer="", is_set_aside=False)

    def with_outcome(self, diagnosis: Diagnosis) -> Self:
        """The first finding of this diagnosis that rests on each, and how many do."""
        through = Contribution.findings.through.objects.filter(
            contribution=OuterRef("pk"), finding__diagnosis=diagnosis
        )
        first = through.order_by("finding__position", "finding")
        return self.annotate(
            taken_pk=Subquery(first.values("finding")[:1]),
            taken_title=Subquery(first.values("finding__title")[:1]),
            finding_count=Count("findings", filter=Q(findings__diagnosis=diagnosis)),
        )

    def for_page(self) -> Self:
        return self.select_related("author", "guest", "organisation", "group").order_by("-submitted_at", "-pk")


class Contribution(models.Model):
    """What a partner says to a group. Their words are never rewritten; the group says what it made of them."""

    class Kind(models.TextChoices):
        WORKS = "works", "Ce qui marche"
        MISSING = "missing", "Ce qui manque"
        IDEA = "idea", "Une idée"
        FIGURE = "figure", "Un chiffre"
        DOCUMENT = "document", "Un document"

    group = models.ForeignKey(
        ThematicGroup, verbose_name="groupe", on_delete=models.CASCADE, related_name="contributions"
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="auteur",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="contributions",
    )
    guest = models.ForeignKey(
        Guest,
        verbose_name="par le lien de",
        null=True,
        blank=True,
        on_delete=models.RESTRICT,
        related_name="contributions",
    )
    organisation = models.ForeignKey(
        Organisation, verbose_name="au titre de", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    kind = models.CharField("nature", max_length=8, choices=Kind)
    text = models.TextField("texte", max_length=5000)
    source = models.CharField(
        "source",
        max_length=200,
        blank=True,
        help_text="D’où vient ce chiffre ou ce document : « Rapport d’activité 2025 de la crèche ».",
    )
    attachment = models.FileField(
        "pièce jointe", upload_to=attachment_path, max_length=255, blank=True, validators=[check_attachment]
    )
    attachment_name = models.CharField("nom de la pièce jointe", max_length=150, blank=True, editable=False)
    is_anonymous = models.BooleanField("anonyme pour les autres partenaires", default=False)
    submitted_at = models.DateTimeField("envoyée le", default=timezone.now, editable=False)
    answer = models.TextField("réponse du groupe", max_length=2000, blank=True)
    is_set_aside = models.BooleanField("lue, et pas reprise", default=False)
    answered_at = models.DateTimeField("réponse donnée le", null=True, blank=True, editable=False)
    is_demo = models.BooleanField("donnée de démonstration", default=False)

    objects = ContributionQuerySet.as_manager()

    class Meta:
        verbose_name = "contribution"
        ordering = ["-submitted_at", "-pk"]
        constraints = [
            Check(
                name="contribution_by_an_account_or_by_link",
                condition=Q(author__isnull=False, guest=None) | Q(author=None, guest__isnull=False),
                violation_error_message="Une contribution vient d’un compte ou d’un lien.",
            ),
            Check(
                name="contribution_set_aside_with_a_reason",
                condition=Q(is_set_aside=False) | ~Q(answer=""),
                violation_error_message="Dites à son auteur pourquoi sa contribution n’est pas reprise.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} – {self.group}"

    def clean(self) -> None:
        if self.kind == self.Kind.FIGURE and not self.source.strip():
            raise ValidationError({"source": "Dites d’où vient ce chiffre."})
        if self.kind == self.Kind.DOCUMENT and not self.attachment:
            raise ValidationError({"attachment": "Joignez le document."})

    @property
    def is_worked(self) -> bool:
        """Taken up in a finding, answered or set aside; the rows come ``with_outcome``."""
        return bool(self.finding_count or self.answer or self.is_set_aside)  # type: ignore[attr-defined]

    @property
    def speaker(self) -> str:
        person = self.author or self.guest
        return person.full_name if person else ""

    def signature(self, *, knows: bool) -> str:
        """Who speaks. An anonymous contribution has a name for those who write what the group found, nobody else."""
        if self.is_anonymous and not knows:
            return ANONYMOUS
        name = f"{self.speaker}, {self.organisation}" if self.organisation else self.speaker
        return f"{name}, anonyme pour les autres partenaires" if self.is_anonymous else name
