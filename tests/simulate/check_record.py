"""Rules b and e: the record is what people pressed, and the frozen nights are what the record says."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta

from bot import words
from tests.simulate.checker import Evidence
from tests.simulate.diary import Press
from tests.simulate.oracle import Line, evening, line_of
from tests.simulate.record import Closed, Entry
from tests.simulate.town import Child

BY_PEOPLE = ("line", "home", "reason", "rushed", "take", "away", "mute")
REPEAT = timedelta(seconds=2)
STAMP = timedelta(milliseconds=1)


def check(e: Evidence, day: date) -> None:
    for what in _facts(e):
        e.wrong(day, "b", what)
    for what in _presses(e):
        e.wrong(day, "b", what)
    for what in _nights(e, day):
        e.wrong(day, "b", what)


# --- every fact was pressed ---


def _facts(e: Evidence) -> Iterator[str]:
    for one in e.fresh:
        if one.kind not in BY_PEOPLE:
            continue
        press = e.by_source.get(one.source)
        if press is None:
            yield f"a fact nobody pressed: {one}"
        elif press.fate == "lost":
            yield f"a fact of a tap that never arrived: {one}"
        elif wrong := _differs(one, press):
            yield f"{press.who.name} pressed {press.label!r} ({press.meaning}), recorded is another {wrong}: {one}"


def _differs(one: Entry, press: Press) -> str:
    """Which part of a fact is not what its press said."""
    meant = press.meaning
    pairs = {
        "person": (one.person, press.who.id),
        "kind": (one.kind, meant.kind),
        "value": (one.value, meant.value),
        "student": (one.student, meant.student or one.student),
        "course": (one.course, meant.course or (one.course if one.kind == "line" else 0)),
        "day": (one.day, meant.day),
        "named": (one.named, meant.kind == "line" and meant.course != 0),
        "anew": (one.anew, meant.anew),
        "time": (_said_well(one, press), True),
    }
    return next((name for name, (found, wanted) in pairs.items() if found != wanted), "")


def _said_well(one: Entry, press: Press) -> bool:
    """Slack tells the moment; on Telegram it is when we heard it, or, if it waited for us, not after it was pressed."""
    if press.lane == "slack" and press.verb == "tap":
        return abs(one.said_at - press.at) <= STAMP
    if press.resumed:
        shown = press.shown.at if press.shown else press.at
        return min(shown, press.at) - timedelta(seconds=60) <= one.said_at <= press.tries[-1]
    return any(abs(one.said_at - at) <= STAMP for at in press.tries)


# --- every press stands ---


def _presses(e: Evidence) -> Iterator[str]:
    taken = [press for press in e.pressed if press.fate == "heard"]
    if not taken:
        return
    arrived = e.record.arrived(min(press.tries[0] for press in taken) - timedelta(minutes=1))
    for press in taken:
        where = f"{press.who.name} pressed {press.label or press.text or press.verb!r} at {press.at:%d %H:%M:%S}"
        if press.source not in arrived:
            yield f"{where}: acknowledged, and nothing of it is stored"
        elif arrived[press.source] == "unreadable":
            yield f"{where}: could not be handled"
        elif press.meaning.kind:
            found = [one for one in e.record.by_source.get(press.source, []) if one.kind in BY_PEOPLE]
            if wrong := _missing(e, press, found, arrived[press.source]):
                yield f"{where}: {wrong}"


def _missing(e: Evidence, press: Press, found: Sequence[Entry], outcome: str) -> str:
    """What the record lacks of a press, unless there is a reason for it."""
    said = found or _excused(e, press, outcome)
    if not said:
        return f"not recorded ({outcome or press.toast!r})"
    if not found or press.meaning.kind != "line" or press.meaning.course:
        return "" if len(found) <= 1 else f"recorded {len(found)} times"
    wanted, got = _bulk(e, press, found[0].n), {(one.student, one.course) for one in found}
    return "" if got == wanted else f"{len(got)} lines recorded, {len(wanted)} were on the card"


def _bulk(e: Evidence, press: Press, before: int) -> set[tuple[int, int]]:
    """The lines that a button for all means: this teacher's, but those marked by name, of children who are there."""
    lines = set()
    for child in press.who.pupils:
        stood = [one for one in e.record.by_child.get((child.id, press.meaning.day), ()) if one.n < before]
        course = e.world.town.course(child, press.who.subject)
        if not any(one.kind == "away" for one in stood) and not line_of(stood, course).named:
            lines.add((child.id, course))
    return lines


def _excused(e: Evidence, press: Press, outcome: str) -> bool:
    """A repeat, a day that is over, a button that had just gone, or nothing left that it could mean."""
    day = press.meaning.day
    heard = press.stored
    if day is not None and press.toast == words.say(press.who.language, "day-closed"):
        return heard >= e.times(day).late_until - STAMP or press.meaning.kind == "away" or day in e.off
    if any(_same(press, other) for other in e.world.diary):
        return True
    if outcome == "no such button":
        return press.shown is not None and press.shown.as_of(press.at) != press.shown.as_of(heard)
    bulk = press.meaning.kind == "line" and not press.meaning.course
    return bulk and day is not None and (day in e.off or not _bulk(e, press, 2**62))


def _same(press: Press, other: Press) -> bool:
    """The very same button, pressed up to two seconds before by the same hand."""
    if other is press or other.who is not press.who or other.data != press.data or not other.tries:
        return False
    return timedelta(0) <= press.stored - other.stored <= REPEAT


# --- nights ---


def _nights(e: Evidence, day: date) -> Iterator[str]:
    nights = e.record.nights(day)
    times = e.times(day) if e.world.town.planned(day) else None
    if times is None or not e.school_day(day, times.close):
        if nights and not (times and day in e.off):
            yield f"{len(nights)} nights on a day without school"
        return
    if 0 in nights:
        yield "a child has two nights"
    for child in e.world.town.children:
        in_time = [one for one in e.said(child, day) if one.said_at <= times.close]
        away = any(one.kind == "away" for one in e.said(child, day, times.close))
        closed = nights.get(child.id)
        if closed is None:
            if not away:
                yield f"{child.name} has no night"
        elif away:
            yield f"{child.name} is away and has a night"
        else:
            yield from (f"{child.name}: {what}" for what in _night(e, child, day, in_time, closed, times.close))


def _night(
    e: Evidence, child: Child, day: date, said: Sequence[Entry], closed: Closed, close: datetime
) -> Iterator[str]:
    night = evening(e.world.town, child, said)
    for subject, teacher in child.teachers.items():
        course = e.world.town.course(child, subject)
        shown = e.of(teacher, "teacher", day)
        line, found = night.lines[course], closed.lines.get(course, "no line")
        if found not in _states(line, bool(shown and shown[0].at <= close), _sure(e, teacher.user, day)):
            yield f"{subject} stands as {found!r}, said was {line.value or 'nothing'}"
    at_home = [one for adult in child.guardians for one in e.of(adult, "home", day)]
    asked = any(one.at <= close for one in at_home)
    sure = all(_sure(e, adult.user, day) for adult in child.guardians)
    wanted = _home(night.state, night.question, asked, sure, any(one.loud for one in at_home))
    if closed.home not in wanted:
        yield f"home stands as {closed.home!r}, said was {night.state or 'nothing'} ({' or '.join(sorted(wanted))})"
    if closed.verdict != night.verdict:
        yield f"the verdict is {closed.verdict!r}, from what was said it is {night.verdict!r}"


def _states(line: Line, shown: bool, sure: bool) -> set[str]:
    if line.settled:
        return {line.value}
    if line.value:
        return {f"unknown:{line.value}"}
    told = {"unknown:no_answer"} if shown else {"unknown:not_asked"}
    return told if sure else {"unknown:no_answer", "unknown:not_asked"}


def _home(state: str, question: bool, asked: bool, sure: bool, rang: bool) -> set[str]:
    """A home that only had a silent copy may count either way; so may one whose message may not have arrived."""
    if not question:
        return {"no_question"}
    if state:
        return {state}
    told = {"no_answer"} if asked else {"not_asked"}
    return told if sure and (rang or not asked) else {"no_answer", "not_asked"}


def _sure(e: Evidence, user: str, day: date) -> bool:
    """Whether the program can know what stands on this person's screens: no send of that day ended in the dark."""
    town = e.world.town
    screens = [p.screens[user] for p in e.world.platforms.values() if user in p.screens]
    return not any(town.local(at).date() == day for screen in screens for at in screen.unclear)
