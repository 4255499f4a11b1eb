"""A strict fake of Telegram: its Bot API over loopback, and the people who read, tap and write there."""

import asyncio
import re
import time
from typing import Self

from aiohttp import ClientSession, ClientTimeout, web

from . import telegram_rules as rules
from .screens import Button, Shown
from .telegram_chats import SENT_THINGS, Group, Json, Post, Tap
from .telegram_methods import BotApi
from .telegram_server import nothing_here


class TelegramFake(BotApi):
    """Telegram for one bot: `async with` it, give the program `api_base_url`, then be the people."""

    def __init__(self, token: str = "123456:TEST-token", username: str = "twoticks_test_bot") -> None:
        super().__init__(token, username)
        self.api_base_url = ""

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=60 * 1024 * 1024)
        app.router.add_route("*", "/bot{token}/{method}", self._serve)
        app.router.add_route("*", "/{anything:.*}", nothing_here)
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
        return self._hear(user, {kind: SENT_THINGS[kind]})

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
