"""The school's office: the roster is imported, everybody joins, and the calendar is taken."""

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from typing import Any

from sqlalchemy import select

from bot import claims
from bot.model import CalendarDay
from bot.ports import Account
from bot.roster import read
from storage.load import course, person, student
from storage.office import invite, link, report
from storage.rosters import put
from storage.store import Store
from tests.simulate.life import SECRET
from tests.simulate.town import Child, Town
from tests.simulate.world import PLATFORMS, World

HEADER = "student,group,class,teacher,guardian,guardian_contact,guardian_language,daily"


def found(world: World) -> None:
    """Before the first day."""
    town = world.town
    store = Store(world.engine, [town.school])
    lanes = {name: store.lane(name).id for name in PLATFORMS}
    now = world.clock.now()
    store.turn(town.school.id, now, lambda turn: put(turn, read(_roster(town).encode()).rows))
    _ids(town, store)
    store.turn(town.school.id, now, partial(_everybody, town, lanes))


def _roster(town: Town) -> str:
    return "\n".join([HEADER, *(line for child in town.children for line in _lines(child))])


def _lines(child: Child) -> Iterator[str]:
    """A row of the spreadsheet for each class; the adults at home share the rows."""
    adults = [adult for adult in child.guardians if adult.role == "guardian"]
    for n, (subject, teacher) in enumerate(child.teachers.items()):
        adult = adults[n % len(adults)]
        yield f"{child.name},{child.group},{subject},{teacher.name},{adult.name},{adult.user},{adult.language},yes"


def _ids(town: Town, store: Store) -> None:
    """The office looks up under which number everybody stands in the record."""
    with store.engine.begin() as connection:
        people = {row.name: row.id for row in connection.execute(select(person))}
        children = {row.name: row.id for row in connection.execute(select(student))}
        for row in connection.execute(select(course)):
            teacher = next(name for name, id_ in people.items() if str(id_) == row.taught_by)
            town.courses[row.name, teacher] = row.id
    for member in town.members:
        member.id = people.get(member.name, 0)
    for child in town.children:
        child.id = children[child.name]


def _everybody(town: Town, lanes: dict[str, int], turn: Any) -> None:
    days = [CalendarDay(day, "closed", title) for day, title in town.closed.items()]
    days += [CalendarDay(day, "early", f"{at:%H:%M}") for day, at in town.early.items()]
    turn.set_calendar("file", frozenset(days))
    for child in town.children:
        report(turn, child.id, "start", town.first + timedelta(days=town.days + 90))
    for member in town.members:
        if not member.id:
            invite(turn, SECRET, "coordinator", None, member.name, False)
            member.id = turn.connection.execute(select(person.c.id).where(person.c.name == member.name)).scalar()
        for child in member.children if member.role == "teacher" else ():
            turn.grant(member.id, "guardian", student=child.id)
        for lane in member.lanes:
            place = link(turn, member.id, Account(lanes[lane], member.user, member.user, member.name))
            claims.welcome(turn, place)
