from collections.abc import Iterable

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from ctg_site.lib.conditions import Check
from territory.models.ctg import Ctg


class CommentQuerySet(models.QuerySet["Comment"]):
    def visible_to(self, user) -> "CommentQuerySet":
        return self.filter(ctg__in=Ctg.objects.visible_to(user))

    def about(self, kind: str, pks: Iterable[int] | models.QuerySet) -> "CommentQuerySet":
        """``pks``: the same subject in each of its versions."""
        return self.filter(subject_kind=kind, subject_id__in=pks)

    def unsettled(self) -> "CommentQuerySet":
        return self.filter(settled_at=None)


class Comment(models.Model):
    """What somebody says of a finding, a priority, an action. The subject is a plain reference: the words outlive it."""

    ctg = models.ForeignKey(Ctg, verbose_name="Ctg", on_delete=models.CASCADE, related_name="comments")
    subject_kind = models.CharField("à propos de", max_length=20)
    subject_id = models.PositiveBigIntegerField("identifiant")
    subject_label = models.CharField("intitulé", max_length=250)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="auteur", on_delete=models.PROTECT, related_name="comments"
    )
    text = models.TextField("commentaire", max_length=5000)
    written_at = models.DateTimeField("écrit le", default=timezone.now, editable=False)
    settled_at = models.DateTimeField("réglé le", null=True, blank=True, editable=False)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="réglé par",
        null=True,
        blank=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="+",
    )
    is_demo = models.BooleanField("donnée de démonstration", default=False)

    objects = CommentQuerySet.as_manager()

    class Meta:
        verbose_name = "commentaire"
        ordering = ["written_at", "pk"]
        indexes = [models.Index(fields=["subject_kind", "subject_id"], name="comment_by_subject")]
        constraints = [
            Check(
                name="comment_settled_by_somebody",
                condition=Q(settled_at=None, settled_by=None) | Q(settled_at__isnull=False, settled_by__isnull=False),
                violation_error_message="Un commentaire réglé dit par qui.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.author} – {self.subject_label}"

    @property
    def is_settled(self) -> bool:
        return self.settled_at is not None
