from territory.admin import ctgs, figures, geography, money, people
from territory.admin.scoping import CafHistoryAdmin, CafScopedAdmin, CafScopedInline, OwnFilter

__all__ = [
    "CafHistoryAdmin",
    "CafScopedAdmin",
    "CafScopedInline",
    "OwnFilter",
    "ctgs",
    "figures",
    "geography",
    "money",
    "people",
]
