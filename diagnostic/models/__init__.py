from diagnostic.models.contributions import Contribution
from diagnostic.models.diagnosis import FROZEN, Diagnosis, DiagnosisPart
from diagnostic.models.findings import Finding, Idea
from diagnostic.models.groups import GroupMember, ThematicGroup
from diagnostic.models.guests import Guest
from diagnostic.models.photographs import Photograph
from diagnostic.models.priorities import Priority
from diagnostic.models.scoring import Ballot, Score, Scoring

__all__ = [
    "FROZEN",
    "Ballot",
    "Contribution",
    "Diagnosis",
    "DiagnosisPart",
    "Finding",
    "GroupMember",
    "Guest",
    "Idea",
    "Photograph",
    "Priority",
    "Score",
    "Scoring",
    "ThematicGroup",
]
