"""The fake Slack, driven by the real libraries: it delivers what Slack delivers and refuses what Slack refuses."""

import asyncio
import copy
import json
import os
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import aiohttp
import pytest
import uvicorn
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from . import slack_rules as rules
from .screens import Button
from .slack import SlackFake

Json = dict[str, Any]
Listen = Callable[..., Awaitable[None]]


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("SLACK_") or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)


@pytest.fixture
async def slack() -> AsyncIterator[SlackFake]:
    async with SlackFake() as fake:
        fake.person("U1", name="Ms Okafor", email="okafor@school.example")
        fake.person("U2", name="Mr Ruiz", locale="es-US", guest=True)
        yield fake


@pytest.fixture
async def client(slack: SlackFake) -> AsyncIterator[AsyncWebClient]:
    async with aiohttp.ClientSession() as session:
        yield client_of(slack, session)


def client_of(slack: SlackFake, session: aiohttp.ClientSession, token: str = "xoxb-test") -> AsyncWebClient:
    return AsyncWebClient(token, base_url=slack.api_base_url, session=session, retry_handlers=[])


def card(text: str, *labels: str) -> list[Json]:
    """A rich_text block and one row of buttons, as a card has them."""
    elements = [{"type": "rich_text_section", "elements": [{"type": "text", "text": text}]}]
    return [{"type": "rich_text", "elements": elements}, *([actions(*labels)] if labels else [])]


def actions(*labels: str) -> Json:
    return {"type": "actions", "elements": [button(f"a{n}", label) for n, label in enumerate(labels)]}


def button(action_id: str, label: str, value: str = "v") -> Json:
    text = {"type": "plain_text", "text": label, "emoji": False}
    return {"type": "button", "action_id": action_id, "text": text, "value": value}


async def refused(call: Awaitable[object]) -> str:
    """The error code with which a call is refused."""
    with pytest.raises(SlackApiError) as no:
        await call
    return str(no.value.response["error"])


def complained(slack: SlackFake, words: str) -> bool:
    """Whether the fake complained of this and of nothing else; forgets it."""
    found, slack.complaints = slack.complaints, []
    return bool(found) and all(words in complaint for complaint in found)


async def raw_call(url: str, **request: Any) -> Json:
    headers = {"Authorization": "Bearer xoxb-test", **request.pop("headers", {})}
    async with aiohttp.ClientSession() as session, session.post(url, headers=headers, **request) as answer:
        body: Json = await answer.json()
        return body


# --- Messages ---------------------------------------------------------------------------------------------------


async def test_a_post_rings_and_an_edit_does_not(slack: SlackFake, client: AsyncWebClient) -> None:
    posted = await client.chat_postMessage(channel="U1", text="Homework &amp; more", blocks=card("5b", "All written ✓"))
    seen = await slack.sees("U1", "5b", button="All written ✓")
    assert (seen.preview, seen.rang, seen.raw["channel"]) == ("Homework & more", True, posted["channel"])
    old = copy.copy(seen)
    changed = {"text": "Done", "blocks": card("5b is written"), "channel": posted["channel"], "ts": posted["ts"]}
    await client.chat_update(**changed)
    await client.chat_update(**changed)  # without change: fine on Slack
    now = await slack.sees("U1", "5b is written")
    assert (now.edits, now.history, now.labels(), slack.rings("U1")) == (2, ["5b"], [], 1)
    assert old.labels() == ["All written ✓"]
    assert slack.complaints == []
    assert [call.method for call in slack.calls] == ["chat.postMessage", "chat.update", "chat.update"]


async def test_arguments_may_come_as_form_or_in_the_address(slack: SlackFake) -> None:
    form = {"channel": "U1", "text": "hi", "blocks": json.dumps(card("by form")), "unfurl_links": "false"}
    assert (await raw_call(slack.api_base_url + "chat.postMessage", data=form))["ok"]
    async with aiohttp.ClientSession(headers={"Authorization": "Bearer xoxb-test"}) as session:
        query = {"channel": "U1", "text": "by address", "link_names": "0"}
        async with session.get(slack.api_base_url + "chat.postMessage", params=query) as answer:
            assert (await answer.json())["ok"]
    assert [shown.text for shown in slack.screen("U1")] == ["by form", "by address"]
    assert slack.complaints == []


async def test_history_finds_a_message_by_its_metadata(slack: SlackFake, client: AsyncWebClient) -> None:
    metadata = {"event_type": "twoticks_card", "event_payload": {"k": "abc"}}
    first = await client.chat_postMessage(channel="U1", text="one", metadata=metadata)
    await client.chat_postMessage(channel="U1", text="two")
    await client.chat_update(channel=first["channel"], ts=first["ts"], text="one, edited")
    opened = await client.conversations_open(users="U1")
    assert opened["channel"]["id"] == first["channel"]
    since = str(float(first["ts"]) - 5)
    known = await client.conversations_history(
        channel=first["channel"], oldest=since, limit=15, include_all_metadata=True
    )
    assert [m["text"] for m in known["messages"]] == ["two", "one, edited"]
    assert known["messages"][1]["metadata"] == metadata
    bare = await client.conversations_history(channel=first["channel"], limit=1)
    assert bare["has_more"]
    assert "metadata" not in bare["messages"][0]
    await client.chat_update(channel=first["channel"], ts=first["ts"], text="one", metadata={})
    again = await client.conversations_history(channel=first["channel"], include_all_metadata=True)
    assert "metadata" not in again["messages"][1]


async def test_edits_that_slack_refuses(slack: SlackFake, client: AsyncWebClient) -> None:
    posted = await client.chat_postMessage(channel="U1", text="hi", blocks=card("5b"))
    where = {"channel": posted["channel"], "ts": posted["ts"], "text": "hi"}
    section = [{"type": "section", "text": {"type": "mrkdwn", "text": "5b"}}]
    assert await refused(client.chat_update(**where, blocks=section)) == "block_mismatch"
    assert complained(slack, "block_mismatch")
    assert await refused(client.chat_update(**{**where, "channel": "U1"})) == "channel_not_found"
    assert await refused(client.conversations_history(channel="U1")) == "channel_not_found"
    assert complained(slack, "a user id where the D channel belongs")
    assert await refused(client.chat_update(**{**where, "text": "x" * 4_001})) == "msg_too_long"
    assert complained(slack, "msg_too_long")
    await client.chat_update(**{**where, "text": "x" * 4_000})
    assert await refused(client.chat_update(**{**where, "ts": "1.000001"})) == "message_not_found"
    slack.delete(slack.screen("U1")[0])
    assert await refused(client.chat_update(**where)) == "message_not_found"
    assert slack.screen("U1") == []
    assert slack.complaints == []


async def test_posts_that_slack_refuses(slack: SlackFake, client: AsyncWebClient) -> None:
    async def post(**args: Any) -> str:
        return await refused(client.api_call("chat.postMessage", json={"channel": "U1", "text": "hi", **args}))

    assert await post(text="x" * 40_001) == "msg_too_long"
    assert await post(text=" ") == "no_text"
    assert await post(blocks=[{"type": "nonsense"}]) == "invalid_blocks"
    assert await post(blocks="{") == "invalid_blocks_format"
    assert await post(blocks=card("x" * 2_000 + "y" * 1_000), text="x", metadata={"k": 1}) == "invalid_metadata_format"
    long = [{"type": "rich_text", "elements": card("x" * 2_000)[0]["elements"] * 2}]
    assert await post(blocks=long) == "msg_blocks_too_long"
    assert await post(nonsense="1") == "invalid_arguments"
    assert await post(unfurl_links="maybe") == "invalid_arguments"
    assert await post(markdown_text="x") == "markdown_text_conflict"
    assert len(slack.complaints) == 9
    slack.complaints.clear()
    assert await post(channel="C1") == "not_in_channel"
    assert await post(channel="U404") == "channel_not_found"
    assert await post(channel="UBOT") == "cannot_dm_bot"
    assert slack.complaints == []


async def test_what_slack_takes_but_dislikes(slack: SlackFake, client: AsyncWebClient) -> None:
    with pytest.warns(UserWarning, match="top-level `text`"):
        await client.chat_postMessage(channel="U1", blocks=card("no words for the lock screen"))
    assert complained(slack, "no top-level text")
    await client.chat_postMessage(channel="U1", text="<!channel> help")
    assert complained(slack, "rings everybody")
    await client.chat_postMessage(channel="U1", text="hi", blocks=card("<!channel> is literal here"))
    await client.chat_postMessage(channel="U1", text="hi", link_names=True)
    assert complained(slack, "link_names")
    await client.chat_postMessage(channel="U1", text="see https://school.example")
    assert complained(slack, "unfurl")
    await client.chat_postMessage(
        channel="U1", text="see https://school.example", unfurl_links=False, unfurl_media=False
    )
    await raw_call(slack.api_base_url + "auth.test", params={"token": "xoxb-test"})
    assert complained(slack, "belongs in the header")


# --- Block Kit --------------------------------------------------------------------------------------------------


def rich(*elements: Json) -> list[Json]:
    return [{"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": list(elements)}]}]


def section(text: str, **more: Any) -> list[Json]:
    return [{"type": "section", "text": {"type": "mrkdwn", "text": text}, **more}]


FINE = {
    "65 characters on a button": [actions("x" * 65)],
    "75 characters on a button": [actions("x" * 75)],
    "2,000 characters of value": [{"type": "actions", "elements": [button("a", "ok", "v" * 2_000)]}],
    "25 buttons": [actions(*"abcdefghijklmnopqrstuvwxy")],
    "50 blocks": card("hi") * 50,
    "the same action_id in two blocks": [actions("a"), actions("b")],
    "styled text": rich({"type": "text", "text": "bold", "style": {"bold": True}}),
    "3,000 characters in a section": section("x" * 3_000),
    "150 characters of header": [{"type": "header", "text": {"type": "plain_text", "text": "x" * 150}}],
}
REFUSED = {
    "76 characters on a button": [actions("x" * 76)],
    "75 characters that are 76 units": [actions("x" * 74 + "🎉")],
    "an empty label": [actions("")],
    "2,001 characters of value": [{"type": "actions", "elements": [button("a", "ok", "v" * 2_001)]}],
    "256 characters of action_id": [{"type": "actions", "elements": [button("a" * 256, "ok")]}],
    "an action_id twice in a block": [{"type": "actions", "elements": [button("a", "yes"), button("a", "no")]}],
    "a block_id twice": [{"type": "divider", "block_id": "b"}, {"type": "divider", "block_id": "b"}],
    "26 buttons": [actions(*"abcdefghijklmnopqrstuvwxyz")],
    "no buttons": [actions()],
    "51 blocks": card("hi") * 51,
    "markup on a button": [
        {"type": "actions", "elements": [button("a", "ok") | {"text": {"type": "mrkdwn", "text": "x"}}]}
    ],
    "an unknown block": [{"type": "nonsense"}],
    "an unknown field": [{"type": "divider", "colour": "red"}],
    "an unknown style": [{"type": "actions", "elements": [button("a", "ok") | {"style": "blue"}]}],
    "a number for a word": [{"type": "actions", "elements": [button("a", "ok") | {"value": 7}]}],
    "an empty rich text": rich({"type": "text", "text": ""}),
    "rich text of nothing": rich(),
    "text instead of rich_text_section": [{"type": "rich_text", "elements": [{"type": "text", "text": "x"}]}],
    "3,001 characters in a section": section("x" * 3_001),
    "a section of nothing": [{"type": "section"}],
    "11 fields": section("x", fields=[{"type": "mrkdwn", "text": "x"}] * 11),
    "2,001 characters in a field": section("x", fields=[{"type": "mrkdwn", "text": "x" * 2_001}]),
    "11 context elements": [{"type": "context", "elements": [{"type": "mrkdwn", "text": "x"}] * 11}],
    "151 characters of header": [{"type": "header", "text": {"type": "plain_text", "text": "x" * 151}}],
    "a marked-up header": [{"type": "header", "text": {"type": "mrkdwn", "text": "x"}}],
    "not a block": ["hi"],
}


@pytest.mark.parametrize("blocks", FINE.values(), ids=FINE)
def test_blocks_that_are_fine(blocks: list[Json]) -> None:
    assert rules.blocks_error(blocks) is None, rules.block_problems(blocks)


@pytest.mark.parametrize("blocks", REFUSED.values(), ids=REFUSED)
def test_blocks_that_are_refused(blocks: list[Json]) -> None:
    assert rules.blocks_error(blocks) == "invalid_blocks"
    assert "json-pointer" in rules.block_problems(blocks)[0]


def test_views_and_choices_have_their_limits() -> None:
    def select(count: int) -> list[Json]:
        options = [{"text": {"type": "plain_text", "text": f"o{n}"}, "value": f"{n}"} for n in range(count)]
        return [{"type": "actions", "elements": [{"type": "static_select", "action_id": "s", "options": options}]}]

    assert rules.blocks_error(select(100)) is None
    assert rules.blocks_error(select(101)) == "invalid_blocks"
    title = {"type": "plain_text", "text": "x" * 24}
    modal: Json = {"type": "modal", "title": title, "blocks": section("hi") * 100, "private_metadata": "x" * 3_000}
    assert rules.view_error(modal, "modal") is None
    assert rules.view_error(modal | {"private_metadata": "x" * 3_001}, "modal") == "invalid_arguments"
    assert rules.view_error(modal | {"title": title | {"text": "x" * 25}}, "modal") == "invalid_arguments"
    assert rules.view_error(modal | {"blocks": section("hi") * 101}, "modal") == "invalid_arguments"
    assert rules.view_error(modal, "home") == "invalid_arguments"
    field: Json = {"type": "input", "label": title, "element": {"type": "plain_text_input", "action_id": "i"}}
    assert rules.view_error(modal | {"blocks": [field]}, "modal") == "invalid_arguments"
    assert rules.view_error(modal | {"blocks": [field], "submit": title}, "modal") is None
    assert rules.view_error({"type": "home", "blocks": section("x" * 3_000) * 90}, "home") == "view_too_large"


def test_what_a_person_reads() -> None:
    points = [{"type": "rich_text_section", "elements": [{"type": "text", "text": word}]} for word in ("Maths", "Art")]
    bold = {"type": "text", "text": "<!channel> & *5b*\n", "style": {"bold": True}}
    link = {"type": "link", "url": "https://s.example", "text": "plan"}
    blocks: list[Json] = [
        {"type": "header", "text": {"type": "plain_text", "text": "Today"}},
        {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [bold, link]}]},
        {"type": "rich_text", "elements": [{"type": "rich_text_list", "style": "bullet", "elements": points}]},
        actions("Yes", "No"),
        {
            "type": "context",
            "elements": [{"type": "mrkdwn", "text": "*Bold* &lt;b&gt; <https://x.example|here> 2 * 3"}],
        },
        *section("_Late_?", accessory=button("z", "Why")),
    ]
    assert rules.blocks_error(blocks) is None
    lines = ["Today", "<!channel> & *5b*", "plan", "• Maths", "• Art", "Bold <b> here 2 * 3", "Late?"]
    assert rules.read_blocks(blocks).split("\n") == lines
    assert [[b.label for b in row] for row in rules.read_buttons(blocks)] == [["Yes", "No"], ["Why"]]


# --- Other methods ----------------------------------------------------------------------------------------------


async def test_who_people_are(slack: SlackFake, client: AsyncWebClient) -> None:
    me = await client.auth_test()
    assert (me["team_id"], me["user_id"]) == ("T1", "UBOT")
    assert "users:read.email" in me.headers["x-oauth-scopes"]
    found = await client.users_lookupByEmail(email="Okafor@school.example")
    assert found["user"]["id"] == "U1"
    guest = await client.users_info(user="U2", include_locale=True)
    assert (guest["user"]["locale"], guest["user"]["is_restricted"]) == ("es-US", True)
    assert "locale" not in (await client.users_info(user="U2"))["user"]
    assert await refused(client.users_lookupByEmail(email="nobody@school.example")) == "users_not_found"
    assert await refused(client.users_info(user="U404")) == "user_not_found"
    slack.deactivate("U1")
    assert (await client.users_info(user="U1"))["user"]["deleted"]
    assert await refused(client.chat_postMessage(channel="U1", text="hi")) == "user_disabled"
    assert await refused(client.conversations_open(users="U1")) == "user_disabled"
    assert (await client.api_test(foo="1"))["args"] == {"foo": "1"}
    assert slack.complaints == []


async def test_tokens_and_scopes(slack: SlackFake, client: AsyncWebClient) -> None:
    assert await refused(client.team_info()) == "missing_scope"
    slack.scopes.append("team:read")
    assert (await client.team_info())["team"]["id"] == "T1"
    assert await refused(client.conversations_open(users=["U1", "U2"])) == "missing_scope"
    assert await refused(client.auth_test(token="xoxb-other")) == "invalid_auth"
    assert (await raw_call(slack.api_base_url + "auth.test", headers={"Authorization": ""}))["error"] == "not_authed"
    slack.revoke()
    assert await refused(client.auth_test()) == "token_revoked"
    assert slack.complaints == []
    assert await refused(client.apps_connections_open(app_token="xoxb-test")) == "not_allowed_token_type"
    assert complained(slack, "not_allowed_token_type")


async def test_calls_that_make_no_sense(slack: SlackFake, client: AsyncWebClient) -> None:
    assert await refused(client.api_call("chat.nonsense")) == "unknown_method"
    assert await refused(client.api_call("users.info", json={"user": "U1"})) == "invalid_arguments"
    assert await refused(client.api_call("chat.update", json={"channel": "D1"})) == "invalid_arguments"
    assert await refused(client.api_call("chat.postMessage", json={"channel": "U1", "text": 7})) == "invalid_arguments"
    url, as_json = slack.api_base_url + "chat.postMessage", {"Content-Type": "application/json"}
    assert (await raw_call(url, data="{", headers=as_json))["error"] == "invalid_json"
    assert (await raw_call(url, data="[]", headers=as_json))["error"] == "json_not_object"
    assert (await raw_call(url, data="hi", headers={"Content-Type": "text/plain"}))["error"] == "invalid_post_type"
    assert len(slack.complaints) == 7


async def test_the_home_tab_and_modals(slack: SlackFake, client: AsyncWebClient) -> None:
    assert slack.home("U1") is None
    published = await client.views_publish(user_id="U1", view={"type": "home", "blocks": section("Monday")})
    stale = published["view"]["hash"]
    view = {"type": "home", "blocks": section("Tuesday")}
    await client.views_publish(user_id="U1", view=view, hash=stale)
    assert await refused(client.views_publish(user_id="U1", view=view, hash=stale)) == "hash_conflict"
    home = slack.home("U1")
    assert home is not None
    assert (home.text, home.history, slack.rings("U1")) == ("Tuesday", ["Monday"], 0)
    modal: Json = {"type": "modal", "title": {"type": "plain_text", "text": "Late"}, "blocks": section("Why?")}
    assert slack.complaints == []
    assert await refused(client.views_open(trigger_id="1.2.x", view=modal)) == "invalid_trigger_id"
    assert complained(slack, "invalid_trigger_id")


# --- Faults and rates -------------------------------------------------------------------------------------------


async def test_a_platform_that_is_not_well(slack: SlackFake, client: AsyncWebClient) -> None:
    async def answer() -> Any:
        with pytest.raises(SlackApiError) as no:
            await client.chat_postMessage(channel="U1", text="hi")
        return no.value.response

    slack.fail("chat.postMessage", status=429, headers={"Retry-After": "7"})
    slow = await answer()
    assert (slow.status_code, slow["error"], slow.headers["Retry-After"]) == (429, "ratelimited", "7")
    slack.fail("chat.postMessage", status=500)
    assert (await answer()).data == "Internal Server Error"
    slack.fail("*", status=502)
    assert (await answer()).data == {}
    slack.fail("chat.postMessage", body="null")
    assert (await answer()).data is None
    assert slack.screen("U1") == []
    slack.fail("chat.postMessage", delay=0.05)
    assert (await client.chat_postMessage(channel="U1", text="late"))["ok"]
    assert slack.complaints == []


async def test_a_lost_answer_leaves_the_message(slack: SlackFake, client: AsyncWebClient) -> None:
    slack.fail("chat.postMessage", drop=True)
    with pytest.raises(aiohttp.ClientError):
        await client.chat_postMessage(channel="U1", text="never")
    slack.fail("chat.postMessage", drop=True, after=True)
    with pytest.raises(aiohttp.ClientError):
        await client.chat_postMessage(channel="U1", text="delivered")
    slack.fail("chat.postMessage", status=500, after=True)
    with pytest.raises(SlackApiError):
        await client.chat_postMessage(channel="U1", text="this too")
    assert [shown.text for shown in slack.screen("U1")] == ["delivered", "this too"]


async def test_rates_are_enforced_on_request(slack: SlackFake, client: AsyncWebClient) -> None:
    slack.enforce_rates = True
    for number in range(5):
        await client.chat_postMessage(channel="U1", text=f"{number}")
    with pytest.raises(SlackApiError) as no:
        await client.chat_postMessage(channel="U1", text="too much")
    assert (no.value.response.status_code, no.value.response.headers["Retry-After"]) == (429, "1")
    await client.chat_postMessage(channel="U2", text="somebody else is fine")


# --- Deliveries to the real Bolt --------------------------------------------------------------------------------


class Program:
    """A small Bolt program that answers taps, commands, messages and the Home tab, and keeps what it heard."""

    def __init__(self, client: AsyncWebClient, signing_secret: str = "a-signing-secret") -> None:
        self.heard: list[Json] = []
        self.failing = 0  # events to fail with an exception
        self.held = asyncio.Event()  # taps wait for it
        self.held.set()
        self.app = AsyncApp(client=client, signing_secret=signing_secret, process_before_response=True)
        self.app.action("a0")(self.tapped)
        self.app.command("/homework")(self.commanded)
        self.app.event("message")(self.written)
        self.app.event("app_home_opened")(self.opened)

    async def tapped(self, ack: Listen, body: Json, client: AsyncWebClient) -> None:
        await self.held.wait()
        self.heard.append(body)
        await ack()
        if body["container"]["type"] == "view":
            return
        where = {"channel": body["channel"]["id"], "ts": body["container"]["message_ts"]}
        try:
            await client.chat_update(**where, text="thanks", blocks=card(f"Thank you, {body['user']['id']}"))
        except SlackApiError as no:
            self.heard.append({"error": no.response["error"]})

    async def commanded(self, ack: Listen, command: Json) -> None:
        self.heard.append(command)
        await ack(f"I have written to you about {command['text']}")

    async def written(self, event: Json, client: AsyncWebClient) -> None:
        if self.failing:
            self.failing -= 1
            raise RuntimeError("the disk is full")
        self.heard.append(event)
        if "subtype" not in event:
            await client.chat_postMessage(channel=event["channel"], text="heard", blocks=card(event["text"]))

    async def opened(self, event: Json, client: AsyncWebClient) -> None:
        self.heard.append(event)
        view = {"type": "home", "blocks": [*section("Your day"), actions("Refresh")]}
        await client.views_publish(user_id=event["user"], view=view)


@asynccontextmanager
async def on_a_socket(slack: SlackFake, client: AsyncWebClient) -> AsyncIterator[Program]:
    program = Program(client)
    handler = AsyncSocketModeHandler(program.app, slack.app_token, web_client=client, ping_interval=0.1)
    await handler.connect_async()  # type: ignore[no-untyped-call]  # Bolt leaves it untyped
    await slack.connected()
    try:
        yield program
    finally:
        await handler.close_async()  # type: ignore[no-untyped-call]  # Bolt leaves it untyped


@asynccontextmanager
async def over_http(slack: SlackFake, client: AsyncWebClient) -> AsyncIterator[Program]:
    program = Program(client)
    bolt = AsyncSlackRequestHandler(program.app)

    async def endpoint(request: Request) -> Response:
        return await bolt.handle(request)

    listening = socket.create_server(("127.0.0.1", 0))
    site = Starlette(routes=[Route("/slack/events", endpoint, methods=["POST"])])
    server = uvicorn.Server(uvicorn.Config(site, log_level="warning", lifespan="off"))
    serving = asyncio.create_task(server.serve([listening]))
    slack.events_url = f"http://127.0.0.1:{listening.getsockname()[1]}/slack/events"
    try:
        yield program
    finally:
        server.should_exit = True
        await serving
        listening.close()


Run = Callable[[SlackFake, AsyncWebClient], AbstractAsyncContextManager[Program]]
both = pytest.mark.parametrize("run", [on_a_socket, over_http])


@both
async def test_a_tap_arrives_as_slack_sends_it(slack: SlackFake, client: AsyncWebClient, run: Run) -> None:
    async with run(slack, client) as program:
        await client.chat_postMessage(channel="U1", text="hi", blocks=card("5b", "All written ✓", "Some missing"))
        old = copy.copy(await slack.sees("U1", "5b"))
        ack = await slack.tap("U1", "All written ✓")
        assert (ack.ok, ack.status) == (True, 200 if slack.events_url else None)
        assert ack.seconds < 1
        await slack.sees("U1", "Thank you, U1")
        body = program.heard[0]
        assert body["container"]["message_ts"] == body["message"]["ts"] == old.ref
        assert (body["actions"][0]["value"], body["actions"][0]["action_id"]) == ("v", "a0")
        assert body["message"]["blocks"][1]["block_id"] == body["actions"][0]["block_id"]
        await slack.tap("U1", "All written ✓", shown=old)
        await slack.press("U2", old, Button("All written ✓", "forged"), action_ts="1.5")
        forged = program.heard[-1]
        assert (forged["user"]["id"], forged["actions"][0]["value"]) == ("U2", "forged")
        assert forged["actions"][0]["action_ts"] == "1.5"
        slack.delete(slack.screen("U1")[0])
        assert (await slack.tap("U1", "All written ✓", shown=old)).ok
        assert program.heard[-1] == {"error": "message_not_found"}
        assert slack.complaints == []


@both
async def test_a_person_types_and_opens_the_home_tab(slack: SlackFake, client: AsyncWebClient, run: Run) -> None:
    async with run(slack, client) as program:
        ack = await slack.command("U1", "today", channel="C1")
        assert ack.body == "I have written to you about today"
        assert (program.heard[0]["channel_id"], program.heard[0]["user_id"]) == ("C1", "U1")
        assert (await slack.say("U1", "help & <b>")).ok
        assert (
            await slack.sees("U1", "help")
        ).text == "help &amp; &lt;b&gt;"  # Slack escapes, the program did not undo it
        assert (await slack.opens_home("U1")).ok
        home = slack.home("U1")
        assert home is not None
        assert home.labels() == ["Refresh"]
        assert (await slack.press_home("U1", "Refresh")).ok
        assert program.heard[-1]["view"]["type"] == "home"
        assert slack.complaints == []


@both
async def test_an_event_comes_again_until_it_is_acknowledged(
    slack: SlackFake, client: AsyncWebClient, run: Run
) -> None:
    async with run(slack, client) as program:
        slack.ack_seconds = 0.3
        program.failing = 2
        assert (await slack.say("U1", "help")).ok
        assert [event["text"] for event in program.heard] == ["help"]
        assert len(slack.complaints) == 2
        assert complained(slack, "not acknowledged: event message")
        assert (await slack.event(slack.deliveries[-1], retry_num=3)).ok
        assert len(program.heard) == 2
        program.failing = 9
        assert not (await slack.say("U1", "again")).ok
        assert len(slack.complaints) == 4


@both
async def test_a_late_acknowledgement_is_noticed(slack: SlackFake, client: AsyncWebClient, run: Run) -> None:
    async with run(slack, client) as program:
        slack.ack_seconds = 0.1
        await client.chat_postMessage(channel="U1", text="hi", blocks=card("5b", "All written ✓"))
        program.held.clear()
        ack = await slack.tap("U1", "All written ✓")
        assert not ack.ok
        assert complained(slack, "not acknowledged: U1 pressed 'All written ✓': nothing within 0.1 s")
        program.held.set()
        await slack.sees("U1", "Thank you")
        if not slack.events_url:
            await slack.until(lambda: bool(slack.complaints), "a complaint")
            assert complained(slack, "acknowledged too late")


async def test_own_messages_come_back_when_asked(slack: SlackFake, client: AsyncWebClient) -> None:
    async with on_a_socket(slack, client) as program:
        slack.echoes = True
        posted = await client.chat_postMessage(channel="U1", text="hi")
        await client.chat_update(channel=posted["channel"], ts=posted["ts"], text="hi again")
        await slack.until(lambda: len(slack.deliveries) == 2, "the echoes")
        assert slack.deliveries[1]["event"]["subtype"] == "message_changed"
        await slack.say("U1", "help")
        assert [event["text"] for event in program.heard] == ["help"]  # Bolt drops what the bot itself caused


async def test_sockets_are_refreshed_and_dropped(slack: SlackFake, client: AsyncWebClient) -> None:
    async with on_a_socket(slack, client) as program:
        slack.refresh_sockets()
        assert slack.sockets == []
        await slack.connected()
        assert (await slack.say("U1", "one")).ok
        slack.drop_sockets()
        assert not (await slack.command("U1", "today")).ok
        assert complained(slack, "no socket is open")
        await slack.connected()
        assert (await slack.say("U1", "two")).ok
        assert [event["text"] for event in program.heard] == ["one", "two"]
        await slack.connected()
    await slack.until(lambda: not slack.sockets, "the program gone")


async def test_a_ticket_opens_one_of_ten_sockets(slack: SlackFake, client: AsyncWebClient) -> None:
    async def address() -> str:
        return str((await client.apps_connections_open(app_token="xapp-test"))["url"])

    async with aiohttp.ClientSession() as session:
        used = await address()
        assert used.startswith("ws://127.0.0.1:")
        first = await session.ws_connect(used)
        assert (await first.receive_json())["type"] == "hello"
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await session.ws_connect(used)
        others = [await session.ws_connect(await address()) for _ in range(9)]
        await slack.until(lambda: len(slack.sockets) == len(others) + 1, "ten sockets")
        eleventh = await session.ws_connect(await address())
        assert (await eleventh.receive_json())["reason"] == "too_many_websockets"
        await first.send_json({"envelope_id": "nothing"})
        await slack.until(lambda: complained(slack, "an acknowledgement of nothing"), "a complaint")


async def test_a_wrong_key_or_clock_is_refused_by_bolt(slack: SlackFake, client: AsyncWebClient) -> None:
    async with over_http(slack, client) as program:
        challenge = await slack.event({"type": "url_verification", "challenge": "c1"})
        assert challenge.body == {"challenge": "c1"}
        slack.clock_skew = 400
        assert (await slack.command("U1", "today")).status == 401
        slack.clock_skew = 0
        slack.signing_secret = "another"
        assert (await slack.command("U1", "today")).status == 401
        assert program.heard == []


async def test_a_modal_opens_once_for_each_press(slack: SlackFake, client: AsyncWebClient) -> None:
    modal: Json = {"type": "modal", "title": {"type": "plain_text", "text": "Late"}, "blocks": section("Why?")}
    async with on_a_socket(slack, client) as program:
        await slack.command("U1", "late")
        trigger = program.heard[0]["trigger_id"]
        await client.views_open(trigger_id=trigger, view=modal)
        assert slack.modals["U1"].text == "Why?"
        assert await refused(client.views_open(trigger_id=trigger, view=modal)) == "exchanged_trigger_id"
        assert slack.complaints == []


async def test_two_presses_at_once_are_two_deliveries(slack: SlackFake, client: AsyncWebClient) -> None:
    async with on_a_socket(slack, client) as program:
        await client.chat_postMessage(channel="U1", text="hi", blocks=card("5b", "All written ✓"))
        acks = await asyncio.gather(slack.tap("U1", "All written ✓"), slack.tap("U1", "All written ✓"))
        assert [ack.ok for ack in acks] == [True, True]
        assert len({body["actions"][0]["action_ts"] for body in program.heard}) == 2


# --- installing ---


def asking(slack: SlackFake, **changed: str) -> str:
    """The address of Slack's page, as an app asks for it."""
    asked = {"client_id": "CID", "scope": "chat:write", "redirect_uri": "https://a.example/back", "state": "s1"}
    return f"http://127.0.0.1:{slack.port}/oauth/v2/authorize?{urlencode(asked | changed)}"


def brought(back: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(back).query))


async def exchanged(slack: SlackFake, secret: str = "CSECRET", **what: str) -> Json:
    """The answer of oauth.v2.access to the app."""
    form = {"client_id": "CID", "client_secret": secret, **what}
    async with aiohttp.ClientSession() as session, session.post(f"{slack.api_base_url}oauth.v2.access", data=form) as a:
        answer: Json = await a.json()
        return answer


async def test_a_code_is_good_once_and_only_for_the_app_and_its_address(slack: SlackFake) -> None:
    assert slack.authorize(asking(slack)).startswith("https://a.example/back?code=")
    code, no = (brought(slack.authorize(asking(slack), agrees=yes)) for yes in (True, False))
    assert (code["state"], no) == ("s1", {"error": "access_denied", "state": "s1"})
    assert (await exchanged(slack, "wrong", code=code["code"]))["error"] == "bad_client_secret"
    assert (await exchanged(slack, code="code0"))["error"] == "invalid_code"
    given = await exchanged(slack, code=code["code"], redirect_uri="https://a.example/back")
    assert (given["ok"], given["access_token"], given["team"]["id"]) == (True, slack.bot_token, "T1")
    assert "refresh_token" not in given
    assert (await exchanged(slack, code=code["code"]))["error"] == "invalid_code"
    elsewhere = brought(slack.authorize(asking(slack)))["code"]
    assert (await exchanged(slack, code=elsewhere, redirect_uri="https://b.example/"))["error"] == "bad_redirect_uri"
    for wrong in ({"client_id": "other"}, {"scope": "admin"}, {"state": ""}):
        with pytest.raises(AssertionError):
            slack.authorize(asking(slack, **wrong))


async def test_a_second_workspace_is_reached_by_its_own_token_which_rotates(slack: SlackFake) -> None:
    async with SlackFake("T2") as east, aiohttp.ClientSession() as session:
        slack.token_lasts = 43_200
        first = await exchanged(slack, code=brought(slack.authorize(asking(slack), east))["code"])
        assert (first["team"]["id"], first["expires_in"]) == ("T2", 43_200)
        assert (await client_of(slack, session, first["access_token"]).auth_test())["team_id"] == "T2"
        assert (await client_of(slack, session).auth_test())["team_id"] == "T1"
        refresh = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"]}
        second = await exchanged(slack, **refresh)
        assert (await client_of(slack, session, second["access_token"]).auth_test())["team_id"] == "T2"
        assert await refused(client_of(slack, session, first["access_token"]).auth_test()) == "invalid_auth"
        assert (await exchanged(slack, **refresh))["error"] == "invalid_refresh_token"
