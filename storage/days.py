"""Opening and closing a school date, each in one turn of the school."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta

from sqlalchemy import func, select, update

from bot import board, links
from bot.bundle import TEACHING, Bundle
from bot.model import Card, Fact, Relation, School
from bot.report import ALONE, ALONE_FOR, Night, Report, as_closed, close, waits_to_begin
from bot.schooldays import is_school_day, next_school_day
from storage import load
from storage.among import among
from storage.load import night, relation, school_
from storage.rows import insert_new
from storage.turn import Turn


def open_day(turn: Turn, day: date) -> None:
    """Adds the cards of a date that are missing; reports that were started before begin with it."""
    school = turn.school
    b = load.opening(turn.connection, school, turn.today)
    if is_school_day(school, day) and (school.opened_through is None or school.opened_through < day):
        starts = {s: waits_to_begin(standing) for s, standing in b.standing.items()}
        turn.record(
            Fact("report", "begun", turn.now, f"begun:{start.source}"[:240], student=s, day=day, data=start.data)
            for s, start in starts.items()
            if start is not None
        )
    if school.opened_through is None or school.opened_through < day:
        _shut(turn, b, school.opened_through or day - timedelta(days=1), day)
    reached = {person: b.place(person) for person in b.addresses}
    turn.add(board.opens(b, day), {person: a for person, a in reached.items() if a is not None})
    through = max(day, school.opened_through or day)
    first = {"closed_through": day - timedelta(days=1)} if school.opened_through is None else {}
    here = update(school_).where(school_.c.id == school.id)
    turn.connection.execute(here.values(stale=False, opened_through=through, **first))


def _shut(turn: Turn, b: Bundle, last: date, day: date) -> None:
    """Links whose end is a date after `last` and has come: what stands on those screens closes (G-039)."""
    for r in [r for own in b.relations.values() for r in own if r.until is not None and last < r.until <= day]:
        links.shut(turn, b, r)


def first_to_close(school: School) -> date | None:
    """The oldest school date that is opened and not closed yet."""
    if school.opened_through is None:
        return None
    if school.closed_through is not None:
        day = next_school_day(school, school.closed_through)
    elif is_school_day(school, school.opened_through):
        day = school.opened_through
    else:
        return None
    return day if day <= school.opened_through else None


def close_day(turn: Turn, day: date, told: bool = False) -> None:
    """Freezes one night a child with a report that day, and lets open evening cards say that it is over.

    `told`: the day is one that was written down without cards, so everybody counts as asked (the try-it page's past).
    """
    school = turn.school
    people = turn.connection.execute(
        select(relation.c.person).where(relation.c.school == school.id, relation.c.role.in_(TEACHING)).distinct()
    ).scalars()
    b = turn.bundle([Card(0, school.id, 0, "", day=day)], people)
    said = {key: list(facts) for key, facts in b.facts.items()}
    for unasked in [] if told else turn.record(_never_asked(b, day)):
        said.setdefault((unasked.student, day), []).append(unasked)
    b.facts = said
    nights = [_freeze(b, student, day) for student in b.students if b.runs(student, day)]
    insert_new(turn.connection, night, [_row(school.id, frozen) for frozen in nights])
    turn.connection.execute(update(school_).where(school_.c.id == school.id).values(closed_through=day))
    _rest_alone(turn, b, day)
    silent = {frozen.student for frozen in nights if frozen.home in ("no_answer", "not_asked")}
    turn.wake({r.person for student in silent for r in b.guardians.get(student, ())}, day)


def _rest_alone(turn: Turn, b: Bundle, day: date) -> None:
    """A report of which nobody at home has heard for ten school days rests; the teacher reads it once (F01)."""
    alone = [s for s in b.students if b.runs(s, day) and not any(b.linked(r.person) for r in b.guardians.get(s, ()))]
    here = (night.c.school == turn.school.id) & among(night.c.student, alone)
    query = select(night.c.student, func.count()).where(here).group_by(night.c.student)
    counted = [student for student, days in turn.connection.execute(query) if days >= ALONE_FOR]
    following = next_school_day(turn.school, day)
    turn.record(
        Fact("report", "pause", turn.now, f"{ALONE}{student}:{day}", student=student, day=following)
        for student in counted
    )


def _never_asked(b: Bundle, day: date) -> Iterator[Fact]:
    """What no card asked before the close stands in the record as *not asked*, whatever kept us from it (F19)."""
    at = b.times(day).close
    for student in b.students:
        if not b.runs(student, day):
            continue
        report = _as_closed(b, student, day)
        for line in report.lines:
            teachers = b.teachers.get(line.course, ())
            if line.open and line.why != "not_asked" and not _shown(b, teachers, "teacher", day, at):
                yield _unasked("teacher", student, line.course, day, at)
        home = _shown(b, b.guardians.get(student, ()), "home", day, at)
        if report.question and report.home.state == "no_answer" and not home:
            yield _unasked("home", student, 0, day, at)


def _shown(b: Bundle, relations: Iterable[Relation], kind: str, day: date, until: datetime) -> bool:
    cards = [b.cards.get((r.person, kind, day)) for r in relations]
    return any(card is not None and card.shown_at is not None and card.shown_at <= until for card in cards)


def _unasked(whom: str, student: int, course: int, day: date, at: datetime) -> Fact:
    return Fact("unasked", whom, at, f"unasked:{day}:{student}.{course}", student=student, course=course, day=day)


def _as_closed(b: Bundle, student: int, day: date) -> Report:
    return as_closed(student, b.lines_of(student, day), b.facts.get((student, day), ()), b.times(day))


def _freeze(b: Bundle, student: int, day: date) -> Night:
    return close(_as_closed(b, student, day))


def _row(school: str, frozen: Night) -> dict[str, object]:
    return {
        "school": school,
        "student": frozen.student,
        "day": frozen.day,
        "lines": {str(course): state for course, state in frozen.lines.items()},
        "home": frozen.home,
        "verdict": frozen.verdict,
        "asked": frozen.asked,
        "rules": frozen.rules,
    }
