"""Loads what the faces of some cards show: a constant number of queries, however many cards there are."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection, Row, Select, or_, select
from sqlmodel import SQLModel

from bot.bundle import Bundle
from bot.model import Address, Card, Course, Fact, Invitation, Lane, Person, Relation, School, Student
from bot.report import Night
from bot.schooldays import previous_school_day
from storage import tables as t

_all = SQLModel.metadata.tables
address, arrival, card, course, enrolment, fact = (
    _all[name] for name in ("address", "arrival", "card", "course", "enrolment", "fact")
)
invitation, lane, night, person, relation, ring = (
    _all[name] for name in ("invitation", "lane", "night", "person", "relation", "ring")
)
school_, student = _all["school"], _all["student"]

STANDING = ("report", "away")
PERSONAL = ("mute", "stopped", "lost", "back")
JOINING = ("join", "claims")

CARD_COLUMNS = [column for column in card.c if column.name != "error"]


def to_card(row: Row[Any]) -> Card:
    values = dict(row._mapping)
    if values["day"] == t.CardRow.NO_DAY:
        values["day"] = None
    return Card(**values)


def to_fact(row: Row[Any]) -> Fact:
    return Fact(
        row.kind, row.value, row.said_at, row.source, row.person, row.role, row.student, row.course, row.day,
        row.amends, row.data, row.n,
    )  # fmt: skip


def bundle(connection: Connection, school: School, cards: Collection[Card], people: Iterable[int] = ()) -> Bundle:
    """The bundle of some cards of one school; `people` are further readers to load as if they had cards."""
    return _Loader(connection, school).load(cards, set(people))


def opening(connection: Connection, school: School) -> Bundle:
    """What the opening of a day asks, and no more: who is related, who is reached, whose report waits to begin."""
    here = school.id
    relations: dict[int, list[Relation]] = defaultdict(list)
    for r in connection.execute(select(relation).where(relation.c.school == here).order_by(relation.c.id)):
        relations[r.person].append(to_relation(r))
    addresses: dict[int, list[Address]] = defaultdict(list)
    for r in connection.execute(select(address).where(address.c.school == here).order_by(address.c.id)):
        addresses[r.person].append(to_address(r))
    standing: dict[int, list[Fact]] = defaultdict(list)
    children = select(student.c.id).where(student.c.school == here)
    reports = select(fact).where(fact.c.student.in_(children), fact.c.kind == "report").order_by(fact.c.n)
    for r in connection.execute(reports):
        standing[r.student].append(to_fact(r))
    return Bundle(school, relations=relations, addresses=addresses, standing=standing)


class _Loader:
    """One loading: relations first, then whoever and whatever they lead to."""

    def __init__(self, connection: Connection, school: School) -> None:
        self.connection = connection
        self.school = school
        self.b = Bundle(school)

    def rows(self, query: Select[Any]) -> list[Row[Any]]:
        return list(self.connection.execute(query))

    def load(self, cards: Collection[Card], people: set[int]) -> Bundle:
        readers = people | {c.person for c in cards}
        days = {c.day for c in cards if c.day is not None}
        kinds = {c.kind for c in cards}
        if kinds & set(JOINING):
            readers |= self._claims(cards)
        own = self._relations(relation.c.person.in_(readers))
        self._enrolments({r.course for r in own if r.course}, {r.student for r in own if r.student})
        around = self._relations_around()
        everybody = readers | {r.person for r in around}
        self._names(everybody)
        if any(not kind.startswith("home") for kind in kinds):  # teachers read last night as well
            days_told = days | {previous_school_day(self.school, day) for day in days}
        else:
            days_told = days
        self._facts(days_told, everybody)
        if days:
            self._siblings(everybody, days)
        if "status" in kinds:
            self._nights(cards)
        return self.b

    def _relations(self, which: Any) -> list[Relation]:
        found = [
            to_relation(r)
            for r in self.rows(
                select(relation).where(relation.c.school == self.school.id, which).order_by(relation.c.id)
            )
        ]
        by_person: dict[int, list[Relation]] = defaultdict(list)
        for r in found:
            by_person[r.person].append(r)
        self.b.relations = dict(self.b.relations) | by_person
        return found

    def _enrolments(self, courses: set[int], students: set[int]) -> None:
        """The readers' children and everybody in their classes; then all classes of these children."""
        if courses:
            query = select(enrolment.c.student).where(enrolment.c.course.in_(courses)).distinct()
            students = students | {r.student for r in self.rows(query)}
        taken: dict[int, list[int]] = defaultdict(list)
        pupils: dict[int, list[int]] = defaultdict(list)
        query = select(enrolment.c.student, enrolment.c.course).where(enrolment.c.student.in_(students))
        for r in self.rows(query.order_by(enrolment.c.id)):
            taken[r.student].append(r.course)
            pupils[r.course].append(r.student)
        self.b.enrolled, self.b.pupils = taken, pupils
        self.b.students = {
            r.id: Student(r.id, r.name, r.group) for r in self.rows(select(student).where(student.c.id.in_(students)))
        }
        self.b.courses = {
            r.id: Course(r.id, r.name) for r in self.rows(select(course).where(course.c.id.in_(list(pupils))))
        }

    def _relations_around(self) -> list[Relation]:
        """Teachers of the classes and guardians of the children; coordinators belong to every child."""
        found = [
            to_relation(r)
            for r in self.rows(
                select(relation)
                .where(
                    relation.c.school == self.school.id,
                    or_(
                        relation.c.course.in_(list(self.b.courses)),
                        relation.c.student.in_(list(self.b.students)),
                        relation.c.role == "coordinator",
                    ),
                )
                .order_by(relation.c.id)
            )
        ]
        teachers: dict[int, list[Relation]] = defaultdict(list)
        guardians: dict[int, list[Relation]] = defaultdict(list)
        by_person: dict[int, list[Relation]] = defaultdict(list)
        for r in found:
            by_person[r.person].append(r)
            if r.role == "teacher" and r.course:
                teachers[r.course].append(r)
            elif r.role == "guardian" and r.student:
                guardians[r.student].append(r)
        self.b.teachers, self.b.guardians = teachers, guardians
        self.b.relations = dict(by_person) | dict(self.b.relations)
        return found

    def _names(self, people: set[int]) -> None:
        self.b.people = {
            r.id: Person(r.id, r.name, r.language, r.email, r.contact)
            for r in self.rows(select(person).where(person.c.id.in_(people)))
        }
        addresses: dict[int, list[Address]] = defaultdict(list)
        for r in self.rows(select(address).where(address.c.person.in_(people)).order_by(address.c.id)):
            addresses[r.person].append(to_address(r))
        self.b.addresses = addresses
        self.b.lanes = lanes(self.connection)

    def _facts(self, days: set[date], people: set[int]) -> None:
        """What was said on these days and what stands; who waits to begin is asked by `opening` alone."""
        students = list(self.b.students)
        by_day: dict[tuple[int, date], list[Fact]] = defaultdict(list)
        standing: dict[int, list[Fact]] = defaultdict(list)
        personal: dict[int, list[Fact]] = defaultdict(list)
        query = select(fact).order_by(fact.c.n)
        if days and students:
            for r in self.rows(query.where(fact.c.student.in_(students), fact.c.day.in_(days))):
                by_day[(r.student, r.day)].append(to_fact(r))
        if students:
            stands = query.where(fact.c.student.in_(students), fact.c.kind.in_(STANDING))
            for r in self.rows(stands.where(fact.c.value != "start")):
                standing[r.student].append(to_fact(r))
        for r in self.rows(query.where(fact.c.person.in_(people), fact.c.kind.in_(PERSONAL))):
            personal[r.person].append(to_fact(r))
        self.b.facts, self.b.standing, self.b.personal = by_day, standing, personal

    def _siblings(self, people: set[int], days: set[date]) -> None:
        """The day's cards of everybody around, as far as a face asks: whether and when they were shown."""
        query = select(card.c.id, card.c.person, card.c.kind, card.c.day, card.c.shown_at).where(
            card.c.person.in_(people), card.c.day.in_(days), card.c.kind.in_(("teacher", "home"))
        )
        self.b.cards = {
            (r.person, r.kind, r.day): Card(r.id, self.school.id, r.person, r.kind, day=r.day, shown_at=r.shown_at)
            for r in self.rows(query)
        }

    def _claims(self, cards: Collection[Card]) -> set[int]:
        """Open claims of the school and the invitations that these cards are about; returns who is in them."""
        ids = {int(c.subject) for c in cards if c.kind == "join" and c.subject.isdigit()}
        ids |= {i for c in cards if c.kind == "claims" for i in c.view.get("decided", ())}
        query = select(invitation).where(
            invitation.c.school == self.school.id, or_(invitation.c.id.in_(ids), invitation.c.state == "claimed")
        )
        self.b.invitations = {r.id: to_invitation(r) for r in self.rows(query)}
        places = [i.address for i in self.b.invitations.values() if i.address]
        holders = {r.person for r in self.rows(select(address.c.person).where(address.c.id.in_(places)))}
        return holders | {i.person for i in self.b.invitations.values()}

    def _nights(self, cards: Collection[Card]) -> None:
        """This week's frozen nights, Monday to Sunday around the moment the status was asked for."""
        born = [c.born_at.astimezone(self.school.zone).date() for c in cards if c.kind == "status" and c.born_at]
        monday = min(day - timedelta(days=day.weekday()) for day in born)
        nights: dict[int, list[Night]] = defaultdict(list)
        query = select(night).where(night.c.student.in_(list(self.b.students)), night.c.day >= monday)
        for r in self.rows(query.order_by(night.c.day)):
            lines = {int(key): value for key, value in r.lines.items()}
            nights[r.student].append(Night(r.student, r.day, lines, r.home, r.verdict, r.asked, r.rules))
        self.b.nights = nights
        facts = dict(self.b.facts)
        today = max(born)
        for r in self.rows(select(fact).where(fact.c.student.in_(list(self.b.students)), fact.c.day == today)):
            facts[(r.student, today)] = [*facts.get((r.student, today), ()), to_fact(r)]
        self.b.facts = facts


def to_relation(r: Row[Any]) -> Relation:
    return Relation(r.id, r.person, r.role, r.student, r.course, r.since, r.until)


def to_address(r: Row[Any]) -> Address:
    return Address(r.id, r.person, r.lane, r.user, r.chat, r.name, r.state, r.joined_at)


def to_invitation(r: Row[Any]) -> Invitation:
    return Invitation(r.id, r.person, r.role, r.student, r.state, r.expires, r.address)


def lanes(connection: Connection) -> Mapping[int, Lane]:
    return {r.id: Lane(r.id, r.platform, r.name, r.tenant, r.heard_until) for r in connection.execute(select(lane))}
