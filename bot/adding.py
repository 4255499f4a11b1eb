"""Adding children in chat, as the desk does it: names are pasted, looked at, stored, and their families invited."""

from datetime import timedelta
from typing import Any

from bot.cards.adding import courses_of
from bot.links import invite_named
from bot.model import Fact
from bot.pasted import MOST, Remark, names
from bot.ports import Answer, Push, Turn

AWAITS_FOR = timedelta(hours=24)
NAMES = {  # what a remark's sentence names, where it is not both line and child
    "pasted-nothing": ("line",),
    "pasted-long": ("line",),
    "pasted-many": ("count", "said"),
    "pasted-turned": ("said",),
}
NOTES = 3  # lines that could not be read, told one by one; more are left out


def view_of(turn: Turn, person: int, said: str) -> dict[str, Any]:
    """What followed the word: names, or nothing yet."""
    _, _, rest = said.strip().partition("\n") if "\n" in said.strip() else said.strip().partition(" ")
    return _read(turn, rest)


def _read(turn: Turn, typed: str) -> dict[str, Any]:
    found = names(typed)
    notes = [_note(remark) for remark in found.remarks[:NOTES]]
    if not found.children:
        until = (turn.now + AWAITS_FOR).isoformat()
        return {"awaits": True, "until": until, "notes": notes}
    known = [[list(child), bool(_known(turn, *child))] for child in found.children]
    return {"children": known, "notes": notes}


def _note(remark: Remark) -> dict[str, Any]:
    """A remark as the card keeps it, with what its sentence names."""
    every = {"line": remark.line, "said": remark.said, "count": MOST}
    return {"key": remark.key, "args": {name: every[name] for name in NAMES.get(remark.key, ("line", "said"))}}


def _known(turn: Turn, name: str, group: str) -> list[int]:
    return turn.students_named(f"{name} ({group})" if group else name) if " " in name else []


def heard(push: Push) -> Answer:
    """The names that were asked for, or the name of somebody at home."""
    turn, card = push.turn, push.card
    if card.view.get("added"):
        child = int(card.view["for"])
        turn.change(card, view={"added": card.view["added"]})
        return invite_named(push, turn.bundle([card]), child)
    turn.change(card, view=_read(turn, push.value))
    return Answer()


def pressed(push: Push) -> Answer:
    turn, card = push.turn, push.card
    b = turn.bundle([card])
    say, what, view = b.say(card.person), push.value.partition(":"), card.view
    own = courses_of(b, card.person, turn.now)
    if what[0] == "b":
        turn.change(card, view=_read(turn, ""))
    elif what[0] == "c" and int(what[2], 36) in own:
        turn.change(card, view={**view, "course": int(what[2], 36)})
    elif what[0] == "y" and view.get("children") and not view.get("added"):
        course = int(view.get("course") or (own[0] if len(own) == 1 else 0))
        if course not in own:
            return Answer(toast=say("not-for-you"))
        added = [_add(push, course, *child) for child, _ in view["children"]]
        turn.change(card, view={"added": added})
    elif what[0] == "f" and str(int(what[2], 36)) in map(str, view.get("added", ())):
        until = (turn.now + AWAITS_FOR).isoformat()
        turn.change(card, view={"added": view["added"], "for": int(what[2], 36), "awaits": True, "until": until})
    return Answer(toast=say("thanks"))


def _add(push: Push, course: int, name: str, group: str) -> int:
    """One child in one class; the daily report begins with the next school date that opens."""
    turn = push.turn
    child = turn.add_child(name, group, [course])
    start = Fact("report", "start", turn.now, f"{push.source}#start{child}", push.card.person, "teacher", child)
    turn.record([start])
    return child
