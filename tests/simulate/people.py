"""Seeded people: each looks at the own screens when something rings, and taps, twice or wrongly or not at all."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial

from bot import words
from tests.simulate.diary import Meaning, Press
from tests.simulate.screens import Screen, Shown
from tests.simulate.town import Member, Town
from tests.simulate.wires import Post

PATIENCE = 25.0  # seconds a person waits for a message to change
Habit = Mapping[str, tuple[float, float, float]]  # what arrived → share answered, soonest and latest, in minutes
HABITS: Mapping[str, Habit] = {
    "prompt": {"card": (0.96, 1, 25), "nudge": (0.9, 1, 10), "copy": (0.2, 5, 120)},
    "late": {"card": (0.5, 70, 400), "nudge": (0.6, 5, 40), "copy": (0.0, 0, 0)},
    "forgetful": {"card": (0.15, 10, 90), "nudge": (0.85, 1, 60), "copy": (0.1, 60, 300)},
    "owl": {"card": (0.9, 310, 430), "nudge": (0.2, 60, 250), "copy": (0.3, 310, 400)},
    "silent": {"card": (0.08, 5, 60), "nudge": (0.1, 5, 60), "copy": (0.0, 0, 0)},
}


@dataclass(eq=False)
class Actor:
    """One person. All chances come from an own stream, so that a new person does not shift what others do."""

    who: Member
    town: Town
    lot: random.Random
    posts: Mapping[str, Post]
    now: Callable[[], datetime]
    double: float
    diary: list[Press]
    answer: Callable[["Actor"], Awaitable[None]]
    screens: dict[str, Screen] = field(default_factory=dict)
    busy: set[asyncio.Task[None]] = field(default_factory=set)
    presses: int = 0

    # --- seeing ---

    def notice(self, shown: Shown) -> None:
        """A message has arrived: whether and when it is answered."""
        kind = self.kind(shown)
        share, soonest, latest = HABITS[self.who.habit].get(kind, (0.0, 0.0, 0.0))
        answers, minutes = self.lot.random() < share, soonest + (latest - soonest) * self.lot.random()
        if answers:
            self.later(minutes * 60, partial(self.answer, self))

    def kind(self, shown: Shown) -> str:
        """card, nudge, copy (a silent one for the other guardian), or "" for anything without a question."""
        labels = [label for label, _ in shown.now.buttons]
        if not {self.say("button-all-written"), self.say("button-others-written"), self.say("button-all-done")} & {
            *labels
        }:
            return "copy" if self.say("button-instead") in labels else ""
        first = shown.now.lines[0]
        nudged = any(self.say("home-nudge", child=names) == first for names in self._children_lists())
        return "nudge" if nudged or self._open_planners(first) else "card" if shown.rang else "copy"

    def say(self, key: str, **args: object) -> str:
        return words.say(self.who.language, key, **args)

    def _children_lists(self) -> list[str]:
        firsts = sorted(child.first for child in self.who.children)
        return [*firsts, words.listed(self.who.language, firsts)]

    def _open_planners(self, line: str) -> bool:
        counted = [self.say("teacher-nudge", count=n, names="") for n in range(1, len(self.who.pupils) + 1)]
        return any(line.startswith(one.strip()) for one in counted)

    def day(self, shown: Shown) -> date:
        """The school date on which a message came."""
        return self.town.local(shown.at).date()

    def changing(self, shown: Shown) -> bool:
        """Whether the question stands there because `Change` was pressed: then one can go back."""
        return bool(shown.now.data(self.say("button-back")))

    def newest(self, *keys: str) -> tuple[Shown, str] | None:
        """The newest message of today that has one of these buttons, and that button."""
        today = self.town.local(self.now()).date()
        wanted = [self.say(key) for key in keys]
        for screen in self.screens.values():
            for shown in reversed(screen.messages[-12:]):
                if shown.deleted or self.town.local(shown.at).date() != today:
                    continue
                for label in wanted:
                    if shown.now.data(label):
                        return shown, label
        return None

    # --- doing ---

    def later(self, seconds: float, do: Callable[[], object]) -> None:
        task = asyncio.ensure_future(self._after(seconds, do))
        self.busy.add(task)
        task.add_done_callback(self.busy.discard)

    async def _after(self, seconds: float, do: Callable[[], object]) -> None:
        await asyncio.sleep(seconds)
        done = do()
        if asyncio.iscoroutine(done):
            await done

    async def press(self, shown: Shown, label: str, meaning: Meaning) -> bool:
        """Taps, perhaps twice, and again if the platform says it did not work; False: given up."""
        read = shown.now.lines
        for _ in range(4):
            data = shown.now.data(label)
            if shown.deleted or not data or shown.now.lines != read or self.screens[shown.lane].blocked:
                return False
            press = self._do(shown.lane, "tap", meaning=meaning, shown=shown, label=label, data=data)
            if self.lot.random() < self.double:
                await asyncio.sleep(0.1 + 1.4 * self.lot.random())
                self._do(shown.lane, "tap", meaning=meaning, shown=shown, label=label, data=data)
            if await _ends(press):
                return True
            await asyncio.sleep(5 + 90 * self.lot.random())
        return False

    def _do(self, lane: str, verb: str, **what: object) -> Press:
        self.presses += 1
        press = Press(self.who, verb, lane, f"{lane}:{self.who.user}:{self.presses}", self.now(), **what)  # type: ignore[arg-type]
        self.diary.append(press)
        self.later(0.0, partial(self.posts[lane].take, press))
        return press

    async def until(self, shown: Shown, *labels: str) -> str:
        """Waits a while for the message to offer one of these; "" if it does not."""
        for _ in range(int(PATIENCE)):
            await asyncio.sleep(1.0)
            found = next((label for label in labels if shown.now.data(label)), "")
            if found:
                return found
        return ""

    # --- what is written, and other habits of a day ---

    async def ask(self, lane: str, word: str, *path: str) -> None:
        """Writes a word and follows these buttons on the answer; the last one may mean something."""
        press = self._do(lane, "say", text=word)
        await _ends(press)
        for label in path:
            shown = await self._offering(lane, label, press.at)
            if shown is None or not await self.press(shown, label, self._meaning(label)):
                return

    async def _offering(self, lane: str, label: str, since: datetime) -> Shown | None:
        for _ in range(int(PATIENCE)):
            await asyncio.sleep(1.0)
            for shown in reversed(self.screens[lane].messages[-6:]):
                if shown.at >= since and shown.now.data(label):
                    return shown
        return None

    def _meaning(self, label: str) -> Meaning:
        today = self.town.local(self.now()).date()
        away = [c for c in self.who.children if self.say("button-is-away", child=c.first)[:30] == label]
        return Meaning("away", "on", away[0].id, 0, today) if away else Meaning()

    def report_away(self) -> None:
        child = self.lot.choice(self.who.children)
        label = self.say("button-is-away", child=child.first)[:30]
        self.later(0.0, partial(self.ask, self.who.lanes[0], "pause", label))

    def block(self, lane: str, hours: float) -> None:
        """Blocks the bot for so many hours. Telegram tells us both; on Slack who is back writes a word."""
        self.screens[lane].blocked = True
        self.screens[lane].blocks.append((self.now(), self.now() + timedelta(hours=hours)))
        if lane == "telegram":
            self._do(lane, "left")
        self.later(hours * 3600, partial(self._unblock, lane))

    async def _unblock(self, lane: str) -> None:
        self.screens[lane].blocked = False
        verb = {"verb": "back"} if lane == "telegram" else {"verb": "say", "text": "help"}
        for _ in range(100):
            if await _ends(self._do(lane, **verb)):
                return
            await asyncio.sleep(60)


async def _ends(press: Press) -> bool:
    """Waits until the platform has said what became of it; whether it was taken."""
    try:
        await asyncio.wait_for(press.done.wait(), 120)
    except TimeoutError:
        return False
    return press.fate == "heard"
