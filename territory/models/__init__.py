from territory.models.ctg import Ctg, CtgFact
from territory.models.funding import ControlTotal, FundingLine, Scheme, ServiceKind
from territory.models.geography import Belonging, Outline, Territory
from territory.models.indicators import Indicator, Release, Source, Value
from territory.models.invitations import Invitation, PersonalLink
from territory.models.people import CAF_ROLES, CTG_ROLES, Caf, Contact, Membership, Organisation, Role

__all__ = [
    "CAF_ROLES",
    "CTG_ROLES",
    "Belonging",
    "Caf",
    "Contact",
    "ControlTotal",
    "Ctg",
    "CtgFact",
    "FundingLine",
    "Indicator",
    "Invitation",
    "Membership",
    "Organisation",
    "Outline",
    "PersonalLink",
    "Release",
    "Role",
    "Scheme",
    "ServiceKind",
    "Source",
    "Territory",
    "Value",
]
