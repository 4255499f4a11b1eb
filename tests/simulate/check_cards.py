"""Rules a and f, and that screens agree with the record: nothing lost, nothing twice, nothing left to ask."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta

from bot import words
from tests.simulate import reading
from tests.simulate.checker import Evidence
from tests.simulate.oracle import evening, line_of
from tests.simulate.screens import Shown
from tests.simulate.town import Child, Member

PROMPT = timedelta(seconds=120)  # without faults every card is there by then
NOTED = timedelta(seconds=5)  # a death so soon after a send may have lost its note
ENOUGH = timedelta(minutes=10)  # of a window without any trouble
ONCE = ("teacher", "teacher nudge", "home", "home nudge")


def check(e: Evidence, day: date) -> None:
    for what in _copies(e, day):
        e.wrong(day, "a", what)
    times = e.times(day) if e.world.town.planned(day) else None
    if times is None:
        return
    for member in e.world.town.members:
        for rule, what in _member(e, member, day):
            e.wrong(day, rule, f"{member.name}: {what}")
    for what in (*_told_of_lost(e, day), *_coordinator_told(e, day)):
        e.wrong(day, "f", what)


def _member(e: Evidence, member: Member, day: date) -> Iterator[tuple[str, str]]:
    if member.role == "teacher":
        yield from (("a", what) for what in _teachers_card(e, member, day))
        yield from (("b", what) for what in _school_agrees(e, member, day))
    for child in member.children:
        yield from (("a", what) for what in _home_card(e, member, child, day))
    yield from (("b", what) for what in _home_agrees(e, member, day))


# --- shown once ---


def _teachers_card(e: Evidence, member: Member, day: date) -> Iterator[str]:
    since, until = e.times(day).teacher
    there = [child for child in member.pupils if not e.away(child, day, until)]
    if there and e.school_day(day, until):
        yield from _came(e, member, "teacher", day, since, until)


def _home_card(e: Evidence, member: Member, child: Child, day: date) -> Iterator[str]:
    """The one who is asked gets a card that rings; on Telegram the other one gets a silent copy."""
    since, until = e.times(day).home
    if not e.school_day(day, until) or e.away(child, day, until):
        return
    if not evening(e.world.town, child, e.said(child, day, since)).question:
        return
    others = [one for adult in child.guardians for one in e.of(adult, "home", day)]
    if member.lanes[0] == "slack" and len(child.guardians) > 1 and others:
        return
    yield from _came(e, member, "home", day, since, until)


def _came(e: Evidence, member: Member, kind: str, day: date, since: datetime, until: datetime) -> Iterator[str]:
    found = e.of(member, kind, day)
    quiet = not e.disturbed(since - ENOUGH, until) and not e.blocked(member, since - timedelta(days=2), until)
    unclear = [at for s in e.screens(member) for at in s.unclear if since <= at <= until]
    if not found and quiet and not unclear:
        yield f"no {kind} card came"
    elif found and e.world.calm and found[0].at - since > PROMPT:
        yield f"the {kind} card came {found[0].at - since} late"


def _copies(e: Evidence, day: date) -> Iterator[str]:
    for member in e.world.town.members:
        for kind in ONCE:
            every = e.of(member, kind, day)
            keys = dict.fromkeys(one.key for one in every)
            if len(keys) > 1:
                yield f"{member.name} has {len(keys)} cards of one kind ({kind})"
            for key in keys:
                copies = [one for one in every if one.key == key]
                explained = sum(s.copies.get(key, 0) for s in e.screens(member)) + _deaths(e, copies)
                if len(copies) > 1 + explained:
                    yield f"{member.name} has {len(copies)} copies of a {kind} card, {explained} explained by a fault"


def _deaths(e: Evidence, copies: Sequence[Shown]) -> int:
    """How many times the program may have died before it could note one of these."""
    found = 0
    for since, _, how in e.world.deaths:
        for one in copies[:-1]:
            away = [a for a, b, what in e.world.deaths if what == "database" and a <= one.at <= b]
            if how != "database" and (one.began <= since <= one.at + NOTED or (away and since >= min(away))):
                found += 1
    return found


# --- screens agree with the record ---


def _school_agrees(e: Evidence, member: Member, day: date) -> Iterator[str]:
    """By the next morning a card whose lines are all settled asks nothing any more."""
    newest = _standing(e, member, "teacher", day)
    lines = [
        line_of(e.said(child, day), e.world.town.course(child, member.subject))
        for child in member.pupils
        if not e.away(child, day, e.world.clock.now())
    ]
    if newest is None or not lines or day in e.off:
        return
    if newest.now.at > e.times(day).home[0] and (wrong := _home_line(e, member, day, newest)):
        yield wrong
    if all(line.value for line in lines) and reading.asks(newest.now, member.language):
        yield f"still asked, though all has been said: {newest.now.lines}"
    if not any(line.value for line in lines) and not reading.asks(newest.now, member.language):
        yield f"nothing said, and the card asks nothing: {newest.now.lines}"


def _home_line(e: Evidence, member: Member, day: date, shown: Shown) -> str:
    """The teacher's card says how many homes have said done, unless one of them said so after the close."""
    town, language = e.world.town, member.language
    there = [child for child in member.pupils if not e.away(child, day, e.world.clock.now())]
    said = {child: e.said(child, day) for child in there}
    if any(one.said_at > e.times(day).close for entries in said.values() for one in entries if one.kind == "home"):
        return ""
    done = [child for child in there if evening(town, child, said[child]).state == "done"]
    before = words.say(language, "tonight", what="§").partition("§")[0]
    line = next((line for line in shown.now.lines if line.startswith(before)), "")
    one = words.say(language, "home-child-done", child=done[0].first) if len(done) == 1 else ""
    wanted = one or (words.say(language, "home-count-done", count=len(done)) if done else "")
    return "" if wanted in line else f"{wanted!r} at home, and the card says {line!r}"


def _home_agrees(e: Evidence, member: Member, day: date) -> Iterator[str]:
    newest = _standing(e, member, "home", day)
    if newest is None or day in e.off:
        return
    states = [
        evening(e.world.town, child, e.said(child, day))
        for child in member.children
        if not e.away(child, day, e.world.clock.now())
    ]
    if all(night.state or not night.question for night in states) and reading.asks(newest.now, member.language):
        yield f"still asked, though home has answered: {newest.now.lines}"
    instead = newest.now.data(words.say(member.language, "button-instead"))
    if all(night.state not in ("", "cant_say") for night in states if night.question) and states and instead:
        yield f"could still answer instead, though home has answered: {newest.now.lines}"


def _standing(e: Evidence, member: Member, kind: str, day: date) -> Shown | None:
    """The one message of that kind, where there is no doubt which it is and that it can be changed."""
    found = [one for one in e.of(member, kind, day) if not one.deleted]
    morning = e.world.clock.now()
    if len(found) != 1 or e.blocked(member, found[0].at, morning) or e.screens(member)[0].copies.get(found[0].key):
        return None
    return found[0]


# --- whoever cannot be reached ---


def _told_of_lost(e: Evidence, day: date) -> Iterator[str]:
    """Where a message did not arrive, somebody else at home is asked that evening, and the card of school says so."""
    for member in e.world.town.members:
        lost = [one for one in e.record.entries if one.kind == "lost" and one.person == member.id and one.day == day]
        elsewhere = any(not screen.blocked for screen in e.screens(member))
        if not lost or elsewhere or member.role != "guardian":
            continue
        for child in member.children:
            yield from _somebody_else(e, member, child, day, lost[0].said_at)


def _somebody_else(e: Evidence, member: Member, child: Child, day: date, at: datetime) -> Iterator[str]:
    since, until = e.times(day).home
    if at > until - timedelta(minutes=20) or not e.school_day(day, until) or e.disturbed(since, until):
        return
    night = evening(e.world.town, child, e.said(child, day, since))
    answered = evening(e.world.town, child, e.said(child, day, until)).state
    others = [adult for adult in child.guardians if adult is not member]
    free = [adult for adult in others if not e.blocked(adult, since - timedelta(days=2), until)]
    sure = [adult for adult in free if not any(screen.unclear for screen in e.screens(adult))]
    if not night.question or answered or e.away(child, day, until) or not sure:
        return
    back = not e.blocked(member, since, until)
    asked = any(
        reading.asks(look, adult.language) for adult in free for one in _homes(e, adult, day) for look in one.looks
    )
    if not asked and not back:
        yield f"{member.name} is not reached, and nobody else is asked about {child.name}"


def _homes(e: Evidence, adult: Member, day: date) -> list[Shown]:
    return [*e.of(adult, "home", day), *e.of(adult, "home nudge", day)]


def _coordinator_told(e: Evidence, day: date) -> Iterator[str]:
    """Who got lost by four in the afternoon of a school day, and is not back by six, is named to the coordinator."""
    town = e.world.town
    late, evening_ = town.instant(day, time(16)), town.instant(day, time(18))
    if not e.school_day(day, evening_) or e.disturbed(late - timedelta(days=1), evening_):
        return
    coordinator = next(member for member in town.members if member.role == "coordinator")
    told = [one for screen in e.screens(coordinator) for one in screen.messages]
    for one in e.record.entries:
        if one.kind != "lost" or not late - timedelta(days=1) < one.said_at <= late:
            continue
        back = [b for b in e.record.entries if b.kind == "back" and b.person == one.person and b.n > one.n]
        who = next(member for member in town.members if member.id == one.person)
        elsewhere = len(who.lanes) > 1
        if (
            not back
            and not elsewhere
            and not any(reading.says(shown, coordinator.language, "has-lost", name=who.name) for shown in told)
        ):
            yield f"messages to {who.name} do not arrive since {one.said_at}, and the coordinator does not read it"
