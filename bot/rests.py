"""What rests and goes on again, as the desk does it: `pause`, `pause until Monday`, `resume` (F22)."""

from datetime import date, timedelta
from typing import Any

from bot import plainly
from bot.bundle import Bundle
from bot.cards.parts import AWAITS_FOR
from bot.cards.rests import back_on
from bot.dialogue import asks_below
from bot.model import Address, Fact
from bot.ports import Answer, Push, Turn
from bot.recording import look_around, record
from bot.report import runs
from bot.schooldays import local_day

LONGEST = timedelta(days=200)  # nobody rests for longer than that by a word


def view_of(turn: Turn, rest: str) -> dict[str, Any]:
    """What `pause` was followed by: a day it goes on, or nothing (today)."""
    back = plainly.date_in(rest, turn.today) if rest else turn.today
    if back == turn.today:
        return {}
    if back is not None and _fits(back, turn.today):
        return {"back": back.isoformat()}
    return _question(turn, "write-back-anew")


def _question(turn: Turn, question: str) -> dict[str, Any]:
    return {"awaits": True, "question": question, "until": (turn.now + AWAITS_FOR).isoformat()}


def _fits(back: date, today: date) -> bool:
    return today < back <= today + LONGEST


def pressed(push: Push) -> Answer:
    """A child is away, or only this person's messages rest: for today, or until the named day."""
    turn, card, value = push.turn, push.card, push.value
    b = turn.bundle([card])
    say = b.say(card.person)
    if card.born_at is None or local_day(card.born_at, turn.school.zone) != turn.today:  # never another day (G-023)
        return Answer(toast=say("day-closed"))
    if value == "un":
        turn.change(card, view=_question(turn, "write-back"))
    elif value == "b":
        turn.change(card, view={})
    elif value.startswith("p:"):
        turn.change(card, view={**card.view, "page": int(value[2:])})
    elif value == "mu":
        _rests(push, b, 0)
    elif value.startswith("aw:"):
        student = int(value.removeprefix("aw:"), 36)
        if not b.may(card.person, "say child is away", turn.today, student):
            return Answer(toast=say("not-for-you"))
        _rests(push, b, student)
    return Answer(toast=say("thanks"))


def heard(push: Push) -> Answer:
    """The day it goes on, typed; then the same question once more, with that day in it."""
    turn, card = push.turn, push.card
    back = plainly.date_in(push.value, turn.today)
    if back is not None and _fits(back, turn.today):
        turn.change(card, view={"back": back.isoformat()})
    else:
        asks_below(turn, card, _question(turn, "write-back-anew"))
    return Answer()


def _rests(push: Push, b: Bundle, student: int) -> None:
    turn, card = push.turn, push.card
    back = back_on(card, b, turn.now)
    home = student in b.children(card.person, turn.today)
    side = "" if not student else "guardian" if home else _role(b, card.person)
    kind, value = ("away", "on") if student else ("mute", "yes")
    fact = Fact(
        kind, value, push.said_at, f"{push.source}#{kind}", card.person, side, student, day=turn.today,
        data={"until": back.isoformat()},
    )  # fmt: skip
    record(turn, b, [fact])
    turn.change(card, view={**card.view, "done": True, "student": student})
    look_around(turn, card.person, None)


def _role(b: Bundle, person: int) -> str:
    held = [r.role for r in b.relations.get(person, ()) if b.live(r, b.today)]
    return next((role for role in ("guardian", "teacher", "stand_in", "coordinator") if role in held), "guardian")


def resume(turn: Turn, place: Address, source: str) -> dict[str, Any]:
    """Everything goes on that this person may let go on: own messages, children who are away, paused reports."""
    b = turn.bundle([], [place.person])
    person, today = place.person, turn.today
    facts: list[Fact] = []
    mine = any(b.muted(person, today, side) for side in ("teacher", "guardian"))
    if mine:
        facts.append(Fact("mute", "no", turn.now, f"{source}#mute", person, day=today))
    children = []
    for child in b.followed(person, today):
        fact = _goes_on(b, person, child, today)
        if fact is not None:
            children.append(child)
            facts.append(Fact(*fact, turn.now, f"{source}#on{child}", person, _role(b, person), child, day=today))
    record(turn, b, facts)
    look_around(turn, person, None)
    return {"mine": mine, "children": children}


def _goes_on(b: Bundle, person: int, child: int, today: date) -> tuple[str, str] | None:
    """A guardian ends what home has paused; staff may end every pause."""
    standing = b.standing.get(child, ())
    state = runs(standing, today)
    what = {"away": "on", "paused": "pause"}.get(state, "")
    said_by = next((fact.role for fact in reversed(standing) if fact.value == what), "")
    home = said_by == "guardian" and b.may(person, "say child is away", today, child)  # no third person does
    if not (home or b.may(person, "start or pause report", today, child)):
        return None
    return {"away": ("away", "off"), "paused": ("report", "resume")}.get(state)
