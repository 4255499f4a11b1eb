"""Slack's published rules as small tables and pure functions: methods, their arguments, and Slack's error codes.

Those of Block Kit, and what a person reads, come from `slack_blocks` and `slack_reading`; here one finds them all.
"""

import json
import re
from dataclasses import dataclass
from typing import Any

from .slack_blocks import RICH_TEXT, Json, length
from .slack_blocks import block_problems as block_problems
from .slack_blocks import interactive as interactive
from .slack_blocks import view_problems as view_problems
from .slack_reading import read_block
from .slack_reading import read_blocks as read_blocks
from .slack_reading import read_buttons as read_buttons
from .slack_reading import read_mrkdwn as read_mrkdwn

POST_TEXT, UPDATE_TEXT = 40_000, 4_000  # characters of top-level `text`
METADATA_BYTES = 8_000  # a guess
VIEW_BYTES = 250_000

# The caller's own mistakes: Slack refuses them every time, so the fake complains as well.
OUR_BUGS = frozenset(
    {
        "invalid_blocks",
        "invalid_blocks_format",
        "invalid_arguments",
        "no_text",
        "msg_too_long",
        "msg_blocks_too_long",
        "metadata_too_large",
        "invalid_metadata_format",
        "block_mismatch",
        "markdown_text_conflict",
        "view_too_large",
        "unknown_method",
        "invalid_json",
        "json_not_object",
        "invalid_post_type",
        "not_allowed_token_type",
        "invalid_trigger_id",
    }
)
# What the manifest asks for; team.info needs team:read, which is not among them.
SCOPES = ("chat:write", "commands", "im:write", "im:history", "im:read", "users:read", "users:read.email")


@dataclass(frozen=True, slots=True)
class Method:
    """What one Web API method takes: kinds by argument name, what it cannot do without, and who may call it."""

    kinds: dict[str, str]
    required: frozenset[str]
    scope: str = ""
    token: str = "xoxb"
    json: bool = True  # the reading methods take no JSON body
    open: bool = False  # takes any argument


def _method(arguments: str, **rest: Any) -> Method:
    """Reads 'name', 'name!' (required) and 'name:kind' (str when not told), separated by spaces."""
    kinds, required = {"team_id": "str"}, set()
    for word in arguments.split():
        name, _, kind = word.partition(":")
        if name.endswith("!"):
            required.add(name[:-1])
        kinds[name.rstrip("!")] = kind or "str"
    return Method(kinds, frozenset(required), **rest)


METHODS = {
    "api.test": _method("error", token="", open=True),
    "auth.test": _method(""),
    "apps.connections.open": _method("", token="xapp"),
    "chat.postMessage": _method(
        "channel! text blocks:list attachments:list metadata:dict markdown_text thread_ts reply_broadcast:bool"
        " as_user:bool username icon_emoji icon_url link_names:bool mrkdwn:bool parse unfurl_links:bool"
        " unfurl_media:bool container_id",
        scope="chat:write",
    ),
    "chat.update": _method(
        "channel! ts! text blocks:list attachments:list metadata:dict markdown_text reply_broadcast:bool"
        " as_user:bool link_names:bool parse file_ids",
        scope="chat:write",
    ),
    "conversations.open": _method("channel users return_im:bool prevent_creation:bool", scope="im:write"),
    "conversations.history": _method(
        "channel! cursor inclusive:bool include_all_metadata:bool latest oldest limit:int",
        scope="im:history",
        json=False,
    ),
    "users.info": _method("user! include_locale:bool", scope="users:read", json=False),
    "users.lookupByEmail": _method("email!", scope="users:read.email", json=False),
    "views.publish": _method("user_id! view!:dict hash"),
    "views.open": _method("trigger_id interactivity_pointer view!:dict"),
    "oauth.v2.access": _method(
        "client_id client_secret code redirect_uri grant_type refresh_token", token="", json=False
    ),
    "team.info": _method("team domain include_slackbot_availability:bool", scope="team:read", json=False),
}
_FORMAT_ERRORS = {"blocks": "invalid_blocks_format", "metadata": "invalid_metadata_format"}
_TYPES: dict[str, type] = {"str": str, "bool": bool, "int": int, "list": list, "dict": dict}
_WORDS: dict[str, object] = {"0": False, "false": False, "1": True, "true": True}


def read_arguments(method: Method, plain: dict[str, str], typed: Json) -> tuple[Json, str | None, list[str]]:
    """Arguments of a call, from query and form (`plain`) and from a JSON body (`typed`): (arguments, error, why)."""
    if method.open:
        return {**plain, **typed}, None, []
    args: Json = {}
    error, why = None, [f"[ERROR] missing required field: {n}" for n in sorted(method.required - {*plain, *typed})]
    for name, value in {**plain, **typed}.items():
        kind = method.kinds.get(name)
        if kind is None:
            why.append(f"[ERROR] unknown argument: {name}")
            continue
        args[name] = parsed = _parsed(value, kind, name in typed)
        if type(parsed) is not _TYPES[kind]:
            error = error or _FORMAT_ERRORS.get(name)
            why.append(f"[ERROR] {name} must be a {kind}, not {value!r:.60}")
    return args, (error or "invalid_arguments") if why else None, why


def _parsed(value: Any, kind: str, typed: bool) -> object:
    """The value as its kind, or as it came when it cannot be read as such."""
    if kind in ("list", "dict") and isinstance(value, str):
        try:
            return json.loads(value)
        except ValueError:
            return value
    if typed or kind == "str":
        return value
    if kind == "int" and re.fullmatch(r"\d{1,9}", value):
        return int(value)
    return _WORDS.get(value, value) if kind == "bool" else value


def blocks_error(blocks: object, surface: str = "message") -> str | None:
    """Slack's error code for these blocks, or None when they are fine."""
    if not isinstance(blocks, list):
        return "invalid_blocks_format"
    if block_problems(blocks, surface):
        return "invalid_blocks"
    rich = [read_block(block) for block in blocks if block["type"] == "rich_text"]
    return "msg_blocks_too_long" if any(length(words) > RICH_TEXT for words in rich) else None


def view_error(view: Json, surface: str) -> str | None:
    """Slack's error code for this view, or None when it is fine."""
    if len(json.dumps(view)) > VIEW_BYTES:
        return "view_too_large"
    return "invalid_arguments" if view_problems(view, surface) else None


def text_error(args: Json, limit: int) -> str | None:
    """Slack's error code for the words of a message (text, blocks, attachments or markdown_text), or None."""
    text, other = args.get("text", ""), args.get("markdown_text")
    if other and ("text" in args or "blocks" in args):
        return "markdown_text_conflict"
    if not (text.strip() or other or args.get("blocks") or args.get("attachments")):
        return "no_text"
    return "msg_too_long" if length(text) > limit or length(other or "") > 12_000 else None


def metadata_error(metadata: Json) -> str | None:
    """Slack's error code for a message's metadata, or None; {} is fine and means none."""
    if not metadata:
        return None
    kind, payload = metadata.get("event_type"), metadata.get("event_payload")
    if set(metadata) != {"event_type", "event_payload"} or not isinstance(kind, str) or not isinstance(payload, dict):
        return "invalid_metadata_format"
    if not re.fullmatch(r"[A-Za-z0-9_-]+", kind):  # Slack ignores such metadata with a warning; that is worse
        return "invalid_metadata_format"
    return "metadata_too_large" if len(json.dumps(metadata)) > METADATA_BYTES else None


def mismatch(old: list[Json], new: list[Json]) -> bool:
    """Whether an update would replace rich_text by blocks of other kinds only, which Slack refuses."""
    return _has_rich_text(old) and bool(new) and not _has_rich_text(new)


def _has_rich_text(blocks: list[Json]) -> bool:
    return any(block["type"] == "rich_text" for block in blocks)
