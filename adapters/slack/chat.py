"""Slack as a Chat: three verbs over the Web API, listening by Socket Mode or by HTTP (PLATFORMS 2)."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from slack_bolt.authorization import AuthorizeResult
from slack_sdk.web.async_client import AsyncWebClient
from starlette.routing import Route

from adapters.slack import render
from adapters.slack.app import SlackApp, ask, hang_up, web_client
from adapters.slack.arrivals import maybe
from adapters.slack.failures import BACKOFF, failure
from adapters.slack.inbox import Workspace
from adapters.slack.manifest import SCOPES
from bot.model import Address, Message
from bot.ports import Account, ChatFailure, Ear, LaneDown, Later, Rejected, Sent, Unclear, Unreachable

Json = dict[str, Any]

REMOVED = "the app was removed from this Slack workspace; install it again and give its new token"
LOOK = 5.0  # seconds a look for a first copy may take
TO_CONNECT = "Basic Information, App-Level Tokens: make one with connections:write; and switch Socket Mode on"

log = logging.getLogger(__name__)


class SlackChat:
    """One Slack workspace. The program sets `lane` between `connect` and `listen`."""

    alone = False  # each of several sockets gets a share of what arrives

    def __init__(
        self,
        *,
        bot_token: str,
        app_token: str,
        signing_secret: str,
        mode: str,
        api_base_url: str,
        slash_reply: str = "I have written to you directly.",
        app: SlackApp | None = None,
    ) -> None:
        """`mode`: "socket" (needs the app token) or "http" (needs the signing secret). `app`: shared by workspaces."""
        self.lane = 0
        self._bot_token, self._base = bot_token, api_base_url
        self._me = AuthorizeResult(enterprise_id=None, team_id=None)
        self._client: AsyncWebClient | None = None
        self._real_time = False  # Slack's times can be compared with the core's
        self._app = app or SlackApp(app_token, signing_secret, mode, api_base_url, slash_reply)
        self._inbox = self._app.inbox

    # --- the verbs ---

    async def connect(self) -> str:
        """Asks once who we are; the team id. Raises LaneDown, Later or Unclear."""
        data = await ask(self._web.auth_test)
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
        if again is not None and (ref := await self._look(address, key, again)):
            return Sent(ref)
        data = await ask(
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
        await ask(self._web.chat_update, channel=channel, ts=ts, **_shown(message))

    async def find(self, email: str) -> str | None:
        """The user id of the workspace's own active member with that address, or None."""
        try:
            data = await ask(self._web.users_lookupByEmail, email=email)
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
        return found if self._app.mode == "http" else [*found, await self._may_connect()]

    async def _may_connect(self) -> tuple[str, str]:
        try:
            await ask(self._web.apps_connections_open, app_token=self._app.app_token)
        except LaneDown as trouble:
            return "red", f"the app token opens no socket: {trouble}. {TO_CONNECT}"
        except ChatFailure as trouble:
            return "yellow", f"whether the app token opens a socket cannot be told now: {trouble}"
        return "green", "the app token opens a socket"

    async def close(self) -> None:
        """Ends all connections of the Web API."""
        client, self._client = self._client, None
        if client is not None:
            await hang_up(client)

    # --- the Web API ---

    @property
    def _web(self) -> AsyncWebClient:
        """Made at its first use, because a session belongs to a running loop."""
        if self._client is None:
            self._client = web_client(self._bot_token, self._base)
        return self._client

    async def _look(self, address: Address, key: str, again: datetime) -> str:
        """As `_first_copy`; where Slack cannot be asked now nothing is sent either, and the try does not count."""
        try:
            async with asyncio.timeout(LOOK):
                return await self._first_copy(address, key, again)
        except (Unclear, TimeoutError) as away:
            raise Later(BACKOFF, f"Slack cannot be asked for a first copy: {away or 'no answer'}") from away

    async def _first_copy(self, address: Address, key: str, again: datetime) -> str:
        """Where a message with this key already stands, or ""; no idempotency key exists, so the history is asked."""
        channel = address.chat
        if not channel:
            opened = await ask(self._web.conversations_open, users=address.user)
            if not (channel := maybe(opened, "channel", "id")):
                raise Unclear("Slack did not name the direct message")
        since = {"oldest": f"{(again - timedelta(seconds=5)).timestamp():.6f}"} if self._real_time else {}
        data = await ask(self._web.conversations_history, channel=channel, limit=15, include_all_metadata=True, **since)
        found = (m for m in data.get("messages", []) if maybe(m, "metadata", "event_payload", "k") == key)
        return next((f"{channel}:{maybe(m, 'ts')}" for m in found), "")

    async def _reply(self, account: Account, message: Message) -> None:
        """A message kept nowhere, for somebody without a card."""
        channel = account.chat or account.user
        await ask(self._web.chat_postMessage, channel=channel, **_shown(message), **_plainly)

    async def _publish(self, user: str, messages: Sequence[Message]) -> None:
        await ask(self._web.views_publish, user_id=user, view=render.home(messages))

    # --- listening ---

    @property
    def routes(self) -> list[Route]:
        """What the web server needs for this chat alone; an app that is shared has its routes itself."""
        return self._app.routes

    def use(self, token: str) -> None:
        """From now on this token speaks: the one before has been rotated."""
        self._bot_token = token
        if self._client is not None:
            self._client.token = token

    async def listen(self, ear: Ear) -> None:
        """Hears the workspace until cancelled; LaneDown when the app is removed or its tokens are refused."""
        self._real_time = ear.rate == 1.0
        team, here = str(self._me.team_id), Workspace(self._me, self.lane, ear, self._reply, self._publish)
        self._inbox.open[team] = here
        self._inbox.known.add(team)
        tasks = [asyncio.ensure_future(one) for one in (here.work(), here.removed.wait(), self._app.listen())]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            if here.removed.is_set():
                self._inbox.known.discard(team)
                raise LaneDown(REMOVED)
            tasks[2].result()
        finally:
            for task in reversed(tasks):  # what is under way ends before its replies do
                task.cancel()
                await asyncio.wait([task])
            del self._inbox.open[team]


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
