"""Stands in front of the webhooks: who it cannot believe, and what no library should parse, never gets behind it.

Both guards wrap an ASGI application, so that a Starlette route takes them as they are, for example
`Route(path, endpoint, methods=["POST"], middleware=[Middleware(telegram_guard, secret=secret)])`.
The endpoint then finds in `await request.body()` one JSON object (Slack: or a form) of at most 1 MiB.
"""

import asyncio
import hashlib
import hmac
import json
import logging
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MOST_BYTES = 1 << 20  # read of a body before it is refused
PATIENCE = 10.0  # seconds of real time for the whole body
SKEW = 300  # seconds a Slack timestamp may be old or ahead
MOST_DEEP = 40  # levels of JSON
MOST_VALUES = 20_000  # of JSON, in all; a Slack card with its buttons has some hundreds
MOST_FIELDS = 100  # of a form

log = logging.getLogger(__name__)


class Refused(Exception):
    """Why a request stays outside, and the HTTP status that says so. Holds nothing of the request itself."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


def slack_guard(
    app: ASGIApp, signing_secret: str, now: Callable[[], float] = time.time, patience: float = PATIENCE
) -> ASGIApp:
    """Lets through what Slack signed within five minutes: else 401, or 400, 405, 408, 413. `now`: Unix seconds."""

    def dated(headers: Headers) -> None:
        stamp = headers.get("x-slack-request-timestamp", "")
        if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= 12) or "x-slack-signature" not in headers:
            raise Refused(401, "the signature headers are missing or malformed")
        if abs(now() - int(stamp)) > SKEW:
            raise Refused(401, "the timestamp is more than five minutes off; is this machine's clock right?")

    def signed(headers: Headers, body: bytes) -> None:
        base = b"v0:" + headers["x-slack-request-timestamp"].encode() + b":" + body
        right = "v0=" + hmac.new(signing_secret.encode(), base, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(right.encode(), headers["x-slack-signature"].encode("latin-1")):
            raise Refused(401, "the signature is wrong; is this the app's signing secret?")
        _slack_body(headers, body)

    return _guarded(app, dated, signed, patience)


def telegram_guard(app: ASGIApp, secret: str, patience: float = PATIENCE) -> ASGIApp:
    """Lets through JSON objects that carry our webhook secret in their header: else 403, or 400, 405, 408, 413."""

    def known(headers: Headers) -> None:
        given = headers.get("x-telegram-bot-api-secret-token", "")
        if not secret or not hmac.compare_digest(secret.encode(), given.encode("latin-1")):
            raise Refused(403, "the webhook secret is missing or wrong")

    def readable(headers: Headers, body: bytes) -> None:
        _json_object(_decoded(body))

    return _guarded(app, known, readable, patience)


def _guarded(
    app: ASGIApp,
    before: Callable[[Headers], None],
    after: Callable[[Headers, bytes], None],
    patience: float,
) -> ASGIApp:
    """`before` judges the headers, then the body is read within its limits, then `after` judges both."""

    async def guard(scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        try:
            if scope["method"] != "POST":
                raise Refused(405, "only POST is answered here")
            before(headers)
            body = await _body(headers, receive, patience)
            after(headers, body)
        except Refused as refused:
            log.warning("%s refused with %d: %s", scope["path"], refused.status, refused)
            closing = {"connection": "close"}
            await PlainTextResponse(f"{refused}\n", refused.status, closing)(scope, receive, send)
        except ClientDisconnect:
            log.info("%s: hung up before the whole body was there", scope["path"])
        else:
            await app(scope, _replayed(body, receive), send)

    return guard


async def _body(headers: Headers, receive: Receive, patience: float) -> bytes:
    """The raw body, or Refused: 413 after one MiB, 408 when it takes too long."""
    length = headers.get("content-length", "0")
    if not (length.isascii() and length.isdigit() and len(length) <= 12) or int(length) > MOST_BYTES:
        raise Refused(413, "the body is larger than 1 MiB")
    body = bytearray()
    try:
        async with asyncio.timeout(patience):
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise ClientDisconnect
                body += message.get("body", b"")
                if len(body) > MOST_BYTES:
                    raise Refused(413, "the body is larger than 1 MiB")
                if not message.get("more_body"):
                    return bytes(body)
    except TimeoutError:
        raise Refused(408, "the body took too long") from None


def _replayed(body: bytes, receive: Receive) -> Receive:
    """The body once more for whoever reads it next, then whatever the server says (that the client went away)."""
    waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def again() -> Message:
        return waiting.pop() if waiting else await receive()

    return again


def _slack_body(headers: Headers, body: bytes) -> None:
    """Refuses what Bolt would stumble over; reads the body by Bolt's own rule (JSON, form with `payload`, form)."""
    text = _decoded(body)
    kind = headers.get("content-type", "").split(";")[0]
    if text.startswith("{") or (text and kind == "application/json"):
        _json_object(text)
        return
    if text.count("&") >= MOST_FIELDS:
        raise Refused(400, "the form has too many fields")
    payload = dict(parse_qsl(text, keep_blank_values=True)).get("payload")
    if payload is not None:
        _json_object(payload)


def _decoded(body: bytes) -> str:
    try:
        return body.decode()
    except UnicodeDecodeError:
        raise Refused(400, "the body is not UTF-8") from None


def _json_object(text: str) -> None:
    try:
        value = json.loads(text, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise Refused(400, "the body is not sound JSON") from None
    if not isinstance(value, dict) or not _modest(value):
        raise Refused(400, "the body is no JSON object of modest size")


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _modest(value: dict[str, Any]) -> bool:
    """Whether it stays within MOST_DEEP levels and MOST_VALUES values; looks level by level, stops early."""
    level: list[Any] = [value]
    room = MOST_VALUES
    for _ in range(MOST_DEEP):
        room -= sum(map(len, level))
        if not level or room < 0:
            return room >= 0
        parts = (part.values() if isinstance(part, dict) else part for part in level)
        level = [child for part in parts for child in part if isinstance(child, dict | list)]
    return False
