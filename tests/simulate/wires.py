"""The line between the program and a platform: what people did is told over it, in order, until it is acknowledged."""

import asyncio
import random
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.model import Address, Message
from bot.ports import Account, Arrival, CameBack, Ear, Left, Said, Sent, StoreAway, Tapped
from tests.simulate.diary import Press
from tests.simulate.screens import Platform

PAUSE = 2.0  # seconds until an arrival that could not be stored is told again


class Crash(BaseException):
    """The program dies here; nothing of it goes on."""


@dataclass(eq=False, slots=True)
class Waiting:
    """Something a person did that is on its way to us; `again`: it was acknowledged and is told once more."""

    press: Press
    since: datetime
    again: bool = False


class Post:
    """What waits at one platform for the program. It outlives the program."""

    def __init__(self, platform: Platform, seed: str) -> None:
        self.platform = platform
        self.queue: list[Waiting] = []
        self.rung = asyncio.Event()
        self.listening = False
        self.luck = random.Random(f"{seed}:{platform.name}:post")

    async def take(self, press: Press) -> None:
        """A person has pressed or written something; it arrives, waits, fails visibly, or is lost."""
        there, chance = 0.1 + self.luck.random(), self.luck.random()
        lost = chance < self.platform.faults.lost and press.verb in (
            "tap",
            "say",
        )  # what a platform tells is kept there
        await asyncio.sleep(there)
        if lost or (self._needs_answer(press) and not (self.listening and not self.platform.away)):
            return press.ends("lost" if lost else "failed")
        self.put(Waiting(press, self.platform.now()))

    def put(self, waiting: Waiting) -> None:
        self.queue.append(waiting)
        self.rung.set()

    def _needs_answer(self, press: Press) -> bool:
        """Slack shows at once that a tap was not taken, and never tells it again."""
        return self.platform.name == "slack" and press.verb == "tap"

    def fail(self) -> None:
        """The program is gone: taps that wait for its answer have failed."""
        for waiting in [one for one in self.queue if self._needs_answer(one.press)]:
            self.queue.remove(waiting)
            if not waiting.again:
                waiting.press.ends("failed")


class Wire:
    """A `bot.ports.Chat` for one life of the program: when that has ended, nothing goes over it any more."""

    def __init__(self, post: Post, lane: int) -> None:
        self.post = post
        self.platform = post.platform
        self.lane = lane
        self.cut = False
        self.told = False  # that everything is heard, since the line stands
        self.calls: dict[asyncio.Task[Any], None] = {}  # in the order in which they were made

    async def send(self, address: Address, message: Message, key: str, again: datetime | None) -> Sent:
        self._holds()
        return await self.platform.send(address, message, key, again)

    async def edit(self, address: Address, ref: str, message: Message) -> None:
        self._holds()
        await self.platform.edit(address, ref, message)

    def _holds(self) -> None:
        if self.cut:
            raise Crash
        task = asyncio.current_task()
        if task is not None:
            self.calls[task] = None
            task.add_done_callback(lambda done: self.calls.pop(done, None))

    async def listen(self, ear: Ear) -> None:
        post, began = self.post, self.platform.now()
        post.listening, self.told = True, False
        try:
            while True:
                if post.queue and not self.platform.away:
                    await self._tell(ear, post.queue[0], began)
                    continue
                await self.tell_heard(ear)
                post.rung.clear()
                await post.rung.wait()
        finally:
            post.listening = False
            post.fail()

    async def tell_heard(self, ear: Ear) -> None:
        """Everything up to now is stored; a line that is away, or where something waits, says nothing."""
        if not self.platform.away and not self.post.queue:
            try:
                await ear.heard(self.lane, self.platform.now())
            except StoreAway:
                return
            self.told = True

    async def _tell(self, ear: Ear, waiting: Waiting, began: datetime) -> None:
        press, now = waiting.press, self.platform.now()
        press.tries.append(now)
        press.resumed = press.resumed or waiting.since < began or not self.told
        self.platform.told("arrival", press.who.user, f"{press.verb} {press.source} {press.label} {press.text}")
        try:
            answer = await ear.hear(self._arrival(press))
        except StoreAway:
            self.told = False
            self.post.fail()
            await asyncio.sleep(PAUSE)
            return
        self.post.queue.remove(waiting)
        if not waiting.again:
            press.ends("heard", now, answer.toast)
        if self.post.luck.random() < self.platform.faults.repeated:
            asyncio.get_running_loop().call_later(
                1 + 60 * self.post.luck.random(), self.post.put, Waiting(press, now, True)
            )

    def _arrival(self, press: Press) -> Arrival:
        """Slack tells when it was pressed, Telegram does not."""
        user, slack = press.who.user, self.platform.name == "slack"
        account = Account(self.lane, user, user, press.who.name, press.who.language)
        if press.verb == "say":
            return Said(account, press.source, press.at, text=press.text)
        if press.verb in ("left", "back"):
            return (Left if press.verb == "left" else CameBack)(account, press.source)
        ref = press.shown.ref if press.shown else ""
        at = press.at if slack else None
        return Tapped(account, press.source, at, press.resumed and not slack, data=press.data, ref=ref)
