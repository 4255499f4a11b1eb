"""The day that people name: a weekday, a date, a number of days or weeks from today."""

import re
from calendar import isleap
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from babel import Locale

from bot.languages import LANGUAGES
from bot.roster_problems import plain

FARTHEST = timedelta(days=366)  # a date without a year is the next such one, no farther than this
SHORTEST = 3  # letters of a weekday or month that tell it: tues, sept

_LEAD = re.compile(
    r"(?:until|till?|hasta|(?:(?:i'?m|i am) )?back(?: on)?|vuelvo|regreso)(?= )(?: the| el)? |(?:the|el) "
)
_STOP = re.compile(r"(?<!\d)\.$")  # after a number, as in 12.10., it tells which is the day
_NEAR = {"today": 0, "hoy": 0, "tomorrow": 1, "manana": 1, "day after tomorrow": 2, "pasado manana": 2}
_NUMBERS = {
    word: number
    for line in (
        "one two three four five six seven eight nine ten",
        "una dos tres cuatro cinco seis siete ocho nueve diez",
        "a",
        "un",
    )
    for number, word in enumerate(line.split(), 1)
}
_DAYS = re.compile(
    rf"(?:(?:back in|for|por|durante) )?(?P<number>\d{{1,3}}|{'|'.join(_NUMBERS)})"
    r" (?:(?P<weeks>weeks?|semanas?)|days?|dias?)"
)
_NEXT_WEEK = re.compile(
    r"(?:(?:until|till?|hasta|back|vuelvo|regreso) )?"
    r"(?:next week|(?:la )?(?:proxima semana|semana (?:que viene|proxima)))"
)
_YEAR_FIRST = re.compile(r"(?P<year>\d{4})([-/.])(?P<month>\d{1,2})\2(?P<day>\d{1,2})")
_NUMBERS_ONLY = re.compile(
    r"(?P<one>\d{1,2})(?P<sign>[-/.])(?P<two>\d{1,2})(?:(?P=sign)(?P<year>\d{4}|\d\d))?(?P<dot>\.)?"
)


@dataclass(frozen=True, slots=True)
class _Words:
    """The names of days (0 is Monday) and months in every language, and what is written with them."""

    days: dict[str, int]
    months: dict[str, int]
    weekday: re.Pattern[str]
    dates: tuple[re.Pattern[str], re.Pattern[str]]


def day(said: str, today: date) -> date | None:
    """The day that is named in folded text, `today` or later; None if it has passed, never was or may be another."""
    said = _STOP.sub("", said)
    lead = _LEAD.match(said)
    try:
        found = _counted(said, today) or _named(said[lead.end() :] if lead else said, today)
    except (ValueError, OverflowError):  # 31 February; the end of time
        return None
    return found if found is not None and found >= today else None


def _counted(said: str, today: date) -> date | None:
    if _NEXT_WEEK.fullmatch(said):
        return today + timedelta(days=7 - today.weekday())
    match = _DAYS.fullmatch(said)
    if match is None:
        return None
    number = _NUMBERS.get(match["number"]) or int(match["number"])
    return today + timedelta(days=number * (7 if match["weeks"] else 1)) if number else None


def _named(said: str, today: date) -> date | None:
    if said in _NEAR:
        return today + timedelta(days=_NEAR[said])
    if match := _words().weekday.fullmatch(said):
        return _weekday(match, today)
    if match := _YEAR_FIRST.fullmatch(said):
        return date(int(match["year"]), int(match["month"]), int(match["day"]))
    if match := _NUMBERS_ONLY.fullmatch(said):
        return _numbers(match, today)
    for pattern in _words().dates:
        if match := pattern.fullmatch(said):
            return _dated(match, today)
    return None


def _weekday(match: re.Match[str], today: date) -> date | None:
    """The next one after today; "next Friday" said on a Wednesday may be either of two."""
    words = _words()
    name = match["weekday"]
    wanted = words.days[name]
    if name in words.months or ((match["next"] or match["coming"]) and wanted > today.weekday()):
        return None
    return today + timedelta(days=(wanted - today.weekday() - 1) % 7 + 1)


def _dated(match: re.Match[str], today: date) -> date | None:
    """A date with the month's name; a weekday beside it has to be right."""
    words = _words()
    found = _next(int(match["day"]), words.months[match["month"]], _year(match["year"]), today)
    named = match["weekday"]
    return None if found is None or (named and words.days[named] != found.weekday()) else found


def _numbers(match: re.Match[str], today: date) -> date | None:
    """12.10. has the day first, as has 12.10.2026; with other signs only one reading may be a date."""
    one, two, year = int(match["one"]), int(match["two"]), _year(match["year"])
    dotted = match["sign"] == "." and (match["dot"] or year)
    if match["dot"] and match["sign"] != ".":
        return None
    orders = {(one, two)} if dotted else {(one, two), (two, one)}
    possible = [(day, month) for day, month in orders if month <= 12]
    return _next(*possible[0], year, today) if len(possible) == 1 else None


def _year(said: str | None) -> int:
    return int(said) + (2000 if len(said) == 2 else 0) if said else 0


def _next(day: int, month: int, year: int, today: date) -> date | None:
    """That day of that year, or without a year (0) the next such day within FARTHEST."""
    if year:
        return date(year, month, day)
    for this in (today.year, today.year + 1):
        if (month, day) != (2, 29) or isleap(this):
            found = date(this, month, day)
            if today <= found <= today + FARTHEST:
                return found
    return None


@cache
def _words() -> _Words:
    days, months = _names("days"), _names("months")
    weekday, month = (rf"(?P<{name}>{'|'.join(map(re.escape, sorted(names, key=len, reverse=True)))})\.?"
                      for name, names in (("weekday", days), ("month", months)))  # fmt: skip
    year = r"(?:,?(?: de| del)?[ -](?P<year>\d{4}))?\.?"
    before = rf"(?:{weekday},? (?:the )?)?"
    return _Words(
        days,
        months,
        re.compile(rf"(?:(?P<next>next|proximo) |(?:this|coming|este) )?{weekday}(?P<coming> que viene| proximo)?"),
        (
            re.compile(rf"{before}(?P<day>\d{{1,2}})(?:st|nd|rd|th|o|ro|er|\.)?[ -]?(?:(?:of|de) )?{month}{year}"),
            re.compile(rf"{before}{month} (?:the )?(?P<day>\d{{1,2}})(?:st|nd|rd|th)?{year}"),
        ),
    )


def _names(kind: str) -> dict[str, int]:
    """Every name and abbreviation in every language, and every beginning that can be only one of them."""
    full: dict[str, set[int]] = {}
    begun: dict[str, set[int]] = {}
    for locale in LANGUAGES.values():
        for widths in getattr(Locale.parse(locale), kind).values():
            for number, name in [*widths["wide"].items(), *widths["abbreviated"].items()]:
                word = plain(name).rstrip(".")
                full.setdefault(word, set()).add(number)
                for end in range(SHORTEST, len(word)):
                    begun.setdefault(word[:end], set()).add(number)
    return {word: next(iter(numbers)) for word, numbers in {**begun, **full}.items() if len(numbers) == 1}
