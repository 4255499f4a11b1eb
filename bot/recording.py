"""Recording what was said: the facts, the cards they give birth to, and everybody whose screens they may change."""

from collections.abc import Sequence
from datetime import date

from bot import board
from bot.bundle import Bundle
from bot.model import RINGING, Card, Draft, Fact
from bot.ports import Turn


def record(turn: Turn, b: Bundle, facts: Sequence[Fact], first: Card | None = None) -> list[Fact]:
    """Returns the facts that are new; `first` is the card whose reader waits for an answer."""
    drafts = [draft for fact in facts for draft in board.births(fact, b, turn.now)]
    recorded = turn.record(facts)
    if not recorded:
        return []
    turn.add(drafts, {d.person: place for d in drafts if (place := b.place(d.person)) is not None})
    touched = {person for fact in recorded for person in board.touches(fact, b)}
    days = [fact.day for fact in recorded if fact.day is not None]
    turn.wake(touched, min(days) if days else None, first.id if first else 0)
    return recorded


def lost(turn: Turn, person: int, how: str, source: str) -> None:
    """Somebody cannot be reached: coordinators are told once, and whoever is asked instead looks again (F18)."""
    if not turn.record([board.lost(person, how, source, turn)]):
        return
    b = turn.bundle([], [person])
    tell = [one for one in coordinators(b) if one != person and not b.reached(person)]  # on another app, for one
    for one in tell:
        card = turn.find_card(one, "unreached", day=turn.today)
        if card is not None:
            turn.change(card, view={"lost": [*card.view["lost"], person]})
    places = {one: place for one in tell if (place := b.place(one)) is not None}
    turn.add([Draft(one, "unreached", turn.today, turn.now, "", RINGING, {"lost": [person]}) for one in tell], places)
    look_around(turn, person, turn.today)


def coordinators(b: Bundle) -> list[int]:
    """Everybody who looks after the whole school and can be reached."""
    people = [r.person for own in b.relations.values() for r in own if r.role == "coordinator" and r.live(b.today)]
    return [person for person in dict.fromkeys(people) if b.works(person)]


def look_around(turn: Turn, person: int, day: date | None) -> None:
    """Everybody around the same children, and who looks after the school, looks again, at cards of `day` and later;
    None: at all that are open."""
    b = turn.bundle([], [person])
    around = {p for s in b.students for p in board.touches(Fact("home", "", turn.now, "", student=s), b)}
    turn.wake(around | {person}, day)
    turn.wake(coordinators(b), None)  # what was told of this person days ago is put right where it stands
