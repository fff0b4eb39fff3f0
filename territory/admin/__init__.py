from territory.admin import comments, ctgs, figures, geography, money, people
from territory.admin.scoping import CafHistoryAdmin, CafScopedAdmin, CafScopedInline, OwnFilter

__all__ = [
    "CafHistoryAdmin",
    "CafScopedAdmin",
    "CafScopedInline",
    "OwnFilter",
    "comments",
    "ctgs",
    "figures",
    "geography",
    "money",
    "people",
]
