from django.db import models


class ModelAction(models.Model):
    """Reference data: an action that many territories have led, from which a fiche may begin."""

    code = models.SlugField("code", max_length=60, unique=True)
    theme = models.CharField("thématique", max_length=80)
    title = models.CharField("intitulé", max_length=200)
    description = models.TextField("description", max_length=10000)
    audience = models.CharField("public", max_length=200, blank=True)
    expected_results = models.TextField("résultats attendus", blank=True, max_length=5000)
    success_factors = models.TextField("conditions de réussite", blank=True, max_length=5000)
    steps = models.JSONField(
        "étapes", default=list, blank=True, help_text="Pour chacune : title, month (après le début)."
    )
    targets = models.JSONField(
        "indicateurs", default=list, blank=True, help_text="Pour chacun : label, unit, direction, level, goal, source."
    )
    position = models.PositiveSmallIntegerField("ordre", default=0)

    class Meta:
        verbose_name = "action type"
        verbose_name_plural = "actions types"
        ordering = ["position", "code"]

    def __str__(self) -> str:
        return self.title
