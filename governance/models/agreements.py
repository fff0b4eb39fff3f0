"""The convention: articles copied from the model, parties, those who sign for them, what authorises them."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from simple_history.models import HistoricalRecords

from actions.models import ActionPlan
from ctg_site.lib.conditions import Check, has_come
from ctg_site.lib.dates import french_date
from governance import missing, wording
from governance.models.closing import ClosedByDecision
from territory.models import Ctg, Organisation


class Clause(models.Model):
    """Reference data: an article of the model convention, copied into each agreement and free to change there."""

    position = models.PositiveSmallIntegerField("ordre", unique=True)
    title = models.CharField("titre", max_length=150)
    body = models.TextField("texte", help_text="Repères possibles : {caf} {territory} {starts_on} {ends_on}.")

    class Meta:
        verbose_name = "article type"
        verbose_name_plural = "articles types"
        ordering = ["position"]

    def __str__(self) -> str:
        return self.title

    @property
    def is_preamble(self) -> bool:
        """What precedes the articles, and has no number."""
        return self.position == 0


class AgreementQuerySet(models.QuerySet["Agreement"]):
    def visible_to(self, user) -> Self:
        return self.filter(plan__diagnosis__ctg__in=Ctg.objects.visible_to(user))

    def open_to(self, user) -> Self:
        """Their own Ctgs' agreements, drafts included; for everyone else, those that all parties signed."""
        return self.filter(Q(plan__diagnosis__ctg__in=Ctg.objects.visible_to(user)) | Q(signed_on__isnull=False))

    def for_page(self) -> Self:
        """With everything the text says: four more queries, whatever the number of articles and parties."""
        ctg = "plan__diagnosis__ctg"
        return self.select_related(
            f"{ctg}__caf__territory", f"{ctg}__territory__parent__parent__parent", f"{ctg}__evaluation_method"
        ).prefetch_related(
            f"{ctg}__facts",
            models.Prefetch("articles", Article.objects.order_by("position", "pk")),
            models.Prefetch(
                "parties", Party.objects.select_related("organisation", "deliberation").order_by("position", "pk")
            ),
            models.Prefetch("parties__signatories", Signatory.objects.order_by("rank", "pk")),
        )


class Agreement(ClosedByDecision):
    """The convention: articles and parties, frozen by a decision, then signed party by party.

    ``document`` is the PDF of the text, stored once at the freeze with its SHA-256, never rendered again.
    """

    CLOSED = "Le texte de la convention est arrêté : il ne se modifie plus."
    FREE_ONCE_CLOSED = frozenset({"signed_on"})

    plan = models.OneToOneField(
        ActionPlan, verbose_name="plan d’actions", on_delete=models.PROTECT, related_name="agreement"
    )
    number = models.CharField("numéro", max_length=40, unique=True)
    place = models.CharField("fait à", max_length=100, blank=True)
    preamble = models.TextField("préambule", blank=True, max_length=10000)
    frozen_on = models.DateField("texte arrêté le", null=True, blank=True, editable=False)
    frozen_by_decision = models.CharField("décision", max_length=120, blank=True, editable=False)
    document = models.FileField("PDF du texte", upload_to="conventions/%Y/", null=True, blank=True, editable=False)
    document_sha256 = models.CharField("empreinte SHA-256", max_length=64, blank=True, editable=False)
    signed_on = models.DateField("signée par toutes les parties le", null=True, blank=True, editable=False)
    is_demo = models.BooleanField("donnée de démonstration", default=False)

    objects = AgreementQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = "convention"
        ordering = ["number"]
        constraints = [
            Check(
                name="agreement_frozen_with_document",
                condition=Q(frozen_on=None, document_sha256="", frozen_by_decision="")
                | (Q(frozen_on__isnull=False) & ~Q(document_sha256="") & ~Q(frozen_by_decision="")),
                violation_error_message="Un texte arrêté a sa décision, son PDF et l’empreinte du PDF.",
            ),
            Check(
                name="agreement_frozen_before_signed",
                condition=Q(signed_on=None) | Q(frozen_on__isnull=False),
                violation_error_message="Le texte s’arrête avant de se signer.",
            ),
        ]

    def __str__(self) -> str:
        return f"Convention {self.number}"

    @property
    def ctg(self) -> Ctg:
        return self.plan.diagnosis.ctg

    @property
    def is_frozen(self) -> bool:
        return self.frozen_on is not None

    @property
    def state(self) -> str:
        if self.signed_on:
            return f"Signée par toutes les parties le {french_date(self.signed_on)}"
        if self.frozen_on:
            return f"Texte arrêté le {french_date(self.frozen_on)}, en cours de signature"
        return "En préparation"

    def is_closed(self) -> bool:
        return Agreement.objects.filter(pk=self.pk, frozen_on__isnull=False).exists()

    def missing_before_freeze(self) -> list[str]:
        return missing.texts_before_freeze(self)


class AgreementPart(ClosedByDecision):
    """What the frozen text is made of."""

    CLOSED = Agreement.CLOSED

    class Meta:
        abstract = True

    def is_closed(self) -> bool:
        return Agreement.objects.filter(frozen_on__isnull=False, pk=self.agreement_pk).exists()

    @property
    def agreement_pk(self) -> int:
        return self.agreement_id  # type: ignore[attr-defined]


class Article(AgreementPart):
    agreement = models.ForeignKey(
        Agreement, verbose_name="convention", on_delete=models.CASCADE, related_name="articles"
    )
    position = models.PositiveSmallIntegerField("ordre")
    title = models.CharField("titre", max_length=150)
    body = models.TextField("texte", max_length=10000)

    history = HistoricalRecords()

    class Meta:
        verbose_name = "article"
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return f"Article {self.position} – {self.title}"

    @property
    def blocks(self) -> list[wording.Block]:
        return wording.blocks(self.body)


class Party(AgreementPart):
    """An organisation that signs; the Caf may have two representatives, others one or two."""

    FREE_ONCE_CLOSED = frozenset({"signed_on", "signature_reason", "signature_recorded_by", "signature_recorded_at"})

    agreement = models.ForeignKey(
        Agreement, verbose_name="convention", on_delete=models.CASCADE, related_name="parties"
    )
    organisation = models.ForeignKey(Organisation, verbose_name="organisme", on_delete=models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField("ordre", default=0)
    signed_on = models.DateField("signée le", null=True, blank=True, editable=False, validators=[has_come])
    signature_reason = models.CharField(
        "motif de la signature avant transmission", max_length=300, blank=True, editable=False
    )
    signature_recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="signature enregistrée par",
        null=True,
        blank=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="+",
    )
    signature_recorded_at = models.DateTimeField("signature enregistrée à", null=True, blank=True, editable=False)

    class Meta:
        verbose_name = "partie"
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["agreement", "organisation"],
                name="party_unique_organisation",
                violation_error_message="Cet organisme est déjà partie à la convention.",
            )
        ]

    def __str__(self) -> str:
        return str(self.organisation)

    @property
    def state(self) -> str:
        return f"Signée le {french_date(self.signed_on)}" if self.signed_on else "En attente de signature"

    @property
    def represented(self) -> str:
        """« représentée par …, présidente, et par …, directeur »."""
        people = [f"par {signatory}" for signatory in self.signatories.all()]
        if not people:
            return "dont le signataire reste à désigner"
        word = "représenté" if wording.is_masculine(self.organisation.name) else "représentée"
        return f"{word} {' et '.join(people)}"

    @property
    def name_in_text(self) -> str:
        """« la commune de Prades »."""
        return wording.with_article(self.organisation.name)

    @property
    def authority(self) -> str:
        """What authorises it to sign, in words; empty when nothing is written yet."""
        deliberation = getattr(self, "deliberation", None)
        return deliberation.sentence if deliberation else ""


class Signatory(AgreementPart):
    """A person who signs for a party, on the day of the signature; never rewritten after an election."""

    FREE_ONCE_CLOSED = frozenset({"user"})

    party = models.ForeignKey(Party, verbose_name="partie", on_delete=models.CASCADE, related_name="signatories")
    rank = models.PositiveSmallIntegerField(
        "rang", choices=[(1, "premier signataire"), (2, "second signataire")], default=1
    )
    full_name = models.CharField("nom et prénom", max_length=150)
    quality = models.CharField("qualité", max_length=120, help_text="« Présidente du conseil d’administration »")
    is_legal_head = models.BooleanField("représentant légal", default=True)
    delegation = models.CharField(
        "délégation", max_length=200, blank=True, help_text="Obligatoire si ce n’est pas le représentant légal."
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="compte",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="signatures_asked",
    )
    is_demo = models.BooleanField("donnée de démonstration", default=False)

    class Meta:
        verbose_name = "signataire"
        ordering = ["party", "rank", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["party", "rank"],
                name="signatory_unique_rank",
                violation_error_message="Une partie a deux signataires au plus.",
            ),
            Check(
                name="signatory_delegation_when_not_head",
                condition=Q(is_legal_head=True) | ~Q(delegation=""),
                violation_error_message="Un signataire qui n’est pas le représentant légal signe par délégation : donnez sa référence.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.full_name}, {self.quality}"

    @property
    def agreement_pk(self) -> int:
        return self.party.agreement_id


class Deliberation(AgreementPart):
    """What authorises a party to sign. Executory once transmitted to the préfet (CGCT, art. L. 2131-1).

    The transmission may come after the text is frozen: it is the only thing of it still written then.
    """

    FREE_ONCE_CLOSED = frozenset({"transmitted_on"})

    party = models.OneToOneField(Party, verbose_name="partie", on_delete=models.CASCADE, related_name="deliberation")
    body = models.CharField("assemblée", max_length=120, help_text="« Conseil communautaire »")
    number = models.CharField("numéro", max_length=60, blank=True)
    adopted_on = models.DateField("adoptée le", null=True, blank=True)
    transmitted_on = models.DateField("transmise au préfet le", null=True, blank=True)

    class Meta:
        verbose_name = "délibération"
        constraints = [
            Check(
                name="deliberation_transmitted_after_adoption",
                condition=Q(transmitted_on=None)
                | (Q(adopted_on__isnull=False) & Q(transmitted_on__gte=F("adopted_on"))),
                violation_error_message="Une délibération est transmise après son adoption.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.body} {self.number}".strip()

    @property
    def sentence(self) -> str:
        """« Conseil communautaire, délibération n° 2021-118 du 3 décembre 2021, transmise au préfet le 6 décembre 2021 »."""
        number = f" n°\u00a0{self.number}" if self.number else ""
        adopted = f" du {french_date(self.adopted_on)}" if self.adopted_on else ""
        sent = f", transmise au préfet le {french_date(self.transmitted_on)}" if self.transmitted_on else ""
        word = "délibération" if self.party.organisation.is_local_authority else "décision"
        return f"{self.body}, {word}{number}{adopted}{sent}"

    @property
    def agreement_pk(self) -> int:
        return self.party.agreement_id
