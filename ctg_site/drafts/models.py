from django.conf import settings
from django.db import models
from django.db.models import Q

from ctg_site.lib.conditions import Check
from ctg_site.lib.dates import french_moment


class Draft(models.Model):
    """What somebody has begun to write in a form and not sent yet: theirs alone, shown to nobody else."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE, related_name="drafts"
    )
    link = models.CharField("lien", max_length=80, blank=True, help_text="Qui écrit sans compte, par son lien.")
    form = models.CharField("formulaire", max_length=200)
    fields = models.JSONField("champs", default=dict)
    saved_at = models.DateTimeField("enregistré le")

    class Meta:
        verbose_name = "brouillon"
        ordering = ["-saved_at", "-pk"]
        constraints = [
            Check(
                name="draft_is_of_an_account_or_of_a_link",
                condition=(Q(user__isnull=False) & Q(link="")) | (Q(user=None) & ~Q(link="")),
            ),
            models.UniqueConstraint(fields=["user", "form"], condition=Q(link=""), name="draft_unique_of_an_account"),
            models.UniqueConstraint(fields=["link", "form"], condition=~Q(link=""), name="draft_unique_of_a_link"),
        ]

    def __str__(self) -> str:
        return f"Brouillon enregistré {french_moment(self.saved_at)}"
