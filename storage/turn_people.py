"""The people of a school as one turn reads and changes them: places, relations, invitations, children."""

from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, select, update

from bot.codes import LASTS, hashed, new_code, new_token
from bot.model import Address, Invitation, School, Student, Wish
from bot.ports import Account
from storage import load
from storage.load import address, enrolment, fact, invitation, person, relation, school_, student
from storage.rows import insert_new, insert_one

JOINED = ("reachable", "failing", "blocked", "stopped")
OWN_CODE_LASTS = timedelta(hours=1)


class People:
    """What a turn knows of people; `school`, `now` and `today` are the turn's."""

    connection: Connection
    school: School
    now: datetime
    today: date

    # --- persons and their places ---

    def set_person(self, which: int, **values: Any) -> None:
        self.connection.execute(update(person).where(person.c.id == which).values(**values))

    def set_wishes(self, which: int, wishes: Mapping[str, Wish]) -> None:
        self.set_person(which, wishes={role: load.from_wish(wish) for role, wish in wishes.items()})

    def new_person(self, name: str, language: str) -> int:
        return self._made(person, name=name, language=language, email="", contact="")

    def _made(self, table: Any, **values: Any) -> int:
        new = self.connection.execute(table.insert().values(school=self.school.id, **values)).inserted_primary_key
        return int(new[0]) if new else 0

    def address(self, which: int) -> Address | None:
        row = self.connection.execute(select(*load.ADDRESS_COLUMNS).where(address.c.id == which)).first()
        return load.to_address(row) if row else None

    def set_address(self, which: int, **values: Any) -> None:
        self.connection.execute(update(address).where(address.c.id == which).values(**values))

    def new_address(self, person: int, account: Account) -> Address:
        """The place of somebody who is just joining; an account that was refused before starts anew."""
        known = (address.c.school == self.school.id) & (address.c.lane == account.lane)
        self.connection.execute(address.delete().where(known, address.c.user == account.user))
        values = {"person": person, "lane": account.lane, "user": account.user, "chat": account.chat}
        row = {**values, "school": self.school.id, "name": account.name[:200], "state": "joining", "failures": 0}
        new = self.connection.execute(address.insert().values(row)).inserted_primary_key
        return Address(new[0] if new else 0, person, account.lane, account.user, account.chat, account.name[:200])

    # --- relations ---

    def set_relation(self, which: int, **values: Any) -> None:
        self.connection.execute(update(relation).where(relation.c.id == which).values(**values))

    def grant(
        self,
        person: int,
        role: str,
        student: int = 0,
        course: int = 0,
        since: date | None = None,
        until: date | None = None,
        granted_by: int = 0,
    ) -> None:
        """Begins a relation, or begins one anew that had ended."""
        unique = {"school": self.school.id, "person": person, "role": role, "student": student, "course": course}
        held = {"since": since, "until": until, "granted_by": granted_by}
        if not insert_one(self.connection, relation, {**unique, **held, "agreed_by": 0, "nights": ""}):
            same = [relation.c[name] == value for name, value in unique.items()]
            self.connection.execute(update(relation).where(*same).values(**held, agreed_by=0))

    def move_relations(self, giver: int, taker: int) -> list[int]:
        """A person who joins with a second invitation stays one person: what it granted moves over; which ones."""
        mine = select(relation).where(relation.c.person == giver)
        held = select(relation.c.role, relation.c.student, relation.c.course).where(relation.c.person == taker)
        has = {tuple(row) for row in self.connection.execute(held)}
        moved = [r.id for r in self.connection.execute(mine).all() if (r.role, r.student, r.course) not in has]
        self.connection.execute(update(relation).where(relation.c.id.in_(moved)).values(person=taker))
        return moved

    # --- children ---

    def set_student(self, which: int, **values: Any) -> None:
        self.connection.execute(update(student).where(student.c.id == which).values(**values))

    def students_named(self, name: str) -> list[Student]:
        """The children who fit a NAME, a NAME (group) or a first name, the closest fit alone if there is one."""
        query = select(student).where(student.c.school == self.school.id).order_by(student.c.id)
        wanted = name.strip().casefold()
        found = [Student(r.id, r.name, r.group, r.apart) for r in self.connection.execute(query)]
        whole = [c for c in found if wanted in (c.name.casefold(), f"{c.name} ({c.group})".casefold())]
        return whole or [child for child in found if child.name.split(" ")[0].casefold() == wanted]

    def add_child(self, name: str, group: str, courses: Collection[int], known: int) -> int:
        """Puts a child, new or known, into these classes from today on."""
        child = known or self._made(student, name=name, group=group)
        since = self.today if known else None
        rows = [{"school": self.school.id, "student": child, "course": c, "since": since} for c in courses]
        insert_new(self.connection, enrolment, rows)
        again = (enrolment.c.student == child) & enrolment.c.course.in_(courses) & enrolment.c.until.is_not(None)
        self.connection.execute(update(enrolment).where(again).values(until=None))
        self.connection.execute(update(school_).where(school_.c.id == self.school.id).values(stale=True))
        return int(child)

    def counted(self) -> Mapping[str, int]:
        """How many children there are, how many follow a daily report, and whose homes and teachers have joined."""
        here = self.school.id
        children = select(func.count()).select_from(student).where(student.c.school == here)
        started = select(fact.c.student).where(fact.c.school == here, fact.c.kind == "report", fact.c.value == "start")
        joined = select(address.c.person).where(address.c.school == here, address.c.state.in_(JOINED))
        held = select(relation).where(relation.c.school == here, relation.c.person.in_(joined))
        live = [r for r in self.connection.execute(held) if r.until is None or r.until > self.today]
        daily = set(self.connection.execute(started.distinct()).scalars())
        return {
            "children": int(self.connection.execute(children).scalar_one()),
            "daily": len(daily),
            "homes": len({r.student for r in live if r.role == "guardian"} & daily),
            "teachers": len({r.person for r in live if r.role == "teacher"}),
            "lost": self._lost(),
        }

    def _lost(self) -> int:
        """How many people messages do not reach now."""
        lost = (address.c.school == self.school.id) & address.c.state.in_(("failing", "blocked"))
        query = select(func.count(address.c.person.distinct())).where(lost)
        return int(self.connection.execute(query).scalar_one())

    # --- invitations ---

    def invitation_by(self, hashed: str) -> Invitation | None:
        query = select(invitation).where(
            invitation.c.school == self.school.id, (invitation.c.code == hashed) | (invitation.c.token == hashed)
        )
        row = self.connection.execute(query.with_for_update()).first()
        return load.to_invitation(row) if row else None

    def invitation(self, which: int) -> Invitation | None:
        row = self.connection.execute(select(invitation).where(invitation.c.id == which).with_for_update()).first()
        return load.to_invitation(row) if row else None

    def set_invitation(self, which: int, **values: Any) -> None:
        self.connection.execute(update(invitation).where(invitation.c.id == which).values(**values))

    def new_invitation(self, who: int, role: str, child: int, secret: str, by: int) -> str:
        """A new personal code, returned once and kept as a hash; an older open one of this person ends."""
        old = (invitation.c.person == who) & (invitation.c.state == "open")
        self.connection.execute(update(invitation).where(old).values(state="revoked"))
        return self._invite(who, role, child, secret, by, self.now + LASTS)

    def end_invitations(self, who: int, child: int) -> None:
        """Open codes of this person for that child are dead."""
        waits = (invitation.c.person == who) & (invitation.c.student == child)
        open_ = waits & invitation.c.state.in_(("open", "claimed"))
        self.connection.execute(update(invitation).where(open_).values(state="revoked"))

    def own_code(self, who: int, secret: str) -> str:
        """A code with which this person adds a second account of their own; good for an hour, kept as a hash."""
        mine = (invitation.c.person == who) & (invitation.c.role == "self") & (invitation.c.state == "open")
        self.connection.execute(update(invitation).where(mine).values(state="revoked"))
        return self._invite(who, "self", 0, secret, who, self.now + OWN_CODE_LASTS)

    def _invite(self, who: int, role: str, child: int, secret: str, by: int, expires: datetime) -> str:
        code = new_code()
        hashes = {"code": hashed(code, secret), "token": hashed(new_token(), secret)}
        row = {"person": who, "role": role, "student": child, "state": "open", "address": 0, "made_by": by}
        self._made(invitation, **row, **hashes, expires=expires)
        return code
