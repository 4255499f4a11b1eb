"""Reads messages as their reader does: what kind of message is it, about which day, and which children does it name?"""

import re
from collections.abc import Iterable
from datetime import date, timedelta
from functools import cache

from bot import words
from tests.simulate.screens import Look, Shown
from tests.simulate.town import Child, Member, Town

DAILY = ("teacher", "teacher nudge", "home", "home nudge", "late")
BLAME = {
    "en": ("failed to", "you forgot", "you missed", "overdue", "neglect", "should have", "did not answer", "ignored"),
    "es": ("olvidaste", "olvidó contestar", "fallaste", "atrasad", "descuid", "debería haber", "no contestó", "ignor"),
}
_WORD = re.compile(r"[^\W\d_]+")


def kind(shown: Shown, reader: Member, town: Town) -> str:
    """One of `DAILY`, `unreached` (to a coordinator) or `other`: told by the first words that stood there."""
    look, language = shown.looks[0], reader.language
    first = look.lines[0]
    if _fits(first, language, "home-nudge", "child"):
        return "home nudge"
    if _fits(first, language, "has-lost", "name") or _fits(first, language, "unreached-back", "name"):
        return "unreached"
    if any(_fits(first, language, "teacher-nudge", "names", count=n) for n in _counts(reader)):
        return "teacher nudge"
    if _fits(shown.preview, language, "teacher-preview", "date"):
        return "teacher"
    weekday = first.split(" · ")[1:2] == [words.weekday(language, about(shown, reader, town))]
    if weekday and any(first.startswith(child.first) for child in reader.children):
        return "home" if look.buttons else "late"
    return "other"


def about(shown: Shown, reader: Member, town: Town) -> date:
    """The school date that its title names, the newest that fits; if it names none, the date on which it came."""
    came, language = town.local(shown.at).date(), reader.language
    for day in (came - timedelta(days=n) for n in range(5)):
        title = shown.looks[0].lines[0].split(" · ")
        if words.short_date(language, day) in shown.preview or words.weekday(language, day) in title[1:2]:
            return day
    return came


def _counts(reader: Member) -> Iterable[int]:
    return range(1, len(reader.pupils) + 1)


@cache
def _parts(language: str, key: str, hole: str, count: int) -> tuple[str, str]:
    args: dict[str, object] = {hole: "§"} | ({"count": count} if count else {})
    before, _, after = words.say(language, key, **args).partition("§")
    return before, after


def _fits(text: str, language: str, key: str, hole: str, count: int = 0) -> bool:
    before, after = _parts(language, key, hole, count)
    return text.startswith(before) and text.endswith(after)


def named(look: Look, town: Town) -> set[Child]:
    """Every child of the school whose name stands there, on a button as well."""
    text = " ".join((*look.lines, *(label for label, _ in look.buttons)))
    return {town.by_first[word] for word in _WORD.findall(text) if word in town.by_first}


def asks(look: Look, language: str) -> bool:
    """Whether the question of the day stands there with its buttons."""
    keys = ("button-all-written", "button-others-written", "button-all-done")
    return any(look.data(words.say(language, key)) for key in keys)


def blames(look: Look, language: str) -> str:
    """A phrase that makes an adult's silence a fault; "" if there is none."""
    text = " ".join(look.lines).lower()
    return next((phrase for phrase in BLAME[language] if phrase in text), "")


def says(shown: Shown, language: str, key: str, **args: object) -> bool:
    """Whether that sentence has ever stood on this message."""
    sentence = words.say(language, key, **args)
    return any(sentence in line for look in shown.looks for line in look.lines)
