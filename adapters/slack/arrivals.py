"""Pure: what Slack tells, as what arrived. A body that is not as Slack documents it raises KeyError or TypeError."""

import html
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from bot.ports import Account, Arrival, Left, Said, Tapped

Json = dict[str, Any]
Stamp = Callable[[str], datetime | None]  # Slack's "1700000000.000100" as the time something was said, or None

_TEAMS = (
    ("team_id",),
    ("team", "id"),
    ("user", "team_id"),
    ("event", "team"),
    ("event", "user_team"),
    ("event", "user", "team_id"),
)
_SPECIAL = re.compile(r"<([@#!]?)([^<>|]*)(?:\|([^<>]*))?>")
_EMOJI = re.compile(r":([a-z0-9_+-]+):(?::skin-tone-[2-6]:)?")
_MEANT = {  # the ones people answer with; Slack tells every emoji by its name
    **dict.fromkeys(("+1", "thumbsup"), "👍"),
    **dict.fromkeys(("-1", "thumbsdown"), "👎"),
    "white_check_mark": "✅",
    "heavy_check_mark": "✔️",
    "ballot_box_with_check": "☑️",
    "ok_hand": "👌",
    "ok": "🆗",
    "x": "❌",
    "no_entry": "⛔",
    "heart": "❤️",
    "tada": "🎉",
    "star": "⭐",
    "100": "💯",
}


def teams(body: Any) -> set[str]:
    """The workspaces of everybody and everything in it; more than one where Slack Connect brings people of others."""
    return {maybe(body, *path) for path in _TEAMS} - {""}


def tapped(body: Json, lane: int, stamp: Stamp) -> Tapped:
    """A pressed button, on a message or in the App Home (then without a ref)."""
    action, place = body["actions"][0], body["container"]
    user, at = word(body, "user", "id"), word(action, "action_ts")
    channel, ts = maybe(place, "channel_id"), maybe(place, "message_ts")
    parts = (word(body, "team", "id"), user, ts or word(place, "view_id"), word(action, "action_id"), at)
    direct = channel.startswith("D")
    return Tapped(
        Account(lane, user, channel if direct else "", maybe(body, "user", "name"), private=direct or not channel),
        "slack:" + ":".join(parts),
        stamp(at),
        data=maybe(action, "value"),
        ref=f"{channel}:{ts}" if ts else "",
    )


def typed(body: Json, lane: int) -> Said:
    """`/homework words`, or the shortcut, whose id is the word. Where it was typed is no place to answer in."""
    team, user = maybe(body, "team_id") or word(body, "team", "id"), maybe(body, "user_id") or word(body, "user", "id")
    text = maybe(body, "text") if "command" in body else word(body, "callback_id")
    return Said(Account(lane, user), f"slack:{team}:{user}:{word(body, 'trigger_id')}", text=plain(text).strip())


def happened(body: Json, lane: int, stamp: Stamp) -> Arrival | None:
    """What an event tells of a person: written words, or that the account was switched off. None: nothing for us."""
    event = body["event"]
    source = f"slack:{word(body, 'team_id')}:{word(body, 'event_id')}"
    match word(event, "type"):
        case "message":
            return _said(event, source, lane, stamp)
        case "user_change" if event["user"].get("deleted") is True:
            return Left(Account(lane, word(event, "user", "id")), source)
    return None


def _said(event: Json, source: str, lane: int, stamp: Stamp) -> Said | None:
    """Edits, deletions and bots are not heard; a file is heard of, never fetched."""
    kind = maybe(event, "subtype")
    if kind not in ("", "file_share") or "bot_id" in event:
        return None
    private = maybe(event, "channel_type") == "im"
    return Said(
        Account(lane, word(event, "user"), word(event, "channel") if private else "", private=private),
        source,
        stamp(word(event, "ts")),
        text=plain(maybe(event, "text")),
        attached=kind == "file_share" or bool(event.get("files")),
    )


def stamped(ts: str, now: datetime, rate: float) -> datetime | None:
    """Slack's own time of something, where school time is real time and it does not lie ahead."""
    if rate != 1.0:
        return None
    said = datetime.fromtimestamp(float(ts), UTC)
    return said if said <= now else None


def plain(text: str) -> str:
    """What the person saw themselves type: links as their labels, no entities, the emoji people answer with."""
    words = _SPECIAL.sub(lambda m: {"!": "@"}.get(m[1], m[1]) + (m[3] or m[2]), text)
    return html.unescape(_EMOJI.sub(lambda m: _MEANT.get(m[1], m[0]), words))


def word(data: Any, *path: str) -> str:
    """The text that stands there."""
    for name in path:
        data = data[name]
    if not isinstance(data, str):
        raise TypeError(f"{'.'.join(path)} is no text")
    return data


def maybe(data: Any, *path: str) -> str:
    """The text that stands there, or "" where there is none."""
    for name in path:
        data = data.get(name) if isinstance(data, dict) else None
    return data if isinstance(data, str) else ""
