"""A Slack workspace on loopback, as strict as the real one, with people who read, tap and type.

It answers the Web API, hands out Socket Mode sockets or signs HTTP requests for real, and keeps what everybody sees.
Guesses, for want of a published rule: bursts before a rate limit, the length of a rich_text block, the size of
metadata, the error for posting to a deactivated person. What Slack allows but dislikes is in `complaints`.
"""

import asyncio
import copy
import html
import time
from typing import Any, Self

import aiohttp
from aiohttp import web

from . import slack_rules as rules
from .screens import Button, Call, Shown
from .slack_blocks import Json
from .slack_deliveries import Ack, Deliveries
from .slack_workspace import APP_ID, BOT_ID, BOT_USER

RETRIES = 3  # times an event is sent again; really at once, after 1 and after 5 minutes, here at once


class SlackFake(Deliveries):
    """The workspace with its people; use as `async with SlackFake() as slack`."""

    def __init__(
        self,
        team: str = "T1",
        bot_token: str = "xoxb-test",
        app_token: str = "xapp-test",
        signing_secret: str = "a-signing-secret",
    ) -> None:
        super().__init__(team, bot_token, app_token, signing_secret)
        self.echoes = False  # True: the bot's own posts and edits come back as message events, as on Slack
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=4 * 1024 * 1024)
        app.router.add_route("*", "/api/{method}", self._serve)
        app.router.add_get("/link/", self._link)
        app.router.add_post("/answer/{user}", self._response_url)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.port = self._runner.addresses[0][1]
        self._http = aiohttp.ClientSession()
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._runner and self._http
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for socket in self.sockets + self._leaving:
            await socket.close()
        await self._http.close()
        await self._runner.cleanup()

    # What people do

    async def tap(self, user: str, label: str, shown: Shown | None = None) -> Ack:
        """Presses that label on the newest message that has it, or on `shown`, which may be an old copy."""
        if shown is None:
            having = [one for one in self.screen(user) if label in one.labels()]
            assert having, f"{user} sees no button {label!r}.\n{self.describe()}"
            shown = having[-1]
        return await self.press(user, shown, shown.button(label))

    async def press(self, user: str, shown: Shown, button: Button, action_ts: str | None = None) -> Ack:
        """Presses a button, which may be forged, on a message, which may be old or another person's."""
        channel, ts = str(shown.raw["channel"]), shown.ref
        message = self.channels[channel].messages.get(ts) or _as_message(shown)
        about: Json = {
            "container": {"type": "message", "message_ts": ts, "channel_id": channel, "is_ephemeral": False},
            "channel": {"id": channel, "name": "directmessage"},
            "message": message,
            "state": {"values": {}},
            "response_url": self._answer_url(user),
        }
        return await self._act(user, about, shown, button, action_ts)

    async def press_home(self, user: str, label: str) -> Ack:
        """Presses that label in the person's Home tab."""
        assert user in self.homes, f"nothing was published in the Home tab of {user}"
        view, shown = self.homes[user]
        about: Json = {"container": {"type": "view", "view_id": view["id"]}, "view": view}
        return await self._act(user, about, shown, shown.button(label), None)

    async def say(self, user: str, text: str) -> Ack:
        """Writes to the bot in the direct message."""
        channel = self._channel_of(self.persons[user])
        words = {"type": "rich_text_section", "elements": [{"type": "text", "text": text}]}
        message: Json = {"type": "message", "user": user, "ts": self._next_ts(), "text": html.escape(text, quote=False)}
        message |= {"client_msg_id": f"m{next(self._numbers)}", "team": self.team}
        message |= {"blocks": [{"type": "rich_text", "block_id": f"b{next(self._numbers)}", "elements": [words]}]}
        channel.messages[message["ts"]] = message
        return await self.event(message | {"channel": channel.id, "channel_type": "im", "event_ts": message["ts"]})

    async def command(self, user: str, text: str, channel: str | None = None) -> Ack:
        """Types `/homework text` in a channel, by default the direct message; the body is the text shown there."""
        one, place = self.persons[user], channel or self._channel_of(self.persons[user]).id
        payload = {"token": "verification-token", "team_id": one.team, "team_domain": "school", "channel_id": place}
        payload |= {"channel_name": "general" if channel else "directmessage", "user_id": user}
        payload |= {"user_name": one.name.lower(), "command": "/homework", "text": html.escape(text, quote=False)}
        payload |= {"api_app_id": APP_ID, "is_enterprise_install": "false", "response_url": self._answer_url(user)}
        payload |= {"trigger_id": self._trigger(user)}
        ack = await self._deliver("slash_commands", payload, f"/homework {text}")
        return Ack(ack.ok, ack.status, ack.seconds, _words_of(ack.body))

    async def opens_home(self, user: str) -> Ack:
        """Opens the bot's Home tab."""
        channel = self._channel_of(self.persons[user]).id
        view = {"view": self.homes[user][0]} if user in self.homes else {}
        event = {"type": "app_home_opened", "user": user, "channel": channel, "tab": "home", **view}
        return await self.event(event | {"event_ts": self._next_ts()})

    async def event(self, raw: Json, retry_num: int | None = None) -> Ack:
        """Sends an event, or a whole body (as in `deliveries`) as it is; refused events are sent again three times.

        With `retry_num` it is sent once, as that repetition.
        """
        body = raw if raw.get("type") in ("event_callback", "url_verification") else self._callback(raw)
        about = body.get("event", body)
        what = f"event {about['type'] if isinstance(about, dict) else about}"
        reason = "http_timeout" if self.events_url else "timeout"
        if retry_num is not None:
            return await self._deliver("events_api", body, what, (retry_num, reason))
        self.deliveries.append(body)
        ack = await self._deliver("events_api", body, what)
        for number in range(1, RETRIES + 1):
            if ack.ok or body["type"] != "event_callback":
                break
            reason = reason if ack.status is None else "http_error"
            ack = await self._deliver("events_api", body, f"{what}, repetition {number}", (number, reason))
        return ack

    # How Slack puts it

    def _callback(self, event: Json) -> Json:
        bot = {"enterprise_id": None, "team_id": self.team, "user_id": BOT_USER, "is_bot": True}
        return {
            "token": "verification-token",
            "team_id": self.team,
            "api_app_id": APP_ID,
            "event": event,
            "type": "event_callback",
            "event_id": f"Ev{next(self._numbers):09}",
            "event_time": int(self.clock()),
            "authorizations": [bot | {"is_enterprise_install": False}],
            "is_ext_shared_channel": False,
        }

    async def _act(self, user: str, about: Json, shown: Shown, button: Button, action_ts: str | None) -> Ack:
        one = self.persons[user]
        name = one.name.lower().replace(" ", ".")
        payload: Json = {
            "type": "block_actions",
            "user": {"id": user, "username": name, "name": name, "team_id": one.team},
            "api_app_id": APP_ID,
            "token": "verification-token",
            "trigger_id": self._trigger(user),
            "team": {"id": self.team, "domain": "school"},
            "enterprise": None,
            "is_enterprise_install": False,
            **about,
            "actions": [_action(shown, button) | {"action_ts": action_ts or self._next_ts()}],
        }
        return await self._deliver("interactive", payload, f"{user} pressed {button.label!r}")

    def _trigger(self, user: str) -> str:
        trigger = f"{next(self._numbers)}.1.abcdef"
        self._triggers[trigger] = (user, time.monotonic())
        return trigger

    def _answer_url(self, user: str) -> str:
        return f"http://127.0.0.1:{self.port}/answer/{user}"

    async def _response_url(self, request: web.Request) -> web.Response:
        self.calls.append(Call("response_url", await request.json(), time.monotonic()))
        self.complaints.append("response_url was used: it works five times and for 30 minutes, nobody sees it here")
        self.changed()
        return web.Response(text="ok")

    def _after(self, event: Json) -> None:
        if self.echoes:
            self._start(self.event(copy.deepcopy(event)))


def _as_message(shown: Shown) -> Json:
    """A message that is gone from Slack, as the person's client still has it."""
    about = {"type": "message", "user": BOT_USER, "bot_id": BOT_ID, "ts": shown.ref}
    return about | {"text": shown.preview, "blocks": shown.raw.get("blocks", [])}


def _action(shown: Shown, button: Button) -> Json:
    """The pressed button as Slack tells it; forged data takes the ids of the button with that label, or the first."""
    blocks: Any = shown.raw.get("blocks", [])
    parts = [(block, part) for block in blocks for part in rules.interactive(block) if part["type"] == "button"]
    assert parts, f"no buttons on this message:\n{shown.text}"
    same = [(b, p) for b, p in parts if p["text"]["text"] == button.label]
    exact = [(b, p) for b, p in same if p.get("value", "") == button.data]
    block, part = (exact or same or parts)[0]
    text = {"type": "plain_text", "text": button.label, "emoji": part["text"].get("emoji", True)}
    action = {"type": "button", "action_id": part["action_id"], "block_id": block["block_id"], "text": text}
    return action | ({"value": button.data} if button.data else {})


def _words_of(body: Any) -> str:
    """The text that an answer to a slash command shows."""
    if isinstance(body, dict):
        return rules.read_blocks(body.get("blocks", [])) or rules.read_mrkdwn(body.get("text", ""))
    return str(body or "")
