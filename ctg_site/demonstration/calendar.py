"""The meetings of a Ctg of the demonstration, held in the order of their days; their decisions open the gates."""

from datetime import date
from typing import Any

from ctg_site.demonstration.plans import reopen
from ctg_site.demonstration.rooms import Furnisher, day, number
from governance.models import Agreement, Attendance, Committee, Evaluation, Gate, Meeting
from governance.services import (
    describe_evaluation,
    hold_meeting,
    open_evaluation,
    plan_meeting,
    publish_evaluation,
    record_signature,
    save_attendance,
    save_measurement,
    save_meeting,
    save_review,
    take_decision,
)


class Secretary:
    """Plays the calendar of one Ctg: what each decision needs is written just before it."""

    def __init__(self, furnisher: Furnisher) -> None:
        self.furnisher = furnisher
        self.ctg, self.data, self.by = furnisher.ctg, furnisher.data, furnisher.cast.operator
        self.committees = {_key(committee): committee for committee in self.ctg.committees.select_related("group")}
        self.evaluations = {row["year"]: row for row in self.data["evaluations"]}

    def play(self) -> None:
        for row in sorted(self.data["meetings"], key=lambda row: row["held_on"] or row["starts_on"]):
            self._meet(row)
        for row in self.data["evaluations"]:
            if row["year"] in self.evaluations:
                self._evaluate(row["year"])
        self._publish_evaluations()

    def _meet(self, row: dict[str, Any]) -> None:
        if reopening := row.get("reopening"):
            reopen(self.furnisher, reopening)
        meeting = plan_meeting(
            self.committees[row["committee"]],
            purpose=row["purpose"],
            starts_on=date.fromisoformat(row["starts_on"]),
            starts_precision=row["starts_precision"],
            ends_on=day(row["ends_on"]),
            ends_precision=row["ends_precision"] or Meeting.Precision.DAY,
            place=row["place"],
            by=self.by,
        )
        meeting.is_demo = not row.get("seed")
        save_meeting(meeting, by=self.by)
        if row["status"] == Meeting.Status.HELD:
            self._hold(meeting, row)

    def _hold(self, meeting: Meeting, row: dict[str, Any]) -> None:
        held_on = date.fromisoformat(row["held_on"])
        meeting.minutes = row["minutes"]
        save_meeting(meeting, by=self.by)
        meeting = hold_meeting(meeting, held_on=held_on, by=self.by)
        for person in row["attendances"]:
            organisation = self.furnisher.cast.organisations[person["organisation"]]
            attendance = Attendance(meeting=meeting, organisation=organisation)
            attendance.full_name, attendance.status = person["full_name"], person["status"]
            save_attendance(attendance, by=self.by)
        for decision in row["decisions"]:
            self._decide(meeting, held_on, decision)

    def _decide(self, meeting: Meeting, on: date, row: dict[str, Any]) -> None:
        if row["gate"] == Gate.VALIDATE_EVALUATION:
            self._evaluate(row["evaluation_year"])
        decision = take_decision(
            meeting,
            text=row["text"],
            gate=row["gate"],
            evaluation_year=row["evaluation_year"],
            owner=row["owner"],
            due_on=day(row["due_on"]),
            by=self.by,
            on=on,
        )
        type(decision).objects.filter(pk=decision.pk).update(is_demo=True)
        if row["gate"] == Gate.APPROVE_SIGNATURE:
            self._sign()

    def _sign(self) -> None:
        agreement = Agreement.objects.get(plan__diagnosis__ctg=self.ctg)
        days = {row["organisation"]: row["signed_on"] for row in self.data["agreement"]["parties"]}
        names = {self.furnisher.cast.organisations[key].pk: signed_on for key, signed_on in days.items()}
        for party in agreement.parties.order_by("position", "pk"):
            if signed_on := names[party.organisation_id]:
                record_signature(party, on=date.fromisoformat(signed_on), by=self.by)
        self.furnisher.record_payments()

    def _evaluate(self, year: int) -> None:
        row = self.evaluations.pop(year)
        agreement = Agreement.objects.get(plan__diagnosis__ctg=self.ctg)
        evaluation = open_evaluation(agreement, year=year, by=self.by, on=date.fromisoformat(row["opened_on"]))
        evaluation.summary = row["summary"]
        describe_evaluation(evaluation, by=self.by)
        reviews = {review.action.code: review for review in evaluation.reviews.select_related("action")}
        for words in row["reviews"]:
            review = reviews[words["action"]]
            review.progress, review.percent = words["progress"], words["percent"]
            review.comment, review.outlook = words["comment"], words["outlook"]
            save_review(review, by=self.by)
        self._measure(evaluation, row["measurements"])

    def _measure(self, evaluation: Evaluation, rows: list[dict[str, Any]]) -> None:
        measurements = {measurement.target_id: measurement for measurement in evaluation.measurements.all()}
        for row in rows:
            measurement = measurements[self.furnisher.targets[row["target"]].pk]
            measurement.value, measurement.missing_reason = number(row["value"]), row["missing_reason"]
            measurement.measured_on = day(row["measured_on"])
            save_measurement(measurement, by=self.by)

    def _publish_evaluations(self) -> None:
        years = [row["year"] for row in self.data["evaluations"] if row["published"]]
        for evaluation in Evaluation.objects.filter(agreement__plan__diagnosis__ctg=self.ctg, year__in=years):
            publish_evaluation(evaluation, by=self.by)


def _key(committee: Committee) -> str:
    return f"group:{committee.group.name}" if committee.group else committee.kind
