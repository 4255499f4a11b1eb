"""The fake Telegram is as strict as the real one, seen through the real library and through plain HTTP."""

import asyncio
import copy
import json
import os
import warnings
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from telegram import (
    Bot,
    BotCommand,
    BotCommandScopeAllPrivateChats,
    ForceReply,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    LinkPreviewOptions,
    Message,
    MessageEntity,
    ReplyKeyboardMarkup,
    Update,
)
from telegram.error import BadRequest, Conflict, Forbidden, InvalidToken, NetworkError, RetryAfter, TimedOut
from telegram.request import HTTPXRequest
from telegram.warnings import PTBUserWarning

from . import telegram_rules as rules
from .screens import Button
from .telegram import TelegramFake

TOKEN = "123456:TEST-token"
LUCIA, BEN = "5000000001", "5000000002"
CHAT = int(LUCIA)
Json = dict[str, Any]


@pytest.fixture
async def telegram(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[TelegramFake]:
    for name in [name for name in os.environ if name.upper().endswith("_PROXY")]:
        monkeypatch.delenv(name)
    async with TelegramFake(TOKEN, "twoticks_test_bot") as fake:
        fake.person(LUCIA, name="Lucia Romero", language="es")
        fake.person(BEN, name="Ben")
        yield fake


@pytest.fixture
async def bot(telegram: TelegramFake) -> AsyncIterator[Bot]:
    request = HTTPXRequest(connection_pool_size=8, read_timeout=5)
    async with Bot(TOKEN, base_url=telegram.api_base_url, request=request) as bot:
        await telegram.start(LUCIA)
        await updates(bot)
        yield bot


async def updates(bot: Bot, wait: int = 0, **args: object) -> list[Json]:
    """What one getUpdates gives."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PTBUserWarning)
        found = await bot.do_api_request("getUpdates", api_kwargs={"timeout": wait, **args}, read_timeout=40)
    assert isinstance(found, list)
    return found


async def confirm(bot: Bot) -> None:
    """Takes everything that waits and confirms it."""
    while found := await updates(bot):
        await updates(bot, offset=found[-1]["update_id"] + 1)


async def raw(telegram: TelegramFake, method: str, **args: object) -> tuple[int, Json]:
    """One call with a JSON body, without any library."""
    url = f"{telegram.api_base_url}{TOKEN}/{method}"
    async with aiohttp.ClientSession() as client, client.post(url, json=args) as answer:
        return answer.status, await answer.json()


async def refused(telegram: TelegramFake, method: str, **args: object) -> str:
    """The text a 400 gives; each is a complaint too, which is taken away again."""
    status, body = await raw(telegram, method, **args)
    assert (status, body["ok"], body["error_code"]) == (400, False, 400), body
    assert telegram.complaints.pop() == f"{method}: {body['description']}"
    return str(body["description"]).removeprefix("Bad Request: ")


def keyboard(*rows: list[tuple[str, str]]) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup([[InlineKeyboardButton(a, callback_data=b) for a, b in row] for row in rows])


CARD = keyboard([("All done ✓", "a1"), ("Not yet", "a2")])


# --- a day, through the real library


async def test_a_card_is_sent_tapped_answered_and_edited(telegram: TelegramFake, bot: Bot) -> None:
    await bot.send_message(CHAT, "Homework is written down", reply_markup=CARD, protect_content=True)
    card = await telegram.sees(LUCIA, "written down", "All done ✓")
    assert card.labels() == ["All done ✓", "Not yet"] and card.rang and card.raw["protect_content"] is True

    tap = await telegram.tap(LUCIA, "All done ✓")
    update = Update.de_json((await updates(bot, wait=5))[-1], bot)
    assert update.callback_query and update.callback_query.data == "a1"
    assert update.callback_query.from_user.id == CHAT and update.callback_query.from_user.language_code == "es"
    assert await update.callback_query.answer("Thank you")
    assert await tap.answered() == "Thank you" and tap.took is not None

    await update.callback_query.edit_message_text("Done ✓ by Lucia")
    assert (card.text, card.history, card.edits, card.buttons) == (
        "Done ✓ by Lucia",
        ["Homework is written down"],
        1,
        [],
    )
    assert telegram.rings(LUCIA) == 1 and telegram.complaints == []


async def test_entities_arrive_and_silence_does_not_ring(telegram: TelegramFake, bot: Bot) -> None:
    bold = MessageEntity(MessageEntity.BOLD, 3, 4)
    quiet = {"disable_notification": True, "link_preview_options": LinkPreviewOptions(is_disabled=True)}
    sent = await bot.send_message(CHAT, "😀 Done, see you", entities=[bold], **quiet)  # type: ignore[arg-type]
    shown = await telegram.sees(LUCIA, "Done")
    assert not shown.rang and shown.raw["entities"] == [{"type": "bold", "offset": 3, "length": 4}]
    assert sent.message_id == int(shown.ref) and sent.entities == (bold,)
    assert shown.raw["link_preview_options"] == {"is_disabled": True}


async def test_a_lock_screen_shows_the_first_hundred_characters(telegram: TelegramFake, bot: Bot) -> None:
    await bot.send_message(CHAT, "x" * 150)
    assert (await telegram.sees(LUCIA, "xxx")).preview == "x" * 100


async def test_start_help_edits_and_other_things_arrive(telegram: TelegramFake, bot: Bot) -> None:
    await telegram.start(BEN, code="abc-DEF_1")
    first = await telegram.say(BEN, "help")
    await telegram.edits(BEN, first, "help me")
    for kind in ("photo", "voice", "document", "contact", "location"):
        await telegram.sends(BEN, kind=kind)
    read = [Update.de_json(one, bot) for one in await updates(bot)][1:]
    messages = [one.effective_message for one in read]
    assert all(isinstance(one, Message) and one.from_user and one.from_user.id == int(BEN) for one in messages)
    assert [one.text for one in messages if one and one.text] == ["/start abc-DEF_1", "help", "help me"]
    assert read[2].edited_message and read[2].edited_message.edit_date
    assert [bool(one and one.effective_attachment) for one in messages[3:]] == [True] * 5


async def test_commands_and_descriptions_are_kept_per_language(telegram: TelegramFake, bot: Bot) -> None:
    scope = BotCommandScopeAllPrivateChats()
    await bot.set_my_commands([BotCommand("today", "Hoy")], scope=scope, language_code="es")
    assert [one.command for one in await bot.get_my_commands(scope, "es")] == ["today"]
    assert await bot.get_my_commands(scope) == () and await bot.get_my_commands() == ()
    await bot.set_my_description("Homework", "en")
    await bot.set_my_short_description("Short")
    assert (await bot.get_my_description("en")).description == "Homework"
    assert (await bot.get_my_description()).description == ""
    assert (await bot.get_my_short_description()).short_description == "Short"
    assert (await bot.get_me()).username == "twoticks_test_bot"


async def test_a_photo_goes_as_multipart(telegram: TelegramFake, bot: Bot) -> None:
    sent = await bot.send_photo(CHAT, b"\x89PNG not really", caption="The week", reply_markup=CARD)
    shown = await telegram.sees(LUCIA, "The week", "Not yet")
    assert shown.raw["photo"] == b"\x89PNG not really"
    with pytest.raises(BadRequest, match=r"(?i)there is no text in the message to edit"):
        await sent.edit_text("Other words")


async def test_a_reaction_is_a_silent_receipt(telegram: TelegramFake, bot: Bot) -> None:
    said = await telegram.say(LUCIA, "done")
    assert await bot.set_message_reaction(CHAT, said, "👍")
    assert telegram.reactions == {said: "👍"}


async def test_the_spinner_of_a_tap_that_nobody_answers_is_a_complaint(telegram: TelegramFake, bot: Bot) -> None:
    telegram.answer_within = 0.05
    await bot.send_message(CHAT, "Card", reply_markup=CARD)
    tap = await telegram.tap(LUCIA, "Not yet")
    assert await updates(bot) == await updates(bot), "handed out twice, complained about once"
    with pytest.raises(AssertionError, match="an answer to"):
        await tap.answered(patience=0.2)
    assert telegram.complaints == ["5000000001's tap 'a2' was not answered within 0.05 s"]


async def test_a_tap_that_never_reached_the_program_is_no_complaint(telegram: TelegramFake, bot: Bot) -> None:
    telegram.answer_within = 0.01
    await bot.send_message(CHAT, "Card", reply_markup=CARD)
    tap = await telegram.tap(LUCIA, "Not yet")
    with pytest.raises(AssertionError, match="an answer to"):
        await tap.answered(patience=0.05)
    assert telegram.complaints == []


async def test_a_failed_answer_is_no_silence(telegram: TelegramFake, bot: Bot) -> None:
    telegram.answer_within = 0.05
    await bot.send_message(CHAT, "Card", reply_markup=CARD)
    tap = await telegram.tap(LUCIA, "Not yet")
    await updates(bot)
    telegram.fail("answerCallbackQuery", status=500)
    with pytest.raises(NetworkError):
        await bot.answer_callback_query(tap.id)
    with pytest.raises(AssertionError):
        await tap.answered(patience=0.1)
    assert telegram.complaints == []


async def test_an_old_or_unknown_tap_cannot_be_answered(telegram: TelegramFake, bot: Bot) -> None:
    await bot.send_message(CHAT, "Card", reply_markup=CARD)
    tap = await telegram.tap(LUCIA, "Not yet")
    telegram.query_lives = 0
    for query in (tap.id, "77"):
        with pytest.raises(
            BadRequest, match=r"(?i)query is too old and response timeout expired or query id is invalid"
        ):
            await bot.answer_callback_query(query)
    assert telegram.complaints == []


async def test_a_stale_copy_somebody_elses_card_and_forged_data_can_be_pressed(
    telegram: TelegramFake, bot: Bot
) -> None:
    sent = await bot.send_message(CHAT, "Monday", reply_markup=CARD)
    old = copy.copy(telegram.screen(LUCIA)[-1])
    await sent.edit_text("Tuesday", reply_markup=keyboard([("Later", "b1")]))
    await telegram.tap(LUCIA, "All done ✓", shown=old)
    await telegram.press(BEN, telegram.screen(LUCIA)[-1], Button("Later", "b1"))
    await telegram.press(LUCIA, old, Button("x", "forged"))
    telegram.delete(old)
    await telegram.tap(LUCIA, "Not yet", shown=old)
    queries = [one["callback_query"] for one in await updates(bot) if "callback_query" in one]
    assert [(one["from"]["id"], one["data"]) for one in queries] == [
        (CHAT, "a1"),
        (int(BEN), "b1"),
        (CHAT, "forged"),
        (CHAT, "a2"),
    ]
    assert queries[0]["message"]["text"] == "Tuesday" and queries[1]["message"]["chat"]["id"] == CHAT
    assert queries[3]["message"]["date"] == 0, "what Telegram sends for a message that is gone"
    telegram.complaints.clear()


# --- who can be reached


async def test_nobody_is_written_to_first(telegram: TelegramFake, bot: Bot) -> None:
    with pytest.raises(Forbidden, match=r"(?i)bot can't initiate conversation with a user"):
        await bot.send_message(int(BEN), "Hello")
    with pytest.raises(BadRequest, match=r"(?i)chat not found"):
        await bot.send_message(77, "Hello")
    await telegram.start(BEN)
    await bot.send_message(int(BEN), "Hello")


async def test_a_person_blocks_comes_back_and_is_deactivated(telegram: TelegramFake, bot: Bot) -> None:
    await confirm(bot)
    telegram.block(LUCIA)
    with pytest.raises(Forbidden, match=r"(?i)bot was blocked by the user"):
        await bot.send_message(CHAT, "Hello")
    with pytest.raises(AssertionError, match="unblock first"):
        await telegram.say(LUCIA, "hello?")
    await telegram.start(LUCIA)
    changes = [Update.de_json(one, bot) for one in await updates(bot)]
    statuses = [one.my_chat_member.new_chat_member.status for one in changes if one.my_chat_member]
    assert statuses == ["kicked", "member"]
    await bot.send_message(CHAT, "Hello again")
    telegram.deactivate(LUCIA)
    with pytest.raises(Forbidden, match=r"(?i)user is deactivated"):
        await bot.send_message(CHAT, "Hello")
    assert telegram.complaints == []


async def test_a_group_is_joined_written_to_and_left(telegram: TelegramFake, bot: Bot) -> None:
    await confirm(bot)
    group = telegram.add_to_group(LUCIA, title="Class 3b")
    await telegram.say(LUCIA, "hello all", group=group)
    await bot.send_message(group, "I only talk in private")
    await telegram.sees(str(group), "only talk in private")
    assert await bot.leave_chat(group)
    with pytest.raises(Forbidden, match=r"(?i)bot is not a member"):
        await bot.send_message(group, "Hello?")
    found = [Update.de_json(one, bot) for one in await updates(bot)]
    assert [one.effective_chat.title for one in found if one.effective_chat] == ["Class 3b"] * 3
    assert await refused(telegram, "leaveChat", chat_id=CHAT) == "chat member status can't be changed in private chats"


async def test_a_start_code_no_link_can_carry_is_a_complaint(telegram: TelegramFake, bot: Bot) -> None:
    await telegram.start(LUCIA, code="no spaces")
    assert "cannot be in a link" in telegram.complaints.pop()
    assert (await updates(bot))[-1]["message"]["text"] == "/start"


# --- edits


async def test_an_edit_without_change_is_told(telegram: TelegramFake, bot: Bot) -> None:
    sent = await bot.send_message(CHAT, "Same", reply_markup=CARD)
    for edit in (sent.edit_text("Same", reply_markup=CARD), sent.edit_reply_markup(CARD)):
        with pytest.raises(BadRequest) as told:
            await edit
        assert told.value.message.lower() == rules.NOT_MODIFIED.lower()
    await sent.edit_text("Same", reply_markup=CARD, entities=[MessageEntity("bold", 0, 4)])
    await sent.edit_reply_markup(None)
    assert telegram.screen(LUCIA)[-1].buttons == [] and telegram.complaints == []


async def test_what_is_gone_or_not_the_bots_cannot_be_edited(telegram: TelegramFake, bot: Bot) -> None:
    sent = await bot.send_message(CHAT, "Card")
    said = await telegram.say(LUCIA, "hello")
    telegram.delete(telegram.screen(LUCIA)[-1])
    assert telegram.screen(LUCIA) == []
    with pytest.raises(BadRequest, match=r"(?i)message to edit not found"):
        await sent.edit_text("Other")
    with pytest.raises(BadRequest, match=r"(?i)message to edit not found"):
        await bot.edit_message_text("Other", CHAT, 9999)
    with pytest.raises(BadRequest, match=r"(?i)message can't be edited"):
        await bot.edit_message_text("Other", CHAT, said)


async def test_a_message_with_a_reply_keyboard_is_never_edited(telegram: TelegramFake, bot: Bot) -> None:
    for markup in (ReplyKeyboardMarkup([["Yes"]]), ForceReply()):
        sent = await bot.send_message(CHAT, "Choose", reply_markup=markup)
        with pytest.raises(BadRequest, match=r"(?i)message can't be edited"):
            await bot.edit_message_text("Other", CHAT, sent.message_id)


async def test_a_reply_needs_its_message(telegram: TelegramFake, bot: Bot) -> None:
    said = await telegram.say(LUCIA, "hello")
    await bot.send_message(CHAT, "Hello", reply_to_message_id=said)
    with pytest.raises(BadRequest, match=r"(?i)message to be replied not found"):
        await bot.send_message(CHAT, "Hello", reply_to_message_id=9999)


# --- updates


async def test_updates_come_again_until_a_higher_offset(telegram: TelegramFake, bot: Bot) -> None:
    await confirm(bot)
    await telegram.say(LUCIA, "one")
    await telegram.say(LUCIA, "two")
    first = await updates(bot)
    assert await updates(bot) == first and [one["message"]["text"] for one in first] == ["one", "two"]
    assert await updates(bot, limit=1) == first[:1]
    assert await updates(bot, offset=first[0]["update_id"] + 1) == first[1:]
    assert await updates(bot, offset=first[1]["update_id"] + 1) == []


async def test_a_poll_waits_for_what_is_said(telegram: TelegramFake, bot: Bot) -> None:
    await confirm(bot)
    polling = asyncio.create_task(updates(bot, wait=30))
    await telegram.polled()
    await telegram.say(LUCIA, "hello")
    assert [one["message"]["text"] for one in await polling] == ["hello"]
    with pytest.raises(AssertionError, match="long poll"):
        await telegram.polled(patience=0.05)


async def test_a_second_poller_may_be_refused_but_one_who_hung_up_is_gone(telegram: TelegramFake, bot: Bot) -> None:
    await confirm(bot)
    telegram.newest_poller_wins = False
    polling = asyncio.create_task(raw(telegram, "getUpdates", timeout=30))
    await telegram.polled()
    with pytest.raises(Conflict, match=r"(?i)terminated by other getupdates request; make sure that only one bot"):
        await updates(bot, wait=30)
    polling.cancel()
    await telegram.until(lambda: not telegram.polling(), "the end of the poll")
    assert await updates(bot) == []


async def test_the_newest_poller_wins_as_on_the_real_server(telegram: TelegramFake, bot: Bot) -> None:
    await confirm(bot)
    old = asyncio.create_task(updates(bot, wait=30))
    await telegram.polled()
    new = asyncio.create_task(raw(telegram, "getUpdates", timeout=30))
    with pytest.raises(Conflict, match=r"(?i)terminated by other getupdates request"):
        await old
    await telegram.say(LUCIA, "hello")
    assert (await new)[1]["result"][-1]["message"]["text"] == "hello"


async def test_allowed_updates_are_honoured_and_remembered(telegram: TelegramFake, bot: Bot) -> None:
    await confirm(bot)
    await updates(bot, allowed_updates=["callback_query"])
    await telegram.say(LUCIA, "not asked for")
    assert await updates(bot) == []
    await updates(bot, allowed_updates=[])
    await telegram.say(LUCIA, "asked for")
    telegram.update({"message_reaction": {"not": "by default"}})
    assert [one["message"]["text"] for one in await updates(bot)] == ["asked for"]
    await confirm(bot)
    polling = asyncio.create_task(updates(bot, wait=30))
    await telegram.polled()
    telegram.update({"message_reaction": {"not": "by default"}})
    assert telegram.polling(), "what was not asked for does not end a poll"
    await telegram.say(LUCIA, "the end")
    assert [one["message"]["text"] for one in await polling] == ["the end"]


async def test_poison_is_delivered_as_it_is_and_anything_can_come_twice(telegram: TelegramFake, bot: Bot) -> None:
    await confirm(bot)
    poison = telegram.update({"message": {"text": 5}})
    said = await telegram.say(LUCIA, "hello")
    found = await updates(bot)
    assert found[0] == {"update_id": poison, "message": {"text": 5}} and found[1]["message"]["message_id"] == said
    assert await updates(bot, offset=poison + 2) == []
    telegram.repeat(poison)
    assert await updates(bot, offset=poison + 2) == found[:1]
    assert await updates(bot, offset=poison + 2) == []


async def test_after_a_quiet_week_ids_are_random(telegram: TelegramFake, bot: Bot) -> None:
    await telegram.say(LUCIA, "before")
    last = (await updates(bot))[-1]["update_id"]
    telegram.jump_update_id()
    await telegram.say(LUCIA, "after")
    found = await updates(bot, offset=last + 1)
    assert [one["message"]["text"] for one in found] == ["after"] and found[0]["update_id"] < last
    assert await updates(bot, offset=found[0]["update_id"] + 1) == []


async def test_an_offset_too_high_by_one_loses_an_update_as_at_telegram(telegram: TelegramFake, bot: Bot) -> None:
    await confirm(bot)
    await telegram.say(LUCIA, "one")
    await telegram.say(LUCIA, "two")
    found = await updates(bot, limit=1)
    assert await updates(bot, offset=found[0]["update_id"] + 2) == []


# --- webhooks


class Front:
    """A small web server that takes updates; `says` holds the statuses it answers next, then 200."""

    def __init__(self) -> None:
        self.got: list[tuple[str | None, Json]] = []
        self.says: list[int] = []

    async def take(self, request: web.Request) -> web.Response:
        self.got.append((request.headers.get("X-Telegram-Bot-Api-Secret-Token"), await request.json()))
        return web.Response(status=self.says.pop(0) if self.says else 200)


@pytest.fixture
async def front(telegram: TelegramFake) -> AsyncIterator[tuple[Front, str]]:
    front, app = Front(), web.Application()
    app.router.add_post("/telegram", front.take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield front, f"http://127.0.0.1:{runner.addresses[0][1]}"
    telegram.webhook = None
    await runner.cleanup()


async def test_a_webhook_gets_updates_with_the_secret_until_it_says_200(
    telegram: TelegramFake, bot: Bot, front: tuple[Front, str]
) -> None:
    await confirm(bot)
    front[0].says = [503, 503]
    await bot.set_webhook(f"{front[1]}/telegram", secret_token="s" * 32)
    await telegram.say(LUCIA, "hello")
    await telegram.until(lambda: len(telegram.deliveries) == 3, "three tries")
    assert [one.status for one in telegram.deliveries] == [503, 503, 200]
    assert {secret for secret, _ in front[0].got} == {"s" * 32}
    assert front[0].got[-1][1]["message"]["text"] == "hello"
    info = await bot.get_webhook_info()
    assert info.url.endswith("/telegram") and info.pending_update_count == 0 and "503" in str(info.last_error_message)


async def test_a_webhook_keeps_the_order_of_one_chat(
    telegram: TelegramFake, bot: Bot, front: tuple[Front, str]
) -> None:
    await confirm(bot)
    front[0].says = [500]
    telegram.webhook_front = front[1]
    await bot.set_webhook("https://school.example/telegram")
    for text in ("one", "two", "three"):
        await telegram.say(LUCIA, text)
    await telegram.until(lambda: not telegram.updates.waiting, "all taken")
    assert [body["message"]["text"] for _, body in front[0].got] == ["one", "one", "two", "three"]


async def test_polling_and_a_webhook_exclude_each_other(
    telegram: TelegramFake, bot: Bot, front: tuple[Front, str]
) -> None:
    await confirm(bot)
    polling = asyncio.create_task(updates(bot, wait=30))
    await telegram.polled()
    await bot.set_webhook(f"{front[1]}/telegram")
    with pytest.raises(Conflict, match=r"(?i)terminated by setwebhook request"):
        await polling
    with pytest.raises(Conflict, match=r"(?i)can't use getupdates method while webhook is active"):
        await updates(bot)
    await bot.delete_webhook()
    await updates(bot)


async def test_waiting_updates_move_to_a_new_webhook_and_are_not_dropped(
    telegram: TelegramFake, bot: Bot, front: tuple[Front, str]
) -> None:
    await confirm(bot)
    await telegram.say(LUCIA, "early")
    await bot.set_webhook(f"{front[1]}/telegram")
    await telegram.until(lambda: bool(front[0].got), "the early message")
    await bot.delete_webhook(drop_pending_updates=True)
    assert "throws away" in telegram.complaints.pop()


@pytest.mark.parametrize(
    ("url", "secret", "says"),
    [
        ("http://school.example/t", "", "bad webhook: An HTTPS URL must be provided for webhook"),
        ("https://school.example:99/t", "", "bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443"),
        ("https://school.example/t", "a b", "secret token contains unallowed characters"),
        ("https://school.example/t", "a" * 257, "secret token is too long"),
        ("nonsense", "", "invalid webhook URL specified"),
    ],
)
async def test_a_bad_webhook_is_refused(telegram: TelegramFake, url: str, secret: str, says: str) -> None:
    assert await refused(telegram, "setWebhook", url=url, secret_token=secret) == says


# --- faults, as the real library reports them


async def test_failures_become_the_librarys_errors(telegram: TelegramFake, bot: Bot) -> None:
    failures: list[tuple[Json, type[Exception]]] = [
        ({"status": 403}, Forbidden),
        ({"status": 400}, BadRequest),
        ({"status": 401}, InvalidToken),
        ({"status": 404}, InvalidToken),
        ({"status": 409}, Conflict),
        ({"status": 500}, NetworkError),
        ({"status": 502}, NetworkError),
        ({"status": 500, "body": "oops"}, NetworkError),
        ({"drop": True}, NetworkError),
        ({"status": 400, "body": "null"}, AttributeError),
    ]
    for how, error in failures:
        telegram.fail("sendMessage", **how)
        with pytest.raises(error):
            await bot.send_message(CHAT, "Hello")
    assert telegram.screen(LUCIA) == [] and telegram.complaints == []
    await bot.send_message(CHAT, "Hello")


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
async def test_too_many_requests_say_for_how_long(telegram: TelegramFake, bot: Bot) -> None:
    telegram.fail("*", status=429, headers={"Retry-After": "7"})
    with pytest.raises(RetryAfter) as told:
        await bot.send_message(CHAT, "Hello")
    assert told.value.retry_after in (7, timedelta(seconds=7))  # which one depends on PTB_TIMEDELTA


async def test_a_slow_call_times_out_and_is_done_all_the_same(telegram: TelegramFake, bot: Bot) -> None:
    telegram.fail("sendMessage", delay=0.3)
    with pytest.raises(TimedOut):
        await bot.send_message(CHAT, "Late", read_timeout=0.1)
    await telegram.sees(LUCIA, "Late")


async def test_done_but_the_answer_lost_leaves_a_copy_nobody_knows_of(telegram: TelegramFake, bot: Bot) -> None:
    telegram.fail("sendMessage", drop=True, after=True)
    telegram.fail("sendMessage", status=502, after=True)
    for _ in range(2):
        with pytest.raises(NetworkError):
            await bot.send_message(CHAT, "Hello")
    await bot.send_message(CHAT, "Hello")
    assert [shown.text for shown in telegram.screen(LUCIA)] == ["Hello"] * 3
    assert len([call for call in telegram.calls if call.method == "sendMessage"]) == 3


async def test_a_lost_answer_to_a_poll_loses_no_update(telegram: TelegramFake, bot: Bot) -> None:
    await confirm(bot)
    await telegram.say(LUCIA, "hello")
    telegram.fail("getUpdates", drop=True, after=True)
    with pytest.raises(NetworkError):
        await updates(bot)
    assert [one["message"]["text"] for one in await updates(bot)] == ["hello"]


async def test_rates_are_enforced_on_request(telegram: TelegramFake, bot: Bot) -> None:
    telegram.enforce_rates = True
    for _ in range(3):
        await bot.send_message(CHAT, "Hello")
    status, body = await raw(telegram, "sendMessage", chat_id=CHAT, text="Hello")
    assert status == 429 and body["parameters"] == {"retry_after": 1}
    assert body["description"] == "Too Many Requests: retry after 1"
    await telegram.start(BEN)
    await bot.send_message(int(BEN), "Another chat is free")
    assert telegram.complaints == []


async def test_a_revoked_token_is_unauthorized(telegram: TelegramFake, bot: Bot) -> None:
    telegram.token = "123456:another"
    with pytest.raises(InvalidToken):
        await bot.get_me()
    assert (await raw(telegram, "getMe"))[1]["description"] == "Unauthorized"


async def test_the_fake_closes_at_once_whatever_is_still_open() -> None:
    async with TelegramFake(TOKEN) as fake:
        fake.fail("getMe", delay=30)
        calls = [asyncio.create_task(raw(fake, *call)) for call in (("getMe",), ("getUpdates",))]
        calls[1].cancel()
        calls.append(asyncio.create_task(raw(fake, "getUpdates", timeout=30)))
        await fake.polled()
        begun = asyncio.get_running_loop().time()
    assert asyncio.get_running_loop().time() - begun < 1
    ended = await asyncio.gather(*calls, return_exceptions=True)
    assert isinstance(ended[0], aiohttp.ClientError)


# --- how calls look


async def test_arguments_may_come_in_query_form_multipart_and_json(telegram: TelegramFake) -> None:
    await telegram.start(LUCIA)
    url = f"{telegram.api_base_url}{TOKEN}/sendmessage"
    form = {"chat_id": LUCIA, "text": "form", "protect_content": "true", "reply_markup": json.dumps(CARD.to_dict())}
    parts = aiohttp.FormData({"chat_id": LUCIA, "text": "multipart"}, default_to_multipart=True)
    async with aiohttp.ClientSession() as client:
        await client.get(url, params={"chat_id": LUCIA, "text": "query"})
        await client.post(url, data=form)
        await client.post(url, data=parts)
        await client.post(url, json={"chat_id": CHAT, "text": "json", "disable_notification": True})
    assert [shown.text for shown in telegram.screen(LUCIA)] == ["query", "form", "multipart", "json"]
    assert telegram.screen(LUCIA)[1].labels() == ["All done ✓", "Not yet"]
    assert [call.args["chat_id"] for call in telegram.calls] == [CHAT] * 4 and telegram.complaints == []


async def test_unknown_methods_and_addresses_are_not_found(telegram: TelegramFake) -> None:
    status, body = await raw(telegram, "sendNonsense")
    assert (status, body) == (404, {"ok": False, "error_code": 404, "description": "Not Found"})
    assert "sendNonsense" in telegram.complaints.pop()
    async with aiohttp.ClientSession() as client, client.get(telegram.api_base_url.replace("/bot", "/")) as answer:
        assert answer.status == 404


ENTITY: Json = {"type": "bold", "offset": 0, "length": 1}


@pytest.mark.parametrize(
    ("args", "says"),
    [
        ({"nonsense": 1}, 'unknown parameter "nonsense"'),
        ({"disable_notification": "yes"}, 'field "disable_notification" must be of type Boolean'),
        ({"message_thread_id": "x"}, 'field "message_thread_id" must be of type Number'),
        ({"entities": "x"}, 'field "entities" must be of type Array'),
        ({"entities": [{"offset": 0, "length": 1}]}, "can't parse MessageEntity: Can't find field \"type\""),
        (
            {"entities": [ENTITY | {"length": "1"}]},
            'can\'t parse MessageEntity: Field "length" must be of type Number',
        ),
        (
            {"entities": [ENTITY | {"colour": "red"}]},
            'can\'t parse MessageEntity: unknown field "colour" in MessageEntity',
        ),
        ({"link_preview_options": {"is_disabled": "yes"}}, 'field "is_disabled" must be of type Boolean'),
        ({"link_preview_options": {"off": True}}, 'unknown field "off" in LinkPreviewOptions'),
        ({"reply_markup": "x"}, "object expected as reply markup"),
        ({"reply_markup": {"inline_keyboard": "x"}}, 'field "inline_keyboard" must be of type Array'),
        (
            {"reply_markup": {"inline_keyboard": [[{"callback_data": "x"}]]}},
            "can't parse inline keyboard button: Can't find field \"text\"",
        ),
        (
            {"reply_markup": {"inline_keyboard": [[{"text": 5, "callback_data": "x"}]]}},
            'can\'t parse inline keyboard button: Field "text" must be of type String',
        ),
        ({"parse_mode": "Bold"}, "unsupported parse_mode"),
        ({"text": ""}, "message text is empty"),
        ({"text": " \n "}, "text must be non-empty"),
        ({"text": "x" * 4097}, "message is too long"),
        ({"text": "😀" * 2049}, "message is too long"),
        ({"text": "\ud83d"}, "strings must be encoded in UTF-8"),
    ],
)
async def test_what_is_not_asked_for_properly_is_refused(telegram: TelegramFake, args: Json, says: str) -> None:
    await telegram.start(LUCIA)
    assert await refused(telegram, "sendMessage", **{"chat_id": CHAT, "text": "Hello", **args}) == says
    assert telegram.screen(LUCIA) == []


async def test_missing_arguments_are_named(telegram: TelegramFake) -> None:
    assert await refused(telegram, "sendMessage", chat_id=CHAT) == "message text is empty"
    assert await refused(telegram, "sendMessage", text="Hello") == "chat_id is empty"
    assert await refused(telegram, "editMessageText", text="x") == "message identifier is not specified"
    assert await refused(telegram, "answerCallbackQuery") == rules.QUERY_TOO_OLD
    assert await refused(telegram, "setMyCommands") == 'parameter "commands" is required'


async def test_markup_in_the_text_is_a_complaint(telegram: TelegramFake, bot: Bot) -> None:
    await bot.send_message(CHAT, "<b>Hello</b>", parse_mode="HTML")
    assert telegram.complaints == ["parse_mode HTML: we send literal text with entities"]


# --- limits, one by one


@pytest.mark.parametrize(
    ("text", "entity", "says"),
    [
        ("Hello", {"offset": 0, "length": 5}, None),
        ("😀", {"offset": 0, "length": 2}, None),
        ("Hello", {"offset": 5, "length": 1}, "entity begins after the end of the text at UTF-16 offset 5"),
        (
            "Hello",
            {"offset": 1, "length": 5},
            "entity beginning at UTF-16 offset 1 ends after the end of the text at UTF-16 offset 6",
        ),
        ("Hello", {"offset": -1, "length": 1}, "receive an entity with incorrect offset -1"),
        ("Hello", {"offset": 0, "length": 0}, "receive an entity with incorrect length 0"),
        ("😀!", {"offset": 1, "length": 2}, "entity begins in a middle of a UTF-16 symbol at UTF-16 offset 1"),
        (
            "😀!",
            {"offset": 0, "length": 1},
            "entity beginning at UTF-16 offset 0 ends in a middle of a UTF-16 symbol at UTF-16 offset 1",
        ),
        (
            "Hello",
            {"offset": 0, "length": 1, "type": "huge"},
            "can't parse MessageEntity: Unsupported type specified",
        ),
        (
            "Hello",
            {"offset": 0, "length": 1, "type": "text_link"},
            "can't parse MessageEntity: Can't find field \"url\"",
        ),
        (
            "Hello",
            {"offset": 0, "length": 1, "type": "text_link", "url": "not-a-url"},
            "entity URL 'not-a-url' is invalid: Wrong HTTP URL",
        ),
        ("Hello", {"offset": 0, "length": 1, "type": "text_link", "url": "https://example.com/a?b"}, None),
    ],
)
def test_entities_lie_inside_the_text_in_utf16_units(text: str, entity: Json, says: str | None) -> None:
    assert rules.entities_error(text, [{"type": "bold", **entity}]) == says


def test_at_most_a_hundred_entities() -> None:
    assert rules.entities_error("Hello", [ENTITY] * 100) is None
    assert rules.entities_error("Hello", [ENTITY] * 101) == "ENTITIES_TOO_LONG"


@pytest.mark.parametrize(
    ("button", "says"),
    [
        ({"callback_data": "x" * 64}, None),
        ({"callback_data": "x" * 65}, "BUTTON_DATA_INVALID"),
        ({"callback_data": "é" * 32 + "x"}, "BUTTON_DATA_INVALID"),
        (
            {"callback_data": ""},
            "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
        ),
        ({"url": "https://example.com"}, None),
        ({"url": "http://127.0.0.1:8080/today"}, None),
        (
            {"url": "ftp://example.com"},
            "inline keyboard button URL 'ftp://example.com' is invalid: Unsupported URL protocol",
        ),
        ({"callback_data": "x", "text": " "}, "BUTTON_TEXT_INVALID"),
        ({"callback_data": "x", "style": "pink"}, "BUTTON_STYLE_INVALID"),
        (
            {"callback_data": "x", "url": "https://example.com"},
            "can't parse inline keyboard button: exactly one action must be specified",
        ),
    ],
)
def test_each_button_does_one_thing_and_carries_at_most_64_bytes(button: Json, says: str | None) -> None:
    assert rules.keyboard_error([[{"text": "Go", **button}]]) == says


def test_at_most_a_hundred_buttons_and_eight_in_a_row() -> None:
    one: Json = {"text": "Go", "callback_data": "x"}
    assert rules.keyboard_error([[one] * 8] * 12 + [[one] * 4]) is None
    assert rules.keyboard_error([[one] * 8] * 12 + [[one] * 5]) == "reply markup is too long"
    assert rules.keyboard_error([[one] * 9]) == "reply markup is too long"


async def test_the_real_library_does_not_check_button_data_but_telegram_does(telegram: TelegramFake, bot: Bot) -> None:
    with pytest.raises(BadRequest, match=r"(?i)^button_data_invalid$"):
        await bot.send_message(CHAT, "Card", reply_markup=keyboard([("Go", "x" * 65)]))
    assert telegram.complaints.pop() == "sendMessage: Bad Request: BUTTON_DATA_INVALID"


def test_short_things_have_their_own_lengths() -> None:
    assert rules.caption_error("x" * 1024) is None and rules.caption_error("x" * 1025) == "message caption is too long"
    assert rules.toast_error("x" * 200) is None and rules.toast_error("x" * 201) == "MESSAGE_TOO_LONG"
    assert rules.description_error("x" * 512) is None and rules.description_error("x" * 513) == "BOT_DESC_INVALID"
    assert rules.short_description_error("x" * 120) is None and rules.short_description_error("x" * 121)
    assert rules.photo_error(b"x") is None and rules.photo_error(b"x" * (10 * 1024 * 1024 + 1)) == "file is too big"


def test_commands_have_small_names_and_a_description() -> None:
    fine = {"command": "today", "description": "Today"}
    assert rules.commands_error([fine] * 100) is None and rules.commands_error([fine] * 101)
    for name in ("", "Today", "to-day", "x" * 33):
        assert rules.commands_error([{**fine, "command": name}]) == "BOT_COMMAND_INVALID"
    for text in ("", "x" * 257):
        assert rules.commands_error([{**fine, "description": text}]) == "BOT_COMMAND_DESCRIPTION_INVALID"


async def test_menus_name_a_known_audience_and_language(telegram: TelegramFake) -> None:
    nobody: Json = {"commands": [], "scope": {"type": "teachers"}}
    assert "Unsupported type" in await refused(telegram, "setMyCommands", **nobody)
    assert "chat_id" in await refused(telegram, "setMyCommands", commands=[], scope={"type": "chat"})
    assert await refused(telegram, "getMyCommands", language_code="spa") == "invalid language code specified"


async def test_a_long_toast_and_a_foreign_reaction_are_refused(telegram: TelegramFake) -> None:
    await telegram.start(LUCIA)
    assert await refused(telegram, "answerCallbackQuery", callback_query_id="1", text="x" * 201) == "MESSAGE_TOO_LONG"
    two = [{"type": "emoji", "emoji": "👍"}] * 2
    args: Json = {"chat_id": CHAT, "message_id": 1}
    assert await refused(telegram, "setMessageReaction", **args, reaction=two) == "REACTIONS_TOO_MANY"
    odd = [{"type": "emoji", "emoji": "🐌"}]
    assert await refused(telegram, "setMessageReaction", **args, reaction=odd) == "REACTION_INVALID"


def test_start_codes_fit_in_a_link() -> None:
    assert rules.start_code_error("a" * 64) is None and rules.start_code_error("") is None
    assert rules.start_code_error("a" * 65) and rules.start_code_error("ä")
