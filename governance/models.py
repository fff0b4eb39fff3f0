from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from simple_history.models import HistoricalRecords

from actions.models import Action, ActionPlan, Target
from diagnostic.models import ThematicGroup
from territory.models import Ctg, Organisation


class Gate(models.TextChoices):
    """The steps that only a committee's decision can close."""

    VALIDATE_DIAGNOSIS = "validate_diagnosis", "Valider le diagnostic partagé"
    FIX_AXES = "fix_axes", "Fixer les axes du plan d’actions"
    FORMALISE_PLAN = "formalise_plan", "Formaliser le plan d’actions"
    CLOSE_COSTING = "close_costing", "Clore l’étude de faisabilité et le chiffrage"
    ADOPT_PLAN = "adopt_plan", "Valider le plan d’actions définitif"
    VALIDATE_METHOD = "validate_method", "Valider la méthode d’évaluation"
    APPROVE_SIGNATURE = "approve_signature", "Arrêter le texte de la convention et le signer"
    VALIDATE_EVALUATION = "validate_evaluation", "Valider l’évaluation annuelle"


class CommitteeKind(models.TextChoices):
    COPIL = "copil", "Comité de pilotage"
    OPERATIONAL = "operational", "Comité opérationnel"
    OPERATIONAL_PARTNER = "operational_partner", "Comité opérationnel partenarial"
    GROUP = "group", "Groupe thématique"


class GateRule(models.Model):
    """Reference data: which committee may close which step (the seed's calendar)."""

    gate = models.CharField("étape", max_length=20, choices=Gate)
    committee_kind = models.CharField("comité", max_length=20, choices=CommitteeKind)

    class Meta:
        verbose_name = "compétence de comité"
        verbose_name_plural = "compétences des comités"
        ordering = ["gate", "committee_kind"]
        constraints = [models.UniqueConstraint(fields=["gate", "committee_kind"], name="gate_rule_unique")]

    def __str__(self) -> str:
        return f"{self.get_gate_display()} : {self.get_committee_kind_display()}"


class Committee(models.Model):
    ctg = models.ForeignKey(Ctg, verbose_name="Ctg", on_delete=models.CASCADE, related_name="committees")
    kind = models.CharField("nature", max_length=20, choices=CommitteeKind)
    name = models.CharField("nom", max_length=150)
    group = models.ForeignKey(
        ThematicGroup, verbose_name="groupe thématique", null=True, blank=True, on_delete=models.PROTECT, related_name="committees"
    )

    class Meta:
        verbose_name = "comité"
        ordering = ["kind", "name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["ctg", "name"], name="committee_unique_name", violation_error_message="Ce comité existe déjà dans cette Ctg."
            ),
            models.CheckConstraint(
                name="committee_group_matches_kind",
                condition=Q(kind="group", group__isnull=False) | (~Q(kind="group") & Q(group=None)),
                violation_error_message="Un groupe thématique, et lui seul, désigne son groupe.",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class MeetingQuerySet(models.QuerySet["Meeting"]):
    def visible_to(self, user) -> Self:  # type: ignore[no-untyped-def]
        return self.filter(committee__ctg__in=Ctg.objects.visible_to(user))

    def open_to(self, user) -> Self:  # type: ignore[no-untyped-def]
        mine = Q(committee__ctg__in=Ctg.objects.visible_to(user))
        return self.filter(mine | (Q(committee__ctg__calendar_published_at__isnull=False) & ~Q(status="draft")))


class Meeting(models.Model):
    """A milestone of the calendar: a day, a month, or a range, each end with its own precision."""

    class Precision(models.TextChoices):
        DAY = "day", "au jour"
        MONTH = "month", "au mois"

    class Status(models.TextChoices):
        DRAFT = "draft", "En projet"
        PLANNED = "planned", "Prévue"
        HELD = "held", "Tenue"
        CANCELLED = "cancelled", "Annulée"

    committee = models.ForeignKey(Committee, verbose_name="comité", on_delete=models.CASCADE, related_name="meetings")
    purpose = models.CharField("objet", max_length=250)
    starts_on = models.DateField("date ou début", help_text="Le premier jour du mois quand seul le mois est connu.")
    starts_precision = models.CharField("précision", max_length=5, choices=Precision, default=Precision.DAY)
    ends_on = models.DateField("fin", null=True, blank=True, help_text="Seulement pour une période.")
    ends_precision = models.CharField("précision de la fin", max_length=5, choices=Precision, default=Precision.DAY)
    place = models.CharField("lieu", max_length=150, blank=True)
    status = models.CharField("état", max_length=9, choices=Status, default=Status.PLANNED)
    held_on = models.DateField("tenue le", null=True, blank=True)
    minutes = models.TextField("compte rendu", blank=True, max_length=20000)
    is_demo = models.BooleanField("donnée de démonstration", default=False)

    objects = MeetingQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = "réunion"
        ordering = ["starts_on", "pk"]
        constraints = [
            models.CheckConstraint(
                name="meeting_dates_in_order",
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")),
                violation_error_message="La fin de la période précède son début.",
            ),
            models.CheckConstraint(
                name="meeting_held_on_matches_status",
                condition=(Q(status="held") & Q(held_on__isnull=False)) | (~Q(status="held") & Q(held_on=None)),
                violation_error_message="Une réunion tenue a sa date ; les autres n’en ont pas.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.committee} : {self.purpose}"

    @property
    def ctg(self) -> Ctg:
        return self.committee.ctg


class Attendance(models.Model):
    class Status(models.TextChoices):
        PRESENT = "present", "Présent"
        EXCUSED = "excused", "Excusé"
        ABSENT = "absent", "Absent"
        REPRESENTED = "represented", "Représenté"

    meeting = models.ForeignKey(Meeting, verbose_name="réunion", on_delete=models.CASCADE, related_name="attendances")
    organisation = models.ForeignKey(Organisation, verbose_name="organisme", on_delete=models.PROTECT, related_name="+")
    full_name = models.CharField("nom et prénom", max_length=150)
    status = models.CharField("présence", max_length=11, choices=Status)

    class Meta:
        verbose_name = "présence"
        ordering = ["organisation__name", "full_name", "pk"]

    def __str__(self) -> str:
        return self.full_name


class Decision(models.Model):
    """A numbered decision of a committee; only a decision opens a gate. Numbers run per committee and civil year."""

    meeting = models.ForeignKey(Meeting, verbose_name="réunion", on_delete=models.PROTECT, related_name="decisions")
    committee = models.ForeignKey(Committee, verbose_name="comité", on_delete=models.PROTECT, related_name="decisions", editable=False)
    year = models.PositiveSmallIntegerField("année", editable=False)
    number = models.PositiveSmallIntegerField("numéro", editable=False)
    gate = models.CharField("étape close", max_length=20, choices=Gate, blank=True)
    evaluation_year = models.PositiveSmallIntegerField("année évaluée", null=True, blank=True)
    text = models.TextField("décision", max_length=5000)
    taken_on = models.DateField("prise le")
    owner = models.CharField("responsable", max_length=150, blank=True)
    due_on = models.DateField("échéance", null=True, blank=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="enregistrée par", null=True, on_delete=models.PROTECT, related_name="+"
    )
    is_demo = models.BooleanField("donnée de démonstration", default=False)

    class Meta:
        verbose_name = "décision"
        ordering = ["-taken_on", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["committee", "year", "number"], name="decision_unique_number"),
            models.CheckConstraint(
                name="decision_evaluation_year_matches_gate",
                condition=Q(gate="validate_evaluation", evaluation_year__isnull=False)
                | (~Q(gate="validate_evaluation") & Q(evaluation_year=None)),
                violation_error_message="La décision qui valide une évaluation dit son année, les autres non.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.committee}, décision {self.reference}"

    @property
    def reference(self) -> str:
        return f"n° {self.year}-{self.number}"


class EvaluationMethod(models.Model):
    """How the plan will be judged: an object of its own, validated by the copil before the signature."""

    ctg = models.OneToOneField(Ctg, verbose_name="Ctg", on_delete=models.CASCADE, related_name="evaluation_method")
    questions = models.TextField("questions évaluatives", blank=True, max_length=10000)
    criteria = models.TextField("critères et indicateurs", blank=True, max_length=10000)
    organisation = models.TextField("qui évalue, quand, avec qui", blank=True, max_length=10000)
    validated_on = models.DateField("validée le", null=True, blank=True, editable=False)
    validated_by_decision = models.CharField("décision", max_length=120, blank=True, editable=False)
    is_demo = models.BooleanField("donnée de démonstration", default=False)

    history = HistoricalRecords()

    class Meta:
        verbose_name = "méthode d’évaluation"
        verbose_name_plural = "méthodes d’évaluation"
        constraints = [
            models.CheckConstraint(
                name="method_validated_by_a_decision",
                condition=Q(validated_on=None, validated_by_decision="") | (Q(validated_on__isnull=False) & ~Q(validated_by_decision="")),
                violation_error_message="Une méthode validée porte la décision qui la valide.",
            )
        ]

    def __str__(self) -> str:
        return f"Méthode d’évaluation de {self.ctg}"


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


class AgreementQuerySet(models.QuerySet["Agreement"]):
    def visible_to(self, user) -> Self:  # type: ignore[no-untyped-def]
        return self.filter(plan__diagnosis__ctg__in=Ctg.objects.visible_to(user))

    def open_to(self, user) -> Self:  # type: ignore[no-untyped-def]
        """Their own Ctgs' agreements, drafts included; for everyone else, those that all parties signed."""
        return self.filter(Q(plan__diagnosis__ctg__in=Ctg.objects.visible_to(user)) | Q(signed_on__isnull=False))


class Agreement(models.Model):
    """The convention: articles and parties, frozen by a decision, then signed party by party.

    ``document`` is the PDF of the text, stored once at the freeze with its SHA-256, never rendered again.
    """

    plan = models.OneToOneField(ActionPlan, verbose_name="plan d’actions", on_delete=models.PROTECT, related_name="agreement")
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
            models.CheckConstraint(
                name="agreement_frozen_with_document",
                condition=Q(frozen_on=None, document_sha256="", frozen_by_decision="")
                | (Q(frozen_on__isnull=False) & ~Q(document_sha256="") & ~Q(frozen_by_decision="")),
                violation_error_message="Un texte arrêté a sa décision, son PDF et l’empreinte du PDF.",
            ),
            models.CheckConstraint(
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


class Article(models.Model):
    agreement = models.ForeignKey(Agreement, verbose_name="convention", on_delete=models.CASCADE, related_name="articles")
    position = models.PositiveSmallIntegerField("ordre")
    title = models.CharField("titre", max_length=150)
    body = models.TextField("texte", max_length=10000)

    history = HistoricalRecords()

    class Meta:
        verbose_name = "article"
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return f"Article {self.position} – {self.title}"


class Party(models.Model):
    """An organisation that signs; the Caf may have two representatives, others one or two."""

    agreement = models.ForeignKey(Agreement, verbose_name="convention", on_delete=models.CASCADE, related_name="parties")
    organisation = models.ForeignKey(Organisation, verbose_name="organisme", on_delete=models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField("ordre", default=0)
    signed_on = models.DateField("signée le", null=True, blank=True, editable=False)
    signature_reason = models.CharField(
        "motif de la signature avant transmission", max_length=300, blank=True, editable=False
    )
    signature_recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="signature enregistrée par", null=True, blank=True, editable=False, on_delete=models.PROTECT, related_name="+"
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


class Signatory(models.Model):
    """A person who signs for a party, on the day of the signature; never rewritten after an election."""

    party = models.ForeignKey(Party, verbose_name="partie", on_delete=models.CASCADE, related_name="signatories")
    rank = models.PositiveSmallIntegerField("rang", choices=[(1, "premier signataire"), (2, "second signataire")], default=1)
    full_name = models.CharField("nom et prénom", max_length=150)
    quality = models.CharField("qualité", max_length=120, help_text="« Présidente du conseil d’administration »")
    is_legal_head = models.BooleanField("représentant légal", default=True)
    delegation = models.CharField("délégation", max_length=200, blank=True, help_text="Obligatoire si ce n’est pas le représentant légal.")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="compte", null=True, blank=True, on_delete=models.SET_NULL, related_name="signatures_asked"
    )
    is_demo = models.BooleanField("donnée de démonstration", default=False)

    class Meta:
        verbose_name = "signataire"
        ordering = ["party", "rank", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["party", "rank"], name="signatory_unique_rank", violation_error_message="Une partie a deux signataires au plus."
            ),
            models.CheckConstraint(
                name="signatory_delegation_when_not_head",
                condition=Q(is_legal_head=True) | ~Q(delegation=""),
                violation_error_message="Un signataire qui n’est pas le représentant légal signe par délégation : donnez sa référence.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.full_name}, {self.quality}"


class Deliberation(models.Model):
    """What authorises a party to sign. Executory once transmitted to the préfet (CGCT, art. L. 2131-1)."""

    party = models.OneToOneField(Party, verbose_name="partie", on_delete=models.CASCADE, related_name="deliberation")
    body = models.CharField("assemblée", max_length=120, help_text="« Conseil communautaire »")
    number = models.CharField("numéro", max_length=60, blank=True)
    adopted_on = models.DateField("adoptée le", null=True, blank=True)
    transmitted_on = models.DateField("transmise au préfet le", null=True, blank=True)

    class Meta:
        verbose_name = "délibération"
        constraints = [
            models.CheckConstraint(
                name="deliberation_transmitted_after_adoption",
                condition=Q(transmitted_on=None) | (Q(adopted_on__isnull=False) & Q(transmitted_on__gte=F("adopted_on"))),
                violation_error_message="Une délibération est transmise après son adoption.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.body} {self.number}".strip()


class EvaluationQuerySet(models.QuerySet["Evaluation"]):
    def visible_to(self, user) -> Self:  # type: ignore[no-untyped-def]
        return self.filter(agreement__plan__diagnosis__ctg__in=Ctg.objects.visible_to(user))

    def open_to(self, user) -> Self:  # type: ignore[no-untyped-def]
        mine = Q(agreement__plan__diagnosis__ctg__in=Ctg.objects.visible_to(user))
        return self.filter(mine | Q(published_at__isnull=False))


class Evaluation(models.Model):
    """Step 7: one civil year of the period, judged by the copil."""

    agreement = models.ForeignKey(Agreement, verbose_name="convention", on_delete=models.PROTECT, related_name="evaluations")
    year = models.PositiveSmallIntegerField("année")
    summary = models.TextField("bilan de l’année", blank=True, max_length=10000)
    opened_on = models.DateField("ouverte le", editable=False)
    validated_on = models.DateField("validée le", null=True, blank=True, editable=False)
    validated_by_decision = models.CharField("décision", max_length=120, blank=True, editable=False)
    published_at = models.DateTimeField("publiée le", null=True, blank=True, editable=False)
    is_demo = models.BooleanField("donnée de démonstration", default=False)

    objects = EvaluationQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = "évaluation annuelle"
        verbose_name_plural = "évaluations annuelles"
        ordering = ["agreement", "year"]
        constraints = [
            models.UniqueConstraint(
                fields=["agreement", "year"], name="evaluation_unique_year", violation_error_message="Cette année a déjà son évaluation."
            ),
            models.CheckConstraint(
                name="evaluation_validated_by_a_decision",
                condition=Q(validated_on=None, validated_by_decision="") | (Q(validated_on__isnull=False) & ~Q(validated_by_decision="")),
                violation_error_message="Une évaluation validée porte la décision qui la valide.",
            ),
        ]

    def __str__(self) -> str:
        return f"Évaluation {self.year} – {self.agreement.ctg}"


class ActionReview(models.Model):
    """The year of one action: where it stands, and what we do with it."""

    class Progress(models.TextChoices):
        NOT_STARTED = "not_started", "Non démarrée"
        PREPARING = "preparing", "En préparation"
        ONGOING = "ongoing", "En cours"
        DONE = "done", "Réalisée"
        POSTPONED = "postponed", "Reportée"
        SUSPENDED = "suspended", "Suspendue"
        DROPPED = "dropped", "Abandonnée"

    class Outlook(models.TextChoices):
        CONTINUE = "continue", "Poursuivre"
        ADAPT = "adapt", "Adapter"
        STOP = "stop", "Arrêter"

    evaluation = models.ForeignKey(Evaluation, verbose_name="évaluation", on_delete=models.CASCADE, related_name="reviews")
    action = models.ForeignKey(Action, verbose_name="action", on_delete=models.PROTECT, related_name="reviews")
    progress = models.CharField("avancement", max_length=12, choices=Progress, blank=True)
    percent = models.PositiveSmallIntegerField("réalisé (%)", null=True, blank=True)
    comment = models.TextField("bilan", blank=True, max_length=5000)
    outlook = models.CharField("suite", max_length=8, choices=Outlook, blank=True)

    history = HistoricalRecords()

    class Meta:
        verbose_name = "bilan d’action"
        verbose_name_plural = "bilans d’action"
        ordering = ["action__code", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["evaluation", "action"], name="review_unique_action"),
            models.CheckConstraint(
                name="review_percent_up_to_100",
                condition=Q(percent=None) | Q(percent__lte=100),
                violation_error_message="Le pourcentage va de 0 à 100.",
            ),
            models.CheckConstraint(
                name="review_stop_has_a_reason",
                condition=~Q(progress__in=["postponed", "suspended", "dropped"]) | ~Q(comment=""),
                violation_error_message="Dites pourquoi l’action est reportée, suspendue ou abandonnée.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.action} – {self.evaluation.year}"


class Measurement(models.Model):
    """The value of an evaluation indicator in a year, against its baseline and its target; None says why."""

    evaluation = models.ForeignKey(Evaluation, verbose_name="évaluation", on_delete=models.CASCADE, related_name="measurements")
    target = models.ForeignKey(Target, verbose_name="indicateur", on_delete=models.PROTECT, related_name="measurements")
    value = models.DecimalField("valeur", max_digits=12, decimal_places=2, null=True, blank=True)
    missing_reason = models.CharField("pourquoi pas de valeur", max_length=200, blank=True)
    measured_on = models.DateField("mesurée le", null=True, blank=True)

    class Meta:
        verbose_name = "mesure"
        ordering = ["target", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["evaluation", "target"], name="measurement_unique_target"),
        ]

    def __str__(self) -> str:
        return f"{self.target} – {self.evaluation.year}"
