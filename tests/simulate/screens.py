"""The fake platforms are screens: what each person sees and has seen, what rang, and what goes wrong on the way."""

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.model import Address, Message
from bot.ports import Gone, Later, Rejected, Sent, Unclear, Unreachable
from tests.simulate.faults import Faults
from tests.simulate.trace import Trace, digest, text_of

LONGEST_ANSWER = 40.0  # seconds after which a platform that hangs answers, which is later than anybody waits
LATENCIES = ((0.85, 0.1), (0.97, 0.4), (1.1, 2.5))  # up to which chance, seconds
OUTAGE_TELLS = 5.0  # seconds a platform that is away asks to wait


@dataclass(frozen=True, slots=True)
class Look:
    """A message as it stood from a moment on."""

    at: datetime
    lines: tuple[str, ...]
    buttons: tuple[tuple[str, str], ...]  # label, data

    def data(self, label: str) -> str:
        return next((data for known, data in self.buttons if known == label), "")


@dataclass(eq=False, slots=True)
class Shown:
    """One message on one person's screen. `began`: when we were asked to show it; `loud`: we wanted it to ring;
    `looks`: the first and all edits."""

    ref: str
    user: str
    lane: str
    key: str
    began: datetime
    loud: bool
    rang: bool
    preview: str
    looks: list[Look]
    deleted: bool = False

    @property
    def now(self) -> Look:
        return self.looks[-1]

    @property
    def at(self) -> datetime:
        return self.looks[0].at

    def as_of(self, moment: datetime) -> Look:
        return next((look for look in reversed(self.looks) if look.at <= moment), self.looks[0])


@dataclass(frozen=True, slots=True)
class Luck:
    """How one call will go: drawn when it is made, whatever happens elsewhere meanwhile."""

    there: float  # seconds until it is done
    back: float  # seconds until that is known
    fate: str = ""  # later, lost, answer lost, hang, gone
    wait: float = 0.0
    whole_lane: bool = False
    arrives: bool = True  # whether a call that nobody waits for any more is done nevertheless


@dataclass(eq=False, slots=True)
class Screen:
    """What one person sees on one platform. `copies`: per card, how many second copies a fault of ours explains."""

    user: str
    luck: random.Random
    notice: Callable[[Shown], None]
    messages: list[Shown] = field(default_factory=list)
    blocked: bool = False
    copies: dict[str, int] = field(default_factory=dict)
    unclear: list[datetime] = field(default_factory=list)  # when a send ended without an answer
    blocks: list[tuple[datetime, datetime]] = field(default_factory=list)  # from, until
    missed: list[datetime] = field(default_factory=list)  # when something could not be shown, as the bot was blocked
    calls: int = 0

    def find(self, ref: str) -> Shown | None:
        return next((one for one in reversed(self.messages) if one.ref == ref), None)

    def draw(self, faults: Faults, edit: bool) -> Luck:
        """Always as many numbers from the stream, so that one fault does not shift what follows."""
        self.calls += 1
        chance, there, back, which, coin, wait = (self.luck.random() for _ in range(6))
        fate, edge = "", 0.0
        for name, share in (("later", faults.later), ("unclear", faults.unclear), ("hang", faults.hang)):
            if not fate and chance < (edge := edge + share):
                fate = name
        if not fate and edit and chance < edge + faults.gone:
            fate = "gone"
        if fate == "unclear":
            fate = "lost" if coin < 0.5 else "answer lost"
        back = LONGEST_ANSWER if fate == "hang" else _latency(back)
        return Luck(_latency(there), back, fate, 1 + wait * 20, which < 0.1, coin < 0.5)


def _latency(chance: float) -> float:
    """Seconds: mostly short, now and then long. In steps, so that calls made together mostly end together, which
    saves the program a look for each (a third of a simulation's time)."""
    return next(seconds for share, seconds in LATENCIES if chance < share)


class Platform:
    """One bot on Slack or Telegram: holds everybody's screen, strict about what it is given."""

    def __init__(self, name: str, faults: Faults, now: Callable[[], datetime], trace: Trace) -> None:
        self.name = name
        self.faults = faults
        self.now = now
        self.trace = trace
        self.screens: dict[str, Screen] = {}
        self.away = False
        self.wrong: list[str] = []  # what a real platform would have refused
        self._refs = 0

    def join(self, seed: str, user: str, notice: Callable[[Shown], None]) -> Screen:
        self.screens[user] = Screen(user, random.Random(f"{seed}:{self.name}:{user}"), notice)
        return self.screens[user]

    def told(self, verb: str, user: str, what: str) -> None:
        self.trace.add(asyncio.get_running_loop().time(), self.name, verb, user, what)

    async def send(self, address: Address, message: Message, key: str, again: datetime | None) -> Sent:
        screen, began = self._screen(address, message), self.now()
        luck = screen.draw(self.faults, edit=False)
        shown: Shown | None = None
        try:
            await self._on_its_way(screen, luck)
            if self.name == "slack" and again is not None and (first := self._first_copy(screen, key)):
                return Sent(first.ref)
            shown = self._put(screen, message, key, began)
            await self._answer(luck)
            return Sent(shown.ref, shown.rang)
        except Unclear:
            self._unclear(screen, key)
            raise
        except asyncio.CancelledError:
            if shown is None and luck.arrives and not luck.fate and not screen.blocked:
                self._put(screen, message, key, began)
            self._unclear(screen, key)
            raise

    async def edit(self, address: Address, ref: str, message: Message) -> None:
        screen = self._screen(address, message)
        luck = screen.draw(self.faults, edit=True)
        shown = screen.find(ref)
        done = False
        try:
            await self._on_its_way(screen, luck)
            if shown is None or shown.deleted or luck.fate == "gone":
                self._delete(screen, shown)
                raise Gone(f"no message {ref}")
            self._redraw(shown, message)
            done = True
            await self._answer(luck)
        except asyncio.CancelledError:
            if shown and not done and luck.arrives and not luck.fate and not shown.deleted:
                self._redraw(shown, message)
            raise

    # --- on the way there and back ---

    async def _on_its_way(self, screen: Screen, luck: Luck) -> None:
        await asyncio.sleep(luck.there)
        if self.away:
            raise Later(OUTAGE_TELLS, "service unavailable") if luck.arrives else Unclear("no answer")
        if screen.blocked:
            screen.missed.append(self.now())
            raise Unreachable("blocked by the user")
        if luck.fate == "later":
            raise Later(luck.wait, "too many requests", luck.whole_lane)
        if luck.fate == "lost":
            raise Unclear("no answer")

    async def _answer(self, luck: Luck) -> None:
        await asyncio.sleep(luck.back)
        if luck.fate == "answer lost":
            raise Unclear("the connection was lost")

    def _unclear(self, screen: Screen, key: str) -> None:
        screen.unclear.append(self.now())
        screen.copies[key] = screen.copies.get(key, 0) + 1

    # --- the screens ---

    def _put(self, screen: Screen, message: Message, key: str, began: datetime) -> Shown:
        self._refs += 1
        shown = Shown(
            f"{self.name[0]}{self._refs}", screen.user, self.name, key, began, not message.silent,
            not message.silent or self._always_rings, message.preview, [self._look(message)],
        )  # fmt: skip
        screen.messages.append(shown)
        self.told("send", screen.user, digest(message))
        screen.notice(shown)
        return shown

    @property
    def _always_rings(self) -> bool:
        return self.name == "slack"

    def _redraw(self, shown: Shown, message: Message) -> None:
        shown.looks.append(self._look(message))
        self.told("edit", shown.user, digest(message))

    def _look(self, message: Message) -> Look:
        return Look(self.now(), text_of(message), tuple((b.label, b.value) for row in message.rows for b in row))

    def _delete(self, screen: Screen, shown: Shown | None) -> None:
        if shown is not None and not shown.deleted:
            shown.deleted = True
            screen.copies[shown.key] = screen.copies.get(shown.key, 0) + 1

    def _first_copy(self, screen: Screen, key: str) -> Shown | None:
        return next((one for one in screen.messages if one.key == key and not one.deleted), None)

    def _screen(self, address: Address, message: Message) -> Screen:
        """The one-to-one chat that is meant; whatever a real platform would refuse is noted and refused."""
        screen = self.screens.get(address.user)
        buttons = [button for row in message.rows for button in row]
        wrong = [
            *(["a chat with nobody or with several people"] if screen is None or address.chat != address.user else []),
            *(f"button data {b.value!r}" for b in buttons if len(b.value.encode()) > 64 or not b.value.isascii()),
            *(f"button label {b.label!r}" for b in buttons if not 0 < len(b.label) <= 30),
            *(["two buttons with one value"] if len({b.value for b in buttons}) < len(buttons) else []),
            *(["nothing to read"] if not any(text_of(message)) or not message.preview else []),
            *(["too long"] if sum(map(len, text_of(message))) > 3_000 else []),
        ]
        if wrong or screen is None:
            self.wrong += [f"{self.name} refused a message to {address.user}: {what}" for what in wrong]
            raise Rejected("; ".join(wrong))
        return screen

    def forget(self, before: datetime) -> None:
        """Screens are cleared of what is old, as nobody looks at it any more."""
        for screen in self.screens.values():
            screen.messages = [one for one in screen.messages if one.at >= before]
            screen.missed = [at for at in screen.missed if at >= before - timedelta(days=1)]
