"""One guardian's evening: who is asked about, and the lines that tell how it stands (F05, F14)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from bot import words
from bot.bundle import Bundle, Say
from bot.cards.parts import (
    joined,
    lines,
    school_date,
    text,
    view,
)
from bot.model import Card, Line
from bot.report import ClassLine, Report, Said
from bot.schooldays import next_school_day


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
        return next(iter(waiting or self.children), 0)


def evening(card: Card, b: Bundle, now: datetime) -> Evening:
    day = school_date(card)
    mine = [c for c in b.children(card.person, day) if b.runs(c, day)]
    asked_about = [c for c in mine if b.report(c, day, now).question and not b.muted(card.person, day, "guardian")]
    return Evening(card, b, now, day, asked_about, view(card, now), b.say(card.person))


# --- lines -----------------------------------------------------------------------------------------------------------


def one_child(e: Evening, child: int) -> list[Line]:
    report = e.report(child)
    title = text(title_of(e, child), "bold")
    step = step_line(e)
    if step:
        return [title, *lines(step)]
    if e.settled(child) and not reopened(e, child):
        return [title, *lines(*_after_answer(e, child))]
    if report.home.state == "no_answer":
        return [title, text(e.say("thats-all-right"))]
    if report.home.state == "not_asked":
        return [title, *lines(*_class_lines(e, report), e.say("thats-all-right"))]
    last = e.b.ends(child) == next_school_day(e.b.school, e.day)
    ending = e.say("report-ends", child=e.name(child)) if last else ""
    what_to_do = " ".join([_planner(e, [child]), *_who_answers(e, child)])
    return [title, *lines(what_to_do, *_class_lines(e, report), ending)]


def many_children(e: Evening) -> list[Line]:
    """At most two lines a child, then whose question the buttons are."""
    body: list[Line] = []
    for child in e.children:
        body.append(text(title_of(e, child), "bold"))
        if not e.settled(child):
            body += lines(joined(_plain(*_split(e, e.report(child)))))
    step = step_line(e)
    waiting = [c for c in e.children if not e.settled(c)]
    if step:
        return [*body, *lines(step)]
    asking = e.focus in waiting or reopened(e, e.focus)
    question = e.say("about-child", child=e.name(e.focus)) if asking else ""
    return [*body, *lines(_planner(e, waiting) if waiting else "", question)]


def title_of(e: Evening, child: int) -> str:
    """Ana · Tuesday · all written ✓ — then, once somebody has answered, what was said, by whom and when."""
    day = words.weekday(e.b.language(e.reader), e.day)
    return joined([e.name(child), day, *_overall(e, child)])


def _overall(e: Evening, child: int) -> list[str]:
    report = e.report(child)
    state = report.home.state
    if state == "open":
        return [_written(e, report)]
    if state in ("no_answer", "not_asked"):
        return [e.say("no-answer" if state == "no_answer" else "home-not-asked")]
    if state == "two_answers":
        return [e.say("two-answers", what=", ".join(_verdict_of(e, said, child) for said in report.home.answered))]
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
    who = ", ".join(
        f"{e.b.at_home(e.reader, said.person, report.student)}, {e.b.clock(e.reader, said.at)}" for said in answered
    )
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


def _verdict_of(e: Evening, said: Said, student: int) -> str:
    name = e.b.at_home(e.reader, said.person, student)
    return e.say("who-says", name=name, what=e.say(f"word-{said.worst.replace('_', '-')}"))


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
    if asked == e.reader or not asked or e.report(child).home.state != "open" or reopened(e, child):
        return []
    return [e.say("answers-tonight", name=e.b.at_home(e.reader, asked, child))]


def _after_answer(e: Evening, child: int) -> list[str]:
    """What is not done and why; then thank you, or which classes are still open: Science, English, History?"""
    mine, what = e.mine(child), _what_is_left(e, e.report(child))
    if mine is None:
        return [what]
    if mine.cant_say:
        return [e.say("cant-check-thanks")]
    left = unanswered(e, child)
    if left:
        return [what, e.say("and-the-others", courses=", ".join(e.b.courses[c].name for c in left))]
    return [what, e.say("thanks")]


def unanswered(e: Evening, child: int) -> list[int]:
    mine = e.mine(child)
    answered = mine.classes if mine else {}
    return [line.course for line in e.report(child).homework if line.course not in answered]


def step_line(e: Evening) -> str:
    """What an open step asks about."""
    step, child = e.opened.get("step"), e.focus
    if step == "classes":
        return e.say("which-class", child=e.name(child))
    if step in ("state", "reason"):
        course = e.b.courses[int(e.opened["course"])].name
        return e.say(f"{step}-question", child=e.name(child), course=course)
    return ""


def reopened(e: Evening, child: int) -> bool:
    return e.opened.get("step") == "change" and e.focus == child
