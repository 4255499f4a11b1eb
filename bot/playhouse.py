"""A whole small Twoticks in one process: screens in memory, a clock wound by hand. The try-it page plays on it."""

import asyncio
import secrets
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any

from adapters.web.chat import Bubble, WebChat
from bot import claims
from bot.clock import WoundClock
from bot.desk import Desk
from bot.hands import Hands, LaneHand
from bot.lanes import UNLIMITED, Pace
from bot.model import School
from bot.ports import Account, Answer
from bot.roster import read
from bot.schooldays import instant, local_day
from storage.office import find_person, link
from storage.rosters import put
from storage.store import Store

JUST_AFTER = timedelta(seconds=1)  # past a close, as a date closes only when its lanes were heard past it


class Playhouse:
    """One school whose people all have screens here. Times are aware; users are the keys of the screens."""

    def __init__(self, store: Store, school: School, now: datetime) -> None:
        self.store = store
        self.school = school
        self.clock = WoundClock(now.astimezone(UTC))
        self.lane = store.lane("web")
        self.chat = WebChat(secrets.token_hex(4), self.lane.id)
        self.hands = Hands(store, self.clock, self.blocking, [LaneHand(self.lane, self.chat, Pace(UNLIMITED, 1000))])
        self.desk = Desk(store, self.clock, self.blocking, secrets.token_hex(16), self.hands.knock)
        self._listening: asyncio.Task[None] | None = None

    async def blocking(self, call: Callable[..., Any], *args: Any) -> Any:
        """The store inline: nothing else runs meanwhile, so a day plays the same way every time."""
        return call(*args)

    # --- people ---

    def enrol(self, spreadsheet: str, users: dict[str, str]) -> None:
        """Imports a spreadsheet and gives everybody named in `users` (name → user) a screen, joined already."""
        self.store.turn(self.school.id, self.clock.now(), lambda turn: put(turn, read(spreadsheet.encode()).rows))
        for name, user in users.items():
            person = self.person(name)
            account = Account(self.lane.id, user, user, name)
            self.store.turn(self.school.id, self.clock.now(), _joining(person, account))

    def person(self, name: str) -> int:
        return self.store.turn(self.school.id, self.clock.now(), lambda turn: find_person(turn, name))

    # --- time ---

    async def open(self) -> None:
        """Begins to listen, opens the day and shows what is due already."""
        self._listening = asyncio.create_task(self.chat.listen(self.desk))
        await asyncio.sleep(0)
        await self.settle()

    async def close(self) -> None:
        if self._listening is not None:
            self._listening.cancel()
            await asyncio.wait([self._listening])

    async def settle(self) -> None:
        """One heartbeat at this moment, then the hands until they come to rest."""
        now = self.clock.now()
        self.store.heard(self.lane.id, now)
        self.store.open_days(now)
        self.store.close_days(now)
        await self.hands.rest()

    def next_moment(self, others: Sequence[datetime] = ()) -> datetime:
        """When the next thing happens: a card's alarm, a day that opens or closes, or something in `others`."""
        now = self.clock.now()
        today = local_day(now, self.school.zone)
        days = [today + timedelta(days=n) for n in (0, 1)]
        moments = [
            *[instant(day, time(0), self.school.zone) for day in days],
            *[instant(day, self.school.day_closes, self.school.zone) + JUST_AFTER for day in days],
            *([self.hands.next_alarm] if self.hands.next_alarm else []),
            *others,
        ]
        return min(moment for moment in moments if moment > now)

    async def wind(self, until: datetime) -> None:
        """Goes from alarm to alarm and lets the hands come to rest at each; never jumps over a window."""
        while (moment := self.next_moment()) <= until:
            self.clock.at = moment
            await self.settle()
        self.clock.at = max(self.clock.at, until.astimezone(UTC))
        await self.settle()

    # --- what people do ---

    async def tap(self, user: str, bubble: Bubble, label: str) -> Answer:
        """Presses the button with that label; ValueError if it is not on this message."""
        data = [b.value for row in bubble.message.rows for b in row if b.label == label]
        if not data:
            raise ValueError(f"no button {label!r} among {[b.label for row in bubble.message.rows for b in row]}")
        return await self.press(user, bubble.ref, data[0])

    async def press(self, user: str, ref: str, data: str) -> Answer:
        answer = await self.chat.tap(user, ref, data)
        await self.hands.rest()
        return answer

    async def say(self, user: str, text: str) -> Answer:
        answer = await self.chat.say(user, text)
        await self.hands.rest()
        return answer


def _joining(person: int, account: Account) -> Callable[[Any], None]:
    return lambda turn: claims.welcome(turn, link(turn, person, account))
