from territory.models.asked import AskedGesture
from territory.models.comments import Comment
from territory.models.ctg import Ctg, CtgFact
from territory.models.facilities import CapacityUnit, Facility, FacilityFact
from territory.models.figure_files import ConsistencyRule, FigureFile
from territory.models.funding import ControlTotal, FundingLine, FundingRollup, Rounding
from territory.models.geography import Belonging, Outline, Succession, Territory
from territory.models.imports import FundingImport
from territory.models.indicators import TOWN_INHABITANTS, Indicator, Release, Source, Value
from territory.models.invitations import Invitation, PersonalLink
from territory.models.legacy import LegacyAction, LegacyContract, LegacyShare
from territory.models.payments import FundingAgreement, Justification, Payment
from territory.models.people import CAF_ROLES, CTG_ROLES, Caf, Contact, Membership, Organisation, Role
from territory.models.ranks import Rank
from territory.models.scenarios import Scenario, ScenarioLine
from territory.models.schemes import Rate, Scheme, ServiceKind, WealthClass
from territory.models.secrecy import SecrecyRule, Withholding
from territory.models.vintage_files import VintageFile

__all__ = [
    "TOWN_INHABITANTS",
    "CAF_ROLES",
    "CTG_ROLES",
    "AskedGesture",
    "Belonging",
    "Caf",
    "CapacityUnit",
    "Comment",
    "ConsistencyRule",
    "Contact",
    "ControlTotal",
    "Ctg",
    "CtgFact",
    "Facility",
    "FacilityFact",
    "FigureFile",
    "FundingAgreement",
    "FundingImport",
    "FundingLine",
    "FundingRollup",
    "Indicator",
    "Invitation",
    "Justification",
    "LegacyAction",
    "LegacyContract",
    "LegacyShare",
    "Membership",
    "Organisation",
    "Outline",
    "Payment",
    "Rank",
    "PersonalLink",
    "Rate",
    "Release",
    "Role",
    "Rounding",
    "Scenario",
    "ScenarioLine",
    "Scheme",
    "SecrecyRule",
    "ServiceKind",
    "Source",
    "Succession",
    "Territory",
    "Value",
    "VintageFile",
    "WealthClass",
    "Withholding",
]
