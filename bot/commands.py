"""The words a person may write (F22): the same on both platforms, in every language at once."""

import unicodedata
from dataclasses import dataclass
from functools import cache

from bot import words
from bot.texts import clean

WORDS = ("today", "status", "who", "pause", "stop", "help", "join", "start", "back")
LONGEST = 200


@dataclass(frozen=True, slots=True)
class Command:
    """A word of the contract, or "" for anything else, and what followed it."""

    word: str
    rest: str = ""


def understood(text: str) -> Command:
    """/start CODE is `join CODE`; a bare /start is `start`. STOP counts in every language."""
    said = clean(text, LONGEST)
    first, _, rest = said.removeprefix("/").partition(" ")
    word = _known().get(_plain(first.partition("@")[0]), "")
    if word == "start" and rest:
        return Command("join", rest.strip())
    if not rest or word in ("join", "pause"):
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
