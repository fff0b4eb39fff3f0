from datetime import date, timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from ctg_site.lib.dates import PARIS
from territory.models.people import CTG_ROLES, Organisation


class PersonalLink(models.Model):
    """Somebody is asked something by e-mail, about a Ctg. Their link is signed, never stored (territory/links.py)."""

    LINK_DAYS = 60

    ctg = models.ForeignKey("territory.Ctg", verbose_name="Ctg", on_delete=models.CASCADE, related_name="%(class)ss")
    email = models.EmailField("adresse électronique")
    full_name = models.CharField("nom et prénom", max_length=150)
    organisation = models.ForeignKey(
        Organisation, verbose_name="organisme", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    message = models.TextField("message", blank=True, max_length=2000)
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="invité par",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    created_at = models.DateTimeField("créée le", default=timezone.now)
    sent_at = models.DateTimeField("envoyée le", null=True, blank=True)
    opened_at = models.DateTimeField("lue le", null=True, blank=True)
    revoked_at = models.DateTimeField("annulée le", null=True, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.full_name} <{self.email}>"

    @property
    def expires_on(self) -> date:
        """The last day of the link, in Paris."""
        return self.created_at.astimezone(PARIS).date() + timedelta(days=self.LINK_DAYS)


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def pending(self) -> "InvitationQuerySet":
        return self.filter(revoked_at=None, accepted_at=None)


class Invitation(PersonalLink):
    """Somebody is asked to join a Ctg, with a role."""

    role = models.CharField("rôle proposé", max_length=16, choices=[(role.value, role.label) for role in CTG_ROLES])
    due_on = models.DateField("réponse attendue le", null=True, blank=True)
    reminded_on = models.DateField("relancée le", null=True, blank=True, editable=False)
    accepted_at = models.DateTimeField("acceptée le", null=True, blank=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="compte",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )

    objects = InvitationQuerySet.as_manager()

    class Meta:
        verbose_name = "invitation"
        ordering = ["full_name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["ctg", "email", "role"],
                condition=Q(revoked_at=None),
                name="invitation_unique_pending",
                violation_error_message="Cette personne est déjà invitée pour ce rôle.",
            ),
        ]

    def state_on(self, on: date) -> str:
        """In words: annulée, acceptée, en retard, lue, envoyée, à envoyer."""
        if self.revoked_at:
            return "annulée"
        if self.accepted_at:
            return "acceptée"
        if self.due_on and self.due_on < on:
            return "en retard"
        if self.opened_at:
            return "lue"
        return "envoyée" if self.sent_at else "à envoyer"
