"""Every sentence the program says, from the .ftl files; dates, times and lists in the reader's locale."""

import logging
from collections.abc import Sequence
from datetime import date, datetime
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from babel import Locale
from babel.dates import format_date, format_skeleton, format_time
from babel.lists import format_list
from fluent.runtime import FluentBundle, FluentResource

from bot.languages import LANGUAGES as LANGUAGES

FOLDER = Path(__file__).parent / "words"
log = logging.getLogger(__name__)


@cache
def _bundle(language: str) -> FluentBundle:
    # Isolating marks would break links and codes; both languages read left to right (PLATFORMS section 1).
    bundle = FluentBundle([LANGUAGES[language].replace("_", "-")], use_isolating=False)
    bundle.add_resource(FluentResource((FOLDER / f"{language}.ftl").read_text(encoding="utf-8")))
    return bundle


def say(language: str, key: str, /, **args: Any) -> str:
    """The sentence `key` in that language; what is missing there is said in English and logged once."""
    named = tuple(sorted(args.items())) if args else ()
    return _say(language if language in LANGUAGES else "en", key, named)


@lru_cache(maxsize=16384)
def _say(language: str, key: str, args: tuple[tuple[str, Any], ...]) -> str:
    bundle = _bundle(language)
    if bundle.has_message(key):
        pattern = bundle.get_message(key).value
        if pattern is not None:
            text, errors = bundle.format_pattern(pattern, dict(args))
            if not errors:
                return str(text).replace("m..", "m.")  # a sentence that ends with 9:00 p.m. needs no second full stop
    if language == "en":
        raise KeyError(f"en.ftl: {key} is missing or wants other variables than {[name for name, _ in args]}")
    log.error("%s.ftl: %s is missing or wrong; said in English", language, key)
    return _say("en", key, args)


def _locale(language: str) -> Locale:
    return _locales(LANGUAGES.get(language, "en_US"))


@cache
def _locales(name: str) -> Locale:
    return Locale.parse(name)


def clock(language: str, local: datetime) -> str:
    """5:30 PM, 5:30 p.m.; the space before PM is an ordinary one, so that it can be typed and searched."""
    return _clock(language, local.replace(second=0, microsecond=0, tzinfo=None))


@lru_cache(maxsize=4096)
def _clock(language: str, local: datetime) -> str:
    text = str(format_time(local, format="short", locale=_locale(language)))
    return text.replace("\u202f", " ").replace("\xa0", " ")


@lru_cache(maxsize=1024)
def weekday(language: str, day: date) -> str:
    return str(format_date(day, "EEEE", locale=_locale(language)))


@lru_cache(maxsize=256)
def weekday_short(language: str, day: int) -> str:
    """Mon · lun, for a day of the week (0 is Monday)."""
    return str(_locale(language).days["stand-alone"]["abbreviated"][day])


@lru_cache(maxsize=1024)
def short_date(language: str, day: date) -> str:
    """Tue, Sep 15 · mar, 15 sep."""
    return str(format_skeleton("MMMEd", day, locale=_locale(language)))


@lru_cache(maxsize=1024)
def long_date(language: str, day: date) -> str:
    return str(format_date(day, "full", locale=_locale(language)))


def listed(language: str, things: Sequence[str]) -> str:
    """Maths, Science and English."""
    return str(format_list(list(things), locale=_locale(language)))
