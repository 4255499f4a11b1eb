"""What the record should say, thought out a second time: a day's times, and the fold of what was said about a child.

Written from the product's words (F03, F05, F07, F12, F14), not from the program; it shares no code with it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from tests.simulate.record import Entry
from tests.simulate.town import Child, Town

WRITTEN_WORDS = ("written", "not_written", "no_homework", "absent")
WORST = ("not_done", "partly", "done")


@dataclass(frozen=True, slots=True)
class Times:
    """When what may be shown on a school date, as instants."""

    teacher: tuple[datetime, datetime]
    teacher_nudge: tuple[datetime, datetime]
    home: tuple[datetime, datetime]
    home_nudge: tuple[datetime, datetime]
    late: tuple[datetime, datetime]
    close: datetime
    late_until: datetime


def times(town: Town, day: date) -> Times:
    def at(wall: time) -> datetime:
        return town.instant(day, wall)

    teacher, nudge = at(time(15, 10)), at(time(16, 10))
    if day in town.early:
        teacher = at(town.early[day]) + timedelta(minutes=10)
        nudge = teacher + timedelta(hours=1)
    last = at(time(17, 20))
    return Times(
        (teacher, min(last, max(at(time(18)), teacher + timedelta(minutes=90)))),
        (nudge, min(nudge + timedelta(minutes=50), last)),
        (at(time(17, 30)), at(time(20))),
        (at(time(19, 45)), at(time(20))),
        (teacher, at(time(19))),
        at(town.school.day_closes),
        town.instant(town.following(day), town.school.day_closes),
    )


@dataclass(frozen=True, slots=True)
class Line:
    """One class: what stands, and whether it was marked by name. "" is nothing yet."""

    value: str = ""
    named: bool = False

    @property
    def settled(self) -> bool:
        return self.value in WRITTEN_WORDS

    @property
    def homework(self) -> bool:
        return self.value not in ("no_homework", "absent")


def in_order(entries: Iterable[Entry]) -> list[Entry]:
    return sorted(entries, key=lambda one: (one.said_at, one.n))


def line_of(entries: Sequence[Entry], course: int) -> Line:
    """A name's own mark stands over a button for all; of two of those the first, unless it was changed on purpose."""
    ticks = [one for one in in_order(entries) if one.kind == "line" and one.course == course]
    by_name = [one for one in ticks if one.named]
    if by_name:
        return Line(by_name[-1].value, True)
    stands = ""
    for tick in ticks:
        if tick.anew or stands in ("", "cant_say"):
            stands = tick.value
    return Line(stands)


@dataclass(frozen=True, slots=True)
class Evening:
    """One child's day: its lines, and what home said. `state` is "" as long as nobody has answered."""

    lines: dict[int, Line]
    state: str
    verdict: str

    @property
    def question(self) -> bool:
        """Home is asked if some class gave homework, and not about a child whom nobody saw at school."""
        seen = any(line.value in ("written", "not_written") for line in self.lines.values())
        absent = any(line.value == "absent" for line in self.lines.values())
        return any(line.homework for line in self.lines.values()) and (seen or not absent)


def evening(town: Town, child: Child, entries: Sequence[Entry]) -> Evening:
    """Folds what was said about a child on a date, by the time it was said."""
    lines = {town.course(child, subject): line_of(entries, town.course(child, subject)) for subject in child.teachers}
    homework = [course for course, line in lines.items() if line.homework]
    people = dict.fromkeys(one.person for one in entries if one.kind == "home")
    answers = {person: _answers(person, homework, entries) for person in people}
    given = {person: marks for person, (marks, _) in answers.items() if marks}
    state = _state(given, answers, entries)
    half = Evening(lines, state, "none")
    return Evening(lines, state, _verdict(half, given, entries, homework))


def _answers(person: int, homework: Sequence[int], entries: Sequence[Entry]) -> tuple[dict[int, str], datetime | None]:
    """A value for each class; and when this person last said that tonight cannot be told, if that is all they said."""
    marks: dict[int, str] = {}
    whole, last = "", None
    for one in in_order(entries):
        if one.kind != "home" or one.person != person:
            continue
        last = one.said_at
        if one.course:
            marks[one.course] = one.value
        elif one.anew:
            marks, whole = {}, one.value
        elif whole in ("", "cant_say"):
            whole = one.value
    every = dict.fromkeys(homework, whole) if whole not in ("", "cant_say") else {}
    found = {course: value for course, value in {**every, **marks}.items() if course in homework}
    return found, last if whole == "cant_say" and not found else None


def _state(
    given: dict[int, dict[int, str]],
    answers: dict[int, tuple[dict[int, str], datetime | None]],
    entries: Sequence[Entry],
) -> str:
    if given:
        said: dict[int, set[str]] = {}
        for marks in given.values():
            for course, value in marks.items():
                said.setdefault(course, set()).add(value)
        if any(len(values) > 1 for values in said.values()):
            return "two_answers"
        return next(word for word in WORST if any(word in values for values in said.values()))
    unsure = [at for _, at in answers.values() if at is not None]
    takes = [one.said_at for one in in_order(entries) if one.kind == "take"]
    return "cant_say" if unsure and not (takes and takes[-1] >= max(unsure)) else ""


def _verdict(e: Evening, given: dict[int, dict[int, str]], entries: Sequence[Entry], homework: Sequence[int]) -> str:
    """Silence, two answers and "can't say" make no verdict; nor does a child that was unwell."""
    if not e.question or e.state not in WORST:
        return "none"
    if any("not_done" in marks.values() for marks in given.values()):
        return "none" if any(_unwell(person, given, entries) for person in given) else "missed"
    together = {course: value for marks in given.values() for course, value in marks.items()}
    written = all(line.value != "not_written" for line in e.lines.values())
    return "kept" if written and all(together.get(course) == "done" for course in homework) else "neither"


def _unwell(person: int, given: dict[int, dict[int, str]], entries: Sequence[Entry]) -> bool:
    """The last reason of a class counts, until that class is answered anew."""
    reasons: dict[int, str] = {}
    for one in in_order(entries):
        if one.person != person:
            continue
        if one.kind == "reason":
            reasons[one.course] = one.value
        elif one.kind == "home" and one.course:
            reasons.pop(one.course, None)
        elif one.kind == "home" and one.anew:
            reasons = {}
    return "unwell" in reasons.values()
