"""One Slack app: what it hears, over a socket of its own or by HTTP, for every workspace it is installed in."""

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_sdk.web.async_client import AsyncWebClient
from starlette.middleware import Middleware
from starlette.routing import Route

from adapters.slack.arrivals import maybe
from adapters.slack.failures import failure
from adapters.slack.inbox import Inbox, quiet
from adapters.web.guard import slack_guard
from bot.ports import ChatFailure, LaneDown, Later, Unclear

Json = dict[str, Any]

LIMIT = aiohttp.ClientTimeout(total=15, connect=5)  # the client's own timeout is ignored with a shared session
HEARD = 20.0  # seconds of school time between two reports that all is heard; at least one of real time
AWAY = 3.0  # seconds without a connection until we make our own instead of slack-sdk's
CONNECTING = 15.0  # seconds; slack-sdk itself would try the same used-up address for ever
PING = 5.0
TICK = 0.5
MOST_BACKOFF = 30.0

log = logging.getLogger(__name__)


class SlackApp:
    """`mode`: "socket" (needs the app token) or "http" (needs the signing secret)."""

    def __init__(self, app_token: str, signing_secret: str, mode: str, api_base_url: str, slash_reply: str) -> None:
        self.mode, self.app_token, self._base = mode, app_token, api_base_url
        self._signing_secret = signing_secret
        self.inbox = Inbox(signing_secret if mode == "http" else "", api_base_url, slash_reply)
        self._listening: asyncio.Task[None] | None = None
        self._listeners = 0

    @property
    def routes(self) -> list[Route]:
        """POST /slack/events behind the guard, for the web server; nothing in Socket Mode."""
        if self.mode != "http":
            return []
        guard = Middleware(slack_guard, signing_secret=self._signing_secret, now=time.time)
        return [Route("/slack/events", self.inbox.http, methods=["POST"], middleware=[guard])]

    async def listen(self) -> None:
        """Hears Slack until cancelled, once however many workspaces ask for it. Raises LaneDown, for all of them."""
        if self._listening is None or self._listening.done():
            hears = self._report(_always) if self.mode == "http" else self._stay_connected()
            self._listening = asyncio.create_task(hears)
        listening = self._listening
        self._listeners += 1
        try:
            await asyncio.shield(listening)
        finally:
            self._listeners -= 1
            await self.inbox.drain()
            if not self._listeners:
                await self._hang_up(listening)

    async def _hang_up(self, listening: asyncio.Task[None]) -> None:
        """The last one has gone; whoever comes meanwhile gets a connection of their own."""
        self._listening = None
        listening.cancel()
        with contextlib.suppress(asyncio.CancelledError, ChatFailure):
            await listening

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
            await asyncio.sleep(pause)

    async def _one_socket(self) -> None:
        """Connects, and returns when the connection has been away for AWAY seconds."""
        web = web_client("", self._base)
        try:
            opened = await ask(web.apps_connections_open, app_token=self.app_token)
            handler = AsyncSocketModeHandler(self.inbox.bolt, self.app_token, web_client=web, ping_interval=PING)
            client = handler.client
            client.socket_mode_request_listeners = [self.inbox.envelope]
            client.wss_uri, client.proxy = maybe(opened, "url"), web.proxy
            try:
                async with asyncio.timeout(CONNECTING):
                    await handler.connect_async()  # type: ignore[no-untyped-call]
                await self._report(client.is_connected)
            finally:
                await self.inbox.drain()
                await handler.close_async()  # type: ignore[no-untyped-call]
        finally:
            await hang_up(web)

    async def _report(self, connected: Callable[[], Awaitable[bool]]) -> None:
        """Tells the core at once, then every HEARD seconds, that all is heard, until the connection stays away."""
        clock = asyncio.get_running_loop().time
        seen, due = clock(), 0.0
        while clock() - seen < AWAY:
            if await connected():
                seen, here = clock(), self.inbox.open.values()
                if seen >= due or not all(one.told for one in here):  # one that has just come is told at once
                    due = seen + max(1.0, HEARD / max((one.ear.rate for one in here), default=1.0))
                    await self.inbox.tell_heard()
                    seen = clock()  # a database that takes its time is no connection that is away
            await asyncio.sleep(TICK)


async def _always() -> bool:
    return True


def web_client(token: str, api_base_url: str) -> AsyncWebClient:
    """slack-sdk's client on a session of its own; to be made where a loop runs, and hung up."""
    client = AsyncWebClient(
        token,
        base_url=api_base_url,
        timeout=int(LIMIT.total or 0),
        session=aiohttp.ClientSession(timeout=LIMIT),
        retry_handlers=[],  # they would post twice when only the answer was lost
        logger=quiet("slack_sdk"),
    )
    if _is_loopback(api_base_url):
        client.proxy = None
    return client


async def hang_up(client: AsyncWebClient) -> None:
    if client.session is not None:
        await client.session.close()


async def ask(call: Callable[..., Awaitable[Any]], **args: Any) -> Json:
    """One call. Raises only the failures of the core."""
    try:
        data = (await call(**args)).data
    except Exception as error:
        raise failure(error) from error
    if not isinstance(data, dict):
        raise Unclear("Slack's answer could not be read")
    return data


def _is_loopback(url: str) -> bool:
    """Whether it is this machine, which no proxy of the environment can reach."""
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
