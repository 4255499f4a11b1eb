"""A strict fake of Telegram: its Bot API over loopback, and the people who read, tap and write there."""

import asyncio
import json
import random
import re
import time
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from math import ceil
from typing import Any, Self, TypeVar
from urllib.parse import urlsplit

from aiohttp import ClientError, ClientSession, ClientTimeout, web

from . import telegram_rules as rules
from .screens import PATIENCE, Button, Call, Fault, Screens, Shown

Json = dict[str, Any]
Args = dict[str, Any]
T = TypeVar("T")

_STICKY = ("chat_id", "disable_notification", "protect_content", "photo")  # what an edit leaves as it was sent
_RATED = ("sendMessage", "sendPhoto", "editMessageText", "editMessageReplyMarkup")
_PREFIXES = {400: "Bad Request: ", 403: "Forbidden: ", 409: "Conflict: "}
_OWN_ERRORS = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden: bot was blocked by the user",
    404: "Not Found",
    409: f"Conflict: {rules.OTHER_POLLER}",
    500: "Internal Server Error",
}
_SENT_THINGS: dict[str, Any] = {
    "photo": [{"file_id": "photo-1", "file_unique_id": "p1", "width": 90, "height": 90}],
    "voice": {"file_id": "voice-1", "file_unique_id": "v1", "duration": 3, "mime_type": "audio/ogg"},
    "document": {"file_id": "document-1", "file_unique_id": "d1", "file_name": "homework.pdf"},
    "contact": {"phone_number": "+15550100", "first_name": "Somebody"},
    "location": {"latitude": 40.4168, "longitude": -3.7038},
}


class Refused(Exception):
    """Telegram says no: its HTTP status and its text; `ours` says that the program did what it never should."""

    def __init__(self, code: int, text: str, ours: bool = False, retry_after: int | None = None) -> None:
        super().__init__(text)
        self.code = code
        self.description = _PREFIXES.get(code, "") + text
        self.ours = ours
        self.retry_after = retry_after


@dataclass(slots=True)
class Person:
    """One person with Telegram; `started` once they wrote to the bot, for it cannot write first."""

    key: str
    name: str
    language: str | None
    started: bool = False
    blocked: bool = False
    deactivated: bool = False

    def names(self) -> Json:
        first, _, last = self.name.partition(" ")
        return {"first_name": first, "last_name": last} if last else {"first_name": first}

    def user(self) -> Json:
        spoken = {"language_code": self.language} if self.language else {}
        return {"id": int(self.key), "is_bot": False, **self.names(), **spoken}

    def chat(self) -> Json:
        return {"id": int(self.key), "type": "private", **self.names()}


@dataclass(slots=True)
class Group:
    """A chat with more than one person in it; `member` while the bot is inside."""

    id: int
    title: str
    member: bool = True

    def chat(self) -> Json:
        return {"id": self.id, "type": "supergroup", "title": self.title}


@dataclass(slots=True)
class Post:
    """One message in a chat, by a person (`shown` is None) or by the bot."""

    id: int
    chat: int
    date: int  # Unix seconds
    shown: Shown | None = None
    gone: bool = False
    edited: int | None = None


@dataclass(slots=True)
class Tap:
    """One press of a button, waiting for the program's answer."""

    id: str  # callback_query.id
    user: str
    data: str
    update_id: int
    at: float  # time.monotonic()
    screens: Screens = field(repr=False)
    toast: str | None = None  # None = not answered yet
    alert: bool = False
    took: float | None = None  # seconds from the press to the answer
    tried: bool = False  # the program called answerCallbackQuery, even if a fault or its age made it fail

    async def answered(self, patience: float = PATIENCE) -> str:
        """Waits for the answer and gives its text, "" for an answer that says nothing."""
        await self.screens.until(
            lambda: self.toast is not None, f"an answer to {self.user}'s tap {self.data!r}", patience
        )
        return self.toast or ""


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


@dataclass(slots=True)
class Bucket:
    """A rate with a small burst."""

    size: float
    per_second: float
    level: float
    at: float

    def wait(self, now: float) -> float:
        """Seconds until there is room for one more, 0 when there is."""
        self.level = min(self.size, self.level + (now - self.at) * self.per_second)
        self.at = now
        return max(0.0, (1 - self.level) / self.per_second)


class TelegramFake(Screens):
    """Telegram for one bot: `async with` it, give the program `api_base_url`, then be the people."""

    def __init__(self, token: str = "123456:TEST-token", username: str = "twoticks_test_bot") -> None:
        super().__init__()
        self.token = token  # change it and the old one is revoked
        self.bot: Json = {
            "id": int(token.split(":")[0]),
            "is_bot": True,
            "first_name": "Twoticks",
            "username": username,
        }
        self.api_base_url = ""
        self.enforce_rates = False
        self.newest_poller_wins = False  # True = as Telegram's server does: the poll that waits gets the 409
        self.answer_within = 10.0  # seconds from the delivery of a tap until its silence is a complaint
        self.query_lives = 30.0  # seconds a tap can be answered at all [guess]
        self.webhook: Webhook | None = None
        self.webhook_front = ""  # where a https webhook really listens, such as "http://127.0.0.1:8080"
        self.deliveries: list[Delivery] = []
        self.taps: list[Tap] = []
        self.commands: dict[tuple[str, str], list[Json]] = {}  # (scope as JSON, language) -> commands
        self.descriptions: dict[str, str] = {}  # by language
        self.short_descriptions: dict[str, str] = {}
        self.reactions: dict[int, str] = {}  # the bot's own, by message id
        self.updates = Updates()
        self._persons: dict[str, Person] = {}
        self._groups: dict[int, Group] = {}
        self._posts: dict[int, Post] = {}
        self._tap_ids: dict[str, Tap] = {}
        self._tap_updates: dict[int, Tap] = {}
        self._poll: asyncio.Future[None] | None = None
        self._work: set[asyncio.Task[Any]] = set()
        self._timers: list[asyncio.TimerHandle] = []
        self._lanes: dict[str, asyncio.Lock] = {}
        self._buckets: dict[int, Bucket] = {}
        self._methods: dict[str, Callable[[Args], Awaitable[Any]]] = {
            "getMe": self._get_me,
            "getUpdates": self._get_updates,
            "sendMessage": self._send_message,
            "sendPhoto": self._send_photo,
            "editMessageText": self._edit_text,
            "editMessageReplyMarkup": self._edit_markup,
            "answerCallbackQuery": self._answer_tap,
            "setMyCommands": self._set_commands,
            "getMyCommands": self._get_commands,
            "setMyDescription": self._set_description,
            "getMyDescription": self._get_description,
            "setMyShortDescription": self._set_short_description,
            "getMyShortDescription": self._get_short_description,
            "setWebhook": self._set_webhook,
            "deleteWebhook": self._delete_webhook,
            "getWebhookInfo": self._get_webhook_info,
            "leaveChat": self._leave_chat,
            "setMessageReaction": self._set_reaction,
        }

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=60 * 1024 * 1024)
        app.router.add_route("*", "/bot{token}/{method}", self._serve)
        app.router.add_route("*", "/{anything:.*}", _nothing_here)
        self._runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=0.5)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.api_base_url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/bot"
        self._client = ClientSession(timeout=ClientTimeout(total=10))
        return self

    async def __aexit__(self, *_: object) -> None:
        self.webhook = None
        self._wake()
        for timer in self._timers:
            timer.cancel()
        for task in self._work:
            task.cancel()
        await asyncio.gather(*self._work, return_exceptions=True)
        await self._client.close()
        await self._runner.cleanup()

    # --- people

    def person(self, user: str, name: str = "Somebody", language: str | None = None) -> str:
        """Somebody who has Telegram but never wrote to the bot; the key is their numeric id as text."""
        self._persons[user] = Person(user, name, language)
        self.screen(user)
        return user

    def polling(self) -> bool:
        """Whether somebody waits in a long poll right now."""
        return self._poll is not None and not self._poll.done()

    async def polled(self, patience: float = PATIENCE) -> None:
        """Waits until the program long-polls with everything that was said so far confirmed."""
        await self.until(lambda: self.polling() and not self.updates.waiting, "a long poll with nothing left", patience)

    async def tap(self, user: str, label: str, shown: Shown | None = None) -> Tap:
        """Presses the label on the newest message that has it, or on `shown`, which may be an old copy."""
        if shown is None:
            await self.until(lambda: self._newest(user, label) is not None, f"{user}: a button {label!r}")
            shown = self._newest(user, label)
        assert shown is not None
        return await self.press(user, shown, shown.button(label))

    async def press(self, user: str, shown: Shown, button: Button) -> Tap:
        """Presses any button on any message: forged data, somebody else's message, one that is gone."""
        assert button.data, f"{button.label!r} opens a link; the program never hears of it"
        assert not self._person(user).deactivated, f"{user} is deactivated and cannot tap"
        post = self._posts[int(shown.ref)]
        gone = {"chat": self._chat_json(post.chat), "message_id": post.id, "date": 0}
        query: Json = {
            "id": str(4_000_000_000_000_000_001 + len(self.taps)),
            "from": self._person(user).user(),
            "message": gone if post.gone else self._post_json(post),
            "chat_instance": str(post.chat),
            "data": button.data,
        }
        tap = Tap(query["id"], user, button.data, self.updates.next_id, time.monotonic(), self)
        self.taps.append(tap)
        self._tap_ids[tap.id] = self._tap_updates[tap.update_id] = tap
        self.update({"callback_query": query})
        return tap

    async def say(self, user: str, text: str, group: int | None = None) -> int:
        """Writes to the bot, or in a group it is in; returns the message id."""
        command = re.match(r"/\w{1,32}(@\w+)?", text)
        entity = {"type": "bot_command", "offset": 0, "length": rules.utf16(command[0])} if command else None
        return self._hear(user, {"text": text} | ({"entities": [entity]} if entity else {}), group)

    async def start(self, user: str, code: str = "") -> int:
        """Presses Start, as behind a link with a code; unblocks the bot first, as Telegram's button does."""
        if self._person(user).blocked:
            self.unblock(user)
        if error := rules.start_code_error(code):
            self.complain(error)
            code = ""
        return await self.say(user, f"/start {code}".strip())

    async def sends(self, user: str, kind: str) -> int:
        """Sends something that is not text: photo, voice, document, contact or location."""
        return self._hear(user, {kind: _SENT_THINGS[kind]})

    async def edits(self, user: str, message_id: int, text: str) -> None:
        """Changes a message the person wrote before."""
        post = self._posts[message_id]
        post.edited = int(time.time())
        self.update({"edited_message": self._heard(user, post, {"text": text, "edit_date": post.edited})})

    def block(self, user: str) -> None:
        self._person(user).blocked = True
        self._membership(user, "member", "kicked")

    def unblock(self, user: str) -> None:
        self._person(user).blocked = False
        self._membership(user, "kicked", "member")

    def deactivate(self, user: str) -> None:
        """The account is gone: Telegram tells the bot nothing until it writes."""
        self._person(user).deactivated = True

    def delete(self, shown: Shown) -> None:
        """The person deleted this message on both sides; their screen no longer has it."""
        post = self._posts[int(shown.ref)]
        post.gone = True
        screen = self.screen(str(post.chat))
        screen[:] = [other for other in screen if other.ref != shown.ref]
        self.changed()

    def add_to_group(self, user: str, title: str = "Class chat", chat_id: int = -1_002_000_000_001) -> int:
        """Somebody puts the bot into a group; returns its chat id for `say(user, text, group=…)`."""
        self._groups[chat_id] = Group(chat_id, title)
        self._membership(user, "left", "member", chat_id)
        return chat_id

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

    def complain(self, text: str) -> None:
        self.complaints.append(text)
        self.changed()

    def _person(self, user: str) -> Person:
        assert user in self._persons, f"nobody is called {user!r}; call telegram.person({user!r}) first"
        return self._persons[user]

    def _newest(self, user: str, label: str) -> Shown | None:
        return next((shown for shown in reversed(self.screen(user)) if label in shown.labels()), None)

    def _hear(self, user: str, content: Json, group: int | None = None) -> int:
        person = self._person(user)
        assert not person.deactivated, f"{user} is deactivated and cannot write"
        assert group or not person.blocked, f"{user} blocked the bot and cannot write to it; unblock first"
        person.started = person.started or group is None
        post = self._new_post(group or int(user))
        self.update({"message": self._heard(user, post, content)})
        return post.id

    def _heard(self, user: str, post: Post, content: Json) -> Json:
        sender, chat = self._person(user).user(), self._chat_json(post.chat)
        return {"message_id": post.id, "from": sender, "chat": chat, "date": post.date, **content}

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

    def _new_post(self, chat: int, shown: Shown | None = None) -> Post:
        post = Post(len(self._posts) + 1, chat, int(time.time()), shown)
        self._posts[post.id] = post
        return post

    def _chat_json(self, chat: int) -> Json:
        group = self._groups.get(chat)
        return group.chat() if group else self._persons[str(chat)].chat()

    def _post_json(self, post: Post) -> Json:
        """The bot's own message as the Bot API gives it back."""
        assert post.shown is not None
        raw, photo = post.shown.raw, "photo" in post.shown.raw
        about = {"message_id": post.id, "from": self.bot, "chat": self._chat_json(post.chat), "date": post.date}
        optional = {
            "caption" if photo else "text": post.shown.text,
            "caption_entities" if photo else "entities": raw.get("caption_entities" if photo else "entities"),
            "photo": _SENT_THINGS["photo"] if photo else None,
            "reply_markup": {"inline_keyboard": _rows(raw)} if _rows(raw) else None,
            "edit_date": post.edited,
            "has_protected_content": raw.get("protect_content") or None,
        }
        return about | {name: value for name, value in optional.items() if value not in (None, [])}

    # --- handing out updates

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

    # --- the Bot API over HTTP

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        if request.match_info["token"] != self.token:
            return _error(401, "Unauthorized")
        written = request.match_info["method"]
        method = rules.method_name(written)
        if method is None:
            self.complain(f"{written}: Telegram has no such method, or this fake does not know it")
            return _error(404, "Not Found")
        raw = await _raw_args(request)
        args, error = rules.read_args(method, raw)
        self.calls.append(Call(method, args, time.monotonic()))
        self.changed()
        work = self._spawn(self._answer(method, args, error, request))
        if method == "getUpdates":  # a poller that hangs up no longer polls; any other call is done once it arrived
            return await work
        return await asyncio.shield(work)

    async def _answer(self, method: str, args: Args, error: str | None, request: web.Request) -> web.Response:
        """What was asked and the fault a test ordered, in the fault's order."""
        fault = self.take_fault(method) or Fault(method)
        if method == "answerCallbackQuery" and (tap := self._tap_ids.get(str(args.get("callback_query_id")))):
            tap.tried = True
        if not fault.after:
            await asyncio.sleep(fault.delay)
            return _spoiled(fault, request) or await self._do(method, args, error)
        response = await self._do(method, args, error)
        await asyncio.sleep(fault.delay)
        return _spoiled(fault, request) or response

    async def _do(self, method: str, args: Args, error: str | None) -> web.Response:
        try:
            if error:
                raise Refused(400, error, ours=True)
            self._enforce_rate(method, args)
            return web.json_response({"ok": True, "result": await self._methods[method](args)})
        except Refused as refused:
            if refused.ours:
                self.complain(f"{method}: {refused.description}")
            return _error(refused.code, refused.description, refused.retry_after)
        except Exception as mistake:
            self.complain(f"{method}: the fake itself failed with {mistake!r}")
            raise

    def _enforce_rate(self, method: str, args: Args) -> None:
        """One message a second a chat with a burst of 3, 30 a second for all, if the test wants it. [guess: bursts]"""
        if not self.enforce_rates or method not in _RATED or not isinstance(args.get("chat_id"), int):
            return
        now = time.monotonic()
        every = self._buckets.setdefault(0, Bucket(30, 30, 30, now))
        chat = self._buckets.setdefault(args["chat_id"], Bucket(3, 1, 3, now))
        wait = max(every.wait(now), chat.wait(now))
        if wait:
            seconds = ceil(wait)
            raise Refused(429, f"Too Many Requests: retry after {seconds}", retry_after=seconds)
        every.level -= 1
        chat.level -= 1

    # --- methods: updates

    async def _get_me(self, _: Args) -> Json:
        return {
            **self.bot,
            "can_join_groups": True,
            "can_read_all_group_messages": False,
            "supports_inline_queries": False,
        }

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
        _refuse_ours(rules.webhook_error(args["url"], secret))
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

    # --- methods: messages

    def _writable(self, args: Args) -> int:
        """The chat id, if the bot may write there."""
        chat = args["chat_id"]
        person, group = self._persons.get(str(chat)), self._groups.get(chat)
        if person is None and group is None:
            raise Refused(400, "chat not found")
        if group and not group.member:
            raise Refused(403, "bot is not a member of the supergroup chat")
        if person and person.deactivated:
            raise Refused(403, "user is deactivated")
        if person and person.blocked:
            raise Refused(403, "bot was blocked by the user")
        if person and not person.started:
            raise Refused(403, "bot can't initiate conversation with a user")
        return int(chat)

    async def _send_message(self, args: Args) -> Json:
        self._check_text(args)
        return self._show(args, args["text"].strip())

    async def _send_photo(self, args: Args) -> Json:
        caption = args.get("caption", "")
        _refuse_ours(rules.photo_error(args["photo"]) or rules.caption_error(caption))
        _refuse_ours(rules.entities_error(caption, args.get("caption_entities", [])))
        self._check_parse_mode(args)
        return self._show(args, caption.strip())

    def _check_text(self, args: Args) -> None:
        _refuse_ours(rules.text_error(args["text"]) or rules.entities_error(args["text"], args.get("entities", [])))
        self._check_parse_mode(args)

    def _check_parse_mode(self, args: Args) -> None:
        mode = args.get("parse_mode")
        if mode is None:
            return
        if mode.lower() not in ("html", "markdown", "markdownv2"):
            raise Refused(400, "unsupported parse_mode", ours=True)
        self.complain(f"parse_mode {mode}: we send literal text with entities")

    def _show(self, args: Args, text: str) -> Json:
        """Puts a new message on the screen of its chat."""
        _refuse_ours(rules.keyboard_error(_rows(args)))
        chat = self._writable(args)
        self._check_reply(chat, args.get("reply_parameters"))
        rang = not args.get("disable_notification", False)
        shown = Shown("", text, text[:100], _buttons(args), rang, time.monotonic(), raw=dict(args))
        post = self._new_post(chat, shown)
        shown.ref = str(post.id)
        self.screen(str(chat)).append(shown)
        self.changed()
        return self._post_json(post)

    def _check_reply(self, chat: int, reply: Json | None) -> None:
        if reply and not reply.get("allow_sending_without_reply"):
            self._existing(chat, reply["message_id"], "message to be replied not found")

    def _existing(self, chat: int, number: int, otherwise: str) -> Post:
        post = self._posts.get(number)
        if post is None or post.gone or post.chat != chat:
            raise Refused(400, otherwise)
        return post

    def _editable(self, args: Args) -> tuple[Post, Shown]:
        """The message to edit; only the bot's own, and never one with a reply keyboard or a forced reply."""
        if "chat_id" not in args or "message_id" not in args:
            raise Refused(400, "message identifier is not specified", ours=True)
        post = self._existing(self._writable(args), args["message_id"], "message to edit not found")
        if post.shown is None or ("reply_markup" in post.shown.raw and not _is_inline(post.shown.raw)):
            raise Refused(400, "message can't be edited")
        return post, post.shown

    async def _edit_text(self, args: Args) -> Json:
        self._check_text(args)
        _refuse_ours(rules.keyboard_error(_rows(args)))
        post, shown = self._editable(args)
        if "photo" in shown.raw:
            raise Refused(400, "there is no text in the message to edit")
        kept = {name: shown.raw[name] for name in _STICKY if name in shown.raw}
        return self._redraw(post, shown, args["text"].strip(), kept | args)

    async def _edit_markup(self, args: Args) -> Json:
        _refuse_ours(rules.keyboard_error(_rows(args)))
        post, shown = self._editable(args)
        kept = {name: value for name, value in shown.raw.items() if name != "reply_markup"}
        return self._redraw(post, shown, shown.text, kept | args)

    def _redraw(self, post: Post, shown: Shown, text: str, raw: Args) -> Json:
        """Changes a message where it stands, silently; refused if nothing would change."""
        if (text, _spans(raw), _rows(raw)) == (shown.text, _spans(shown.raw), _rows(shown.raw)):
            raise Refused(400, rules.NOT_MODIFIED)
        shown.history = [*shown.history, shown.text]
        shown.text, shown.preview, shown.buttons, shown.raw = text, text[:100], _buttons(raw), raw
        shown.edits += 1
        post.edited = int(time.time())
        self.changed()
        return self._post_json(post)

    async def _answer_tap(self, args: Args) -> bool:
        text = args.get("text", "")
        _refuse_ours(rules.toast_error(text))
        tap = self._tap_ids.get(args["callback_query_id"])
        if tap is None or time.monotonic() - tap.at > self.query_lives:
            raise Refused(400, rules.QUERY_TOO_OLD)
        if tap.toast is None:
            tap.toast, tap.alert = text, args.get("show_alert", False)
            tap.took = time.monotonic() - tap.at
            self.changed()
        return True

    async def _set_reaction(self, args: Args) -> bool:
        reaction = args.get("reaction", [])
        _refuse_ours(rules.reaction_error(reaction))
        post = self._existing(self._writable(args), args["message_id"], "message to react not found")
        self.reactions.pop(post.id, None)
        if reaction:
            self.reactions[post.id] = reaction[0]["emoji"]
        self.changed()
        return True

    async def _leave_chat(self, args: Args) -> bool:
        chat = self._writable(args)
        if chat not in self._groups:
            raise Refused(400, "chat member status can't be changed in private chats", ours=True)
        self._groups[chat].member = False
        self._membership("", "member", "left", chat, by_bot=True)
        return True

    # --- methods: the bot's menu and words

    def _audience(self, args: Args) -> tuple[str, str]:
        scope = args.get("scope", {"type": "default"})
        _refuse_ours(rules.scope_error(scope) or rules.language_error(args.get("language_code", "")))
        return json.dumps(scope, sort_keys=True), args.get("language_code", "")

    async def _set_commands(self, args: Args) -> bool:
        audience = self._audience(args)
        _refuse_ours(rules.commands_error(args["commands"]))
        self.commands[audience] = [{**one, "command": one["command"].removeprefix("/")} for one in args["commands"]]
        return True

    async def _get_commands(self, args: Args) -> list[Json]:
        return self.commands.get(self._audience(args), [])

    async def _set_description(self, args: Args) -> bool:
        text = args.get("description", "")
        _refuse_ours(rules.description_error(text))
        self.descriptions[self._audience(args)[1]] = text
        return True

    async def _get_description(self, args: Args) -> Json:
        return {"description": self.descriptions.get(self._audience(args)[1], "")}

    async def _set_short_description(self, args: Args) -> bool:
        text = args.get("short_description", "")
        _refuse_ours(rules.short_description_error(text))
        self.short_descriptions[self._audience(args)[1]] = text
        return True

    async def _get_short_description(self, args: Args) -> Json:
        return {"short_description": self.short_descriptions.get(self._audience(args)[1], "")}


def _refuse_ours(error: str | None) -> None:
    """Raises what a rule says: the program asked for something Telegram does not take."""
    if error:
        raise Refused(400, error, ours=True)


def _is_inline(raw: Args) -> bool:
    return "inline_keyboard" in (raw.get("reply_markup") or {})


def _rows(raw: Args) -> list[list[Json]]:
    """Rows of inline buttons without the empty ones, which Telegram drops."""
    return [row for row in raw["reply_markup"]["inline_keyboard"] if row] if _is_inline(raw) else []


def _buttons(raw: Args) -> list[list[Button]]:
    return [[Button(one["text"], one.get("callback_data", "")) for one in row] for row in _rows(raw)]


def _spans(raw: Args) -> list[str]:
    """Entities in a form that compares, whatever order they came in."""
    return sorted(json.dumps(one, sort_keys=True) for one in raw.get("entities", []))


async def _raw_args(request: web.Request) -> dict[str, object]:
    """Arguments from the query and from a body of any kind Telegram reads; files as bytes."""
    raw: dict[str, object] = dict(request.query)
    if request.content_type == "application/json":
        body = await request.json()
        return raw | (body if isinstance(body, dict) else {})
    for name, value in (await request.post()).items():
        raw[name] = value.file.read() if isinstance(value, web.FileField) else value
    return raw


async def _nothing_here(_: web.Request) -> web.Response:
    return _error(404, "Not Found")


def _error(code: int, description: str, retry_after: int | None = None) -> web.Response:
    body: Json = {"ok": False, "error_code": code, "description": description}
    if retry_after is not None:
        body["parameters"] = {"retry_after": retry_after}
    return web.json_response(body, status=code)


def _spoiled(fault: Fault, request: web.Request) -> web.Response | None:
    """The wrong answer a fault orders, or None when it only takes time."""
    if fault.drop:
        if request.transport is not None:
            request.transport.abort()
        return web.Response()
    if fault.body is not None:
        kind = "application/json" if fault.body[:1] in ("{", "[", "n") else "text/html"
        return web.Response(status=fault.status, text=fault.body, content_type=kind, headers=fault.headers)
    return None if fault.status == 200 else _own_error(fault)


def _own_error(fault: Fault) -> web.Response:
    """Telegram's own body for this status; a gateway's page for 502 to 504."""
    if fault.status == 429:
        seconds = int(fault.headers.get("Retry-After", "1"))
        response = _error(429, f"Too Many Requests: retry after {seconds}", seconds)
    elif fault.status in (502, 503, 504):
        page = f"<html><head><title>{fault.status}</title></head><body>nginx</body></html>"
        response = web.Response(status=fault.status, text=page, content_type="text/html")
    else:
        response = _error(fault.status, _OWN_ERRORS.get(fault.status, "Unknown"))
    response.headers.update(fault.headers)
    return response
