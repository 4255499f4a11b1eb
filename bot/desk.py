"""The desk: whatever arrives is heard here. Who is it, may they, what did they say; stored before anybody answers."""

import logging
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from bot import adding, board, claims, closures, confirming, links, rests, setup, stand_ins, wishes, words
from bot.bundle import Bundle
from bot.cards.parts import school_date
from bot.cards.presses import Press, Pressed, on_home, on_teacher
from bot.claims import said
from bot.commands import understood
from bot.hands import stamped
from bot.model import Address, Card, Fact, Message, unpoint
from bot.points import passed
from bot.ports import Account, Answer, Arrival, CameBack, Clock, Heard, Left, Push, Said, Store, StoreAway, Tapped, Turn
from bot.recording import lost, record
from bot.replies import begins, newcomer, reached_again, word
from bot.schooldays import local_day

MINUTE, MOST_A_MINUTE = timedelta(minutes=1), 20  # messages of one account that are heard (G-100)
PATIENCE = 2.5  # seconds a platform is let wait for the database; Slack gives three
REPEAT = timedelta(seconds=2)  # the same button of the same revision again, so soon, is the same press
PRESSES: dict[str, Callable[[Press, Bundle], Pressed]] = {
    "teacher": on_teacher,
    "teacher nudge": on_teacher,
    "home": on_home,
    "home nudge": on_home,
}
DIALOGUES: dict[str, Callable[[Push], Answer]] = {
    "claims": confirming.pressed,
    "pause": rests.pressed,
    "who": links.pressed,
    "add": adding.pressed,
    "agree": confirming.agreed,
    "setup": setup.pressed,
    "settings": wishes.pressed,
    "stand in": stand_ins.answered,
    "calendar": closures.pressed,
}
ACTIONS = {"line": "confirm written", "take": "answer instead"}  # every other fact of a press confirms what is done
log = logging.getLogger(__name__)

Blocking = Callable[..., Awaitable[Any]]  # runs a method of the store on its thread


class Desk:
    """Implements `Ear`. `blocking` runs a store call where it may block; `woken` tells the hands to look."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        blocking: Blocking,
        secret: str,
        woken: Callable[[], object] = lambda: None,
        previous: str = "",
    ) -> None:
        self.store = store
        self.clock = clock
        self.blocking = blocking
        self.secret = secret
        self.previous = previous  # codes made under the key before are good until they expire (G-028)
        self.woken = woken

    @property
    def rate(self) -> float:
        return self.clock.rate

    def now(self) -> datetime:
        return self.clock.now()

    async def hear(self, arrival: Arrival) -> Answer:
        """Everything durable first. What we cannot handle is kept as a dead letter and told, never retried."""
        now, until = self.clock.now(), self.clock.machine() + PATIENCE
        passed("arrival received")
        try:
            answer: Answer = await self.blocking(
                self.store.hear, arrival, now, lambda heard: self._in_time(arrival, heard, until)
            )
        except StoreAway:
            raise
        except Exception:
            fault = secrets.token_hex(3)
            log.exception("fault %s while hearing a %s", fault, type(arrival).__name__)
            await self.blocking(self.store.park, arrival.account.lane, arrival.source, type(arrival).__name__, now)
            passed("arrival parked")
            return said(arrival.account.language, "our-fault", fault=fault)
        passed("arrival committed")
        self.woken()
        return answer

    async def park(self, lane: int, source: str, raw: str) -> None:
        log.warning("an update could not be read and is kept as a dead letter")
        await self.blocking(self.store.park, lane, source, raw, self.clock.now())

    async def heard(self, lane: int, until: datetime) -> None:
        await self.blocking(self.store.heard, lane, until)

    async def today(self, account: Account) -> list[Message]:
        now = self.clock.now()
        found: list[Message] = await self.blocking(self._today, account, now)
        return found

    # --- deciding, inside the transaction ---

    def _in_time(self, arrival: Arrival, heard: Heard, until: float) -> Answer:
        """A word heard too late is not stored: its platform sends it again, and then somebody reads the answer."""
        answer = self.decide(arrival, heard)
        if isinstance(arrival, Said) and self.clock.machine() > until:
            raise StoreAway("the database took too long")
        return answer

    def decide(self, arrival: Arrival, heard: Heard) -> Answer:
        account = arrival.account
        if isinstance(arrival, Tapped):
            return self._tapped(arrival, heard)
        if not account.private:
            return said(account.language, "write-directly")
        if isinstance(arrival, Said):
            return self._said(arrival, heard)
        if isinstance(arrival, Left | CameBack):
            _reached(heard, account, isinstance(arrival, CameBack))
        return Answer()

    # --- taps ---

    def _tapped(self, tap: Tapped, heard: Heard) -> Answer:
        found = unpoint(tap.data)
        school = heard.school_of(found[0]) if found else None
        mine = dict(heard.addresses(tap.account.user))
        if found is None or school is None:
            return self._not_yours(heard, tap.account)
        turn = heard.turn(school)
        card = turn.card(found[0])
        place = mine.get(school)
        if card is None or place is None or place.person != card.person:
            return self._not_yours(heard, tap.account)
        if place.id == card.address:
            card = _delivered(turn, card, tap.ref)
        return self._pressed(turn, card, place, tap, heard, found[1], found[2])

    def _not_yours(self, heard: Heard, account: Account) -> Answer:
        heard.outcome("refused")
        return Answer(toast=words.say(account.language, "not-for-you"))

    def _pressed(
        self, turn: Turn, card: Card, place: Address, tap: Tapped, heard: Heard, rev: int, value: str
    ) -> Answer:
        said_at, between = _said_at(tap, card, heard)
        push = Push(turn, card, place, rev, value, said_at, tap.source, self.secret)
        if card.kind == "join":
            return claims.take_step(push)
        if place.state in ("blocked", "failing"):  # whoever presses can be reached again (F18)
            place = reached_again(turn, place, tap.source)
        if not place.works:
            return self._not_yours(heard, tap.account)
        if card.kind in DIALOGUES:
            try:
                return DIALOGUES[card.kind](push)
            except (ValueError, KeyError, IndexError, StopIteration):  # no such button
                heard.outcome("no such button")
                turn.change(card)
                return Answer()
        if card.kind not in PRESSES:
            return Answer()
        press = Press(card, value, rev, tap.source, said_at, turn.now)
        if self._is_repeat(press):
            return Answer(toast=words.say(turn.bundle([], [card.person]).language(card.person), "thanks"))
        return self._daily(turn, press, between, heard)

    def _is_repeat(self, press: Press) -> bool:
        """Decides only on the very same button: what stands decides the answer, never what is recorded."""
        last = press.card.pressed
        if (last.get("value"), last.get("rev")) != (press.value, press.rev):
            return False
        return press.now - datetime.fromisoformat(str(last["at"])) < REPEAT * self.clock.rate

    def _daily(self, turn: Turn, press: Press, between: dict[str, str], heard: Heard) -> Answer:
        card = press.card
        b = turn.bundle([card])
        say = b.say(card.person)
        if press.said_at >= b.times(school_date(card)).late_until:
            turn.change(card, view={"step": "over"}, fate="")
            return Answer(toast=say("day-closed"))
        try:
            pressed = PRESSES[card.kind](press, b)
        except (ValueError, KeyError):
            heard.outcome("no such button")
            turn.change(card)
            return Answer()
        if not all(_allowed(fact, b) for fact in pressed.facts):
            heard.outcome("refused")
            turn.change(card)
            return Answer(toast=say("not-for-you"))
        last = {"value": press.value, "rev": press.rev, "at": turn.now.isoformat()}
        view = card.view if pressed.view is None else pressed.view
        turn.change(card, view=view, pressed=last)
        record(turn, b, [replace(f, data={**f.data, **between}) for f in pressed.facts], first=card)
        return Answer(toast=say("thanks") if pressed.facts else "")

    # --- words ---

    def _said(self, message: Said, heard: Heard) -> Answer:
        account = message.account
        command = understood(message.text)
        words_of = f"said {account.lane}:{account.user}"
        heard.outcome(words_of)
        said_lately = heard.tries(words_of, heard.now - MINUTE)
        if command.word != "stop" and said_lately > MOST_A_MINUTE:
            return said(account.language, "slow-down") if said_lately == MOST_A_MINUTE + 1 else Answer()
        if command.word == "join" and command.rest:
            return claims.claim(heard, account, command.rest, [self.secret, self.previous])
        mine = [(school, place) for school, place in heard.addresses(account.user) if place.state != "refused"]
        if not mine:
            heard.outcome("stranger")
            return said(account.language, "stranger")
        confirmed = [(school, place) for school, place in mine if place.state != "joining"]
        if not confirmed:
            return newcomer(heard, mine, command, account)
        answers = [word(heard.turn(school), place, command, message, self.secret) for school, place in confirmed]
        return next((answer for answer in answers if answer.reply), Answer())

    # --- the App Home ---

    def _today(self, account: Account, now: datetime) -> list[Message]:
        def look(heard: Heard) -> list[Message]:
            mine = [(heard.turn(school), place) for school, place in heard.addresses(account.user) if place.works]
            found = [message for turn, place in mine for message in _faces(turn, place, now)]
            return found or [said(account.language, "stranger").reply or Message(())]

        shown: list[Message] = self.store.look(account.lane, now, look)
        return shown


def _allowed(fact: Fact, b: Bundle) -> bool:
    day = fact.day or local_day(fact.said_at, b.school.zone)
    action = ACTIONS.get(fact.kind, "confirm done")
    if not b.may(fact.person, action, day, fact.student):
        return False
    return not fact.course or fact.course in b.enrolled.get(fact.student, ())


def _delivered(turn: Turn, card: Card, ref: str) -> Card:
    """A press proves where its message stands: an unnoted one becomes the card's, a second copy is closed."""
    if not ref or ref == card.ref or card.kind == "left":
        return card
    vanished = card.fate == "gone"  # then it is a tap on the old one that was still on its way
    if not card.ref and card.booked_at is not None and not vanished:
        turn.change(card, ref=ref, digest="", fate="", booked_at=None, shown_at=card.shown_at or card.booked_at)
        return replace(card, ref=ref, fate="")
    if card.ref:
        turn.leave(card, ref)
    return card


def _said_at(tap: Tapped, card: Card, heard: Heard) -> tuple[datetime, dict[str, str]]:
    """When a press counts as said. One that may have waited for us counts from when we stopped listening."""
    if tap.said_at is not None and tap.said_at <= heard.now:
        return tap.said_at, {}
    stopped = heard.heard_until() if tap.resumed else None
    if stopped is None or stopped >= heard.now:
        return heard.now, {}
    since = max(stopped, card.shown_at or stopped)
    return since, {"between": f"{since.isoformat()}/{heard.now.isoformat()}"}


def _reached(heard: Heard, account: Account, back: bool) -> None:
    """Blocked or back: everybody around the same children looks again, so that somebody else is asked (F18)."""
    for school, place in heard.addresses(account.user):
        if place.state in ("joining", "refused", "stopped"):
            continue
        turn = heard.turn(school)
        if back:
            reached_again(turn, place, heard.source)
            continue
        turn.set_address(place.id, state="blocked")
        lost(turn, place.person, "blocked", f"{heard.source}#lost")


def _faces(turn: Turn, place: Address, now: datetime) -> list[Message]:
    """What today's cards of this person show now, buttons included."""
    today: date = local_day(now, turn.school.zone)
    cards = [c for kind in ("teacher", "home") if (c := turn.find_card(place.person, kind, day=today)) is not None]
    b = turn.bundle(cards, [place.person])
    due = [c for c in cards if now >= begins(b, c)]
    faces = [(card, board.face(replace(card, fate=card.fate or "again"), b, now)) for card in due]
    shown = [stamped(face.message, card, card.rev) for card, face in faces if face.message is not None]
    return [*_how_far(turn, b, place, now), *shown] or [_nothing(turn, b, place, now)]


def _how_far(turn: Turn, b: Bundle, place: Address, now: datetime) -> list[Message]:
    """A coordinator's view begins with how far the school is set up; its button lives on the card in the chat."""
    if not b.may(place.person, "change calendar", turn.today):
        return []
    card = Card(0, turn.school.id, place.person, "setup", view=setup.view_of(turn), born_at=now)
    return [replace(message, rows=()) for message in [board.face(card, b, now).message] if message is not None]


def _nothing(turn: Turn, b: Bundle, place: Address, now: datetime) -> Message:
    """Why there is no card now, and when it comes."""
    card = Card(0, turn.school.id, place.person, "no card", born_at=now)
    return board.face(card, b, now).message or Message(())
