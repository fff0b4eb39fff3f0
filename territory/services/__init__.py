"""The gestures of the territory, by aggregate; everything public is imported from here."""

from territory.links import invitation_from_token, invitation_token
from territory.services.catalogue import DECISIVE, judge_cafs_again, judged_again, save_indicator
from territory.services.comments import add_comment, reopen_comment, settle_comment
from territory.services.ctgs import create_ctg, state_fact, update_ctg
from territory.services.directory import fill_directory
from territory.services.facilities import annex_facilities, save_facility, save_facility_fact, state_facility_fact
from territory.services.figures import Typed, remove_typed_figure, type_value, typed_figures_of
from territory.services.funding import (
    delete_control_total,
    delete_funding_line,
    save_control_total,
    save_funding_line,
    save_funding_lines,
)
from territory.services.invitations import accept_invitation, invite, mark_opened, remind, revoke
from territory.services.legacy import (
    save_legacy_action,
    save_legacy_contract,
    save_split_action,
    split_legacy_action,
)
from territory.services.local_figures import (
    local_figures_of,
    local_indicators,
    places_of,
    remove_local_figure,
    type_local_figure,
)
from territory.services.payments import record_justification, record_payment, save_funding_agreement
from territory.services.people import grant_role, save_organisation, withdraw_role
from territory.services.publication import publish_calendar, publish_portrait, unpublish_calendar, unpublish_portrait
from territory.services.rates import add_rate, confirm_rate, end_rate
from territory.services.rollups import rebuild_rollups, refresh_rollups
from territory.services.scenarios import (
    delete_scenario,
    plan_bonuses,
    save_scenario,
    share_scenario,
    unshare_scenario,
)
from territory.services.secrecy import add_secrecy_rule, show_value, withhold_value

__all__ = [
    "Typed",
    "DECISIVE",
    "accept_invitation",
    "add_comment",
    "add_rate",
    "add_secrecy_rule",
    "annex_facilities",
    "confirm_rate",
    "create_ctg",
    "delete_control_total",
    "delete_funding_line",
    "delete_scenario",
    "end_rate",
    "fill_directory",
    "grant_role",
    "invitation_from_token",
    "invitation_token",
    "invite",
    "judge_cafs_again",
    "judged_again",
    "local_figures_of",
    "local_indicators",
    "mark_opened",
    "places_of",
    "plan_bonuses",
    "publish_calendar",
    "publish_portrait",
    "rebuild_rollups",
    "record_justification",
    "record_payment",
    "refresh_rollups",
    "remind",
    "remove_local_figure",
    "remove_typed_figure",
    "reopen_comment",
    "revoke",
    "save_control_total",
    "save_facility",
    "save_facility_fact",
    "save_funding_agreement",
    "save_funding_line",
    "save_funding_lines",
    "save_indicator",
    "save_legacy_action",
    "save_legacy_contract",
    "save_organisation",
    "save_scenario",
    "save_split_action",
    "settle_comment",
    "share_scenario",
    "split_legacy_action",
    "state_facility_fact",
    "state_fact",
    "type_local_figure",
    "type_value",
    "typed_figures_of",
    "unpublish_calendar",
    "unpublish_portrait",
    "unshare_scenario",
    "update_ctg",
    "withdraw_role",
    "show_value",
    "withhold_value",
]
