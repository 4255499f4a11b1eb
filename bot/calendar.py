"""The reader of a school's own calendar: bytes of an .ics file in, days off and half days out (F10, F48)."""

import codecs
import contextlib
import re
import warnings
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bot.roster_problems import plain, quoted
from bot.texts import clean

LARGEST = 5 * 1024 * 1024  # bytes
NOON = time(12)  # also the dismissal of a half day that tells no time
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


class Unreadable(Exception):
    """The calendar cannot be used; the message says what is wrong with the file, where, and what to do."""


def read(raw: bytes, zone: ZoneInfo, first: date, last: date) -> Calendar:
    """Read a calendar for the days `first` to `last`, both included; raises Unreadable and nothing else.

    An event counts whether it shows as busy or free (TRANSP), unless its STATUS is CANCELLED. Of two events on one
    date a closure wins over a half day, a told dismissal over the default, the earlier over the later.
    """
    source = _source(_checked(raw))
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


# --- what a title means

NO_SCHOOL, CLOSED, EARLY = "no school", "closed", "early"

_ONE_GRADE = (
    r"(?![ :,(-]*(?:for )?(?:(?:pre-?k|pre-?school|kinder\w*|freshm[ae]n|sophomores|juniors|seniors)\b"
    r"(?! ?(?:[-–] ?\d|to\b|through|thru|and\b|&))|(?:grades?|elementary|middle|high)\b[\w ,&-]* only))"
)
_NO_SCHOOL = re.compile(
    rf"\bno (?:school|class(?:es)?|students?)\b{_ONE_GRADE}"
    r"(?! (?:lunch|bus|buses|supplies|uniforms?|meals?|breakfast|photos|pictures|visits?|library|store))"
    r"(?! ?(?:this |in the |on )?(?:pm\b|p\.m|afternoon))"
    r"|\bnon[- ](?:student|attendance|school) days?|\bstudents?'? (?:off|holiday)|\b(?:pupil|student)[- ]free"
    r"|\bstudents? (?:do not|don't) (?:attend|report)|\bschools? not in session"
    r"|\b(?:schools?|district|campus)(?: (?:and|&) (?:\w+ )?offices?)?(?: (?:is|are|will be))? (?:closed|cancel+ed)\b"
    r"|\bclosed (?:for|to) (?:all )?students|\bclass(?:es)? (?:are )?cancel+ed"
    r"|\b(?:no hay|no habra|sin) (?:clases?|escuela)\b|\bno lectivos?\b|\bsuspension de clases|\bclases suspendidas"
    r"|\b(?:escuelas?|colegios?|plantel|centro) cerrad[oa]s?"
)
_EARLY = re.compile(
    r"\bhalf[- ]?days?\b|\b1[/⁄]2[- ]day|\bearly[- ](?:dismiss\w*|releas\w*|out\b|clos\w+|departure)"
    r"|\b(?:dismiss\w*|releas\w*|clos\w+|out) early\b|\bmin(?:imum|\.)?[- ]days?\b"
    r"|\b(?:short(?:ened)?|abbreviated)[- ](?:school )?days?\b"
    r"|\bsalida (?:mas )?(?:tempran|anticipad)|\bsalen (?:mas )?temprano|(?<!\bal )(?<!\ba )\bmedios? dias?\b"
    r"|\bmedia jornada|\bjornada (?:reducida|corta)|\bhorario (?:reducido|corto)|\bdias? (?:minimo|corto)s?"
)
_ENDS_AT = re.compile(r"\bdismiss\w*|\bschool (?:closes|ends|lets out|is out|out)\b|\bsalida:? (?:a las? )?\d")
_NOT_EARLY = re.compile(
    r"\b(?:no|not) (?:early|half|min|an? )|\bcancel|\b(?:regular|normal|usual) dismissal"
    r"|\bfield trip|\bcamps?\b|\bworkshop|\bregistration"
    r"|\bhalf[- ]days? (?:pre-?k|pre-?school|kinder)|\b(?:pre-?k|pre-?school|kindergarten)[:-]? half"
    r"|\borientation|\bexcursion|\bsin salida"
)
_OFF = re.compile(
    r"\bclos(?:ed|ures?)\b|\bsnow days?\b|\bstaff (?:only )?days?\b|\bwork ?days?\b|\bp\.?d\.? days?\b|\bin-?service\b"
    r"|\b(?:professional|staff|faculty) (?:development|learning|growth)|\binstitute days?\b"
    r"|\b(?:teachers?'?s?|staff|faculty) (?:work|plan\w*|prep\w*|institute|record\w*|convention)[- ]?days?\b"
    r"|\bteachers?'?s? institute|\bsuperintendent'?s'? conference day"
    r"|\bfestivos?\b|\bferiados?\b|\basueto\b|\bcerrad[oa]s?\b|\bcierre\b|\bclaustro\b|\bjornadas? pedagogicas?"
    r"|\bdesarrollo profesional|\bconsejo tecnico|\bcapacitacion (?:de|para) (?:maestr|docent)"
)
_SEASON = re.compile(r"\bholidays?\b|\bbreaks?\b|\bvacations?\b|\brecess\b|\bvacaciones\b|\breceso\b|\bpuente\b")
_DAY_NAMES = re.compile(  # days off nearly everywhere; a calendar often has nothing but their name
    r"(?:labor|memorial|independence|new year'?s|thanksgiving|christmas) day|thanksgiving|christmas(?: eve)?|juneteenth"
    r"|new year'?s(?: eve)?|(?:dr\.? )?(?:martin luther king|mlk)(?:,? jr\.?)?'?s?(?: day| birthday)?|good friday"
    r"|easter monday|navidad|nochebuena|ano nuevo|dia de accion de gracias|viernes santo|jueves santo|semana santa"
)
_NOT_OFF = re.compile(r"\bmeetings?\b|\bsessions?\b|\bafter[- ]school\b|\bmake-? ?up\b|\bcancel|\breunion|\breposicion")
_SEASONAL = re.compile(  # a holiday concert closes nothing
    r"\b(?:concerts?|part(?:y|ies)|programs?|fairs?|festivals?|camps?|sing\w*|shows?|plays?|performances?|parades?|pageants?"
    r"|markets?|bazaars?|shop\w*|dances?|dinners?|lunch\w*|breakfasts?|feasts?|potlucks?|assembl(?:y|ies)|games?|practices?"
    r"|tournaments?|meets?|tests?|exams?|quiz\w*|homework|packets?|reading|due|deadlines?|registration|applications?|drives?"
    r"|spirit|dress|pajamas?|sweaters?|cards?|gifts?|events?|celebrations?|crafts?|donations?|tours?|trips?|bible|duty"
    r"|equipment|monitors?|before|(?:first|last) day(?! of .*(?:break|vacation|recess))|valentine\w*|halloween"
    r"|groundhog|mother'?s|father'?s|patrick\w*|conciertos?|fiestas?|campamentos?|programa|excursion|examen\w*|tareas?|antes"
    r"|(?:primer|ultimo) dia)\b"
    r"|^(?:(?:students?|staff|class(?:es)?|school) )?(?:return|back|resum|reopen|welcome|regres|vuelta)"
)
_OTHER_PLACES = re.compile(
    r"(?<!and )(?<!& )\b(?:offices?|pools?|gym\w*|librar\w+|cafeteria|playground|fields?|lots?|parking|roads?|streets?"
    r"|entrances?|stores?|registration|enrol+ment|oficinas?|biblioteca|piscina|calle)"
    r"(?: (?:is|are|will be|esta|estan))? (?:clos\w+|cerrad\w+)"
    r"|\b(?:lunch|brain|water|snack|tie)[- ]breaks?|\bclosed[- ](?:caption\w*|campus|session|meeting|toed?)"
    r"|\bcierre de (?:oficina|calle|inscripc)\w*"
)
_CALLED_OFF = re.compile(r"(?:cancel+ed|cancelad[oa]) ?[:–—-]")
_CLOCK = re.compile(
    r"(?P<at>\bat |@ ?|\ba las? )?(?<![\d:/.])(?P<hour>\d{1,2})"
    r"(?:[:h](?P<minute>\d\d)|\.(?P<point>\d\d)(?= ?[ap]\.? ?m\b))?"
    r"(?![\d:/])(?: ?(?P<half>[ap])\.? ?m\b| ?(?P<h>h(?:rs?|oras)?)\b)?"
)
_NOON = re.compile(r"\bnoon\b|\bmediodia\b")
_EARLIEST, _LATEST = time(9, 30), time(17)  # a dismissal lies between; what is earlier is when school begins


def meaning(title: str) -> str:
    """Tell what an event of this title (or category) does to its day: NO_SCHOOL, CLOSED, EARLY or "" for nothing."""
    said = _OTHER_PLACES.sub(" ", " ".join(plain(title).replace("’", "'").split()))
    if _CALLED_OFF.match(said):
        return ""
    if _NO_SCHOOL.search(said):
        return NO_SCHOOL
    if _EARLY.search(said) or (_ENDS_AT.search(said) and clock(said)):
        return "" if _NOT_EARLY.search(said) else EARLY
    off = _OFF.search(said) or (_SEASON.search(said) and not _SEASONAL.search(said))
    if (off and not _NOT_OFF.search(said)) or _DAY_NAMES.fullmatch(re.sub(r" \(?(?:observed|holiday)\)?$", "", said)):
        return CLOSED
    return ""


def clock(title: str) -> time | None:
    """Find the dismissal in a title: its earliest time that is no start of school; 1:15 is in the afternoon."""
    said = plain(title)
    times = [_time(match) for match in _CLOCK.finditer(said)]
    times += [NOON] if _NOON.search(said) else []
    return min((found for found in times if found and _EARLIEST <= found <= _LATEST), default=None)


def _time(match: re.Match[str]) -> time | None:
    minute = match["minute"] or match["point"]
    hour, half = int(match["hour"]), match["half"]
    if not (minute or half or match["at"] or match["h"]) or hour > 23 or int(minute or 0) > 59:
        return None
    if (half == "p" and hour < 12) or (not half and 1 <= hour <= 6):
        hour += 12
    return time(0 if half == "a" and hour == 12 else hour % 24, int(minute or 0))


def _clock_of(start: date, end: date) -> time | None:
    """Find the dismissal that a timed half day tells: its start, or its end if it starts with school."""
    if not isinstance(start, datetime) or not isinstance(end, datetime) or end - start >= _WHOLE_DAY:
        return None
    return next((wall for wall in (start.time(), end.time()) if _EARLIEST <= wall <= _LATEST), None)


# --- from bytes to the events that matter

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


@dataclass(slots=True)
class _Event:
    """One event as it stands in the file: the number of its first line, its kept lines, their values by property."""

    line: int
    lines: list[str] = field(default_factory=list)
    values: dict[str, str] = field(default_factory=dict)
    title: str = ""
    meaning: str = ""

    def keep(self, name: str, line: str, value: str) -> None:
        """Keep the first line of a property, and every one of a property that may stand more than once."""
        if name in self.values and name not in _MANY:
            return
        self.values[name] = f"{self.values[name]},{value}" if name in self.values else value
        if name in _DATES or (name == "SEQUENCE" and value.isdecimal()):
            self.lines.append(line)

    @property
    def repeats(self) -> bool:
        return "RRULE" in self.values or "RDATE" in self.values


@dataclass(slots=True)
class _Source:
    """What a file holds: its events, the lines of its time zones, its own zone's name, and what is still open."""

    events: list[_Event] = field(default_factory=list)
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
        elif kind in ("VEVENT", "VTIMEZONE"):
            del self.within[1:]
            if kind == "VEVENT":
                self.events.append(_Event(number))
            else:
                self.zones.append([])
        self.within.append(kind)


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


def _source(raw: bytes) -> _Source:
    source, number, first = _Source(), 0, ""
    for number, line in _lines(raw):
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
        event.title, event.meaning = _read_title(event.values)
    return source


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


def _read_title(values: Mapping[str, str]) -> tuple[str, str]:
    """Return the title and its meaning; a category means as much, where the title does not speak against it."""
    title = clean(_plain_text(values.get("SUMMARY", "")), 200)
    categories = [_plain_text(name) for name in re.split(r"(?<!\\),", values.get("CATEGORIES", "")) if name.strip()]
    if values.get("STATUS", "").upper() == "CANCELLED":
        return title, ""
    meanings = [meaning(title), *(meaning(f"{title} | {category}") for category in categories)]
    return title or clean(", ".join(categories), 200), next(filter(None, meanings), "")


def _plain_text(value: str) -> str:
    return re.sub(r"\\(.)", lambda match: " " if match[1] in "nN" else match[1], value)


def _named(event: _Event) -> str:
    title = event.title or _plain_text(event.values.get("SUMMARY", ""))
    return f"{quoted(title)} (line {event.line})" if title else f"without a title in line {event.line}"


# --- from events to days

_WHOLE_DAY, _MOST_OF_SCHOOL = timedelta(hours=20), timedelta(hours=5)
_FREQUENCIES = re.compile(r"(?:^|;)FREQ=(?:DAILY|WEEKLY|MONTHLY|YEARLY)(?:;|$)", re.IGNORECASE)
_NO_INTERVAL = re.compile(r"(?:^|;)INTERVAL=(?!0*[1-9])", re.IGNORECASE)
_Span = tuple[_Event, date, date]
_Found = tuple[list[date], _Event, date, date]


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


def _expanded(source: _Source, zone: ZoneInfo, first: date, last: date) -> Iterator[_Found]:
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
            raise Unreadable(_fault(series[0])) from error


def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name) if name else None
    except (KeyError, ValueError, OSError):
        return None


def _series(events: Iterable[_Event]) -> Iterator[list[_Event]]:
    """Yield what belongs together, if it matters: an event with its moved dates.

    Events that share a UID are one only if a SEQUENCE tells which is the newest: some programs give all the same.
    """
    same: dict[str, list[_Event]] = {}
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


def _once(all_series: Iterable[list[_Event]]) -> Iterator[list[_Event]]:
    """Leave out events that say the same of the same dates: a district's calendar has them once for each school."""
    seen = set()
    for series in all_series:
        says = tuple((event.meaning, clock(event.title), *event.lines) for event in series)
        if says not in seen:
            seen.add(says)
            yield series


def _sequence(event: _Event) -> int:
    value = event.values.get("SEQUENCE", "")
    return int(value) if value.isdecimal() and len(value) < 10 else 0


def _spans(series: list[_Event], told: ZoneInfo | None, first: date, last: date) -> list[_Span]:
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


def _component(number: int, event: _Event) -> Any:
    """Return the library's event, with nothing but what dates need; raises Unreadable where a date is none."""
    import icalendar
    import recurring_ical_events

    rule = event.values.get("RRULE")
    if rule is not None and (not _FREQUENCIES.search(rule) or _NO_INTERVAL.search(rule)):
        raise Unreadable(_fault(event, "RRULE"))  # by the second, or for ever on one day: it would never end
    component: Any = icalendar.Event.from_ical("\r\n".join(("BEGIN:VEVENT", *event.lines, "END:VEVENT")))
    for name, _ in component.errors:
        raise Unreadable(_fault(event, name or ""))
    try:
        _ = recurring_ical_events.EventAdapter(component).span
    except Exception as error:
        raise Unreadable(_fault(event)) from error
    component["UID"], component["X-NUMBER"] = "", number
    return component


def _fault(event: _Event, name: str = "") -> str:
    if name not in _DATES:
        name = "DTSTART"
    said = f"cannot be placed: its {_DATES[name]} ({name}) is {quoted(event.values.get(name, ''))}"
    what = said if name in event.values else f"has no {_DATES[name]} ({name})"
    return (
        f"The event {_named(event)} {what}. Correct or delete it in the school's calendar, export again and import "
        "that file; until then nothing of this file is used."
    )


def _local(moment: date, wall: ZoneInfo, zone: ZoneInfo) -> date:
    """Turn a time into the school's wall clock (without a zone); a date stays a date, in whatever zone."""
    if not isinstance(moment, datetime):
        return moment
    aware = moment if moment.tzinfo else moment.replace(tzinfo=wall)
    return aware.astimezone(zone).replace(tzinfo=None)


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
    return day + _DAY * (start.time() > _EARLIEST), end.date() + _DAY * (end.time() > NOON)
