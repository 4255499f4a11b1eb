"""The reader of a calendar's file: bytes of an .ics file in, its events with their meaning out, not yet on any date."""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from bot.calendar_titles import CLOSED, NO_SCHOOL, cycle_day, meaning, term_edge
from bot.roster_problems import quoted
from bot.texts import clean

LARGEST = 5 * 1024 * 1024  # bytes
MOST_DATES = 100_000  # characters of the lines that place one event: ten thousand dates

_DEEPEST = 20  # calendar, event, alarm are three
_LONGEST_TITLE, _MOST_CATEGORIES = 5_000, 20

_EXPORT = "In the school's calendar choose “Export” or “iCal (.ics)”, and import that file."
_NOT_TEXT = {b"%PDF": "a PDF", b"PK\x03\x04": "a zip file or a workbook", b"\xd0\xcf\x11\xe0": "an old Office file"}
_HTML = re.compile(rb"\s*<(?:!doctype html|html|head|body|meta|script|!--)", re.IGNORECASE)
_LINE_END = re.compile(rb"\r{0,2}\n|\r")
_PROPERTY = re.compile(r"\s*(?P<name>[\w-]+)(?:;(?:[^\":]|\"[^\"]*\")*)?:(?P<value>.*)", re.DOTALL)
_DATES = {
    "DTSTART": "start",
    "DTEND": "end",
    "DURATION": "length",
    "RECURRENCE-ID": "moved date",
    "RRULE": "repetition",
    "RDATE": "extra date",
    "EXDATE": "left-out date",
}
_KEPT = frozenset(("UID", "SEQUENCE", "STATUS", "SUMMARY", "CATEGORIES", *_DATES))
_MANY = frozenset(("CATEGORIES", "RDATE", "EXDATE"))


class Unreadable(Exception):
    """The calendar cannot be used; the message says what is wrong with the file, where, and what to do."""


@dataclass(slots=True)
class Event:
    """One event as it stands in the file: the number of its first line, its kept lines, their values by property.

    `meaning`, `mark` (a cycle day) and `edge` (of the school year) are what its title says, "" for nothing; `size`
    counts the characters of its lines, of which those beyond MOST_DATES are not kept.
    """

    line: int
    lines: list[str] = field(default_factory=list)
    values: dict[str, str] = field(default_factory=dict)
    size: int = 0
    title: str = ""
    meaning: str = ""
    mark: str = ""
    edge: str = ""

    def keep(self, name: str, line: str, value: str) -> None:
        """Keep the first line of a property, and every one of a property that may stand more than once."""
        if name in self.values and name not in _MANY:
            return
        before = self.values.get(name, "")
        if len(before) < _LONGEST_TITLE:  # to join 300,000 values one by one would take hours
            self.values[name] = f"{before},{value}" if before else value
        if name in _DATES or (name == "SEQUENCE" and value.isdecimal()):
            self.size += len(line)
            if self.size <= MOST_DATES:
                self.lines.append(line)

    def understand(self) -> None:
        """Read the title; a category means as much, where the title does not speak against it."""
        title = clean(_plain_text(self.values.get("SUMMARY", "")[:_LONGEST_TITLE]), 200)
        categories = re.split(r"(?<!\\),", self.values.get("CATEGORIES", "")[:_LONGEST_TITLE])[:_MOST_CATEGORIES]
        categories = [_plain_text(name) for name in categories if name.strip()]
        self.title = title or clean(", ".join(categories), 200)
        if self.values.get("STATUS", "").upper() == "CANCELLED":
            return
        meanings = (meaning(said) for said in (title, *(f"{title} | {category}" for category in categories)))
        self.meaning = next(filter(None, meanings), "")
        if self.meaning not in (NO_SCHOOL, CLOSED):
            self.mark, self.edge = cycle_day(title), term_edge(title)

    @property
    def counts(self) -> bool:
        return bool(self.meaning or self.mark or self.edge)

    @property
    def repeats(self) -> bool:
        return "RRULE" in self.values or "RDATE" in self.values


@dataclass(slots=True)
class Source:
    """What a file holds: its events, the lines of its time zones, its own zone's name, and what is still open."""

    events: list[Event] = field(default_factory=list)
    zones: list[list[str]] = field(default_factory=list)
    wall: str = ""
    calendars: int = 0
    within: list[str] = field(default_factory=list)

    def take(self, number: int, line: str) -> None:
        """Take the next line; an event that never ends ends where the next begins, and no line outside counts."""
        found = _PROPERTY.match(line)
        if not found:
            return
        name, value = found["name"].upper(), found["value"].strip()
        if name == "BEGIN":
            self._begin(number, value.upper())
        if "VTIMEZONE" in self.within:
            self.zones[-1].append(line)
        elif self.within[-1:] == ["VEVENT"] and name in _KEPT:
            self.events[-1].keep(name, line, value)
        elif self.within == ["VCALENDAR"] and name == "X-WR-TIMEZONE":
            self.wall = value
        if name == "END" and value.upper() in self.within:
            while self.within.pop() != value.upper():
                pass

    def _begin(self, number: int, kind: str) -> None:
        if kind == "VCALENDAR":
            self.within.clear()
            self.calendars += 1
        elif not self.within:
            return
        elif len(self.within) > _DEEPEST:
            raise Unreadable(
                f"In line {number} one part of the calendar stands in another, {_DEEPEST} deep. "
                f"No program writes that: look whether it is the right file. {_EXPORT}"
            )
        elif kind in ("VEVENT", "VTIMEZONE"):
            del self.within[1:]
            if kind == "VEVENT":
                self.events.append(Event(number))
            else:
                self.zones.append([])
        self.within.append(kind)


def source_of(raw: bytes) -> Source:
    """Return what the bytes of a file hold, its titles understood; raises Unreadable."""
    source, number, first = Source(), 0, ""
    for number, line in _lines(_checked(raw)):
        first = first or line
        source.take(number, line)
    if not source.calendars:
        raise Unreadable(
            f"There is no calendar in this file (no BEGIN:VCALENDAR). It begins {quoted(first)}. {_EXPORT}"
        )
    if source.within:
        event = source.events[-1] if "VEVENT" in source.within else None
        where = f", in the middle of the event {_named(event)}" if event else ""
        raise Unreadable(
            f"The file stops in line {number}{where}: its end (END:VCALENDAR) is missing. "
            "Download or export it again, until the end, and import that file."
        )
    if not source.events:
        raise Unreadable(f"The calendar in this file has no events. Look whether it is the right one. {_EXPORT}")
    for event in source.events:
        event.understand()
    return source


def _checked(raw: bytes) -> bytes:
    """Return text in UTF-8 or a one-byte encoding, without byte order mark; raises Unreadable for what is no text."""
    if len(raw) > LARGEST:
        raise Unreadable(
            f"The file has {len(raw) / 2**20:.1f} MB; a calendar may have at most {LARGEST // 2**20}. "
            "Export only this school year, or only the calendar with the days off, and import that file."
        )
    if not raw.strip():
        raise Unreadable(f"The file is empty. {_EXPORT}")
    kind = next((kind for start, kind in _NOT_TEXT.items() if raw.startswith(start)), "")
    if kind:
        raise Unreadable(f"This is {kind}, not a calendar file (.ics). {_EXPORT}")
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raw = raw.decode("utf-16", "replace").encode()
    raw = raw.removeprefix(codecs.BOM_UTF8)
    if _HTML.match(raw):
        raise Unreadable(
            "This is a web page, not a calendar file (.ics). A link often gives a sign-in page, or the calendar to "
            f"look at: take the public address that ends in .ics. {_EXPORT}"
        )
    if b"\0" in raw:
        raise Unreadable(f"This is not a text file, so it is no calendar file (.ics). {_EXPORT}")
    return raw


def _lines(raw: bytes) -> Iterator[tuple[int, str]]:
    """Yield each line, unfolded, with the number of its first piece; a fold may stand inside a letter of two bytes."""
    start, pieces = 0, list[bytes]()
    for number, piece in enumerate(_LINE_END.split(raw), 1):
        if piece[:1] in (b" ", b"\t") and pieces:
            pieces.append(piece[1:])
        elif piece:
            if pieces:
                yield start, _decoded(b"".join(pieces))
            start, pieces = number, [piece]
    if pieces:
        yield start, _decoded(b"".join(pieces))


def _decoded(line: bytes) -> str:
    try:
        return line.decode()
    except UnicodeDecodeError:
        return line.decode("cp1252", "replace")


def _plain_text(value: str) -> str:
    return re.sub(r"\\(.)", lambda match: " " if match[1] in "nN" else match[1], value)


def _named(event: Event) -> str:
    title = event.title or _plain_text(event.values.get("SUMMARY", ""))
    return f"{quoted(title)} (line {event.line})" if title else f"without a title in line {event.line}"


def fault(event: Event, name: str = "") -> str:
    """Say that an event cannot be placed, by which property (its start, if none of a date is named), what to do."""
    if name not in _DATES:
        name = "DTSTART"
    said = f"cannot be placed: its {_DATES[name]} ({name}) is {quoted(event.values.get(name, ''))}"
    return refusal(event, said if name in event.values else f"has no {_DATES[name]} ({name})")


def refusal(event: Event, what: str) -> str:
    """Say what is wrong with an event, by its title and line, and what to do."""
    return (
        f"The event {_named(event)} {what}. Correct or delete it in the school's calendar, export again and import "
        "that file; until then nothing of this file is used."
    )


def too_much(event: Event) -> str:
    """Say at which event the reader gave up, and what to do."""
    return (
        f"The calendar repeats so much that it would take minutes to read; so far it was read to the event "
        f"{_named(event)}. Export only this school year, or only the calendar with the days off, and import that file."
    )
