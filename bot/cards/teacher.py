"""The teacher's card of the day: one batch card for all followed children, one tap on an ordinary day (F03)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from bot import words
from bot.bundle import Bundle, Say
from bot.cards.parts import (
    NAMED,
    PAGE,
    Rows,
    folds_at,
    home_line,
    in_threes,
    joined,
    line_key,
    lines,
    rows,
    school_date,
    soonest,
    text,
    view,
    was_shown_in_time,
)
from bot.model import Button, Card, Face, Line, Message, code36
from bot.report import ALONE, ClassLine
from bot.schooldays import next_school_day

STATES = {"w": "written", "nw": "not_written", "nh": "no_homework", "ab": "absent"}  # values of one name's buttons
BULK = {"w": "written", "nh": "no_homework", "nt": "cant_say"}  # of all open lines; in capitals after `Change`


@dataclass(frozen=True, slots=True)
class Sheet:
    """One teacher's day as it stands: own lines, those that yesterday left open, and the menu that is open."""

    card: Card
    b: Bundle
    now: datetime
    day: date
    own: Sequence[ClassLine]
    yesterday: Sequence[ClassLine]
    opened: Mapping[str, Any]
    say: Say

    @property
    def left(self) -> list[ClassLine]:
        return [line for line in self.own if line.open]

    @property
    def date(self) -> str:
        return words.short_date(self.b.language(self.card.person), self.day)

    def child(self, line: ClassLine) -> str:
        return self.b.child(self.card.person, line.student)


def sheet(card: Card, b: Bundle, now: datetime) -> Sheet:
    day = school_date(card)
    own = b.own_lines(card.person, day, now)
    return Sheet(card, b, now, day, own, _left_open(card, b, now), view(card, now), b.say(card.person))


def _left_open(card: Card, b: Bundle, now: datetime) -> list[ClassLine]:
    """This teacher's lines of the last school day that nobody confirmed; asked once more, never again (section 6)."""
    last = b.before(school_date(card))
    joined = [a.joined_at for a in b.addresses.get(card.person, ()) if a.joined_at]
    if card.kind != "teacher" or not b.closed(last) or not joined or min(joined) > b.times(last).close:
        return []
    return [line for line in b.own_lines(card.person, last, now) if line.open]


def face(card: Card, b: Bundle, now: datetime) -> Face:
    times = b.own_times(card.person, school_date(card), "teacher")
    if now >= times.late_until:
        return over(card, b)
    s = sheet(card, b, now)
    anew = card.fate in ("again", "gone")  # asked for afresh, or vanished from the screen: no second ring
    if not card.ref and not anew and b.muted(card.person, s.day, "teacher"):
        return Face(again=times.late_until, why="resting")
    return Face(
        picture(s) if s.own else _nobody(s),
        start=now if anew else times.teacher_card,
        until=times.late_until if anew else times.teacher_until,
        again=soonest(now, folds_at(card, now), None if card.ref else times.teacher_card, times.late_until),
        slot="" if anew else "day",
        offers=offers(s),
        why="" if s.own else "nobody to ask about",
    )


def nudge_face(card: Card, b: Bundle, now: datetime) -> Face:
    """The one reminder, only to who was asked half an hour before and has not answered (F07)."""
    times = b.own_times(card.person, school_date(card), "teacher")
    if now >= times.late_until:
        return over(card, b)
    s = sheet(card, b, now)
    if card.ref and (not s.left or b.closed(s.day)):
        return Face(_answered(s) if not s.left else nudge_over(b, card), again=times.late_until)
    if not card.ref and now >= times.teacher_nudge and not (s.left and was_shown_in_time(b, s.card, "teacher", times)):
        return Face(ended=True, why="answered" if s.own else "nobody to ask about")
    return Face(
        picture(s, _reminder(s)) if s.left else None,
        start=times.teacher_nudge,
        until=times.teacher_nudge_until,
        again=soonest(now, folds_at(card, now), None if card.ref else times.teacher_nudge, times.late_until),
        slot="nudge",
        offers=offers(s),
    )


def nudge_over(b: Bundle, card: Card) -> Message:
    """After the close a nudge asks nothing any more; the card of the day still does."""
    sentence = b.say(card.person)("nudge-over")
    return Message(lines(sentence), preview=sentence)


def offers(s: Sheet) -> tuple[str, ...]:
    return tuple(line_key(line.student, line.course) for line in s.own) + tuple(
        "y" + line_key(line.student, line.course) for line in s.yesterday
    )


def over(card: Card, b: Bundle) -> Face:
    """The late window has ended: the card stays as it is, and says so once somebody presses it."""
    if card.view.get("step") != "over":
        return Face(ended=True, why="day over")
    sentence = b.say(card.person)("day-closed")
    title = words.short_date(b.language(card.person), school_date(card))
    return Face(Message(lines(title, sentence), preview=sentence), ended=True)


def _nobody(s: Sheet) -> Message | None:
    """Nobody is asked about: every child went away after the card was shown, or the last report rests."""
    resting = _resting(s)
    if not s.card.ref and not resting:
        return None
    return Message(lines(joined([s.date, s.say("nobody-to-ask")]), *resting), preview=s.date)


def _answered(s: Sheet) -> Message:
    last = max((line for line in s.own if line.at), key=lambda line: (line.at, line.by), default=None)
    if last is None or last.at is None:
        return Message(lines(s.say("nobody-to-ask")), preview=s.date)
    who = s.b.adult(last.by)
    return Message(
        lines(s.say("nudge-answered", name=who, time=s.b.clock(s.card.person, last.at))), preview=s.say("thanks")
    )


def _reminder(s: Sheet) -> str:
    names = joined(dict.fromkeys(s.child(line) for line in s.left))
    return s.say("teacher-nudge", count=len(s.left), names=names)


# --- what stands -----------------------------------------------------------------------------------------------------


def picture(s: Sheet, reminder: str = "") -> Message:
    step = s.opened.get("step")
    if step == "names":
        body, buttons = [text(s.say("which-name"))], _names(s)
    elif step == "state":
        body, buttons = [text(_subject(s), "bold")], _states(s)
    else:
        body, buttons = ([] if reminder else _standing(s)), _main(s)
    title = reminder or _title(s)
    return Message(lines(text(title, "bold"), *body), buttons, s.say("teacher-preview", date=s.date))


def _title(s: Sheet) -> str:
    """In one line: the question, what is still open, or how all was answered and when."""
    left = s.left
    if len(left) == len(s.own):
        return joined([s.date, s.say("planners-seen")])
    if left:
        return joined([s.date, *_exceptions(s, closed_only=True), s.say("lines-open", count=len(left))])
    at = max((line.at for line in s.own if line.at), default=s.now)
    return joined([s.date, _overall(s), s.b.clock(s.card.person, at)])


def _overall(s: Sheet) -> str:
    written = sum(line.state == "written" for line in s.own)
    if _all(s, "written"):
        return s.say("all-written", count=written)
    if all(line.why == "cant_say" for line in s.own):
        return s.say("cant-say-today")
    if _all(s, "no_homework"):
        return s.say("no-homework-all")
    return s.say("some-written", count=written)


def _all(s: Sheet, state: str) -> bool:
    return all(line.state == state for line in s.own)


def _standing(s: Sheet) -> list[Line]:
    """Names still open or the exceptions, then what home said last night and tonight, then what is left over."""
    b, reader = s.b, s.card.person
    last = b.before(s.day)
    tonight = s.now >= b.times(s.day).home_card
    body = [
        *_open_names(s),
        "" if s.left else joined(_exceptions(s)),
        _changed(s),
        home_line(b, reader, last, s.now, b.pupils_of(reader, last), *_when(s, "night")),
        home_line(b, reader, s.day, s.now, b.pupils_of(reader, s.day), "tonight") if tonight else "",
        _not_joined(s),
        _yesterday(s),
        *_notices(s),
    ]
    return [text(line) for line in body if line]


def _exceptions(s: Sheet, closed_only: bool = False) -> list[str]:
    """Everything but written, child by child: Ana: not written. All alike needs no names."""
    own = [line for line in s.own if not (closed_only and line.open)]
    if not s.left and (_all(s, "no_homework") or all(line.why == "cant_say" for line in own)):
        return []
    return [
        s.say("child-state", child=_name(s, line), state=s.say(f"state-{_word(line)}"))
        for line in own
        if line.state != "written"
    ]


def _word(line: ClassLine) -> str:
    return (line.why or "no_answer" if line.state == "unknown" else line.state).replace("_", "-")


def _name(s: Sheet, line: ClassLine) -> str:
    """The child's name, with the class where this teacher has the child twice (F03)."""
    twice = sum(other.student == line.student for other in s.own) > 1
    return f"{s.child(line)} ({s.b.courses[line.course].name})" if twice else s.child(line)


def _open_names(s: Sheet) -> list[str]:
    """Ana · Ben · Chloe; with several classes a line for each class."""
    left = s.left
    courses = list(dict.fromkeys(line.course for line in left))
    found = []
    for course in courses:
        names = [s.child(line) for line in left if line.course == course]
        shown = joined(names[:PAGE])
        if len(names) > PAGE:
            shown += " " + s.say("more-exceptions", count=len(names) - PAGE)
        found.append(shown if len(courses) == 1 else f"{s.b.courses[course].name}: {shown}")
    return found


def _changed(s: Sheet) -> str:
    late = [line.at for line in s.own if line.changed and line.at]
    return s.say("changed-at", time=s.b.clock(s.card.person, max(late))) if late else ""


def _yesterday(s: Sheet) -> str:
    if not s.yesterday:
        return ""
    key, weekday = _when(s, "open")
    names = joined(s.child(line) for line in s.yesterday[:PAGE])
    named = {"weekday": weekday} if weekday else {}
    return s.say(key, count=len(s.yesterday), names=names, **named)


def _when(s: Sheet, what: str) -> tuple[str, str]:
    """Last night and yesterday, or the weekday where the last school day was longer ago."""
    last = s.b.before(s.day)
    if s.day - last == timedelta(days=1):
        return {"night": "last-night", "open": "yesterday-open"}[what], ""
    return f"earlier-{what}", words.weekday(s.b.language(s.card.person), last)


def _not_joined(s: Sheet) -> str:
    """Children of whom no guardian has joined yet, so that nobody waits for an answer from home (F01)."""
    alone = [line for line in s.own if not any(s.b.linked(r.person) for r in s.b.guardians.get(line.student, ()))]
    names = list(dict.fromkeys(s.child(line) for line in alone))
    if not names:
        return ""
    shown = joined(names[:NAMED]) + ("" if len(names) <= NAMED else f" + {len(names) - NAMED}")
    return s.say("home-not-joined", names=shown)


def _notices(s: Sheet) -> list[str]:
    """What changed about the people around these children since the last school day, each once and neutrally."""
    b, days = s.b, (s.b.before(s.day), s.day)
    found = []
    for _, student in b.pupils_of(s.card.person, s.day):
        for relation in b.guardians.get(student, ()):
            last = next(iter(b.personal.get(relation.person, ())[-1:]), None)
            if last is None or last.day is None or not days[0] <= last.day <= days[1]:
                continue
            if last.kind not in ("stopped", "lost") or last.value == "still":
                continue
            if last.kind == "stopped" or b.owner(student) == s.card.person:
                found.append(s.say(f"has-{last.kind}", name=b.adult(relation.person)))
        if b.ends(student) == next_school_day(b.school, s.day):
            found.append(s.say("report-ends", child=b.child(s.card.person, student)))
    return list(dict.fromkeys([*found, *_resting(s)]))


def _resting(s: Sheet) -> list[str]:
    """Children whose report has just been paused, as nobody at home has joined in ten school days (F01)."""
    b = s.b
    taught = [r.course for r in b.relations.get(s.card.person, ()) if r.role == "teacher"]
    pupils = dict.fromkeys(student for course in taught for student in b.pupils.get(course, ()))
    last = {student: next(iter(b.standing.get(student, ())[-1:]), None) for student in pupils}
    return [
        s.say("report-rests", child=b.child(s.card.person, student))
        for student, fact in last.items()
        if fact is not None and fact.value == "pause" and fact.source.startswith(ALONE) and fact.day == s.day
    ]


# --- buttons ---------------------------------------------------------------------------------------------------------


def _main(s: Sheet) -> Rows:
    changing = s.opened.get("step") == "change"
    late = _yesterday_buttons(s)
    if not s.left and not changing:
        return rows([Button(s.say("button-change"), "ch")], late)
    bulk = "button-all-written" if changing or len(s.left) == len(s.own) else "button-others-written"
    w, nh, nt = (value.upper() if changing else value for value in ("w", "nh", "nt"))
    others = [("button-mark-one", "m"), ("button-no-homework", nh), ("button-not-today", nt)]
    return rows(
        [Button(s.say(bulk), w)],
        [Button(s.say(key), value) for key, value in others],
        [Button(s.say("button-back"), "b")] if changing else [],
        late,
    )


def _yesterday_buttons(s: Sheet) -> list[Button]:
    if not s.yesterday:
        return []
    return [Button(s.say("button-were-written"), "yw"), Button(s.say("button-dont-know"), "yd")]


def _names(s: Sheet) -> Rows:
    """Class by class, then names, fifteen a page; with several classes the class's name marks all its children."""
    entries: list[Button] = []
    courses = list(dict.fromkeys(line.course for line in s.own))
    for course in courses:
        if len(courses) > 1:
            entries.append(Button(s.b.courses[course].name[:30], f"c:{code36(course)}"))
        own = [line for line in s.own if line.course == course]
        entries += [Button(_name(s, line)[:30], f"n:{line_key(line.student, course)}") for line in own]
    page = int(s.opened.get("page", 0))
    last = [Button(s.say("button-back"), "b")]
    if len(entries) > PAGE:
        following = page + 1 if len(entries) > (page + 1) * PAGE else 0
        last.insert(0, Button(s.say("button-more-names"), f"p:{following}"))
    return rows(*in_threes(entries[page * PAGE : (page + 1) * PAGE]), last)


def _subject(s: Sheet) -> str:
    """What the open step is about: a child in a class, or a whole class."""
    course = s.b.courses[int(s.opened["course"])].name
    student = int(s.opened.get("student", 0))
    return joined([s.b.child(s.card.person, student), course]) if student else course


def _states(s: Sheet) -> Rows:
    key = line_key(int(s.opened.get("student", 0)), int(s.opened["course"]))
    buttons = [
        Button(s.say(f"button-{state.replace('_', '-')}"), f"s:{key}:{short}") for short, state in STATES.items()
    ]
    return rows(buttons[:2], buttons[2:], [Button(s.say("button-back"), "b")])
