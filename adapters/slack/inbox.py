"""What comes from Slack, through slack-bolt: stored first, then acknowledged, then whatever may follow."""

import asyncio
import contextlib
import hashlib
import json
import logging
import os
import re
import secrets
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

from slack_bolt import BoltResponse
from slack_bolt.adapter.socket_mode.async_internals import run_async_bolt_app, send_async_response
from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler, to_starlette_response
from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.web.async_client import AsyncWebClient
from starlette.requests import Request
from starlette.responses import Response

from adapters.slack import arrivals
from bot.model import Message
from bot.points import passed
from bot.ports import Account, Answer, Arrival, Ear

Json = dict[str, Any]
Job = Callable[[], Awaitable[None]]

ANYTHING = re.compile("")
DRAIN = 3.0  # seconds that requests under way are given when we stop listening
_READ_BY_BOLT = ("SLACK_BOT_TOKEN", "SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET", "SLACK_SIGNING_SECRET")

log = logging.getLogger(__name__)


class NotStored(Exception):
    """The core could not store what a person did; Slack must not be told that it arrived."""


@dataclass(slots=True)
class Workspace:
    """One workspace whose people are heard. `post` and `publish` put a reply, or the App Home, on somebody's screen."""

    me: AuthorizeResult  # the bot's own ids there
    lane: int
    ear: Ear
    post: Callable[[Account, Message], Awaitable[None]]
    publish: Callable[[str, Sequence[Message]], Awaitable[None]]
    jobs: asyncio.Queue[Job] = field(default_factory=asyncio.Queue)
    homes: set[str] = field(default_factory=set)  # who has opened the App Home
    stale: set[str] = field(default_factory=set)  # whose App Home is about to be drawn anew
    removed: asyncio.Event = field(default_factory=asyncio.Event)  # the app was taken out of the workspace
    told: bool = False  # its ear knows that it is heard

    def stamp(self, ts: str) -> datetime | None:
        return arrivals.stamped(ts, self.ear.now(), self.ear.rate)

    async def work(self) -> None:
        """Does what may follow an acknowledgement, one after the other, best effort, until cancelled."""
        while True:
            job = await self.jobs.get()
            try:
                await job()
            except Exception as error:
                log.warning("a Slack reply or App Home was not shown: %s", error)

    def draw_home(self, account: Account) -> None:
        if account.user not in self.stale:
            self.stale.add(account.user)
            self.afterwards(lambda: self._show_home(account))

    async def _show_home(self, account: Account) -> None:
        self.stale.discard(account.user)
        await self.publish(account.user, await self.ear.today(account))

    def afterwards(self, job: Job) -> None:
        """Once the task that carries the request has ended, which is after its acknowledgement went out."""
        task = asyncio.current_task()
        assert task is not None
        task.add_done_callback(lambda _: self.jobs.put_nowait(job))


class Inbox:
    """Listens with one Bolt app for every workspace that is open; what lives here is what is under way."""

    def __init__(self, signing_secret: str, api_base_url: str, slash_reply: str) -> None:
        """No signing secret: Socket Mode."""
        self._slash_reply = slash_reply
        self.open: dict[str, Workspace] = {}  # team → workspace
        self.known: set[str] = set()  # teams that are ours, though nobody may hear them at the moment
        self._busy: dict[asyncio.Task[Any], datetime] = {}  # requests under way and when they came
        self.bolt = self._bolt(signing_secret, api_base_url)
        self._starlette = AsyncSlackRequestHandler(self.bolt)

    def _bolt(self, signing_secret: str, api_base_url: str) -> AsyncApp:
        for name in _READ_BY_BOLT:  # id and secret would turn on OAuth with tokens in files
            os.environ.pop(name, None)

        async def authorize(team_id: str | None) -> AuthorizeResult:
            here = self.open.get(team_id or "")  # auth.test was asked once, in `connect`; `_admit` refuses the rest
            return here.me if here else AuthorizeResult(enterprise_id=None, team_id=None)

        app = AsyncApp(
            name="twoticks",
            logger=quiet("slack_bolt"),
            process_before_response=True,
            signing_secret=signing_secret,
            request_verification_enabled=bool(signing_secret),
            authorize=authorize,
            client=AsyncWebClient(base_url=api_base_url, retry_handlers=[], logger=quiet("slack_sdk")),
        )
        logging.getLogger("slack_bolt.RequestVerification").setLevel(logging.WARNING)  # at INFO it prints bodies
        app.middleware(self._admit)
        app.error(self._trouble)
        app.action(ANYTHING)(self._tapped)
        app.command(ANYTHING)(self._typed)
        app.shortcut(ANYTHING)(self._typed)
        app.event(ANYTHING)(self._happened)
        return app

    # --- its life ---

    async def tell_heard(self) -> None:
        """Everything that came before this is stored, in every workspace."""
        for here in list(self.open.values()):
            here.told = True
            try:
                await here.ear.heard(here.lane, min(self._busy.values(), default=here.ear.now()))
            except Exception as error:
                log.warning("could not note until when Slack was heard: %s", type(error).__name__)

    async def drain(self) -> None:
        """Lets the requests under way end, for at most three seconds."""
        if self._busy:
            await asyncio.wait(list(self._busy), timeout=DRAIN)

    # --- the two ways in ---

    async def http(self, request: Request) -> Response:
        """One request that the guard let through; 503 while nobody listens."""
        if not self.open:
            return Response(status_code=503)
        try:
            return await self._starlette.handle(request)
        except Exception as error:  # a body that Bolt itself stumbles over
            raw = (await request.body()).decode(errors="replace")
            return to_starlette_response(await self._trouble(error, _read(raw)))

    async def envelope(self, client: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
        """One envelope of Socket Mode; anything but 200 means that it is not acknowledged."""
        started = time.time()
        try:
            response = await run_async_bolt_app(self.bolt, request)
        except Exception as error:
            response = await self._trouble(error, request.payload)
        await send_async_response(client, request, response, started)
        passed("slack acknowledged")

    def _of(self, body: Json) -> Workspace | None:
        """The open workspace that everybody and everything in it belongs to."""
        teams = arrivals.teams(body)
        return self.open.get(teams.pop()) if len(teams) == 1 else None

    def _refused(self, body: Any) -> BoltResponse:
        """500, so that it is not taken as stored, where the workspace is ours but not heard; else 200 and no data."""
        teams = arrivals.teams(body)
        if not self.open or (len(teams) == 1 and teams <= self.known):
            log.error("a Slack request was not stored and not acknowledged: its workspace is not heard at the moment")
            return BoltResponse(status=500)
        log.warning("a Slack request of another workspace, or of a guest from one, was refused")
        return BoltResponse(status=200)

    async def _admit(
        self, body: Json, context: AsyncBoltContext, next: Callable[[], Awaitable[None]]
    ) -> BoltResponse | None:
        """Lets in what belongs to one of our workspaces and remembers that it is under way."""
        here = self._of(body)
        if here is None:
            return self._refused(body)
        task = asyncio.current_task()
        assert task is not None
        context["workspace"] = here
        self._busy[task] = here.ear.now()
        task.add_done_callback(lambda done: self._busy.pop(done, None))
        await next()
        return None

    async def _trouble(self, error: Exception, body: Any) -> BoltResponse:
        """500, so that events come again, if it was not stored; else it is unreadable: put aside, and 200."""
        name = secrets.token_hex(3)
        if isinstance(error, NotStored):
            log.error("[%s] not stored and not acknowledged: %s", name, type(error.__cause__).__name__)
            return BoltResponse(status=500)
        here = self._of(body) if arrivals.teams(body) else next(iter(self.open.values()), None)
        if here is None:
            return self._refused(body)
        raw = json.dumps(body)
        digest = hashlib.sha256(raw.encode()).hexdigest()[:32]
        try:
            await here.ear.park(here.lane, f"slack:{here.me.team_id}:unreadable:{digest}", raw)
        except Exception as again:
            log.error("[%s] unreadable and not stored either: %s", name, type(again).__name__)
            return BoltResponse(status=500)
        log.warning("[%s] a Slack request could not be read and was put aside: %s", name, type(error).__name__)
        return BoltResponse(status=200)

    # --- the listeners ---

    async def _tapped(self, ack: AsyncAck, body: Json, context: AsyncBoltContext) -> None:
        here: Workspace = context["workspace"]
        arrival = arrivals.tapped(body, here.lane, here.stamp)
        await self._hear(here, arrival)
        await ack()
        if not arrival.ref:
            here.homes.add(arrival.account.user)
        if arrival.account.user in here.homes:
            here.draw_home(arrival.account)

    async def _typed(self, ack: AsyncAck, body: Json, context: AsyncBoltContext) -> None:
        """Others may stand beside and read, so what is shown there is only the desk's toast or a neutral sentence."""
        here: Workspace = context["workspace"]
        answer = await self._hear(here, arrivals.typed(body, here.lane))
        if "command" in body:
            await ack(answer.toast or self._slash_reply)
        else:
            await ack()

    async def _happened(self, body: Json, context: AsyncBoltContext) -> None:
        here: Workspace = context["workspace"]
        event = body["event"]
        match event["type"]:
            case "app_uninstalled":
                here.removed.set()
            case "tokens_revoked" if event["tokens"].get("bot"):
                here.removed.set()
            case "app_home_opened" if event["tab"] == "home":
                user = arrivals.word(event, "user")
                here.homes.add(user)
                here.draw_home(Account(here.lane, user))
            case _:
                if arrival := arrivals.happened(body, here.lane, here.stamp):
                    await self._hear(here, arrival)

    async def _hear(self, here: Workspace, arrival: Arrival) -> Answer:
        try:
            answer = await here.ear.hear(arrival)
        except Exception as error:
            raise NotStored from error
        if (reply := answer.reply) is not None:
            here.afterwards(lambda: here.post(arrival.account, reply))
        return answer


def _read(raw: str) -> Any:
    """The body of a request as the guard let it through: JSON, or a form whose payload is JSON."""
    with contextlib.suppress(ValueError):
        return json.loads(raw)
    form = dict(parse_qsl(raw, keep_blank_values=True))
    return json.loads(form["payload"]) if "payload" in form else form


def quiet(name: str) -> logging.Logger:
    """That library's logger, never below INFO, where it would print what people write."""
    logger = logging.getLogger(name)
    logger.setLevel(max(logging.INFO, logger.getEffectiveLevel()))
    return logger
