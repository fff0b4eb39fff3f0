"""Here, and what it is compared with."""

from dataclasses import dataclass

from territory.models import Territory


@dataclass(frozen=True)
class Stage:
    """The three columns of every comparison; a column is None when here is already at that level."""

    here: Territory
    department: Territory | None
    france: Territory | None

    @property
    def all(self) -> list[Territory]:
        return [place for place in (self.here, self.department, self.france) if place]

    @property
    def names(self) -> dict[str, str]:
        """The words of the three marks; empty where there is no such column."""
        columns = {"here": self.here, "department": self.department, "france": self.france}
        return {column: place.name if place else "" for column, place in columns.items()}


def stage_of(territory: Territory) -> Stage:
    """One query: the levels above, from the nearest to France."""
    parents = Territory.objects.select_related("parent__parent__parent")
    return stage_below(territory, parents.filter(children=territory).first())


def stage_below(territory: Territory, parent: Territory | None) -> Stage:
    """The same without a query, when the level above came with the territory and brought its own."""
    levels: dict[str, Territory] = {}
    while parent is not None:
        levels.setdefault(parent.kind, parent)
        parent = parent.parent
    return Stage(territory, levels.get(Territory.Kind.DEPARTEMENT), levels.get(Territory.Kind.FRANCE))
