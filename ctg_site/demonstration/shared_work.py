"""How people worked together on each Ctg of the demonstration: what they said of a finding, a priority, an action."""

import json
from typing import Any

from django.db.models import Model

from ctg_site.demonstration.rooms import Furnisher
from territory.loading import FIXTURES
from territory.services import add_comment, settle_comment


def read_shared_work(key: str) -> dict[str, Any]:
    rows = json.loads((FIXTURES / "demo" / "shared_work.json").read_text(encoding="utf-8"))
    return rows["ctgs"].get(key, {})


class Workshop:
    """Plays what people do together once the rooms are furnished."""

    def __init__(self, furnisher: Furnisher, key: str) -> None:
        self.furnisher, self.cast, self.data = furnisher, furnisher.cast, read_shared_work(key)

    def discuss(self) -> None:
        for row in self.data.get("comments", []):
            comment = add_comment(self._subject(row), text=row["text"], by=self.cast.users[row["author"]], is_demo=True)
            if row["settled_by"]:
                settle_comment(comment, by=self.cast.users[row["settled_by"]])

    def _subject(self, row: dict[str, Any]) -> Model:
        rooms: dict[str, dict[str, Any]] = {
            "constat": self.furnisher.findings,
            "priorite": self.furnisher.priorities,
            "action": self.furnisher.actions,
        }
        return rooms[row["kind"]][row["subject"]]
