from governance.models.agreements import Agreement, Article, Clause, Deliberation, Party, Signatory
from governance.models.committees import Attendance, Committee, CommitteeKind, Decision, Gate, GateRule, Meeting
from governance.models.evaluations import ActionReview, Evaluation, EvaluationMethod, Measurement

__all__ = [
    "ActionReview",
    "Agreement",
    "Article",
    "Attendance",
    "Clause",
    "Committee",
    "CommitteeKind",
    "Decision",
    "Deliberation",
    "Evaluation",
    "EvaluationMethod",
    "Gate",
    "GateRule",
    "Measurement",
    "Meeting",
    "Party",
    "Signatory",
]
