from diagnostic.models.contributions import Contribution
from diagnostic.models.diagnosis import FROZEN, Diagnosis, DiagnosisPart
from diagnostic.models.findings import Finding, Idea
from diagnostic.models.groups import GroupMember, ThematicGroup
from diagnostic.models.guests import Guest
from diagnostic.models.photographs import Photograph
from diagnostic.models.priorities import Priority

__all__ = [
    "FROZEN",
    "Contribution",
    "Diagnosis",
    "DiagnosisPart",
    "Finding",
    "GroupMember",
    "Guest",
    "Idea",
    "Photograph",
    "Priority",
    "ThematicGroup",
]
