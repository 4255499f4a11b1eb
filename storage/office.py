"""What the school office does from the command line: invitations, and a child's daily report started or paused."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import select, update

from bot.codes import LASTS, hashed, new_code, new_token
from bot.model import Address, Fact
from bot.policy import OFFICE, may
from bot.ports import Account
from bot.schooldays import local_day
from storage.load import ADDRESS_COLUMNS, address, enrolment, invitation, person, relation, school_, student, to_address
from storage.rosters import start_fact
from storage.turn import Turn

SEALED = "the key of this school's codes"


@dataclass(frozen=True, slots=True)
class Invited:
    """A new personal invitation; `code` is typed, `token` goes into a link. Neither is kept anywhere."""

    person: str
    role: str
    student: str | None
    language: str
    code: str
    token: str
    expires: datetime
    ended: int = 0  # codes given to this person before, which end with it


@dataclass(frozen=True, slots=True)
class Found:
    """A child of the school as a person would name it: Ana Romero (7B)."""

    id: int
    name: str
    group: str

    def __str__(self) -> str:
        return f"{self.name} ({self.group})" if self.group else self.name


def find_students(turn: Turn, name: str) -> list[Found]:
    """The children who fit a NAME or NAME (group)."""
    query = select(student).where(student.c.school == turn.school.id).order_by(student.c.name, student.c.group)
    everybody = [Found(r.id, r.name, r.group) for r in turn.connection.execute(query)]
    wanted = name.strip().casefold()
    exact = [child for child in everybody if str(child).casefold() == wanted]
    return exact or [child for child in everybody if child.name.casefold() == wanted]


def find_person(turn: Turn, name: str) -> int:
    """The first person of that name in the school; 0 for nobody."""
    query = select(person.c.id).where(person.c.school == turn.school.id, person.c.name == name).order_by(person.c.id)
    return int(turn.connection.execute(query).scalars().first() or 0)


# --- invitations -----------------------------------------------------------------------------------------------------


def invite(
    turn: Turn, secret: str, role: str | None, children: Sequence[int] | None, name: str, by_email: bool
) -> list[Invited]:
    """New codes for who is meant and has not joined; a code that was given before ends.

    `by_email`: Slack links teachers by their e-mail address, so those who have one need no code.
    """
    if role in ("coordinator", "counsellor", "provider", "teacher") and not may("name staff", [OFFICE], [turn.today]):
        return []
    if role in ("coordinator", "counsellor", "provider"):
        return [_invite(turn, secret, _newcomer(turn, name, role, (children or [0])[0]), role, children or [])]
    if role == "guardian" and name:
        return [_invite(turn, secret, _guardian(turn, name, (children or [0])[0]), role, children or [])]
    by_email = by_email and role is None  # who is asked for by name of the role may be one whom Slack does not know
    wanted = [role] if role else ["guardian"] if children is not None else ["guardian", "teacher"]
    return [
        _invite(turn, secret, who, kind, kids)
        for kind in wanted
        for who, kids in _waiting(turn, kind, children, by_email)
    ]


def _newcomer(turn: Turn, name: str, role: str, child: int) -> int:
    """A person whom no roster names: a coordinator, or a third person for one child."""
    alike = select(relation.c.person).where(relation.c.school == turn.school.id, relation.c.role == role)
    query = select(person.c.id).where(person.c.school == turn.school.id, person.c.name == name)
    query = query.where(person.c.id.in_(alike)).order_by(person.c.id)  # any other of that name is somebody else
    known = turn.connection.execute(query).scalars().first()
    if known is None:
        row = {"school": turn.school.id, "name": name, "language": turn.school.language, "email": "", "contact": ""}
        made = turn.connection.execute(person.insert().values(row)).inserted_primary_key
        known = int(made[0]) if made else 0
    grant = {"school": turn.school.id, "person": known, "role": role, "student": child, "course": 0, "granted_by": 0}
    held = select(relation.c.id).where(relation.c.person == known, relation.c.role == role, relation.c.student == child)
    if turn.connection.execute(held).first() is None:
        turn.connection.execute(relation.insert().values(grant))
    return int(known)


def _guardian(turn: Turn, name: str, child: int) -> int:
    """Somebody at home whom the roster does not name, or whose link had ended: it begins with the school's yes."""
    query = (
        select(person.c.id)
        .join(relation, relation.c.person == person.c.id)
        .where(relation.c.student == child, relation.c.role == "guardian", person.c.name == name)
    )
    known = turn.connection.execute(query).scalars().first()
    if known is None:
        known = turn.new_person(name, turn.school.language)
        turn.grant(known, "guardian", student=child)
    return int(known)


def _waiting(turn: Turn, role: str, children: Sequence[int] | None, by_email: bool) -> list[tuple[int, list[int]]]:
    """(person, children) of that role who have not joined and are not linked in another way."""
    today = local_day(turn.now, turn.school.zone)
    query = (
        select(relation.c.person, relation.c.student, relation.c.course, person.c.email)
        .join(person, person.c.id == relation.c.person)
        .where(relation.c.school == turn.school.id, relation.c.role == role)
        .where(relation.c.until.is_(None) | (relation.c.until > today))
        .order_by(person.c.name, person.c.id, relation.c.id)
    )
    joined = _joined(turn) | _claimed(turn)
    kids: dict[int, list[int]] = {}
    for row in turn.connection.execute(query):
        if row.person not in joined and not (by_email and role == "teacher" and row.email and children is None):
            kids.setdefault(row.person, []).extend(_of(turn, row.student, row.course, children))
    if children is None:
        return [(who, found if role == "guardian" else []) for who, found in kids.items()]
    return [(who, found) for who, found in kids.items() if set(found) & set(children)]


def _joined(turn: Turn) -> set[int]:
    query = select(address.c.person).where(
        address.c.school == turn.school.id, address.c.state.notin_(("joining", "refused"))
    )
    return set(turn.connection.execute(query).scalars())


def _claimed(turn: Turn) -> set[int]:
    """Who has said yes and waits for the school's."""
    here, claimed = invitation.c.school == turn.school.id, invitation.c.state == "claimed"
    waits = here & claimed & (invitation.c.expires > turn.now)
    return set(turn.connection.execute(select(invitation.c.person).where(waits)).scalars())


def seal(turn: Turn, secret: str) -> None:
    """The running program notes, as a hash, under which key it knows codes."""
    here = school_.c.id == turn.school.id
    turn.connection.execute(update(school_).where(here).values(seal=hashed(SEALED, secret)))


def sealed_otherwise(turn: Turn, secret: str) -> bool:
    """Whether the program has run under another key, so that codes made with this one would never work."""
    found = turn.connection.execute(select(school_.c.seal).where(school_.c.id == turn.school.id)).scalar()
    return bool(found) and found != hashed(SEALED, secret)


def _of(turn: Turn, child: int, course: int, children: Sequence[int] | None) -> list[int]:
    if child:
        return [child]
    if children is None:
        return []
    pupils = select(enrolment.c.student).where(enrolment.c.course == course)
    return list(turn.connection.execute(pupils).scalars())


def _invite(turn: Turn, secret: str, who: int, role: str, children: Sequence[int]) -> Invited:
    old = update(invitation).where(invitation.c.person == who, invitation.c.state == "open")
    ended = turn.connection.execute(old.where(invitation.c.expires > turn.now).values(state="revoked")).rowcount
    code, token, expires = new_code(), new_token(), turn.now + LASTS
    row = {
        "school": turn.school.id, "person": who, "role": role, "student": children[0] if children else 0,
        "code": hashed(code, secret), "token": hashed(token, secret), "state": "open", "expires": expires, "address": 0,
    }  # fmt: skip
    turn.connection.execute(invitation.insert().values(row))
    named = turn.connection.execute(select(person).where(person.c.id == who)).one()
    kids = turn.connection.execute(
        select(student.c.name).where(student.c.id.in_(children)).order_by(student.c.name)
    ).scalars()
    names = ", ".join(kids) if role != "teacher" else ""
    return Invited(named.name, role, names or None, named.language, code, token, expires, ended)


# --- teachers on Slack, linked by e-mail ----------------------------------------------------------------------------


def unlinked(turn: Turn) -> list[tuple[int, str]]:
    """(person, e-mail) of every teacher with an address in the roster who has no place yet."""
    today = local_day(turn.now, turn.school.zone)
    query = (
        select(person.c.id, person.c.email)
        .join(relation, relation.c.person == person.c.id)
        .where(person.c.school == turn.school.id, person.c.email != "", relation.c.role == "teacher")
        .where(relation.c.until.is_(None) | (relation.c.until > today))
        .where(person.c.id.notin_(select(address.c.person).where(address.c.school == turn.school.id)))
        .distinct()
        .order_by(person.c.id)
    )
    return [(row.id, row.email) for row in turn.connection.execute(query)]


def link(turn: Turn, who: int, account: Account) -> Address:
    """A teacher known by e-mail needs no code: from now on this is where the cards go.

    An account that has joined already stays one person: what the roster says of the teacher moves over.
    """
    here = (address.c.school == turn.school.id) & (address.c.lane == account.lane) & (address.c.user == account.user)
    held = turn.connection.execute(select(*ADDRESS_COLUMNS).where(here)).first()
    if held is not None and held.state not in ("joining", "refused"):
        turn.move_relations(who, held.person)
        return to_address(held)
    place = turn.new_address(who, account)
    turn.set_address(place.id, state="reachable", joined_at=turn.now)
    return replace(place, state="reachable", joined_at=turn.now)


def set_language(turn: Turn, who: int, language: str) -> None:
    """From now on this person reads in that language, what stands on the screen included."""
    turn.connection.execute(update(person).where(person.c.id == who).values(language=language))
    turn.wake([who], None)


# --- a child's daily report ------------------------------------------------------------------------------------------


def report(turn: Turn, child: int, what: str, until: date | None) -> None:
    """start, pause or stop; a start also resumes what was paused."""
    today = turn.school.opened_through or date.min
    source = f"office:{what}:{child}:{turn.now.isoformat()}"
    data = {"until": until.isoformat()} if until else {}
    if what == "start":
        turn.record([Fact("report", "resume", turn.now, f"{source}#resume", student=child, day=today)])
        turn.record([start_fact(child, turn.now, "office", data.get("until", ""))])
    else:
        turn.record([Fact("report", what, turn.now, source, student=child, day=today, data=data)])
    taken = select(enrolment.c.course).where(enrolment.c.student == child)
    around = select(relation.c.person).where((relation.c.student == child) | relation.c.course.in_(taken))
    turn.wake(set(turn.connection.execute(around).scalars()), turn.school.opened_through)
