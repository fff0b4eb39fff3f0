from typing import Self

from django.db import models
from django.db.models import Q

from diagnostic.models.groups import ThematicGroup
from territory.models import Ctg, PersonalLink


class GuestQuerySet(models.QuerySet["Guest"]):
    def visible_to(self, user) -> Self:
        return self.filter(ctg__in=Ctg.objects.visible_to(user))

    def waited_for(self) -> Self:
        """Those who were asked and have said nothing yet."""
        return self.filter(revoked_at=None, answered_at=None)


class Guest(PersonalLink):
    """A partner asked by e-mail to contribute to groups, without an account: their link is enough."""

    LINK_DAYS = 730  # the link also shows what became of a contribution, long after the groups have closed

    groups = models.ManyToManyField(ThematicGroup, verbose_name="groupes", related_name="guests")
    reminded_on = models.DateField("relancée le", null=True, blank=True, editable=False)
    answered_at = models.DateTimeField("a répondu le", null=True, blank=True, editable=False)
    is_demo = models.BooleanField("donnée de démonstration", default=False)

    objects = GuestQuerySet.as_manager()

    class Meta:
        verbose_name = "partenaire invité"
        verbose_name_plural = "partenaires invités"
        ordering = ["full_name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["ctg", "email"],
                condition=Q(revoked_at=None),
                name="guest_unique_email",
                violation_error_message="Cette personne est déjà invitée à contribuer à cette Ctg.",
            ),
        ]

    @property
    def state(self) -> str:
        """In words: annulée, a répondu, lue, envoyée, à envoyer."""
        if self.revoked_at:
            return "annulée"
        if self.answered_at:
            return "a répondu"
        if self.opened_at:
            return "lue"
        return "envoyée" if self.sent_at else "à envoyer"

    @property
    def is_waited_for(self) -> bool:
        return self.revoked_at is None and self.answered_at is None

    @property
    def state_kind(self) -> str:
        """The colour of its badge."""
        return {"annulée": "cancelled", "a répondu": "done", "lue": "ongoing", "envoyée": "planned"}.get(
            self.state, "draft"
        )
