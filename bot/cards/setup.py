"""How far a school is set up, for its coordinator: three steps until it runs, then how the day stands."""

from datetime import datetime, timedelta

from bot.bundle import TEACHING, Bundle
from bot.cards.parts import lines, rows, text
from bot.model import Button, Card, Face, Message
from bot.schooldays import local_day

LASTS = timedelta(minutes=30)


def face(card: Card, b: Bundle, now: datetime) -> Face:
    born = card.born_at or now
    return Face(message(card, b, now), start=born, until=born + LASTS)


def _can(card: Card, b: Bundle) -> list[str]:
    """What this person can write; a coordinator who teaches reads both."""
    say = b.say(card.person)
    teaches = any(r.role in TEACHING for r in b.relations.get(card.person, ()))
    return [*([say("help-teacher"), say("help-add")] if teaches else []), say("help-words")]


def message(card: Card, b: Bundle, now: datetime) -> Message:
    """Counts only, no child's name: ticks of a school day belong to who teaches and who is at home (PRODUCT, table)."""
    say, today = b.say(card.person), local_day(now, b.school.zone)
    counted = card.view.get("counted", {})
    daily, homes = counted.get("daily", 0), counted.get("homes", 0)
    steps = [
        say("setup-roster", children=counted.get("children", 0), daily=daily),
        say("setup-calendar", days=len([day for day in b.school.closed if day >= today])),
        say("setup-joined", homes=homes, teachers=counted.get("teachers", 0), daily=daily),
    ]
    done = [daily > 0, bool(b.school.closed), daily > 0 and homes >= daily]
    marked = [f"{'✓' if ready else '○'} {step}" for ready, step in zip(done, steps, strict=True)]
    first = next((n for n, ready in enumerate(done) if not ready), None)
    advice = say(f"setup-do-{('roster', 'calendar', 'letters')[first]}") if first is not None else say("setup-runs")
    lost = say("setup-lost", count=counted["lost"]) if counted.get("lost") else ""
    title = say("setup-title", school=b.school.name)
    buttons = [Button(say("button-look-again"), "a")]
    return Message(
        lines(text(title, "bold"), *marked, lost, advice, *_can(card, b)), rows(buttons), preview=title, sensitive=False
    )
