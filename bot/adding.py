"""Adding children in chat, as the desk does it: names are pasted, looked at, stored, and their families invited."""

from typing import Any

from bot.cards.adding import courses_of
from bot.cards.parts import AWAITS_FOR, PAGE
from bot.links import invite_named
from bot.model import Card, Fact
from bot.pasted import MOST, Remark, names
from bot.ports import Answer, Push, Turn
from bot.report import runs

NOTES = 3  # lines that could not be read, told one by one; more are left out
SAYS = {  # what a remark's sentence names, where it is not both line and child
    "pasted-nothing": ("line",),
    "pasted-long": ("line",),
    "pasted-many": ("count", "said"),
    "pasted-turned": ("said",),
}


def view_of(turn: Turn, person: int, said: str) -> dict[str, Any]:
    """What followed the word: names, or nothing yet. Of somebody who teaches no class nothing is kept."""
    if not courses_of(turn.bundle([], [person]), person, turn.now):
        return {}
    _, *rest = said.strip().split(maxsplit=1)
    return _read(turn, "".join(rest))


def _read(turn: Turn, typed: str) -> dict[str, Any]:
    """The children as the card keeps them: name, group and, of one who is known, the id."""
    found = names(typed)
    notes = [_note(remark) for remark in found.remarks[:NOTES]]
    if not found.children:
        until = (turn.now + AWAITS_FOR).isoformat()
        return {"awaits": True, "until": until, "notes": notes if typed.strip() else []}
    children: list[tuple[str, str, int]] = []
    for name, group in found.children:
        fits = turn.students_named(f"{name} ({group})" if group else name) if " " in name else []
        if len(fits) > 1:
            notes.append({"key": "add-which", "args": {"child": name}})
        else:
            children.append((fits[0].name, fits[0].group, fits[0].id) if fits else (name, group, 0))
    return {"children": children, "notes": notes} if children else {"notes": notes}


def _note(remark: Remark) -> dict[str, Any]:
    """A remark as the card keeps it, with what its sentence names."""
    every = {"line": remark.line, "said": remark.said, "count": MOST}
    return {"key": remark.key, "args": {name: every[name] for name in SAYS.get(remark.key, ("line", "said"))}}


def heard(push: Push) -> Answer:
    """The names that were asked for, or the name of somebody at home."""
    turn, card, view = push.turn, push.card, push.card.view
    if not view.get("added"):
        turn.change(card, view=_read(turn, push.value))
        return Answer()
    told, answer = invite_named(push, turn.bundle([card]), int(view["for"]))
    if answer is None:
        turn.change(card, view={**view, "told": told})
        return Answer()
    turn.change(card, view={"added": view["added"], "page": view.get("page", 0), "told": told})
    return answer


def pressed(push: Push) -> Answer:
    turn, card, view = push.turn, push.card, push.card.view
    b = turn.bundle([card])
    say, (what, _, rest) = b.say(card.person), push.value.partition(":")
    own = courses_of(b, card.person, turn.now)
    if what == "b":
        added = {"added": view["added"], "page": view.get("page", 0)} if view.get("added") else _read(turn, "")
        turn.change(card, view=added)
    elif what == "c" and int(rest, 36) in own:
        turn.change(card, view={**view, "course": int(rest, 36)})
    elif what == "y" and view.get("children") and not view.get("added"):
        course = int(view.get("course") or (own[0] if len(own) == 1 else 0))
        if course not in own:
            return Answer(toast=say("not-for-you"))
        turn.change(card, view={"added": [_add(push, course, *child) for child in view["children"]]})
    elif what == "p" and view.get("added"):
        turn.change(card, view={"added": view["added"], "page": int(rest) % (len(view["added"]) // PAGE + 1)})
    elif what == "f" and int(rest, 36) in view.get("added", ()):
        until = (turn.now + AWAITS_FOR).isoformat()
        turn.change(card, view={**view, "for": int(rest, 36), "awaits": True, "told": "write-guardian", "until": until})
    return Answer(toast=say("thanks"))


def _add(push: Push, course: int, name: str, group: str, known: int) -> int:
    """One child in one class, which the record tells; a daily report begins unless one runs or rests already."""
    turn = push.turn
    child = turn.add_child(name, group, [course], known)
    who = (push.card.person, "teacher", child)
    facts = [Fact("link", "begun", turn.now, f"{push.source}#in{child}", *who, course, day=turn.today)]
    asked = turn.bundle([Card(0, turn.school.id, push.card.person, "who", view={"student": child})])
    if runs(asked.standing.get(child, ()), turn.today) in ("off", "finished"):
        facts.append(Fact("report", "start", turn.now, f"{push.source}#start{child}", *who))
    turn.record(facts)
    return child
