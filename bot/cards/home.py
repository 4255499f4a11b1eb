"""The home card: one a day for all children of a guardian, one tap a child (F05, F06), and its silent copy (F14)."""

from datetime import datetime

from bot import words
from bot.bundle import Bundle
from bot.cards.evening import Evening, evening, many_children, one_child, reopened, step_line, unanswered
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
    was_shown_in_time,
)
from bot.cards.teacher import nudge_over, over
from bot.model import Button, Card, Face, Message, code36

ANSWERS = {"d": "done", "p": "partly", "n": "not_done"}
REASONS = ("forgot", "too_hard", "no_time", "left_at_school", "unwell", "other")


def face(card: Card, b: Bundle, now: datetime) -> Face:
    times = b.own_times(card.person, school_date(card), "guardian")
    if now >= times.late_until:
        return over(card, b)
    e = evening(card, b, now)
    anew = card.fate in ("again", "gone")
    rings = not anew and now < times.close and any(e.asked(c) and not e.settled(c) for c in e.children)
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
    times = b.own_times(card.person, school_date(card), "guardian")
    if now >= times.late_until:
        return over(card, b)
    e = evening(card, b, now)
    about = e.focus if e.opened.get("step") else 0  # whoever an open step asks about stays, though it has been answered
    open_ = [c for c in e.children if (e.asked(c) and not e.settled(c)) or c == about]
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
    body = one_child(e, e.children[0]) if len(e.children) == 1 else many_children(e)
    title = body[0][0].text
    return Message(tuple(body), _buttons(e), preview=title, silent=silent)


def _called_off(e: Evening) -> Message:
    sentence = e.say("nothing-tonight")
    return Message(lines(joined([words.weekday(e.b.language(e.reader), e.day), sentence])), preview=sentence)


def _reminder(e: Evening) -> Message:
    names = words.listed(e.b.language(e.reader), [e.name(c) for c in e.children])
    question = e.say("home-nudge", child=names)
    step = step_line(e)
    return Message(lines(text(question, "bold"), step), _buttons(e), preview=question)


def _answered(e: Evening) -> Message:
    said = [s for c in e.children for s in e.report(c).home.said]
    if not said:
        others = [e.b.asked(c, e.day, e.now) for c in e.children]
        taken = next((person for person in others if person not in (0, e.reader)), 0)
        named = e.b.at_home(e.reader, taken, e.focus) if taken else ""
        sentence = e.say("answers-tonight", name=named) if taken else e.say("nothing-tonight")
        return Message(lines(sentence), preview=e.say("thanks"))
    last = max(said, key=lambda one: (one.at, one.person))
    name = e.b.at_home(e.reader, last.person, e.focus)
    sentence = e.say("nudge-answered", name=name, time=e.b.clock(e.reader, last.at))
    return Message(lines(sentence), preview=e.say("thanks"))


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
    if reopened(e, child) or (e.asked(child) and not e.settled(child)):
        return _first_buttons(e, child)
    state, mine = e.report(child).home.state, e.mine(child)
    if mine is None or not (mine.answered or mine.cant_say):
        key, value = ("button-see-differently", "i") if _answered_by_others(state) else ("button-instead", "t")
        return [[Button(e.say(key), f"{value}:{code36(child)}")]]
    if mine.cant_say:
        return [[_button(e, "button-change", "ch", child)]]
    if unanswered(e, child):
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
    change = reopened(e, child) and mine is not None
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
