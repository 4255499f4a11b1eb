"""What several cards are made of: lines, rows of buttons, the line about home, open menus that fold by themselves."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from bot.bundle import Bundle
from bot.model import Button, Card, Line, Message, Span, code36
from bot.report import Report
from bot.schooldays import DayTimes

STEP_LASTS = timedelta(minutes=10)  # an open step folds by itself (F13)
AWAITS_FOR = timedelta(hours=24)  # an open question waits so long for its typed answer
SHOWN_BEFORE = timedelta(minutes=30)  # no nudge to somebody who was asked later than that (F07)
PAGE = 15  # names on one page of a list (F03)
NAMED = 5  # exceptions named in a line about home; more are counted

Rows = tuple[tuple[Button, ...], ...]


def text(line: str, style: str = "") -> Line:
    return (Span(line, style),)


def lines(*parts: str | Line) -> tuple[Line, ...]:
    """Lines of a message; an empty one is left out."""
    return tuple(text(part) if isinstance(part, str) else part for part in parts if part)


def rows(*parts: Sequence[Button]) -> Rows:
    return tuple(tuple(row) for row in parts if row)


def joined(parts: Iterable[str]) -> str:
    return " · ".join(part for part in parts if part)


def line_key(student: int, course: int) -> str:
    """A class line as buttons and offers name it."""
    return f"{code36(student)}.{code36(course)}"


def view(card: Card, now: datetime) -> Mapping[str, Any]:
    """The opened menu, or nothing once it has folded."""
    until = card.view.get("until")
    return card.view if until is None or now < datetime.fromisoformat(until) else {}


def folds_at(card: Card, now: datetime) -> datetime | None:
    until = view(card, now).get("until")
    return datetime.fromisoformat(until) if until else None


def soonest(now: datetime, *moments: datetime | None) -> datetime | None:
    """The next of some moments that is still to come."""
    return min((moment for moment in moments if moment is not None and moment > now), default=None)


def school_date(card: Card) -> date:
    if card.day is None:
        raise ValueError(f"card {card.id}: a {card.kind} card has a school date")
    return card.day


def was_shown_in_time(b: Bundle, nudge: Card, kind: str, times: DayTimes) -> bool:
    """Whether the day's card was on the screen half an hour before its nudge is due (F07)."""
    asked = b.cards.get((nudge.person, kind, times.day))
    due = times.teacher_nudge if kind == "teacher" else times.home_nudge
    return asked is not None and asked.shown_at is not None and asked.shown_at <= due - SHOWN_BEFORE


def in_threes(buttons: Sequence[Button]) -> list[Sequence[Button]]:
    return [buttons[i : i + 3] for i in range(0, len(buttons), 3)]


def notice(b: Bundle, person: int, *keys: str, **args: object) -> Message:
    """A message of plain sentences without buttons."""
    said = [b.say(person)(key, **args) for key in keys]
    return Message(lines(*said), preview=said[0])


def home_line(
    b: Bundle,
    reader: int,
    day: date,
    now: datetime,
    pupils: Sequence[tuple[int, int]],
    key: str,
    weekday: str = "",
) -> str:
    """Last night at home (or tonight): how many done, then exceptions by name; empty when there is nothing to say."""
    say = b.say(reader)
    done: list[int] = []
    exceptions: list[str] = []
    for student in dict.fromkeys(student for _, student in pupils):
        if not b.runs(student, day):
            continue
        report = b.report(student, day, now)
        if report.home.state == "done" and not report.home.late:
            done.append(student)
        elif phrase := _exception(b, reader, student, report, [c for c, s in pupils if s == student]):
            exceptions.append(f"{b.child(reader, student)}: {phrase}")
    parts = _done_part(b, reader, done) + exceptions[:NAMED]
    if len(exceptions) > NAMED:
        parts.append(say("more-exceptions", count=len(exceptions) - NAMED))
    named = {"weekday": weekday} if weekday else {}
    return say(key, what=joined(parts), **named) if parts else ""


def _done_part(b: Bundle, reader: int, done: Sequence[int]) -> list[str]:
    if not done:
        return []
    if len(done) == 1:
        return [b.say(reader)("home-child-done", child=b.child(reader, done[0]))]
    return [b.say(reader)("home-count-done", count=len(done))]


def _exception(b: Bundle, reader: int, student: int, report: Report, courses: Sequence[int]) -> str:
    """What a teacher reads of a night that was not simply done; reasons only of the own class."""
    say = b.say(reader)
    if not report.home.said and not b.homes(student, report.day):
        return ""
    if not report.question or report.home.state == "open":
        return ""
    if report.home.state in ("partly", "not_done"):
        phrase = _not_all(b, reader, student, report, courses)
    else:
        phrase = say(f"home-{report.home.state.replace('_', '-')}")
    return say("late-mark", what=phrase) if report.home.late else phrase


def _not_all(b: Bundle, reader: int, student: int, report: Report, courses: Sequence[int]) -> str:
    say = b.say(reader)
    seen = report.lines if b.owner(student) == reader else [ln for ln in report.lines if ln.course in courses]
    classes = {course: value for said in report.home.answered for course, value in said.classes.items()}
    parts = []
    for line in seen:
        value = classes.get(line.course, "done")
        if value != "done":
            key = "class-not-done" if value == "not_done" else "class-partly"
            part = say(key, course=b.courses[line.course].name)
            parts.append(say("was-not-written", what=part) if line.state == "not_written" else part)
    return ", ".join(parts) or say("home-not-all-done")
