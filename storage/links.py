"""Links between people and children as the office sees and ends them."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from sqlalchemy import select

from bot import links
from bot.model import Relation
from bot.policy import OFFICE, may
from storage.load import RELATION_COLUMNS, address, course, enrolment, fact, person, relation, student, to_relation
from storage.turn import Turn


@dataclass(frozen=True, slots=True)
class Held:
    """One link as a person reads it; `state`: joined, not joined yet, or how messages arrive."""

    person: str
    role: str
    about: str
    since: date | None
    until: date | None
    granted_by: str
    reason: str
    state: str

    def as_dict(self) -> dict[str, Any]:
        dates = {name: day.isoformat() if day else None for name, day in (("since", self.since), ("until", self.until))}
        return {**asdict(self), **dates}


def held(turn: Turn, child: int) -> list[Held]:
    """Every link of a child and its classes, or of the whole school, in order of role and name."""
    names = dict(_named(turn, person))
    abouts = {("student", i): name for i, name in _named(turn, student)}
    abouts |= {("course", i): name for i, name in _named(turn, course)}
    reasons, states = _reasons(turn), _states(turn)
    return sorted(
        (
            Held(
                names[r.person], r.role, abouts.get(("student", r.student)) or abouts.get(("course", r.course), ""),
                r.since, r.until, names.get(r.granted_by, ""), reasons.get(r.id, ""),
                states.get(r.person, "not joined yet"),
            )
            for r in _relations(turn, child)
        ),
        key=lambda one: (one.role, one.about, one.person),
    )  # fmt: skip


def _named(turn: Turn, table: Any) -> Iterator[tuple[int, str]]:
    for row in turn.connection.execute(select(table.c.id, table.c.name).where(table.c.school == turn.school.id)):
        yield row.id, row.name


def _relations(turn: Turn, child: int) -> list[Relation]:
    query = select(*RELATION_COLUMNS).where(relation.c.school == turn.school.id)
    if child:
        courses = select(enrolment.c.course).where(enrolment.c.student == child)
        query = query.where((relation.c.student == child) | relation.c.course.in_(courses))
    return [to_relation(row) for row in turn.connection.execute(query.order_by(relation.c.id))]


def _reasons(turn: Turn) -> dict[int, str]:
    """Why a link ended, where somebody said so; the office and coordinators may read it."""
    if not may("see why a link ended", [OFFICE], [turn.today]):
        return {}
    query = select(fact.c.data).where(fact.c.school == turn.school.id, fact.c.kind == "link", fact.c.value == "ended")
    return {data["relation"]: data.get("reason", "") for data in turn.connection.execute(query).scalars()}


def _states(turn: Turn) -> dict[int, str]:
    query = select(address.c.person, address.c.state).where(address.c.school == turn.school.id).order_by(address.c.id)
    told = {"reachable": "joined", "joining": "not joined yet", "refused": "not joined yet"}
    return {row.person: told.get(row.state, row.state) for row in turn.connection.execute(query)}


def end(turn: Turn, name: str, child: int, day: date | None, reason: str) -> bool:
    """Ends every live link of that person with the child; False if there is none."""
    if not may("end guardian's link", [OFFICE], [turn.today]):
        return False
    wanted = name.strip().casefold()
    people = {i for i, known in _named(turn, person) if known.casefold() == wanted}
    day = day or turn.today
    query = select(*RELATION_COLUMNS).where(relation.c.person.in_(people), relation.c.student == child)
    live = [r for r in map(to_relation, turn.connection.execute(query)) if r.until is None or r.until > day]
    for r in live:
        b = turn.bundle([], [r.person])
        links.end(turn, b, r, day, 0, "admin", reason, f"office:end:{r.id}:{turn.now.isoformat()}")
    return bool(live)
