from territory.admin import comments, ctgs, facilities, figures, geography, money, payments, people, scenarios
from territory.admin.scoping import CafHistoryAdmin, CafScopedAdmin, CafScopedInline, OwnFilter

__all__ = [
    "CafHistoryAdmin",
    "CafScopedAdmin",
    "CafScopedInline",
    "OwnFilter",
    "comments",
    "ctgs",
    "facilities",
    "figures",
    "geography",
    "money",
    "payments",
    "people",
    "scenarios",
]
