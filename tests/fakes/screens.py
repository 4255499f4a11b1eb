"""What every fake platform has in common: people's screens, and waiting for what a person would see."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

PATIENCE = 10.0  # seconds of real time a test waits for something to be seen


@dataclass(frozen=True, slots=True)
class Button:
    """One button on a screen: what a person reads and what the program hears back."""

    label: str
    data: str


@dataclass(slots=True)
class Shown:
    """One message as it stands on one person's screen now; `history` holds the texts it had before."""

    ref: str  # the platform's own message id
    text: str  # lines joined with "\n", as a person reads them
    preview: str  # what a lock screen shows
    buttons: list[list[Button]]
    rang: bool
    sent_at: float  # time.monotonic()
    edits: int = 0
    history: list[str] = field(default_factory=list)
    raw: dict[str, object] = field(default_factory=dict)

    def labels(self) -> list[str]:
        return [b.label for row in self.buttons for b in row]

    def button(self, label: str) -> Button:
        for row in self.buttons:
            for b in row:
                if b.label == label:
                    return b
        raise AssertionError(f"no button {label!r} on this message; it has {self.labels()}:\n{self.text}")


@dataclass(slots=True)
class Fault:
    """What a fake does to the next calls of one method instead of answering well."""

    method: str  # "*" for every method
    times: int = 1
    status: int = 200
    body: str | None = None  # raw body; None = the platform's own error for this status
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0.0  # seconds before anything happens
    drop: bool = False  # close the connection without an answer
    after: bool = False  # do what was asked first, then fail: the call was delivered, the caller cannot know
    to: str = ""  # only calls about this person; "" for everybody
    chance: float = 1.0  # the share of these calls that go wrong, by the fake's own `luck`


@dataclass(frozen=True, slots=True)
class Call:
    """One call the program made."""

    method: str
    args: dict[str, object]
    at: float  # time.monotonic()


class Screens:
    """The part of a fake that people look at. Subclasses fill `people` and call `changed()` after every change."""

    def __init__(self) -> None:
        self.people: dict[str, list[Shown]] = {}
        self.calls: list[Call] = []
        self.complaints: list[str] = []  # all that the platform would dislike; a test ends with this empty
        self.faults: list[Fault] = []
        self.luck = Random(1)
        self._change = asyncio.Event()

    def changed(self) -> None:
        self._change.set()
        self._change = asyncio.Event()

    def screen(self, user: str) -> list[Shown]:
        """All messages on that person's screen, oldest first."""
        return self.people.setdefault(user, [])

    def fail(self, method: str, **how: object) -> Fault:
        """The next `times` calls of `method` go wrong as told; returns the fault so that a test can end it."""
        fault = Fault(method, **how)  # type: ignore[arg-type]
        self.faults.append(fault)
        return fault

    def take_fault(self, method: str, person: str = "") -> Fault | None:
        """The fault to apply to this call about a person, if any; counts it down."""
        for fault in self.faults:
            fits = fault.times > 0 and fault.method in ("*", method) and fault.to in ("", person)
            if fits and (fault.chance >= 1.0 or self.luck.random() < fault.chance):
                fault.times -= 1
                return fault
        return None

    async def until(self, true: Callable[[], bool], what: str, patience: float = PATIENCE) -> None:
        """Waits, without polling, until something holds; fails with what every screen shows."""
        end = time.monotonic() + patience
        while not true():
            waiting = self._change
            try:
                await asyncio.wait_for(waiting.wait(), max(0.001, end - time.monotonic()))
            except TimeoutError:
                if true():
                    return
                raise AssertionError(f"{what} was not seen in {patience} s.\n{self.describe()}") from None

    async def sees(self, user: str, text: str, button: str | None = None, patience: float = PATIENCE) -> Shown:
        """Waits until the newest message holding `text` (and `button`, if given) is on that person's screen."""

        def fits(shown: Shown) -> bool:
            return text in shown.text and (button is None or button in shown.labels())

        await self.until(lambda: any(map(fits, self.screen(user))), f"{user}: {text!r} {button or ''}", patience)
        return next(shown for shown in reversed(self.screen(user)) if fits(shown))

    def rings(self, user: str) -> int:
        """How many messages made a sound for that person so far."""
        return sum(shown.rang for shown in self.screen(user))

    def describe(self) -> str:
        lines: list[str] = []
        for user, messages in self.people.items():
            lines.append(f"--- {user}")
            for shown in messages:
                lines.append(f"[{shown.ref}] {'🔔' if shown.rang else '🔕'}\n{shown.text}")
                lines += ["   " + "  ".join(f"[{b.label}]" for b in row) for row in shown.buttons]
        return "\n".join(lines + [f"complaint: {c}" for c in self.complaints])
