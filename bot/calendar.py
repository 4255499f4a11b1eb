"""The reader of a school's own calendar: bytes of an .ics file in, days off, half days, letters out (F10, F48)."""

import contextlib
import re
import time as stopwatch
import warnings
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from bot.calendar_file import LARGEST, MOST_DATES, Event, Source, Unreadable, fault, refusal, source_of, too_much
from bot.calendar_terms import Term, summers, terms
from bot.calendar_titles import (
    CLOSED,
    EARLIEST,
    EARLY,
    FIRST_DAY,
    LATEST,
    NO_SCHOOL,
    NOON,
    clock,
    cycle_day,
    meaning,
    term_edge,
)

__all__ = [
    "CLOSED",
    "EARLY",
    "LARGEST",
    "NOON",
    "NO_SCHOOL",
    "OUTSIDE_TERM",
    "Calendar",
    "Unreadable",
    "clock",
    "cycle_day",
    "meaning",
    "read",
    "term_edge",
]

OUTSIDE_TERM = "outside term"  # the title of a closed day before the first or after the last day of school
PATIENCE = 2.0  # seconds of computing that a calendar's repetitions may take; a large school's take a fifth

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Calendar:
    """What a calendar says of the dates up to `until`, inclusive; a closed date is in neither `early` nor `letters`.

    `closed`: dates without school with the event's title, or OUTSIDE_TERM. `early`: half days with the local time of
    dismissal. `letters`: dates with their day of the cycle, "A" to "H" or "1" to "10". `terms`: first and last day of
    each school year as far as told.
    """

    closed: Mapping[date, str]
    early: Mapping[date, time]
    until: date
    letters: Mapping[date, str] = field(default_factory=dict)
    terms: tuple[Term, ...] = ()


def read(raw: bytes, zone: ZoneInfo, first: date, last: date) -> Calendar:
    """Read a calendar for the days `first` to `last`, both included; raises Unreadable and nothing else.

    An event counts whether it shows as busy or free (TRANSP), unless its STATUS is CANCELLED. Of two events on one
    date a closure wins over a half day, a told dismissal over the default, the earlier over the later; two different
    letters are none.
    """
    source, seen = source_of(raw), _Seen()
    with _fresh_zones(source.zones):
        for days, event, start, end in _expanded(source, zone, first, last):
            seen.take(days, event, clock(event.title) or _clock_of(start, end))
    closed = seen.closed | {
        day: OUTSIDE_TERM
        for begin, end in summers(seen.firsts, seen.lasts)
        for day in _dates(max(begin, first), min(end, last))
        if day not in seen.closed
    }
    early = seen.untold | seen.told
    return Calendar(
        closed=dict(sorted(closed.items())),
        early={day: early[day] for day in sorted(early) if day not in closed},
        until=last,
        letters={day: mark for day, mark in sorted(_letters(seen.marks).items()) if day not in closed},
        terms=terms(seen.firsts, seen.lasts),
    )


@dataclass(slots=True)
class _Seen:
    """What the events said so far, by date."""

    closed: dict[date, str] = field(default_factory=dict)
    told: dict[date, time] = field(default_factory=dict)
    untold: dict[date, time] = field(default_factory=dict)
    marks: dict[date, set[str]] = field(default_factory=dict)
    firsts: set[date] = field(default_factory=set)
    lasts: set[date] = field(default_factory=set)

    def take(self, days: list[date], event: Event, dismissal: time | None) -> None:
        if event.meaning in (NO_SCHOOL, CLOSED):
            self.closed |= {day: event.title for day in days if day not in self.closed}
        if event.meaning == EARLY:
            early = self.untold if dismissal is None else self.told
            early |= {day: min(dismissal or NOON, early.get(day, time.max)) for day in days}
        if event.mark:
            for day in days:
                self.marks.setdefault(day, set()).add(event.mark)
        if event.edge:
            (self.firsts if event.edge == FIRST_DAY else self.lasts).update(days)


def _letters(marks: Mapping[date, set[str]]) -> dict[date, str]:
    """Return the letter of each date that has one; a lone kind of mark ("D-Day") or a count of days is no cycle."""
    known = set().union(*marks.values())
    if any(mark.isdecimal() and int(mark) > 10 for mark in known):
        known = {mark for mark in known if not mark.isdecimal()}
    meant = {day: on & known for day, on in marks.items() if len(known) > 1}
    return {day: next(iter(on)) for day, on in meant.items() if len(on) == 1}


# --- from events to days

_WHOLE_DAY, _MOST_OF_SCHOOL = timedelta(hours=20), timedelta(hours=5)
_FREQUENCIES = re.compile(r"(?:^|;)FREQ=(?:DAILY|WEEKLY|MONTHLY|YEARLY)(?:;|$)", re.IGNORECASE)
_ENDLESS = re.compile(r"(?:^|;)(?:INTERVAL=(?!0*[1-9])|BY(?:HOUR|MINUTE|SECOND)=\d+,)", re.IGNORECASE)
_MOST_MOVED, _MOST_ZONES, _LONGEST_ZONE = 1_000, 100, 1_000  # a series' moved dates; zones of a file, lines of one
_OLDEST, _LONGEST_REPEATED = date(1900, 1, 1), timedelta(days=366)
_Span = tuple[Event, date, date]
_Found = tuple[list[date], Event, date, date]


@contextlib.contextmanager
def _fresh_zones(zones: Iterable[list[str]]) -> Iterator[None]:
    """Let icalendar know the zones of this file only; it would keep those of earlier files for its whole life."""
    import icalendar  # 170 ms, only for who reads a calendar

    icalendar.use_zoneinfo()  # type: ignore[no-untyped-call]  # its types forget the return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a zone whose long name icalendar shortens
        for lines in islice((lines for lines in zones if len(lines) <= _LONGEST_ZONE), _MOST_ZONES):
            with contextlib.suppress(Exception):  # most zones are known by name; the rest are read as wall clocks
                icalendar.Timezone.from_ical("\r\n".join(lines))
        yield


def _expanded(source: Source, zone: ZoneInfo, first: date, last: date) -> Iterator[_Found]:
    """Yield each occurrence that means something with its dates from `first` to `last` and its local start and end."""
    told, began = _zone(source.wall), stopwatch.thread_time()
    for series in _once(_series(source.events)):
        if stopwatch.thread_time() - began > PATIENCE:
            raise Unreadable(too_much(series[0]))
        try:
            for event, start, end in _spans(series, told, first, last):
                begin, stop = _local(start, told or zone, zone), _local(end, told or zone, zone)
                days = _days(event, begin, stop, first, last)
                if event.counts and days:
                    yield days, event, begin, stop
        except Unreadable:
            raise
        except Exception as error:  # the libraries raise whatever a line leads to
            raise Unreadable(fault(series[0])) from error


def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name) if name else None
    except (KeyError, ValueError, OSError):
        return None


def _series(events: Iterable[Event]) -> Iterator[list[Event]]:
    """Yield what belongs together, if it matters: an event with its moved dates.

    Events that share a UID are one only if a SEQUENCE tells which is the newest: some programs give all the same.
    """
    same: dict[str, list[Event]] = {}
    for event in events:
        same.setdefault(event.values.get("UID") or f"line {event.line}", []).append(event)
    for group in same.values():
        if not any(event.counts for event in group):
            continue
        moved = [event for event in group if "RECURRENCE-ID" in event.values]
        whole = [event for event in group if "RECURRENCE-ID" not in event.values]
        newest = max(map(_sequence, whole), default=0)
        whole = sorted((event for event in whole if _sequence(event) == newest), key=lambda event: not event.repeats)
        yield whole[:1] + moved
        yield from ([event] for event in whole[1:] if event.counts)


def _once(all_series: Iterable[list[Event]]) -> Iterator[list[Event]]:
    """Leave out events that say the same of the same dates: a district's calendar has them once for each school."""
    seen = set()
    for series in all_series:
        says = tuple((event.meaning, event.mark, event.edge, clock(event.title), *event.lines) for event in series)
        if says not in seen:
            seen.add(says)
            yield series


def _sequence(event: Event) -> int:
    value = event.values.get("SEQUENCE", "")
    return int(value) if value.isdecimal() and len(value) < 10 else 0


def _spans(series: list[Event], told: ZoneInfo | None, first: date, last: date) -> list[_Span]:
    """Return each occurrence with its event, start and end, a day or two beyond `first` and `last` for other zones."""
    import icalendar
    import recurring_ical_events  # type: ignore[import-untyped]  # it ships no types

    if len(series) > _MOST_MOVED:
        raise Unreadable(refusal(series[0], f"has more than {_MOST_MOVED:,} moved dates"))
    components = [_component(number, event) for number, event in enumerate(series)]
    if len(series) == 1 and not series[0].repeats:
        return [(series[0], *recurring_ical_events.EventAdapter(components[0]).span)]
    calendar = icalendar.Calendar()
    if told:
        calendar["X-WR-TIMEZONE"] = told.key
    for component in components:
        calendar.add_component(component)
    found = recurring_ical_events.of(calendar).between(first - timedelta(days=2), last + timedelta(days=3))
    return [(series[one["X-NUMBER"]], one["DTSTART"].dt, one["DTEND"].dt) for one in found]


def _component(number: int, event: Event) -> Any:
    """Return the library's event, with nothing but what dates need; raises Unreadable where a date is none."""
    import icalendar
    import recurring_ical_events

    rule = event.values.get("RRULE")
    if rule is not None and (not _FREQUENCIES.search(rule) or _ENDLESS.search(rule)):
        raise Unreadable(fault(event, "RRULE"))  # by the second, or for ever on one day: it would never end
    if event.size > MOST_DATES:
        raise Unreadable(refusal(event, "has more dates of its own than a school year has days"))
    component: Any = icalendar.Event.from_ical("\r\n".join(("BEGIN:VEVENT", *event.lines, "END:VEVENT")))
    for name, _ in component.errors:
        raise Unreadable(fault(event, name or ""))
    try:
        start, end = recurring_ical_events.EventAdapter(component).span
    except Exception as error:
        raise Unreadable(fault(event)) from error
    if event.repeats and _as_date(start) < _OLDEST:
        raise Unreadable(fault(event))
    if event.repeats and _as_date(end) - _as_date(start) > _LONGEST_REPEATED:
        raise Unreadable(fault(event, "DURATION" if "DURATION" in event.values else "DTEND"))
    component["UID"], component["X-NUMBER"] = "", number
    return component


def _as_date(moment: date) -> date:
    return moment.date() if isinstance(moment, datetime) else moment


def _local(moment: date, wall: ZoneInfo, zone: ZoneInfo) -> date:
    """Turn a time into the school's wall clock (without a zone); a date stays a date, in whatever zone."""
    if not isinstance(moment, datetime):
        return moment
    aware = moment if moment.tzinfo else moment.replace(tzinfo=wall)
    return aware.astimezone(zone).replace(tzinfo=None)


def _clock_of(start: date, end: date) -> time | None:
    """Find the dismissal that a timed half day tells: its start, or its end if it starts with school."""
    if not isinstance(start, datetime) or not isinstance(end, datetime) or end - start >= _WHOLE_DAY:
        return None
    return next((wall for wall in (start.time(), end.time()) if EARLIEST <= wall <= LATEST), None)


def _dates(first: date, last: date) -> list[date]:
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def _days(event: Event, start: date, end: date, first: date, last: date) -> list[date]:
    """Return the dates from `first` to `last` that an event takes."""
    if isinstance(start, datetime) and isinstance(end, datetime):
        begin, stop = _taken(event, start, end)
    else:
        begin, stop = start, max(end, start + _DAY)
    return _dates(max(begin, first), min(stop - _DAY, last))


def _taken(event: Event, start: datetime, end: datetime) -> tuple[date, date]:
    """Return the first date and the date after the last that a timed event takes: those whose lessons it covers."""
    day, length = start.date(), end - start
    midnight = not length and start.time() == time.min  # a date that was written as a time
    if midnight or ((event.meaning == EARLY or event.edge) and length < _WHOLE_DAY):
        return day, day + _DAY
    if length < (_WHOLE_DAY if event.meaning == CLOSED else _MOST_OF_SCHOOL):
        return day, day
    return day + _DAY * (start.time() > EARLIEST), end.date() + _DAY * (end.time() > NOON)
