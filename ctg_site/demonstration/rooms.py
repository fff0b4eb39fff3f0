"""What each Ctg of the demonstration holds: its diagnosis, its plan, its convention."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from actions.models import Action, ActionPlan, Cost, Financing, Objective, Target
from actions.services import (
    describe_plan,
    give_verdict,
    record_payment,
    save_action,
    save_cost,
    save_financing,
    save_objective,
    save_target,
    submit_action,
)
from ctg_site.demonstration import fiches
from ctg_site.demonstration.cast import Cast
from ctg_site.demonstration.contributions import gather_by_link, morning
from diagnostic.models import Contribution, Diagnosis, Finding, Idea, Priority, ThematicGroup
from diagnostic.services import (
    add_member,
    contribute,
    describe_diagnosis,
    save_finding,
    save_group,
    save_idea,
    save_priority,
)
from governance.models import Agreement, Deliberation, EvaluationMethod, Party, Signatory
from governance.services import (
    add_party,
    describe_agreement,
    draft_agreement,
    save_deliberation,
    save_method,
    save_signatory,
)
from territory.models import Ctg, Territory


def day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def number(text: str | None) -> Decimal | None:
    return Decimal(text) if text not in (None, "") else None


@dataclass
class Furnisher:
    """Fills one Ctg, room after room, with the words of its fixture."""

    ctg: Ctg
    data: dict[str, Any]
    cast: Cast
    groups: dict[str, ThematicGroup] = field(default_factory=dict)
    sources: dict[str, list[Contribution]] = field(default_factory=dict)
    findings: dict[str, Finding] = field(default_factory=dict)
    priorities: dict[str, Priority] = field(default_factory=dict)
    ideas: dict[str, Idea] = field(default_factory=dict)
    actions: dict[str, Action] = field(default_factory=dict)
    targets: dict[str, Target] = field(default_factory=dict)
    payments: list[tuple[Financing, Decimal]] = field(default_factory=list)

    def furnish(self) -> None:
        self.gather_groups()
        self.write_diagnosis()
        self.write_plan()
        self.write_method()
        self.draft_convention()

    def gather_groups(self) -> None:
        self.groups = {group.name: group for group in self.ctg.groups.order_by("position")}
        for row in self.data["groups"]:
            group = self.groups[row["name"]]
            group.lead = self.cast.user(row["lead"])
            group.contributions_open_on = day(row["contributions_open_on"])
            group.contributions_close_on = day(row["contributions_close_on"])
            save_group(group, by=self.cast.operator)
            for organisation, email in row["members"]:
                add_member(
                    group,
                    organisation=self.cast.organisations[organisation],
                    user=self.cast.user(email),
                    by=self.cast.operator,
                )
        for row in self.data["contributions"]:
            self._contribute(row)
        self.sources = gather_by_link(self.ctg, self.data["key"], self.groups, self.cast)

    def _contribute(self, row: dict[str, Any]) -> Contribution:
        contribution = contribute(
            self.groups[row["group"]],
            author=self.cast.users[row["author"]],
            organisation=self.cast.organisation(row["organisation"]),
            kind=row["kind"],
            text=row["text"],
            on=date.fromisoformat(row["on"]),
            is_demo=True,
        )
        Contribution.objects.filter(pk=contribution.pk).update(submitted_at=morning(row["on"]))
        return contribution

    def write_diagnosis(self) -> None:
        data, diagnosis = self.data["diagnosis"], Diagnosis.objects.get(ctg=self.ctg)
        diagnosis.summary = data["summary"]
        for phase in ("team_phase_starts_on", "team_phase_ends_on", "partner_phase_starts_on", "partner_phase_ends_on"):
            setattr(diagnosis, phase, day(data[phase]))
        describe_diagnosis(diagnosis, by=self.cast.operator)
        for row in data["findings"]:
            self._write_finding(diagnosis, row)
        for row in data["ideas"]:
            finding = self.findings[row["finding"]] if row["finding"] else None
            idea = Idea(diagnosis=diagnosis, group=self.groups[row["group"]], finding=finding, text=row["text"])
            idea.is_demo = True
            save_idea(idea, by=self.cast.operator)
            self.ideas[row["text"]] = idea
        for row in data["priorities"]:
            self._write_priority(diagnosis, row)

    def _write_finding(self, diagnosis: Diagnosis, row: dict[str, Any]) -> None:
        finding = Finding(
            diagnosis=diagnosis,
            group=self.groups[row["group"]],
            kind=row["kind"],
            title=row["title"],
            text=row["text"],
            is_demo=True,
        )
        sources = self.sources.get(row["key"], [])
        communes = self._communes(row["communes"])
        save_finding(finding, by=self.cast.operator, communes=communes, contributions=sources)
        self.findings[row["key"]] = finding

    def _write_priority(self, diagnosis: Diagnosis, row: dict[str, Any]) -> None:
        priority = Priority(diagnosis=diagnosis, title=row["title"], text=row["text"], is_demo=True)
        findings = [self.findings[key] for key in row["findings"]]
        save_priority(priority, by=self.cast.operator, findings=findings)
        self.priorities[row["key"]] = priority

    def write_plan(self) -> None:
        data = self.data["plan"]
        plan = ActionPlan.objects.get(diagnosis__ctg=self.ctg)
        describe_plan(plan, introduction=data["introduction"], level_names=data["level_names"], by=self.cast.operator)
        plan.refresh_from_db()
        for axis in data["axes"]:
            self._write_objective(plan, None, axis)

    def _write_objective(self, plan: ActionPlan, parent: Objective | None, row: dict[str, Any]) -> None:
        objective = Objective(plan=plan, parent=parent, code=row["code"], title=row["title"], text=row["text"])
        objective.is_demo = True
        priorities = [self.priorities[key] for key in row.get("priorities", [])]
        save_objective(objective, by=self.cast.operator, priorities=priorities)
        for child in row.get("objectives", []):
            self._write_objective(plan, objective, child)
        for action in row.get("actions", []):
            self._write_action(objective, action)

    def _write_action(self, objective: Objective, row: dict[str, Any]) -> None:
        action = Action(
            plan=objective.plan,
            objective=objective,
            code=row["code"],
            title=row["title"],
            description=row["description"],
            audience=row["audience"],
            lead=self.cast.organisation(row["lead"]),
            lead_user=self.cast.user(row["lead_user"]),
            starts_on=day(row["starts_on"]),
            ends_on=day(row["ends_on"]),
            is_demo=True,
        )
        fiche = fiches.read_fiches(self.data["key"]).get(action.code, {})
        fiches.fill_fields(action, fiche)
        action.priority = self.priorities.get(fiche.get("priority", ""))
        action.idea = self.ideas.get(fiche.get("idea", ""))
        save_action(
            action,
            by=self.cast.operator,
            partners=[self.cast.organisations[key] for key in row["partners"]],
            communes=self._communes(row["communes"]),
            themes=fiches.themes_of(action, fiche),
        )
        fiches.write_rows(action, fiche, self.cast)
        self.actions[action.code] = action
        self._judge(action, row, fiche)
        self._write_money(action, row, fiche.get("ranges", {}))
        for target in row["targets"]:
            self._write_target(action, target)

    def _judge(self, action: Action, row: dict[str, Any], fiche: dict[str, Any]) -> None:
        """What the technical committee said, on the day it said it, or when the work on the plan began."""
        opinion = fiche.get("opinion", {})
        verdict = opinion.get("verdict", row["verdict"])
        if verdict in Action.GIVEN:
            give_verdict(
                action,
                verdict=verdict,
                reason=opinion.get("reason", row["verdict_reason"]),
                text=opinion.get("text", ""),
                committee=opinion.get("committee", ""),
                marks=fiches.marks_of(fiche),
                by=self.cast.operator,
                on=date.fromisoformat(opinion.get("on", self.data["created_on"])),
            )
        elif action.lead:
            submit_action(action, by=self.cast.operator)

    def _write_money(self, action: Action, row: dict[str, Any], ranges: dict[str, list[str]]) -> None:
        for cost in row["costs"]:
            low, high = ranges.get(str(cost["year"]), (None, None)) if cost["nature"] == "running" else (None, None)
            save_cost(
                Cost(
                    action=action,
                    year=cost["year"],
                    nature=cost["nature"],
                    label=cost["label"],
                    amount=Decimal(cost["amount"]),
                    low=number(low),
                    high=number(high),
                ),
                by=self.cast.operator,
            )
        for line in row["financings"]:
            financing = Financing(
                action=action,
                year=line["year"],
                nature=line["nature"],
                funder=self.cast.organisations[line["funder"]],
                planned=Decimal(line["planned"]),
            )
            save_financing(financing, by=self.cast.operator)
            if (paid := number(line.get("paid"))) is not None:
                self.payments.append((financing, paid))

    def record_payments(self) -> None:
        """Once the plan is adopted: what was really paid, beside what was planned."""
        for financing, paid in self.payments:
            record_payment(financing, paid=paid, by=self.cast.operator)

    def _write_target(self, action: Action, row: dict[str, Any]) -> None:
        target = Target(
            action=action,
            label=row["label"],
            unit=row["unit"],
            direction=row["direction"],
            baseline=number(row["baseline"]),
            baseline_reason=row["baseline_reason"],
            goal=Decimal(row["goal"]),
            source=row["source"],
            is_demo=True,
        )
        save_target(target, by=self.cast.operator)
        self.targets[row["key"]] = target

    def write_method(self) -> None:
        if data := self.data["method"]:
            method = EvaluationMethod.objects.get(ctg=self.ctg)
            method.questions, method.criteria = data["questions"], data["criteria"]
            method.organisation, method.is_demo = data["organisation"], True
            save_method(method, by=self.cast.operator)

    def draft_convention(self) -> None:
        if data := self.data["agreement"]:
            agreement = draft_agreement(ActionPlan.objects.get(diagnosis__ctg=self.ctg), by=self.cast.operator)
            agreement.place = data["place"]
            describe_agreement(agreement, by=self.cast.operator)
            for row in data["parties"]:
                self._add_party(agreement, row)

    def _add_party(self, agreement: Agreement, row: dict[str, Any]) -> Party:
        party = add_party(agreement, organisation=self.cast.organisations[row["organisation"]], by=self.cast.operator)
        for rank, person in enumerate(row["signatories"], start=1):
            signatory = Signatory(
                party=party,
                rank=rank,
                full_name=person["full_name"],
                quality=person["quality"],
                is_legal_head=person["is_legal_head"],
                delegation=person["delegation"],
                user=self.cast.user(person["account"]),
                is_demo=True,
            )
            save_signatory(signatory, by=self.cast.operator)
        words = row["deliberation"]
        deliberation = Deliberation(
            party=party,
            body=words["body"],
            number=words["number"],
            adopted_on=day(words["adopted_on"]),
            transmitted_on=day(words["transmitted_on"]),
        )
        save_deliberation(deliberation, by=self.cast.operator)
        return party

    def _communes(self, codes: list[str]) -> list[Territory]:
        return list(self.ctg.communes.filter(code__in=codes).order_by("pk"))
