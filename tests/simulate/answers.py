"""How people answer: the paths through the buttons of the teacher's and the home card, right, wrong and by halves."""

import asyncio
from datetime import date
from functools import partial

from tests.simulate.diary import Meaning
from tests.simulate.people import Actor
from tests.simulate.screens import Shown


async def answer(a: Actor) -> None:
    if a.newest("button-all-written", "button-others-written"):
        await _answer_school(a)
    elif a.newest("button-all-done"):
        await _answer_home(a)
    elif (found := a.newest("button-see-differently", "button-instead")) and a.lot.random() < 0.5:
        await _answer_instead(a, *found)


# --- the teacher's card ---


async def _answer_school(a: Actor) -> None:
    found = a.newest("button-all-written", "button-others-written")
    if found is None:
        return
    shown, all_written = found
    chance = a.lot.random()
    if chance < 0.2:
        await _mark_one(a, shown)
        await asyncio.sleep(2 + 5 * a.lot.random())
        found = a.newest("button-others-written", "button-all-written")
        if found is None:
            return
        shown, all_written = found
    label, value = (all_written, "written")
    if 0.2 <= chance < 0.32:
        key, value = ("button-no-homework", "no_homework") if chance < 0.27 else ("button-not-today", "cant_say")
        label = a.say(key)
    meaning = Meaning("line", value, day=a.day(shown), anew=a.changing(shown))
    if await a.press(shown, label, meaning) and a.lot.random() < 0.1:
        a.later(60 + 1800 * a.lot.random(), partial(_change_school, a, shown))


async def _mark_one(a: Actor, shown: Shown) -> None:
    child = a.lot.choice(a.who.pupils)
    state = a.lot.choices(("not_written", "written", "no_homework", "absent"), (6, 1, 1, 3))[0]
    if not await a.press(shown, a.say("button-mark-one"), Meaning()) or not await a.until(shown, child.first):
        return
    label = a.say(f"button-{state.replace('_', '-')}")
    if await a.press(shown, child.first, Meaning()) and await a.until(shown, label):
        course = a.town.course(child, a.who.subject)
        await a.press(shown, label, Meaning("line", state, child.id, course, a.day(shown)))


async def _change_school(a: Actor, shown: Shown) -> None:
    label = a.say("button-all-written")
    pressed = await a.press(shown, a.say("button-change"), Meaning())
    if pressed and await a.until(shown, label):
        await a.press(shown, label, Meaning("line", "written", day=a.day(shown), anew=True))


# --- the home card ---


async def _answer_home(a: Actor) -> None:
    """One child after the other, as long as the card asks."""
    for _ in range(len(a.who.children)):
        found = a.newest("button-all-done")
        if found is None or not await _answer_child(a, *found):
            return
        await asyncio.sleep(2 + 6 * a.lot.random())


async def _answer_child(a: Actor, shown: Shown, all_done: str) -> bool:
    student, day, chance = _asked_about(a, shown), a.day(shown), a.lot.random()
    anew = a.changing(shown) and _has_answered(a, student, day)
    if chance < 0.22:
        return await _missing(a, shown)
    value = "cant_say" if chance < 0.28 else "done"
    label = a.say("button-cant-check") if value == "cant_say" else all_done
    if not await a.press(shown, label, Meaning("home", value, student, 0, day, anew)):
        return False
    after = a.lot.random()
    if after < 0.08:
        a.later(60 + 900 * a.lot.random(), partial(_change_home, a, shown))
    elif after < 0.14 and value == "done" and len(a.who.children) == 1:
        rushed = await a.until(shown, a.say("button-rushed"))
        if rushed:
            await a.press(shown, rushed, Meaning("rushed", "yes", student, 0, day))
    return True


async def _missing(a: Actor, shown: Shown) -> bool:
    """Something is missing: which class, how far, and why."""
    classes = sorted({child.teachers[s].subject for child in a.who.children for s in child.teachers})
    values = {a.say(f"button-{v.replace('_', '-')}"): v for v in ("done", "partly", "not_done")}
    if not await a.press(shown, a.say("button-something-missing"), Meaning()):
        return False
    a.lot.shuffle(classes)
    found = await a.until(shown, *classes, *values)
    if found in classes and not (await a.press(shown, found, Meaning()) and await a.until(shown, *values)):
        return False
    student, course = _step(a, shown)
    label = a.lot.choice(list(values))
    day = a.day(shown)
    if not course or not await a.press(shown, label, Meaning("home", values[label], student, course, day)):
        return False
    if values[label] != "done":
        await _reason(a, shown, student, course, day)
    return True


async def _reason(a: Actor, shown: Shown, student: int, course: int, day: date) -> None:
    reason = a.lot.choice(("forgot", "too_hard", "unwell", "skip"))
    key = "button-skip" if reason == "skip" else f"reason-{reason.replace('_', '-')}"
    label = await a.until(shown, a.say(key))
    if label:
        meaning = Meaning() if reason == "skip" else Meaning("reason", reason, student, course, day)
        await a.press(shown, label, meaning)


async def _change_home(a: Actor, shown: Shown) -> None:
    if await a.press(shown, a.say("button-change"), Meaning()):
        label = await a.until(shown, a.say("button-all-done"))
        if label and _asked_about(a, shown):
            await _answer_child(a, shown, label)


def _has_answered(a: Actor, student: int, day: date) -> bool:
    mine = (p for p in a.diary if p.who is a.who and p.tries)
    return any((p.meaning.kind, p.meaning.student, p.meaning.day) == ("home", student, day) for p in mine)


async def _answer_instead(a: Actor, shown: Shown, label: str) -> None:
    """The other guardian takes over, or sees it differently."""
    instead = label == a.say("button-instead")
    meaning = Meaning("take", "yes", _asked_about(a, shown), 0, a.day(shown)) if instead else Meaning()
    if await a.press(shown, label, meaning) and await a.until(shown, a.say("button-all-done")):
        await _answer_child(a, shown, a.say("button-all-done"))


def _asked_about(a: Actor, shown: Shown) -> int:
    """Whom the buttons are about, as the message says it."""
    lines = shown.now.lines
    named = sorted((c for c in a.who.children if any(c.first in line for line in lines)), key=lambda c: c.name)
    focused = [c for c in named if a.say("about-child", child=c.first) in lines]
    return next((child.id for child in [*focused, *named]), 0)


def _step(a: Actor, shown: Shown) -> tuple[int, int]:
    for child in a.who.children:
        for subject in child.teachers:
            if a.say("state-question", child=child.first, course=subject) in shown.now.lines:
                return child.id, a.town.course(child, subject)
    return 0, 0
