"""Here, and what it is compared with."""

from dataclasses import dataclass, replace

from territory.models import Territory
from territory.portraits import naming


@dataclass(frozen=True)
class Stage:
    """The three columns of every comparison; a column is None when here is already at that level.

    ``is_astride`` when some communes of here are in another département: here is no part of the one that it is under.
    ``against`` names what was chosen instead of the département: another place, or the places alike.
    """

    here: Territory
    department: Territory | None
    france: Territory | None
    against: str = ""
    is_astride: bool = False

    @property
    def all(self) -> list[Territory]:
        return [place for place in (self.here, self.department, self.france) if place]

    @property
    def names(self) -> dict[str, str]:
        """The words of the three marks; empty where there is no such column. The commune of Mayenne is in the département of
        the same name."""
        middle = self.against or (self.department.name if self.department else "")
        if self.department and middle == self.here.name:
            middle = f"{middle} ({self.department.get_kind_display().lower()})"
        return {"here": self.here.name, "department": middle, "france": self.france.name if self.france else ""}

    @property
    def short_middle(self) -> str:
        """Where there is little room."""
        return "Comparé" if self.against else "Dép."

    @property
    def than(self) -> str:
        """« que dans le département », « que dans le Vallespir »; empty where there is nothing in the middle."""
        if self.against:
            return (
                naming.than(self.department)
                if self.department
                else f"que la {self.against[:1].lower()}{self.against[1:]}"
            )
        return "que dans le département" if self.department else ""

    def facing(self, other: Territory) -> "Stage":
        """The same, with another place in the middle."""
        return replace(self, department=other, against=other.name)


def stage_of(territory: Territory) -> Stage:
    """The levels above, from the nearest to France: one query, or none when they came with the territory."""
    if _came_with_its_levels(territory):
        return stage_below(territory, territory.parent)
    parents = Territory.objects.select_related("parent__parent__parent")
    return stage_below(territory, parents.filter(children=territory).first())


def _came_with_its_levels(place: Territory | None) -> bool:
    above = Territory._meta.get_field("parent")
    return place is None or place.parent_id is None or (above.is_cached(place) and _came_with_its_levels(place.parent))


def stage_below(territory: Territory, parent: Territory | None) -> Stage:
    """The same without a query, when the level above came with the territory and brought its own."""
    levels: dict[str, Territory] = {}
    while parent is not None:
        levels.setdefault(parent.kind, parent)
        parent = parent.parent
    return Stage(territory, levels.get(Territory.Kind.DEPARTEMENT), levels.get(Territory.Kind.FRANCE))
