"""Answers to plain words (F22), each a card of its own; and what a copy left behind says."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

from bot.bundle import TEACHING, Bundle
from bot.cards import why
from bot.cards.parts import lines, notice, text
from bot.model import Card, Face, Message
from bot.report import close, week
from bot.schooldays import is_school_day, local_day

SHUT = ":shut"  # how the subject of a card ends whose reader lost the right to it
ANSWER_LASTS = timedelta(minutes=30)  # an answer that could not be given by then is no answer any more


def face(card: Card, b: Bundle, now: datetime) -> Face:
    """The answer as it was asked for; it is given once and then stands."""
    message = SAYS[card.kind](card, b, now)
    born = card.born_at or now
    return Face(message, start=born, until=born + ANSWER_LASTS)


def left_face(card: Card, b: Bundle, now: datetime) -> Face:
    """A copy left behind: one closed line, whatever it said before."""
    key = "card-closed" if card.subject.endswith(SHUT) else "left-behind"
    return Face(notice(b, card.person, key), ended=True)


def _help(card: Card, b: Bundle, now: datetime) -> Message:
    say = b.say(card.person)
    key = "help-teacher" if _teaches(card.person, b) else "help-guardian"
    understood = () if card.view.get("asked") else (say("not-understood"),)
    return Message(
        lines(*understood, say(key), say("help-add") if _teaches(card.person, b) else "", say("help-words")),
        preview=say("help-preview"),
    )


def _teaches(person: int, b: Bundle) -> bool:
    return any(r.role in TEACHING for r in b.relations.get(person, ()))


def _no_card(card: Card, b: Bundle, now: datetime) -> Message:
    """Why there is nothing to show under `today`."""
    today = local_day(now, b.school.zone)
    if not is_school_day(b.school, today):
        return notice(b, card.person, "today-no-school")
    side = "teacher" if _teaches(card.person, b) else "guardian"
    if b.muted(card.person, today, side):
        return notice(b, card.person, "today-resting")
    times = b.own_times(card.person, today, side)
    at = times.teacher_card if side == "teacher" else times.home_card
    if now < at and any(b.runs(child, today) for child in b.followed(card.person, today)):
        return notice(b, card.person, "today-later", time=b.clock(card.person, at))
    return notice(b, card.person, "today-nothing")


def _status(card: Card, b: Bundle, now: datetime) -> Message:
    """One line a child for the week so far: ticks given of ticks confirmed, nights done of nights answered."""
    today = local_day(now, b.school.zone)
    children = [child for child in b.followed(card.person, today) if b.may(card.person, "see week", today, child)]
    body = [text(_status_line(card, b, child, today, now)) for child in children]
    say = b.say(card.person)
    return Message(tuple(body) or lines(say("status-nobody")), preview=say("status-preview"))


def _status_line(card: Card, b: Bundle, child: int, today: date, now: datetime) -> str:
    nights = list(b.nights.get(child, ()))
    if b.runs(child, today) and not b.closed(today):
        nights.append(close(b.report(child, today, now)))
    counted = week(nights)
    return b.say(card.person)(
        "status-line",
        child=b.child(card.person, child),
        written=counted.written,
        confirmed=counted.confirmed,
        done=counted.done,
        answered=counted.answered,
    )


def _stopped(card: Card, b: Bundle, now: datetime) -> Message:
    return notice(b, card.person, "stopped", "stopped-back")


def _back(card: Card, b: Bundle, now: datetime) -> Message:
    return notice(b, card.person, "back-again")


def _attached(card: Card, b: Bundle, now: datetime) -> Message:
    return notice(b, card.person, "attached")


SAYS: dict[str, Callable[[Card, Bundle, datetime], Message]] = {
    "help": _help,
    "no card": _no_card,
    "status": _status,
    "why": why.message,
    "stopped": _stopped,
    "back": _back,
    "attached": _attached,
}
