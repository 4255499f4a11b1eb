"""The hands make what is on people's screens agree with the board.

1. Note what was finished and book what is about to start, in one step with the store.
2. Read what is due, ask the board for its face, and decide with `act`: sleep, book, edit, miss or end.
3. Start what was booked and what is to be edited, as fast as each lane and each chat allows.
4. Wait for the next alarm, for a lane that is free again, or for the desk's knock.

`act` and `after` are pure and hold every decision; the loop around them decides nothing.
"""

import asyncio
import hashlib
import itertools
import logging
import math
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from bot import board
from bot.bundle import Bundle
from bot.lanes import LEASE, LONGEST_CALL, RENEW, Pace
from bot.model import Address, Button, Card, Face, Lane, Message, pointer
from bot.points import passed
from bot.ports import (
    Booking,
    Chat,
    ChatFailure,
    Clock,
    Gone,
    LaneDown,
    Later,
    Lease,
    Note,
    Rejected,
    Sent,
    Store,
    Unclear,
    Unreachable,
    Wants,
    Work,
)
from bot.schooldays import local_day

SLEEP, BOOK, EDIT, MISS, END = "sleep", "book", "edit", "miss", "end"
TRIES_UNCLEAR = 2  # a send whose end nobody knows is tried once more (PLATFORMS 3.6)
BACKOFF = 5.0  # seconds before an unclear edit or send is tried again; twice as long after each further one
MOST_BACKOFF = 300.0
GOLDEN = 0.618033988749895  # its multiples fall evenly between 0 and 1, whatever numbers the cards have
A_FEW = 32  # cards looked at in one go
BREATH = 0.02  # seconds between two looks at least, so that many knocks at once cost one look
HEARTBEAT = 20.0  # seconds after which the hands look even if nothing told them to
log = logging.getLogger(__name__)


# --- the decisions, pure ---------------------------------------------------------------------------------------------


def digest(message: Message) -> str:
    """What a screen shows, in 22 characters; sound and lock-screen text do not change a screen."""
    said = [[(span.text, span.style, span.link) for span in line] for line in message.lines]
    shown = (said, [[(button.label, button.value) for button in row] for row in message.rows])
    return hashlib.blake2b(repr(shown).encode(), digest_size=16).hexdigest()


def stamped(message: Message, card: Card, rev: int, silent: bool = False) -> Message:
    """The message as it goes out: every button carries the card's pointer and the revision that shows it."""
    this = pointer(card, rev)
    rows = tuple([tuple([Button(one.label, this + one.value) for one in row]) for row in message.rows])
    return replace(message, rows=rows, silent=silent)


def act(card: Card, face: Face, now: datetime) -> str:
    """What to do with a card that looks like `face` now."""
    if card.ref:
        if face.message is not None and digest(face.message) != card.digest:
            return EDIT
        return END if face.ended else SLEEP
    if face.ended:
        return END
    if card.fate == "unclear":
        return SLEEP  # given up, though somebody woke it while its last try was under way
    if face.message is None or (face.start is not None and now < face.start):
        return SLEEP
    if face.until is not None and now >= face.until:
        return MISS
    return BOOK


def after(card: Card, face: Face, deed: str, outcome: object, now: datetime) -> Note:
    """What to note once a deed has ended one way or another: the one place for all failures."""
    if deed == SLEEP:
        return Note(card, wake_at=_alarm(card, face, now))
    if deed == END:
        return Note(card, fate="ended")
    if deed == MISS:
        return Note(card, fate="missed", wake_at=face.again)
    if isinstance(outcome, ChatFailure):
        return _failed(card, face, deed, outcome)
    if face.message is None:
        raise ValueError(f"card {card.id}: nothing to show was shown")
    rev = card.rev + 1 if deed == EDIT else card.rev
    sent = outcome if isinstance(outcome, Sent) else None
    return Note(card, face.again, sent, digest(face.message), rev, face.offers)


def _alarm(card: Card, face: Face, now: datetime) -> datetime | None:
    """When to look again: the face's own word, or its start, whichever is sooner and still to come."""
    moments = [m for m in (face.again, None if card.ref else face.start) if m is not None and m > now]
    return min(moments, default=None)


def _failed(card: Card, face: Face, deed: str, failure: ChatFailure) -> Note:
    if isinstance(failure, Gone):
        return Note(card, gone=True, fate="gone", keep_alarm=True)
    if isinstance(failure, Unreachable):
        first = deed == BOOK and card.booked_at is None
        return Note(card, release=first, attempts=card.attempts, address_state="blocked", error=str(failure))
    if isinstance(failure, Rejected):
        return Note(card, fate="parked", error=str(failure))
    if isinstance(failure, Unclear) and deed == BOOK and card.attempts + 1 >= TRIES_UNCLEAR:
        asks = face.message is not None and bool(face.message.rows)
        return Note(card, fate="unclear", address_state="failing" if asks else "", error=str(failure))
    if isinstance(failure, Unclear):
        return Note(card, keep_alarm=True, error=str(failure))
    # Surely not sent, an edit to repeat, or a lane that is down: the alarm stands, the card is looked at again.
    # A first try whose end nobody knows is not forgotten over it.
    unknown = card.booked_at is not None
    released = deed == BOOK and not unknown and isinstance(failure, Later | LaneDown)
    return Note(card, keep_alarm=True, release=released, attempts=card.attempts if unknown else 0, error=str(failure))


# --- the loop --------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Deed:
    """A send or an edit that is booked or under way."""

    card: Card
    face: Face
    what: str
    address: Address


@dataclass(slots=True)
class LaneHand:
    """One lane as this process works it: its chat, its pace, and why it stopped, if it did."""

    lane: Lane
    chat: Chat
    pace: Pace
    down: str = ""
    wanted: int = 0  # sends that will be booked with the next step
    running: set[asyncio.Task[None]] = field(default_factory=set)
    held_until: float = -math.inf  # machine time until when no other process works this lane
    asked_at: float = -math.inf  # machine time at which it was last asked for
    taken: asyncio.Event = field(default_factory=asyncio.Event)
    serves: bool = True  # something went well since somebody was refused

    def holds(self, machine: float, seconds: float = 0.0) -> bool:
        """Whether the lane is this process's for that long from now."""
        return not self.down and machine + seconds < self.held_until

    def asks(self, machine: float) -> bool:
        """Whether it is time to take the lane or to renew its lease; a lane that is down is left to others."""
        return not self.down and machine >= self.asked_at + RENEW


Blocking = Callable[..., Any]


class Hands:
    """Works some lanes. `turn` is one round of the four steps; `run` repeats it; `rest` ends when nothing is left."""

    def __init__(
        self, store: Store, clock: Clock, blocking: Blocking, lanes: Sequence[LaneHand], me: str = "here"
    ) -> None:
        """`me` tells this process from all others on the same database."""
        self.store = store
        self.me = me
        self.clock = clock
        self.blocking = blocking
        self.lanes = {hand.lane.id: hand for hand in lanes}
        self.notes: list[Note] = []
        self.wanted: list[Deed] = []  # to be booked with the next step
        self.under_way: dict[int, Deed] = {}
        self.held: dict[int, float] = {}  # card → machine time before which it is not looked at
        self.unclear: dict[int, int] = {}  # card → how many tries in a row ended so
        self.next_alarm: datetime | None = None
        self.looked = math.inf  # machine time of the last round of `run`
        self._knock = asyncio.Event()

    def knock(self) -> None:
        """Something has changed: look now."""
        self._knock.set()

    def heard(self) -> None:
        """Somebody spoke, which shows that a platform answers again: what waited long for it is tried now."""
        for card in [card for card, tries in self.unclear.items() if tries > 1]:
            self.held.pop(card, None)
        self.knock()

    async def run(self) -> None:
        while True:
            self.looked = began = self.clock.machine()
            if not await self.turn():
                await self._wait()
            await asyncio.sleep(max(0.0, began + BREATH - self.clock.machine()))

    async def rest(self) -> None:
        """Works until nothing is due, booked or under way."""
        while True:
            moved = await self.turn()
            tasks = [task for hand in self.lanes.values() for task in hand.running]
            if tasks:
                await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            elif not moved and not self.notes and not self.wanted:
                return

    async def drain(self, seconds: float) -> None:
        """Lets what is under way end, notes it, and starts nothing new."""
        tasks = [task for hand in self.lanes.values() for task in hand.running]
        if tasks:
            await asyncio.wait(tasks, timeout=seconds)
        if self.notes:
            await self.blocking(self.store.step, self.clock.now(), self.notes, [], [], set())
            self.notes = []
        await self.blocking(self.store.release, Lease(self.me, list(self.lanes)))

    async def turn(self) -> bool:
        """One round; False if there was nothing to do."""
        self._knock.clear()
        now, machine = self.clock.now(), self.clock.machine()
        self.held = {card: until for card, until in self.held.items() if until > machine}
        notes, wanted = self.notes, self.wanted
        self.notes, self.wanted = [], []
        wants = self._wants(machine)
        for hand in self.lanes.values():
            hand.wanted = 0
        bookings = [self._booking(deed, now) for deed in wanted]
        skip = {*self.under_way, *self.held, *(deed.card.id for deed in wanted)}
        try:
            lease = Lease(self.me, [hand.lane.id for hand in self.lanes.values() if hand.asks(machine)])
            work: Work = await _to_its_end(self.blocking(self.store.step, now, notes, bookings, wants, skip, lease))
        except BaseException:
            self.notes = [*notes, *self.notes]
            raise
        passed("step committed")
        taken = self._hold(lease.lanes, work.held, machine)
        await self._start_all([deed for deed in wanted if deed.card.id in work.booked], work.booked)
        for b, cards in work.due:
            for start in range(0, len(cards), A_FEW):
                self._look(b, cards[start : start + A_FEW], now)
                await asyncio.sleep(0)  # whoever presses meanwhile is heard
        self.next_alarm = work.next_alarm
        return bool(notes or wanted or work.due or taken)

    def _hold(self, asked: Collection[int], held: Collection[int], machine: float) -> bool:
        """Counts leases from before the step, so that ours ends before the database's; whether a lane is new here."""
        new = False
        for hand in self.lanes.values():
            if hand.lane.id in asked:
                hand.asked_at = machine
            if hand.lane.id in held:
                new = new or not hand.holds(machine)
                hand.held_until = machine + LEASE
                hand.taken.set()
            elif hand.lane.id in asked:
                hand.held_until = -math.inf
        return new

    def _wants(self, machine: float) -> list[Wants]:
        """What each lane can take: a priority that waits for the lane's pace is not read."""
        mine = [hand for hand in self.lanes.values() if hand.holds(machine)]
        return [Wants(h.lane.id, h.pace.reads(machine, len(h.running) + h.wanted)) for h in mine]

    def _booking(self, deed: Deed, now: datetime) -> Booking:
        day = local_day(now, self.store.schools[deed.card.school].zone)  # a claim may ring on a later day than its own
        return Booking(deed.card, deed.address, day, deed.face.slot)

    def _look(self, b: Bundle, cards: Sequence[Card], now: datetime) -> None:
        for card in cards:
            hand = self.lanes.get(card.lane)
            if hand is not None and not hand.pace.open(card.prio, self.clock.machine()):
                continue  # stays due: no face is made that could not be shown
            try:
                face = board.face(card, b, now)
            except Exception:  # our fault with one card is never everybody's silence
                log.exception("card %s (%s) has no face and is parked", card.id, card.kind)
                self.notes.append(Note(card, fate="parked", error="no face"))
                continue
            what = act(card, face, now)
            if what in (BOOK, EDIT):
                self._want(b, card, face, what, now)
                continue
            note = after(card, face, what, None, now)
            self.notes.append(replace(note, facts=tuple(board.unasked(card, b, now))) if what == MISS else note)

    def _want(self, b: Bundle, card: Card, face: Face, what: str, now: datetime) -> None:
        """Takes up a send or an edit if lane and chat have room now; otherwise it stays due."""
        place = where(b, card, what)
        hand = self.lanes.get(place.lane) if place else None
        if place is None or hand is None:
            self.notes.append(Note(card, wake_at=face.again))
            return
        busy = len(hand.running) + hand.wanted
        wait = hand.pace.wait(what == EDIT, card.prio, place.id, self.clock.machine(), busy)
        if wait > 0:
            self.held[card.id] = self.clock.machine() + wait
            return
        deed = Deed(card, face, what, place)
        if what == BOOK:
            self.wanted.append(deed)
            hand.wanted += 1
        else:
            self._start(deed)

    # --- sending and editing ---

    async def _start_all(self, deeds: Sequence[Deed], rings: Mapping[int, bool]) -> None:
        """A few at a time, so that whoever presses meanwhile is heard; all of them, also when told to end."""
        left = iter(deeds)
        try:
            while few := list(itertools.islice(left, A_FEW)):
                for deed in few:
                    self._start(deed, rings[deed.card.id])
                await asyncio.sleep(0)
        finally:
            for deed in left:
                self._start(deed, rings[deed.card.id])

    def _start(self, deed: Deed, rings: bool = True) -> None:
        hand = self.lanes[deed.address.lane]
        self.under_way[deed.card.id] = deed
        task = asyncio.ensure_future(self._do(hand, deed, rings))
        hand.running.add(task)
        task.add_done_callback(hand.running.discard)

    async def _do(self, hand: LaneHand, deed: Deed, rings: bool) -> None:
        outcome: object
        try:
            if not hand.holds(self.clock.machine(), LONGEST_CALL):
                raise Later(0.0, "the lane is no longer ours for as long as a call may take")
            async with asyncio.timeout(LONGEST_CALL):
                outcome = await self._call(hand, deed, rings)
        except TimeoutError:
            outcome = Unclear(f"no answer within {LONGEST_CALL:.0f} seconds")
            self._slow_down(hand, deed, outcome)
        except ChatFailure as failure:
            outcome = failure
            self._slow_down(hand, deed, failure)
        except Exception as error:
            log.exception("a %s of card %s failed in the adapter", deed.what, deed.card.id)
            outcome = Rejected(f"{type(error).__name__}")
        self.under_way.pop(deed.card.id, None)
        note = after(deed.card, deed.face, deed.what, outcome, self.clock.now())
        if not isinstance(outcome, Unclear) or note.fate:
            self.unclear.pop(deed.card.id, None)
        refused, failed = _counts(hand, deed.what, outcome), isinstance(outcome, ChatFailure)
        doubted = deed.address.failures > 0 or deed.address.state == "failing"
        if failed or doubted:
            note = replace(note, address=deed.address.id, refused=refused, recovered=not failed)
        self.notes.append(note)
        self._knock.set()

    async def _call(self, hand: LaneHand, deed: Deed, rings: bool) -> object:
        card, message = deed.card, deed.face.message
        if message is None:
            raise Rejected("nothing to show")
        if deed.what == EDIT:
            passed("before edit")
            await hand.chat.edit(deed.address, card.ref, stamped(message, card, card.rev + 1))
            passed("edited")
            return None
        silent = message.silent or not rings or card.fate == "gone"  # what takes a deleted one's place makes no sound
        out = stamped(message, card, card.rev, silent)
        passed("before send")
        sent = await hand.chat.send(deed.address, out, card.key, card.booked_at)
        passed("sent")
        return sent

    def _slow_down(self, hand: LaneHand, deed: Deed, failure: ChatFailure) -> None:
        """Machine time only: nothing here moves a card's alarm."""
        machine = self.clock.machine()
        if isinstance(failure, LaneDown):
            hand.down = str(failure)
            log.error("lane %s is down: %s", hand.lane.platform, failure)
        elif isinstance(failure, Later):
            self.held[deed.card.id] = machine + failure.seconds
            hand.pace.hold(deed.address.id, machine + failure.seconds, machine, failure.whole_lane, failure.refused)
        elif isinstance(failure, Unclear):
            unclear = self.unclear.get(deed.card.id, 0)
            self.unclear[deed.card.id] = unclear + 1
            self.held[deed.card.id] = machine + backoff(deed.card.id, unclear)

    async def _wait(self) -> None:
        machine = self.clock.machine()
        moments = [until - machine for until in self.held.values()]
        moments += [hand.asked_at + RENEW - machine for hand in self.lanes.values() if not hand.down]
        moments += [hand.pace.free_at() - machine for hand in self.lanes.values()]
        if self.next_alarm is not None:
            moments.append(self.clock.seconds_until(self.next_alarm))
        soonest = min([m for m in moments if m > 0], default=HEARTBEAT)
        try:
            # Not wait_for: it would swallow the cancellation of hands that were knocked at in the same moment.
            async with asyncio.timeout(min(max(soonest, 0.001), HEARTBEAT)):
                await self._knock.wait()
        except TimeoutError:
            return


async def _to_its_end(call: Awaitable[Any]) -> Any:
    """The result, also when told to end meanwhile: what is booked is started, so that nobody takes it for sent."""
    working = asyncio.ensure_future(call)
    try:
        return await asyncio.shield(working)
    except asyncio.CancelledError:
        try:
            return await working
        finally:
            if task := asyncio.current_task():
                task.cancel()


def backoff(card: int, unclear: int) -> float:
    """Seconds until a card is tried again after so many unclear tries before this one; from then on not in step."""
    spread = card * GOLDEN % 1 / 8 if unclear else 0.0
    return min(BACKOFF * 2.0 ** min(unclear, 10), MOST_BACKOFF) * (1 + spread)


def _counts(hand: LaneHand, what: str, outcome: object) -> bool:
    """Whether it counts against the address: refused for a reason we do not know, while the platform serves others."""
    if not isinstance(outcome, ChatFailure):
        hand.serves = True
        return False
    if what == EDIT or not (isinstance(outcome, Later) and outcome.refused):
        return False
    serves, hand.serves = hand.serves, False
    return serves


def where(b: Bundle, card: Card, what: str) -> Address | None:
    """Where a card goes: an edit to where it stands, a new message to where the person is reached."""
    places = b.addresses.get(card.person, ())
    own = next((place for place in places if place.id == card.address), None)
    if what == EDIT:
        return own if own is not None and own.state != "blocked" else None
    if card.kind in ("join", "stopped"):
        return own
    if own is not None and own.works:
        return own
    return next((place for place in places if place.works), None)
