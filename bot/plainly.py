"""What people type as a time, a span of hours, a day or a place, in every language at once: understood, or None.

Nothing is guessed: "8" may be morning or evening, "12/10" October or December, so both are asked again.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, time

from bot import plainly_dates, plainly_places
from bot.roster_problems import plain

LONGEST = 60  # what is longer tells more than a time, a day or a place

_COURTESY = re.compile(r",? (?:please|pls|thanks|thank you|por favor|gracias)$")
_HALVES = re.compile(r"(?<=[\d ])([ap])\.? ?m\b\.?")  # p.m., p. m., PM

# The hours in which the clock may stand when people say so; a day has the minutes 0 to 1439.
_Hours = tuple[range, ...]


def _hours(first: int, last: int) -> range:
    return range(first * 60, last * 60)


_MORNING: _Hours = (_hours(1, 12),)  # "12 in the morning" is midnight to some and noon to others
_AFTERNOON: _Hours = (_hours(12, 19),)
_TARDE: _Hours = (_hours(12, 21),)  # longer than an afternoon: las 8 de la tarde
_NIGHT: _Hours = (_hours(18, 24), _hours(0, 1))
_PARTS: dict[str, _Hours] = {
    **dict.fromkeys(("am", "a"), (_hours(0, 12),)),
    **dict.fromkeys(("pm", "p"), (_hours(12, 24),)),
    **dict.fromkeys(("in the morning", "this morning"), _MORNING),
    **dict.fromkeys(("de la manana", "por la manana", "en la manana"), _MORNING),
    **dict.fromkeys(("in the afternoon", "this afternoon"), _AFTERNOON),
    **dict.fromkeys(("de la tarde", "por la tarde", "en la tarde", "esta tarde"), _TARDE),
    **dict.fromkeys(("in the evening", "this evening"), (_hours(16, 24),)),
    **dict.fromkeys(("at night", "tonight"), _NIGHT),
    **dict.fromkeys(("de la noche", "por la noche", "en la noche", "esta noche"), _NIGHT),
    "de la madrugada": (_hours(0, 7),),
    "del mediodia": (_hours(12, 16),),
    **dict.fromkeys(("noon", "midday", "mediodia"), (_hours(12, 13),)),
    **dict.fromkeys(("midnight", "medianoche"), (_hours(0, 1),)),
}
_PM: _Hours = (_hours(12, 21),)  # a spoken "half past eight" is in the evening; at half past nine one has to ask
_FIXED = {
    **dict.fromkeys(("noon", "midday", "mediodia"), time(12)),
    **dict.fromkeys(("midnight", "medianoche"), time(0)),
}

_HOUR_WORDS = {
    word: hour
    for line in (
        "one two three four five six seven eight nine ten eleven twelve",
        "una dos tres cuatro cinco seis siete ocho nueve diez once doce",
    )
    for hour, word in enumerate(line.split(), 1)
}
_MINUTE_WORDS = {
    **{"five": 5, "ten": 10, "quarter": 15, "fifteen": 15, "twenty": 20, "twenty-five": 25, "twenty five": 25},
    **{"half": 30, "thirty": 30, "forty": 40, "forty-five": 45, "forty five": 45, "fifty": 50},
    **{"cinco": 5, "diez": 10, "cuarto": 15, "un cuarto": 15, "quince": 15, "veinte": 20, "veinticinco": 25},
    **{"media": 30, "treinta": 30, "cuarenta": 40, "cuarenta y cinco": 45, "cincuenta": 50},
}


def _any(words: dict[str, int] | dict[str, _Hours]) -> str:
    return "|".join(sorted(words, key=len, reverse=True))


_LEAD = re.compile(r"(?:(?:at|by|to|until|till|make it|ask me|again|um|a|al|las?|hasta|para|preguntame|de nuevo) )+")
_FIRST = re.compile(r"(tonight|this (?:morning|afternoon|evening)|esta (?:tarde|noche)),? (.+)")  # "tonight at 8"
_PART = rf"(?:,? ?\b(?P<part>{_any(_PARTS)})|(?P<letter>[ap]m?))?"
_H = rf"(?P<hour>\d{{1,2}}|{_any(_HOUR_WORDS)})"
_M = rf"(?P<minute>\d{{1,2}}|{_any(_MINUTE_WORDS)})"
_SHARP = r"(?: o'? ?clock| en punto)?"
_WRITTEN = re.compile(rf"(?P<hour>\d{{1,2}})(?:[:.h](?P<minute>\d\d))?(?: ?(?:h|hs|hrs|horas|uhr))?{_SHARP}{_PART}")
_RUN_TOGETHER = re.compile(r"(?P<hour>\d{1,2})(?P<minute>\d\d) ?(?P<part>[ap]m?)")  # 830pm
_WORD = re.compile(rf"(?P<hour>{_any(_HOUR_WORDS)}){_SHARP}{_PART}")
_PAST = (
    re.compile(rf"{_M}(?: minutes)? (?:past|after) {_H}{_PART}"),
    re.compile(rf"{_H} y (?P<minute>{_any(_MINUTE_WORDS)}){_PART}"),  # "7 y 20" may be two times
    re.compile(rf"(?P<hour>{_any(_HOUR_WORDS)}) (?P<minute>fifteen|(?:twen|thir|for|fif)ty|quince|treinta){_PART}"),
)
_BEFORE = (
    re.compile(rf"(?P<minute>\d{{1,2}}(?= minutes)|{_any(_MINUTE_WORDS)})(?: minutes)? (?:to|till) {_H}{_PART}"),
    re.compile(rf"{_M}(?: minutos)? para las? {_H}{_PART}"),
    re.compile(rf"{_H} menos {_M}{_PART}"),
)

_QUIET = r"(?:quiet(?: hours| time)?|silen(?:t|ce)|do not disturb|no messages|silencio|sin mensajes|no molestar)"
_QUIET_FIRST, _QUIET_LAST = re.compile(rf"(?:{_QUIET}|not?):? "), re.compile(rf",? \(?{_QUIET}\)?$")
_SPAN_LEAD = re.compile(r"(?:from|between|de|desde|entre) ")
_SEPARATOR = re.compile(r" ?[-–—−] ?| (?:to|until|till?|and|a|al|hasta|y) ")


@dataclass(frozen=True, slots=True)
class _Dial:
    """A time as it was said: the hour 0-23 may be one of a twelve-hour dial unless `sure`."""

    hour: int
    minute: int
    part: str = ""
    sure: bool = False
    spoken: bool = False

    def within(self, hours: _Hours) -> time | None:
        """The one reading that lies in these hours of the day."""
        other = self.hour + 12 if 0 < self.hour < 12 else 0 if self.hour == 12 else self.hour
        fits = {h for h in (self.hour, other) if any(h * 60 + self.minute in part for part in hours)}
        return time(fits.pop(), self.minute) if len(fits) == 1 else None

    def settled(self) -> time | None:
        """The time, if what was said leaves one reading."""
        if self.part:
            return self.within(_PARTS[self.part])
        return time(self.hour, self.minute) if self.sure else None


def time_of(text: str) -> time | None:
    """A time of day: 20:30, 8:30 PM, half past eight, las 8 de la noche. "8" and "8:30" alone are not understood."""
    said = _said(text).rstrip(".")
    dial = _dial(said)
    if dial is not None and dial.spoken and not dial.part:
        return dial.within(_PM)
    return _settled(said, dial)


def span_of(text: str) -> tuple[time, time] | None:
    """From when until when, also overnight: 7:00-19:00, 7 am to 8 pm. Quiet hours are turned into the others (F09)."""
    said = _said(text).rstrip(".")
    bare = _QUIET_LAST.sub("", _without(_QUIET_FIRST, said))
    spans = set(_spans(_without(_SPAN_LEAD, bare)))
    if len(spans) != 1:
        return None
    first, last = spans.pop()
    return (last, first) if bare != said else (first, last)


def date_in(text: str, today: date) -> date | None:
    """The day that is named, today or later: Monday, hasta el lunes, 12 Oct, 3 days. "12/10" is not understood."""
    return plainly_dates.day(_said(text), today)


def zone_of(text: str) -> str | None:
    """The IANA name of a city's or a country's time zone: Madrid, Nueva York, Guatemala; None where several fit."""
    return plainly_places.zone(_said(text).rstrip("."))


def _said(text: str) -> str:
    """Without case, accents, signs of emphasis and courtesies; "" for what is too long."""
    if len(text) > LONGEST:
        return ""
    bare = " ".join(plain(text).replace("’", "'").split()).strip(" !?¡¿,;\"'")
    return _COURTESY.sub("", _HALVES.sub(r"\1m", bare))


def _without(lead: re.Pattern[str], said: str) -> str:
    found = lead.match(said)
    return said[found.end() :] if found else said


def _settled(said: str, dial: _Dial | None) -> time | None:
    return dial.settled() if dial else _FIXED.get(_without(_LEAD, said))


def _dial(said: str) -> _Dial | None:
    if first := _FIRST.fullmatch(said):
        said = f"{first[2]} {first[1]}"
    bare = _without(_LEAD, said)
    for pattern in (_WRITTEN, _RUN_TOGETHER, _WORD):
        if match := pattern.fullmatch(bare):
            return _written(match.groupdict())
    for patterns, sign in ((_PAST, 1), (_BEFORE, -1)):
        for pattern in patterns:
            if match := pattern.fullmatch(bare):
                return _spoken(match.groupdict(), sign)
    return None


def _written(parts: dict[str, str | None]) -> _Dial | None:
    hour, minute = _number(parts["hour"], _HOUR_WORDS), int(parts.get("minute") or 0)
    if hour > 23 or minute > 59:
        return None
    with_minutes = bool(parts.get("minute")) and (hour in (0, 12) or str(parts["hour"]).startswith("0"))
    return _Dial(hour, minute, _part(parts), sure=hour > 12 or with_minutes)


def _spoken(parts: dict[str, str | None], sign: int) -> _Dial | None:
    hour, minute = _number(parts["hour"], _HOUR_WORDS), _number(parts["minute"], _MINUTE_WORDS)
    if hour > 23 or not 0 < minute < 60:
        return None
    if sign < 0:
        hour, minute = (hour - 1 if hour > 1 else 12 if hour else 23), 60 - minute
    return _Dial(hour, minute, _part(parts), sure=hour > 12, spoken=True)


def _number(said: str | None, words: dict[str, int]) -> int:
    return words[said] if said in words else int(said or 0)


def _part(parts: dict[str, str | None]) -> str:
    return parts.get("part") or parts.get("letter") or ""


def _spans(said: str) -> Iterator[tuple[time, time]]:
    """Every way to read it as two times with something between them."""
    for between in _SEPARATOR.finditer(said):
        first, last = said[: between.start()], said[between.end() :]
        pair = _pair(first, last)
        if pair and pair[0] != pair[1]:
            yield pair


def _pair(first: str, last: str) -> tuple[time, time] | None:
    """Two times; an hour of the afternoon in one of them, as in 7-19, makes 24-hour times of both."""
    dials = [_dial(side) for side in (first, last)]
    if any(d and d.sure and not d.part and (d.hour > 12 or d.hour == 0) for d in dials):
        dials = [d if d is None or d.part or d.spoken else _Dial(d.hour, d.minute, sure=True) for d in dials]
    start, end = _settled(first, dials[0]), _settled(last, dials[1])
    return None if start is None or end is None else (start, end)
