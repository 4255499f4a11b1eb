"""The try-it page (F51): three people's screens side by side and the school clock, for one person on this machine."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from importlib.resources import files
from json import JSONDecodeError
from typing import Any, Protocol

from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from adapters.web.chat import Bubble

PATIENCE = 25.0  # seconds a page waits for news before it asks again; below the 30 s of most proxies
WINDS = ("next", "hour", "day")
DAYS = ("well", "teacher", "parent")
STATIC = {
    "page.html": "text/html",
    "page.css": "text/css",
    "page.js": "text/javascript",
    "mark.svg": "image/svg+xml",
    "pattern.svg": "image/svg+xml",
}
HEADERS = {
    "Content-Security-Policy": "default-src 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}
LOOPBACK = Middleware(
    TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost", "[::1]", "::1"], www_redirect=False
)

Endpoint = Callable[[Request], Awaitable[Response]]
Act = Callable[[dict[str, Any]], Awaitable[None]]


class Stage(Protocol):
    """What plays behind the page: the real core, its cast and a clock wound by hand."""

    @property
    def version(self) -> int: ...

    async def changed(self, since: int) -> None:
        """Waits until `version` is above `since`."""
        ...

    def picture(self) -> Mapping[str, Any]:
        """All that the page shows, ready for JSON, every word of it in the reader's language:

        version, playing (the clock is being wound), day ("well", "teacher", "parent" or ""), diaz (he answers);
        clock: time, date;
        panes: user, name, role, platform ("slack" or "telegram"), language, languages ([code, name], …), toast,
        messages (see `drawn`) and, if the pane speaks another language than the page, labels of its own;
        labels: lang, title, subtitle, clock, next, hour, day, days, days_well, days_teacher, days_parent, diaz,
        language, app, bot, type_here, send, silent, rang, edited, empty, restart_hint.
        """
        ...

    async def tap(self, user: str, ref: str, data: str) -> None: ...

    async def say(self, user: str, text: str) -> None: ...

    async def wind(self, how: str) -> None:
        """`how`: next (the next thing that happens), hour or day."""
        ...

    async def play(self, day: str) -> None:
        """Starts a ready-made day afresh: well, teacher (one is silent) or parent (silent)."""
        ...

    async def speak(self, user: str, language: str) -> None: ...

    async def set_diaz(self, answers: bool) -> None: ...


def drawn(bubble: Bubble, at: str) -> dict[str, Any]:
    """A bubble as the page's picture wants it; `at` is its time in the reader's words."""
    return {
        "ref": bubble.ref,
        "mine": bubble.mine,
        "lines": [
            [{"text": span.text, "style": span.style, "link": span.link} for span in line]
            for line in bubble.message.lines
        ],
        "rows": [[{"label": button.label, "data": button.value} for button in row] for row in bubble.message.rows],
        "silent": not bubble.rang,
        "edited": bubble.edits > 0,
        "at": at,
    }


def tryit_routes(stage: Stage) -> list[Route]:
    """The page, its files, what it shows and what one can do on it; answers to loopback hosts only (CASES 6.15)."""
    acts: dict[str, Act] = {
        "/tap": lambda said: stage.tap(word(said, "user"), word(said, "ref"), word(said, "data")),
        "/say": lambda said: stage.say(word(said, "user"), word(said, "text")),
        "/wind": lambda said: stage.wind(word(said, "how", WINDS)),
        "/play": lambda said: stage.play(word(said, "day", DAYS)),
        "/language": lambda said: stage.speak(word(said, "user"), word(said, "language")),
        "/diaz": lambda said: stage.set_diaz(tick(said, "answers")),
    }
    reads = [
        _route("/", page),
        _route("/static/{name}", static),
        _route("/state", state_of(stage)),
    ]
    return reads + [_route(path, doing(act), "POST") for path, act in acts.items()]


def _route(path: str, endpoint: Endpoint, method: str = "GET") -> Route:
    return Route(path, endpoint, methods=[method], middleware=[LOOPBACK])


async def page(request: Request) -> Response:
    return _file("page.html")


async def static(request: Request) -> Response:
    name = request.path_params["name"]
    if name not in STATIC:
        raise HTTPException(404)
    return _file(name)


def _file(name: str) -> Response:
    content = files(__package__).joinpath("static", name).read_bytes()
    return Response(content, media_type=STATIC[name], headers=HEADERS)


def state_of(stage: Stage) -> Endpoint:
    """GET /state?since=N: the picture, at once if the page has another version, else when it changes or after 25 s."""

    async def state(request: Request) -> Response:
        if request.query_params.get("since") == str(stage.version):
            # The same picture again: still here, or the server stops and cancels who waits.
            with suppress(TimeoutError, asyncio.CancelledError):
                await asyncio.wait_for(stage.changed(stage.version), PATIENCE)
        return JSONResponse(stage.picture(), headers=HEADERS)

    return state


def doing(act: Act) -> Endpoint:
    """A POST of the page: our own header, which no other site can send without asking, and a JSON object."""

    async def endpoint(request: Request) -> Response:
        if request.headers.get("x-twoticks") != "1":
            raise HTTPException(400, "this needs the header X-Twoticks: 1; only the try-it page itself posts here")
        await act(await _said(request))
        return Response(status_code=204, headers=HEADERS)

    return endpoint


async def _said(request: Request) -> dict[str, Any]:
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        raise HTTPException(400, "the body must be JSON, with Content-Type: application/json")
    try:
        said = await request.json()
    except (JSONDecodeError, UnicodeDecodeError):
        raise HTTPException(400, "the body is not valid JSON") from None
    if not isinstance(said, dict):
        raise HTTPException(400, "the body must be a JSON object")
    return said


def word(said: dict[str, Any], key: str, allowed: tuple[str, ...] = ()) -> str:
    """The text under `key`; a missing, empty or not allowed one is answered with 400 and what is allowed."""
    value = said.get(key)
    if not isinstance(value, str) or not value or (allowed and value not in allowed):
        raise HTTPException(400, f"{key!r} must be " + (" or ".join(allowed) if allowed else "a text"))
    return value


def tick(said: dict[str, Any], key: str) -> bool:
    """The true or false under `key`, else 400."""
    value = said.get(key)
    if not isinstance(value, bool):
        raise HTTPException(400, f"{key!r} must be true or false")
    return value
