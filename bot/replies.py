"""What plain words do (F22): the answers, each a card of its own, and who stops, rests or comes back."""

from dataclasses import replace
from datetime import datetime, timedelta

from bot import board, claims
from bot.claims import said
from bot.commands import Command
from bot.model import AWAITED, Address, Card, Draft, Fact
from bot.policy import may
from bot.ports import Account, Answer, Heard, Said, Turn
from bot.report import runs
from bot.schooldays import local_day


def reached_again(turn: Turn, place: Address, source: str) -> Address:
    """From now on messages arrive here; today's cards that could not be opened are added."""
    turn.set_address(place.id, state="reachable")
    turn.record([_is_back(turn, place.person, source)])
    place = replace(place, state="reachable")
    claims.welcome(turn, place)
    look_again(turn, place.person)
    return place


def look_again(turn: Turn, person: int) -> None:
    b = turn.bundle([], [person])
    around = {p for s in b.students for p in board.touches(Fact("home", "", turn.now, "", student=s), b)}
    turn.wake(around | {person}, local_day(turn.now, turn.school.zone))


# --- words -----------------------------------------------------------------------------------------------------------


def newcomer(heard: Heard, mine: list[tuple[str, Address]], command: Command, account: Account) -> Answer:
    """Whom the school has not confirmed may only leave; coming back takes a code again, never the word START."""
    if command.word != "stop":
        return said(account.language, "not-understood")
    for school, place in mine:
        heard.turn(school).set_address(place.id, state="refused")
    return said(account.language, "join-no-more")


def word(turn: Turn, place: Address, command: Command, message: Said) -> None:
    """Answers one plain word; every answer is a card of its own, or the day's card again."""
    if place.state == "stopped":
        _answer(turn, place, "back" if command.word in ("start", "back") else "stopped", message)
        if command.word in ("start", "back"):
            _comes_back(turn, place, message)
        return
    if place.state in ("blocked", "failing"):
        place = reached_again(turn, place, message.source)
    if message.attached:
        _answer(turn, place, "attached", message)
    elif command.word == "stop":
        _stops(turn, place, message)
    elif command.word == "today":
        _again(turn, place, message)
    elif command.word in ("status", "who", "pause"):
        _answer(turn, place, command.word, message)
    else:
        _answer(turn, place, "help", message, asked=command.word in ("help", "start"))


def _answer(turn: Turn, place: Address, kind: str, message: Said, **view: object) -> None:
    draft = Draft(place.person, kind, None, turn.now, message.source[:200], AWAITED, dict(view), place.id)
    turn.add([draft], {place.person: place})


def _stops(turn: Turn, place: Address, message: Said) -> None:
    """At once; the other side reads it in its next card."""
    today = local_day(turn.now, turn.school.zone)
    turn.set_address(place.id, state="stopped")
    turn.record([Fact("stopped", "yes", turn.now, f"{message.source}#stop", place.person, day=today)])
    turn.record(_rest(turn, place.person, message.source))
    _answer(turn, place, "stopped", message)
    look_again(turn, place.person)


def _comes_back(turn: Turn, place: Address, message: Said) -> None:
    turn.set_address(place.id, state="reachable")
    turn.record([_is_back(turn, place.person, message.source)])
    claims.welcome(turn, place)


def _is_back(turn: Turn, person: int, source: str) -> Fact:
    today = local_day(turn.now, turn.school.zone)
    return Fact("back", "yes", turn.now, f"{source}#back", person, day=today)


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


def _again(turn: Turn, place: Address, message: Said) -> None:
    """`today`: the day's cards afresh below; the old copies close. Nothing to show: one line that says why."""
    today = local_day(turn.now, turn.school.zone)
    cards = [c for kind in ("teacher", "home") if (c := turn.find_card(place.person, kind, day=today)) is not None]
    b = turn.bundle(cards, [place.person])
    shown = False
    for card in cards:
        times = b.times(today)
        if turn.now < (times.teacher_card if card.kind == "teacher" else times.home_card):
            continue
        if board.face(replace(card, fate="again", ref=""), b, turn.now).message is None:
            continue
        turn.leave(card, card.ref)
        turn.change(card, ref="", digest="", view={}, fate="again", booked_at=None)
        shown = True
    if not shown:
        _answer(turn, place, "no card", message)


def paused(turn: Turn, card: Card, value: str, said_at: datetime, source: str) -> Answer:
    """A child is away today, or only this person's messages rest."""
    b = turn.bundle([card])
    today = local_day(turn.now, turn.school.zone)
    if card.born_at is None or local_day(card.born_at, turn.school.zone) != today:  # never for another day (G-023)
        return Answer(toast=b.say(card.person)("day-closed"))
    role = "teacher" if any(r.role == "teacher" for r in b.relations.get(card.person, ())) else "guardian"
    if value == "mu":
        student, fact = 0, Fact("mute", "yes", said_at, f"{source}#mute", card.person, role, day=today)
    else:
        student = int(value.removeprefix("aw:"), 36)
        until = {"until": (today + timedelta(days=1)).isoformat()}
        fact = Fact("away", "on", said_at, f"{source}#away", card.person, role, student, day=today, data=until)
        if not may("say child is away", b.relations.get(card.person, ()), today, student, b.enrolled.get(student, ())):
            return Answer(toast=b.say(card.person)("not-for-you"))
    turn.record([fact])
    turn.change(card, view={"done": True, "student": student})
    look_again(turn, card.person)
    return Answer(toast=b.say(card.person)("thanks"))
