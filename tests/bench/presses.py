"""The load: signed Slack presses from a process of its own. Its order comes on standard input, what it saw goes out.

In: {"url", "secret", "rate", "together", "presses": [[user, channel, ts, value], …]}, one JSON object. A rate of 0
is a closed loop: `together` people, each of whom presses again as soon as the last press is answered.
Out: {"ms": [one a press answered with 200], "statuses": {"200": n}, "seconds", "late_ms"}; the last is the worst delay
of the generator itself.
"""

import asyncio
import hashlib
import hmac
import json
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import aiohttp

LIMIT = aiohttp.ClientTimeout(total=30)  # seconds; Slack itself waits three
Request = tuple[bytes, dict[str, str]]


@dataclass(slots=True)
class Seen:
    """What the people who press have seen so far."""

    ms: list[float] = field(default_factory=list)
    statuses: Counter[str] = field(default_factory=Counter)
    late_ms: float = 0.0


def signed(secret: str, user: str, channel: str, ts: str, value: str) -> Request:
    """The request Slack makes for one press of a button on one message."""
    body = urlencode({"payload": json.dumps(_payload(user, channel, ts, value))}).encode()
    stamp = str(int(time.time()))
    base = b"v0:" + stamp.encode() + b":" + body
    signature = "v0=" + hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()
    kind = "application/x-www-form-urlencoded"
    return body, {"Content-Type": kind, "X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": signature}


def _payload(user: str, channel: str, ts: str, value: str) -> dict[str, Any]:
    label = {"type": "plain_text", "text": "All done ✓", "emoji": False}
    button = {"type": "button", "action_id": "a0", "text": label, "value": value}
    words = {"type": "rich_text_section", "elements": [{"type": "text", "text": "Ana · Tuesday · all written ✓"}]}
    blocks = [
        {"type": "rich_text", "block_id": "words", "elements": [words]},
        {"type": "actions", "block_id": "row0", "elements": [button]},
    ]
    return {
        "type": "block_actions",
        "user": {"id": user, "username": user.lower(), "name": user.lower(), "team_id": "T1"},
        "api_app_id": "ABOT",
        "token": "verification-token",
        "trigger_id": f"{ts}.1.abcdef",
        "team": {"id": "T1", "domain": "school"},
        "enterprise": None,
        "is_enterprise_install": False,
        "container": {"type": "message", "message_ts": ts, "channel_id": channel, "is_ephemeral": False},
        "channel": {"id": channel, "name": "directmessage"},
        "message": {"type": "message", "user": "UBOT", "bot_id": "BBOT", "ts": ts, "text": "Ana", "blocks": blocks},
        "response_url": "http://127.0.0.1/answer",
        "actions": [{**button, "block_id": "row0", "action_ts": f"{time.time():.6f}"}],
    }


async def press_all(order: dict[str, Any]) -> dict[str, Any]:
    requests = [signed(order["secret"], *press) for press in order["presses"]]
    seen = Seen()
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0), timeout=LIMIT) as web:
        started = time.perf_counter()
        if order["rate"]:
            await _at_rate(web, order["url"], requests, order["rate"], seen)
        else:
            ahead = iter(requests)
            await asyncio.gather(*(_one_by_one(web, order["url"], ahead, seen) for _ in range(order["together"])))
        seconds = time.perf_counter() - started
    return {"ms": seen.ms, "statuses": dict(seen.statuses), "seconds": seconds, "late_ms": seen.late_ms}


async def _at_rate(web: aiohttp.ClientSession, url: str, requests: list[Request], rate: float, seen: Seen) -> None:
    """Open loop: nobody waits until somebody else has been answered."""
    first = time.perf_counter()
    under_way = []
    for place, request in enumerate(requests):
        due = first + place / rate
        if (wait := due - time.perf_counter()) > 0:
            await asyncio.sleep(wait)
        seen.late_ms = max(seen.late_ms, (time.perf_counter() - due) * 1000)
        under_way.append(asyncio.create_task(_press(web, url, request, seen)))
    await asyncio.gather(*under_way)


async def _one_by_one(web: aiohttp.ClientSession, url: str, ahead: Iterator[Request], seen: Seen) -> None:
    for request in ahead:
        await _press(web, url, request, seen)


async def _press(web: aiohttp.ClientSession, url: str, request: Request, seen: Seen) -> None:
    body, headers = request
    started = time.perf_counter()
    try:
        async with web.post(url, data=body, headers=headers) as answer:
            await answer.read()
            status = str(answer.status)
    except (aiohttp.ClientError, TimeoutError) as error:
        status = type(error).__name__
    if status == "200":  # a refusal is quick, and no answer
        seen.ms.append((time.perf_counter() - started) * 1000)
    seen.statuses[status] += 1


if __name__ == "__main__":
    print(json.dumps(asyncio.run(press_all(json.load(sys.stdin)))))
