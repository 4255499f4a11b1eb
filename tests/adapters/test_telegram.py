"""The Telegram adapter through the real python-telegram-bot against the strict fake: what people see, what is heard."""

import asyncio
import json
import logging
import os
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import httpx
import pytest
import uvicorn
from starlette.applications import Starlette
from telegram import Bot
from telegram.error import ChatMigrated, NetworkError, RetryAfter, TimedOut
from telegram.request import HTTPXRequest

from adapters.telegram.chat import SecondPoller, TelegramChat
from adapters.telegram.failures import failure_of
from adapters.telegram.render import render
from bot.model import Address, Button, Line, Message, Span
from bot.ports import (
    Account,
    Answer,
    Arrival,
    CameBack,
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
from tests.fakes.telegram import TelegramFake

TOKEN = "123456:TEST-token"
SECRET = "a-webhook-secret-of-more-than-32-characters"
LUCIA, BEN = "5000000001", "5000000002"
KEY = "k" * 22
FIRST_TRY = datetime(2026, 9, 14, 21, 30, tzinfo=UTC)
NOT_THERE = "http://127.0.0.1:9/bot"


# --- the other side of the port ---------------------------------------------------------------------------------------


class Desk:
    """An ear that notes all it hears, answers as told, and can lose its database."""

    def __init__(self, telegram: TelegramFake) -> None:
        self.rate = 1.0
        self.answer = Answer("Thank you!")
        self.away = False
        self.arrivals: list[Arrival] = []
        self.parked: list[tuple[str, str]] = []
        self.reports: list[datetime] = []
        self.refusals = 0
        self._telegram = telegram

    async def hear(self, arrival: Arrival) -> Answer:
        self._store()
        self.arrivals.append(arrival)
        return self.answer

    async def park(self, lane: int, source: str, raw: str) -> None:
        self._store()
        self.parked.append((source, raw))

    async def heard(self, lane: int, until: datetime) -> None:
        self._store()
        self.reports.append(until)

    async def today(self, account: Account) -> list[Message]:
        return []

    def now(self) -> datetime:
        return datetime.now(UTC)

    def _store(self) -> None:
        self._telegram.changed()
        if self.away:
            self.refusals += 1
            raise OSError("the database is away")

    async def hears(self, kind: type[Any] = Arrival, text: str = "") -> Any:
        """Waits for the newest arrival of a kind (and of a text), and gives it."""

        def found() -> list[Arrival]:
            return [a for a in self.arrivals if isinstance(a, kind) and text in getattr(a, "text", "")]

        await self._telegram.until(lambda: bool(found()), f"{kind.__name__} {text!r} among {self.arrivals}")
        return found()[-1]

    async def until(self, true: Callable[[], bool], what: str) -> None:
        await self._telegram.until(true, what)


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.upper().endswith("_PROXY")]:
        monkeypatch.delenv(name)


@pytest.fixture
async def telegram() -> AsyncIterator[TelegramFake]:
    async with TelegramFake(TOKEN, "twoticks_test_bot") as fake:
        fake.person(LUCIA, name="Lucia Romero", language="es")
        fake.person(BEN, name="Ben")
        yield fake


@pytest.fixture
def desk(telegram: TelegramFake) -> Desk:
    return Desk(telegram)


def a_chat(telegram: TelegramFake, **how: Any) -> TelegramChat:
    return TelegramChat(**{"token": TOKEN, "api_base_url": telegram.api_base_url, "mode": "polling"} | how)


@pytest.fixture
async def chat(telegram: TelegramFake) -> AsyncIterator[TelegramChat]:
    """Connected, Lucia has started it, nobody listens yet."""
    chat = a_chat(telegram)
    await chat.connect()
    chat.lane = 7
    await telegram.start(LUCIA)
    yield chat
    await chat.close()


@asynccontextmanager
async def listening(chat: TelegramChat, desk: Desk) -> AsyncIterator["asyncio.Task[None]"]:
    task = asyncio.create_task(chat.listen(desk))
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@asynccontextmanager
async def serving(chat: TelegramChat) -> AsyncIterator[str]:
    """The chat's routes on a real server; gives its address."""
    listens = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(Starlette(routes=chat.routes), log_level="warning", access_log=False, lifespan="off")
    web = uvicorn.Server(config)
    task = asyncio.create_task(web.serve(sockets=[listens]))
    try:
        yield f"http://127.0.0.1:{listens.getsockname()[1]}"
    finally:
        web.should_exit = True
        await task


def at(user: str) -> Address:
    return Address(id=1, person=1, lane=7, user=user)


def bold(text: str) -> Span:
    return Span(text, style="bold")


def card(*lines: Line | str, buttons: tuple[str, ...] = (), **how: Any) -> Message:
    """A message of these lines with one row of buttons, each with the pointer a card would give it."""
    row = tuple(Button(label, f"{KEY}.1.{n}") for n, label in enumerate(buttons))
    plain = tuple((Span(line),) if isinstance(line, str) else line for line in lines)
    return Message(plain, (row,) if row else (), **how)


def error(code: int, description: str, **parameters: int) -> str:
    body: dict[str, Any] = {"ok": False, "error_code": code, "description": description}
    return json.dumps(body | ({"parameters": parameters} if parameters else {}))


# --- speaking ---------------------------------------------------------------------------------------------------------


async def test_a_card_reaches_the_screen_with_its_buttons(telegram: TelegramFake, chat: TelegramChat) -> None:
    message = card((bold("Ana"), Span(" · Monday")), "Maths: written", buttons=("All done ✓", "Something's missing"))
    sent = await chat.send(at(LUCIA), message, KEY, None)
    shown = await telegram.sees(LUCIA, "Ana · Monday\nMaths: written", button="Something's missing")
    assert (sent.ref, sent.rang, shown.rang) == (shown.ref, True, True)
    assert shown.preview.startswith("Ana · Monday")
    assert shown.raw["protect_content"] is True
    assert shown.raw["link_preview_options"] == {"is_disabled": True}
    assert shown.button("All done ✓").data == f"{KEY}.1.0"
    assert not telegram.complaints


async def test_a_silent_card_makes_no_sound_and_a_plain_one_may_be_forwarded(
    telegram: TelegramFake, chat: TelegramChat
) -> None:
    sent = await chat.send(at(LUCIA), card("Good evening", silent=True, sensitive=False), KEY, None)
    shown = await telegram.sees(LUCIA, "Good evening")
    assert not sent.rang and not shown.rang
    assert not shown.raw.get("protect_content")


async def test_an_edit_changes_the_card_where_it_stands(telegram: TelegramFake, chat: TelegramChat) -> None:
    sent = await chat.send(at(LUCIA), card("Ana", buttons=("All done ✓",)), KEY, None)
    await chat.edit(at(LUCIA), sent.ref, card("Ana: done at 18:05"))
    shown = await telegram.sees(LUCIA, "done at 18:05")
    assert (shown.ref, shown.labels(), shown.edits, telegram.rings(LUCIA)) == (sent.ref, [], 1, 1)


async def test_an_edit_to_what_is_already_there_is_well(telegram: TelegramFake, chat: TelegramChat) -> None:
    """G-162."""
    same = card("Ana", buttons=("All done ✓",))
    sent = await chat.send(at(LUCIA), same, KEY, None)
    await chat.edit(at(LUCIA), sent.ref, same)
    assert (await telegram.sees(LUCIA, "Ana")).edits == 0


async def test_a_card_the_person_deleted_is_gone(telegram: TelegramFake, chat: TelegramChat) -> None:
    """G-162."""
    sent = await chat.send(at(LUCIA), card("Ana"), KEY, None)
    telegram.delete(await telegram.sees(LUCIA, "Ana"))
    with pytest.raises(Gone):
        await chat.edit(at(LUCIA), sent.ref, card("Ana: done"))


HOSTILE = ["<b>Bobby</b> & <a", "*_[Ana](tg://user?id=1)_*", "`x` {name} %s", "@everyone /stop", "👩‍👧 Zoë 🇺🇸", "ה‏אנה"]


@pytest.mark.parametrize("name", HOSTILE)
async def test_names_are_printed_as_they_are(telegram: TelegramFake, chat: TelegramChat, name: str) -> None:
    """G-060, G-061, G-072: nothing is markup, nothing mentions anybody."""
    await chat.send(at(LUCIA), card((Span("🎒 "), bold(name), Span(" did it"))), KEY, None)
    shown = await telegram.sees(LUCIA, f"🎒 {name} did it")
    length = len(name.encode("utf-16-le")) // 2
    assert shown.raw["entities"] == [{"type": "bold", "offset": 3, "length": length}]
    assert not telegram.complaints


async def test_an_unclear_send_with_buttons_goes_out_once_more(telegram: TelegramFake, chat: TelegramChat) -> None:
    """G-152: both copies' buttons say the same."""
    telegram.fail("sendMessage", drop=True, after=True)
    message = card("Ana", buttons=("All done ✓",))
    with pytest.raises(Unclear):
        await chat.send(at(LUCIA), message, KEY, None)
    await chat.send(at(LUCIA), message, KEY, FIRST_TRY)
    first, second = telegram.screen(LUCIA)
    assert first.buttons == second.buttons


async def test_an_unclear_send_without_buttons_is_never_repeated(telegram: TelegramFake, chat: TelegramChat) -> None:
    telegram.fail("sendMessage", drop=True, after=True)
    with pytest.raises(Unclear):
        await chat.send(at(LUCIA), card("Your report"), KEY, None)
    with pytest.raises(Unclear):
        await chat.send(at(LUCIA), card("Your report"), KEY, FIRST_TRY)
    assert [shown.text for shown in telegram.screen(LUCIA)] == ["Your report"]


# --- rendering --------------------------------------------------------------------------------------------------------


def test_what_is_bold_italic_or_a_link_is_counted_in_utf16_units() -> None:
    lines = ((Span("👩‍👧 "), bold("Zoë")), (), (Span("help", style="italic", link="https://a.example/x"),))
    shown = render(Message(lines))
    assert shown.text == "👩‍👧 Zoë\n\nhelp"
    assert [(e.type, e.offset, e.length, e.url) for e in shown.entities] == [
        ("bold", 6, 3, None),
        ("italic", 11, 4, None),
        ("text_link", 11, 4, "https://a.example/x"),
    ]
    assert shown.keyboard is None


def test_a_link_that_would_mention_somebody_is_just_text() -> None:
    """G-060."""
    assert render(card((Span("you", link="tg://user?id=1"),))).entities == ()


@pytest.mark.parametrize("length", [4095, 4096, 4097, 4098, 9000])
@pytest.mark.parametrize("letter", ["a", "👍"])
async def test_a_text_too_long_is_cut_rather_than_not_shown(
    telegram: TelegramFake, chat: TelegramChat, length: int, letter: str
) -> None:
    """G-064: after rendering, in UTF-16 units, never through the middle of a character."""
    text = (letter * length)[: length if letter == "a" else length // 2]
    await chat.send(at(LUCIA), card((bold(text), bold("end"))), KEY, None)
    shown = telegram.screen(LUCIA)[0]
    assert len(shown.text.encode("utf-16-le")) // 2 <= 4096
    assert shown.text.endswith("…" if length > 4093 else "end")
    assert not telegram.complaints


def test_more_than_a_hundred_entities_are_left_plain() -> None:
    shown = render(card(*[(bold(f"line {n}"),) for n in range(130)]))
    assert len(shown.entities) == 100 and shown.text.endswith("line 129")


# --- failures: one row each of the table in PLATFORMS 3.6 -------------------------------------------------------------

BLOCKED = "Forbidden: bot was blocked by the user"
ROWS: list[tuple[int, str, type[ChatFailure]]] = [
    (403, error(403, BLOCKED), Unreachable),
    (403, error(403, "Forbidden: user is deactivated"), Unreachable),
    (403, error(403, "Forbidden: bot can't initiate conversation with a user"), Unreachable),
    (403, error(403, "Forbidden: bot was kicked from the group chat"), Unreachable),
    (403, error(403, "Forbidden: something Telegram thought of yesterday"), Later),
    (403, error(403, "Forbidden: the chat is blocked for a while"), Later),
    (400, error(400, "Bad Request: chat not found"), Unreachable),
    (400, error(400, "Bad Request: message to edit not found"), Gone),
    (400, error(400, "Bad Request: message can't be edited"), Gone),
    (400, error(400, "Bad Request: MESSAGE_ID_INVALID"), Gone),
    (400, error(400, "Bad Request: can't parse entities: unsupported start tag"), Rejected),
    (400, error(400, "Bad Request: message is too long"), Rejected),
    (400, error(400, "Bad Request: BUTTON_DATA_INVALID"), Rejected),
    (400, error(400, "Bad Request: query is too old and response timeout expired or query ID is invalid"), Rejected),
    (400, error(400, "Bad Request: something Telegram thought of yesterday"), Later),
    (400, error(400, "Bad Request: group chat was upgraded", migrate_to_chat_id=-1001), Rejected),
    (429, error(429, "Too Many Requests: retry after 7", retry_after=7), Later),
    (429, error(429, "Too Many Requests"), Later),
    (429, "<html>slow down</html>", Later),
    (401, error(401, "Unauthorized"), LaneDown),
    (404, error(404, "Not Found"), LaneDown),
    (409, error(409, "Conflict: terminated by other getUpdates request"), Later),
    (500, error(500, "Internal Server Error"), Unclear),
    (500, "plain text", Unclear),
    (502, "<html><title>502 Bad Gateway</title></html>", Unclear),
    (502, "null", Unclear),
    (400, "null", Unclear),
    (200, "null", Unclear),
    (200, "<html>", Unclear),
    (413, "<html>", Unclear),
]


@pytest.mark.parametrize(("status", "body", "failure"), ROWS, ids=[f"{row[0]} {row[1][:70]}" for row in ROWS])
@pytest.mark.parametrize("method", ["sendMessage", "editMessageText"])
async def test_what_telegram_says_becomes_the_failure_of_the_table(
    telegram: TelegramFake, chat: TelegramChat, method: str, status: int, body: str, failure: type[ChatFailure]
) -> None:
    telegram.fail(method, status=status, body=body)
    with pytest.raises(failure) as caught:
        if method == "sendMessage":
            await chat.send(at(LUCIA), card("Ana"), KEY, None)
        else:
            await chat.edit(at(LUCIA), "1", card("Ana"))
    assert TOKEN not in f"{caught.value}{caught.value.__cause__}"


async def test_an_answer_without_the_message_is_unclear(telegram: TelegramFake, chat: TelegramChat) -> None:
    telegram.fail("sendMessage", status=200, body='{"ok": true, "result": true}')
    with pytest.raises(Unclear):
        await chat.send(at(LUCIA), card("Ana"), KEY, None)


async def test_too_fast_tells_how_long_to_wait(telegram: TelegramFake, chat: TelegramChat) -> None:
    """G-150."""
    telegram.fail("sendMessage", status=429, headers={"Retry-After": "7"})
    with pytest.raises(Later) as caught:
        await chat.send(at(LUCIA), card("Ana"), KEY, None)
    assert (caught.value.seconds, caught.value.whole_lane) == (7.0, False)


@pytest.mark.parametrize("opted_in", ["1", "false"])
@pytest.mark.filterwarnings("ignore:.*retry_after")
def test_the_wait_may_be_a_number_or_a_timedelta(monkeypatch: pytest.MonkeyPatch, opted_in: str) -> None:
    monkeypatch.setenv("PTB_TIMEDELTA", opted_in)
    failure = failure_of(RetryAfter(timedelta(seconds=9)))
    assert isinstance(failure, Later) and failure.seconds == 9.0


async def test_people_who_cannot_be_reached(telegram: TelegramFake, chat: TelegramChat) -> None:
    """G-153: blocked, gone, never wrote to us, unknown to Telegram."""
    telegram.block(LUCIA)
    with pytest.raises(Unreachable, match="blocked"):
        await chat.send(at(LUCIA), card("Ana"), KEY, None)
    telegram.deactivate(LUCIA)
    with pytest.raises(Unreachable, match="deactivated"):
        await chat.send(at(LUCIA), card("Ana"), KEY, None)
    with pytest.raises(Unreachable, match="initiate"):
        await chat.send(at(BEN), card("Ana"), KEY, None)
    with pytest.raises(Unreachable, match="not found"):
        await chat.send(at("77"), card("Ana"), KEY, None)


async def test_an_address_that_is_none_of_telegrams_is_our_mistake(chat: TelegramChat) -> None:
    with pytest.raises(Rejected):
        await chat.send(at("U123ABC"), card("Ana"), KEY, None)


async def test_half_a_character_is_our_mistake_and_never_shown(telegram: TelegramFake, chat: TelegramChat) -> None:
    """G-066 is the sanitiser's; should it fail, the lane goes on."""
    with pytest.raises(Rejected):
        await chat.send(at(LUCIA), card("\ud800"), KEY, None)
    with pytest.raises(Rejected):
        await chat.edit(at(LUCIA), "1", card("\ud800"))
    assert not {"sendMessage", "editMessageText"} & {call.method for call in telegram.calls}
    with pytest.raises(Rejected):
        await chat.send(at(LUCIA), card("Ana", buttons=("\ud800",)), KEY, None)
    assert telegram.screen(LUCIA) == []


async def test_nobody_listens_at_that_address() -> None:
    chat = TelegramChat(token=TOKEN, api_base_url=NOT_THERE, mode="polling")
    with pytest.raises(Later) as caught:
        await chat.connect()
    assert caught.value.whole_lane
    await chat.close()


@asynccontextmanager
async def impatient(telegram: TelegramFake, **limits: Any) -> AsyncIterator[Bot]:
    request = HTTPXRequest(**limits)
    yield Bot(TOKEN, base_url=telegram.api_base_url, request=request)
    await request.shutdown()


async def test_an_answer_that_does_not_come_is_unclear(telegram: TelegramFake, chat: TelegramChat) -> None:
    telegram.fail("sendMessage", delay=5, after=True)
    async with impatient(telegram, read_timeout=0.2) as bot:
        with pytest.raises(TimedOut) as caught:
            await bot.send_message(int(LUCIA), "Ana")
    assert isinstance(failure_of(caught.value), Unclear)
    await telegram.sees(LUCIA, "Ana")


async def test_no_free_connection_means_surely_not_sent(telegram: TelegramFake, chat: TelegramChat) -> None:
    telegram.fail("getMe", delay=2)
    async with impatient(telegram, connection_pool_size=1, pool_timeout=0.05) as bot:
        holds = asyncio.create_task(bot.get_me())
        await telegram.until(lambda: telegram.calls[-1].method == "getMe", "the first call")
        with pytest.raises(TimedOut) as caught:
            await bot.send_message(int(LUCIA), "Ana")
        holds.cancel()
        await asyncio.gather(holds, return_exceptions=True)
    assert isinstance(failure_of(caught.value), Later)
    assert telegram.screen(LUCIA) == []


def caused(problem: Exception, cause: Exception) -> Exception:
    problem.__cause__ = cause
    return problem


@pytest.mark.parametrize(
    ("problem", "failure"),
    [
        (caused(TimedOut(), httpx.ConnectTimeout("")), Later),
        (caused(TimedOut(), httpx.WriteTimeout("")), Unclear),
        (caused(NetworkError("x"), httpx.ReadError("")), Unclear),
        (ChatMigrated(-100), Rejected),
        (LaneDown("said before"), LaneDown),
        (AttributeError("'NoneType' object has no attribute 'get'"), Unclear),
    ],
    ids=repr,
)
def test_what_cannot_be_shown_over_loopback(problem: Exception, failure: type[ChatFailure]) -> None:
    assert type(failure_of(problem)) is failure


# --- connecting -------------------------------------------------------------------------------------------------------


async def test_the_bot_tells_its_name_and_never_its_token(telegram: TelegramFake) -> None:
    chat = a_chat(telegram)
    assert await chat.connect() == "twoticks_test_bot"
    assert TOKEN not in repr(chat)
    await chat.close()


async def test_asked_only_for_its_name_it_touches_nothing(telegram: TelegramFake) -> None:
    chat = a_chat(telegram, commands={"": [("today", "Today's cards")]})
    assert await chat.whoami() == "twoticks_test_bot"
    await chat.close()
    assert [call.method for call in telegram.calls] == ["getMe"]


async def test_a_revoked_token_is_told_at_once(telegram: TelegramFake) -> None:
    """G-156."""
    chat = a_chat(telegram, token="123456:old")
    with pytest.raises(LaneDown, match="does not accept this bot's token"):
        await chat.connect()
    await chat.close()


async def test_menus_are_set_where_they_differ(telegram: TelegramFake) -> None:
    menus = {"": [("today", "Today's cards")], "es": [("today", "Las tarjetas de hoy")], "hmn": [("today", "…")]}
    for _ in range(2):
        chat = a_chat(telegram, commands=menus)
        await chat.connect()
        await chat.close()
    by_language = {language: shown for (_, language), shown in telegram.commands.items()}
    assert by_language["es"] == [{"command": "today", "description": "Las tarjetas de hoy"}]
    assert [call.method for call in telegram.calls].count("setMyCommands") == 2


async def test_trouble_with_menus_stops_nothing(telegram: TelegramFake) -> None:
    telegram.fail("getMyCommands", status=502, times=9)
    chat = a_chat(telegram, commands={"": [("today", "Today's cards")]})
    assert await chat.connect() == "twoticks_test_bot"
    await chat.close()


async def test_somebody_elses_webhook_is_named_and_left_alone(telegram: TelegramFake) -> None:
    async with impatient(telegram) as bot:
        await bot.set_webhook(f"https://else.example/{TOKEN}")
    chat = a_chat(telegram, webhook_url="https://ours.example/telegram/webhook")
    with pytest.raises(LaneDown, match=r"https://else\.example/<token>"):
        await chat.connect()
    assert telegram.webhook is not None
    await chat.close()


async def test_our_own_webhook_ends_and_keeps_what_waits(telegram: TelegramFake, desk: Desk) -> None:
    """G-160."""
    ours = "https://ours.example:8443/telegram/webhook"
    telegram.webhook_front = "http://127.0.0.1:9"
    async with impatient(telegram) as bot:
        await bot.set_webhook(ours)
    await telegram.start(LUCIA, "CODE1")
    chat = a_chat(telegram, webhook_url=ours)
    await chat.connect()
    async with listening(chat, desk):
        await desk.hears(Said, "/start CODE1")
    await chat.close()
    assert not telegram.complaints


# --- hearing ----------------------------------------------------------------------------------------------------------


async def test_a_tap_is_heard_and_thanked(telegram: TelegramFake, chat: TelegramChat, desk: Desk) -> None:
    sent = await chat.send(at(LUCIA), card("Ana", buttons=("All done ✓",)), KEY, None)
    async with listening(chat, desk):
        tap = await telegram.tap(LUCIA, "All done ✓")
        assert await tap.answered() == "Thank you!"
        heard = await desk.hears(Tapped)
    assert (heard.data, heard.ref, heard.source) == (f"{KEY}.1.0", sent.ref, f"telegram:cb:{tap.id}")
    assert heard.account == Account(7, LUCIA, LUCIA, "Lucia Romero", "es")
    assert heard.said_at is None  # Telegram does not tell when


async def test_a_tap_on_a_card_that_is_gone_counts_too(telegram: TelegramFake, chat: TelegramChat, desk: Desk) -> None:
    await chat.send(at(LUCIA), card("Ana", buttons=("All done ✓",)), KEY, None)
    shown = await telegram.sees(LUCIA, "Ana")
    telegram.delete(shown)
    async with listening(chat, desk):
        await (await telegram.press(LUCIA, shown, shown.button("All done ✓"))).answered()
        assert (await desk.hears(Tapped)).ref == shown.ref


async def test_words_and_start_codes_are_heard_with_their_time(
    telegram: TelegramFake, chat: TelegramChat, desk: Desk
) -> None:
    async with listening(chat, desk):
        number = await telegram.start(BEN, "ABCDE12345")
        heard = await desk.hears(Said, "/start ABCDE12345")
        assert heard.account == Account(7, BEN, BEN, "Ben", "")
        assert heard.source == f"telegram:m:7:{BEN}:{number}"
        assert abs(heard.said_at - datetime.now(UTC)) < timedelta(seconds=5)
        assert not heard.attached


@pytest.mark.parametrize("kind", ["photo", "voice", "document", "contact", "location"])
async def test_attachments_are_noticed_and_never_fetched(
    telegram: TelegramFake, chat: TelegramChat, desk: Desk, kind: str
) -> None:
    """G-070."""
    desk.answer = Answer(reply=card("I cannot look at that, please tap."))
    async with listening(chat, desk):
        await telegram.sends(LUCIA, kind)
        await telegram.sees(LUCIA, "I cannot look at that")
    heard = desk.arrivals[-1]
    assert isinstance(heard, Said) and heard.attached and heard.text == ""
    assert "getFile" not in [call.method for call in telegram.calls]


async def test_leaving_and_coming_back(telegram: TelegramFake, chat: TelegramChat, desk: Desk) -> None:
    """G-153."""
    async with listening(chat, desk):
        telegram.block(LUCIA)
        left = await desk.hears(Left)
        telegram.unblock(LUCIA)
        back = await desk.hears(CameBack)
    assert left.account.user == back.account.user == LUCIA
    assert left.source != back.source


async def test_changed_words_and_other_bots_say_nothing(telegram: TelegramFake, chat: TelegramChat, desk: Desk) -> None:
    """G-104; a changed message is not read yet."""
    robot = {"id": 9, "is_bot": True, "first_name": "Robot"}
    here = {"id": int(LUCIA), "type": "private", "first_name": "Lucia"}
    async with listening(chat, desk):
        number = await telegram.say(LUCIA, "done")
        await telegram.edits(LUCIA, number, "not done")
        telegram.update({"message": {"message_id": 99, "from": robot, "chat": here, "date": 1, "text": "hi"}})
        telegram.update({"message": {"message_id": 98, "chat": here, "date": 1, "pinned_message": None}})
        await telegram.say(LUCIA, "bye")
        await desk.hears(Said, "bye")
        await telegram.polled()
    assert [getattr(arrival, "text", "") for arrival in desk.arrivals] == ["/start", "done", "bye"]
    assert desk.parked == []


async def test_put_into_a_group_it_explains_and_leaves(telegram: TelegramFake, chat: TelegramChat, desk: Desk) -> None:
    """G-045."""
    desk.answer = Answer(reply=card("Please write to me directly."))
    async with listening(chat, desk):
        group = telegram.add_to_group(LUCIA)
        await telegram.sees(str(group), "Please write to me directly.")
        await telegram.until(lambda: telegram.calls[-1].method == "leaveChat", "the bot leaves")
    assert not desk.arrivals[-1].account.private
    assert telegram.screen(LUCIA)[0].text == "Please write to me directly."  # to her own /start


async def test_a_group_where_it_may_not_write_is_left_all_the_same(
    telegram: TelegramFake, chat: TelegramChat, desk: Desk
) -> None:
    desk.answer = Answer(reply=card("Please write to me directly."))
    async with listening(chat, desk):
        await telegram.sees(LUCIA, "Please write")
        telegram.fail("sendMessage", status=403, body=error(403, "Forbidden: no rights to send"))
        telegram.add_to_group(LUCIA)
        await telegram.until(lambda: telegram.calls[-1].method == "leaveChat", "the bot leaves")


async def test_stored_before_it_is_confirmed(telegram: TelegramFake, chat: TelegramChat, desk: Desk) -> None:
    """G-013, G-134: while the database is away Telegram keeps the answer, and brings it again."""
    async with listening(chat, desk):
        await telegram.polled()
        desk.away = True
        await telegram.say(LUCIA, "done")
        await telegram.until(lambda: desk.refusals > 1, "it is asked again")
        assert telegram.updates.waiting
        desk.away = False
        assert (await desk.hears(Said, "done")).resumed
        await telegram.polled()
    assert [getattr(arrival, "text", "") for arrival in desk.arrivals] == ["/start", "done"]


async def test_what_waited_while_nobody_listened_says_so(
    telegram: TelegramFake, chat: TelegramChat, desk: Desk
) -> None:
    """PLATFORMS 3.3: a tap carries no time, so an outage of ours is never charged to a family."""
    async with listening(chat, desk):
        assert (await desk.hears(Said, "/start")).resumed
        await telegram.polled()
        await telegram.say(LUCIA, "live")
        assert not (await desk.hears(Said, "live")).resumed


async def test_a_backlog_of_several_polls_waited_all_of_it(
    telegram: TelegramFake, chat: TelegramChat, desk: Desk
) -> None:
    for n in range(150):
        await telegram.say(LUCIA, f"word {n}")
    async with listening(chat, desk):
        await telegram.polled()
        reports = len(desk.reports)
    assert len(desk.arrivals) == 151 and all(arrival.resumed for arrival in desk.arrivals)
    assert reports == 1  # not after the first hundred, for then more still waited


async def test_reports_until_when_everything_is_stored(telegram: TelegramFake, chat: TelegramChat, desk: Desk) -> None:
    before = datetime.now(UTC)
    async with listening(chat, desk):
        await desk.until(lambda: bool(desk.reports), "a report")
    assert before <= desk.reports[0] <= datetime.now(UTC)


POISON: list[dict[str, Any]] = [
    {"message": {"message_id": 5, "chat": {"id": 1, "type": "private"}, "text": "no date"}},
    {"message": "not an object"},
    {"message": {"message_id": 5, "date": 1, "text": 5, "from": {"id": 1, "is_bot": False, "first_name": "A"}}},
    {"callback_query": {"id": "1", "data": "x"}},
    {"my_chat_member": {"chat": {"id": 1, "type": "private"}, "date": 1}},
]


@pytest.mark.parametrize("poison", POISON, ids=range(len(POISON)))
async def test_one_update_that_cannot_be_read_stops_nothing(
    telegram: TelegramFake, chat: TelegramChat, desk: Desk, poison: dict[str, Any]
) -> None:
    """G-009: parked whole, and what comes behind it is heard."""
    number = telegram.update(poison)
    await telegram.say(LUCIA, "done")
    async with listening(chat, desk):
        await desk.hears(Said, "done")
        await telegram.polled()
    [(source, raw)] = desk.parked
    assert source.startswith(f"telegram:u:7:{number}:")
    assert json.loads(raw) == {"update_id": number, **poison}


async def test_wrong_types_are_not_believed(telegram: TelegramFake, chat: TelegramChat, desk: Desk) -> None:
    """G-009: python-telegram-bot checks no types."""
    lucia: dict[str, Any] = {"id": int(LUCIA), "is_bot": False, "first_name": "L"}
    here: dict[str, Any] = {"id": int(LUCIA), "type": "private"}
    fine: dict[str, Any] = {"message_id": 5, "date": 1, "text": "x", "from": lucia, "chat": here}
    broken: list[dict[str, Any]] = [
        {"text": 5},
        {"text": ["x"]},
        {"message_id": "5"},
        {"from": lucia | {"id": "5"}},
        {"chat": here | {"id": True}},
        {"from": lucia | {"language_code": 3}},
        {"from": lucia | {"language_code": {}}},
    ]
    for change in broken:
        telegram.update({"message": fine | change})
    async with listening(chat, desk):
        await telegram.polled()
    assert [type(arrival) for arrival in desk.arrivals] == [Said, Said]  # /start, and {} is as good as no language
    assert len(desk.parked) == 6


async def test_the_same_update_again_has_the_same_source(
    telegram: TelegramFake, chat: TelegramChat, desk: Desk
) -> None:
    await chat.send(at(LUCIA), card("Ana", buttons=("All done ✓",)), KEY, None)
    async with listening(chat, desk):
        tap = await telegram.tap(LUCIA, "All done ✓")
        await tap.answered()
        telegram.repeat(tap.update_id)
        await desk.until(lambda: len(desk.arrivals) == 3, "the tap twice")
    assert desk.arrivals[1].source == desk.arrivals[2].source


async def test_after_a_quiet_week_with_new_numbers_people_are_heard(
    telegram: TelegramFake, chat: TelegramChat, desk: Desk
) -> None:
    """PLATFORMS 3.3: update ids restart at random, here far below."""
    async with listening(chat, desk):
        await telegram.polled()
        telegram.jump_update_id()
        await telegram.say(LUCIA, "back from holidays")
        await telegram.say(LUCIA, "and again")
        await desk.hears(Said, "and again")
        await telegram.polled()
    assert len(desk.arrivals) == 3


@pytest.mark.parametrize("trouble", [{"status": 502}, {"drop": True}, {"status": 200, "body": "null"}], ids=str)
async def test_trouble_at_telegram_is_waited_out(
    telegram: TelegramFake, chat: TelegramChat, desk: Desk, trouble: dict[str, Any]
) -> None:
    """G-151."""
    telegram.fail("getUpdates", **trouble)
    async with listening(chat, desk):
        await desk.hears(Said, "/start")


async def test_a_practice_clock_polls_faster_and_ignores_telegrams_time(
    telegram: TelegramFake, chat: TelegramChat, desk: Desk
) -> None:
    desk.rate = 600.0
    async with listening(chat, desk):
        assert (await desk.hears(Said, "/start")).said_at is None
        await telegram.polled()
    polls = [call.args for call in telegram.calls if call.method == "getUpdates"]
    assert [poll["timeout"] for poll in polls[:2]] == [0, 1]  # the first only fetches what waited already
    assert polls[0]["allowed_updates"] == ["message", "edited_message", "callback_query", "my_chat_member"]


async def test_one_conflict_may_be_our_own_last_poll(telegram: TelegramFake, chat: TelegramChat, desk: Desk) -> None:
    telegram.fail("getUpdates", status=409)
    async with listening(chat, desk):
        await desk.hears(Said, "/start")


async def test_a_second_process_with_this_token_ends_the_lane(
    telegram: TelegramFake, chat: TelegramChat, desk: Desk
) -> None:
    """G-139."""
    telegram.fail("getUpdates", status=409, times=3)
    with pytest.raises(SecondPoller, match="another process uses this bot token"):
        await chat.listen(desk)


async def test_a_token_revoked_while_listening_ends_the_lane(
    telegram: TelegramFake, chat: TelegramChat, desk: Desk
) -> None:
    async with listening(chat, desk) as task:
        await telegram.polled()
        telegram.token = "123456:new"
        await telegram.say(LUCIA, "hello")
        with pytest.raises(LaneDown):
            await asyncio.wait_for(asyncio.shield(task), 5)


# --- the toast --------------------------------------------------------------------------------------------------------


async def test_a_toast_that_fails_stops_nothing(
    telegram: TelegramFake, chat: TelegramChat, desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    """G-162: a late answer is refused ("query is too old"), and what was said is stored all the same."""
    await chat.send(at(LUCIA), card("Ana", buttons=("All done ✓",)), KEY, None)
    telegram.query_lives = 0
    async with listening(chat, desk):
        late = await telegram.tap(LUCIA, "All done ✓")
        await telegram.until(lambda: late.tried, "an answer that comes too late")
        telegram.query_lives = 30
        telegram.fail("answerCallbackQuery", status=502)
        await telegram.tap(LUCIA, "All done ✓")
        await telegram.until(lambda: telegram.taps[-1].tried, "an answer that is lost")
        assert await (await telegram.tap(LUCIA, "All done ✓")).answered() == "Thank you!"
    assert len([arrival for arrival in desk.arrivals if isinstance(arrival, Tapped)]) == 3
    assert not [record for record in caplog.records if record.levelno > logging.INFO]


@pytest.mark.parametrize(("toast", "seen"), [("x" * 300, "x" * 199 + "…"), ("👍" * 150, "👍" * 99 + "…"), ("", "")])
async def test_a_long_toast_is_cut(
    telegram: TelegramFake, chat: TelegramChat, desk: Desk, toast: str, seen: str
) -> None:
    desk.answer = Answer(toast)
    await chat.send(at(LUCIA), card("Ana", buttons=("All done ✓",)), KEY, None)
    async with listening(chat, desk):
        assert await (await telegram.tap(LUCIA, "All done ✓")).answered() == seen
    assert not telegram.complaints


async def test_a_toast_that_cannot_be_sent_stops_nothing(
    telegram: TelegramFake, chat: TelegramChat, desk: Desk
) -> None:
    desk.answer = Answer("\ud800")
    await chat.send(at(LUCIA), card("Ana", buttons=("All done ✓",)), KEY, None)
    async with listening(chat, desk):
        await telegram.tap(LUCIA, "All done ✓")
        await telegram.say(LUCIA, "done")
        await desk.hears(Said, "done")
        await telegram.polled()
    assert len(desk.arrivals) == 3


async def test_a_slow_toast_holds_up_nobody(telegram: TelegramFake, chat: TelegramChat, desk: Desk) -> None:
    await chat.send(at(LUCIA), card("Ana", buttons=("All done ✓",)), KEY, None)
    telegram.fail("answerCallbackQuery", delay=3)
    async with listening(chat, desk):
        await telegram.tap(LUCIA, "All done ✓")
        assert await (await telegram.tap(LUCIA, "All done ✓")).answered(patience=2) == "Thank you!"


# --- the webhook ------------------------------------------------------------------------------------------------------


@pytest.fixture
async def called(telegram: TelegramFake, desk: Desk) -> AsyncIterator[TelegramChat]:
    """A chat in webhook mode that is listening."""
    url = "https://school.example/telegram/webhook"
    chat = a_chat(telegram, mode="webhook", webhook_secret=SECRET, webhook_url=url)
    await chat.connect()
    async with serving(chat) as telegram.webhook_front, listening(chat, desk):
        yield chat
    await chat.close()


async def test_by_webhook_a_tap_is_heard_and_thanked(telegram: TelegramFake, called: TelegramChat, desk: Desk) -> None:
    await telegram.start(LUCIA, "CODE1")
    await desk.hears(Said, "/start CODE1")
    await called.send(at(LUCIA), card("Ana", buttons=("All done ✓",)), KEY, None)
    assert await (await telegram.tap(LUCIA, "All done ✓")).answered() == "Thank you!"
    await desk.until(lambda: bool(desk.reports), "a report")
    assert telegram.webhook is not None and telegram.webhook.secret == SECRET
    assert not telegram.complaints


async def test_by_webhook_poison_is_parked_and_taken(telegram: TelegramFake, called: TelegramChat, desk: Desk) -> None:
    telegram.update(POISON[0])
    await desk.until(lambda: bool(telegram.deliveries), "a delivery")
    assert [delivery.status for delivery in telegram.deliveries] == [200]
    assert len(desk.parked) == 1


async def test_by_webhook_what_is_not_stored_comes_again(
    telegram: TelegramFake, called: TelegramChat, desk: Desk
) -> None:
    await desk.until(lambda: bool(desk.reports), "a report")
    desk.away = True
    await telegram.start(LUCIA)
    await telegram.until(lambda: len(telegram.deliveries) > 1, "two tries")
    assert {delivery.status for delivery in telegram.deliveries} == {503}
    desk.away = False
    assert (await desk.hears(Said, "/start")).resumed


@pytest.mark.parametrize("secret", ["", "wrong", SECRET + "x", "ä"])
async def test_by_webhook_only_telegram_is_heard(
    telegram: TelegramFake, called: TelegramChat, desk: Desk, secret: str
) -> None:
    """G-005."""
    headers = {"X-Telegram-Bot-Api-Secret-Token": secret}
    body = {"message": {"message_id": 1, "text": "done"}}
    address = f"{telegram.webhook_front}/telegram/webhook"
    async with aiohttp.ClientSession() as web, web.post(address, json=body, headers=headers) as answer:
        assert answer.status == 403
    assert not desk.arrivals and not desk.parked


async def test_one_of_several_bots_has_its_own_path(telegram: TelegramFake) -> None:
    chat = a_chat(telegram, mode="webhook", webhook_url="https://school.example/bots/telegram/webhook/east")
    assert [route.path for route in chat.routes] == ["/telegram/webhook/east"]
    await chat.close()


async def test_a_webhook_address_telegram_refuses_is_named(telegram: TelegramFake, desk: Desk) -> None:
    chat = a_chat(telegram, mode="webhook", webhook_secret=SECRET, webhook_url="http://school.example/telegram/webhook")
    with pytest.raises(LaneDown, match=r"http://school\.example/telegram/webhook.*https"):
        await chat.listen(desk)
    await chat.close()


# --- secrets ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def everything_logged(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    caplog.set_level(logging.DEBUG)
    yield caplog


async def test_no_log_holds_the_token_or_a_name(
    everything_logged: pytest.LogCaptureFixture, telegram: TelegramFake, desk: Desk
) -> None:
    """G-080, G-081: everything at DEBUG; names stay below INFO."""
    chat = a_chat(telegram)
    await chat.connect()
    await telegram.start(LUCIA)
    telegram.update(POISON[0] | {"note": "Canary Ana"})
    async with listening(chat, desk):
        await chat.send(at(LUCIA), card("Canary Ana", buttons=("All done ✓",)), KEY, None)
        telegram.fail("sendMessage", status=200, body='{"ok": true, "text": "Canary Ana"')
        with pytest.raises(Unclear):
            await chat.send(at(LUCIA), card("Canary Ana"), KEY, None)
        telegram.fail("answerCallbackQuery", status=502)
        await telegram.tap(LUCIA, "All done ✓")
        await telegram.until(lambda: telegram.taps[-1].tried, "an answer")
        telegram.fail("getUpdates", drop=True)
        await telegram.polled()
    await chat.close()
    assert everything_logged.records
    assert TOKEN not in everything_logged.text
    assert "Canary" not in "\n".join(r.getMessage() for r in everything_logged.records if r.levelno >= logging.INFO)
