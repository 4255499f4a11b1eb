"""The fake Telegram's Bot API over HTTP: arguments, rates and faults, from one call of the program to the answer."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from math import ceil
from typing import Any

from aiohttp import web

from . import telegram_arguments as arguments
from . import telegram_rules as rules
from .screens import Call, Fault
from .telegram_chats import Args, Json, Refused
from .telegram_updates import Deliveries

_RATED = ("sendMessage", "sendPhoto", "editMessageText", "editMessageReplyMarkup")
_OWN_ERRORS = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden: bot was blocked by the user",
    404: "Not Found",
    409: f"Conflict: {rules.OTHER_POLLER}",
    500: "Internal Server Error",
}


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


class Server(Deliveries):
    """The Bot API around its methods."""

    def __init__(self, token: str, username: str) -> None:
        super().__init__(
            {"id": int(token.split(":")[0]), "is_bot": True, "first_name": "Twoticks", "username": username}
        )
        self.token = token  # change it and the old one is revoked
        self.beside: dict[str, Server] = {}  # further bots that are reached at this one's address
        self.enforce_rates = False
        self._buckets: dict[int, Bucket] = {}
        self._methods: dict[str, Callable[[Args], Awaitable[Any]]] = {}

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        if other := self.beside.get(request.match_info["token"]):
            return await other._serve(request)
        if request.match_info["token"] != self.token:
            return _error(401, "Unauthorized")
        written = request.match_info["method"]
        method = arguments.method_name(written)
        if method is None:
            self.complain(f"{written}: Telegram has no such method, or this fake does not know it")
            return _error(404, "Not Found")
        raw = await _raw_args(request)
        args, error = arguments.read_args(method, raw)
        self.calls.append(Call(method, args, time.monotonic()))
        self.changed()
        work = self._spawn(self._answer(method, args, error, request))
        if method == "getUpdates":  # a poller that hangs up no longer polls; any other call is done once it arrived
            return await work
        return await asyncio.shield(work)

    async def _answer(self, method: str, args: Args, error: str | None, request: web.Request) -> web.Response:
        """What was asked and the fault a test ordered, in the fault's order."""
        fault = self.take_fault(method, str(args.get("chat_id", ""))) or Fault(method)
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


async def _raw_args(request: web.Request) -> dict[str, object]:
    """Arguments from the query and from a body of any kind Telegram reads; files as bytes."""
    raw: dict[str, object] = dict(request.query)
    if request.content_type == "application/json":
        body = await request.json()
        return raw | (body if isinstance(body, dict) else {})
    for name, value in (await request.post()).items():
        raw[name] = value.file.read() if isinstance(value, web.FileField) else value
    return raw


async def nothing_here(_: web.Request) -> web.Response:
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
