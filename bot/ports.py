"""The doors of the core: what arrives, what a platform must do, and the tree of what can go wrong with it.

ChatFailure
├── Unreachable   this person: blocked, deactivated, never wrote to the bot
├── LaneDown      this installation: token revoked, scope missing
├── Later         surely not done; try again after `seconds`
├── Gone          that message no longer exists or cannot be edited
├── Unclear       may have been done: a timeout, a dropped answer
└── Rejected      our own mistake: parked, never retried
"""

from collections.abc import Callable, Collection, Iterable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Protocol

from bot.model import Address, Card, Days, Draft, Fact, Invitation, Lane, Message, School, Student, Wish

if TYPE_CHECKING:
    from bot.bundle import Bundle


class StoreAway(Exception):
    """The database does not answer; nothing was stored, so nothing may be acknowledged."""


class ChatFailure(Exception):
    """A platform did not do what was asked; the subclass says what follows."""


class Unreachable(ChatFailure):
    """This person cannot be reached here until they write again."""


class LaneDown(ChatFailure):
    """This installation may no longer speak."""


class Later(ChatFailure):
    """Surely not done. `seconds` (machine time) until the next try; `whole_lane` if everybody there must wait;
    `refused` if the platform refuses this one person for a reason we do not know."""

    def __init__(self, seconds: float, why: str = "", whole_lane: bool = False, refused: bool = False) -> None:
        super().__init__(why or f"try again in {seconds} s")
        self.seconds = seconds
        self.whole_lane = whole_lane
        self.refused = refused


class Gone(ChatFailure):
    """The message to edit is not there any more."""


class Unclear(ChatFailure):
    """Nobody knows whether it was done."""


class Rejected(ChatFailure):
    """The platform calls our request malformed: our mistake."""


@dataclass(frozen=True, slots=True)
class Account:
    """Who speaks, as the platform tells it: identified by lane and user alone; names are free text and change."""

    lane: int
    user: str
    chat: str = ""
    name: str = ""
    language: str = ""
    private: bool = True  # False: other people read here, so no child's data


@dataclass(frozen=True, slots=True)
class Arrival:
    """Something a person did. `source` is unique: the same one again is a redelivery and changes nothing.

    `said_at`: the platform's own time, where it has one and the clock is the real one. `resumed`: it may have waited
    while nobody listened, so it counts as said when listening stopped.
    """

    account: Account
    source: str
    said_at: datetime | None = None
    resumed: bool = False


@dataclass(frozen=True, slots=True)
class Tapped(Arrival):
    data: str = ""
    ref: str = ""


@dataclass(frozen=True, slots=True)
class Said(Arrival):
    """Typed text, a command's word included; `attached`: a photo, voice or file, never fetched."""

    text: str = ""
    attached: bool = False


@dataclass(frozen=True, slots=True)
class Left(Arrival):
    """The person blocked the bot or was deactivated."""


@dataclass(frozen=True, slots=True)
class CameBack(Arrival):
    """The person unblocked the bot."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the desk says at once to who spoke: a short `toast`, or a `reply` kept nowhere (strangers, groups)."""

    toast: str = ""
    reply: Message | None = None


@dataclass(frozen=True, slots=True)
class Sent:
    """Where the message stands now (the platform's opaque reference) and whether it made a sound."""

    ref: str
    rang: bool = True


class Ear(Protocol):
    """What an adapter may ask of the core. Every call is stored before it returns: commit, then acknowledge."""

    async def hear(self, arrival: Arrival) -> Answer: ...

    async def park(self, lane: int, source: str, raw: str) -> None:
        """Keeps an update that cannot be read, raw, as a dead letter."""
        ...

    async def heard(self, lane: int, until: datetime) -> None:
        """Everything this lane's platform had for us until then is stored."""
        ...

    async def today(self, account: Account) -> list[Message]:
        """What this person's screens should show today, buttons included (Slack's App Home)."""
        ...

    def now(self) -> datetime:
        """School time, aware UTC."""
        ...

    @property
    def rate(self) -> float:
        """How fast school time runs: 1.0 is real, anything else is practice."""
        ...


class Chat(Protocol):
    """A platform, in three verbs. Raises only the failures above."""

    async def send(self, address: Address, message: Message, key: str, again: datetime | None) -> Sent:
        """Puts a new message on that person's screen. `again`: when a first attempt started whose end is unknown."""
        ...

    async def edit(self, address: Address, ref: str, message: Message) -> None: ...

    async def listen(self, ear: Ear) -> None:
        """Hears the platform until cancelled. Its own trouble never ends it; LaneDown does."""
        ...


class Clock(Protocol):
    """Two faces: school time (real, practice or wound by hand) and machine time (always real, monotonic seconds)."""

    rate: float

    def now(self) -> datetime: ...

    def machine(self) -> float: ...

    def seconds_until(self, moment: datetime) -> float:
        """Machine seconds until school time reaches that moment; infinity where time stands still."""
        ...


# --- what the hands and the store say to each other -------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Booking:
    """A card that is about to be sent for the first time: booked first, so that nothing starts on stale knowledge."""

    card: Card
    address: Address
    day: date  # the school date whose ring it needs
    slot: str = ""  # "" needs no ring


@dataclass(frozen=True, slots=True)
class Note:
    """What became of a card, as one row to write. None leaves a column as it is.

    `wake_at` is set only if nobody woke the card since it was read (`wakes`); `ref` and `rev` only where they fit
    what stands by then. `facts` are the program's own, such as *not asked*.
    """

    card: Card
    wake_at: datetime | None = None
    sent: Sent | None = None
    shown: str | None = None  # the digest now on the screen
    rev: int = 0
    offers: tuple[str, ...] = ()
    fate: str | None = None
    gone: bool = False  # the message is not there any more
    release: bool = False  # surely not sent: the booking ends, its ring is given back
    attempts: int | None = None
    address: int = 0  # where it went, or was to go
    address_state: str = ""
    refused: bool = False  # the platform refused that address for a reason we do not know
    recovered: bool = False  # it took a message again
    error: str = ""
    keep_alarm: bool = False  # whatever happened moves no alarm
    facts: tuple[Fact, ...] = ()


@dataclass(frozen=True, slots=True)
class Wants:
    """How much of a lane the hands can take now: priority → how many due cards; a missing one is not read."""

    lane: int
    limits: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class Lease:
    """Which lanes a process asks to hold from now on; a lane has one owner at a time (DESIGN: Lane)."""

    owner: str
    lanes: Collection[int]


@dataclass(frozen=True, slots=True)
class Work:
    """The answer of one step: what is booked (card id → may it ring), what is due with its bundle, the next alarm,
    and which of the lanes that were asked for are held."""

    booked: Mapping[int, bool]
    due: Sequence[tuple["Bundle", Sequence[Card]]]
    next_alarm: datetime | None
    held: Collection[int] = ()


class Turn(Protocol):
    """One transaction that holds a school: everything said about it has one order."""

    school: School
    now: datetime
    today: date  # the school's date

    def bundle(self, cards: Collection[Card] = (), people: Iterable[int] = (), whole: bool = False) -> "Bundle": ...

    def card(self, key: str) -> Card | None: ...

    def find_card(self, person: int, kind: str, subject: str = "", day: date | None = None) -> Card | None: ...

    def record(self, facts: Iterable[Fact]) -> list[Fact]:
        """Appends facts with the school's next numbers; one whose source stands already is the same fact."""
        ...

    def add(self, drafts: Iterable[Draft], addresses: Mapping[int, Address]) -> None:
        """Adds the cards that are missing; `addresses` tells where each person is reached."""
        ...

    def cards(self, kind: str, day: date) -> list[Card]:
        """All cards of that kind and school date."""
        ...

    def wake(self, people: Collection[int], day: date | None, first: int = 0) -> None: ...

    def wake_all(self, day: date) -> None:
        """Wakes every open card of a school date and later."""
        ...

    def change(self, which: Card, **values: Any) -> None:
        """Changes a card and wakes it as what somebody is waiting for."""
        ...

    def leave(self, which: Card, ref: str) -> None:
        """A copy of a card stands at `ref`: it becomes a closed line."""
        ...

    def calendar(self, source: str) -> Days:
        """The calendar's days under `source`: file, said, offered (waits for a yes) or kept (got a no)."""
        ...

    def set_calendar(self, source: str, days: Days) -> None:
        """Replaces them; what is in force counts at once."""
        ...

    def set_person(self, which: int, **values: Any) -> None: ...

    def set_wishes(self, which: int, wishes: Mapping[str, Wish]) -> None: ...

    def move_cards(self, person: int, place: Address, day: date) -> None:
        """Cards of that date and later that are not out yet go to this place."""
        ...

    def close_cards(self, person: int) -> None:
        """Every card of this person becomes a closed line, and its buttons are dead for good."""
        ...

    def awaiting(self, person: int) -> Card | None:
        """The newest card of this person that waits for a typed word."""
        ...

    def own_code(self, person: int, secret: str) -> str:
        """A code with which this person adds a second account of their own; good for an hour, kept as a hash."""
        ...

    def new_keys(self, person: int) -> None:
        """Every button this person has seen is dead; what still concerns them is drawn afresh."""
        ...

    def set_student(self, which: int, **values: Any) -> None: ...

    def students_named(self, name: str) -> list[Student]:
        """The children who fit a NAME, a NAME (group) or a first name."""
        ...

    def new_person(self, name: str, language: str) -> int: ...

    def new_invitation(self, person: int, role: str, student: int, secret: str, by: int) -> str:
        """A new personal code, returned once and kept as a hash; an older open one of this person ends."""
        ...

    def end_invitations(self, person: int, student: int) -> None:
        """Open codes of this person for that child are dead."""
        ...

    def counted(self) -> Mapping[str, int]:
        """How many children there are, how many follow a daily report, and whose homes and teachers have joined."""
        ...

    def add_child(self, name: str, group: str, courses: Collection[int], known: int) -> int:
        """Puts a child, new or known, into these classes from today on."""
        ...

    def set_relation(self, which: int, **values: Any) -> None: ...

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
        ...

    def new_address(self, person: int, account: Account) -> Address: ...

    def set_address(self, which: int, **values: Any) -> None: ...

    def address(self, which: int) -> Address | None: ...

    def invitation_by(self, hashed: str) -> Invitation | None: ...

    def invitation(self, which: int) -> Invitation | None: ...

    def set_invitation(self, which: int, **values: Any) -> None: ...

    def move_relations(self, giver: int, taker: int) -> list[int]: ...


@dataclass(frozen=True, slots=True)
class Push:
    """A button of a dialogue that was pressed, with what its answer may need. `secret` keys the hashes of codes."""

    turn: Turn
    card: Card
    place: Address
    rev: int
    value: str
    said_at: datetime
    source: str
    secret: str = ""


class Heard(Protocol):
    """What the desk works with while an arrival is being heard."""

    now: datetime
    lane: int
    source: str
    schools: MutableMapping[str, School]

    def addresses(self, user: str) -> list[tuple[str, Address]]: ...

    def school_of(self, key: str) -> str | None: ...

    def heard_until(self) -> datetime | None: ...

    def turn(self, school: str) -> Turn: ...

    def outcome(self, what: str) -> None: ...

    def tries(self, outcome: str, since: datetime, begins: bool = False) -> int: ...


class Store(Protocol):
    """What is kept. Short synchronous methods, each one transaction."""

    schools: dict[str, School]

    def lane(self, platform: str, name: str = "", tenant: str = "") -> Lane:
        """The lane of that bot token, made when it is new."""
        ...

    def hear(self, what: Arrival, now: datetime, decide: Callable[[Any], Answer]) -> Answer: ...

    def look(self, which: int, now: datetime, do: Callable[[Any], Any]) -> Any:
        """Reads as `hear` does, for an account of that lane; nothing has arrived."""
        ...

    def park(self, which: int, source: str, raw: str, now: datetime) -> None: ...

    def heard(self, which: int, until: datetime) -> None: ...

    def turn(self, school: str, now: datetime, do: Callable[[Any], Any]) -> Any: ...

    def step(
        self,
        now: datetime,
        notes: Sequence[Note],
        bookings: Sequence[Booking],
        wants: Sequence[Wants],
        skip: set[int],
        lease: Lease | None = None,
    ) -> Work:
        """One transaction. With a `lease`, a card is booked, and what is due is read, only on a lane that is held."""
        ...

    def release(self, lease: Lease) -> None:
        """Gives lanes back, so that another process need not wait for the lease to run out."""
        ...

    def open_days(self, now: datetime) -> int: ...

    def close_days(self, now: datetime) -> int: ...

    def forget(self, now: datetime) -> None: ...
