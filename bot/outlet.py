"""One lane of the running program: connected with patience, then listened to; its trouble is its own."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from bot.composition import LaneName, Platform
from bot.hands import LaneHand
from bot.ports import Clock, Ear, LaneDown, Store

BACKOFF = (1.0, 2.0, 5.0, 10.0, 30.0)  # seconds between two tries to connect a lane
OTHER_POLLER = 300.0  # seconds a lane leaves its token to another process before it tries again
AT_START = 30.0  # seconds in which another process with the same token ends this one
LOOK = 0.5  # seconds between two looks at whether the lane is still held
NOT_YET = "not connected yet"
log = logging.getLogger(__name__)


class SecondInstance(Exception):
    """Another process has this bot token."""


def second_poller(failure: Exception) -> bool:
    return type(failure).__name__ == "SecondPoller"  # the adapters' word; no platform is loaded to ask for it


@dataclass(slots=True)
class Outlet:
    """`live` ends only with SecondInstance, found soon after the start (G-139); later only its lane stops."""

    name: LaneName
    chat: Platform
    hand: LaneHand
    store: Store
    clock: Clock
    blocking: Callable[..., Awaitable[Any]]
    knock: Callable[[], object]
    connected: asyncio.Event = field(default_factory=asyncio.Event)  # or known to be down
    again: asyncio.Event = field(default_factory=asyncio.Event)  # it has another token
    began: float = 0.0

    async def live(self, ear: Ear) -> None:
        self.began = self.clock.machine()
        tries = 0
        while True:
            try:
                await self._connect()
                tries = 0
                await self._listen(ear)
            except LaneDown as failure:
                await self._down(failure)
            except Exception as failure:
                self.hand.down = f"{type(failure).__name__}: {failure}"
                log.warning("%s is not connected: %s", self.name, self.hand.down)
            await asyncio.sleep(BACKOFF[min(tries, len(BACKOFF) - 1)])
            tries += 1

    def anew(self) -> None:
        """It has another token: a lane that is down is tried again, also where only a card found it down."""
        self.hand.down = ""
        self.again.set()
        self.knock()

    async def _connect(self) -> None:
        self.again.clear()
        told = await self.chat.connect()
        tenant = told if self.name.platform == "slack" else ""
        await self.blocking(self.store.lane, self.name.platform, self.name.name, tenant)
        self.hand.down = ""
        log.info("%s is connected", self.name)
        self.connected.set()
        self.knock()

    async def _down(self, failure: LaneDown) -> None:
        """The other lanes go on; this one waits for a new token or a new start, or for the other process to end."""
        self.hand.down = str(failure)
        log.error("%s is down: %s", self.name, failure)
        self.connected.set()
        if not second_poller(failure):
            await self.again.wait()
            return
        if self.clock.machine() - self.began < AT_START:
            raise SecondInstance(str(failure))
        await asyncio.sleep(OTHER_POLLER)

    async def _listen(self, ear: Ear) -> None:
        """Where only one process may listen, it is the one that holds the lane."""
        if not self.chat.alone:
            return await self.chat.listen(ear)
        while True:
            while not self.hand.holds(self.clock.machine()):
                self.hand.taken.clear()
                await self.hand.taken.wait()
            listening = asyncio.ensure_future(self.chat.listen(ear))
            try:
                while self.hand.holds(self.clock.machine()) and not listening.done():
                    await asyncio.wait([listening], timeout=LOOK)
                if listening.done():
                    return listening.result()
                log.warning("%s is another process's now", self.name)
            finally:
                listening.cancel()
                await asyncio.wait([listening])
