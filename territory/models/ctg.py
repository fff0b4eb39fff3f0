from collections.abc import Iterable
from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import F, Prefetch, Q
from django.db.models.functions import Coalesce, ExtractDay, ExtractMonth, ExtractYear
from django.db.models.lookups import LessThan
from django.utils import timezone
from simple_history.models import HistoricalRecords

from ctg_site.lib.conditions import Check
from ctg_site.lib.text import of_place
from territory.models.geography import Territory
from territory.models.people import Caf, Membership


def _as_number(field: str) -> models.expressions.Combinable:
    """A date as yyyymmdd, so that « five years later » is + 50000 on every database, leap years included."""
    return ExtractYear(field) * 10000 + ExtractMonth(field) * 100 + ExtractDay(field)


def _count_of_communes() -> models.expressions.Combinable:
    """Counted aside: a join would multiply the rows of every other filter of a list."""
    communes = Ctg.communes.through.objects.filter(ctg=models.OuterRef("pk")).order_by().values("ctg")
    counted = communes.annotate(count=models.Count("pk")).values("count")  # type: ignore[misc]
    return Coalesce(models.Subquery(counted), 0)


MOST_IN_A_QUERY = 10_000


class CtgQuerySet(models.QuerySet["Ctg"]):
    def visible_to(self, user) -> "CtgQuerySet":
        """The Ctgs where this person has a role, directly or through the Caf. Nothing for the anonymous."""
        if not user.is_authenticated:
            return self.none()
        if user.is_superuser:
            return self
        roles = Membership.objects.filter(user_id=user.pk)
        return self.filter(
            Q(pk__in=roles.filter(ctg__isnull=False).values("ctg"))
            | Q(caf__in=roles.filter(caf__isnull=False).values("caf"))
        )

    def published(self) -> "CtgQuerySet":
        return self.filter(portrait_published_at__isnull=False)

    def open_to(self, user) -> "CtgQuerySet":
        """What this visitor may open: their own Ctgs, and those whose portrait is public."""
        return self.filter(Q(pk__in=self.visible_to(user).values("pk")) | Q(portrait_published_at__isnull=False))

    def covering(self, communes: "Iterable[Territory]") -> "CtgQuerySet":
        """Those that have one of these communes; asked first, since PostgreSQL plans the whole in one query badly."""
        found = [commune.pk for commune in communes]
        rows = Ctg.communes.through.objects.all()
        if len(found) > MOST_IN_A_QUERY:  # the whole of France: SQLite takes no such list
            known = set(found)
            return self.filter(
                pk__in={ctg for ctg, commune in rows.values_list("ctg", "territory") if commune in known}
            )
        return self.filter(pk__in=rows.filter(territory__in=found).values("ctg"))

    def for_list(self) -> "CtgQuerySet":
        facts = Prefetch("facts", queryset=CtgFact.objects.order_by("on", "pk"))
        return (
            self.select_related("caf", "territory__parent")
            .prefetch_related(facts)
            .annotate(commune_count=_count_of_communes())
            .order_by("name", "-starts_on", "pk")
        )


class Ctg(models.Model):
    """The root: a Caf, a set of communes, a period. It holds no status: each step of the démarche keeps its own."""

    class State(models.TextChoices):
        PREPARING = "preparing", "En préparation"
        IN_FORCE = "in_force", "En vigueur"
        EXPIRED = "expired", "Échue"
        TERMINATED = "terminated", "Résiliée"

    caf = models.ForeignKey(Caf, verbose_name="Caf", on_delete=models.PROTECT, related_name="ctgs")
    name = models.CharField("nom du territoire", max_length=150)
    slug = models.SlugField("adresse", max_length=120, unique=True)
    territory = models.ForeignKey(
        Territory,
        verbose_name="territoire des chiffres",
        on_delete=models.PROTECT,
        related_name="ctgs",
        help_text="L’intercommunalité, ou le périmètre propre à cette Ctg.",
    )
    communes = models.ManyToManyField(Territory, verbose_name="communes", related_name="+")
    starts_on = models.DateField("début")
    ends_on = models.DateField("fin")
    portrait_published_at = models.DateTimeField("portrait publié le", null=True, blank=True)
    calendar_published_at = models.DateTimeField("calendrier publié le", null=True, blank=True)
    is_demo = models.BooleanField("donnée de démonstration", default=False)
    created_at = models.DateTimeField("créée le", default=timezone.now, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="créée par",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )

    objects = CtgQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = "Ctg"
        verbose_name_plural = "Ctg"
        ordering = ["name", "-starts_on", "pk"]
        constraints = [
            Check(
                name="ctg_ends_after_start",
                condition=Q(ends_on__gte=F("starts_on")),
                violation_error_message="La fin de la convention précède son début.",
            ),
            Check(
                name="ctg_five_years_at_most",
                condition=Q(LessThan(_as_number("ends_on"), _as_number("starts_on") + 50000)),
                violation_error_message="Une Ctg dure cinq ans au plus.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.period}"

    @property
    def of_name(self) -> str:
        """« de Conflent-Canigó », « d’Aspres », in a title."""
        return of_place(self.name)

    @property
    def period(self) -> str:
        first, last = self.starts_on.year, self.ends_on.year
        return str(first) if first == last else f"{first}-{last}"

    @property
    def years(self) -> list[int]:
        """The civil years of the period: one evaluation each."""
        return list(range(self.starts_on.year, self.ends_on.year + 1))

    @property
    def department(self) -> Territory:
        return self.caf.territory

    def fact(self, kind: str) -> date | None:
        """The day of a fact; reads the prefetched rows when a list has them."""
        return self._facts().get(kind)

    def state_on(self, on: date) -> "Ctg.State":
        """The state on that day, from the dated facts: never renewed tacitly."""
        facts = self._facts()
        terminated, in_force = facts.get(CtgFact.Kind.TERMINATED), facts.get(CtgFact.Kind.IN_FORCE)
        if terminated and terminated <= on:
            return self.State.TERMINATED
        if in_force is None or in_force > on:
            return self.State.PREPARING
        return self.State.EXPIRED if on > self.ends_on else self.State.IN_FORCE

    def _facts(self) -> dict[str, date]:
        return {fact.kind: fact.on for fact in self.facts.all()}


class CtgFact(models.Model):
    """A dated fact of the life of a Ctg that a later app states and that earlier apps may read."""

    class Kind(models.TextChoices):
        FROZEN = "frozen", "Texte arrêté"
        SIGNED = "signed", "Signée par toutes les parties"
        IN_FORCE = "in_force", "En vigueur"
        TERMINATED = "terminated", "Résiliée"

    ctg = models.ForeignKey(Ctg, verbose_name="Ctg", on_delete=models.CASCADE, related_name="facts")
    kind = models.CharField("fait", max_length=12, choices=Kind)
    on = models.DateField("le")

    class Meta:
        verbose_name = "fait daté"
        verbose_name_plural = "faits datés"
        ordering = ["on", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["ctg", "kind"], name="ctg_fact_unique", violation_error_message="Ce fait est déjà enregistré."
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} le {self.on:%d/%m/%Y}"
