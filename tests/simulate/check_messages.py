"""Rules c, d and e, message by message: to whom, when, how loud, and whether it still had to be asked."""

from collections.abc import Iterator
from datetime import date, time, timedelta

from tests.simulate import reading
from tests.simulate.checker import Evidence
from tests.simulate.oracle import Times, evening, line_of
from tests.simulate.screens import Shown
from tests.simulate.town import Member

GRACE = timedelta(seconds=30)  # a message that was on its way when a day was declared closed
ASKED_BEFORE = timedelta(minutes=30)
HOURS = {"school": (time(7), time(18)), "home": (time(7), time(20))}
SLOTS = {"teacher": "day", "home": "day", "teacher nudge": "nudge", "home nudge": "nudge", "late": "event"}


def check(e: Evidence, day: date) -> None:
    for member in e.world.town.members:
        for kind in (*reading.DAILY, "unreached", "other"):
            for shown in e.of(member, kind, day):
                for rule, what in _message(e, member, kind, shown, day):
                    e.wrong(day, rule, f"{member.name} ({kind}, {shown.began:%H:%M:%S}): {what}")
        for what in _rings(e, member, day):
            e.wrong(day, "d", f"{member.name}: {what}")


def _message(e: Evidence, member: Member, kind: str, shown: Shown, day: date) -> Iterator[tuple[str, str]]:
    for what in _strangers(e, member, shown):
        yield "c", what
    for look in shown.looks:
        if phrase := reading.blames(look, member.language):
            yield "e", f"somebody is blamed: {phrase!r}"
    if kind == "other":
        if not (_answers(e, member, shown) or day in e.off):
            yield "c", f"nobody asked for this: {shown.looks[0].lines}"
        return
    if kind == "unreached":
        yield from (("c", what) for what in _hours(e, member, kind, shown))
    elif not e.school_day(day, shown.began - GRACE):
        yield "c", "sent on a day without school"
    elif not _replaces(e, member, kind, shown, day):
        yield from (("c", what) for what in _when(e.times(day), kind, shown))
        yield from (("c", what) for what in _hours(e, member, kind, shown))
    if kind.startswith("home"):
        yield from _evening(e, member, kind, shown, day)
    if kind == "teacher nudge":
        yield from _planners(e, member, shown, day)
    if kind.endswith("nudge"):
        yield from (("d", what) for what in _asked_before(e, member, kind, day))


# --- who and when ---


def _strangers(e: Evidence, member: Member, shown: Shown) -> Iterator[str]:
    known = {*member.children, *member.pupils, *(e.world.town.children if member.role == "coordinator" else ())}
    for look in shown.looks:
        for child in reading.named(look, e.world.town) - known:
            yield f"reads about {child.name}, with whom there is no relation"


def _answers(e: Evidence, member: Member, shown: Shown) -> bool:
    """What comes because this person has written something shortly before."""
    said = [at for p in e.world.diary if p.who is member and p.verb == "say" for at in p.tries]
    return any(timedelta(0) <= shown.at - at <= timedelta(minutes=40) for at in said)


def _replaces(e: Evidence, member: Member, kind: str, shown: Shown, day: date) -> bool:
    """A new message for one that its reader had deleted; on Telegram it makes no sound."""
    before = [one for one in e.of(member, kind, day) if one.deleted and one.key == shown.key and one.at < shown.at]
    return bool(before) and (not shown.loud or shown.lane == "slack")


def _when(times: Times, kind: str, shown: Shown) -> Iterator[str]:
    since, until = {
        "teacher": times.teacher, "teacher nudge": times.teacher_nudge, "home": times.home,
        "home nudge": times.home_nudge, "late": times.late,
    }[kind]  # fmt: skip
    if shown.began < since:
        yield f"before its time, {since:%H:%M}"
    if shown.began >= until:
        yield f"after its window, which ends {until:%H:%M}"


def _hours(e: Evidence, member: Member, kind: str, shown: Shown) -> Iterator[str]:
    local = e.world.town.local(shown.began).time()
    start, end = HOURS["home" if kind.startswith(("home", "late")) else "school"]
    if shown.loud and not start <= local <= end:
        yield f"rings at {local:%H:%M}"


# --- what it asks ---


def _evening(e: Evidence, member: Member, kind: str, shown: Shown, day: date) -> Iterator[tuple[str, str]]:
    """A home message, as it was when it was sent, asks about nobody who is away, without homework, or answered for."""
    for child in sorted(reading.named(shown.looks[0], e.world.town), key=lambda c: c.name):
        if child not in member.children:
            continue
        heard = e.said(child, day, shown.began)
        if any(one.kind == "away" for one in heard):
            yield "c", f"asks about {child.name}, who is away"
            continue
        night = evening(e.world.town, child, heard)
        if not night.question:
            yield "c", f"asks about {child.name}, who has no homework"
        elif kind == "home nudge" and night.state:
            yield "d", f"reminds of {child.name}, though home has said {night.state!r}"


def _planners(e: Evidence, member: Member, shown: Shown, day: date) -> Iterator[tuple[str, str]]:
    for child in sorted(reading.named(shown.looks[0], e.world.town), key=lambda c: c.name):
        if child not in member.pupils:
            continue
        line = line_of(e.said(child, day, shown.began), e.world.town.course(child, member.subject))
        if line.value:
            yield "d", f"reminds of {child.name}, though {line.value!r} has been said"


def _asked_before(e: Evidence, member: Member, kind: str, day: date) -> Iterator[str]:
    """No reminder to whom the question itself came less than half an hour before."""
    card, times = kind.removesuffix(" nudge"), e.times(day)
    due = (times.teacher_nudge if card == "teacher" else times.home_nudge)[0]
    first = next((one.began for one in e.of(member, card, day)), None)
    takes = [one for child in member.children for one in e.said(child, day) if one.kind == "take"]
    if (first is None or first > due - ASKED_BEFORE) and not takes:
        yield f"reminded, but asked only at {first:%H:%M}" if first else "reminded, but never asked"


# --- how often ---


def _rings(e: Evidence, member: Member, day: date) -> Iterator[str]:
    """One ring a slot of the day for each role, eight a week; a repeated copy of a card is not another ring."""
    roles = (member.role == "teacher") + bool(member.children)
    counted: dict[str, set[str]] = {}
    for kind, slot in SLOTS.items():
        counted.setdefault(slot, set()).update(one.key for one in e.of(member, kind, day) if one.loud)
    for slot, keys in counted.items():
        if len(keys) > (1 if slot == "event" else roles):
            yield f"{len(keys)} rings for the slot {slot!r}"
    week = e.world.rings.setdefault((member.user, day - timedelta(days=day.weekday())), set())
    week.update(key for keys in counted.values() for key in keys)
    if len(week) > 8:
        yield f"{len(week)} rings in one week"
