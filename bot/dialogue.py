"""One step of a dialogue after another: what stands, a menu that folds by itself, a question for a typed word."""

from typing import Any

from bot.cards import settings as face
from bot.cards.parts import AWAITS_FOR, STEP_LASTS
from bot.cards.settings import Sheet
from bot.model import Card
from bot.ports import Answer, Push, Turn


def show(push: Push, view: dict[str, Any]) -> Answer:
    until = {"until": (push.turn.now + STEP_LASTS).isoformat()} if view else {}
    push.turn.change(push.card, view={**view, **until})
    return Answer()  # opening a step is not thanked for


def asks(push: Push, what: str, question: str, args: dict[str, str] | None = None, **more: object) -> Answer:
    """Opens a question that a typed word answers; it stands as a row, so no restart forgets it."""
    until = (push.turn.now + AWAITS_FOR).isoformat()
    view = {"step": "asking", "what": what, "question": question, "args": args or {}, "awaits": True, **more}
    push.turn.change(push.card, view={**view, "until": until})
    return Answer()


def asks_below(turn: Turn, card: Card, view: dict[str, Any]) -> None:
    """What was typed was not understood: the question stands anew below it, where one looks."""
    turn.leave(card, card.ref)
    turn.change(card, view=view, ref="", digest="", fate="again", booked_at=None)


def done(push: Push, key: str = "", **args: str) -> Answer:
    """Back to what stands, with a line that says what has just been done."""
    s = face.sheet(push.card, push.turn.bundle([push.card]), push.turn.now)
    show(push, {"step": "", "told": s.say(key, **args)} if key else {})
    return Answer(toast=s.say("thanks"))


def own(s: Sheet, mark: str) -> None:
    if mark not in s.roles:
        raise ValueError("not this person's side")
