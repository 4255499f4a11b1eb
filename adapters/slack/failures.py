"""One table: what Slack, slack-sdk or the network said, and the failure of the core that it means (PLATFORMS 2.7)."""

from collections.abc import Mapping
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError

from bot.ports import ChatFailure, Gone, LaneDown, Later, Rejected, Unclear, Unreachable

BACKOFF = 30.0  # seconds, where Slack names no time
HOURS = 3_600.0
_MOST = 6 * HOURS  # no longer than this, whatever a header says

_CODES: dict[type[ChatFailure], str] = {
    Unreachable: "user_disabled user_not_found users_not_found user_not_visible channel_not_found is_archived"
    " is_inactive not_in_channel cannot_dm_bot invalid_user_combination",
    LaneDown: "account_inactive token_revoked token_expired invalid_auth not_authed missing_scope no_permission"
    " access_denied ekm_access_denied enterprise_is_restricted team_access_not_granted messages_tab_disabled"
    " not_enabled not_allowed_token_type invalid_refresh_token invalid_code code_already_used bad_client_secret"
    " invalid_client_id bad_redirect_uri oauth_authorization_url_mismatch",
    Rejected: "invalid_arguments no_text msg_too_long msg_blocks_too_long metadata_too_large invalid_metadata_format"
    " block_mismatch markdown_text_conflict view_too_large",
    Gone: "message_not_found cant_update_message edit_window_closed",
    Unclear: "fatal_error internal_error request_timeout",
}
_BY_CODE = {code: kind for kind, codes in _CODES.items() for code in codes.split()}
_BY_START: dict[str, type[ChatFailure]] = {"restricted_action": Unreachable, "invalid_blocks": Rejected}
_WHOLE_LANE = frozenset(
    ("ratelimited", "rate_limited", "service_unavailable", "team_added_to_org", "org_login_required", "accesslimited")
)


def failure(error: Exception) -> ChatFailure:
    """What follows from an exception of a Slack call. An unknown code is never taken as permanent."""
    if isinstance(error, ChatFailure):
        return error
    if isinstance(error, SlackApiError):
        return _answered(error.response)
    if isinstance(error, aiohttp.ClientConnectorError | aiohttp.ConnectionTimeoutError):
        return Later(BACKOFF / 6, f"Slack cannot be reached ({type(error).__name__})", whole_lane=True)
    return Unclear(f"no usable answer from Slack ({type(error).__name__})")


def _answered(response: Any) -> ChatFailure:
    """What a bad answer means; `response` is slack-sdk's, or aiohttp's where the body could not be read."""
    status = int(getattr(response, "status_code", 0) or getattr(response, "status", 0))
    data = getattr(response, "data", None)  # a str on a plain-text 500, {} on an HTML 502, None on JSON null
    code = str(data.get("error") or "") if isinstance(data, dict) else ""
    if status == 429 or code in ("ratelimited", "rate_limited"):
        return Later(_seconds(getattr(response, "headers", {})), f"Slack asks to slow down ({code or status})", True)
    if kind := _kind(code):
        return kind(f"Slack says {code}")
    if code == "message_limit_exceeded":
        return Later(HOURS, f"Slack says {code}", whole_lane=True)
    if code in _WHOLE_LANE:
        return Later(BACKOFF, f"Slack says {code}", whole_lane=True)
    if status >= 500 or (status < 400 and not code):
        return Unclear(f"Slack answered {status} without a result")
    return Later(BACKOFF, f"Slack says {code or status}", refused=True)


def _kind(code: str) -> type[ChatFailure] | None:
    by_start = (kind for start, kind in _BY_START.items() if code.startswith(start))
    return _BY_CODE.get(code) or next(by_start, None)


def _seconds(headers: Mapping[str, Any]) -> float:
    """The time of a Retry-After header, which slack-sdk's answers may carry in any case."""
    named = {str(name).lower(): value for name, value in headers.items()}
    try:
        return min(max(float(named["retry-after"]), 1.0), _MOST)
    except (KeyError, TypeError, ValueError):
        return BACKOFF
