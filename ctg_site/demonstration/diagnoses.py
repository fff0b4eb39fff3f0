"""What the groups of the demonstration do with their findings: figures photographed, equipments named, needs ranked."""

import json
from collections.abc import Callable
from datetime import date
from typing import Any

from ctg_site.demonstration.contributions import morning
from ctg_site.demonstration.rooms import Furnisher
from diagnostic.models import Ballot, Diagnosis, Finding, Guest, Scoring
from diagnostic.services import (
    cast_ballot,
    close_scoring,
    describe_diagnosis,
    invite_guest,
    open_scoring,
    photograph_figures,
    publish_diagnosis,
    reopen_diagnosis,
    save_finding,
    save_group,
    save_priority,
)
from territory.loading import FIXTURES
from territory.models import Facility, Indicator


class GroupWork:
    """Played once the findings are written, before a committee validates them."""

    def __init__(self, furnisher: Furnisher, key: str, type_figure: Callable[[dict[str, Any]], None]) -> None:
        self.furnisher, self.by, self.type_figure = furnisher, furnisher.cast.operator, type_figure
        self.diagnosis = Diagnosis.objects.select_related("ctg__caf").get(ctg=furnisher.ctg)
        rows = json.loads((FIXTURES / "demo" / "diagnosis.json").read_text(encoding="utf-8"))
        self.data: dict[str, Any] = rows[key]

    def bring_figures(self) -> None:
        """The next release, that the photographs do not follow."""
        for row in self.data["later"]:
            self.type_figure(row)
        self.data["later"] = []

    def advance(self, day: date) -> None:
        """What was reopened by that day, before the committee that validates it again."""
        row = self.data["reopening"]
        if row and date.fromisoformat(row["on"]) <= day:
            self.data["reopening"] = None
            diagnosis = Diagnosis.objects.current().get(ctg=self.furnisher.ctg)
            if not diagnosis.published_at:
                publish_diagnosis(diagnosis, by=self.by)
            self.bring_figures()
            reopen_diagnosis(diagnosis, reason=row["reason"], by=self.by, on=date.fromisoformat(row["on"]))

    def play(self) -> None:
        self.diagnosis.key_points = "\n".join(self.data["key_points"])
        self.diagnosis.decisions_asked = "\n".join(self.data["decisions_asked"])
        describe_diagnosis(self.diagnosis, by=self.by)
        for name, codes in self.data["followed"].items():
            save_group(self.furnisher.groups[name], indicators=Indicator.objects.filter(code__in=codes), by=self.by)
        for row in self.data["findings"]:
            self._write(row)
        for key, codes in self.data["facilities"].items():
            facilities = Facility.objects.of(self.furnisher.ctg).filter(code__in=codes).order_by("pk")
            save_finding(self.furnisher.findings[key], facilities=facilities, by=self.by)
        for row in self.data["photographs"]:
            indicators = Indicator.objects.filter(code__in=row["indicators"]).order_by("pk")
            finding = self.furnisher.findings[row["finding"]]
            photograph_figures(finding, indicators=indicators, by=self.by, on=date.fromisoformat(row["on"]))
        for row in self.data["scorings"]:
            self._rank(row)
        for key, reason in self.data["reasons"].items():
            priority = self.furnisher.priorities[key]
            priority.reason = reason
            save_priority(priority, by=self.by)

    def _write(self, row: dict[str, Any]) -> None:
        finding = Finding(diagnosis=self.diagnosis, group=self.furnisher.groups[row["group"]], kind=row["kind"])
        finding.title, finding.text, finding.is_demo = row["title"], row["text"], True
        self.furnisher.findings[row["key"]] = save_finding(finding, by=self.by)

    def _rank(self, row: dict[str, Any]) -> None:
        on = date.fromisoformat(row["opened_on"])
        scoring = Scoring(diagnosis=self.diagnosis, group=self.furnisher.groups[row["group"]], method=row["method"])
        scoring.closes_on, scoring.is_demo = date.fromisoformat(row["closes_on"]), True
        open_scoring(scoring, by=self.by, on=on)
        for given in row["accounts"]:
            self._vote(scoring, given, on, user=self.furnisher.cast.users[given["email"]])
        for given in row["guests"]:
            guest = Guest(ctg=self.furnisher.ctg, full_name=given["full_name"], email=given["email"], is_demo=True)
            guest.created_at = morning(row["opened_on"])
            invite_guest(guest, groups=[scoring.group], by=self.by)
            self._vote(scoring, given, on, guest=guest)
        if row["closed_on"]:
            close_scoring(scoring, by=self.by, on=date.fromisoformat(row["closed_on"]))

    def _vote(self, scoring: Scoring, given: dict[str, Any], on: date, **who: Any) -> None:
        findings = self.furnisher.findings
        marks = {findings[key]: (pair[0], pair[1]) for key, pair in given.get("marks", {}).items()}
        votes = [findings[key] for key in given.get("votes", [])]
        ballot = cast_ballot(scoring, college=given["college"], marks=marks, votes=votes, on=on, is_demo=True, **who)
        Ballot.objects.filter(pk=ballot.pk).update(cast_at=morning(on.isoformat()))
        if ballot.guest:
            given_at = morning(on.isoformat())
            Guest.objects.filter(pk=ballot.guest.pk).update(opened_at=given_at, answered_at=given_at)
