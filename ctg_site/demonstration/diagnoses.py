"""What the groups of the demonstration add to their findings: the figures they photographed, the equipments they speak of."""

import json
from datetime import date
from typing import Any

from ctg_site.demonstration.rooms import Furnisher
from diagnostic.services import photograph_figures, save_finding
from territory.loading import FIXTURES
from territory.models import Facility, Indicator


class GroupWork:
    """Played once the findings are written, before a committee validates them."""

    def __init__(self, furnisher: Furnisher, key: str) -> None:
        self.furnisher, self.by = furnisher, furnisher.cast.operator
        rows = json.loads((FIXTURES / "demo" / "diagnosis.json").read_text(encoding="utf-8"))
        self.data: dict[str, Any] = rows[key]

    @property
    def later(self) -> list[dict[str, Any]]:
        """Figures of the next release, that the photographs do not follow."""
        return self.data["later"]

    def play(self) -> None:
        for key, codes in self.data["facilities"].items():
            facilities = Facility.objects.of(self.furnisher.ctg).filter(code__in=codes).order_by("pk")
            save_finding(self.furnisher.findings[key], facilities=facilities, by=self.by)
        for row in self.data["photographs"]:
            indicators = Indicator.objects.filter(code__in=row["indicators"]).order_by("pk")
            finding = self.furnisher.findings[row["finding"]]
            photograph_figures(finding, indicators=indicators, by=self.by, on=date.fromisoformat(row["on"]))
