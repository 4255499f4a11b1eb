"""Asks Telegram for updates; what was heard is confirmed by the next question, which begins behind it."""

import asyncio
from collections.abc import Awaitable, Callable

from telegram import Bot
from telegram.error import Conflict

from adapters.telegram.failures import failure_of
from adapters.telegram.updates import KINDS, number_of
from bot.points import passed
from bot.ports import ChatFailure, LaneDown, Unclear

POLL = 30  # seconds Telegram holds a poll that has nothing to give
BATCH = 100  # updates Telegram gives at most in one answer; a full one says that more may wait


class SecondPoller(LaneDown):
    """Somebody else asks Telegram for this bot's updates, so each of us would hear only a part."""

    def __init__(self) -> None:
        super().__init__("another process uses this bot token")


class Poller:
    """One bot's place in its updates."""

    def __init__(self, bot: Bot) -> None:
        self._bot = bot
        self._offset = 0
        self._conflicts: list[float] = []

    async def poll(self, rate: float, hear: Callable[[object], Awaitable[None]], patient: bool = True) -> int:
        """One poll; returns how many updates it heard. Raises the failures of `bot.ports`, and what `hear` raises.

        Not `patient`: asks only for what waits already, so that the next one is known to be said now.

        1. Ask for what waits, which confirms everything below the offset.
        2. Store each update by itself; only then move the offset past it.
        """
        updates = await self._ask(rate, patient)
        for raw in updates:
            await hear(raw)
            if (number := number_of(raw)) is not None:
                self._offset = number + 1
                passed("offset moved")
        if updates and all(number_of(raw) is None for raw in updates):
            raise Unclear("updates without a number, which cannot be confirmed")
        if not updates:
            self._offset = 0  # all is confirmed; after a quiet week numbers restart at random, maybe below ours
        return len(updates)

    async def _ask(self, rate: float, patient: bool) -> list[object]:
        """The raw updates that wait: PTB's own get_updates fails for all of them if one is malformed."""
        patience = (POLL if rate <= 1 else max(1, int(POLL / rate))) if patient else 0
        asked = {"timeout": patience, "allowed_updates": KINDS} | ({"offset": self._offset} if self._offset else {})
        try:
            # Two underscores: "getUpdates" itself draws PTB's warning that Bot.get_updates exists.
            updates = await self._bot.do_api_request("get__updates", asked, read_timeout=patience + 10)
        except Conflict as problem:
            raise self._conflict(problem) from problem
        except Exception as problem:
            raise failure_of(problem) from problem
        if not isinstance(updates, list):
            raise Unclear("an answer to getUpdates that is no list")
        return updates

    def _conflict(self, problem: Conflict) -> ChatFailure:
        """One may be the last poll of a killed process; three within a minute are somebody else."""
        now = asyncio.get_running_loop().time()
        self._conflicts = [*(at for at in self._conflicts if now - at < 60), now]
        return SecondPoller() if len(self._conflicts) >= 3 else failure_of(problem)
