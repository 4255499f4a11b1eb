"""What people did, as they would tell it themselves: what they pressed or wrote, when, and what they meant by it."""

import asyncio
from dataclasses import dataclass, field
from datetime import date, datetime

from tests.simulate.screens import Shown
from tests.simulate.town import Member


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a press states, in the words of the record. `kind` is "" for a press that only opens or closes a menu.

    student and course 0: all that this card asks about. `anew`: said after `Change`, so that it replaces the rest.
    """

    kind: str = ""
    value: str = ""
    student: int = 0
    course: int = 0
    day: date | None = None
    anew: bool = False


@dataclass(eq=False, slots=True)
class Press:
    """What somebody did once. `verb`: tap, say, left or back.

    `fate`: waits, heard (the platform knows that we have it), failed (the person was told so) or lost on the way.
    """

    who: Member
    verb: str
    lane: str
    source: str
    at: datetime
    meaning: Meaning = Meaning()
    shown: Shown | None = None
    label: str = ""
    data: str = ""
    text: str = ""
    fate: str = "waits"
    tries: list[datetime] = field(default_factory=list)  # when it was handed to us
    resumed: bool = False
    heard_at: datetime | None = None
    toast: str = ""
    done: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def stored(self) -> datetime:
        """When it was stored at the latest, for one that was told to the program."""
        return self.heard_at or self.tries[0]

    def ends(self, fate: str, at: datetime | None = None, toast: str = "") -> None:
        self.fate, self.heard_at, self.toast = fate, at, toast
        self.done.set()
