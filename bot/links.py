"""Who belongs to whom, as the desk changes it: codes sent again, links ended at once or on a date, third persons."""

import re
from datetime import date
from typing import Any

from bot.bundle import Bundle
from bot.cards.links import children_of, may_end
from bot.cards.parts import AWAITS_FOR, STEP_LASTS, lines
from bot.codes import grouped
from bot.model import Fact, Message, Relation
from bot.ports import Answer, Push, Turn
from bot.recording import record
from bot.texts import clean

LONGEST_NAME = 80
SHOWN = 6  # children of one name who are told apart on one card


def view_of(turn: Turn, person: int, name: str) -> dict[str, Any]:
    """`who`, or `who Ana Romero`: staff and coordinators may name a child; nobody learns of one they may not see."""
    if not name:
        return {}
    b = turn.bundle([], [person])
    everybody = b.may(person, "change calendar", turn.today)
    known = set(b.followed(person, turn.today))
    fits = [child for child in turn.students_named(name) if everybody or child.id in known]
    if len(fits) == 1:
        return {"student": fits[0].id}
    names = ", ".join(f"{child.name} ({child.group})" if child.group else child.name for child in fits[:SHOWN])
    return {"told": "who-which", "args": {"names": names}} if fits else {"told": "who-unknown"}


def pressed(push: Push) -> Answer:
    turn, card = push.turn, push.card
    b = turn.bundle([card])
    what, _, rest = push.value.partition(":")
    say = b.say(card.person)
    if what == "b":
        turn.change(card, view=_named(card.view))
        return Answer()
    if what == "g":
        return _asks_name(push, b, int(rest, 36))
    if what == "h":
        return _apart(push, b, int(rest, 36))
    if what in ("r", "R"):
        return _report(push, b, int(rest, 36), "pause" if what == "r" else "resume")
    relation = next((r for own in b.relations.values() for r in own if rest and r.id == int(rest, 36)), None)
    if relation is None or relation.student not in children_of(card, b, turn.today):
        turn.change(card, view=_named(card.view))
        return Answer()
    if what == "v":
        return _new_code(push, b, relation.person, relation.student)
    if not may_end(b, card.person, relation, turn.today):
        return Answer(toast=say("not-for-you"))
    if what == "e":
        until = (turn.now + STEP_LASTS).isoformat()
        turn.change(card, view={**_named(card.view), "step": "end", "relation": relation.id, "until": until})
    elif what == "E":
        role = "coordinator" if b.may(card.person, "change calendar", turn.today) else "guardian"
        end(turn, b, relation, turn.today, card.person, role, "", f"{push.source}#end")
        turn.change(card, view={**_named(card.view), "told": "link-ended"})
    return Answer(toast=say("thanks"))


def _report(push: Push, b: Bundle, student: int, what: str) -> Answer:
    """The child's daily report rests until somebody lets it go on, or goes on from now."""
    turn, say = push.turn, b.say(push.card.person)
    if not b.may(push.card.person, "start or pause report", turn.today, student):
        return Answer(toast=say("not-for-you"))
    role = "coordinator" if b.may(push.card.person, "change calendar", turn.today) else "teacher"
    source = f"{push.source}#{what}"
    record(turn, b, [Fact("report", what, turn.now, source, push.card.person, role, student, day=turn.today)])
    turn.change(push.card, view=_named(push.card.view))
    return Answer(toast=say("thanks"))


def _apart(push: Push, b: Bundle, student: int) -> Answer:
    """Two homes that do not read each other's names, or do again (F14)."""
    turn, say = push.turn, b.say(push.card.person)
    if not b.may(push.card.person, "end guardian's link", turn.today, student):
        return Answer(toast=say("not-for-you"))
    turn.set_student(student, apart=not b.students[student].apart)
    turn.wake({r.person for r in b.guardians.get(student, ())}, turn.today)
    turn.change(push.card, view=_named(push.card.view))
    return Answer(toast=say("thanks"))


def _named(view: Any) -> dict[str, Any]:
    return {"student": view["student"]} if view.get("student") else {}


# --- codes -----------------------------------------------------------------------------------------------------------


def _new_code(push: Push, b: Bundle, person: int, student: int) -> Answer:
    """A new code for who has not joined; it is shown once and kept nowhere, and the old one ends."""
    turn, say = push.turn, b.say(push.card.person)
    if not b.may(push.card.person, "invite guardian", turn.today, student):
        return Answer(toast=say("not-for-you"))
    code = turn.new_invitation(person, "guardian", student, push.secret, push.card.person)
    turn.change(push.card, view=_named(push.card.view))
    return code_reply(say, b.people[person].name if person in b.people else "", code)


def code_reply(say: Any, name: str, code: str) -> Answer:
    """The code as one hands it on; a reply is kept nowhere."""
    sentences = [say("new-code", name=name), f"join {grouped(code)}", say("new-code-how")]
    return Answer(toast=say("thanks"), reply=Message(lines(*sentences), preview=say("preview-who")))


def _asks_name(push: Push, b: Bundle, student: int) -> Answer:
    """Who else answers at home? The name is typed."""
    turn = push.turn
    if not b.may(push.card.person, "invite guardian", turn.today, student):
        return Answer(toast=b.say(push.card.person)("not-for-you"))
    until = (turn.now + AWAITS_FOR).isoformat()
    turn.change(push.card, view={"student": student, "told": "write-guardian", "awaits": True, "until": until})
    return Answer()


def heard(push: Push) -> Answer:
    """The name of a guardian, perhaps with a language; a new person with a code of their own."""
    turn, card = push.turn, push.card
    told, answer = invite_named(push, turn.bundle([card]), int(card.view["student"]))
    if answer is None:
        turn.change(card, view={**card.view, "told": told})
        return Answer()
    turn.change(card, view=_named(card.view) | {"told": told})
    return answer


def invite_named(push: Push, b: Bundle, student: int) -> tuple[str, Answer | None]:
    """The sentence that tells what has happened, and the answer with the code, if there is one now."""
    turn, card = push.turn, push.card
    name, language = name_and_language(push.value, b.school.language)
    if not name or not b.may(card.person, "invite guardian", turn.today, student):
        return "write-guardian-anew", None
    at_home = b.guardians.get(student, ())
    known = next((r for r in at_home if b.people[r.person].name.casefold() == name.casefold()), None)
    if known and known.until is not None and not b.may(card.person, "end guardian's link", turn.today, student):
        return "who-ended", Answer()
    if known and known.until is None and b.linked(known.person):
        return "who-joined", Answer()
    person = known.person if known else turn.new_person(name, language)
    if not known:
        turn.grant(person, "guardian", student=student, granted_by=card.person)
    code = turn.new_invitation(person, "guardian", student, push.secret, card.person)
    return "guardian-added", code_reply(b.say(card.person), name, code)


def name_and_language(said: str, usual: str) -> tuple[str, str]:
    """Lucía Romero, Spanish → the name and es; without a language the school's; "" for what is no name."""
    from bot.roster import language_of

    whole = clean(said, LONGEST_NAME)
    name, *rest = [part.strip() for part in re.split(r"[,;()]|\s[-–—]\s", whole) if part.strip()] or [""]
    if not rest:
        return (whole if any(map(str.isalpha, whole)) else ""), usual
    code = language_of(rest[0]) if len(rest) == 1 else None
    return (name, code) if code else ("", usual)


# --- ending ----------------------------------------------------------------------------------------------------------


def end(turn: Turn, b: Bundle, relation: Relation, day: date, by: int, role: str, reason: str, source: str) -> None:
    """A link ends on that school date, today at once: no cards, no presses, no history, and old buttons are dead.

    The reason is for coordinators and the office alone; the record says that it ended and when.
    """
    turn.set_relation(relation.id, until=day)
    told = {"relation": relation.id, "person": relation.person, "role": relation.role}
    data = {**told, "until": day.isoformat(), **({"reason": reason} if reason else {})}
    fact = Fact("link", "ended", turn.now, source, by, role, relation.student, relation.course, turn.today, data=data)
    turn.record([fact])
    if day > turn.today:
        return
    shut(turn, b, relation)
    from bot.board import touches

    turn.wake(touches(fact, b) | {relation.person}, turn.today)


def shut(turn: Turn, b: Bundle, relation: Relation) -> None:
    """The link is over from today: its codes and all buttons this person has seen are dead, its cards close."""
    others = [r for r in b.relations.get(relation.person, ()) if r.id != relation.id and r.live(turn.today)]
    turn.end_invitations(relation.person, relation.student)
    if others:
        turn.new_keys(relation.person)
    else:
        turn.close_cards(relation.person)
