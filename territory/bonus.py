"""The bonus territoire, computed and explained: numbers in, an amount and the sentences that prove it out. No database.

    existing units × their frozen amount (a share of the last Cej, never a unit amount multiplied back)
  + new units × the national forfait of the year and of the wealth class

A rate that nobody knows yet makes the amount None, « à chiffrer »; it is never taken for 0.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import ROUND_DOWN, Decimal

from ctg_site.lib import numbers

CENT = Decimal("0.01")


@dataclass(frozen=True)
class Known:
    """A rate as it was read: None when the text that gives it remains to be found."""

    value: Decimal | None
    to_verify: bool = False


UNKNOWN = Known(None)


@dataclass(frozen=True)
class Unit:
    """How the units of a bonus are counted, and how French agrees with them."""

    one: str
    many: str
    new: str = "nouvelles"

    def of(self, count: Decimal) -> str:
        return f"{numbers.shortest(count)} {self.many if abs(count) >= 2 else self.one}"

    def new_of(self, count: Decimal) -> str:
        many = abs(count) >= 2
        return f"{self.of(count)} {self.new if many else self.new.rstrip('s').replace('nouveaux', 'nouveau')}"


PLACES = Unit("place", "places")
HOURS = Unit("heure", "heures")
FTE = Unit("ETP", "ETP", "nouveaux")
UNITS = {"place": PLACES, "heure": HOURS, "ETP": FTE}


def unit_named(text: str) -> Unit:
    """The unit of a scheme, by its first word; « unité » for what has no name of its own."""
    return UNITS.get(text.split(" ")[0].split("-")[0], Unit("unité", "unités"))


@dataclass(frozen=True)
class Existing:
    """What an equipment keeps of an action of the Cej: its units among all, and the amount frozen for it."""

    action_amount: Decimal
    units: Decimal
    all_units: Decimal
    amount: Decimal

    @property
    def per_unit(self) -> Decimal | None:
        """Shown with ≈, never multiplied back."""
        return numbers.rounded(self.amount / self.units, 2) if self.units else None


@dataclass(frozen=True)
class YearRates:
    """The rates of one year for one bonus; ``rise`` None means no revaluation that year."""

    year: int
    new_unit: Known = UNKNOWN
    floor: Known | None = None
    rise: Known | None = None
    growth_cap: Known | None = None


@dataclass(frozen=True)
class Computation:
    """``retained`` is the number of new units that count, once the growth cap is applied."""

    year: int
    existing: Decimal | None
    new: Decimal | None
    retained: Decimal
    steps: list[str] = field(default_factory=list)
    to_verify: bool = False

    @property
    def amount(self) -> Decimal | None:
        return None if self.existing is None or self.new is None else self.existing + self.new


def split_exactly(total: Decimal, weights: Sequence[Decimal]) -> list[Decimal]:
    """Shares in proportion, to the cent, whose sum is the total: the cents left go to the largest remainders first."""
    whole = sum(weights, Decimal(0))
    if total < 0 or any(weight < 0 for weight in weights) or whole <= 0:
        raise ValueError("Un partage demande un montant positif et au moins une unité.")
    exact = [total * weight / whole for weight in weights]
    shares = [share.quantize(CENT, rounding=ROUND_DOWN) for share in exact]
    cents_left = int((total - sum(shares, Decimal(0))) / CENT)
    by_remainder = sorted(range(len(shares)), key=lambda i: (shares[i] - exact[i], i))
    for i in by_remainder[:cents_left]:
        shares[i] += CENT
    return shares


def by_civil_year(amount: Decimal, school_year: int) -> dict[int, Decimal]:
    """A school year pays four months of the civil year where it opens, eight of the next; the sum stays exact."""
    opening, rest = split_exactly(amount, [Decimal(4), Decimal(8)])
    return {school_year: opening, school_year + 1: rest}


def bonuses(
    existing: Sequence[Existing], new_units: Sequence[Decimal], rates: Sequence[YearRates], unit: Unit
) -> list[Computation]:
    """One computation a year: the frozen amounts carry their revaluations, the new units are capped from year to year."""
    done: list[Computation] = []
    rises: list[Known] = []
    for units, year in zip(new_units, rates, strict=True):
        rises += [year.rise] if year.rise else []
        steps: list[str] = []
        kept = _existing_amount(existing, rises, year.floor, unit, steps)
        retained = _retained(existing, units, done[-1].retained if done else Decimal(0), year.growth_cap, unit, steps)
        new = _new_amount(retained, year.new_unit, unit, steps)
        done.append(_closed(year, kept, new, retained, steps, _to_verify(rises, year, retained)))
    return done


def _existing_amount(
    existing: Sequence[Existing], rises: Sequence[Known], floor: Known | None, unit: Unit, steps: list[str]
) -> Decimal | None:
    if not existing:
        return Decimal(0)
    steps += [_share_in_words(share, unit) for share in existing]
    amount = _risen(sum((share.amount for share in existing), Decimal(0)), rises, steps)
    return amount if amount is None else _raised_to_floor(amount, _units_of(existing), floor, unit, steps)


def _units_of(existing: Sequence[Existing]) -> Decimal:
    return sum((share.units for share in existing), Decimal(0))


def _share_in_words(existing: Existing, unit: Unit) -> str:
    share = (
        f"{numbers.shortest(existing.units)}/{numbers.shortest(existing.all_units)} de {_euros(existing.action_amount)}"
    )
    about = f", soit ≈ {_euros(existing.per_unit)} par {unit.one}" if existing.per_unit is not None else ""
    return f"Existant{_NBSP}: {share} = {_euros(existing.amount)}{about}."


def _risen(amount: Decimal, rises: Sequence[Known], steps: list[str]) -> Decimal | None:
    """Rounded once, after all the revaluations."""
    if not rises:
        return amount
    if any(rise.value is None for rise in rises):
        steps.append(f"Revalorisation{_NBSP}: le taux d’une année n’est pas connu, l’existant reste à chiffrer.")
        return None
    factors, risen = [], amount
    for rise in rises:
        factor = 1 + _value(rise) / 100
        factors.append(numbers.shortest(factor, 6))
        risen *= factor
    risen = numbers.rounded(risen, 2)
    if risen != amount:
        steps.append(f"Revalorisation{_NBSP}: {_euros(amount)} × {' × '.join(factors)} = {_euros(risen)}.")
    return risen


def _raised_to_floor(amount: Decimal, units: Decimal, floor: Known | None, unit: Unit, steps: list[str]) -> Decimal:
    """A floor that is not known cannot raise; what it would give is said."""
    if floor is None:
        return amount
    if floor.value is None:
        steps.append(f"Plancher{_NBSP}: son montant n’est pas connu, il n’est pas appliqué.")
        return amount
    least = numbers.rounded(units * floor.value, 2)
    if least <= amount:
        return amount
    steps.append(f"Plancher{_NBSP}: {unit.of(units)} × {_euros(floor.value)} = {_euros(least)}, supérieur, retenu.")
    return least


def _retained(
    existing: Sequence[Existing], asked: Decimal, before: Decimal, cap: Known | None, unit: Unit, steps: list[str]
) -> Decimal:
    """The offer financed in a year grows by the cap at most; what starts from nothing has no base to grow from."""
    kept = _units_of(existing)
    if cap is None or cap.value is None or not kept + before:
        return asked
    most = ((kept + before) * (1 + cap.value / 100)).quantize(CENT, rounding=ROUND_DOWN) - kept
    if asked <= most:
        return asked
    steps.append(
        f"Développement plafonné à {numbers.shortest(cap.value)}{_NBSP}% par an{_NBSP}: "
        f"{unit.new_of(most)} sur {numbers.shortest(asked)}."
    )
    return most


def _new_amount(units: Decimal, forfait: Known, unit: Unit, steps: list[str]) -> Decimal | None:
    if not units:
        return Decimal(0)
    if forfait.value is None:
        steps.append(f"Nouveau{_NBSP}: {unit.new_of(units)} × forfait à renseigner{_NBSP}: à chiffrer.")
        return None
    amount = numbers.rounded(units * forfait.value, 2)
    mark = " (barème à vérifier)" if forfait.to_verify else ""
    steps.append(f"Nouveau{_NBSP}: {unit.new_of(units)} × {_euros(forfait.value)}{mark} = {_euros(amount)}.")
    return amount


def _closed(
    year: YearRates, kept: Decimal | None, new: Decimal | None, retained: Decimal, steps: list[str], to_verify: bool
) -> Computation:
    if kept is None or new is None:
        total = "à chiffrer"
    elif kept and new:
        total = f"{_euros(kept)} + {_euros(new)} = {_euros(kept + new)}"
    else:
        total = _euros(kept + new)
    return Computation(year.year, kept, new, retained, [*steps, f"Bonus {year.year}{_NBSP}: {total}."], to_verify)


def _to_verify(rises: Sequence[Known], year: YearRates, retained: Decimal) -> bool:
    used = [*rises, *filter(None, [year.floor, year.growth_cap])]
    return any(rate.to_verify for rate in used + ([year.new_unit] if retained else []))


def _value(rate: Known) -> Decimal:
    assert rate.value is not None
    return rate.value


def _euros(amount: Decimal | None) -> str:
    return numbers.euros(amount or Decimal(0), cents=True)


_NBSP = numbers.NBSP
