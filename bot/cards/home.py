"""The home card: one a day for all children of a guardian, one tap a child (F05, F06), and its silent copy (F14)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from bot import words
from bot.bundle import Bundle, Say
from bot.cards.parts import (
    Rows,
    folds_at,
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
from bot.cards.teacher import nudge_over, over
from bot.model import Button, Card, Face, Line, Message, code36
from bot.report import ClassLine, Report, Said
from bot.schooldays import next_school_day

ANSWERS = {"d": "done", "p": "partly", "n": "not_done"}
REASONS = ("forgot", "too_hard", "no_time", "left_at_school", "unwell", "other")
MENUS = ("change", "classes", "state", "reason")


@dataclass(frozen=True, slots=True)
class Evening:
    """One guardian's evening: the children who are asked about, in order, and whose turn it is."""

    card: Card
    b: Bundle
    now: datetime
    day: date
    children: Sequence[int]
    opened: Mapping[str, Any]
    say: Say

    @property
    def reader(self) -> int:
        return self.card.person

    def report(self, child: int) -> Report:
        return self.b.report(child, self.day, self.now)

    def name(self, child: int) -> str:
        return self.b.child(self.reader, child)

    def asked(self, child: int) -> bool:
        return self.b.asked(child, self.day, self.now) == self.reader

    def mine(self, child: int) -> Said | None:
        return self.report(child).home.by(self.reader)

    def settled(self, child: int) -> bool:
        """Whether this reader owes no more: answered by somebody, or said that tonight cannot be told."""
        return self.report(child).home.state not in ("open", "no_answer", "not_asked")

    @property
    def focus(self) -> int:
        """The child whose question stands now: chosen by name, else the first still open, else the first."""
        chosen = int(self.opened.get("student", 0))
        if chosen in self.children:
            return chosen
        waiting = [c for c in self.children if self.asked(c) and not self.settled(c)]
        return (waiting or list(self.children))[0]


def evening(card: Card, b: Bundle, now: datetime) -> Evening:
    day = school_date(card)
    mine = [c for c in b.children(card.person, day) if b.runs(c, day)]
    asked_about = [c for c in mine if b.report(c, day, now).question and not b.muted(card.person, day)]
    return Evening(card, b, now, day, asked_about, view(card, now), b.say(card.person))


def face(card: Card, b: Bundle, now: datetime) -> Face:
    times = b.times(school_date(card))
    if now >= times.late_until:
        return over(card, b)
    e = evening(card, b, now)
    anew = bool(card.fate)
    rings = not anew and any(e.asked(c) and not e.settled(c) for c in e.children)
    lane = b.lane(card)
    unheard = not rings and card.fate != "again" and lane is not None and not lane.can_be_silent
    return Face(
        None if unheard and not card.ref else _message(e, silent=not rings),
        start=now if anew else times.home_card,
        until=times.late_until if card.fate == "again" else times.home_until,
        again=soonest(now, folds_at(card, now), None if card.ref else times.home_card, times.late_until),
        slot="day" if rings else "",
        offers=tuple(line_key(c, line.course) for c in e.children for line in e.report(c).homework),
        why="" if e.children else "nothing to ask",
    )


def nudge_face(card: Card, b: Bundle, now: datetime) -> Face:
    """The one reminder of the evening: only to tonight's guardian, only while nobody has answered (F07)."""
    times = b.times(school_date(card))
    if now >= times.late_until:
        return over(card, b)
    e = evening(card, b, now)
    open_ = [c for c in e.children if e.asked(c) and not e.settled(c)]
    if card.ref and (not open_ or b.closed(e.day)):
        return Face(nudge_over(b, card) if open_ else _answered(e), again=times.late_until)
    shown = was_shown_in_time(b, card, "home", times) or any(e.report(c).home.taken_by == e.reader for c in open_)
    if not card.ref and now >= times.home_nudge and not (open_ and shown):
        return Face(ended=True, why="answered" if e.children else "nothing to ask")
    asking = Evening(card, b, now, e.day, open_, e.opened, e.say)
    return Face(
        _reminder(asking) if open_ else None,
        start=times.home_nudge,
        until=times.home_until,
        again=soonest(now, folds_at(card, now), None if card.ref else times.home_nudge, times.late_until),
        slot="nudge",
        offers=tuple(line_key(c, line.course) for c in open_ for line in e.report(c).homework),
    )


def _message(e: Evening, silent: bool) -> Message | None:
    if not e.children:
        return _called_off(e) if e.card.ref else None
    body = _one_child(e, e.children[0]) if len(e.children) == 1 else _many_children(e)
    return Message(tuple(body), _buttons(e), preview=_title(e, e.children[0]), silent=silent)


def _called_off(e: Evening) -> Message:
    sentence = e.say("nothing-tonight")
    return Message(lines(joined([words.weekday(e.b.language(e.reader), e.day), sentence])), preview=sentence)


def _reminder(e: Evening) -> Message:
    names = words.listed(e.b.language(e.reader), [e.name(c) for c in e.children])
    question = e.say("home-nudge", child=names)
    step = _step_line(e)
    return Message(lines(text(question, "bold"), step), _buttons(e), preview=question)


def _answered(e: Evening) -> Message:
    said = [s for c in e.children for s in e.report(c).home.said]
    if not said:
        others = [e.b.asked(c, e.day, e.now) for c in e.children]
        taken = next((person for person in others if person not in (0, e.reader)), 0)
        sentence = e.say("answers-tonight", name=e.b.adult(taken)) if taken else e.say("nothing-tonight")
        return Message(lines(sentence), preview=e.say("thanks"))
    last = max(said, key=lambda one: (one.at, one.person))
    sentence = e.say("nudge-answered", name=e.b.adult(last.person), time=e.b.clock(e.reader, last.at))
    return Message(lines(sentence), preview=e.say("thanks"))


# --- lines -----------------------------------------------------------------------------------------------------------


def _one_child(e: Evening, child: int) -> list[Line]:
    report = e.report(child)
    title = text(_title(e, child), "bold")
    step = _step_line(e)
    if step:
        return [title, *lines(step)]
    if e.settled(child) and not _reopened(e, child):
        return [title, *lines(*_after_answer(e, child))]
    if report.home.state in ("no_answer", "not_asked"):
        return [title, text(e.say("thats-all-right"))]
    last = e.b.ends(child) == next_school_day(e.b.school, e.day)
    ending = e.say("report-ends", child=e.name(child)) if last else ""
    what_to_do = " ".join([_planner(e, [child]), *_who_answers(e, child)])
    return [title, *lines(what_to_do, *_class_lines(e, report), ending)]


def _many_children(e: Evening) -> list[Line]:
    """At most two lines a child, then whose question the buttons are."""
    body: list[Line] = []
    for child in e.children:
        body.append(text(_title(e, child), "bold"))
        if not e.settled(child):
            body += lines(joined(_plain(*_split(e, e.report(child)))))
    step = _step_line(e)
    waiting = [c for c in e.children if not e.settled(c)]
    if step:
        return [*body, *lines(step)]
    asking = e.focus in waiting or _reopened(e, e.focus)
    question = e.say("about-child", child=e.name(e.focus)) if asking else ""
    return [*body, *lines(_planner(e, waiting) if waiting else "", question)]


def _title(e: Evening, child: int) -> str:
    """Ana · Tuesday · all written ✓ — then, once somebody has answered, what was said, by whom and when."""
    day = words.weekday(e.b.language(e.reader), e.day)
    return joined([e.name(child), day, *_overall(e, child)])


def _overall(e: Evening, child: int) -> list[str]:
    report = e.report(child)
    state = report.home.state
    if state == "open":
        return [_written(e, report)]
    if state in ("no_answer", "not_asked"):
        return [e.say("no-answer")]
    if state == "two_answers":
        return [e.say("two-answers", what=", ".join(_verdict_of(e, said) for said in report.home.answered))]
    return [*_what_was_said(e, report), *([e.say("late")] if report.home.late else [])]


def _written(e: Evening, report: Report) -> str:
    homework = report.homework
    confirmed = [line for line in homework if line.state != "unknown" and line.state != "expected"]
    missing = sum(line.state == "not_written" for line in homework)
    if missing:
        return e.say("things-to-look-at", count=missing)
    if len(confirmed) == len(homework):
        return e.say("all-written-home")
    if confirmed:
        return e.say("some-confirmed", count=len(confirmed), total=len(homework))
    return e.say("none-confirmed")


def _what_was_said(e: Evening, report: Report) -> list[str]:
    """done · 7:05 PM to who said it; done (Lucía, 7:05 PM) to everybody else; both names when two said the same."""
    answered = report.home.answered or tuple(said for said in report.home.said if said.cant_say)
    what = e.say("cant-check") if report.home.state == "cant_say" else _in_a_word(e, report)
    if len(answered) == 1 and answered[0].person == e.reader:
        return [what, e.b.clock(e.reader, answered[0].at)]
    who = ", ".join(f"{e.b.adult(said.person)}, {e.b.clock(e.reader, said.at)}" for said in answered)
    return [f"{what} ({who})"]


def _in_a_word(e: Evening, report: Report) -> str:
    """The night in neutral words, as a lock screen may show it: done, partly done, not all done, not done."""
    state = report.home.state
    if state == "done":
        return e.say("done-rushed" if any(said.rushed for said in report.home.answered) else "done")
    values = [value for said in report.home.answered for value in said.classes.values()]
    if state == "partly" or set(values) == {"not_done"}:
        return e.say(f"word-{state.replace('_', '-')}")
    return e.say("home-not-all-done")


def _what_is_left(e: Evening, report: Report) -> str:
    """Class by class what is not done, with its reason: Maths not done (forgot)."""
    if report.home.state not in ("partly", "not_done"):
        return ""
    classes = {course: value for said in report.home.answered for course, value in said.classes.items()}
    reasons = {course: reason for said in report.home.answered for course, reason in said.reasons.items()}
    parts = []
    for course, value in classes.items():
        if value != "done":
            part = e.say("class-not-done" if value == "not_done" else "class-partly", course=e.b.courses[course].name)
            word = e.say("reason-" + reasons[course].replace("_", "-")).lower() if course in reasons else ""
            parts.append(f"{part} ({word})" if word else part)
    return ", ".join(parts)


def _verdict_of(e: Evening, said: Said) -> str:
    return e.say("who-says", name=e.b.adult(said.person), what=e.say(f"word-{said.worst.replace('_', '-')}"))


def _planner(e: Evening, children: Sequence[int]) -> str:
    """The sentence of the day: let her show it where all is written, ask where something is open."""
    calm = all(line.state == "written" for c in children for line in e.report(c).homework)
    names = words.listed(e.b.language(e.reader), [e.name(c) for c in children])
    return e.say("let-show" if calm else "ask-to-show", child=names)


def _split(e: Evening, report: Report) -> tuple[list[str], list[str], list[str]]:
    """Class lines: settled ones, those not written down, those not confirmed yet."""
    settled, missing, unknown = [], [], []
    for line in report.lines:
        name = e.b.courses[line.course].name
        if line.state == "written":
            settled.append(e.say("class-written", course=name))
        elif line.state in ("no_homework", "absent"):
            settled.append(e.say(f"class-{line.state.replace('_', '-')}", course=name))
        elif line.state == "not_written":
            missing.append(e.say("class-not-written", course=name))
        else:
            unknown.append(_unconfirmed(e, line, name))
    return settled, missing, unknown


def _unconfirmed(e: Evening, line: ClassLine, course: str) -> str:
    """The reason is said only where it helps: one teacher, who has not answered yet or cannot say today."""
    teachers = [r.person for r in e.b.teachers.get(line.course, ())]
    if line.why == "cant_say":
        return e.say("class-cant-say", course=course)
    if len(teachers) == 1 and line.why in ("no_answer", ""):
        return e.say("class-not-confirmed-by", course=course, teacher=e.b.adult(teachers[0]))
    return e.say("class-not-confirmed", course=course)


def _plain(settled: list[str], missing: list[str], unknown: list[str]) -> list[str]:
    return [*settled, *missing, *unknown]


def _class_lines(e: Evening, report: Report) -> list[str | Line]:
    """One line for what is settled, one in bold for what is not written, one for what nobody has confirmed."""
    settled, missing, unknown = _split(e, report)
    changed = [line.at for line in report.lines if line.changed and line.at]
    note = e.say("changed-at", time=e.b.clock(e.reader, max(changed))) if changed else ""
    return [joined([*settled, note]), text(joined(missing), "bold") if missing else "", joined(unknown)]


def _who_answers(e: Evening, child: int) -> list[str]:
    asked = e.b.asked(child, e.day, e.now)
    if asked == e.reader or not asked or e.report(child).home.state != "open" or _reopened(e, child):
        return []
    return [e.say("answers-tonight", name=e.b.adult(asked))]


def _after_answer(e: Evening, child: int) -> list[str]:
    """What is not done and why; then thank you, or which classes are still open: Science, English, History?"""
    mine, what = e.mine(child), _what_is_left(e, e.report(child))
    if mine is None:
        return [what]
    if mine.cant_say:
        return [e.say("cant-check-thanks")]
    left = _unanswered(e, child)
    if left:
        return [what, e.say("and-the-others", courses=", ".join(e.b.courses[c].name for c in left))]
    return [what, e.say("thanks")]


def _unanswered(e: Evening, child: int) -> list[int]:
    mine = e.mine(child)
    answered = mine.classes if mine else {}
    return [line.course for line in e.report(child).homework if line.course not in answered]


def _step_line(e: Evening) -> str:
    """What an open step asks about."""
    step, child = e.opened.get("step"), e.focus
    if step == "classes":
        return e.say("which-class", child=e.name(child))
    if step in ("state", "reason"):
        course = e.b.courses[int(e.opened["course"])].name
        return e.say(f"{step}-question", child=e.name(child), course=course)
    return ""


def _reopened(e: Evening, child: int) -> bool:
    return e.opened.get("step") == "change" and e.focus == child


# --- buttons ---------------------------------------------------------------------------------------------------------


def _buttons(e: Evening) -> Rows:
    step, child = e.opened.get("step"), e.focus
    back = [Button(e.say("button-back"), "b")]
    if step == "classes":
        return rows(*in_threes(_class_buttons(e, child)), back)
    if step == "state":
        return rows(_answer_buttons(e, child), back)
    if step == "reason":
        return rows(*in_threes(_reason_buttons(e, child)), back)
    others = [Button(e.name(c)[:30], f"f:{code36(c)}") for c in e.children if c != child]
    return rows(*_question_buttons(e, child), back if step == "change" else [], *in_threes(others))


def _question_buttons(e: Evening, child: int) -> list[list[Button]]:
    if _reopened(e, child) or (e.asked(child) and not e.settled(child)):
        return _first_buttons(e, child)
    state, mine = e.report(child).home.state, e.mine(child)
    if mine is None or not (mine.answered or mine.cant_say):
        key, value = ("button-see-differently", "i") if _answered_by_others(state) else ("button-instead", "t")
        return [[Button(e.say(key), f"{value}:{code36(child)}")]]
    if mine.cant_say:
        return [[_button(e, "button-change", "ch", child)]]
    if _unanswered(e, child):
        more = [("button-others-done", "d"), ("button-something-missing", "x"), ("button-change", "ch")]
        return [[_button(e, key, value, child)] for key, value in more]
    rushed = mine.worst == "done" and not mine.rushed
    return [[_button(e, "button-change", "ch", child)], [_button(e, "button-rushed", "ru", child)] if rushed else []]


def _answered_by_others(state: str) -> bool:
    return state in ("done", "partly", "not_done", "two_answers")


def _button(e: Evening, key: str, value: str, child: int) -> Button:
    return Button(e.say(key), f"{value}:{code36(child)}")


def _first_buttons(e: Evening, child: int) -> list[list[Button]]:
    """The question's three buttons; in capitals after `Change`, when one word replaces all that was said."""
    mine = e.mine(child)
    change = _reopened(e, child) and mine is not None
    return [
        [_button(e, "button-all-done", "D" if change else "d", child)],
        [_button(e, "button-something-missing", "x", child)],
        [_button(e, "button-cant-check", "K" if change else "k", child)],
    ]


def _class_buttons(e: Evening, child: int) -> list[Button]:
    return [
        Button(e.b.courses[line.course].name[:30], f"c:{line_key(child, line.course)}")
        for line in e.report(child).homework
    ]


def _answer_buttons(e: Evening, child: int) -> list[Button]:
    key = line_key(child, int(e.opened["course"]))
    return [Button(e.say(f"button-{state.replace('_', '-')}"), f"a:{key}:{short}") for short, state in ANSWERS.items()]


def _reason_buttons(e: Evening, child: int) -> list[Button]:
    key = line_key(child, int(e.opened["course"]))
    reasons = [Button(e.say(f"reason-{r.replace('_', '-')}"), f"r:{key}:{r}") for r in REASONS]
    return [*reasons, Button(e.say("button-skip"), f"r:{key}:skip")]
