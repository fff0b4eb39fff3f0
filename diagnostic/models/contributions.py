from django.conf import settings
from django.db import models
from django.utils import timezone

from diagnostic.models.groups import ThematicGroup
from territory.models import Organisation


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
