"""The fake Slack's Web API over HTTP: from one call of the program, who makes it and what goes wrong, to the answer."""

import asyncio
import base64
import time
from collections.abc import Callable

from aiohttp import web

from . import slack_rules as rules
from .screens import Call, Fault
from .slack_blocks import Json
from .slack_workspace import Refused, Workspace

PLATFORM_PAGES = {
    429: ("application/json", '{"ok":false,"error":"ratelimited"}'),
    500: ("text/plain", "Internal Server Error"),
    502: ("text/html", "<html><body><h1>502 Bad Gateway</h1></body></html>"),
    503: ("text/html", "<html><body><h1>503 Service Unavailable</h1></body></html>"),
    504: ("text/html", "<html><body><h1>504 Gateway Timeout</h1></body></html>"),
}


class Server(Workspace):
    """The Web API around its methods: arguments, tokens, scopes, rates and faults."""

    def __init__(self, team: str, bot_token: str, app_token: str) -> None:
        super().__init__(team)
        self.bot_token, self.app_token = bot_token, app_token
        self.scopes = list(rules.SCOPES)  # a test may take some away
        self.beside: dict[str, Server] = {}  # bot token → a further workspace that is reached at this address
        self.enforce_rates = False
        self.revoked = False
        self.expired = False
        self.port = 0
        self._buckets: dict[str, tuple[float, float]] = {}
        self._methods: dict[str, Callable[[Json], Json]] = {}

    @property
    def api_base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/api/"

    def revoke(self) -> None:
        """From now on the bot token is refused."""
        self.revoked = True

    def expire(self) -> None:
        """The bot token is too old now; only its refresh token helps."""
        self.expired = True

    def granted(self) -> frozenset[str]:
        return frozenset(self.scopes)

    async def _serve(self, request: web.Request) -> web.Response:
        name = request.match_info["method"]
        if other := self.beside.get(request.headers.get("Authorization", "").removeprefix("Bearer ")):
            return await other._serve(request)
        plain, typed, error = await _read(request)
        plain |= _client(request)
        token = self._token(request, plain, typed)
        known = rules.METHODS.get(name)
        args, refused, why = rules.read_arguments(known, plain, typed) if known else ({**plain, **typed}, None, [])
        self.calls.append(Call(name, {n: v for n, v in args.items() if n != "client_secret"}, time.monotonic()))
        error = error or ("unknown_method" if known is None else None)
        if known and typed and not known.json:
            refused, why = "invalid_arguments", [f"[ERROR] {name} takes no JSON body"]

        def answer() -> web.Response:
            return self._answer(name, args, token, Refused(error or refused or "", *why) if error or refused else None)

        place = str(args.get("channel", ""))
        person = self.channels[place].user if place in self.channels else place
        response = await self._go_wrong(self.take_fault(name, person), request, answer)
        self.changed()
        return response

    def _token(self, request: web.Request, plain: dict[str, str], typed: Json) -> str:
        """The token of a call; one in the address or in a JSON body is not taken."""
        if "token" in request.query or "token" in typed:
            self.complaints.append("token in the query string or in a JSON body: it belongs in the header")
            typed.pop("token", None)
            plain.pop("token", None)
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        return token.strip() if scheme == "Bearer" else plain.pop("token", "")

    def _answer(self, name: str, args: Json, token: str, refused: Refused | None) -> web.Response:
        headers = {"x-oauth-scopes": ",".join(self.scopes)} if token == self.bot_token else {}
        try:
            if refused and refused.error not in ("invalid_arguments", "invalid_blocks_format"):
                raise refused
            self._admit(rules.METHODS[name], token)
            if refused:
                raise refused
            return web.json_response({"ok": True, **self._methods[name](args)}, headers=headers)
        except Refused as no:
            if no.error in rules.OUR_BUGS:
                self.complaints.append(f"{name}: {no.error} {' '.join(no.why)}".strip())
            more: Json = {"response_metadata": {"messages": list(no.why)}} if no.why else {}
            headers |= {"Retry-After": str(no.wait)} if no.wait else {}
            body = {"ok": False, "error": no.error, **no.more, **more}
            return web.json_response(body, status=no.status, headers=headers)

    def _admit(self, method: rules.Method, token: str) -> None:
        if not method.token:
            return
        if not token:
            raise Refused("not_authed")
        if token not in (self.bot_token, self.app_token):
            raise Refused("invalid_auth")
        if not token.removeprefix("xoxe.").startswith(method.token):
            raise Refused("not_allowed_token_type")
        if self.revoked and token == self.bot_token:
            raise Refused("token_revoked")
        if self.expired and token == self.bot_token:
            raise Refused("token_expired")
        if method.scope and method.scope not in self.scopes:
            raise Refused("missing_scope", needed=method.scope, provided=",".join(self.scopes))

    async def _go_wrong(
        self, fault: Fault | None, request: web.Request, answer: Callable[[], web.Response]
    ) -> web.Response:
        """The answer, or what the fault makes of it: before anything was done, or after."""
        done = answer() if fault is None or fault.after else None
        if fault is None:
            assert done is not None
            return done
        self.changed()
        await asyncio.sleep(fault.delay)
        if fault.drop and request.transport:
            request.transport.abort()
            return web.Response()
        if fault.status != 200 or fault.body is not None:
            return _fault_page(fault)
        return done or answer()

    def _limit(self, key: str, per_second: float, burst: float) -> None:
        """A leaking bucket for each key, when rates are enforced."""
        if not self.enforce_rates:
            return
        now = time.monotonic()
        left, since = self._buckets.get(key, (burst, now))
        left = min(burst, left + (now - since) * per_second)
        if left < 1:
            raise Refused("ratelimited", status=429, wait=max(1, round((1 - left) / per_second + 0.5)))
        self._buckets[key] = (left - 1, now)


def _client(request: web.Request) -> dict[str, str]:
    """Id and secret of the app, where they stand in the header."""
    scheme, _, said = request.headers.get("Authorization", "").partition(" ")
    if scheme != "Basic":
        return {}
    user, _, secret = base64.b64decode(said).decode().partition(":")
    return {"client_id": user, "client_secret": secret}


async def _read(request: web.Request) -> tuple[dict[str, str], Json, str | None]:
    """The arguments of a request: from query and form, from JSON, and Slack's error when the body is unreadable."""
    plain, typed = dict(request.query), {}
    if request.method == "GET" or not request.body_exists:
        return plain, {}, None
    if request.content_type == "application/json":
        try:
            typed = await request.json()
        except ValueError:
            return plain, {}, "invalid_json"
        return (plain, typed, None) if isinstance(typed, dict) else (plain, {}, "json_not_object")
    if request.content_type not in ("application/x-www-form-urlencoded", "multipart/form-data"):
        return plain, {}, "invalid_post_type"
    form = await request.post()
    return plain | {name: str(value) for name, value in form.items()}, {}, None


def _fault_page(fault: Fault) -> web.Response:
    """The answer of a platform that is not well; JSON, HTML or plain text as its body looks."""
    content_type, page = PLATFORM_PAGES.get(fault.status, ("application/json", '{"ok":false,"error":"fatal_error"}'))
    if fault.body is not None:
        page = fault.body
        content_type = "text/html" if page.startswith("<") else "text/plain"
        content_type = "application/json" if page[:1] in ("{", "[") or page == "null" else content_type
    headers = {"Content-Type": content_type, **({"Retry-After": "1"} if fault.status == 429 else {}), **fault.headers}
    return web.Response(status=fault.status, body=page.encode(), headers=headers)
