"""The gestures of the territory, by aggregate; everything public is imported from here."""

from territory.links import invitation_from_token, invitation_token
from territory.services.comments import add_comment, reopen_comment, settle_comment
from territory.services.ctgs import create_ctg, state_fact, update_ctg
from territory.services.directory import fill_directory
from territory.services.figures import type_value
from territory.services.funding import (
    delete_control_total,
    delete_funding_line,
    save_control_total,
    save_funding_line,
)
from territory.services.invitations import accept_invitation, invite, mark_opened, remind, revoke
from territory.services.people import grant_role, save_organisation, withdraw_role
from territory.services.publication import publish_calendar, publish_portrait, unpublish_calendar, unpublish_portrait

__all__ = [
    "accept_invitation",
    "add_comment",
    "create_ctg",
    "delete_control_total",
    "delete_funding_line",
    "fill_directory",
    "grant_role",
    "invitation_from_token",
    "invitation_token",
    "invite",
    "mark_opened",
    "publish_calendar",
    "publish_portrait",
    "remind",
    "reopen_comment",
    "revoke",
    "save_control_total",
    "save_funding_line",
    "save_organisation",
    "settle_comment",
    "state_fact",
    "type_value",
    "unpublish_calendar",
    "unpublish_portrait",
    "update_ctg",
    "withdraw_role",
]
