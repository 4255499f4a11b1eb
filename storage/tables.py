"""The tables. Every row has its school, every card its lane; instants are UTC, ids 64-bit, words stand for states."""

from datetime import UTC, date, datetime
from typing import Any, ClassVar

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Dialect,
    Double,
    Index,
    Integer,
    String,
    UniqueConstraint,
    false,
)
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field, SQLModel

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

# SQLite counts up only a key that is called INTEGER; its integers are 64-bit anyway.
Big = BigInteger().with_variant(Integer, "sqlite")


class UTCDateTime(TypeDecorator[datetime]):
    """Aware in, aware UTC out, on both databases; a naive datetime is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else _in_utc(value)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.astimezone(UTC)

    def bind_processor(self, dialect: Dialect) -> Any:
        """SQLite keeps text. A card has a dozen instants, and read and written here directly they cost a third."""
        return _to_text if dialect.name == "sqlite" else super().bind_processor(dialect)

    def result_processor(self, dialect: Dialect, coltype: Any) -> Any:
        return _from_text if dialect.name == "sqlite" else super().result_processor(dialect, coltype)


def _in_utc(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise ValueError("a datetime without a zone cannot be stored")
    return value.astimezone(UTC)


def _to_text(value: datetime | None) -> str | None:
    return None if value is None else _in_utc(value).replace(tzinfo=None).isoformat(" ", "microseconds")


def as_text(value: datetime, dialect: str) -> str:
    """An instant as that database reads it."""
    return str(_to_text(value)) if dialect == "sqlite" else _in_utc(value).isoformat()


def _from_text(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(f"{text}+00:00")


def key() -> Any:
    return Field(default=None, sa_column=Column(Big, primary_key=True))


def big(**more: Any) -> Any:
    return Field(default=0, sa_column=Column(BigInteger, nullable=False, **more))


def word(length: int = 16, default: str = "", **more: Any) -> Any:
    return Field(default=default, sa_column=Column(String(length), nullable=False, **more))


def moment(optional: bool = True) -> Any:
    return Field(default=None, sa_column=Column(UTCDateTime, nullable=optional))


def plain(**more: Any) -> Any:
    """A small JSON object."""
    return Field(default_factory=dict, sa_column=Column(JSON, nullable=False, **more))


def school() -> Any:
    return Field(sa_column=Column(String(40), nullable=False))


class SchoolRow(SQLModel, table=True):
    """Locked first by every transaction that says something about the school, so that all has one order."""

    __tablename__ = "school"
    id: str = Field(sa_column=Column(String(40), primary_key=True))
    facts: int = big()  # the number of the newest fact
    opened_through: date | None = None
    closed_through: date | None = None
    stale: bool = False  # the roster has changed: open the day again
    seal: str = word(64, server_default="")  # the keyed hash that tells under which key codes are known
    calendar: int = big(server_default="0")  # counts the changes of the calendar, so that each process reads it once


class LaneRow(SQLModel, table=True):
    __tablename__ = "lane"
    __table_args__ = (UniqueConstraint("platform", "name"),)
    id: int | None = key()
    platform: str = word()
    name: str = word(40)
    tenant: str = word(40)
    heard_until: datetime | None = moment()
    owner: str = word(40, server_default="")  # the process whose hands work it; "" for nobody
    lease_until: float = Field(default=0.0, sa_column=Column(Double, nullable=False, server_default="0"))  # see leases
    token: str = Field(default="", sa_column=Column(String, nullable=False, server_default=""))  # sealed


class PersonRow(SQLModel, table=True):
    __tablename__ = "person"
    __table_args__ = (Index(None, "school"),)
    id: int | None = key()
    school: str = school()
    name: str = word(200)
    language: str = word(default="en")
    email: str = word(254)
    contact: str = word(254)
    zone: str = word(40, server_default="")
    place: int = big(server_default="0")
    wishes: dict[str, Any] = plain(server_default="{}")


class AddressRow(SQLModel, table=True):
    __tablename__ = "address"
    __table_args__ = (UniqueConstraint("school", "lane", "user"), Index(None, "lane", "user"), Index(None, "person"))
    id: int | None = key()
    school: str = school()
    person: int = big()
    lane: int = big()
    user: str = word(64)
    chat: str = word(64)
    name: str = word(200)
    state: str = word(default="joining")
    joined_at: datetime | None = moment()
    failures: int = 0


class StudentRow(SQLModel, table=True):
    __tablename__ = "student"
    __table_args__ = (UniqueConstraint("school", "name", "group"),)
    id: int | None = key()
    school: str = school()
    name: str = word(200)
    group: str = word(200)
    apart: bool = Field(default=False, sa_column=Column(Boolean, nullable=False, server_default=false()))


class CourseRow(SQLModel, table=True):
    """A class by name and by who teaches it: two groups with two teachers are two classes."""

    __tablename__ = "course"
    __table_args__ = (UniqueConstraint("school", "name", "taught_by"),)
    id: int | None = key()
    school: str = school()
    name: str = word(200)
    taught_by: str = word(400)
    meets: str = word(60, server_default="")


class EnrolmentRow(SQLModel, table=True):
    __tablename__ = "enrolment"
    __table_args__ = (UniqueConstraint("school", "student", "course"), Index(None, "course"), Index(None, "student"))
    id: int | None = key()
    school: str = school()
    student: int = big()
    course: int = big()
    since: date | None = None
    until: date | None = None
    instead: int = big(server_default="0")  # the enrolment whose place in the order it took, 0: its own


class RelationRow(SQLModel, table=True):
    __tablename__ = "relation"
    __table_args__ = (
        UniqueConstraint("school", "person", "role", "student", "course"),
        Index(None, "student"),
        Index(None, "course"),
        Index(None, "person"),
        Index(None, "school", "role"),
    )
    id: int | None = key()
    school: str = school()
    person: int = big()
    role: str = word()
    student: int = big()
    course: int = big()
    since: date | None = None
    until: date | None = None
    granted_by: int = big()
    agreed_by: int = big(server_default="0")
    nights: str = word(7, server_default="")


class CalendarRow(SQLModel, table=True):
    """A day of a school's calendar. `source`: file (in force), said (declared by a person, over the file), offered (a
    changed file that waits for a yes) or kept (a changed file that got a no)."""

    __tablename__ = "calendar"
    __table_args__ = (UniqueConstraint("school", "source", "day", "kind"),)
    id: int | None = key()
    school: str = school()
    source: str = word()
    day: date = Field(nullable=False)
    kind: str = word()  # closed, early, letter; said also: open
    value: str = word(200)


class InvitationRow(SQLModel, table=True):
    """Codes are kept only as keyed hashes: one for the typed code, one for the link's token."""

    __tablename__ = "invitation"
    __table_args__ = (Index(None, "code"), Index(None, "token"), Index(None, "person"), Index(None, "school", "state"))
    id: int | None = key()
    school: str = school()
    person: int = big()
    role: str = word()
    student: int = big()
    code: str = word(64)
    token: str = word(64)
    state: str = word(default="open")
    expires: datetime = moment(optional=False)
    address: int = big()
    made_by: int = big(server_default="0")


class ArrivalRow(SQLModel, table=True):
    """What has been heard, so that a redelivery is known; kept 7 days. `raw` only for what could not be read."""

    __tablename__ = "arrival"
    __table_args__ = (Index(None, "heard_at"),)
    source: str = Field(sa_column=Column(String(200), primary_key=True))
    lane: int = big()
    heard_at: datetime = moment(optional=False)
    outcome: str = word(40)
    raw: str = Field(default="", sa_column=Column(String, nullable=False))


class FactRow(SQLModel, table=True):
    """The record. Number and salt are there so that a hash chain can be laid over old rows without touching them."""

    __tablename__ = "fact"
    __table_args__ = (
        UniqueConstraint("school", "source"),
        UniqueConstraint("school", "n"),
        Index(None, "student", "day"),
        Index(None, "student", "kind"),
        Index(None, "person", "kind"),
    )
    id: int | None = key()
    school: str = school()
    n: int = big()
    student: int = big()
    course: int = big()
    day: date | None = None
    kind: str = word()
    value: str = word()
    person: int = big()
    role: str = word()
    said_at: datetime = moment(optional=False)
    source: str = word(240)
    amends: int = big()
    data: dict[str, Any] = plain()
    salt: str = word(32)


class NightRow(SQLModel, table=True):
    __tablename__ = "night"
    __table_args__ = (UniqueConstraint("school", "student", "day"),)
    id: int | None = key()
    school: str = school()
    student: int = big()
    day: date = Field(nullable=False)
    lines: dict[str, Any] = plain()
    home: str = word()
    verdict: str = word()
    asked: bool = False
    rules: int = 1


class CardRow(SQLModel, table=True):
    __tablename__ = "card"
    __table_args__ = (
        UniqueConstraint("school", "person", "kind", "subject", "day"),
        UniqueConstraint("key"),
        Index(None, "lane", "prio", "wake_at", "id"),
        Index(None, "person", "day"),
        Index(None, "lane", "ref"),
    )
    NO_DAY: ClassVar[date] = date(1970, 1, 1)  # no NULL inside a key
    id: int | None = key()
    school: str = school()
    person: int = big()
    kind: str = word()
    subject: str = word(200)
    day: date = Field(nullable=False)
    key: str = word(22)
    lane: int = big()
    address: int = big()
    prio: int = 1
    wake_at: datetime | None = moment()
    wakes: int = 0
    ref: str = word(100)
    rev: int = 0
    digest: str = word(32)
    offers: dict[str, Any] = plain()
    view: dict[str, Any] = plain()
    pressed: dict[str, Any] = plain()
    booked_at: datetime | None = moment()
    shown_at: datetime | None = moment()
    attempts: int = 0
    fate: str = word()
    born_at: datetime | None = moment()
    error: str = word(200)


class RingRow(SQLModel, table=True):
    """A ring booked before the send: one a person, day and slot; at most eight numbered rows a person and week."""

    __tablename__ = "ring"
    __table_args__ = (
        UniqueConstraint("school", "person", "day", "slot"),
        UniqueConstraint("school", "person", "week", "n"),
    )
    id: int | None = key()
    school: str = school()
    person: int = big()
    day: date = Field(nullable=False)
    week: date = Field(nullable=False)  # its Monday
    slot: str = word()
    n: int = 0
    card: int = big()
