from territory.models.ctg import Ctg, CtgFact
from territory.models.figure_files import ConsistencyRule, FigureFile
from territory.models.funding import ControlTotal, FundingLine, Scheme, ServiceKind
from territory.models.geography import Belonging, Outline, Succession, Territory
from territory.models.indicators import Indicator, Release, Source, Value
from territory.models.people import CAF_ROLES, CTG_ROLES, Caf, Contact, Invitation, Membership, Organisation, Role
from territory.models.ranks import Rank

__all__ = [
    "CAF_ROLES",
    "CTG_ROLES",
    "Belonging",
    "Caf",
    "ConsistencyRule",
    "Contact",
    "ControlTotal",
    "Ctg",
    "CtgFact",
    "FigureFile",
    "FundingLine",
    "Indicator",
    "Invitation",
    "Membership",
    "Organisation",
    "Outline",
    "Rank",
    "Release",
    "Role",
    "Scheme",
    "ServiceKind",
    "Source",
    "Succession",
    "Territory",
    "Value",
]
