"""A Slack workspace on loopback, as strict as the real one, with people who read, tap and type.

It answers the Web API, hands out Socket Mode sockets or signs HTTP requests for real, and keeps what everybody sees.
Guesses, for want of a published rule: bursts before a rate limit, the length of a rich_text block, the size of
metadata, the error for posting to a deactivated person. What Slack allows but dislikes is in `complaints`.
"""

import asyncio
import copy
import hashlib
import hmac
import html
import itertools
import json
import random
import re
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import aiohttp
from aiohttp import web

from . import slack_rules as rules
from .screens import Button, Call, Fault, Screens, Shown
from .slack_rules import Json

ACK_SECONDS = 3.0
RETRIES = 3  # times an event is sent again; really at once, after 1 and after 5 minutes, here at once
MOST_SOCKETS = 10
TRIGGER_SECONDS = 3.0
BOT_USER, BOT_ID, APP_ID = "UBOT", "BBOT", "ABOT"
PLATFORM_PAGES = {
    429: ("application/json", '{"ok":false,"error":"ratelimited"}'),
    500: ("text/plain", "Internal Server Error"),
    502: ("text/html", "<html><body><h1>502 Bad Gateway</h1></body></html>"),
    503: ("text/html", "<html><body><h1>503 Service Unavailable</h1></body></html>"),
    504: ("text/html", "<html><body><h1>504 Gateway Timeout</h1></body></html>"),
}


@dataclass(frozen=True, slots=True)
class Ack:
    """How the program acknowledged one delivery; `status` is None on a socket, `body` what it sent along."""

    ok: bool
    status: int | None
    seconds: float
    body: Any


@dataclass(slots=True)
class Person:
    """One member of the workspace."""

    id: str
    name: str
    email: str
    locale: str
    tz: str
    guest: bool
    bot: bool
    team: str
    deleted: bool = False


@dataclass(slots=True)
class Channel:
    """One direct message between a person and the bot; messages by ts, oldest first."""

    id: str
    user: str
    messages: dict[str, Json] = field(default_factory=dict)


class Refused(Exception):
    """Slack says no: the error code, why, and for rate limits the HTTP status and the seconds to wait."""

    def __init__(self, error: str, *why: str, status: int = 200, wait: int = 0, **more: str) -> None:
        super().__init__(error)
        self.error, self.why, self.status, self.wait, self.more = error, why, status, wait, more


class _Workspace(Screens):
    """People, their direct messages, and what stands in them."""

    def __init__(self, team: str) -> None:
        super().__init__()
        self.team = team
        self.clock: Callable[[], float] = time.time  # where the ts of messages come from
        self.persons: dict[str, Person] = {}
        self.channels: dict[str, Channel] = {}
        self._direct: dict[str, Channel] = {}  # the same, by user id
        self.shown: dict[tuple[str, str], Shown] = {}
        self.homes: dict[str, tuple[Json, Shown]] = {}
        self.modals: dict[str, Shown] = {}  # the modal last opened for each person
        self._numbers = itertools.count(1)
        self._last_ts = 0
        self.person(BOT_USER, name="Homework", bot=True)

    def person(
        self,
        user: str,
        name: str = "",
        email: str = "",
        locale: str = "en-US",
        tz: str = "America/New_York",
        guest: bool = False,
        bot: bool = False,
        team: str = "",
    ) -> None:
        """Somebody joins the workspace; `team` is another workspace's id for a stranger of a shared channel."""
        self.persons[user] = Person(user, name or user, email, locale, tz, guest, bot, team or self.team)
        if not bot:
            self.screen(user)

    def deactivate(self, user: str) -> None:
        """The person's account is switched off; tell the program with `event` if it should hear of it."""
        self.persons[user].deleted = True

    def delete(self, shown: Shown) -> None:
        """The message vanishes: from the screen, from the history, and for `chat.update`."""
        channel = self.channels[str(shown.raw["channel"])]
        channel.messages.pop(shown.ref, None)
        self.shown.pop((channel.id, shown.ref), None)
        screen = self.screen(channel.user)
        screen[:] = [other for other in screen if other.ref != shown.ref]
        self.changed()

    def home(self, user: str) -> Shown | None:
        """The Home tab as last published for that person, read like a message."""
        return self.homes[user][1] if user in self.homes else None

    def user_object(self, user: str, with_locale: bool = False) -> Json:
        """What users.info and user_change tell of a person; Slack leaves out the zone of the deactivated."""
        one = self.persons[user]
        known: Json = {
            "id": one.id,
            "team_id": one.team,
            "name": one.name.lower().replace(" ", "."),
            "deleted": one.deleted,
            "profile": {"real_name": one.name, "display_name": one.name, "team": one.team},
            "is_bot": one.bot,
            "updated": int(self.clock()),
        }
        if one.email and "users:read.email" in self.granted():
            known["profile"]["email"] = one.email
        if one.deleted:
            return known
        offset = datetime.now(ZoneInfo(one.tz)).utcoffset()
        known |= {"real_name": one.name, "tz": one.tz, "tz_offset": int(offset.total_seconds()) if offset else 0}
        known |= {"is_restricted": one.guest, "is_ultra_restricted": one.guest, "is_app_user": False}
        return known | ({"locale": one.locale} if with_locale else {})

    def granted(self) -> frozenset[str]:
        """The scopes of the bot token."""
        return frozenset(rules.SCOPES)

    def _next_ts(self) -> str:
        self._last_ts = max(self._last_ts + 1, int(self.clock() * 1_000_000))
        return f"{self._last_ts // 1_000_000}.{self._last_ts % 1_000_000:06}"

    def _channel_of(self, person: Person) -> Channel:
        """The direct message with that person, opened when there is none; the ways a person cannot be reached raise."""
        if person.deleted:
            raise Refused("user_disabled")
        if person.bot:
            raise Refused("cannot_dm_bot")
        if person.id not in self._direct:
            channel = Channel(f"D{len(self.channels) + 1}", person.id)
            self.channels[channel.id] = self._direct[person.id] = channel
        return self._direct[person.id]

    def _named(self, blocks: list[Json]) -> list[Json]:
        """A copy of the blocks with the ids that Slack adds where none were given."""
        blocks = copy.deepcopy(blocks)
        for block in blocks:
            block.setdefault("block_id", f"b{next(self._numbers)}")
            for part in rules.interactive(block):
                part.setdefault("action_id", f"x{next(self._numbers)}")
        return blocks

    def _show(self, channel: Channel, message: Json, raw: Json) -> None:
        """Puts a new or edited message on the screen; only a new one rings."""
        seen = self.shown.get((channel.id, message["ts"]))
        if seen is None:
            seen = Shown(message["ts"], "", "", [], True, time.monotonic())
            self.shown[channel.id, message["ts"]] = seen
            self.screen(channel.user).append(seen)
            self._draw(seen, message, raw)
        else:
            self._redraw(seen, message, raw)
        self.changed()

    def _redraw(self, seen: Shown, content: Json, raw: Json) -> None:
        before = seen.text
        self._draw(seen, content, raw)
        seen.edits += 1
        if seen.text != before:
            seen.history.append(before)

    def _draw(self, seen: Shown, content: Json, raw: Json) -> None:
        blocks = content["blocks"]
        seen.preview = rules.read_mrkdwn(content.get("text", ""))
        seen.text = rules.read_blocks(blocks) if blocks else seen.preview
        seen.buttons, seen.raw = rules.read_buttons(blocks), raw


class _WebApi(_Workspace):
    """The Web API: what the program calls."""

    def __init__(self, team: str, bot_token: str, app_token: str) -> None:
        super().__init__(team)
        self.bot_token, self.app_token = bot_token, app_token
        self.scopes = list(rules.SCOPES)  # a test may take some away
        self.enforce_rates = False
        self.revoked = False
        self.port = 0
        self._tickets: set[str] = set()
        self._triggers: dict[str, tuple[str, float]] = {}
        self._exchanged: set[str] = set()
        self._buckets: dict[str, tuple[float, float]] = {}
        self._methods: dict[str, Callable[[Json], Json]] = {
            "api.test": self._test,
            "auth.test": self._who_am_i,
            "apps.connections.open": self._ticket,
            "chat.postMessage": self._post,
            "chat.update": self._update,
            "conversations.open": self._open,
            "conversations.history": self._history,
            "users.info": self._user,
            "users.lookupByEmail": self._by_email,
            "views.publish": self._publish,
            "views.open": self._open_modal,
            "team.info": self._team,
        }

    @property
    def api_base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/api/"

    def revoke(self) -> None:
        """From now on the bot token is refused."""
        self.revoked = True

    def granted(self) -> frozenset[str]:
        return frozenset(self.scopes)

    def _after(self, event: Json) -> None:
        """Told of each event that the program's own call causes."""

    # One call, from the request to the answer

    async def _serve(self, request: web.Request) -> web.Response:
        name = request.match_info["method"]
        plain, typed, error = await _read(request)
        token = self._token(request, plain, typed)
        known = rules.METHODS.get(name)
        args, refused, why = rules.read_arguments(known, plain, typed) if known else ({**plain, **typed}, None, [])
        self.calls.append(Call(name, args, time.monotonic()))
        error = error or ("unknown_method" if known is None else None)
        if known and typed and not known.json:
            refused, why = "invalid_arguments", [f"[ERROR] {name} takes no JSON body"]

        def answer() -> web.Response:
            return self._answer(name, args, token, Refused(error or refused or "", *why) if error or refused else None)

        response = await self._go_wrong(self.take_fault(name), request, answer)
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
        if not token.startswith(method.token):
            raise Refused("not_allowed_token_type")
        if self.revoked and token == self.bot_token:
            raise Refused("token_revoked")
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

    # The methods

    def _test(self, args: Json) -> Json:
        if "error" in args:
            raise Refused(args["error"])
        return {"args": args}

    def _who_am_i(self, args: Json) -> Json:
        who = {"user": "homework", "user_id": BOT_USER, "bot_id": BOT_ID, "is_enterprise_install": False}
        return {"url": "https://school.slack.com/", "team": "School", "team_id": self.team, **who}

    def _team(self, args: Json) -> Json:
        return {"team": {"id": self.team, "name": "School", "domain": "school", "email_domain": ""}}

    def _ticket(self, args: Json) -> Json:
        ticket = f"t{next(self._numbers)}"
        self._tickets.add(ticket)
        return {"url": f"ws://127.0.0.1:{self.port}/link/?ticket={ticket}&app_id={APP_ID}"}

    def _post(self, args: Json) -> Json:
        channel = self._destination(args["channel"])
        self._limit(f"post {channel.id}", 1.0, 5.0)
        self._check_message("chat.postMessage", args, rules.POST_TEXT)
        self._check_links(args)
        blocks = self._named(args.get("blocks", []))
        message: Json = {"type": "message", "user": BOT_USER, "bot_id": BOT_ID, "app_id": APP_ID, "team": self.team}
        message |= {"ts": self._next_ts(), "text": args.get("text", args.get("markdown_text", "")), "blocks": blocks}
        message |= {"metadata": args["metadata"]} if args.get("metadata") else {}
        message |= {"thread_ts": args["thread_ts"]} if "thread_ts" in args else {}
        channel.messages[message["ts"]] = message
        self._show(channel, message, {**args, "channel": channel.id, "ts": message["ts"], "blocks": blocks})
        self._after({**message, "channel": channel.id, "channel_type": "im", "event_ts": message["ts"]})
        return {"channel": channel.id, "ts": message["ts"], "message": message}

    def _destination(self, channel: str) -> Channel:
        if channel in self.persons:
            return self._channel_of(self.persons[channel])
        if channel in self.channels:
            return self._channel_of(self.persons[self.channels[channel].user])
        raise Refused("not_in_channel" if channel[:1] in ("C", "G") else "channel_not_found")

    def _check_message(self, name: str, args: Json, limit: int) -> None:
        blocks = args.get("blocks", [])
        error = rules.text_error(args, limit) or rules.blocks_error(blocks)
        if error := error or rules.metadata_error(args.get("metadata", {})):
            raise Refused(error, *(rules.block_problems(blocks) if error == "invalid_blocks" else ()))
        words = args.get("text", "")
        if not words.strip() and "markdown_text" not in args:
            self.complaints.append(f"{name}: no top-level text: notification and screen reader have nothing to say")
        if any(re.search("<!(channel|here|everyone)", text) for text in _mrkdwn(args)):
            self.complaints.append(f"{name}: a mention that rings everybody: write &lt; instead of <")
        if args.get("link_names") or args.get("parse") == "full":
            self.complaints.append(f"{name}: link_names turns words into mentions")
        if args.get("attachments"):
            self.complaints.append(f"{name}: attachments are legacy, the fake does not show them")

    def _check_links(self, args: Json) -> None:
        links = "://" in json.dumps([args.get("text"), args.get("markdown_text"), args.get("blocks")])
        if links and (args.get("unfurl_links") is not False or args.get("unfurl_media") is not False):
            self.complaints.append("chat.postMessage: unfurl_links and unfurl_media are not off, links show a preview")

    def _update(self, args: Json) -> Json:
        channel, message = self._own_message(args)
        self._limit("update", 50 / 60, 50.0)
        self._check_message("chat.update", args, rules.UPDATE_TEXT)
        blocks = self._blocks_after(message, args)
        before = copy.deepcopy(message)
        message |= {"blocks": blocks, "text": args.get("text", message["text"])}
        message["edited"] = {"user": BOT_USER, "ts": self._next_ts()}
        if "metadata" in args:
            message.pop("metadata", None)
            message |= {"metadata": args["metadata"]} if args["metadata"] else {}
        self._show(channel, message, {**args, "blocks": blocks})
        self._after(_edited(channel, message, before))
        return {"channel": channel.id, "ts": message["ts"], "text": message["text"], "message": message}

    def _own_message(self, args: Json) -> tuple[Channel, Json]:
        channel = self._direct_message("chat.update", args["channel"])
        message = channel.messages.get(args["ts"])
        if message is None:
            raise Refused("message_not_found")
        if message["user"] != BOT_USER:
            raise Refused("cant_update_message")
        return channel, message

    def _direct_message(self, name: str, channel: str) -> Channel:
        if channel in self.persons:
            self.complaints.append(f"{name}: a user id where the D channel belongs")
        if channel not in self.channels:
            raise Refused("channel_not_found")
        return self.channels[channel]

    def _blocks_after(self, message: Json, args: Json) -> list[Json]:
        """New blocks replace the old; words alone remove them; neither keeps them."""
        if "blocks" not in args:
            return [] if "text" in args else message["blocks"]
        if rules.mismatch(message["blocks"], args["blocks"]):
            raise Refused("block_mismatch")
        return self._named(args["blocks"])

    def _open(self, args: Json) -> Json:
        users = [user for user in args.get("users", "").split(",") if user]
        if "channel" in args:
            channel = self._direct_message("conversations.open", args["channel"])
            return {"channel": {"id": channel.id}, "no_op": True, "already_open": True}
        if len(users) != 1:
            raise Refused("missing_scope", needed="mpim:write") if users else Refused("users_list_not_supplied")
        if users[0] not in self.persons:
            raise Refused("user_not_found")
        before = len(self.channels)
        channel = self._channel_of(self.persons[users[0]])
        already = {"no_op": True, "already_open": True} if len(self.channels) == before else {}
        whole = {"is_im": True, "is_open": True, "user": users[0]} if args.get("return_im") else {}
        return {"channel": {"id": channel.id, **whole}, **already}

    def _history(self, args: Json) -> Json:
        channel = self._direct_message("conversations.history", args["channel"])
        limit = args.get("limit", 100)
        if not 1 <= limit <= 999:
            raise Refused("invalid_limit")
        found = [m for ts, m in channel.messages.items() if _within(ts, args)]
        found.reverse()
        if not re.fullmatch(r"\d*", args.get("cursor", "")):
            raise Refused("invalid_cursor")
        start = int(args.get("cursor") or 0)
        page = [m if args.get("include_all_metadata") else _bare(m) for m in found[start : start + limit]]
        more = len(found) > start + limit
        cursor = {"response_metadata": {"next_cursor": str(start + limit)}} if more else {}
        return {"messages": page, "has_more": more, "pin_count": 0, **cursor}

    def _user(self, args: Json) -> Json:
        if args["user"] not in self.persons:
            raise Refused("user_not_found")
        return {"user": self.user_object(args["user"], args.get("include_locale", False))}

    def _by_email(self, args: Json) -> Json:
        for one in self.persons.values():
            if one.email and one.email.lower() == args["email"].strip().lower() and not one.deleted:
                return {"user": self.user_object(one.id)}
        raise Refused("users_not_found")

    def _publish(self, args: Json) -> Json:
        user = args["user_id"]
        if user not in self.persons:
            raise Refused("user_not_found")
        old, seen = self.homes.get(user, ({}, None))
        if "hash" in args and old and args["hash"] != old["hash"]:
            raise Refused("hash_conflict")
        view = self._view(args["view"], "home", old.get("id"))
        if seen is None:
            seen = Shown(view["id"], "", "", [], False, time.monotonic())
            self._draw(seen, view, view)
        else:
            self._redraw(seen, view, view)
        self.homes[user] = (view, seen)
        self.changed()
        return {"view": view}

    def _open_modal(self, args: Json) -> Json:
        trigger = args.get("trigger_id", "")
        if trigger not in self._triggers:
            raise Refused("invalid_trigger_id")
        user, at = self._triggers[trigger]
        if trigger in self._exchanged:
            raise Refused("exchanged_trigger_id")
        if time.monotonic() - at > TRIGGER_SECONDS:
            raise Refused("expired_trigger_id")
        view = self._view(args["view"], "modal", None)
        self._exchanged.add(trigger)
        self.modals[user] = Shown(view["id"], "", "", [], False, time.monotonic())
        self._draw(self.modals[user], view, view)
        self.changed()
        return {"view": view}

    def _view(self, view: Json, surface: str, known_as: str | None) -> Json:
        """The view as Slack stores it, with its id, hash and block ids."""
        if error := rules.view_error(view, surface):
            raise Refused(error, *(rules.view_problems(view, surface) if error == "invalid_arguments" else ()))
        name = known_as or f"V{next(self._numbers)}"
        empty: Json = {"private_metadata": "", "callback_id": "", "external_id": "", "state": {"values": {}}}
        empty |= {"title": None, "submit": None, "close": None, "clear_on_close": False, "notify_on_close": False}
        about = {"id": name, "team_id": self.team, "app_id": APP_ID, "bot_id": BOT_ID, "root_view_id": name}
        about |= {"hash": f"{self._next_ts()}.{name}", "app_installed_team_id": self.team}
        return {**empty, **view, **about, "previous_view_id": None, "blocks": self._named(view["blocks"])}


class _Deliveries(_WebApi):
    """What Slack sends: signed HTTP requests, or envelopes on a socket, each waiting for its acknowledgement."""

    def __init__(self, team: str, bot_token: str, app_token: str, signing_secret: str) -> None:
        super().__init__(team, bot_token, app_token)
        self.signing_secret = signing_secret  # another one: requests signed with a wrong key
        self.clock_skew = 0.0  # seconds added to the time in the signature
        self.events_url: str | None = None
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
                send = self._by_http if self.events_url else self._by_socket
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


class SlackFake(_Deliveries):
    """The workspace with its people; use as `async with SlackFake() as slack`."""

    def __init__(
        self,
        team: str = "T1",
        bot_token: str = "xoxb-test",
        app_token: str = "xapp-test",
        signing_secret: str = "a-signing-secret",
    ) -> None:
        super().__init__(team, bot_token, app_token, signing_secret)
        self.echoes = False  # True: the bot's own posts and edits come back as message events, as on Slack
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=4 * 1024 * 1024)
        app.router.add_route("*", "/api/{method}", self._serve)
        app.router.add_get("/link/", self._link)
        app.router.add_post("/answer/{user}", self._response_url)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.port = self._runner.addresses[0][1]
        self._http = aiohttp.ClientSession()
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._runner and self._http
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for socket in self.sockets + self._leaving:
            await socket.close()
        await self._http.close()
        await self._runner.cleanup()

    # What people do

    async def tap(self, user: str, label: str, shown: Shown | None = None) -> Ack:
        """Presses that label on the newest message that has it, or on `shown`, which may be an old copy."""
        if shown is None:
            having = [one for one in self.screen(user) if label in one.labels()]
            assert having, f"{user} sees no button {label!r}.\n{self.describe()}"
            shown = having[-1]
        return await self.press(user, shown, shown.button(label))

    async def press(self, user: str, shown: Shown, button: Button, action_ts: str | None = None) -> Ack:
        """Presses a button, which may be forged, on a message, which may be old or another person's."""
        channel, ts = str(shown.raw["channel"]), shown.ref
        message = self.channels[channel].messages.get(ts) or _as_message(shown)
        about: Json = {
            "container": {"type": "message", "message_ts": ts, "channel_id": channel, "is_ephemeral": False},
            "channel": {"id": channel, "name": "directmessage"},
            "message": message,
            "state": {"values": {}},
            "response_url": self._answer_url(user),
        }
        return await self._act(user, about, shown, button, action_ts)

    async def press_home(self, user: str, label: str) -> Ack:
        """Presses that label in the person's Home tab."""
        assert user in self.homes, f"nothing was published in the Home tab of {user}"
        view, shown = self.homes[user]
        about: Json = {"container": {"type": "view", "view_id": view["id"]}, "view": view}
        return await self._act(user, about, shown, shown.button(label), None)

    async def say(self, user: str, text: str) -> Ack:
        """Writes to the bot in the direct message."""
        channel = self._channel_of(self.persons[user])
        words = {"type": "rich_text_section", "elements": [{"type": "text", "text": text}]}
        message: Json = {"type": "message", "user": user, "ts": self._next_ts(), "text": html.escape(text, quote=False)}
        message |= {"client_msg_id": f"m{next(self._numbers)}", "team": self.team}
        message |= {"blocks": [{"type": "rich_text", "block_id": f"b{next(self._numbers)}", "elements": [words]}]}
        channel.messages[message["ts"]] = message
        return await self.event(message | {"channel": channel.id, "channel_type": "im", "event_ts": message["ts"]})

    async def command(self, user: str, text: str, channel: str | None = None) -> Ack:
        """Types `/homework text` in a channel, by default the direct message; the body is the text shown there."""
        one, place = self.persons[user], channel or self._channel_of(self.persons[user]).id
        payload = {"token": "verification-token", "team_id": one.team, "team_domain": "school", "channel_id": place}
        payload |= {"channel_name": "general" if channel else "directmessage", "user_id": user}
        payload |= {"user_name": one.name.lower(), "command": "/homework", "text": html.escape(text, quote=False)}
        payload |= {"api_app_id": APP_ID, "is_enterprise_install": "false", "response_url": self._answer_url(user)}
        payload |= {"trigger_id": self._trigger(user)}
        ack = await self._deliver("slash_commands", payload, f"/homework {text}")
        return Ack(ack.ok, ack.status, ack.seconds, _words_of(ack.body))

    async def opens_home(self, user: str) -> Ack:
        """Opens the bot's Home tab."""
        channel = self._channel_of(self.persons[user]).id
        view = {"view": self.homes[user][0]} if user in self.homes else {}
        event = {"type": "app_home_opened", "user": user, "channel": channel, "tab": "home", **view}
        return await self.event(event | {"event_ts": self._next_ts()})

    async def event(self, raw: Json, retry_num: int | None = None) -> Ack:
        """Sends an event, or a whole body (as in `deliveries`) as it is; refused events are sent again three times.

        With `retry_num` it is sent once, as that repetition.
        """
        body = raw if raw.get("type") in ("event_callback", "url_verification") else self._callback(raw)
        what = f"event {body.get('event', body)['type']}"
        reason = "http_timeout" if self.events_url else "timeout"
        if retry_num is not None:
            return await self._deliver("events_api", body, what, (retry_num, reason))
        self.deliveries.append(body)
        ack = await self._deliver("events_api", body, what)
        for number in range(1, RETRIES + 1):
            if ack.ok or body["type"] != "event_callback":
                break
            reason = reason if ack.status is None else "http_error"
            ack = await self._deliver("events_api", body, f"{what}, repetition {number}", (number, reason))
        return ack

    # How Slack puts it

    def _callback(self, event: Json) -> Json:
        bot = {"enterprise_id": None, "team_id": self.team, "user_id": BOT_USER, "is_bot": True}
        return {
            "token": "verification-token",
            "team_id": self.team,
            "api_app_id": APP_ID,
            "event": event,
            "type": "event_callback",
            "event_id": f"Ev{next(self._numbers):09}",
            "event_time": int(self.clock()),
            "authorizations": [bot | {"is_enterprise_install": False}],
            "is_ext_shared_channel": False,
        }

    async def _act(self, user: str, about: Json, shown: Shown, button: Button, action_ts: str | None) -> Ack:
        one = self.persons[user]
        name = one.name.lower().replace(" ", ".")
        payload: Json = {
            "type": "block_actions",
            "user": {"id": user, "username": name, "name": name, "team_id": one.team},
            "api_app_id": APP_ID,
            "token": "verification-token",
            "trigger_id": self._trigger(user),
            "team": {"id": self.team, "domain": "school"},
            "enterprise": None,
            "is_enterprise_install": False,
            **about,
            "actions": [_action(shown, button) | {"action_ts": action_ts or self._next_ts()}],
        }
        return await self._deliver("interactive", payload, f"{user} pressed {button.label!r}")

    def _trigger(self, user: str) -> str:
        trigger = f"{next(self._numbers)}.1.abcdef"
        self._triggers[trigger] = (user, time.monotonic())
        return trigger

    def _answer_url(self, user: str) -> str:
        return f"http://127.0.0.1:{self.port}/answer/{user}"

    async def _response_url(self, request: web.Request) -> web.Response:
        self.calls.append(Call("response_url", await request.json(), time.monotonic()))
        self.complaints.append("response_url was used: it works five times and for 30 minutes, nobody sees it here")
        self.changed()
        return web.Response(text="ok")

    def _after(self, event: Json) -> None:
        if self.echoes:
            self._start(self.event(copy.deepcopy(event)))


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


def _mrkdwn(args: Json) -> list[str]:
    """All texts of a message in which Slack reads markup."""
    found = [str(args.get("text", ""))]
    for block in args.get("blocks", []):
        parts = [block.get("text"), *block.get("fields", []), *block.get("elements", [])]
        found += [part["text"] for part in parts if part and part["type"] == "mrkdwn"]
    return found


def _within(ts: str, args: Json) -> bool:
    """Whether a message lies between `oldest` and `latest`, whose own messages count only if `inclusive`."""
    try:
        at, oldest, latest = _micros(ts), _micros(args.get("oldest", "0")), _micros(args.get("latest", "9999999999"))
    except ValueError:
        raise Refused("invalid_ts_oldest") from None
    return oldest <= at <= latest if args.get("inclusive") else oldest < at < latest


def _micros(ts: str) -> int:
    return round(float(ts) * 1_000_000)


def _bare(message: Json) -> Json:
    return {name: part for name, part in message.items() if name != "metadata"}


def _edited(channel: Channel, message: Json, before: Json) -> Json:
    event = {"type": "message", "subtype": "message_changed", "message": message, "previous_message": before}
    stamp = message["edited"]["ts"]
    return event | {"channel": channel.id, "channel_type": "im", "hidden": True, "ts": stamp, "event_ts": stamp}


def _http_body(kind: str, payload: Json) -> tuple[bytes, str]:
    """How Slack writes a delivery over HTTP: events as JSON, interactions and commands as forms."""
    if kind == "events_api":
        return json.dumps(payload).encode(), "application/json"
    form = payload if kind == "slash_commands" else {"payload": json.dumps(payload)}
    return urlencode(form).encode(), "application/x-www-form-urlencoded"


def _as_message(shown: Shown) -> Json:
    """A message that is gone from Slack, as the person's client still has it."""
    about = {"type": "message", "user": BOT_USER, "bot_id": BOT_ID, "ts": shown.ref}
    return about | {"text": shown.preview, "blocks": shown.raw.get("blocks", [])}


def _action(shown: Shown, button: Button) -> Json:
    """The pressed button as Slack tells it; forged data takes the ids of the button with that label, or the first."""
    blocks: Any = shown.raw.get("blocks", [])
    parts = [(block, part) for block in blocks for part in rules.interactive(block) if part["type"] == "button"]
    assert parts, f"no buttons on this message:\n{shown.text}"
    same = [(b, p) for b, p in parts if p["text"]["text"] == button.label]
    exact = [(b, p) for b, p in same if p.get("value", "") == button.data]
    block, part = (exact or same or parts)[0]
    text = {"type": "plain_text", "text": button.label, "emoji": part["text"].get("emoji", True)}
    action = {"type": "button", "action_id": part["action_id"], "block_id": block["block_id"], "text": text}
    return action | ({"value": button.data} if button.data else {})


def _words_of(body: Any) -> str:
    """The text that an answer to a slash command shows."""
    if isinstance(body, dict):
        return rules.read_blocks(body.get("blocks", [])) or rules.read_mrkdwn(body.get("text", ""))
    return str(body or "")
