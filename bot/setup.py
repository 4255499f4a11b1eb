"""The coordinator's start, as the desk does it: what the school has so far is counted and shown."""

from typing import Any

from bot.ports import Answer, Push, Turn


def view_of(turn: Turn) -> dict[str, Any]:
    return {"counted": turn.counted()}


def pressed(push: Push) -> Answer:
    """Look again: the card counts afresh."""
    b = push.turn.bundle([push.card])
    if not b.may(push.card.person, "change calendar", push.turn.today):
        return Answer(toast=b.say(push.card.person)("not-for-you"))
    push.turn.change(push.card, view=view_of(push.turn))
    return Answer(toast=b.say(push.card.person)("thanks"))
