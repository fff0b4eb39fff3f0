"""The Cej that ends and the scenarios that follow, as people type them: one field by equipment, or by equipment and year."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django import forms

from ctg_site.accounts.models import User
from ctg_site.lib.fields import AmountField, DayField, NumberField
from ctg_site.lib.prose import ProseField
from ctg_site.lib.shared_forms import SharedForm
from territory import services
from territory.bonus import unit_named
from territory.forms.money import choose
from territory.models import Ctg, Facility, LegacyAction, LegacyContract, Organisation, Scenario, ServiceKind
from territory.services.scenarios import growth_of


@dataclass(frozen=True)
class FieldRow:
    """A line of a table of fields: what it is about, then its cells."""

    facility: Facility
    note: str
    cells: list[forms.BoundField]


class LegacyContractForm(SharedForm):
    starts_on = DayField(label="Début", required=False)
    ends_on = DayField(label="Fin")
    last_amount = AmountField(label="Montant de la dernière année (€)")

    class Meta:
        model = LegacyContract
        fields = ["name", "payee", "starts_on", "ends_on", "last_amount", "source"]
        field_classes = {"name": ProseField, "source": ProseField}

    def __init__(self, *args: Any, ctg: Ctg, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        local = Organisation.objects.filter(caf=ctg.caf, kind__in=Organisation.LOCAL_AUTHORITIES)
        choose(self, "payee", local.order_by("name", "pk"))

    def save_as(self, user: User) -> LegacyContract:
        return services.save_legacy_contract(self.save(commit=False), by=user)


class LegacyActionForm(forms.ModelForm):
    """An action of the Cej and how it is shared: the units that each equipment had."""

    amount = AmountField(label="Montant de la dernière année (€)")

    class Meta:
        model = LegacyAction
        fields = ["label", "service", "amount"]
        field_classes = {"label": ProseField}

    def __init__(self, *args: Any, ctg: Ctg, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.facilities = list(Facility.objects.of(ctg).select_related("kind", "manager").order_by("name", "pk"))
        choose(self, "service", ServiceKind.objects.filter(is_project=False).order_by("position", "label", "pk"))
        shares = {share.facility_id: share for share in self.instance.shares.all()} if self.instance.pk else {}
        for facility in self.facilities:
            share = shares.get(facility.pk)
            self.fields[f"units_{facility.pk}"] = _cell(
                NumberField, f"Unités existantes, {facility}", share.units if share else None
            )
            self.fields[f"local_{facility.pk}"] = _cell(
                AmountField, f"Participation de la collectivité, {facility}", share.local_amount if share else None
            )

    def main_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.Meta.fields]

    def rows(self) -> list[FieldRow]:
        return [FieldRow(f, str(f.manager), [self[f"units_{f.pk}"], self[f"local_{f.pk}"]]) for f in self.facilities]

    def save_as(self, user: User) -> LegacyAction:
        data = self.cleaned_data
        units = {f: data[f"units_{f.pk}"] for f in self.facilities if data.get(f"units_{f.pk}")}
        local = {f: data[f"local_{f.pk}"] for f in self.facilities if data.get(f"local_{f.pk}") is not None}
        return services.save_split_action(self.save(commit=False), units, local_amounts=local, by=user)


class ScenarioForm(forms.ModelForm):
    yearly_rise = NumberField(
        label="Revalorisation annuelle supposée (%)",
        required=False,
        min_value=0,
        help_text="Employée les années où le barème n’en donne pas. Vide : aucune.",
    )

    class Meta:
        model = Scenario
        fields = ["name", "note", "contract", "wealth", "yearly_rise", "local_adjusts"]
        field_classes = {"name": ProseField, "note": ProseField}

    def __init__(self, *args: Any, ctg: Ctg, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.ctg, self.years = ctg, ctg.years
        choose(
            self,
            "contract",
            LegacyContract.objects.filter(caf=ctg.caf, territory=ctg.territory).order_by("-ends_on", "pk"),
        )
        self.facilities = list(
            Facility.objects.of(ctg)
            .filter(kind__bonus__isnull=False)
            .select_related("kind__bonus", "manager")
            .order_by("name", "pk")
        )
        typed = growth_of(self.instance) if self.instance.pk else {}
        for facility, year, name in self._cells():
            label = f"Unités nouvelles en {year}, {facility}"
            self.fields[name] = _cell(NumberField, label, _typed(typed.get(facility.pk, {}), year))

    def _cells(self) -> Iterator[tuple[Facility, int, str]]:
        for facility in self.facilities:
            for year in self.years:
                yield facility, year, f"new_{facility.pk}_{year}"

    def main_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.Meta.fields]

    def rows(self) -> list[FieldRow]:
        return [
            FieldRow(f, unit_named(_unit(f)).many, [self[f"new_{f.pk}_{year}"] for year in self.years])
            for f in self.facilities
        ]

    def growth(self) -> dict[int, dict[int, Decimal]]:
        growth: dict[int, dict[int, Decimal]] = {}
        for facility, year, name in self._cells():
            if (units := self.cleaned_data.get(name)) is not None:
                growth.setdefault(facility.pk, {})[year] = units
        return growth

    def save_as(self, user: User, at: datetime) -> Scenario:
        return services.save_scenario(self.save(commit=False), growth=self.growth(), by=user, at=at)


def _typed(by_year: Mapping[int, Decimal], year: int) -> Decimal | None:
    """Only what changes that year: an empty cell keeps the number before, so a return to 0 is written."""
    units, before = by_year.get(year, Decimal(0)), by_year.get(year - 1, Decimal(0))
    return None if units == before else units


def _unit(facility: Facility) -> str:
    return facility.kind.bonus.unit if facility.kind.bonus else ""


def _cell(field: type[NumberField], label: str, initial: Any) -> NumberField:
    """A field inside a table: its label is heard, not seen."""
    made = field(label=label, required=False, min_value=0, initial=initial)
    made.widget.attrs |= {"aria-label": label, "class": "form-control"}
    return made
