"""The back office of governance: look, search, repair; decisions, signatures and frozen texts are only read."""

from governance.admin import agreements, committees, evaluations

__all__ = ["agreements", "committees", "evaluations"]
