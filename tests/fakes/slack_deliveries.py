"""What the fake Slack sends to the program, over signed HTTP or a socket, and how the program acknowledges it."""

import asyncio
import hashlib
import hmac
import json
import random
import time
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import aiohttp
from aiohttp import web

from .slack_blocks import Json
from .slack_methods import WebApi
from .slack_workspace import APP_ID

ACK_SECONDS = 3.0
MOST_SOCKETS = 10


@dataclass(frozen=True, slots=True)
class Ack:
    """How the program acknowledged one delivery; `status` is None on a socket, `body` what it sent along."""

    ok: bool
    status: int | None
    seconds: float
    body: Any


class Deliveries(WebApi):
    """What Slack sends: signed HTTP requests, or envelopes on a socket, each waiting for its acknowledgement."""

    def __init__(self, team: str, bot_token: str, app_token: str, signing_secret: str) -> None:
        super().__init__(team, bot_token, app_token)
        self.signing_secret = signing_secret  # another one: requests signed with a wrong key
        self.clock_skew = 0.0  # seconds added to the time in the signature
        self.events_url: str | None = None
        self.through: Deliveries | None = None  # the workspace on whose sockets this one's people are heard as well
        self.ack_seconds = ACK_SECONDS
        self.deliveries: list[Json] = []  # event bodies as sent, to be sent again
        self.sockets: list[web.WebSocketResponse] = []
        self._leaving: list[web.WebSocketResponse] = []
        self._requests: dict[web.WebSocketResponse, web.Request] = {}
        self._waiting: dict[str, tuple[asyncio.Future[Any], web.WebSocketResponse]] = {}
        self._late: dict[str, tuple[str, float]] = {}
        self._tasks: set[asyncio.Task[Any]] = set()
        self._http: aiohttp.ClientSession | None = None
        self._choice = random.Random(0)

    async def connected(self) -> None:
        """Waits until the program has a socket open."""
        await self.until(lambda: bool(self.sockets), "an open socket")

    def drop_sockets(self) -> None:
        """All connections break without a word."""
        for socket in self.sockets + self._leaving:
            transport = self._requests[socket].transport
            if transport:
                transport.abort()
        self.sockets.clear()

    def refresh_sockets(self) -> None:
        """Slack asks for new connections; the old ones get nothing more but may still acknowledge."""
        for socket in self.sockets:
            self._start(socket.send_json({"type": "disconnect", "reason": "refresh_requested"}))
        self._leaving += self.sockets
        self.sockets.clear()

    def _start(self, work: Coroutine[Any, Any, Any]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _deliver(self, kind: str, payload: Json, what: str, retry: tuple[int, str] | None = None) -> Ack:
        """Sends one event, interaction or command and waits for the acknowledgement; complains when there is none."""
        started = time.monotonic()
        try:
            async with asyncio.timeout(self.ack_seconds):
                send = self._by_http if self.events_url else (self.through or self)._by_socket
                status, body = await send(kind, payload, what, retry)
            ok = status is None or 200 <= status < 300
            reason = f"status {status}"
        except TimeoutError:
            ok, status, body, reason = False, None, None, f"nothing within {self.ack_seconds:g} s"
        except (aiohttp.ClientError, ConnectionError) as error:
            ok, status, body, reason = False, None, None, str(error) or type(error).__name__
        if not ok:
            self.complaints.append(f"not acknowledged: {what}: {reason}")
        self.changed()
        return Ack(ok, status, time.monotonic() - started, body)

    async def _by_http(self, kind: str, payload: Json, what: str, retry: tuple[int, str] | None) -> tuple[int, Any]:
        assert self._http and self.events_url, "use `async with SlackFake()`"
        body, content_type = _http_body(kind, payload)
        headers = {"Content-Type": content_type, "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)"}
        headers |= self.signed(body)
        if retry:
            headers |= {"X-Slack-Retry-Num": str(retry[0]), "X-Slack-Retry-Reason": retry[1]}
        async with self._http.post(self.events_url, data=body, headers=headers, allow_redirects=False) as answer:
            text = await answer.text()
            return answer.status, json.loads(text) if answer.content_type == "application/json" and text else text

    def signed(self, body: bytes) -> dict[str, str]:
        """The two headers with which Slack signs a body now."""
        stamp = str(int(time.time() + self.clock_skew))
        mac = hmac.new(self.signing_secret.encode(), f"v0:{stamp}:".encode() + body, hashlib.sha256)
        return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={mac.hexdigest()}"}

    async def _by_socket(self, kind: str, payload: Json, what: str, retry: tuple[int, str] | None) -> tuple[None, Any]:
        socket = await self._socket_for(kind)
        name, takes_answer = f"e{next(self._numbers)}", kind != "events_api"
        envelope = {"envelope_id": name, "type": kind, "payload": payload, "accepts_response_payload": takes_answer}
        if kind == "events_api":
            number, reason = retry or (0, "")
            envelope |= {"retry_attempt": number, "retry_reason": reason}
        heard: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting[name] = (heard, socket)
        sent = time.monotonic()
        try:
            await socket.send_json(envelope)
            body = await heard
        except asyncio.CancelledError:
            self._late[name] = (what, sent)
            raise
        finally:
            del self._waiting[name]
        if body and not takes_answer:
            self.complaints.append(f"{what}: acknowledged with a payload that Slack does not take")
        return None, body

    async def _socket_for(self, kind: str) -> web.WebSocketResponse:
        """Any open socket; an event waits for one, a person's tap does not."""
        while not self.sockets:
            if kind != "events_api":
                raise ConnectionError("no socket is open")
            await self._change.wait()
        return self._choice.choice(self.sockets)

    async def _link(self, request: web.Request) -> web.StreamResponse:
        """One Socket Mode connection, from hello to its end."""
        ticket = request.query.get("ticket", "")
        if ticket not in self._tickets:
            return web.Response(status=404)
        self._tickets.remove(ticket)
        socket = web.WebSocketResponse(timeout=0.2)
        await socket.prepare(request)
        self._requests[socket] = request
        if len(self.sockets) >= MOST_SOCKETS:
            await socket.send_json({"type": "disconnect", "reason": "too_many_websockets"})
            await socket.close()
            return socket
        about = {"host": "applink-1", "build_number": 1, "approximate_connection_time": 18060}
        self.sockets.append(socket)
        hello = {"type": "hello", "num_connections": len(self.sockets), "connection_info": {"app_id": APP_ID}}
        try:
            await socket.send_json(hello | {"debug_info": about})
            self.changed()
            async for frame in socket:
                if frame.type is aiohttp.WSMsgType.TEXT:
                    self._hear(frame.data)
                    self.changed()
        finally:
            self._forget(socket)
        return socket

    def _forget(self, socket: web.WebSocketResponse) -> None:
        for sockets in (self.sockets, self._leaving):
            if socket in sockets:
                sockets.remove(socket)
        for heard, over in self._waiting.values():
            if over is socket and not heard.done():
                heard.set_exception(ConnectionError("the socket closed"))
        self.changed()

    def _hear(self, words: str) -> None:
        """One frame of the program: the acknowledgement of an envelope, or something Slack does not know."""
        message = json.loads(words)
        name = message.get("envelope_id")
        if name in self._late:
            what, sent = self._late.pop(name)
            self.complaints.append(f"acknowledged too late: {what}: after {time.monotonic() - sent:.1f} s")
        elif name in self._waiting and not self._waiting[name][0].done():
            self._waiting[name][0].set_result(message.get("payload"))
        else:
            self.complaints.append(f"an acknowledgement of nothing: {words:.80}")


def _http_body(kind: str, payload: Json) -> tuple[bytes, str]:
    """How Slack writes a delivery over HTTP: events as JSON, interactions and commands as forms."""
    if kind == "events_api":
        return json.dumps(payload).encode(), "application/json"
    form = payload if kind == "slash_commands" else {"payload": json.dumps(payload)}
    return urlencode(form).encode(), "application/x-www-form-urlencoded"
