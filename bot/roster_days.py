"""Reads the days on which a class meets, in English or Spanish, as people write them (F48)."""

import re
from collections.abc import Sequence

from bot.roster_problems import plain

_WEEK = {
    "mon": ("mondays", "lunes"),
    "tue": ("tuesdays", "martes"),
    "wed": ("wednesdays", "weds", "miercoles"),
    "thu": ("thursdays", "jueves"),
    "fri": ("fridays", "viernes"),
    "sat": ("saturdays", "sabados"),
    "sun": ("sundays", "domingos"),
}
_INITIALS = {
    **{"th": "thu", "tu": "tue", "sa": "sat", "su": "sun"},
    **{"m": "mon", "t": "tue", "w": "wed", "r": "thu", "f": "fri"},
}
_INITIAL = re.compile("|".join(_INITIALS))  # the longer ones stand first
_EVERY = frozenset(("", "daily", "everyday", "eachday", "diario", "diaria", "adiario", "todoslosdias", "cadadia"))
_MON_TO_FRI = re.compile(r"(?:de)?(?:m|mon(?:day)?|lun(?:es)?)(?:[-–—]|to|a)(?:f|fri(?:day)?|vie(?:rnes)?)")
_FILLER = re.compile(r"\b(?:days?|dias?|cycle|ciclo|and|y|on|every|cada|el|los)\b[-–—]?|[-–—](?=days?\b|dias?\b)")
_CYCLE = re.compile(r"[a-h]|[1-9]|10")


def meeting_days(text: str) -> str | None:
    """Return the days as `Row.meets` spells them, None for what does not say them beyond doubt."""
    said = plain(text)
    joined = re.sub(r"[\s.]", "", said)
    if joined in _EVERY:
        return ""
    if joined.strip(",;/&+") == "f":  # Friday, or the sixth day of a cycle
        return None
    if _MON_TO_FRI.fullmatch(joined):
        return "mon,tue,wed,thu,fri"
    if said.count("-") > 1:  # M-W-F is a list; 1-3 may be two days or three
        said = said.replace("-", " ")
    words = [word for word in re.split(r"[\s,;/&+.]+", _FILLER.sub(" ", said)) if word]
    return _weekdays(words) or _cycle_days(words)


def _weekdays(words: Sequence[str]) -> str | None:
    """Read Mon, lunes, MWF or M, W, F; a single initial alone is left open: M is Monday, or martes."""
    days = [_weekdays_in(word) for word in words]
    if not all(days) or [len(word) for word in words] == [1]:
        return None
    named = set().union(*days)
    return ",".join(day for day in _WEEK if day in named)


def _weekdays_in(word: str) -> set[str]:
    named = {day for day, names in _WEEK.items() if any(name.startswith(word) for name in names)}
    if named and len(word) > 1:
        return named
    initials = _INITIAL.findall(word)
    days = {_INITIALS[initial] for initial in initials}
    # TT may be Tuesday and Thursday: only a run without a doubled day is clear.
    return days if "".join(initials) == word and len(days) == len(initials) else set()


def _cycle_days(words: Sequence[str]) -> str | None:
    clear = all(map(_CYCLE.fullmatch, words)) and len({word.isdigit() for word in words}) == 1
    return ",".join(sorted(set(words), key=lambda word: (len(word), word))).upper() if clear else None
