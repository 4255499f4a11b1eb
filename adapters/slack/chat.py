"""Slack as a Chat: three verbs over the Web API, listening by Socket Mode or by HTTP (PLATFORMS 2)."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.web.async_client import AsyncWebClient
from starlette.middleware import Middleware
from starlette.routing import Route

from adapters.slack import render
from adapters.slack.arrivals import maybe
from adapters.slack.failures import failure
from adapters.slack.inbox import Inbox, quiet
from adapters.slack.manifest import SCOPES
from adapters.web.guard import slack_guard
from bot.model import Address, Message
from bot.ports import Account, ChatFailure, Ear, LaneDown, Later, Rejected, Sent, Unclear, Unreachable

Json = dict[str, Any]

LIMIT = aiohttp.ClientTimeout(total=15, connect=5)  # the client's own timeout is ignored with a shared session
HEARD = 20.0  # seconds of school time between two reports that all is heard; at least one of real time
AWAY = 3.0  # seconds without a connection until we make our own instead of slack-sdk's
CONNECTING = 15.0  # seconds; slack-sdk itself would try the same used-up address for ever
PING = 5.0
TICK = 0.5
MOST_BACKOFF = 30.0
TO_CONNECT = "Basic Information, App-Level Tokens: make one with connections:write; and switch Socket Mode on"

log = logging.getLogger(__name__)


class SlackChat:
    """One Slack workspace. The program sets `lane` between `connect` and `listen`."""

    def __init__(
        self,
        *,
        bot_token: str,
        app_token: str,
        signing_secret: str,
        mode: str,
        api_base_url: str,
        slash_reply: str = "I have written to you directly.",
    ) -> None:
        """`mode`: "socket" (needs the app token) or "http" (needs the signing secret)."""
        self.lane = 0
        self._bot_token, self._app_token = bot_token, app_token
        self._signing_secret, self._mode, self._base = signing_secret, mode, api_base_url
        self._me = AuthorizeResult(enterprise_id=None, team_id=None)
        self._client: AsyncWebClient | None = None
        self._real_time = False  # Slack's times can be compared with the core's
        self._inbox = Inbox(
            signing_secret if mode == "http" else "", api_base_url, slash_reply, self._reply, self._publish
        )

    # --- the verbs ---

    async def connect(self) -> str:
        """Asks once who we are; the team id. Raises LaneDown, Later or Unclear."""
        data = await self._ask(self._web.auth_test)
        if not (maybe(data, "team_id") and maybe(data, "user_id")):
            raise Unclear("Slack did not say which workspace this is")
        self._me = AuthorizeResult(
            enterprise_id=data.get("enterprise_id"),
            team_id=data["team_id"],
            bot_user_id=data["user_id"],
            bot_id=data.get("bot_id"),
        )
        return str(data["team_id"])

    async def send(self, address: Address, message: Message, key: str, again: datetime | None) -> Sent:
        """Posts to the direct message, or to the person where none is known. `again`: looks for a first copy first."""
        if again is not None and (ref := await self._first_copy(address, key, again)):
            return Sent(ref)
        data = await self._ask(
            self._web.chat_postMessage,
            channel=address.chat or address.user,
            metadata={"event_type": "twoticks_card", "event_payload": {"k": key}},
            **_shown(message),
            **_plainly,
        )
        channel, ts = maybe(data, "channel"), maybe(data, "ts")
        if not (channel and ts):
            raise Unclear("Slack did not say where the message stands")
        return Sent(f"{channel}:{ts}")

    async def edit(self, address: Address, ref: str, message: Message) -> None:
        """Redraws a message of ours where it stands."""
        channel, _, ts = ref.partition(":")
        if not ts:
            raise Rejected(f"{ref!r} is no Slack message")
        await self._ask(self._web.chat_update, channel=channel, ts=ts, **_shown(message))

    async def find(self, email: str) -> str | None:
        """The user id of the workspace's own active member with that address, or None."""
        try:
            data = await self._ask(self._web.users_lookupByEmail, email=email)
        except Unreachable:
            return None
        user = data.get("user")
        if not isinstance(user, dict) or user.get("deleted") or user.get("is_bot"):
            return None
        return maybe(user, "id") or None if maybe(user, "team_id") == self._me.team_id else None

    async def examine(self) -> list[tuple[str, str]]:
        """For `doctor`: (green, yellow or red; text) of each thing found. Opens no socket. Raises as `connect` does."""
        try:
            answer = await self._web.auth_test()
        except Exception as error:
            raise failure(error) from error
        who = f"the app is {maybe(answer.data, 'user')} in the workspace {maybe(answer.data, 'team')}"
        found = [("green", who), _permissions(answer.headers)]
        return found if self._mode == "http" else [*found, await self._may_connect()]

    async def _may_connect(self) -> tuple[str, str]:
        try:
            await self._ask(self._web.apps_connections_open, app_token=self._app_token)
        except LaneDown as trouble:
            return "red", f"the app token opens no socket: {trouble}. {TO_CONNECT}"
        except ChatFailure as trouble:
            return "yellow", f"whether the app token opens a socket cannot be told now: {trouble}"
        return "green", "the app token opens a socket"

    async def close(self) -> None:
        """Ends all connections of the Web API."""
        if self._client and self._client.session:
            await self._client.session.close()
        self._client = None

    # --- the Web API ---

    @property
    def _web(self) -> AsyncWebClient:
        """Made at its first use, because a session belongs to a running loop."""
        if self._client is None:
            self._client = AsyncWebClient(
                self._bot_token,
                base_url=self._base,
                timeout=int(LIMIT.total or 0),
                session=aiohttp.ClientSession(timeout=LIMIT),
                retry_handlers=[],  # they would post twice when only the answer was lost
                logger=quiet("slack_sdk"),
            )
            if _is_loopback(self._base):
                self._client.proxy = None
        return self._client

    async def _ask(self, call: Callable[..., Awaitable[Any]], **args: Any) -> Json:
        """One call. Raises only the failures of the core."""
        try:
            data = (await call(**args)).data
        except Exception as error:
            raise failure(error) from error
        if not isinstance(data, dict):
            raise Unclear("Slack's answer could not be read")
        return data

    async def _first_copy(self, address: Address, key: str, again: datetime) -> str:
        """Where a message with this key already stands, or ""; no idempotency key exists, so the history is asked."""
        channel = address.chat
        if not channel:
            opened = await self._ask(self._web.conversations_open, users=address.user)
            if not (channel := maybe(opened, "channel", "id")):
                raise Unclear("Slack did not name the direct message")
        since = {"oldest": f"{(again - timedelta(seconds=5)).timestamp():.6f}"} if self._real_time else {}
        data = await self._ask(
            self._web.conversations_history, channel=channel, limit=15, include_all_metadata=True, **since
        )
        found = (m for m in data.get("messages", []) if maybe(m, "metadata", "event_payload", "k") == key)
        return next((f"{channel}:{maybe(m, 'ts')}" for m in found), "")

    async def _reply(self, account: Account, message: Message) -> None:
        """A message kept nowhere, for somebody without a card."""
        channel = account.chat or account.user
        await self._ask(self._web.chat_postMessage, channel=channel, **_shown(message), **_plainly)

    async def _publish(self, user: str, messages: Sequence[Message]) -> None:
        await self._ask(self._web.views_publish, user_id=user, view=render.home(messages))

    # --- listening ---

    @property
    def routes(self) -> list[Route]:
        """POST /slack/events behind the guard, for the web server; nothing in Socket Mode."""
        if self._mode != "http":
            return []
        guard = Middleware(slack_guard, signing_secret=self._signing_secret, now=time.time)
        return [Route("/slack/events", self._inbox.http, methods=["POST"], middleware=[guard])]

    async def listen(self, ear: Ear) -> None:
        """Hears the workspace until cancelled; LaneDown when the app is removed or its tokens are refused."""
        self._real_time = ear.rate == 1.0
        self._inbox.open(ear, self.lane, self._me)
        worker = asyncio.create_task(self._inbox.work())
        try:
            await (self._report(_always) if self._mode == "http" else self._stay_connected())
        finally:
            await self._inbox.drain()
            worker.cancel()
            await asyncio.wait([worker])

    async def _stay_connected(self) -> None:
        """One socket after the other, with growing pauses while Slack is away."""
        pause = 0.0
        while True:
            try:
                await self._one_socket()
                pause = 0.0
            except LaneDown:
                raise
            except (ChatFailure, TimeoutError) as trouble:
                pause = min(MOST_BACKOFF, 2 * pause + 1)
                pause = max(pause, trouble.seconds if isinstance(trouble, Later) else 0.0)
                log.warning("Slack's socket is away, next try in %.0f s: %s", pause, trouble or "no connection in time")
            await self._pause(pause)

    async def _one_socket(self) -> None:
        """Connects, and returns when the connection has been away for AWAY seconds."""
        opened = await self._ask(self._web.apps_connections_open, app_token=self._app_token)
        handler = AsyncSocketModeHandler(self._inbox.bolt, self._app_token, web_client=self._web, ping_interval=PING)
        client = handler.client
        client.socket_mode_request_listeners = [self._inbox.envelope]
        client.wss_uri, client.proxy = maybe(opened, "url"), self._web.proxy
        try:
            async with asyncio.timeout(CONNECTING):
                await handler.connect_async()  # type: ignore[no-untyped-call]
            await self._report(client.is_connected)
        finally:
            await self._inbox.drain()
            await handler.close_async()  # type: ignore[no-untyped-call]

    async def _report(self, connected: Callable[[], Awaitable[bool]]) -> None:
        """Tells the core at once, then every HEARD seconds, that all is heard, until the connection stays away."""
        clock = asyncio.get_running_loop().time
        seen, due = clock(), 0.0
        while clock() - seen < AWAY:
            if await connected():
                seen = clock()
                if seen >= due:
                    due = seen + max(1.0, HEARD / self._inbox.ear.rate)
                    await self._tell_heard()
            await self._pause(TICK)

    async def _tell_heard(self) -> None:
        try:
            await self._inbox.ear.heard(self.lane, self._inbox.heard_until())
        except Exception as error:
            log.warning("could not note until when Slack was heard: %s", type(error).__name__)

    async def _pause(self, seconds: float) -> None:
        """Waits, or raises LaneDown as soon as the app was removed."""
        try:
            async with asyncio.timeout(seconds):
                await self._inbox.removed.wait()
        except TimeoutError:
            return
        raise LaneDown("the app was removed from this Slack workspace; install it again and give its new token")


_plainly: Json = {"unfurl_links": False, "unfurl_media": False, "link_names": False}


def _shown(message: Message) -> Json:
    return {"text": render.text(message), "blocks": render.blocks(message)}


def _permissions(headers: Mapping[str, str]) -> tuple[str, str]:
    """Slack names the granted scopes in a header of every answer."""
    named = next((value for name, value in headers.items() if name.lower() == "x-oauth-scopes"), "")
    granted = {scope.strip() for scope in named.split(",")}
    if missing := [scope for scope in SCOPES if scope not in granted]:
        return "red", f"the app lacks {', '.join(missing)}. Add them under OAuth & Permissions and install it again"
    return "green", f"the app has all {len(SCOPES)} permissions it needs"


async def _always() -> bool:
    return True


def _is_loopback(url: str) -> bool:
    """Whether it is this machine, which no proxy of the environment can reach."""
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
