"""The reader of a school's own calendar: bytes of an .ics file in, days off and half days out (F10, F48)."""

import contextlib
import re
import warnings
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bot.calendar_file import LARGEST, Event, Source, Unreadable, fault, source_of
from bot.calendar_titles import CLOSED, EARLIEST, EARLY, LATEST, NO_SCHOOL, NOON, clock, meaning

__all__ = [
    "CLOSED",
    "EARLY",
    "LARGEST",
    "NOON",
    "NO_SCHOOL",
    "Calendar",
    "Change",
    "Unreadable",
    "changes",
    "clock",
    "meaning",
    "read",
]

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Calendar:
    """Dates without school with the event's title, dates of early dismissal with its local time; `until` inclusive."""

    closed: Mapping[date, str]
    early: Mapping[date, time]
    until: date


@dataclass(frozen=True, slots=True)
class Change:
    """A run of days that is new (`added`) or gone; `dismissal` None is a closure, else a half day without title."""

    added: bool
    first: date
    last: date
    title: str
    dismissal: time | None = None


def read(raw: bytes, zone: ZoneInfo, first: date, last: date) -> Calendar:
    """Read a calendar for the days `first` to `last`, both included; raises Unreadable and nothing else.

    An event counts whether it shows as busy or free (TRANSP), unless its STATUS is CANCELLED. Of two events on one
    date a closure wins over a half day, a told dismissal over the default, the earlier over the later.
    """
    source = source_of(raw)
    closed: dict[date, str] = {}
    told: dict[date, time] = {}
    untold: dict[date, time] = {}
    with _fresh_zones(source.zones):
        for days, event, start, end in _expanded(source, zone, first, last):
            if event.meaning != EARLY:
                closed |= {day: event.title for day in days if day not in closed}
                continue
            dismissal = clock(event.title) or _clock_of(start, end)
            early = untold if dismissal is None else told
            early |= {day: min(dismissal or NOON, early.get(day, time.max)) for day in days}
    early = untold | told
    return Calendar(dict(sorted(closed.items())), {day: early[day] for day in sorted(early) if day not in closed}, last)


def changes(before: Calendar, after: Calendar, since: date = date.min) -> list[Change]:
    """List what `after` adds to and takes from `before`, in order of dates; a new title alone is no change.

    Days before `since` are not compared, nor are days that `after` was not expanded to. A moved dismissal is one
    change that takes the old time and one that adds the new.
    """
    gone = [day for day in _facts(before) - _facts(after) if since <= day[0] <= after.until]
    new = [day for day in _facts(after) - _facts(before) if since <= day[0]]
    found = _runs(gone, before, False) + _runs(new, after, True)
    return sorted(found, key=lambda change: (change.first, change.added, change.last))


_Fact = tuple[date, time | None]


def _facts(calendar: Calendar) -> set[_Fact]:
    return {(day, None) for day in calendar.closed} | set(calendar.early.items())


def _runs(facts: Iterable[_Fact], calendar: Calendar, added: bool) -> list[Change]:
    runs: list[Change] = []
    for day, dismissal in sorted(facts, key=lambda fact: (fact[1] is not None, fact[0])):
        title = "" if dismissal else calendar.closed[day]
        last = runs[-1] if runs else None
        if last and (last.title, last.dismissal, last.last) == (title, dismissal, day - _DAY):
            runs[-1] = Change(added, last.first, day, title, dismissal)
        else:
            runs.append(Change(added, day, day, title, dismissal))
    return runs


# --- from events to days

_WHOLE_DAY, _MOST_OF_SCHOOL = timedelta(hours=20), timedelta(hours=5)
_FREQUENCIES = re.compile(r"(?:^|;)FREQ=(?:DAILY|WEEKLY|MONTHLY|YEARLY)(?:;|$)", re.IGNORECASE)
_NO_INTERVAL = re.compile(r"(?:^|;)INTERVAL=(?!0*[1-9])", re.IGNORECASE)
_Span = tuple[Event, date, date]
_Found = tuple[list[date], Event, date, date]


@contextlib.contextmanager
def _fresh_zones(zones: Iterable[list[str]]) -> Iterator[None]:
    """Let icalendar know the zones of this file only; it would keep those of earlier files for its whole life."""
    import icalendar  # 170 ms, only for who reads a calendar

    icalendar.use_zoneinfo()  # type: ignore[no-untyped-call]  # its types forget the return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a zone whose long name icalendar shortens
        for lines in zones:
            with contextlib.suppress(Exception):  # most zones are known by name; the rest are read as wall clocks
                icalendar.Timezone.from_ical("\r\n".join(lines))
        yield


def _expanded(source: Source, zone: ZoneInfo, first: date, last: date) -> Iterator[_Found]:
    """Yield each occurrence that means something with its dates from `first` to `last` and its local start and end."""
    told = _zone(source.wall)
    for series in _once(_series(source.events)):
        try:
            for event, start, end in _spans(series, told, first, last):
                begin, stop = _local(start, told or zone, zone), _local(end, told or zone, zone)
                days = _days(event.meaning, begin, stop, first, last)
                if event.meaning and days:
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
        if not any(event.meaning for event in group):
            continue
        moved = [event for event in group if "RECURRENCE-ID" in event.values]
        whole = [event for event in group if "RECURRENCE-ID" not in event.values]
        newest = max(map(_sequence, whole), default=0)
        whole = sorted((event for event in whole if _sequence(event) == newest), key=lambda event: not event.repeats)
        yield whole[:1] + moved
        yield from ([event] for event in whole[1:] if event.meaning)


def _once(all_series: Iterable[list[Event]]) -> Iterator[list[Event]]:
    """Leave out events that say the same of the same dates: a district's calendar has them once for each school."""
    seen = set()
    for series in all_series:
        says = tuple((event.meaning, clock(event.title), *event.lines) for event in series)
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
    if rule is not None and (not _FREQUENCIES.search(rule) or _NO_INTERVAL.search(rule)):
        raise Unreadable(fault(event, "RRULE"))  # by the second, or for ever on one day: it would never end
    component: Any = icalendar.Event.from_ical("\r\n".join(("BEGIN:VEVENT", *event.lines, "END:VEVENT")))
    for name, _ in component.errors:
        raise Unreadable(fault(event, name or ""))
    try:
        _ = recurring_ical_events.EventAdapter(component).span
    except Exception as error:
        raise Unreadable(fault(event)) from error
    component["UID"], component["X-NUMBER"] = "", number
    return component


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


def _days(means: str, start: date, end: date, first: date, last: date) -> list[date]:
    """Return the dates from `first` to `last` that an event takes."""
    if isinstance(start, datetime) and isinstance(end, datetime):
        begin, stop = _taken(means, start, end)
    else:
        begin, stop = start, max(end, start + _DAY)
    begin, stop = max(begin, first), min(stop, last + _DAY)
    return [begin + timedelta(days=n) for n in range((stop - begin).days)]


def _taken(means: str, start: datetime, end: datetime) -> tuple[date, date]:
    """Return the first date and the date after the last that a timed event takes: those whose lessons it covers."""
    day, length = start.date(), end - start
    midnight = not length and start.time() == time.min  # a date that was written as a time
    if midnight or (means == EARLY and length < _WHOLE_DAY):
        return day, day + _DAY
    if length < (_MOST_OF_SCHOOL if means == NO_SCHOOL else _WHOLE_DAY):
        return day, day
    return day + _DAY * (start.time() > EARLIEST), end.date() + _DAY * (end.time() > NOON)
