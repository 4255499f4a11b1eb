"""The try-it page's chat platform: everybody's screen, kept in memory."""

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime

from bot.model import Address, Line, Message, Span
from bot.ports import Account, Answer, Ear, Gone, Said, Sent, Tapped


@dataclass(frozen=True, slots=True)
class Bubble:
    """One message as it stands on a screen now; `mine` is what the person typed, `at` is school time (aware UTC)."""

    ref: str
    message: Message
    edits: int = 0
    rang: bool = True
    mine: bool = False
    at: datetime | None = None


class WebChat:
    """A `bot.ports.Chat` whose platform is this very object; `token` keeps sources unique across restarts."""

    def __init__(self, token: str, lane: int = 0) -> None:
        self.lane = lane
        self.version = 0
        self._token = token
        self._screens: dict[str, list[Bubble]] = {}
        self._refs = 0
        self._sources = 0
        self._ear: Ear | None = None
        self._listening = asyncio.Event()
        self._change = asyncio.Event()

    # --- what the core asks -------------------------------------------------------------------------------------------

    async def send(self, address: Address, message: Message, key: str, again: datetime | None) -> Sent:
        """Puts a new message last on that person's screen; it rings unless it is silent."""
        bubble = self._put(address.user, message, rang=not message.silent)
        return Sent(bubble.ref, bubble.rang)

    async def edit(self, address: Address, ref: str, message: Message) -> None:
        """Changes a message in place, without sound. Raises Gone if it does not stand on that person's screen."""
        screen = self._screens.get(address.user, [])
        for n, bubble in enumerate(screen):
            if bubble.ref == ref and not bubble.mine:
                screen[n] = replace(bubble, message=message, edits=bubble.edits + 1)
                return self._changed()
        raise Gone(f"no message {ref!r} on the screen of {address.user!r}")

    async def listen(self, ear: Ear) -> None:
        """Lends the ear to `tap` and `say` until cancelled; they wait while nobody listens."""
        self._ear = ear
        self._listening.set()
        try:
            await asyncio.Event().wait()
        finally:
            self._listening.clear()
            self._ear = None

    # --- what people do and see ---------------------------------------------------------------------------------------

    async def tap(self, user: str, ref: str, data: str, name: str = "") -> Answer:
        """That person presses a button of the message `ref`; returns what the core says to it at once."""
        ear = await self._heard_by()
        return await self._hear(ear, Tapped(Account(self.lane, user, user, name), self._source(), data=data, ref=ref))

    async def say(self, user: str, text: str, name: str = "") -> Answer:
        """That person types a text, which stays on the screen as their own bubble."""
        ear = await self._heard_by()
        self._put(user, plain(text), mine=True)
        return await self._hear(ear, Said(Account(self.lane, user, user, name), self._source(), text=text))

    def bubbles(self, user: str) -> list[Bubble]:
        """What stands on that person's screen, oldest first."""
        return list(self._screens.get(user, []))

    async def changed(self, since: int) -> None:
        """Waits until `version` is above `since`."""
        while self.version <= since:
            await self._change.wait()

    async def _heard_by(self) -> Ear:
        while self._ear is None:
            await self._listening.wait()
        return self._ear

    async def _hear(self, ear: Ear, arrival: Tapped | Said) -> Answer:
        answer = await ear.hear(arrival)
        if answer.reply:
            self._put(arrival.account.user, answer.reply)
        return answer

    def _source(self) -> str:
        self._sources += 1
        return f"web:{self._token}:{self._sources}"

    def _put(self, user: str, message: Message, rang: bool = False, mine: bool = False) -> Bubble:
        self._refs += 1
        at = self._ear.now() if self._ear else None
        bubble = Bubble(str(self._refs), message, rang=rang, mine=mine, at=at)
        self._screens.setdefault(user, []).append(bubble)
        self._changed()
        return bubble

    def _changed(self) -> None:
        self.version += 1
        self._change.set()
        self._change = asyncio.Event()


def plain(text: str) -> Message:
    """A typed text as a message: one line of one plain span for each line typed."""
    lines: tuple[Line, ...] = tuple((Span(line),) for line in text.splitlines())
    return Message(lines=lines)
