"""The updates that wait for the program at the fake Telegram, and what confirms them."""

import random
from dataclasses import dataclass

from . import telegram_rules as rules
from .telegram_chats import Json


@dataclass(slots=True, eq=False)
class Update:
    """One update that waits to be taken and confirmed."""

    id: int
    body: Json
    lane: str  # updates of one chat keep their order on a webhook
    given: bool = False  # handed out at least once
    again: bool = False  # repeated on purpose: an old offset does not confirm it before it was handed out


class Updates:
    """What waits for the program, in order of arrival, until a higher offset or a 2xx confirms it."""

    def __init__(self) -> None:
        self.next_id = 500_000_001
        self.waiting: list[Update] = []
        self.allowed = rules.DEFAULT_UPDATE_KINDS
        self._bodies: dict[int, Json] = {}
        self._random = random.Random(5)

    def add(self, body: Json) -> tuple[int, Update | None]:
        """The id it got, and the update unless the program did not ask for this kind."""
        given = body.get("update_id")
        number = given if isinstance(given, int) else self.next_id
        self.next_id = number + 1
        body = {"update_id": number, **body}
        self._bodies[number] = body
        if any(kind in body for kind in rules.UPDATE_KINDS - self.allowed):
            return number, None
        return number, self._queue(Update(number, body, _lane(body)))

    def repeat(self, number: int) -> Update:
        return self._queue(Update(number, self._bodies[number], _lane(self._bodies[number]), again=True))

    def _queue(self, update: Update) -> Update:
        self.waiting.append(update)
        return update

    def jump(self) -> None:
        """As after a quiet week: the next id is a random one, here always lower, and nothing old waits any more."""
        self.waiting.clear()
        self.next_id = self._random.randrange(1_000, self.next_id - 1_000)

    def confirm(self, offset: int) -> None:
        """Forgets what this offset confirms; one far beyond the newest id means nothing, as at Telegram."""
        if offset < 0:
            self.waiting = self.waiting[offset:]
        elif offset <= self.next_id + 10:
            self.waiting = [update for update in self.waiting if update.again or update.id >= offset]

    def take(self, limit: int) -> list[Update]:
        taken = self.waiting[: max(1, min(limit, 100))]
        for update in taken:
            update.again = False
        return taken


def _lane(body: Json) -> str:
    """The chat an update belongs to, or "" for what does not look like an update at all."""
    inner: Json = next((body[kind] for kind in rules.UPDATE_KINDS if isinstance(body.get(kind), dict)), {})
    source = inner["message"] if isinstance(inner.get("message"), dict) else inner
    chat = source.get("chat")
    return str(chat.get("id")) if isinstance(chat, dict) else ""
