from territory.admin import ctgs, facilities, figures, geography, money, payments, people, scenarios
from territory.admin.scoping import CafHistoryAdmin, CafScopedAdmin, CafScopedInline, OwnFilter

__all__ = [
    "CafHistoryAdmin",
    "CafScopedAdmin",
    "CafScopedInline",
    "OwnFilter",
    "ctgs",
    "facilities",
    "figures",
    "geography",
    "money",
    "payments",
    "people",
    "scenarios",
]
