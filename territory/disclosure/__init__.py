"""What the figures shown say of those that are not: identities, masking, audit. Numbers in, keys out, no database."""

from territory.disclosure.audit import Breach, audit
from territory.disclosure.identities import Cell, Identity, Key, Table, at_most, ratio, total_of
from territory.disclosure.suppression import protect, suggestion

__all__ = [
    "Breach",
    "Cell",
    "Identity",
    "Key",
    "Table",
    "at_most",
    "audit",
    "protect",
    "ratio",
    "suggestion",
    "total_of",
]
