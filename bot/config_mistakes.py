"""What a mistake in the configuration is, and how it names places and values."""

import json
import re
from dataclasses import dataclass

PREFIX = "TWOTICKS_"
Loc = tuple[int | str, ...]  # keys and indexes from the root of the configuration to a value


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing wrong with the configuration: where it stands, what is wrong, what is allowed."""

    where: str
    key: str
    problem: str
    hint: str

    def __str__(self) -> str:
        """Tell the mistake in one line."""
        text = ": ".join(part for part in (self.where, self.key, self.problem) if part)
        return " ".join(f"{text}. {self.hint}".split())


class Mistakes(Exception):
    """The configuration cannot be used; `mistakes` holds every reason."""

    def __init__(self, mistakes: list[Mistake]) -> None:
        super().__init__("\n".join(map(str, mistakes)))
        self.mistakes = mistakes


def shown(value: str) -> str:
    """Quote a value for a message, without passwords and tokens, at most 80 characters of it."""
    masked = re.sub(r":(?!//).*@", ":•••@", value, flags=re.DOTALL)
    masked = re.sub(r"xox\w-\S+|xapp-\S+|\d+:[\w-]{30,}", "•••", masked)
    return json.dumps(masked if len(masked) <= 80 else masked[:79] + "…", ensure_ascii=False)


def kind_of(value: object) -> str:
    """Say what a value of TOML or JSON is, as a person does."""
    names = {str: "a text", bool: "true or false", int: "a number", float: "a number", dict: "a table", list: "a list"}
    return names.get(type(value), "a date or time")


def variable(loc: Loc) -> str:
    """Write a place as its variable in the environment: `TWOTICKS_SCHOOLS__0__HOME_CARD`."""
    return PREFIX + "__".join(str(part) for part in loc if part != "").upper().replace("-", "_")


def told(loc: Loc) -> str:
    """Write a place as a person does: `schools[0].home_card`."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in loc).removeprefix(".")


def plain(loc: Loc) -> str:
    """Write a place without indexes and bots' names: `schools.home_card`."""
    names = [part for part in loc if isinstance(part, str)]
    return ".".join(names[:2] + names[3:] if names[:2] == ["telegram", "bots"] else names)
