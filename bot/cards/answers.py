"""Answers to plain words (F22), each a card of its own; and what a copy left behind says."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

from bot.bundle import Bundle
from bot.cards.parts import lines, notice, rows, text
from bot.model import Button, Card, Face, Line, Message, code36
from bot.report import close, week
from bot.schooldays import is_school_day, local_day

ANSWER_LASTS = timedelta(minutes=30)  # an answer that could not be given by then is no answer any more


def face(card: Card, b: Bundle, now: datetime) -> Face:
    """The answer as it was asked for; it is given once and then stands."""
    message = SAYS[card.kind](card, b, now)
    born = card.born_at or now
    return Face(message, start=born, until=born + ANSWER_LASTS)


def left_face(card: Card, b: Bundle, now: datetime) -> Face:
    """A copy left behind: one closed line, whatever it said before."""
    return Face(notice(b, card.person, "left-behind"), ended=True)


def _help(card: Card, b: Bundle, now: datetime) -> Message:
    say = b.say(card.person)
    key = "help-teacher" if _teaches(card.person, b) else "help-guardian"
    understood = () if card.view.get("asked") else (say("not-understood"),)
    return Message(lines(*understood, say(key), say("help-words")), preview=say("help-preview"))


def _teaches(person: int, b: Bundle) -> bool:
    return any(r.role == "teacher" for r in b.relations.get(person, ()))


def _no_card(card: Card, b: Bundle, now: datetime) -> Message:
    """Why there is nothing to show under `today`."""
    today = local_day(now, b.school.zone)
    if not is_school_day(b.school, today):
        return notice(b, card.person, "today-no-school")
    times = b.times(today)
    at = times.teacher_card if _teaches(card.person, b) else times.home_card
    if now < at and any(b.runs(child, today) for child in _followed(card.person, b, today)):
        return notice(b, card.person, "today-later", time=b.clock(card.person, at))
    return notice(b, card.person, "today-nothing")


def _status(card: Card, b: Bundle, now: datetime) -> Message:
    """One line a child for the week so far: ticks given of ticks confirmed, nights done of nights answered."""
    today = local_day(now, b.school.zone)
    body = [text(_status_line(card, b, child, today, now)) for child in _followed(card.person, b, today)]
    say = b.say(card.person)
    return Message(tuple(body) or lines(say("status-nobody")), preview=say("status-preview"))


def _followed(person: int, b: Bundle, today: date) -> list[int]:
    taught = [student for _, student in b.pupils_of(person, today)]
    return list(dict.fromkeys([*taught, *b.children(person, today)]))


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


def _who(card: Card, b: Bundle, now: datetime) -> Message:
    """Who reads along: for each child its teachers and guardians, and whether they have joined."""
    today = local_day(now, b.school.zone)
    say = b.say(card.person)
    body: list[Line] = []
    for child in _followed(card.person, b, today):
        body.append(text(b.child(card.person, child), "bold"))
        body += lines(_teachers_of(card, b, child), _homes_of(card, b, child, today))
    return Message(tuple(body) or lines(say("status-nobody")), preview=say("who-preview"))


def _teachers_of(card: Card, b: Bundle, child: int) -> str:
    named = [
        f"{b.adult(relation.person)} ({b.courses[course].name})"
        for course in b.enrolled.get(child, ())
        for relation in b.teachers.get(course, ())
    ]
    return b.say(card.person)("who-school", names=", ".join(named)) if named else ""


def _homes_of(card: Card, b: Bundle, child: int, today: date) -> str:
    say = b.say(card.person)
    named = [
        b.adult(r.person) if b.linked(r.person) else say("who-not-joined", name=b.adult(r.person))
        for r in b.guardians.get(child, ())
        if r.live(today)
    ]
    return say("who-home", names=", ".join(named)) if named else ""


def _pause(card: Card, b: Bundle, now: datetime) -> Message:
    """`pause today`: a child is away, or only my messages rest; asked, as the two differ for everybody else."""
    say = b.say(card.person)
    today = local_day(now, b.school.zone)
    if card.view.get("done"):
        return _paused(card, b)
    children = [c for c in _followed(card.person, b, today) if b.runs(c, today)]
    buttons = [Button(say("button-is-away", child=b.child(card.person, c))[:30], f"aw:{code36(c)}") for c in children]
    if b.children(card.person, today):
        buttons.append(Button(say("button-only-mine"), "mu"))
    if not buttons:
        return notice(b, card.person, "today-nothing")
    return Message(lines(say("pause-question")), rows(*[[button] for button in buttons]), preview=say("pause-question"))


def _paused(card: Card, b: Bundle) -> Message:
    say, child = b.say(card.person), int(card.view.get("student", 0))
    sentence = say("pause-away", child=b.child(card.person, child)) if child else say("pause-mine")
    return Message(lines(sentence), preview=say("thanks"))


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
    "who": _who,
    "pause": _pause,
    "stopped": _stopped,
    "back": _back,
    "attached": _attached,
}
