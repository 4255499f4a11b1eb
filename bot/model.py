"""The nouns of the product: people and classes, what they say (facts), and the cards that live on their screens."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

# --- what a card shows -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Span:
    """A run of literal text. `style` is "", "bold" or "italic"; adapters render, so nothing here needs escaping."""

    text: str
    style: str = ""
    link: str = ""


Line = tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Button:
    """A label of at most 30 characters and a value; the hands put the card's pointer in front of it (`pointer`)."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Message:
    """What stands on one screen: plain lines, rows of buttons and a preview that is safe on a lock screen."""

    lines: tuple[Line, ...]
    rows: tuple[tuple[Button, ...], ...] = ()
    preview: str = ""
    silent: bool = False
    sensitive: bool = True  # names a child: not to be forwarded where the platform can hold that


# --- school, people, classes -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class School:
    """A school and its daily times, from the configuration, with how far its days are opened and closed."""

    id: str
    name: str
    zone: ZoneInfo
    language: str = "en"
    weekdays: frozenset[int] = frozenset(range(5))
    teacher_card: time = time(15, 10)
    teacher_nudge: time = time(16, 10)
    home_card: time = time(17, 30)
    home_nudge: time = time(19, 45)
    day_closes: time = time(23, 0)
    closed: Mapping[date, str] = field(default_factory=dict, hash=False)  # days off with their title
    early: Mapping[date, time] = field(default_factory=dict, hash=False)  # half days: when lessons end
    letters: Mapping[date, str] = field(default_factory=dict, hash=False)  # A and B days, where the school has them
    extra: frozenset[date] = frozenset()  # school dates that no weekday or file would make one
    calendar: int = 0  # the revision of the four above
    opened_through: date | None = None
    closed_through: date | None = None


@dataclass(frozen=True, slots=True)
class Lane:
    """One bot token: a Telegram bot, a Slack installation or the try-it page. `tenant` is the Slack team, else ""."""

    id: int
    platform: str
    name: str = ""
    tenant: str = ""
    heard_until: datetime | None = None

    @property
    def can_be_silent(self) -> bool:
        """Slack rings for every new message; there a silent copy is not sent (PLATFORMS 4)."""
        return self.platform != "slack"


@dataclass(frozen=True, slots=True)
class Person:
    """Who is asked and told. What a person has not chosen is "": then the school's word counts.

    `zone`: an own time zone; `wishes`: own times by role; `place`: the address that is asked, where there are two.
    """

    id: int
    name: str
    language: str = "en"
    email: str = ""
    contact: str = ""
    zone: str = ""
    place: int = 0
    wishes: Mapping[str, "Wish"] = field(default_factory=dict, hash=False)

    def wish(self, role: str) -> "Wish":
        return self.wishes.get(role, NO_WISH)


@dataclass(frozen=True, slots=True)
class Wish:
    """Own times of a teacher or guardian: when the day's card comes, and from when until when anything may ring."""

    card_at: time | None = None
    hours_from: time | None = None
    hours_until: time | None = None


NO_WISH = Wish()


@dataclass(frozen=True, slots=True)
class Student:
    """A child. `apart`: two homes that do not read each other's names (F14)."""

    id: int
    name: str
    group: str = ""
    apart: bool = False


@dataclass(frozen=True, slots=True)
class Course:
    """A class as it stands on the home card's line: Maths. Python keeps the word `class` for itself.

    `meets`: "" for every day, weekdays (mon,wed) or the letters of the school's cycle (A).
    """

    id: int
    name: str
    meets: str = ""

    def meets_on(self, day: date, letter: str) -> bool:
        """Whether the class meets on a school date; a date whose letter nobody told counts as one it meets on."""
        days = self.meets.split(",") if self.meets else []
        if not days:
            return True
        return WEEKDAYS[day.weekday()] in days if days[0] in WEEKDAYS else letter in ("", *days)


WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, slots=True)
class Relation:
    """Why a person may see or say something: a role towards a student or a course, from a day until a day.

    `granted_by` and `agreed_by`: who said yes for the school and for home (0: the roster or the office). `nights`: the
    weekdays on which this guardian is asked first (0 is Monday).
    """

    id: int
    person: int
    role: str  # teacher, stand_in, guardian, coordinator, counsellor, admin, provider
    student: int = 0
    course: int = 0
    since: date | None = None
    until: date | None = None
    granted_by: int = 0
    agreed_by: int = 0
    nights: str = ""

    def live(self, day: date) -> bool:
        """Whether it holds on that date; a provider needs a yes from school and from home, and an end."""
        held = (self.since is None or self.since <= day) and (self.until is None or day < self.until)
        return held and (self.role != "provider" or bool(self.granted_by and self.agreed_by and self.until))


@dataclass(frozen=True, slots=True)
class Address:
    """Where a person is reached. `state`: joining, reachable, failing, blocked, stopped or refused."""

    id: int
    person: int
    lane: int
    user: str
    chat: str = ""
    name: str = ""
    state: str = "joining"
    joined_at: datetime | None = None
    failures: int = 0  # refusals in a row for a reason we do not know

    @property
    def works(self) -> bool:
        return self.state in ("reachable", "failing")


@dataclass(frozen=True, slots=True)
class Invitation:
    """A personal invitation. `state`: open, claimed, joined, refused, revoked. `address` is who claimed it."""

    id: int
    person: int
    role: str
    student: int
    state: str
    expires: datetime
    address: int = 0
    made_by: int = 0  # who asked for it in chat, 0: the office


@dataclass(frozen=True, slots=True, order=True)
class CalendarDay:
    """A school date that differs. kind: closed (value: its title), early (value: dismissal, HH:MM), letter, open."""

    day: date
    kind: str
    value: str = ""


Days = frozenset[CalendarDay]


# --- what people say -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Fact:
    """Something a person said about a child on a school date; person 0 is the program. Never changed, only amended.

    kind and value: line (written, not_written, no_homework, absent, cant_say, dont_know) · home (done, partly,
    not_done, cant_say) · reason (forgot …) · rushed · take · away (on, off) · mute · report (start, begun, pause,
    resume, stop) · unasked (teacher, home) · joined · stopped · back · link (begun, ended: a relation) · calendar
    (closed, open, early, used, kept).
    """

    kind: str
    value: str
    said_at: datetime
    source: str
    person: int = 0
    role: str = ""
    student: int = 0
    course: int = 0
    day: date | None = None
    amends: int = 0
    data: Mapping[str, Any] = field(default_factory=dict)
    n: int = 0  # the school's running number; 0 until it is recorded


# --- cards -----------------------------------------------------------------------------------------------------------

AWAITED, RINGING, QUIET = 0, 1, 2  # whose turn it is on a lane: who just pressed, then what rings, then silent edits


@dataclass(frozen=True, slots=True)
class Card:
    """One message that lives on one person's screen: the outbox row and the reference of the message in one.

    `wake_at` is its one alarm, `wakes` counts how often it was woken, `ref` tells where it stands, `rev` counts its
    edits, `offers` maps each line it offers to the revision that offered it first, `view` is an opened menu.
    """

    id: int
    school: str
    person: int
    kind: str
    subject: str = ""
    day: date | None = None
    key: str = ""
    lane: int = 0
    address: int = 0
    prio: int = RINGING
    wake_at: datetime | None = None
    wakes: int = 0
    ref: str = ""
    rev: int = 0
    digest: str = ""
    offers: Mapping[str, int] = field(default_factory=dict)
    view: Mapping[str, Any] = field(default_factory=dict)
    pressed: Mapping[str, Any] = field(default_factory=dict)
    booked_at: datetime | None = None  # first try of a send whose end is not noted yet
    shown_at: datetime | None = None
    attempts: int = 0
    fate: str = ""  # again (asked for afresh), gone (vanished from the screen), missed, capped, unclear, parked, ended
    born_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """A card to be: unique by person, kind, subject and day; a second one of the same key is the same card."""

    person: int
    kind: str
    day: date | None
    wake_at: datetime
    subject: str = ""
    prio: int = RINGING
    view: Mapping[str, Any] = field(default_factory=dict)
    address: int = 0
    ref: str = ""


@dataclass(frozen=True, slots=True)
class Face:
    """What a card should show now, and when to look again (always later than now; None: when somebody wakes it).

    A message may be started between `start` and `until`; `slot` names the ring it needs (day, nudge, event or "").
    `offers` are the lines a bulk button would answer. `ended`: nothing will ever change here again.
    """

    message: Message | None = None
    start: datetime | None = None
    until: datetime | None = None
    again: datetime | None = None
    slot: str = ""
    offers: tuple[str, ...] = ()
    why: str = ""
    ended: bool = False


def code36(number: int) -> str:
    """A number from 0 to 2**63 in at most 13 characters."""
    digits = "0123456789abcdefghijklmnopqrstuvwxyz"
    text = digits[number % 36]
    while number := number // 36:
        text = digits[number % 36] + text
    return text


def pointer(card: Card, rev: int) -> str:
    """What the data of a card's buttons begins with, before the button's own value: which card, which revision. All of
    it is at most 64 ASCII characters on both platforms."""
    return f"{card.key}.{code36(rev)}."


def unpoint(data: str) -> tuple[str, int, str] | None:
    """Key, revision and value of a button's data, or None if it is not ours. It gives no right: the desk asks who."""
    parts = data.split(".", 2)
    if len(data) > 64 or len(parts) != 3 or not (data.isascii() and len(parts[0]) == 22 and parts[1].isalnum()):
        return None
    try:
        return parts[0], int(parts[1], 36), parts[2]
    except ValueError:
        return None
