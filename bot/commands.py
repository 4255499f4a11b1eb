"""The words a person may write (F22): the same on both platforms, in every language at once."""

import unicodedata
from dataclasses import dataclass
from functools import cache

from bot import words
from bot.texts import clean

WORDS = (
    "today", "status", "who", "why", "pause", "resume", "settings", "language", "add", "stop", "help", "join", "start",
    "back",
)  # fmt: skip
LONGEST = 200


@dataclass(frozen=True, slots=True)
class Command:
    """A word of the contract, or "" for anything else, and what followed it."""

    word: str
    rest: str = ""


def understood(text: str) -> Command:
    """/start CODE is `join CODE`; a bare /start is `start`. STOP counts in every language."""
    said = clean(text, LONGEST)
    if whole := _known().get(_plain(said)):
        return Command(whole)
    first, *more = said.removeprefix("/").split(maxsplit=1) or [""]
    word, rest = _known().get(_plain(first.partition("@")[0]), ""), "".join(more)
    if word == "start" and rest:
        return Command("join", rest.strip())
    if not rest or word in ("join", "pause", "who", "add"):
        return Command(word, rest.strip())
    return Command("")


def _plain(word: str) -> str:
    """Lower case, without accents, full stops and exclamation marks."""
    bare = unicodedata.normalize("NFKD", word.casefold().strip(".!¡?¿ "))
    return "".join(letter for letter in bare if not unicodedata.combining(letter))


@cache
def _known() -> dict[str, str]:
    """Every spelling of every word, over all languages."""
    spelled = {}
    for language in words.LANGUAGES:
        for word in WORDS:
            for spelling in words.say(language, f"say-{word}").split(","):
                spelled[_plain(spelling.strip())] = word
    return spelled
