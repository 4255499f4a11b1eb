"""The checker reads screens, the diary, the calendar and the record, never the program; it is asked after each day.

a  every card that was due was shown once, or stands as not asked         check_cards
b  the record is what people pressed, and nights are what the record says  check_record
c  who may see it, alone, in hours and windows, on school days only        check_messages
d  no more rings than agreed, and no nudge for whoever has answered        check_messages
e  silence changes nothing, and no word blames anybody                     check_record, check_messages
f  somebody else is asked where messages do not arrive, and school is told check_cards
g  the database is whole; nothing is logged as an error                    here
"""

import logging
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from tests.simulate import reading
from tests.simulate.diary import Press
from tests.simulate.oracle import Times, times
from tests.simulate.record import Entry, Record
from tests.simulate.screens import Screen, Shown
from tests.simulate.town import Child, Member
from tests.simulate.world import World

KEEPS = timedelta(days=4)  # for so long screens and record are looked at again


@dataclass(frozen=True, slots=True)
class Violation:
    """Something that must never be: on which day, against which rule, what."""

    day: date
    rule: str
    what: str

    def __str__(self) -> str:
        return f"{self.day} ({self.rule}) {self.what}"


@dataclass
class Evidence:
    """All that the rules may look at, and what was found so far."""

    world: World
    record: Record = field(default_factory=Record)
    found: list[Violation] = field(default_factory=list)
    off: dict[date, datetime] = field(default_factory=dict)  # dates that a coordinator has declared closed: since when
    fresh: list[Entry] = field(default_factory=list)
    pressed: list[Press] = field(default_factory=list)  # since the last look
    shown: dict[tuple[str, str, date], list[Shown]] = field(default_factory=dict)  # user, kind, day → messages
    _read: datetime | None = None

    def wrong(self, day: date, rule: str, what: str) -> None:
        self.found.append(Violation(day, rule, what))

    # --- what is known from outside ---

    def times(self, day: date) -> Times:
        return times(self.world.town, day)

    def school_day(self, day: date, at: datetime) -> bool:
        """Whether it was one, as far as anybody knew by then."""
        return self.world.town.planned(day) and not (day in self.off and self.off[day] <= at)

    def screens(self, member: Member) -> list[Screen]:
        return [self.world.platforms[lane].screens[member.user] for lane in member.lanes]

    def of(self, member: Member, kind: str, day: date) -> list[Shown]:
        """The messages of that kind, oldest first."""
        return self.shown.get((member.user, kind, day), [])

    def said(self, child: Child, day: date, heard_before: datetime | None = None) -> list[Entry]:
        """What stands in the record of a child's date, of what had been heard by then."""
        every = self.record.by_child.get((child.id, day), [])
        return [one for one in every if heard_before is None or self._heard(one) < heard_before]

    def _heard(self, one: Entry) -> datetime:
        press = self.by_source.get(one.source)
        return press.stored if press is not None and press.tries else one.said_at

    def away(self, child: Child, day: date, at: datetime) -> bool:
        return any(one.kind == "away" for one in self.said(child, day, at))

    def blocked(self, member: Member, since: datetime, until: datetime) -> bool:
        """Whether some screen of this person could not be reached at some time in between."""
        return any(s.blocks and any(a < until and b > since for a, b in s.blocks) for s in self.screens(member))

    def disturbed(self, since: datetime, until: datetime) -> bool:
        """Whether the program, its database or a platform was away for more than a minute in between."""
        return any(a < until and b > since and b - a > timedelta(minutes=1) for a, b, _ in self.world.deaths)

    # --- looking ---

    def look(self) -> None:
        """Reads what is new: presses, the record, and messages sorted by reader, kind and day."""
        world = self.world
        now = world.clock.now()
        self.fresh = self.record.read(world.engine)
        self.by_source = {press.source: press for press in world.diary}
        self.pressed = [p for p in world.diary if p.fate != "waits" and (self._read is None or self._ended(p))]
        self._read = now
        self.shown = {}
        for platform in world.platforms.values():
            for screen in platform.screens.values():
                reader = world.town.by_user[screen.user]
                for one in screen.messages:
                    key = (screen.user, reading.kind(one, reader, world.town), reading.about(one, reader, world.town))
                    self.shown.setdefault(key, []).append(one)
        for messages in self.shown.values():
            messages.sort(key=lambda one: one.at)
        self._declared()

    by_source: dict[str, Press] = field(default_factory=dict)
    _told: set[str] = field(default_factory=set)

    def _ended(self, press: Press) -> bool:
        """New to us: each press is looked at once, when its end is known."""
        return press.source not in self._told

    def _declared(self) -> None:
        for press in self.pressed:
            self._told.add(press.source)
        for one in self.fresh:
            if one.kind == "calendar" and one.value == "closed" and one.day is not None:
                self.off.setdefault(one.day, self._heard(one))

    def forget(self) -> None:
        before = self.world.clock.now() - KEEPS
        for platform in self.world.platforms.values():
            platform.forget(before)
        self.record.forget(self.world.town.local(before).date())
        old = {p.source for p in self.world.diary if p.at < before and p.fate != "waits"}
        self.world.diary[:] = [p for p in self.world.diary if p.source not in old]
        self._told -= old


class Errors(logging.Handler):
    """Collects what the program logs as an error."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        told = record.exc_info[1] if record.exc_info else ""
        self.lines.append(f"{record.name}: {record.getMessage()} {told!r}")


def morning_after(world: World, day: date) -> datetime:
    """When a day is looked at: nobody is awake, and whatever was away is back."""
    return world.town.instant(day + timedelta(days=1), time(5))
