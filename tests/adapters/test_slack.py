"""Slack as people see it: the real slack-bolt over loopback, against a workspace as strict as the real one."""

import asyncio
import json
import logging
import os
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import unquote

import aiohttp
import pytest
import uvicorn
from starlette.applications import Starlette

from adapters.slack import app as app_module
from adapters.slack import render
from adapters.slack.arrivals import plain, stamped
from adapters.slack.chat import SlackChat
from adapters.slack.failures import failure
from adapters.slack.manifest import link, manifest
from bot.model import Address, Button, Line, Message, Span
from bot.ports import (
    Account,
    Answer,
    Arrival,
    ChatFailure,
    Gone,
    LaneDown,
    Later,
    Left,
    Rejected,
    Said,
    Tapped,
    Unclear,
    Unreachable,
)
from tests.fakes import slack_rules
from tests.fakes.screens import Shown
from tests.fakes.slack import SlackFake

SECRET = "a-signing-secret"
KEY = "k3yk3yk3yk3yk3yk3yk3yk"
MODES = ("socket", "http")


def line(text: str, style: str = "", href: str = "") -> Line:
    return (Span(text, style, href),)


CARD = Message(
    lines=(line("Monday, 14 September", "bold"), (Span("Ana R. "), Span("maths", "italic"))),
    rows=((Button("All written ✓", f"{KEY}.0.all"),), (Button("Mark one", f"{KEY}.0.one"), Button("Not today", "x"))),
    preview="5 children <today> & more",
)
ANSWERED = Message(lines=(line("All written at 3:12 PM", "bold"),), preview="Done")
HELLO = Message(lines=(line("Please write to me directly."),), preview="Hello")


class Desk:
    """The core as Slack meets it: stores what arrives, and answers what a test tells it to."""

    def __init__(self) -> None:
        self.arrivals: list[Arrival] = []
        self.parked: list[tuple[str, str]] = []
        self.reports: list[datetime] = []
        self.listening = asyncio.Event()
        self.answer = Answer()
        self.broken = 0  # times the store fails
        self.gate: asyncio.Event | None = None  # storing waits for it
        self.waits = asyncio.Event()
        self.screen: list[Message] = []
        self.rate = 1.0
        self._news = asyncio.Event()

    async def until(self, true: Callable[[], bool]) -> None:
        """Waits for something told to the desk that no screen shows."""
        async with asyncio.timeout(8):
            while not true():
                self._news.clear()
                await self._news.wait()

    async def hear(self, arrival: Arrival) -> Answer:
        if self.gate:
            self.waits.set()
            await self.gate.wait()
        if self.broken:
            self.broken -= 1
            raise OSError("the disk is full of Ana Romero")
        self.arrivals.append(arrival)
        self._news.set()
        return self.answer

    async def park(self, lane: int, source: str, raw: str) -> None:
        self.parked.append((source, raw))

    async def heard(self, lane: int, until: datetime) -> None:
        assert lane == 7
        self.reports.append(until)
        self._news.set()
        self.listening.set()

    async def today(self, account: Account) -> list[Message]:
        return self.screen

    def now(self) -> datetime:
        return datetime.now(UTC)


@pytest.fixture(autouse=True)
def direct(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
async def slack() -> AsyncIterator[SlackFake]:
    async with SlackFake(team="T1", bot_token="xoxb-test", app_token="xapp-test", signing_secret=SECRET) as slack:
        slack.person("U1", name="Okafor", email="okafor@school.example")
        slack.person("U2", name="Lind", email="lind@school.example")
        yield slack


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture(params=MODES)
async def chat(request: pytest.FixtureRequest, slack: SlackFake, desk: Desk) -> AsyncIterator[SlackChat]:
    async with running(slack, desk, request.param) as chat:
        yield chat


@asynccontextmanager
async def connected(slack: SlackFake, mode: str = "socket") -> AsyncIterator[SlackChat]:
    chat = SlackChat(
        bot_token="xoxb-test",
        app_token="xapp-test",
        signing_secret=SECRET,
        mode=mode,
        api_base_url=slack.api_base_url,
    )
    try:
        assert await chat.connect() == "T1"
        chat.lane = 7
        yield chat
    finally:
        await chat.close()


@asynccontextmanager
async def running(slack: SlackFake, desk: Desk, mode: str = "socket") -> AsyncIterator[SlackChat]:
    """The adapter at work; at the end nothing of it is left running."""
    before = asyncio.all_tasks()
    async with connected(slack, mode) as chat, served(chat, slack):
        listening = asyncio.create_task(chat.listen(desk))
        await desk.listening.wait()
        if mode == "socket":
            await slack.connected()
        try:
            yield chat
        finally:
            listening.cancel()
            with suppress(asyncio.CancelledError, LaneDown):
                await listening
    await asyncio.sleep(0)
    left = [t for t in asyncio.all_tasks() - before if "adapters" in repr(t) or "slack_" in repr(t)]
    assert not left


@asynccontextmanager
async def served(chat: SlackChat, slack: SlackFake) -> AsyncIterator[None]:
    if not chat.routes:
        yield
        return
    listening = socket.create_server(("127.0.0.1", 0))
    web = uvicorn.Server(
        uvicorn.Config(Starlette(routes=chat.routes), log_level="warning", access_log=False, lifespan="off")
    )
    task = asyncio.create_task(web.serve(sockets=[listening]))
    slack.events_url = f"http://127.0.0.1:{listening.getsockname()[1]}/slack/events"
    try:
        yield
    finally:
        web.should_exit = True
        await task


def address(user: str = "U1", chat: str = "") -> Address:
    return Address(id=1, person=1, lane=7, user=user, chat=chat)


async def given_card(chat: SlackChat, slack: SlackFake, user: str = "U1") -> Shown:
    await chat.send(address(user), CARD, KEY, None)
    return await slack.sees(user, "14 September")


# --- what a person sees ---


async def test_a_card_lies_in_the_direct_message_and_is_redrawn_in_place(slack: SlackFake) -> None:
    async with connected(slack) as chat:
        sent = await chat.send(address(), CARD, KEY, None)
        card = await slack.sees("U1", "14 September", button="All written ✓")
        assert card.text == "Monday, 14 September\nAna R. maths"
        assert [[b.label for b in row] for row in card.buttons] == [["All written ✓"], ["Mark one", "Not today"]]
        assert card.button("All written ✓").data == f"{KEY}.0.all"
        assert card.preview == "5 children <today> & more"
        assert sent.rang
        await chat.edit(address(), sent.ref, ANSWERED)
        again = await slack.sees("U1", "All written at 3:12 PM")
        assert again is card
        assert (again.buttons, slack.rings("U1"), again.preview) == ([], 1, "Done")
        await chat.edit(address(), sent.ref, CARD)
        assert (await slack.sees("U1", "14 September", button="Mark one")).edits == 2
    assert slack.complaints == []


async def test_the_next_card_goes_to_the_channel_that_is_known(slack: SlackFake) -> None:
    async with connected(slack) as chat:
        channel = (await chat.send(address(), CARD, KEY, None)).ref.partition(":")[0]
        await chat.send(address(chat=channel), ANSWERED, KEY, None)
        assert [call.args["channel"] for call in slack.calls if call.method == "chat.postMessage"] == ["U1", channel]


async def test_hostile_words_stay_words(slack: SlackFake) -> None:
    """G-060, G-061, G-069."""
    words = "<!channel> @here <@U2> & https://x.example/ <https://y.example|click> [b](http://z.example)"
    lines = (words + " *b* _i_ `c`", "tg", "ok")
    links = ("", "tg://user?id=1", "https://ok.example")
    sly = Message(tuple(line(text, "bold", to) for text, to in zip(lines, links, strict=True)), preview=words)
    async with connected(slack) as chat:
        await chat.send(address(), sly, KEY, None)
        shown = await slack.sees("U1", "here")
        assert shown.text.splitlines() == list(lines)
        assert shown.preview == words
        assert "tg://" not in json.dumps(shown.raw)
    assert slack.complaints == []


# --- what people do ---


async def test_a_tap_is_stored_and_then_acknowledged(chat: SlackChat, slack: SlackFake, desk: Desk) -> None:
    card = await given_card(chat, slack)
    before = datetime.now(UTC)
    ack = await slack.tap("U1", "Mark one")
    assert ack.ok
    assert ack.seconds < 1.0
    [tap] = desk.arrivals
    assert isinstance(tap, Tapped)
    channel = str(card.raw["channel"])
    assert (tap.account.lane, tap.account.user, tap.account.chat, tap.account.private) == (7, "U1", channel, True)
    assert (tap.data, tap.ref) == (f"{KEY}.0.one", f"{channel}:{card.ref}")
    assert tap.source.startswith(f"slack:T1:U1:{card.ref}:a1:")
    assert tap.said_at
    assert before <= tap.said_at <= datetime.now(UTC)
    assert slack.complaints == []


async def test_one_tap_told_twice_is_one_and_two_taps_are_two(chat: SlackChat, slack: SlackFake, desk: Desk) -> None:
    """G-003, G-024: told apart by their sources."""
    card = await given_card(chat, slack)
    button = card.button("All written ✓")
    await asyncio.gather(*(slack.press("U1", card, button, action_ts="1700000000.000001") for _ in range(2)))
    await slack.press("U1", card, button)
    assert [len({a.source for a in desk.arrivals}), len(desk.arrivals)] == [2, 3]


async def test_a_tap_that_cannot_be_stored_is_not_acknowledged(
    chat: SlackChat, slack: SlackFake, desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    """Slack then shows the person that it failed; our log has one line with an id and no child's name."""
    slack.ack_seconds = 0.5
    await given_card(chat, slack)
    desk.broken = 1
    assert not (await slack.tap("U1", "Mark one")).ok
    [record] = [r for r in caplog.records if r.levelno >= logging.ERROR]
    assert "not stored" in record.getMessage()
    assert "Ana" not in caplog.text
    assert (await slack.tap("U1", "Mark one")).ok


async def test_words_that_could_not_be_stored_come_again(chat: SlackChat, slack: SlackFake, desk: Desk) -> None:
    slack.ack_seconds = 0.5
    desk.broken = 2
    assert (await slack.say("U1", "today")).ok
    assert [a.text for a in desk.arrivals if isinstance(a, Said)] == ["today"]


async def test_an_event_told_again_has_the_same_source(chat: SlackChat, slack: SlackFake, desk: Desk) -> None:
    """PLATFORMS 2.4: heard, whatever its retry header says."""
    await slack.say("U1", "done")
    assert (await slack.event(slack.deliveries[-1], retry_num=1)).ok
    assert len(desk.arrivals) == 2
    assert len({a.source for a in desk.arrivals}) == 1


async def test_written_words_are_heard_as_they_were_typed(chat: SlackChat, slack: SlackFake, desk: Desk) -> None:
    await slack.say("U1", "maths & <science> done")
    [said] = desk.arrivals
    assert isinstance(said, Said)
    assert (said.text, said.attached, said.account.private) == ("maths & <science> done", False, True)
    assert said.account.chat.startswith("D")
    assert said.said_at


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("join ABC-123", "join ABC-123"),
        (":+1::skin-tone-3:", "👍"),
        ("done :white_check_mark:", "done ✅"),
        (":unicorn_face: at 12:30:15", ":unicorn_face: at 12:30:15"),
        (
            "see <https://a.example/x|a.example/x> &amp; <mailto:a@b.example|a@b.example>",
            "see a.example/x & a@b.example",
        ),
        ("<@U1|okafor> <#C1|general> <!here> &lt;b&gt;", "@okafor #general @here <b>"),
        ("&amp;lt;", "&lt;"),
    ],
)
def test_slacks_spelling_becomes_what_was_typed(written: str, meant: str) -> None:
    assert plain(written) == meant


def message_event(**more: Any) -> dict[str, Any]:
    about = {"type": "message", "user": "U1", "text": "hello", "ts": "1700000000.000100", "channel": "D1"}
    return about | {"channel_type": "im", "team": "T1"} | more


async def test_a_photo_is_heard_of_and_never_fetched(chat: SlackChat, slack: SlackFake, desk: Desk) -> None:
    """G-070."""
    files = [{"id": "F1", "url_private": "https://files.example/F1"}]
    assert (await slack.event(message_event(subtype="file_share", files=files))).ok
    [said] = desk.arrivals
    assert isinstance(said, Said)
    assert said.attached
    assert not [call for call in slack.calls if call.method.startswith("files")]


@pytest.mark.parametrize(
    "event",
    [
        message_event(subtype="message_changed", message={"user": "U1", "text": "x"}),
        message_event(subtype="message_deleted", deleted_ts="1700000000.000100"),
        message_event(subtype="bot_message", bot_id="B9"),
        message_event(bot_id="B9"),
        message_event(user="UBOT", bot_id="BBOT"),
        message_event(team="T9", user_team="T9"),
        {"type": "user_change", "user": {"id": "U1", "team_id": "T1", "deleted": False}},
        {"type": "app_home_opened", "user": "U1", "tab": "messages"},
        {"type": "something_new", "user": "U1"},
    ],
    ids=range(9),
)
async def test_what_is_not_a_person_speaking_is_acknowledged_and_left(
    chat: SlackChat, slack: SlackFake, desk: Desk, event: dict[str, Any]
) -> None:
    """Edits, deletions, bots, ourselves, people of other workspaces, and events nobody asked for."""
    assert (await slack.event(event)).ok
    assert (desk.arrivals, desk.parked) == ([], [])


async def test_our_own_posts_and_edits_are_not_heard(chat: SlackChat, slack: SlackFake, desk: Desk) -> None:
    slack.echoes = True
    sent = await chat.send(address(), CARD, KEY, None)
    await chat.edit(address(), sent.ref, ANSWERED)
    await slack.say("U1", "today")
    await slack.until(lambda: len(slack.deliveries) == 3, "our own post and edit, told to us")
    assert [type(a) for a in desk.arrivals] == [Said]


async def test_people_of_another_workspace_are_refused(chat: SlackChat, slack: SlackFake, desk: Desk) -> None:
    """G-011, G-036, G-044: by Slack Connect, or from a workspace where we are not installed."""
    slack.person("U9", name="Stranger", team="T9")
    card = await given_card(chat, slack)
    assert (await slack.press("U9", card, card.button("Mark one"))).ok
    other = {"type": "event_callback", "team_id": "T9", "event_id": "Ev9", "event": message_event(team="T9")}
    assert (await slack.event(other)).ok
    assert desk.arrivals == []


async def test_homework_in_a_channel_shows_only_a_neutral_sentence(
    chat: SlackChat, slack: SlackFake, desk: Desk
) -> None:
    """G-045: and a stranger gets the reply where nobody else reads."""
    desk.answer = Answer(reply=HELLO)
    slack.fail("chat.postMessage", delay=0.5)
    ack = await slack.command("U2", "today", channel="C1")
    assert ack.seconds < 0.4, "the acknowledgement waited for the reply"
    assert (ack.ok, ack.body) == (True, "I have written to you directly.")
    [said] = desk.arrivals
    assert isinstance(said, Said)
    assert (said.text, said.account) == ("today", Account(7, "U2"))
    await slack.sees("U2", "Please write to me directly.")
    assert slack.complaints == []


async def test_homework_shows_the_desks_own_short_answer(chat: SlackChat, slack: SlackFake, desk: Desk) -> None:
    desk.answer = Answer(toast="Here you are & welcome")
    assert (await slack.command("U1", "help")).body == "Here you are & welcome"


async def test_words_in_a_channel_are_not_private(chat: SlackChat, slack: SlackFake, desk: Desk) -> None:
    await slack.event(message_event(channel="C1", channel_type="channel"))
    [said] = desk.arrivals
    assert (said.account.private, said.account.chat) == (False, "")


async def test_a_button_in_a_channel_is_not_private(chat: SlackChat, slack: SlackFake, desk: Desk) -> None:
    """G-022: the desk then refuses; we only tell where it was."""
    card = await given_card(chat, slack)
    card.raw["channel"] = "C1"
    slack.channels["C1"] = next(iter(slack.channels.values()))
    await slack.press("U2", card, card.button("Mark one"))
    assert [(a.account.user, a.account.private) for a in desk.arrivals] == [("U2", False)]


async def test_who_was_deactivated_has_left(chat: SlackChat, slack: SlackFake, desk: Desk) -> None:
    slack.deactivate("U1")
    await slack.event({"type": "user_change", "user": slack.user_object("U1")})
    [left] = desk.arrivals
    assert isinstance(left, Left)
    assert left.account == Account(7, "U1")


# --- the App Home ---


async def test_the_home_tab_shows_today_and_follows_ones_own_taps(
    chat: SlackChat, slack: SlackFake, desk: Desk
) -> None:
    desk.screen = [CARD, ANSWERED]
    assert (await slack.opens_home("U1")).ok
    await slack.until(lambda: slack.home("U1") is not None, "the Home tab")
    home = slack.home("U1")
    assert home
    assert "14 September" in home.text
    assert "3:12 PM" in home.text
    desk.screen = [ANSWERED]
    assert (await slack.press_home("U1", "Mark one")).ok
    await slack.until(lambda: home.edits == 1, "the Home tab drawn anew")
    [tap] = desk.arrivals
    assert isinstance(tap, Tapped)
    assert (tap.ref, tap.account.private, tap.data) == ("", True, f"{KEY}.0.one")
    await given_card(chat, slack)
    await slack.tap("U1", "Mark one")
    await slack.until(lambda: home.edits == 2, "the Home tab drawn anew after a tap on the card")
    assert slack.rings("U1") == 1
    assert slack.complaints == []


async def test_who_never_opened_the_home_tab_gets_none(chat: SlackChat, slack: SlackFake, desk: Desk) -> None:
    await given_card(chat, slack)
    await slack.tap("U1", "Mark one")
    desk.answer = Answer(reply=HELLO)
    await slack.say("U1", "x")
    await slack.sees("U1", "directly")
    assert "views.publish" not in {call.method for call in slack.calls}


async def test_a_home_tab_that_fails_hurts_nobody(chat: SlackChat, slack: SlackFake, desk: Desk) -> None:
    slack.fail("views.publish", status=500)
    await slack.opens_home("U1")
    await slack.opens_home("U1")
    await slack.until(lambda: slack.home("U1") is not None, "the Home tab at the second try")


# --- what goes wrong ---


def slack_says(code: str, status: int = 200) -> dict[str, Any]:
    return {"body": json.dumps({"ok": False, "error": code}), "status": status}


UNREACHABLE = (
    "user_disabled user_not_found user_not_visible channel_not_found is_archived is_inactive not_in_channel"
    " cannot_dm_bot invalid_user_combination restricted_action restricted_action_read_only_channel"
)
LANE_DOWN = (
    "account_inactive token_revoked invalid_auth not_authed missing_scope no_permission access_denied"
    " ekm_access_denied enterprise_is_restricted team_access_not_granted messages_tab_disabled not_enabled"
    " not_allowed_token_type token_expired"
)
REJECTED = (
    "invalid_blocks invalid_blocks_format invalid_arguments no_text msg_too_long msg_blocks_too_long"
    " metadata_too_large invalid_metadata_format block_mismatch markdown_text_conflict view_too_large"
)
LATER = (
    "ratelimited rate_limited service_unavailable team_added_to_org org_login_required update_failed accesslimited"
    " message_limit_exceeded something_nobody_has_heard_of"
)
FAILURES: list[tuple[str, dict[str, Any], type[ChatFailure]]] = [
    *((code, slack_says(code), Unreachable) for code in UNREACHABLE.split()),
    *((code, slack_says(code), LaneDown) for code in LANE_DOWN.split()),
    *((code, slack_says(code), Rejected) for code in REJECTED.split()),
    *((code, slack_says(code), Later) for code in LATER.split()),
    *((code, slack_says(code), Unclear) for code in ("fatal_error", "internal_error", "request_timeout")),
    *((code, slack_says(code), Gone) for code in ("message_not_found", "cant_update_message", "edit_window_closed")),
    ("429", {"status": 429, "headers": {"Retry-After": "42"}}, Later),
    ("429 with nonsense", {"status": 429, "headers": {"Retry-After": "soon"}}, Later),
    ("text 500", {"status": 500, "body": "Internal Server Error"}, Unclear),
    ("text 200", {"body": "ok"}, Unclear),
    ("HTML 502", {"status": 502}, Unclear),
    ("HTML 200", {"body": "<html>maintenance</html>"}, Unclear),
    ("503 with a code", slack_says("service_unavailable", 503), Later),
    ("500 with an unknown code", slack_says("what", 500), Unclear),
    ("JSON null", {"body": "null"}, Unclear),
    ("JSON list", {"body": "[]"}, Unclear),
    ("broken JSON", {"body": '{"ok":'}, Unclear),
    ("403 of a proxy", {"status": 403, "body": "<html>no</html>"}, Later),
    ("dropped before", {"drop": True}, Unclear),
    ("dropped after", {"drop": True, "after": True}, Unclear),
    ("well, but without a place", {"body": '{"ok":true}'}, Unclear),
]


@pytest.mark.parametrize(("fault", "kind"), [row[1:] for row in FAILURES], ids=[row[0] for row in FAILURES])
async def test_failures(slack: SlackFake, fault: dict[str, Any], kind: type[ChatFailure]) -> None:
    """PLATFORMS 2.7, a row each; one call, never repeated by a library."""
    async with connected(slack) as chat:
        slack.fail("chat.postMessage", **fault)
        with pytest.raises(ChatFailure) as raised:
            await chat.send(address(), CARD, KEY, None)
        assert type(raised.value) is kind
        assert [call.method for call in slack.calls].count("chat.postMessage") == 1


async def test_later_tells_how_long_and_for_whom(slack: SlackFake) -> None:
    async with connected(slack) as chat:
        slack.fail("chat.postMessage", status=429, headers={"Retry-After": "42"})
        with pytest.raises(Later) as slow:
            await chat.send(address(), CARD, KEY, None)
        slack.fail("chat.postMessage", **slack_says("message_limit_exceeded"))
        with pytest.raises(Later) as full:
            await chat.send(address(), CARD, KEY, None)
    assert (slow.value.seconds, slow.value.whole_lane) == (42, True)
    assert (full.value.seconds, full.value.whole_lane) == (3_600, True)


async def test_no_answer_in_time_is_unclear(slack: SlackFake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app_module, "LIMIT", aiohttp.ClientTimeout(total=0.3))
    async with connected(slack) as chat:
        slack.fail("chat.postMessage", delay=1.0)
        with pytest.raises(Unclear):
            await chat.send(address(), CARD, KEY, None)


async def test_nobody_listening_there_is_later(slack: SlackFake) -> None:
    async with connected(slack) as chat:
        chat._web.base_url = "http://127.0.0.1:1/"
        with pytest.raises(Later):
            await chat.send(address(), CARD, KEY, None)
    assert isinstance(failure(aiohttp.ConnectionTimeoutError()), Later)
    assert isinstance(failure(aiohttp.ClientOSError()), Unclear)


async def test_an_edit_of_a_message_that_is_gone(slack: SlackFake) -> None:
    async with connected(slack) as chat:
        sent = await chat.send(address(), CARD, KEY, None)
        slack.delete(await slack.sees("U1", "14 September"))
        with pytest.raises(Gone):
            await chat.edit(address(), sent.ref, ANSWERED)
        with pytest.raises(Rejected):
            await chat.edit(address(), "nonsense", ANSWERED)
        assert [call.method for call in slack.calls].count("chat.postMessage") == 1


async def test_a_deactivated_person_is_unreachable(slack: SlackFake) -> None:
    async with connected(slack) as chat:
        slack.deactivate("U1")
        with pytest.raises(Unreachable):
            await chat.send(address(), CARD, KEY, None)


@pytest.mark.parametrize("known", [True, False])
async def test_after_an_unclear_send_the_first_copy_is_found(slack: SlackFake, known: bool) -> None:
    """PLATFORMS 2.12: one message on the screen, whether or not we know the channel."""
    async with connected(slack) as chat:
        first = datetime.now(UTC)
        channel = (await chat.send(address(), ANSWERED, "another-key", None)).ref.partition(":")[0]
        slack.fail("chat.postMessage", drop=True, after=True)
        with pytest.raises(Unclear):
            await chat.send(address(), CARD, KEY, None)
        sent = await chat.send(address(chat=channel if known else ""), CARD, KEY, first)
        card = await slack.sees("U1", "14 September")
        assert sent.ref == f"{channel}:{card.ref}"
        assert slack.rings("U1") == 2
        assert ("conversations.open" in {call.method for call in slack.calls}) is not known
    assert slack.complaints == []


async def test_after_an_unclear_send_that_never_arrived_it_is_sent(slack: SlackFake) -> None:
    async with connected(slack) as chat:
        slack.fail("chat.postMessage", drop=True)
        with pytest.raises(Unclear):
            await chat.send(address(), CARD, KEY, None)
        await chat.send(address(), CARD, KEY, datetime.now(UTC))
        assert slack.rings("U1") == 1


async def test_under_a_practice_clock_the_history_is_asked_without_a_time(slack: SlackFake, desk: Desk) -> None:
    """School time runs elsewhere; Slack's times do not."""
    desk.rate = 600.0
    async with running(slack, desk) as chat:
        await given_card(chat, slack)
        await chat.send(address(), CARD, KEY, datetime.now(UTC) + timedelta(days=300))
        await slack.tap("U1", "Mark one")
    assert slack.rings("U1") == 1
    assert [a.said_at for a in desk.arrivals] == [None]


@pytest.mark.parametrize(
    ("code", "kind"), [("invalid_auth", LaneDown), ("ratelimited", Later), ("fatal_error", Unclear)]
)
async def test_connecting_to_a_slack_that_says_no(slack: SlackFake, code: str, kind: type[ChatFailure]) -> None:
    chat = SlackChat(
        bot_token="xoxb-test", app_token="xapp-test", signing_secret="", mode="socket", api_base_url=slack.api_base_url
    )
    slack.fail("auth.test", **slack_says(code))
    with pytest.raises(kind):
        await chat.connect()
    await chat.close()


async def test_slack_is_asked_only_once_who_we_are(chat: SlackChat, slack: SlackFake) -> None:
    for _ in range(3):
        await slack.say("U1", "today")
    assert [call.method for call in slack.calls].count("auth.test") == 1


async def test_a_teacher_is_found_by_the_schools_address(slack: SlackFake) -> None:
    slack.person("U3", name="Gone", email="gone@school.example")
    slack.deactivate("U3")
    slack.person("U4", name="Robot", email="robot@school.example", bot=True)
    slack.person("U5", name="Stranger", email="stranger@elsewhere.example", team="T9")
    async with connected(slack) as chat:
        assert await chat.find("Okafor@school.example") == "U1"
        for nobody in ("nobody", "gone@school.example", "robot@school.example", "stranger@elsewhere.example"):
            assert await chat.find(nobody) is None
        slack.fail("users.lookupByEmail", **slack_says("missing_scope"))
        with pytest.raises(LaneDown):
            await chat.find("okafor@school.example")


# --- the connection ---


@pytest.mark.parametrize(
    "event", [{"type": "app_uninstalled"}, {"type": "tokens_revoked", "tokens": {"oauth": [], "bot": ["UBOT"]}}]
)
@pytest.mark.parametrize("mode", MODES)
async def test_the_lane_is_down_when_the_app_is_removed(
    slack: SlackFake, desk: Desk, mode: str, event: dict[str, Any]
) -> None:
    async with connected(slack, mode) as chat, served(chat, slack):
        listening = asyncio.create_task(chat.listen(desk))
        await desk.listening.wait()
        assert (await slack.event({"type": "tokens_revoked", "tokens": {"oauth": ["U1"], "bot": []}})).ok
        assert not listening.done()
        assert (await slack.event(event)).ok
        with pytest.raises(LaneDown):
            await asyncio.wait_for(listening, 5)


async def test_the_lane_is_down_when_the_app_token_is_refused(slack: SlackFake, desk: Desk) -> None:
    async with connected(slack) as chat:
        slack.fail("apps.connections.open", **slack_says("invalid_auth"))
        with pytest.raises(LaneDown):
            await asyncio.wait_for(chat.listen(desk), 5)


async def test_a_slack_that_is_away_at_first_is_tried_again(slack: SlackFake, desk: Desk) -> None:
    slack.fail("apps.connections.open", status=502)
    async with running(slack, desk) as chat:
        await given_card(chat, slack)
        assert (await slack.tap("U1", "Mark one")).ok


@pytest.mark.parametrize("how", ["drop_sockets", "refresh_sockets"])
async def test_a_lost_connection_comes_back(slack: SlackFake, desk: Desk, how: str) -> None:
    async with running(slack, desk) as chat:
        await given_card(chat, slack)
        getattr(slack, how)()
        await slack.until(lambda: bool(slack.sockets), "a new socket")
        assert (await slack.tap("U1", "Mark one")).ok
        assert len(desk.arrivals) == 1


async def test_heard_until_never_passes_what_is_still_being_stored(
    slack: SlackFake, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app_module, "HEARD", 0.0)
    monkeypatch.setattr(app_module, "TICK", 0.05)
    async with running(slack, desk) as chat:
        await given_card(chat, slack)
        desk.gate = asyncio.Event()
        tap = asyncio.create_task(slack.tap("U1", "Mark one"))
        await desk.waits.wait()
        came, count = datetime.now(UTC), len(desk.reports)
        await desk.until(lambda: len(desk.reports) > count + 1)
        assert max(desk.reports) <= came
        desk.gate.set()
        assert (await tap).ok
        await desk.until(lambda: max(desk.reports) > came)


async def test_what_is_under_way_when_we_stop_is_stored_and_acknowledged(
    slack: SlackFake, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with connected(slack) as chat:
        listening = asyncio.create_task(chat.listen(desk))
        await desk.listening.wait()
        await given_card(chat, slack)
        desk.gate = asyncio.Event()
        tap = asyncio.create_task(slack.tap("U1", "Mark one"))
        await desk.waits.wait()
        listening.cancel()
        asyncio.get_running_loop().call_later(0.1, desk.gate.set)
        with suppress(asyncio.CancelledError):
            await listening
        assert (await tap).ok
        assert len(desk.arrivals) == 1


async def test_a_core_that_cannot_note_how_far_it_heard_goes_on_listening(slack: SlackFake, desk: Desk) -> None:
    async def fails(lane: int, until: datetime) -> None:
        desk.listening.set()
        raise OSError("no database")

    desk.heard = fails  # type: ignore[method-assign]
    async with running(slack, desk):
        assert (await slack.say("U1", "today")).ok


# --- poison, forgery, privacy ---

POISON: list[dict[str, Any]] = [
    message_event(ts="not a number"),
    message_event(user=5),
    message_event(user=None),
    {"type": "user_change", "user": "U1"},
    {"type": "tokens_revoked"},
    {"type": "app_home_opened", "user": "U1"},
]


@pytest.mark.parametrize("event", POISON, ids=range(len(POISON)))
async def test_what_cannot_be_read_is_put_aside_and_the_next_is_heard(
    chat: SlackChat, slack: SlackFake, desk: Desk, event: dict[str, Any]
) -> None:
    """G-009."""
    assert (await slack.event(event)).ok
    [(source, raw)] = desk.parked
    assert source.startswith("slack:T1:unreadable:")
    assert event["type"] in raw
    assert (await slack.say("U1", "today")).ok
    assert len(desk.arrivals) == 1


@pytest.mark.parametrize("body", [{"event": None}, {"event": []}, {"event": {"type": 5}}, {"authorizations": 3}])
async def test_what_bolt_stumbles_over_is_put_aside(
    chat: SlackChat, slack: SlackFake, desk: Desk, body: dict[str, Any]
) -> None:
    """G-009: with the right signature, so it came from Slack."""
    whole = {"type": "event_callback", "team_id": "T1", "event_id": "Ev1", "event": {"type": "x"}} | body
    ack = await slack._deliver("events_api", whole, "poison")
    assert ack.ok
    assert desk.parked


async def test_a_forged_request_is_refused_and_not_written_down(
    slack: SlackFake, desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    """G-001, G-002."""
    caplog.set_level(logging.DEBUG)
    async with running(slack, desk, "http"):
        slack.clock_skew = 400
        assert (await slack.event(message_event(text="Ana Romero"), retry_num=1)).status == 401
        slack.clock_skew, slack.signing_secret = 0, "another"
        assert (await slack.event(message_event(text="Ana Romero"), retry_num=1)).status == 401
    assert desk.arrivals == []
    assert "Ana Romero" not in caplog.text


async def test_nothing_people_write_is_in_the_log(
    chat: SlackChat, slack: SlackFake, desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    """Figure 10: not even at the lowest level; and no token."""
    caplog.set_level(logging.DEBUG)
    await given_card(chat, slack)
    await slack.say("U1", "canary words")
    await slack.command("U1", "canary command")
    await slack.event({"type": "something_new", "user": "U1", "text": "canary event"})
    for leak in ("canary", "Ana R.", "xoxb-test", "xapp-test", SECRET):
        assert leak not in caplog.text


async def test_slack_may_check_our_address(slack: SlackFake, desk: Desk) -> None:
    """G-012: the challenge comes back only when it is signed (test_guard), and does nothing else."""
    async with running(slack, desk, "http"):
        ack = await slack.event({"type": "url_verification", "challenge": "abc"})
        assert (ack.status, ack.body) == (200, {"challenge": "abc"})
    assert (desk.arrivals, desk.parked) == ([], [])


async def test_a_request_before_anybody_listens_is_not_lost(slack: SlackFake) -> None:
    """Slack sends an event again after a 503."""
    async with connected(slack, "http") as chat, served(chat, slack):
        assert (await slack.event(message_event(), retry_num=1)).status == 503


def test_slacks_own_variables_do_not_turn_on_what_nobody_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    names = ("SLACK_BOT_TOKEN", "SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET", "SLACK_SIGNING_SECRET")
    for name in names:
        monkeypatch.setenv(name, "from elsewhere")
    chat = SlackChat(bot_token="b", app_token="a", signing_secret="s", mode="http", api_base_url="http://127.0.0.1:1/")
    assert chat._inbox.bolt.oauth_flow is None
    assert not set(names) & set(os.environ)
    for name in ("slack_bolt.RequestVerification", "slack_sdk", "slack_bolt"):
        assert logging.getLogger(name).level in (0, logging.INFO, logging.WARNING)


# --- pure ---


def test_thirty_names_fit_on_one_message_with_every_id_its_own() -> None:
    rows = tuple((Button(f"Child {n}", f"v{n}"), Button(f"Kid {n}", f"w{n}")) for n in range(30))
    blocks = render.blocks(Message((line("Who?"),), rows))
    assert slack_rules.blocks_error(blocks) is None
    buttons = [b for row in slack_rules.read_buttons(blocks) for b in row]
    assert [b.label for b in buttons] == [b.label for row in rows for b in row]
    ids = [part["action_id"] for block in blocks for part in slack_rules.interactive(block)]
    assert ids == [f"a{n}" for n in range(60)]


@pytest.mark.parametrize("length", [2_800, 2_900, 2_901, 10_000])
def test_words_are_cut_after_rendering(length: int) -> None:
    """G-064, in the units in which Slack counts."""
    for unit in ("word ", "x", "👍", "👍 a", "&"):
        text = (unit * length)[:length]
        message = Message((line("Title", "bold"), line(text)), ((Button("Ok", "v"),),), preview=text)
        blocks = render.blocks(message)
        assert slack_rules.blocks_error(blocks) is None
        assert slack_rules.text_error({"text": render.text(message), "blocks": blocks}, 4_000) is None
        assert blocks[-1]["type"] == "actions"
        assert slack_rules.read_blocks(blocks).startswith("Title\n")


def test_a_message_keeps_its_skeleton_even_when_empty() -> None:
    """PLATFORMS 2.9: rich_text for life."""
    for message in (Message(()), Message(((),)), Message((line(""),)), ANSWERED, CARD):
        blocks = render.blocks(message)
        assert slack_rules.blocks_error(blocks) is None
        assert (blocks[0]["type"], blocks[0]["block_id"]) == ("rich_text", "words")
        assert render.text(message).strip()


def test_a_home_tab_holds_what_fits() -> None:
    for many in (0, 1, 60):
        view = render.home([CARD] * many)
        assert slack_rules.view_error(view, "home") is None
        ids = [part["action_id"] for block in view["blocks"] for part in slack_rules.interactive(block)]
        assert len(ids) == len(set(ids))


def test_neighbours_of_one_style_are_one_run_and_empty_lines_stay() -> None:
    blocks = render.blocks(Message((line("a"), (), (Span("b"), Span("c", "italic"), Span("", "bold"), Span("d")))))
    [section] = blocks[0]["elements"]
    assert section["elements"] == [
        {"type": "text", "text": "a\n\nb"},
        {"type": "text", "text": "c", "style": {"italic": True}},
        {"type": "text", "text": "d"},
    ]


def test_when_something_was_said() -> None:
    now = datetime(2026, 9, 14, 19, 10, tzinfo=UTC)
    ts = f"{now.timestamp():.6f}"
    assert stamped(ts, now, 1.0) == now
    assert stamped(ts, now - timedelta(seconds=1), 1.0) is None
    assert stamped(ts, now, 600.0) is None


def test_the_manifest_of_both_modes() -> None:
    text = manifest("socket")
    assert "socket_mode_enabled: true" in text
    assert "://" not in text
    assert "messages_tab_read_only_enabled: false" in text
    assert "should_escape: true" in text
    for scope in slack_rules.SCOPES:
        assert f"\n      - {scope}\n" in text
    http = manifest("http", "https://bot.school.example/")
    assert "socket_mode_enabled: false" in http
    assert http.count('"https://bot.school.example/slack/events"') == 3
    assert unquote(link(http).partition("manifest_yaml=")[2]) == http
    assert '"https://bot.school.example/slack/oauth_redirect"' in http
    several = manifest("socket", "https://bot.school.example")
    assert several.count("https://") == 1, "a socket needs no address but the one that installing comes back to"
    assert "/slack/oauth_redirect" in several
    with pytest.raises(ValueError, match="public_url"):
        manifest("http", "")
