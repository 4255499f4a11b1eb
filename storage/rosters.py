"""Puts a roster into the school: adds what is new, ends what has ended, shows who is gone and removes nobody (F48)."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import Table, bindparam, func, insert, select, update

from bot.model import Fact
from bot.roster import Row
from storage.load import course, enrolment, person, relation, school_, student
from storage.roster_changes import Changes, Plan
from storage.roster_known import known
from storage.roster_plan import compare
from storage.turn import Turn

MANY = 1_000  # rows in one statement
T = TypeVar("T")


def put(
    turn: Turn,
    rows: Iterable[Row],
    whole: bool = True,
    rest_vanished: bool = False,
    only_look: bool = False,
    progress: Callable[[str], None] = lambda _: None,
) -> Changes:
    """Applies the good rows of a sheet in this turn, or nothing at all where nothing differs.

    Not `whole`: some rows could not be read, so nothing ends by not being there. `rest_vanished`: the reports of
    children who are not in the sheet rest until a coordinator decides. `progress` hears what is going on.
    """
    rows = list(rows)
    progress(f"Comparing {len(rows):,} rows …")
    plan = compare(known(turn), rows, turn.today, turn.school.language, whole, rest_vanished)
    if plan.changes.anything and not only_look:
        _Storing(turn, plan, progress).store()
    return plan.changes


class _Storing:
    """Stores a plan in bulk; what is new gets its id here."""

    def __init__(self, turn: Turn, plan: Plan, progress: Callable[[str], None]) -> None:
        self.turn = turn
        self.plan = plan
        self.progress = progress
        self.done = 0

    def store(self) -> None:
        plan = self.plan
        children = self._new(student, {n: {"name": one[0], "group": one[1]} for n, one in plan.students.items()})
        people = self._new(person, {n: asdict(one) for n, one in plan.people.items()})
        courses = self._new(course, {n: self._course(n, people) for n in plan.courses})
        places = (
            {"student": children.get(s, s), "course": courses.get(c, c), "since": since, "instead": instead}
            for s, c, since, instead in plan.places
        )
        self._add(enrolment, places)
        held = (
            {
                "person": people.get(p, p),
                "role": role,
                "student": children.get(s, s),
                "course": courses.get(c, c),
                "granted_by": 0,
            }
            for p, role, s, c in plan.relations
        )
        self._add(relation, held)
        self._change()
        self._report(children)
        here = update(school_).where(school_.c.id == self.turn.school.id)
        self.turn.connection.execute(here.values(stale=True))
        self.turn.wake_all(self.turn.today)

    def _course(self, which: int, people: Mapping[int, int]) -> dict[str, Any]:
        one = self.plan.courses[which]
        taught_by = sorted(people.get(who, who) for who in one.taught_by)
        meets = self.plan.meets.get(which, "")
        return {"name": one.name, "taught_by": ",".join(map(str, taught_by)), "meets": meets}

    def _new(self, table: Table, rows: Mapping[int, dict[str, Any]]) -> dict[int, int]:
        """Inserts rows and returns the id that each got: ids count up, and nobody else adds to a school we hold."""
        here = select(table.c.id).where(table.c.school == self.turn.school.id)
        before = self.turn.connection.execute(select(func.max(table.c.id))).scalar() or 0
        self._add(table, rows.values())
        ids = self.turn.connection.execute(here.where(table.c.id > before).order_by(table.c.id)).scalars()
        return dict(zip(rows, ids, strict=True))

    def _add(self, table: Table, rows: Iterable[dict[str, Any]]) -> None:
        for some in _chunks(rows):
            self.turn.connection.execute(insert(table), [self._row(row) for row in some])
            self._tell(len(some))

    def _row(self, values: dict[str, Any]) -> dict[str, Any]:
        return {"school": self.turn.school.id, **values}

    def _tell(self, more: int) -> None:
        self.done += more
        self.progress(f"Storing {self.done:,} of {self.plan.size:,} …")

    def _change(self) -> None:
        plan = self.plan
        values = [{"which": who, **asdict(one)} for who, one in plan.changed.items()]
        self._each(person, ("email", "contact", "language"), values)
        self._each(course, ("meets",), [{"which": n, "meets": meets} for n, meets in plan.meets.items() if n > 0])
        for table, ends in ((enrolment, plan.place_ends), (relation, plan.relation_ends)):
            self._until(table, [which for which, end in ends.items() if end], self.turn.today)
            self._until(table, [which for which, end in ends.items() if not end], None)

    def _each(self, table: Table, names: Sequence[str], rows: list[dict[str, Any]]) -> None:
        if rows:
            here = update(table).where(table.c.id == bindparam("which"))
            self.turn.connection.execute(here.values({name: bindparam(name) for name in names}), rows)

    def _until(self, table: Table, which: list[int], day: date | None) -> None:
        for some in _chunks(which):
            self.turn.connection.execute(update(table).where(table.c.id.in_(some)).values(until=day))

    def _report(self, children: Mapping[int, int]) -> None:
        now, today = self.turn.now, self.turn.today
        fresh = [start_fact(children.get(child, child), now, "roster") for child in self.plan.starts]
        changed = {"pause": self.plan.rests, "resume": self.plan.resumes}
        tomorrow = today + timedelta(days=1)  # today's report stands as it was asked
        rests = [
            Fact("report", what, now, source, student=child, day=tomorrow)
            for what, sources in changed.items()
            for child, source in sources.items()
        ]
        for some in _chunks([*fresh, *rests]):
            self.turn.record(some)
            self._tell(len(some))


def start_fact(child: int, now: datetime, source: str, until: str = "") -> Fact:
    """The start of a daily report: it begins with the first school date that is opened after it."""
    data = {"until": until} if until else {}
    return Fact("report", "start", now, f"{source}:{child}:{now.isoformat()}", student=child, data=data)


def _chunks(things: Iterable[T]) -> Iterator[list[T]]:
    left = iter(things)
    while some := list(islice(left, MANY)):
        yield some
