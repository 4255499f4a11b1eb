"""What happened, as one number: the same seed must give the same trace, in every process."""

import hashlib

from bot.model import Message


class Trace:
    """SHA-256 over every arrival, send and edit; with `keep` the last lines can be read as well."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256()
        self.count = 0
        self.last: list[str] = []

    def add(self, at: float, lane: str, verb: str, user: str, what: str) -> None:
        line = f"{at:.6f} {lane} {verb} {user} {what}"
        self._hash.update(line.encode())
        self.count += 1
        self.last.append(line)
        if len(self.last) > 5_000:
            del self.last[:2_500]

    @property
    def digest(self) -> str:
        return self._hash.hexdigest()


def digest(message: Message) -> str:
    """What a person sees and can press; the pointers, which are random on purpose, left out."""
    buttons = [(button.label, value_of(button.value)) for row in message.rows for button in row]
    seen = (text_of(message), buttons, message.silent)
    return hashlib.blake2b(repr(seen).encode(), digest_size=8).hexdigest()


def text_of(message: Message) -> tuple[str, ...]:
    return tuple("".join(span.text for span in line) for line in message.lines)


def value_of(data: str) -> str:
    """The part of a button's data that says what it answers."""
    return data.split(".", 2)[-1]
