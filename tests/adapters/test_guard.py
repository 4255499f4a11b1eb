"""The guard in front of the webhooks, over a real server: who gets in, who does not, and what is never written down."""

import asyncio
import contextlib
import hashlib
import hmac
import io
import json
import logging
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlencode

import aiohttp
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from adapters.web.guard import MOST_BYTES, slack_guard, telegram_guard

SECRET = "a-signing-secret-that-nobody-guesses"
NOW = 1_789_000_000
CANARY = "Ana Romero forgot her maths"
HOOK = "x" * 40


class Server:
    """The two webhooks behind their guards, with all that got through."""

    def __init__(self) -> None:
        self.heard: list[bytes] = []
        self.url = ""
        self.port = 0

    async def hear(self, request: Request) -> PlainTextResponse:
        self.heard.append(await request.body())
        return PlainTextResponse("heard")

    async def post(self, path: str, body: bytes | AsyncIterator[bytes], headers: dict[str, str]) -> int:
        data = io.BytesIO(body) if isinstance(body, bytes) else body
        async with aiohttp.ClientSession() as session, session.post(self.url + path, data=data, headers=headers) as got:
            return got.status

    async def slack(self, body: bytes, at: int = NOW, **headers: str) -> int:
        return await self.post(
            "/slack/events", body, signed(body, at) | {k.replace("_", "-"): v for k, v in headers.items()}
        )

    async def telegram(self, body: bytes, secret: str = HOOK) -> int:
        return await self.post("/telegram/webhook", body, {"X-Telegram-Bot-Api-Secret-Token": secret})


def signed(body: bytes, at: int | str = NOW, secret: str = SECRET) -> dict[str, str]:
    mac = hmac.new(secret.encode(), f"v0:{at}:".encode() + body, hashlib.sha256).hexdigest()
    return {
        "X-Slack-Request-Timestamp": str(at),
        "X-Slack-Signature": f"v0={mac}",
        "Content-Type": "application/json",
    }


@asynccontextmanager
async def serving(patience: float = 5.0) -> AsyncIterator[Server]:
    server = Server()
    slack = Middleware(slack_guard, signing_secret=SECRET, now=lambda: float(NOW), patience=patience)
    telegram = Middleware(telegram_guard, secret=HOOK, patience=patience)
    app = Starlette(
        routes=[
            Route("/slack/events", server.hear, methods=["POST"], middleware=[slack]),
            Route("/telegram/webhook", server.hear, methods=["POST"], middleware=[telegram]),
        ]
    )
    listening = socket.create_server(("127.0.0.1", 0))
    server.port = listening.getsockname()[1]
    server.url = f"http://127.0.0.1:{server.port}"
    web = uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False, lifespan="off"))
    task = asyncio.create_task(web.serve(sockets=[listening]))
    try:
        yield server
    finally:
        web.should_exit = True
        await task


@pytest.fixture
async def server(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Server]:
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy"):
        monkeypatch.delenv(name, raising=False)
    async with serving() as server:
        yield server


BODY = json.dumps({"type": "event_callback", "text": CANARY}).encode()


async def test_what_slack_signed_gets_in_byte_for_byte(server: Server) -> None:
    assert await server.slack(BODY) == 200
    assert server.heard == [BODY]


async def test_a_replay_within_five_minutes_gets_in_again(server: Server) -> None:
    """G-003: the unique source makes it harmless further in."""
    assert [await server.slack(BODY) for _ in range(3)] == [200, 200, 200]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-Slack-Signature": "v0=00"},
        signed(BODY, secret="another secret"),
        {**signed(BODY), "X-Slack-Signature": ""},
        {**signed(BODY), "X-Slack-Signature": "v0=ünglaublich"},
        {**signed(BODY), "X-Slack-Request-Timestamp": ""},
        {**signed(BODY), "X-Slack-Request-Timestamp": "abc"},
        {**signed(BODY), "X-Slack-Request-Timestamp": "1.5"},
        {**signed(BODY), "X-Slack-Request-Timestamp": "-1"},
        {**signed(BODY), "X-Slack-Request-Timestamp": "1" * 5_000},
        signed(BODY, "١٧٨٩٠٠٠٠٠٠"),
    ],
    ids=range(11),
)
async def test_who_cannot_sign_stays_outside(
    server: Server, headers: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    """G-001, G-004: 401 before anything is parsed, nothing of the body in any log, no error, no traceback."""
    caplog.set_level(logging.DEBUG)
    assert await server.post("/slack/events", BODY, headers) == 401
    assert server.heard == []
    assert CANARY not in caplog.text
    assert not [line for line in caplog.records if line.levelno >= logging.ERROR]


@pytest.mark.parametrize(("off", "status"), [(-299, 200), (299, 200), (-301, 401), (301, 401)])
async def test_old_and_early_timestamps(server: Server, off: int, status: int) -> None:
    """G-002."""
    assert await server.slack(BODY, at=NOW + off) == status


def form(payload: str) -> bytes:
    return urlencode({"payload": payload}).encode()


BOMBS = {
    "50,000 levels": "[" * 50_000 + "]" * 50_000,
    "50,000 objects": '{"a":' * 50_000 + "1" + "}" * 50_000,
    "60 levels": '{"a":' * 60 + "1" + "}" * 60,
    "5,000 digits": '{"a":' + "9" * 5_000 + "}",
    "NaN": '{"a":NaN}',
    "many keys": "{" + ",".join(f'"{n}":1' for n in range(30_000)) + "}",
    "a list": "[1,2]",
    "null": "null",
    "broken": '{"a":',
    "a string": '"hello"',
}


@pytest.mark.parametrize("bomb", BOMBS.values(), ids=BOMBS.keys())
async def test_json_that_no_library_should_meet(server: Server, bomb: str, caplog: pytest.LogCaptureFixture) -> None:
    """G-007: 400 for Slack's two forms and for Telegram, and the loop is never held for long."""
    body, payload = bomb.encode(), form(bomb)
    async with no_lag_above(0.5):  # far below the seconds such a bomb costs a parser, far above a busy machine
        assert await server.slack(body) == 400
        assert await server.slack(payload, content_type="application/x-www-form-urlencoded") == 400
        assert await server.telegram(body) == 400
    assert server.heard == []
    assert not [line for line in caplog.records if line.levelno >= logging.ERROR]


@asynccontextmanager
async def no_lag_above(seconds: float) -> AsyncIterator[None]:
    """Fails if the event loop, in process time, was held for longer than that at one go."""
    longest = 0.0

    async def probe() -> None:
        nonlocal longest
        while True:
            before = time.process_time()
            await asyncio.sleep(0)
            longest = max(longest, time.process_time() - before)

    task = asyncio.create_task(probe())
    try:
        yield
    finally:
        task.cancel()
    assert longest < seconds


async def test_what_is_not_utf8_or_has_a_million_fields_is_refused(server: Server) -> None:
    assert await server.slack(b'{"a":"\xff"}') == 400
    assert await server.slack(b"&".join([b"a=1"] * 1_000), content_type="application/x-www-form-urlencoded") == 400


async def test_slack_forms_get_in(server: Server) -> None:
    kind = "application/x-www-form-urlencoded"
    assert await server.slack(form('{"type":"block_actions"}'), content_type=kind) == 200
    assert await server.slack(b"command=%2Fhomework&text=today", content_type=kind) == 200


async def test_a_large_body_is_refused_after_one_mebibyte(server: Server) -> None:
    """G-006: said or unsaid length."""
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while sent < 100 * MOST_BYTES:
            sent += 65_536
            yield b" " * 65_536

    assert await server.post("/slack/events", b" " * (MOST_BYTES + 1), signed(b"")) == 413
    with contextlib.suppress(aiohttp.ClientError):  # the server may hang up while we are still talking
        assert await server.post("/slack/events", endless(), signed(b"")) == 413
    assert sent < 10 * MOST_BYTES
    assert server.heard == []


async def test_a_slow_body_is_closed_and_the_others_are_served() -> None:
    """G-008."""
    async with serving(patience=0.3) as server:
        slow = [await asyncio.open_connection("127.0.0.1", server.port) for _ in range(20)]
        head = "".join(f"{name}: {value}\r\n" for name, value in signed(b"").items())
        for _, writer in slow:
            writer.write(f"POST /slack/events HTTP/1.1\r\nHost: x\r\n{head}Content-Length: 100\r\n\r\n{{".encode())
        assert await server.slack(BODY) == 200
        started = time.monotonic()
        answers = await asyncio.gather(*(reader.read() for reader, _ in slow))
        assert time.monotonic() - started < 3.0
        assert all(answer.startswith(b"HTTP/1.1 408") for answer in answers)
        for _, writer in slow:
            writer.close()


async def test_only_post_is_answered(server: Server) -> None:
    """G-012: no side effect, nothing echoed."""
    async with aiohttp.ClientSession() as session:
        for url in ("/slack/events?challenge=abc&ssl_check=1", "/telegram/webhook"):
            async with session.get(server.url + url) as got:
                assert got.status == 405
                assert server.heard == []
                assert "abc" not in await got.text()


async def test_an_unsigned_challenge_is_not_echoed(server: Server) -> None:
    """G-012."""
    body = b'{"type":"url_verification","challenge":"abc"}'
    assert await server.post("/slack/events", body, {"Content-Type": "application/json"}) == 401
    assert await server.post("/slack/events", b"ssl_check=1", {}) == 401


async def test_telegram_with_the_right_secret_gets_in_whatever_the_content_type(server: Server) -> None:
    """G-010."""
    assert await server.telegram(b'{"update_id":1}') == 200
    kind = {"X-Telegram-Bot-Api-Secret-Token": HOOK, "Content-Type": "application/json; charset=utf-8"}
    assert await server.post("/telegram/webhook", b'{"update_id":2}', kind) == 200


@pytest.mark.parametrize("secret", ["", HOOK[:-1], HOOK + "x", "ü" * 40])
async def test_telegram_with_a_wrong_secret_stays_outside(
    server: Server, secret: str, caplog: pytest.LogCaptureFixture
) -> None:
    """G-005: 403, and neither the secret nor the body in a log."""
    caplog.set_level(logging.DEBUG)
    assert await server.telegram(BODY, secret) == 403
    assert server.heard == []
    assert HOOK not in caplog.text
    assert CANARY not in caplog.text
