"""Telegram as a `bot.ports.Chat`: sends and edits messages, and hears updates by asking for them or by webhook.

Nothing is acknowledged to Telegram before the core has stored it: the offset moves, and the webhook answers 200, only
after `Ear.hear` has returned. What cannot be read is parked and passed over, so that it stops nothing behind it.
"""

import asyncio
import json
import logging
import os
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from types import MappingProxyType
from typing import TypeVar

from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from telegram import Bot, BotCommandScopeAllPrivateChats, LinkPreviewOptions
from telegram.request import HTTPXRequest

from adapters.telegram import checks
from adapters.telegram.failures import BUSY, failure_of, unchanged
from adapters.telegram.polling import BATCH, Poller
from adapters.telegram.polling import SecondPoller as SecondPoller
from adapters.telegram.render import cut, render
from adapters.telegram.updates import KINDS, parked_source, query_id, read
from adapters.web.guard import telegram_guard
from bot.model import Address, Message
from bot.ports import Account, Answer, Arrival, ChatFailure, Ear, LaneDown, Later, Rejected, Sent, Tapped, Unclear

logger = logging.getLogger(__name__)

BEAT = 20  # seconds from one report of a quiet webhook to the next
LONGEST_PAUSE = 30.0  # seconds
LOOK = 5.0  # seconds in which Telegram answers when it is well
TOAST = 200  # UTF-16 units in the answer to a tap
COURTESIES = 10_000  # answers to taps that may wait; more are dropped, for the card itself shows what was said
ROUTE = "/telegram/webhook"
NO_PREVIEW = LinkPreviewOptions(is_disabled=True)

T = TypeVar("T")


class TelegramChat:
    """One bot. `commands`: language, "" for everybody else → (word, description); `mode`: "polling" or "webhook"."""

    def __init__(
        self,
        *,
        token: str,
        api_base_url: str,
        mode: str,
        webhook_secret: str = "",
        webhook_url: str = "",
        commands: Mapping[str, Sequence[tuple[str, str]]] = MappingProxyType({}),
    ) -> None:
        _quiet_libraries()
        self.lane = 0
        self.alone = mode == "polling"  # two who ask Telegram for updates would each hear a part
        self._mode = mode
        self._webhook_secret = webhook_secret
        self._webhook_url = webhook_url
        self._commands = commands
        self._sends = HTTPXRequest(connection_pool_size=8, pool_timeout=30, read_timeout=15, connect_timeout=5)
        self._polls = HTTPXRequest(connection_pool_size=1, pool_timeout=30, read_timeout=15, connect_timeout=5)
        self._bot = Bot(token, base_url=api_base_url, request=self._sends, get_updates_request=self._polls)
        self._ear: Ear | None = None
        self._registered = False
        self._resumed = True
        self._poller = Poller(self._bot)
        self._courtesies: set[asyncio.Task[None]] = set()
        self._small_lane = asyncio.Semaphore(4)

    def __repr__(self) -> str:
        return f"<TelegramChat lane {self.lane}>"  # never the bot, whose repr prints the token

    # --- coming and going

    async def connect(self) -> str:
        """Says hello; returns the bot's username. Raises LaneDown, Later or Unclear."""
        name = await self.whoami()
        if self._mode == "polling":
            await self._end_webhook()
        await self._set_menus()
        return name

    async def whoami(self) -> str:
        """The bot's username, and nothing else is touched. Raises LaneDown, Later or Unclear."""
        return (await _told(self._bot.get_me())).username or ""

    async def examine(self) -> list[tuple[str, str]]:
        """For `doctor`: (green, yellow or red; text) of each thing found. Raises LaneDown, Later or Unclear."""
        return await checks.examine(self._bot, self._webhook_url if self._mode == "webhook" else "")

    async def close(self) -> None:
        """Lets the last answers go out, for at most two seconds, and hangs up."""
        if self._courtesies:
            await asyncio.wait(self._courtesies, timeout=2.0)
        for task in self._courtesies:
            task.cancel()
        await asyncio.gather(*self._courtesies, return_exceptions=True)
        await asyncio.gather(self._sends.shutdown(), self._polls.shutdown())

    async def _end_webhook(self) -> None:
        """Takes back a webhook of our own; never throws away what waits there. Raises LaneDown for anybody else's."""
        url = (await _told(self._bot.get_webhook_info())).url
        if url and url != self._webhook_url:
            shown = url.replace(self._bot.token, "<token>")
            raise LaneDown(f'this bot\'s updates go to {shown}: delete that webhook, or set mode = "webhook"')
        if url:
            await _told(self._bot.delete_webhook())

    async def _set_menus(self) -> None:
        """The list of commands in each language, where it differs; a bot without menus works as well."""
        for language, words in self._commands.items():
            if len(language) > 2:  # Telegram knows two letters only; the rest read the menu for everybody else
                continue
            try:
                await self._set_menu(language, words)
            except Exception as problem:
                logger.warning("Telegram lane %s: no menu in %r: %s", self.lane, language, failure_of(problem))
                return

    async def _set_menu(self, language: str, words: Sequence[tuple[str, str]]) -> None:
        scope = BotCommandScopeAllPrivateChats()
        there = await self._bot.get_my_commands(scope, language or None)
        if [(one.command, one.description) for one in there] != list(words):
            await self._bot.set_my_commands(words, scope, language or None)

    # --- speaking

    async def send(self, address: Address, message: Message, key: str, again: datetime | None) -> Sent:
        """Sends a new message. Telegram cannot be asked about an unclear first one (PLATFORMS 3.6): with buttons it
        goes out once more, for both copies say the same; without it raises Unclear."""
        if again is not None and not message.rows:
            raise Unclear("a message without buttons is not sent twice")
        if again is not None:
            await self._look()
        ref = await _told(self._post(_number(address.chat or address.user), message))
        return Sent(ref, rang=not message.silent)

    async def _look(self) -> None:
        """The one more try is made while Telegram is well: until then nothing is sent, and no try counts."""
        try:
            async with asyncio.timeout(LOOK):
                await self.whoami()
        except (Unclear, TimeoutError) as away:
            raise Later(BUSY, f"Telegram is not well: {away or 'no answer'}") from away

    async def edit(self, address: Address, ref: str, message: Message) -> None:
        """Changes a message in place, without sound; well, too, if it already looks so."""
        try:
            await self._redraw(_number(address.chat or address.user), _number(ref), message)
        except Exception as problem:
            if not unchanged(problem):
                raise failure_of(problem) from problem

    async def _post(self, chat: int, message: Message) -> str:
        shown = render(message)
        posted = await self._bot.send_message(
            chat,
            shown.text,
            entities=shown.entities,
            link_preview_options=NO_PREVIEW,
            disable_notification=message.silent,
            protect_content=message.sensitive,
            reply_markup=shown.keyboard,
        )
        return str(posted.message_id)

    async def _redraw(self, chat: int, number: int, message: Message) -> None:
        shown = render(message)
        await self._bot.edit_message_text(
            shown.text,
            chat,
            number,
            entities=shown.entities,
            link_preview_options=NO_PREVIEW,
            reply_markup=shown.keyboard,
        )

    # --- listening

    async def listen(self, ear: Ear) -> None:
        """Hears Telegram until cancelled; waits out every trouble but LaneDown, which ends it."""
        self._ear, self._registered, self._resumed = ear, False, True
        step, pause = (self._poll if self._mode == "polling" else self._beat), 0.0
        while True:
            try:
                await step(ear)
                pause = 0.0
            except LaneDown:
                raise
            except Exception as problem:  # the network or the database: Telegram keeps what was not confirmed
                self._resumed = True
                pause = min(LONGEST_PAUSE, pause * 2 or 1.0)
                await asyncio.sleep(self._pause(problem, pause))

    def _pause(self, problem: Exception, pause: float) -> float:
        """How long to wait now, in seconds, with jitter; as long as Telegram asks for, if it does."""
        wait = pause * random.uniform(0.5, 1.0)
        if isinstance(problem, Later):
            wait = max(wait, problem.seconds)
        what = problem if isinstance(problem, ChatFailure) else type(problem).__name__
        logger.warning("Telegram lane %s hears nothing (%s); next try in %.1f s", self.lane, what, wait)
        return wait

    async def _poll(self, ear: Ear) -> None:
        """One poll; if nothing more waits, reports until when everything is stored."""
        asked = ear.now()
        heard = await self._poller.poll(ear.rate, partial(self._hear, ear), patient=not self._resumed)
        if heard < BATCH:
            await ear.heard(self.lane, asked if heard else ear.now())
            self._resumed = False

    async def _hear(self, ear: Ear, raw: object) -> None:
        """One update, stored or parked when this returns; raises if it could not be stored."""
        try:
            arrival = read(raw, self.lane, self._resumed, ear.rate == 1.0)
        except Exception as problem:
            logger.warning("Telegram lane %s: an update is parked (%s)", self.lane, type(problem).__name__)
            return await ear.park(self.lane, parked_source(raw, self.lane), json.dumps(raw))
        if arrival is not None:
            self._respond(arrival, await ear.hear(arrival))

    # --- the webhook

    @property
    def routes(self) -> list[Route]:
        """Where Telegram calls, in webhook mode: the last part of `webhook_url`."""
        path = ROUTE + self._webhook_url.partition(ROUTE)[2]
        guard = Middleware(telegram_guard, secret=self._webhook_secret)
        return [Route(path, self._called, methods=["POST"], middleware=[guard])]

    async def _called(self, request: Request) -> Response:
        """200 once an update is stored or parked; 503 when it cannot be, and Telegram brings it again."""
        if self._ear is None:
            return Response(status_code=503)
        try:
            await self._hear(self._ear, json.loads(await request.body()))
        except Exception as problem:
            self._resumed = True
            logger.warning("Telegram lane %s: an update was not stored (%s)", self.lane, type(problem).__name__)
            return Response(status_code=503)
        return Response()

    async def _beat(self, ear: Ear) -> None:
        """Sets the webhook, then reports now and then; after silence only when nothing waits at Telegram any more."""
        if not self._registered:
            await self._register()
        asked = ear.now()
        if self._resumed and (await _told(self._bot.get_webhook_info())).pending_update_count:
            return await asyncio.sleep(1.0)
        self._resumed = False
        await ear.heard(self.lane, asked)
        await asyncio.sleep(max(1.0, BEAT / ear.rate))

    async def _register(self) -> None:
        try:
            hook = self._bot.set_webhook(self._webhook_url, allowed_updates=KINDS, secret_token=self._webhook_secret)
            self._registered = await _told(hook)
        except Rejected as problem:
            raise LaneDown(f"Telegram does not take the webhook {self._webhook_url}: {problem}") from problem

    # --- courtesies: after the commit, best effort, never in anybody's way

    def _respond(self, arrival: Arrival, answer: Answer) -> None:
        if isinstance(arrival, Tapped):
            self._soon(partial(self._thank, arrival, answer.toast))
        if answer.reply or not arrival.account.private:
            self._soon(partial(self._reply, arrival.account, answer.reply))

    async def _thank(self, tapped: Tapped, toast: str) -> None:
        await self._bot.answer_callback_query(query_id(tapped), cut(toast, TOAST) or None)

    async def _reply(self, account: Account, reply: Message | None) -> None:
        """Says something that is kept nowhere; in a group it is the last word there (G-045)."""
        try:
            if reply:
                await self._post(_number(account.chat), reply)
        finally:
            if not account.private:
                await self._bot.leave_chat(_number(account.chat))

    def _soon(self, call: Callable[[], Awaitable[object]]) -> None:
        if len(self._courtesies) < COURTESIES:
            task = asyncio.create_task(self._courtesy(call))
            self._courtesies.add(task)
            task.add_done_callback(self._courtesies.discard)

    async def _courtesy(self, call: Callable[[], Awaitable[object]]) -> None:
        async with self._small_lane:
            try:
                await call()
            except Exception as problem:
                logger.info("Telegram lane %s: an answer did not arrive: %s", self.lane, failure_of(problem))


async def _told(call: Awaitable[T]) -> T:
    """What the call returns; raises the failures of `bot.ports` only."""
    try:
        return await call
    except Exception as problem:
        raise failure_of(problem) from problem


def _number(text: str) -> int:
    """An id as Telegram wants it; raises Rejected for one that is none of Telegram's."""
    try:
        return int(text)
    except ValueError:
        raise Rejected(f"{text!r} is no Telegram id") from None


def _quiet_libraries() -> None:
    """httpx logs each URL, token included, at INFO; PTB its address and all bodies at DEBUG, broken ones at ERROR."""
    for name in ("httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.getLogger("telegram.Bot").setLevel(logging.INFO)
    logging.getLogger("telegram.request.BaseRequest").setLevel(logging.CRITICAL)
    os.environ.setdefault("PTB_TIMEDELTA", "1")  # else RetryAfter warns, and with warnings as errors is not raised
