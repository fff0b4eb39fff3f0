"""The back office of the plan: to look, search and repair, an aggregate a module."""

from actions.admin import fiches, imports, parts, plans, reference

__all__ = ["fiches", "imports", "parts", "plans", "reference"]
