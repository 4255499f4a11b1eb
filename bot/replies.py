"""What plain words do (F22): the answers, each a card of its own, and who stops, rests or comes back."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from bot import adding, board, claims, links, rests, setup, wishes
from bot.bundle import Bundle
from bot.cards.parts import STEP_LASTS, school_date
from bot.claims import said
from bot.commands import Command
from bot.model import AWAITED, Address, Card, Draft, Fact
from bot.ports import Account, Answer, Heard, Push, Said, Turn
from bot.recording import look_around
from bot.report import runs
from bot.schooldays import local_day


def reached_again(turn: Turn, place: Address, source: str) -> Address:
    """From now on messages arrive here; today's cards that could not be opened are added."""
    turn.set_address(place.id, state="reachable", failures=0)
    turn.record([board.found(place.person, f"{source}#back", turn)])
    place = replace(place, state="reachable")
    claims.welcome(turn, place)
    look_around(turn, place.person, turn.today)
    return place


# --- words -----------------------------------------------------------------------------------------------------------


def newcomer(heard: Heard, mine: list[tuple[str, Address]], command: Command, account: Account) -> Answer:
    """Whom the school has not confirmed may only leave; coming back takes a code again, never the word START."""
    if command.word != "stop":
        return said(account.language, "join-waits")
    for school, place in mine:
        heard.turn(school).set_address(place.id, state="refused")
    return said(account.language, "join-no-more")


def word(turn: Turn, place: Address, command: Command, message: Said, secret: str) -> Answer:
    """Answers one plain word; every answer is a card of its own, or the day's card again."""
    if place.state == "stopped":
        _answer(turn, place, "back" if command.word in ("start", "back") else "stopped", message)
        if command.word in ("start", "back"):
            _comes_back(turn, place, message)
        return Answer()
    if place.state in ("blocked", "failing"):
        place = reached_again(turn, place, message.source)
    if message.attached:
        _answer(turn, place, "attached", message)
        return Answer()
    if command.word in DOES:
        return DOES[command.word](turn, place, command, message) or Answer()
    if not command.word and (waiting := turn.awaiting(place.person)) is not None:
        return HEARD[waiting.kind](Push(turn, waiting, place, 0, message.text, turn.now, message.source, secret))
    _answer(turn, place, "help", message)
    return Answer()


def _help(turn: Turn, place: Address, command: Command, message: Said) -> None:
    """A coordinator is shown how far the school is set up, everybody else what they can write."""
    sets_up = turn.bundle([], [place.person]).may(place.person, "change calendar", turn.today)
    if sets_up:
        _answer(turn, place, "setup", message, **setup.view_of(turn))
    else:
        _answer(turn, place, "help", message, asked=True)


def _pause(turn: Turn, place: Address, command: Command, message: Said) -> None:
    _answer(turn, place, "pause", message, **rests.view_of(turn, command.rest))


def _resume(turn: Turn, place: Address, command: Command, message: Said) -> None:
    _answer(turn, place, "resumed", message, **rests.resume(turn, place, message.source))


def _language(turn: Turn, place: Address, command: Command, message: Said) -> None:
    until = (turn.now + STEP_LASTS).isoformat()
    _answer(turn, place, "settings", message, step="language", until=until)


def _who(turn: Turn, place: Address, command: Command, message: Said) -> None:
    _answer(turn, place, "who", message, **links.view_of(turn, place.person, command.rest))


def _add(turn: Turn, place: Address, command: Command, message: Said) -> None:
    _answer(turn, place, "add", message, **adding.view_of(turn, place.person, message.text))


def _says(turn: Turn, place: Address, command: Command, message: Said) -> None:
    _answer(turn, place, command.word, message)


def _answer(turn: Turn, place: Address, kind: str, message: Said, **view: object) -> None:
    draft = Draft(place.person, kind, None, turn.now, message.source[:200], AWAITED, dict(view), place.id)
    turn.add([draft], {place.person: place})


def _stops(turn: Turn, place: Address, command: Command, message: Said) -> None:
    """At once and everywhere; the other side reads it in its next card."""
    today = local_day(turn.now, turn.school.zone)
    for one in _places(turn, place, "reachable", "failing", "blocked"):
        turn.set_address(one.id, state="stopped")
    turn.record([Fact("stopped", "yes", turn.now, f"{message.source}#stop", place.person, day=today)])
    turn.record(_rest(turn, place.person, message.source))
    _answer(turn, place, "stopped", message)
    look_around(turn, place.person, turn.today)


def _places(turn: Turn, place: Address, *states: str) -> list[Address]:
    mine = turn.bundle([], [place.person]).addresses.get(place.person, ())
    return [one for one in mine if one.state in states]


def _comes_back(turn: Turn, place: Address, message: Said) -> None:
    for one in _places(turn, place, "stopped"):
        turn.set_address(one.id, state="reachable")
    turn.record([board.found(place.person, f"{message.source}#back", turn)])
    claims.welcome(turn, place)


def _rest(turn: Turn, person: int, source: str) -> list[Fact]:
    """The last guardian has stopped: from tomorrow a running report rests, until somebody at home can be asked."""
    b = turn.bundle([], [person])
    today = local_day(turn.now, turn.school.zone)
    day = today + timedelta(days=1)
    alone = [s for s in b.children(person, today) if not set(b.homes(s, today)) - {person}]
    return [
        Fact("report", "pause", turn.now, f"{source}#pause{student}", person, "guardian", student, day=day)
        for student in alone
        if runs(b.standing.get(student, ()), day) in ("running", "away")
    ]


def _again(turn: Turn, place: Address, command: Command, message: Said) -> None:
    """`today`: the day's cards afresh below; the old copies close. Nothing to show: one line that says why."""
    today = local_day(turn.now, turn.school.zone)
    cards = [c for kind in ("teacher", "home") if (c := turn.find_card(place.person, kind, day=today)) is not None]
    b = turn.bundle(cards, [place.person])
    shown = False
    for card in cards:
        if turn.now < begins(b, card):
            continue
        if board.face(replace(card, fate="again", ref=""), b, turn.now).message is None:
            continue
        turn.leave(card, card.ref)
        here = {"lane": place.lane, "address": place.id}
        turn.change(card, ref="", digest="", view={}, fate="again", booked_at=None, **here)
        shown = True
    if not shown:
        _answer(turn, place, "no card", message)


def begins(b: Bundle, card: Card) -> datetime:
    """When a card of the day is first there for its reader."""
    if card.kind == "teacher":
        return b.own_times(card.person, school_date(card), "teacher").teacher_card
    return b.own_times(card.person, school_date(card), "guardian").home_card


DOES: dict[str, Callable[[Turn, Address, Command, Said], Answer | None]] = {
    "stop": _stops,
    "today": _again,
    "pause": _pause,
    "resume": _resume,
    "settings": _says,
    "language": _language,
    "status": _says,
    "why": _says,
    "who": _who,
    "add": _add,
    "help": _help,
    "start": _help,
}
HEARD: dict[str, Callable[[Push], Answer]] = {
    "settings": wishes.heard,
    "pause": rests.heard,
    "who": links.heard,
    "add": adding.heard,
}
