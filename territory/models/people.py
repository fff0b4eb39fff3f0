from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q

from ctg_site.lib.conditions import Check
from ctg_site.lib.numbers import is_siren


class CafQuerySet(models.QuerySet["Caf"]):
    def visible_to(self, user) -> "CafQuerySet":
        if user.is_superuser:
            return self
        return self.filter(memberships__in=Membership.objects.filter(user_id=user.pk, caf__isnull=False))


class Caf(models.Model):
    """A caisse d’allocations familiales: the tenant. What belongs to a Caf is invisible to another."""

    code = models.CharField("code", max_length=8, unique=True, validators=[RegexValidator(r"^[0-9]{2,3}[0-9A-Z]?\Z")])
    name = models.CharField("nom", max_length=120, help_text="« Caf des Pyrénées-Orientales »")
    territory = models.ForeignKey(
        "territory.Territory", verbose_name="département", on_delete=models.PROTECT, related_name="+"
    )

    objects = CafQuerySet.as_manager()

    class Meta:
        verbose_name = "Caf"
        verbose_name_plural = "Caf"
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class OrganisationQuerySet(models.QuerySet["Organisation"]):
    def visible_to(self, user) -> "OrganisationQuerySet":
        if user.is_superuser:
            return self
        mine = Q(memberships__user_id=user.pk) | Q(ctgs__memberships__user_id=user.pk)
        return self.filter(caf__in=Caf.objects.filter(mine).values("pk"))


class Organisation(models.Model):
    """A partner in the directory of a Caf: collectivity, association, institution, the Caf itself."""

    class Kind(models.TextChoices):
        CAF = "caf", "Caf"
        EPCI = "epci", "Intercommunalité"
        COMMUNE = "commune", "Commune"
        SYNDICAT = "syndicat", "Syndicat intercommunal"
        DEPARTEMENT = "departement", "Département"
        STATE = "state", "État"
        MSA = "msa", "MSA"
        INSTITUTION = "institution", "Autre institution"
        ASSOCIATION = "association", "Association"
        OTHER = "other", "Autre"

    LOCAL_AUTHORITIES = (Kind.EPCI, Kind.COMMUNE, Kind.SYNDICAT, Kind.DEPARTEMENT)

    caf = models.ForeignKey(Caf, verbose_name="Caf", on_delete=models.PROTECT, related_name="organisations")
    kind = models.CharField("nature", max_length=12, choices=Kind)
    name = models.CharField("nom", max_length=200)
    short_name = models.CharField("nom court", max_length=80, blank=True)
    siren = models.CharField("SIREN", max_length=9, blank=True)
    territory = models.ForeignKey(
        "territory.Territory",
        verbose_name="territoire",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    is_demo = models.BooleanField("donnée de démonstration", default=False)

    objects = OrganisationQuerySet.as_manager()

    class Meta:
        verbose_name = "organisme"
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["caf", "name"],
                name="organisation_unique_name_per_caf",
                violation_error_message="Cet organisme est déjà dans l’annuaire de la Caf.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        if self.siren and not is_siren(self.siren):
            raise ValidationError({"siren": "Ce SIREN est faux : vérifiez ses neuf chiffres."})

    @property
    def is_local_authority(self) -> bool:
        return self.kind in self.LOCAL_AUTHORITIES


class Contact(models.Model):
    """A professional contact in a partner organisation; no data on families is ever stored."""

    organisation = models.ForeignKey(
        Organisation, verbose_name="organisme", on_delete=models.CASCADE, related_name="contacts"
    )
    full_name = models.CharField("nom et prénom", max_length=150)
    job = models.CharField("fonction", max_length=120, blank=True)
    email = models.EmailField("adresse électronique professionnelle", blank=True)
    phone = models.CharField("téléphone professionnel", max_length=30, blank=True)
    is_demo = models.BooleanField("donnée de démonstration", default=False)

    class Meta:
        verbose_name = "contact"
        ordering = ["full_name", "pk"]

    def __str__(self) -> str:
        return self.full_name


class Role(models.TextChoices):
    """What a person may do: on a whole Caf, or on one Ctg. The table role × gesture is docs/roles.md."""

    CAF_MANAGER = "caf_manager", "Responsable Caf"
    CAF_ADVISER = "caf_adviser", "Conseiller·ère Caf"
    CAF_READER = "caf_reader", "Lecteur·rice Caf"
    LEAD = "lead", "Chargé·e de coopération"
    EDITOR = "editor", "Rédacteur·rice"
    GROUP_LEAD = "group_lead", "Animateur·rice de groupe"
    ACTION_LEAD = "action_lead", "Pilote d’action"
    CONTRIBUTOR = "contributor", "Contributeur·rice"
    SIGNATORY = "signatory", "Signataire"
    READER = "reader", "Lecteur·rice"


CAF_ROLES = (Role.CAF_MANAGER, Role.CAF_ADVISER, Role.CAF_READER)
CTG_ROLES = tuple(role for role in Role if role not in CAF_ROLES)


class Membership(models.Model):
    """The role of a user on a Caf (hence on all its Ctgs) or on one Ctg."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="personne", on_delete=models.CASCADE, related_name="memberships"
    )
    caf = models.ForeignKey(
        Caf, verbose_name="Caf", null=True, blank=True, on_delete=models.CASCADE, related_name="memberships"
    )
    ctg = models.ForeignKey(
        "territory.Ctg", verbose_name="Ctg", null=True, blank=True, on_delete=models.CASCADE, related_name="memberships"
    )
    role = models.CharField("rôle", max_length=16, choices=Role)
    organisation = models.ForeignKey(
        Organisation,
        verbose_name="au titre de",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="memberships",
    )

    class Meta:
        verbose_name = "rôle"
        ordering = ["role", "pk"]
        constraints = [
            Check(
                name="membership_role_matches_scope",
                condition=Q(role__in=CAF_ROLES, caf__isnull=False, ctg=None)
                | (~Q(role__in=CAF_ROLES) & Q(caf=None, ctg__isnull=False)),
                violation_error_message="Un rôle de Caf se donne sur une Caf, un rôle de Ctg sur une Ctg.",
            ),
            models.UniqueConstraint(
                fields=["user", "ctg", "role"],
                name="membership_unique_ctg",
                violation_error_message="Cette personne a déjà ce rôle.",
            ),
            models.UniqueConstraint(
                fields=["user", "caf", "role"],
                name="membership_unique_caf",
                violation_error_message="Cette personne a déjà ce rôle.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} – {self.get_role_display()}"
