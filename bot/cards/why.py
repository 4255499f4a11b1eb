"""`why`: from the bot's own log of the last days, why a card came or did not (F23, script H). Own messages only."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bot import words
from bot.bundle import TEACHING, Bundle, Say
from bot.cards.parts import lines, text
from bot.model import Card, Fact, Message
from bot.report import runs
from bot.schooldays import DayTimes, is_school_day, local_day

LOOKS_BACK = 7  # days
SHOWN = 5  # lines of one answer


@dataclass(frozen=True, slots=True)
class Look:
    """One person's look back at one date and one side: teacher or guardian."""

    b: Bundle
    person: int
    day: date
    now: datetime
    side: str

    @property
    def say(self) -> Say:
        return self.b.say(self.person)

    @property
    def times(self) -> DayTimes:
        return self.b.own_times(self.person, self.day, self.side)

    @property
    def due(self) -> datetime:
        return self.times.teacher_card if self.side == "teacher" else self.times.home_card

    def card(self, nudge: bool = False) -> Card | None:
        kind = {"teacher": "teacher", "guardian": "home"}[self.side] + (" nudge" if nudge else "")
        return self.b.cards.get((self.person, kind, self.day))

    @property
    def children(self) -> list[int]:
        if self.side == "guardian":
            return self.b.children(self.person, self.day)
        return list(dict.fromkeys(s for _, s in self.b.pupils_of(self.person, self.day)))


def message(card: Card, b: Bundle, now: datetime) -> Message:
    say, today = b.say(card.person), local_day(now, b.school.zone)
    found: list[tuple[date, date, str]] = []
    joined = [a.joined_at for a in b.addresses.get(card.person, ()) if a.joined_at is not None]
    first = local_day(min(joined), b.school.zone) if joined else today
    for n in range(min(LOOKS_BACK, (today - first).days + 1)):
        day = today - timedelta(days=n)
        for side in _sides(card.person, b, day):
            why = _why(Look(b, card.person, day, now, side))
            if why and found and found[-1][2] == why:
                found[-1] = (day, found[-1][1], why)  # days alike are one line
            elif why:
                found.append((day, day, why))
    body = tuple(text(_line(card, b, *one)) for one in found[:SHOWN]) or lines(say("why-nothing"))
    return Message(body, preview=say("why-preview"))


def _line(card: Card, b: Bundle, first: date, last: date, why: str) -> str:
    days = [words.short_date(b.language(card.person), day) for day in dict.fromkeys((first, last))]
    return f"{' – '.join(days)}: {why}"


def _sides(person: int, b: Bundle, day: date) -> Iterator[str]:
    held = {r.role for r in b.relations.get(person, ()) if b.live(r, day)}
    if held.intersection(TEACHING):
        yield "teacher"
    if "guardian" in held:
        yield "guardian"


def _why(look: Look) -> str:
    """One sentence for one date; "" for a weekend, which needs no word."""
    b, say = look.b, look.say
    if not is_school_day(b.school, look.day):
        title = b.school.closed.get(look.day)
        if title is None:
            return ""
        return say("why-closed", title=title) if title else say("why-closed-plain")
    shown = look.card()
    if shown is not None and shown.shown_at is not None:
        return " ".join([say("why-sent", time=b.clock(look.person, shown.shown_at)), _nudge(look)]).strip()
    return _silent(look)


def _nudge(look: Look) -> str:
    """Why a reminder came or did not."""
    nudge, due = look.card(nudge=True), look.times.teacher_nudge if look.side == "teacher" else look.times.home_nudge
    if nudge is not None and nudge.shown_at is not None:
        return look.say("why-nudged", time=look.b.clock(look.person, nudge.shown_at))
    if nudge is not None and nudge.fate == "capped":
        return look.say("why-capped")
    answers = [fact for facts in _said(look) for fact in facts if fact.said_at <= due]
    mine = [fact.said_at for fact in answers if fact.person == look.person]
    if look.now < due or not answers:
        return ""
    if mine:
        return look.say("why-answered", time=look.b.clock(look.person, min(mine)))
    first = min(answers, key=lambda fact: fact.said_at)
    name = look.b.at_home(look.person, first.person, first.student)
    return look.say("why-answered-by", name=name)


def _said(look: Look) -> Iterator[list[Fact]]:
    own = set(look.b.pupils_of(look.person, look.day))
    for child in look.children:
        said = look.b.facts.get((child, look.day), ())
        if look.side == "teacher":
            yield [fact for fact in said if fact.kind == "line" and (fact.course, child) in own]
        else:
            yield [fact for fact in said if fact.kind == "home"]


def _silent(look: Look) -> str:
    """Why no card came, the nearest reason first."""
    b, say, card = look.b, look.say, look.card()
    lost = next((f for f in reversed(b.personal.get(look.person, ())) if f.day and f.day <= look.day), None)
    if b.muted(look.person, look.day, look.side):
        return say("why-resting")
    if lost is not None and lost.kind in ("lost", "stopped"):
        return say(f"why-{lost.kind}")
    if not look.children or not any(b.runs(child, look.day) for child in look.children):
        return _no_report(look)
    if look.now < look.due:
        return say("why-later", time=b.clock(look.person, look.due))
    if look.side == "guardian" and not any(b.report(c, look.day, look.now).question for c in look.children):
        return say("why-no-homework")
    if card is not None and card.fate == "missed":
        return say("why-missed")
    lane = b.lane(card) if card is not None else None
    if look.side == "guardian" and lane is not None and not lane.can_be_silent:
        return say("why-no-copy")
    return say("why-nothing-to-ask")


def _no_report(look: Look) -> str:
    b = look.b
    followed = b.followed(look.person, look.day)
    states = {runs(b.standing.get(child, ()), look.day) for child in followed}
    names = words.listed(b.language(look.person), [b.child(look.person, child) for child in followed[:3]])
    if len(states) == 1 and (state := states.pop()) in ("away", "paused", "finished"):
        return look.say(f"why-{state}", child=names)
    return look.say("why-no-report")
