from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from ctg_site.lib.conditions import Check
from territory.models.ctg import Ctg
from territory.models.people import Caf

if TYPE_CHECKING:
    from ctg_site.accounts.models import User


TOLD_FOR = timedelta(days=1)


class AskedGestureQuerySet(models.QuerySet["AskedGesture"]):
    def told_to(self, user: "User", *, at: datetime) -> "AskedGestureQuerySet":
        """What is waited for, by anyone; what was refused, to the person who asked, for a day."""
        State = AskedGesture.State
        rows = self.exclude(kind=AskedGesture.Kind.CHECK, state=State.DONE)
        return rows.filter(Q(state=State.WAITING) | Q(asked_by_id=user.pk, asked_at__gt=at - TOLD_FOR)).order_by("pk")

    @property
    def are_waiting(self) -> bool:
        return any(one.is_waiting for one in self)


class AskedGesture(models.Model):
    """A gesture that settles what is masked, asked on a page: the worker does it, then the row leaves, or says why not."""

    class Kind(models.TextChoices):
        TYPE = "type", "Enregistrement d’un chiffre"
        REMOVE = "remove", "Effacement d’un chiffre"
        WITHHOLD = "withhold", "Masquage d’un chiffre"
        SHOW = "show", "Levée d’un masquage"
        PUBLISH = "publish", "Publication du portrait"
        CHECK = "check", "Vérification du secret"

    class State(models.TextChoices):
        WAITING = "waiting", "En cours"
        REFUSED = "refused", "Refusé"
        DONE = "done", "Fait"

    caf = models.ForeignKey(Caf, verbose_name="Caf", on_delete=models.CASCADE, related_name="asked_gestures")
    ctg = models.ForeignKey(
        Ctg, verbose_name="Ctg", null=True, blank=True, on_delete=models.CASCADE, related_name="asked_gestures"
    )
    kind = models.CharField("geste", max_length=8, choices=Kind)
    about = models.CharField("objet", max_length=400)
    arguments = models.JSONField("paramètres", default=dict, blank=True)
    state = models.CharField("état", max_length=7, choices=State, default=State.WAITING)
    refusal = models.TextField("motif du refus", blank=True)
    found = models.JSONField("ce qui a été trouvé", default=list, blank=True)
    asked_at = models.DateTimeField("demandé le", default=timezone.now, editable=False)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="demandé par",
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="+",
    )

    objects = AskedGestureQuerySet.as_manager()

    class Meta:
        verbose_name = "geste demandé"
        verbose_name_plural = "gestes demandés"
        ordering = ["-asked_at", "-pk"]
        constraints = [
            Check(
                name="asked_gesture_refusal_says_why",
                condition=~Q(state="refused") | ~Q(refusal=""),
                violation_error_message="Un geste refusé dit pourquoi.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} : {self.about}"

    @property
    def is_waiting(self) -> bool:
        return self.state == self.State.WAITING
