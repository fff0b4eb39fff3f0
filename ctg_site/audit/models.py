from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone


class EntryQuerySet(models.QuerySet["Entry"]):
    def update(self, **kwargs: Any) -> int:
        raise TypeError("Le journal ne se modifie pas.")

    def delete(self) -> tuple[int, dict[str, int]]:
        raise TypeError("Le journal ne s’efface pas.")


class Entry(models.Model):
    """One line of the journal. References are plain, so that a line outlives what it speaks of."""

    at = models.DateTimeField("le", default=timezone.now, db_index=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="auteur", null=True, on_delete=models.PROTECT, related_name="+"
    )
    actor_label = models.CharField("auteur (nom)", max_length=150)
    verb = models.CharField("geste", max_length=60)
    target_type = models.CharField("objet", max_length=60)
    target_id = models.CharField("identifiant", max_length=40)
    target_label = models.CharField("libellé", max_length=250)
    caf_code = models.CharField("Caf", max_length=8, blank=True)
    ctg_id = models.PositiveBigIntegerField("Ctg", null=True, db_index=True)
    data = models.JSONField("détail", default=dict, blank=True)

    objects = EntryQuerySet.as_manager()

    class Meta:
        verbose_name = "ligne du journal"
        verbose_name_plural = "journal"
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.verb} – {self.target_label}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk is not None:
            raise TypeError("Le journal ne se modifie pas.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise TypeError("Le journal ne s’efface pas.")
