"""The fake Slack's people, their direct messages, and what stands in them."""

import copy
import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from . import slack_rules as rules
from .screens import Screens, Shown
from .slack_blocks import Json

BOT_USER, BOT_ID, APP_ID = "UBOT", "BBOT", "ABOT"


@dataclass(slots=True)
class Person:
    """One member of the workspace."""

    id: str
    name: str
    email: str
    locale: str
    tz: str
    guest: bool
    bot: bool
    team: str
    deleted: bool = False


@dataclass(slots=True)
class Channel:
    """One direct message between a person and the bot; messages by ts, oldest first."""

    id: str
    user: str
    messages: dict[str, Json] = field(default_factory=dict)


class Refused(Exception):
    """Slack says no: the error code, why, and for rate limits the HTTP status and the seconds to wait."""

    def __init__(self, error: str, *why: str, status: int = 200, wait: int = 0, **more: str) -> None:
        super().__init__(error)
        self.error, self.why, self.status, self.wait, self.more = error, why, status, wait, more


class Workspace(Screens):
    """People, their direct messages, and what stands in them."""

    def __init__(self, team: str) -> None:
        super().__init__()
        self.team = team
        self.clock: Callable[[], float] = time.time  # where the ts of messages come from
        self.persons: dict[str, Person] = {}
        self.channels: dict[str, Channel] = {}
        self._direct: dict[str, Channel] = {}  # the same, by user id
        self.shown: dict[tuple[str, str], Shown] = {}
        self.homes: dict[str, tuple[Json, Shown]] = {}
        self.modals: dict[str, Shown] = {}  # the modal last opened for each person
        self._numbers = itertools.count(1)
        self._last_ts = 0
        self.person(BOT_USER, name="Homework", bot=True)

    def person(
        self,
        user: str,
        name: str = "",
        email: str = "",
        locale: str = "en-US",
        tz: str = "America/New_York",
        guest: bool = False,
        bot: bool = False,
        team: str = "",
    ) -> None:
        """Somebody joins the workspace; `team` is another workspace's id for a stranger of a shared channel."""
        self.persons[user] = Person(user, name or user, email, locale, tz, guest, bot, team or self.team)
        if not bot:
            self.screen(user)

    def deactivate(self, user: str) -> None:
        """The person's account is switched off; tell the program with `event` if it should hear of it."""
        self.persons[user].deleted = True

    def delete(self, shown: Shown) -> None:
        """The message vanishes: from the screen, from the history, and for `chat.update`."""
        channel = self.channels[str(shown.raw["channel"])]
        channel.messages.pop(shown.ref, None)
        self.shown.pop((channel.id, shown.ref), None)
        screen = self.screen(channel.user)
        screen[:] = [other for other in screen if other.ref != shown.ref]
        self.changed()

    def home(self, user: str) -> Shown | None:
        """The Home tab as last published for that person, read like a message."""
        return self.homes[user][1] if user in self.homes else None

    def user_object(self, user: str, with_locale: bool = False) -> Json:
        """What users.info and user_change tell of a person; Slack leaves out the zone of the deactivated."""
        one = self.persons[user]
        known: Json = {
            "id": one.id,
            "team_id": one.team,
            "name": one.name.lower().replace(" ", "."),
            "deleted": one.deleted,
            "profile": {"real_name": one.name, "display_name": one.name, "team": one.team},
            "is_bot": one.bot,
            "updated": int(self.clock()),
        }
        if one.email and "users:read.email" in self.granted():
            known["profile"]["email"] = one.email
        if one.deleted:
            return known
        offset = datetime.now(ZoneInfo(one.tz)).utcoffset()
        known |= {"real_name": one.name, "tz": one.tz, "tz_offset": int(offset.total_seconds()) if offset else 0}
        known |= {"is_restricted": one.guest, "is_ultra_restricted": one.guest, "is_app_user": False}
        return known | ({"locale": one.locale} if with_locale else {})

    def granted(self) -> frozenset[str]:
        """The scopes of the bot token."""
        return frozenset(rules.SCOPES)

    def _next_ts(self) -> str:
        self._last_ts = max(self._last_ts + 1, int(self.clock() * 1_000_000))
        return f"{self._last_ts // 1_000_000}.{self._last_ts % 1_000_000:06}"

    def _channel_of(self, person: Person) -> Channel:
        """The direct message with that person, opened when there is none; the ways a person cannot be reached raise."""
        if person.deleted:
            raise Refused("user_disabled")
        if person.bot:
            raise Refused("cannot_dm_bot")
        if person.id not in self._direct:
            channel = Channel(f"D{len(self.channels) + 1}", person.id)
            self.channels[channel.id] = self._direct[person.id] = channel
        return self._direct[person.id]

    def _named(self, blocks: list[Json]) -> list[Json]:
        """A copy of the blocks with the ids that Slack adds where none were given."""
        blocks = copy.deepcopy(blocks)
        for block in blocks:
            block.setdefault("block_id", f"b{next(self._numbers)}")
            for part in rules.interactive(block):
                part.setdefault("action_id", f"x{next(self._numbers)}")
        return blocks

    def _show(self, channel: Channel, message: Json, raw: Json) -> None:
        """Puts a new or edited message on the screen; only a new one rings."""
        seen = self.shown.get((channel.id, message["ts"]))
        if seen is None:
            seen = Shown(message["ts"], "", "", [], True, time.monotonic())
            self.shown[channel.id, message["ts"]] = seen
            self.screen(channel.user).append(seen)
            self._draw(seen, message, raw)
        else:
            self._redraw(seen, message, raw)
        self.changed()

    def _redraw(self, seen: Shown, content: Json, raw: Json) -> None:
        before = seen.text
        self._draw(seen, content, raw)
        seen.edits += 1
        if seen.text != before:
            seen.history.append(before)

    def _draw(self, seen: Shown, content: Json, raw: Json) -> None:
        blocks = content["blocks"]
        seen.preview = rules.read_mrkdwn(content.get("text", ""))
        seen.text = rules.read_blocks(blocks) if blocks else seen.preview
        seen.buttons, seen.raw = rules.read_buttons(blocks), raw
