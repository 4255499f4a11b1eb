"""How the fake Telegram hands out updates: to whoever polls, or to a webhook until it takes them."""

import asyncio
import time
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlsplit

from aiohttp import ClientError, ClientSession

from . import telegram_rules as rules
from .screens import PATIENCE
from .telegram_chats import Args, Chats, Json, Refused, Tap, refuse_ours
from .telegram_queue import Update, Updates

T = TypeVar("T")


@dataclass(slots=True)
class Webhook:
    """Where updates go instead of waiting to be asked for."""

    url: str
    secret: str
    last_error: str = ""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One try to post an update to the webhook; status 0 = nobody answered."""

    update_id: int
    status: int
    took: float  # seconds


class Deliveries(Chats):
    """Updates on their way to the program, and the methods with which it asks for them."""

    _client: ClientSession  # open while the fake runs

    def __init__(self, bot: Json) -> None:
        super().__init__(bot)
        self.newest_poller_wins = True  # as Telegram's server does: the poll that waits gets the 409, not the new one
        self.answer_within = 10.0  # seconds from the delivery of a tap until its silence is a complaint
        self.webhook: Webhook | None = None
        self.webhook_front = ""  # where a https webhook really listens, such as "http://127.0.0.1:8080"
        self.deliveries: list[Delivery] = []
        self.updates = Updates()
        self._poll: asyncio.Future[None] | None = None
        self._work: set[asyncio.Task[Any]] = set()
        self._timers: list[asyncio.TimerHandle] = []
        self._lanes: dict[str, asyncio.Lock] = {}

    def polling(self) -> bool:
        """Whether somebody waits in a long poll right now."""
        return self._poll is not None and not self._poll.done()

    async def polled(self, patience: float = PATIENCE) -> None:
        """Waits until the program long-polls with everything that was said so far confirmed."""
        await self.until(lambda: self.polling() and not self.updates.waiting, "a long poll with nothing left", patience)

    def update(self, body: Json) -> int:
        """Delivers any update, malformed ones too; returns its update_id."""
        number, update = self.updates.add(body)
        self._deliver(update)
        return number

    def repeat(self, update_id: int) -> None:
        """Delivers an update once more, whatever was confirmed."""
        self._deliver(self.updates.repeat(update_id))

    def jump_update_id(self) -> None:
        """As after a week without updates: ids restart at a random, here lower, number; what still waited is lost."""
        self.updates.jump()

    def _membership(self, user: str, old: str, new: str, chat: int | None = None, by_bot: bool = False) -> None:
        def member(status: str) -> Json:
            return {"status": status, "user": self.bot} | ({"until_date": 0} if status == "kicked" else {})

        change = {
            "chat": self._chat_json(chat or int(user)),
            "from": self.bot if by_bot else self._person(user).user(),
            "date": int(time.time()),
            "old_chat_member": member(old),
            "new_chat_member": member(new),
        }
        self.update({"my_chat_member": change})

    def _wake(self, why: Refused | None = None) -> None:
        """Ends the poll that waits: well, or with Telegram's reason."""
        if self._poll is None or self._poll.done():
            return
        if why:
            self._poll.set_exception(why)
        else:
            self._poll.set_result(None)

    def _deliver(self, update: Update | None) -> None:
        if update is not None:
            if self.webhook:
                self._spawn(self._push(update, self.webhook))
            else:
                self._wake()
        self.changed()

    def _spawn(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        task = asyncio.create_task(work)
        self._work.add(task)
        task.add_done_callback(self._work.discard)
        return task

    def _hand_out(self, update: Update) -> Json:
        """The body to send; the patience with a tap's answer begins when it is first handed out."""
        tap = self._tap_updates.get(update.id)
        if tap and not update.given:
            loop = asyncio.get_running_loop()
            self._timers.append(loop.call_later(self.answer_within, self._complain_about, tap))
        update.given = True
        return update.body

    def _complain_about(self, tap: Tap) -> None:
        if tap.toast is None and not tap.tried:
            self.complain(f"{tap.user}'s tap {tap.data!r} was not answered within {self.answer_within:g} s")

    async def _push(self, update: Update, hook: Webhook) -> None:
        """Posts one update until it is taken; those of one chat one after another."""
        pause = 0.05
        async with self._lanes.setdefault(update.lane, asyncio.Lock()):
            while self.webhook is hook and update in self.updates.waiting:
                status = await self._post_update(update, hook)
                if 200 <= status < 300:
                    self.updates.waiting.remove(update)
                    self.changed()
                    return
                hook.last_error = f"Wrong response from the webhook: {status}" if status else "Connection refused"
                await asyncio.sleep(pause)
                pause = min(1.0, pause * 2)

    async def _post_update(self, update: Update, hook: Webhook) -> int:
        """The status the webhook answered, 0 if it did not."""
        headers = {"X-Telegram-Bot-Api-Secret-Token": hook.secret} if hook.secret else {}
        begun, status = time.monotonic(), 0
        try:
            async with self._client.post(self._target(hook), json=self._hand_out(update), headers=headers) as answer:
                status = answer.status
        except (ClientError, TimeoutError):
            pass
        self.deliveries.append(Delivery(update.id, status, time.monotonic() - begun))
        self.changed()
        return status

    def _target(self, hook: Webhook) -> str:
        parts = urlsplit(hook.url)
        return self.webhook_front + (parts.path or "/") if self.webhook_front else hook.url

    # --- methods

    async def _get_updates(self, args: Args) -> list[Json]:
        if self.webhook:
            raise Refused(409, rules.WEBHOOK_ACTIVE)
        if self.polling():
            if not self.newest_poller_wins:
                raise Refused(409, rules.OTHER_POLLER)
            self._wake(Refused(409, rules.OTHER_POLLER))
        self._allow(args)
        self.updates.confirm(args.get("offset", 0))
        if not self.updates.waiting:
            await self._long_poll(max(0, min(args.get("timeout", 0), 50)))
        return [self._hand_out(update) for update in self.updates.take(args.get("limit", 100))]

    async def _long_poll(self, seconds: int) -> None:
        if not seconds:
            return
        poll = self._poll = asyncio.get_running_loop().create_future()
        self.changed()
        try:
            async with asyncio.timeout(seconds):
                await poll
        except TimeoutError:
            pass
        finally:
            if self._poll is poll:
                self._poll = None
            self.changed()

    def _allow(self, args: Args) -> None:
        """Kinds of updates from now on; an empty list is the default, none at all leaves it as it was."""
        if "allowed_updates" not in args:
            return
        wanted = frozenset(args["allowed_updates"])
        if unknown := wanted - rules.UPDATE_KINDS:
            raise Refused(400, f"unknown kinds of updates {sorted(unknown)}", ours=True)
        self.updates.allowed = wanted or rules.DEFAULT_UPDATE_KINDS

    async def _set_webhook(self, args: Args) -> bool:
        if not args["url"]:
            return await self._delete_webhook({name: args[name] for name in args if name == "drop_pending_updates"})
        secret = args.get("secret_token", "")
        refuse_ours(rules.webhook_error(args["url"], secret))
        self._allow(args)
        self._drop_pending(args)
        self.webhook = Webhook(args["url"], secret)
        self._wake(Refused(409, "terminated by setWebhook request"))
        for update in self.updates.waiting:
            self._spawn(self._push(update, self.webhook))
        return True

    async def _delete_webhook(self, args: Args) -> bool:
        self._drop_pending(args)
        self.webhook = None
        return True

    def _drop_pending(self, args: Args) -> None:
        if args.get("drop_pending_updates"):
            self.complain("drop_pending_updates throws away what people have already answered")
            self.updates.waiting.clear()

    async def _get_webhook_info(self, _: Args) -> Json:
        hook = self.webhook
        about = {"url": hook.url if hook else "", "has_custom_certificate": False}
        if self.updates.allowed != rules.DEFAULT_UPDATE_KINDS:
            about["allowed_updates"] = sorted(self.updates.allowed)
        if hook and hook.last_error:
            about |= {"last_error_message": hook.last_error, "last_error_date": int(time.time())}
        return {**about, "pending_update_count": len(self.updates.waiting)}
