"""The web adapter: screens in memory, the health pages, and the try-it page as a browser sees it."""

import asyncio
import os
import shutil
import socket
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
import uvicorn
from playwright.async_api import Page, async_playwright, expect
from starlette.routing import Route

from adapters.web.app import application
from adapters.web.chat import WebChat
from adapters.web.tryit import drawn, tryit_routes
from bot.model import Address, Button, Message, Span
from bot.ports import Account, Answer, Arrival, Gone, Said, Tapped

NOW = datetime(2026, 9, 15, 19, 10, tzinfo=UTC)
OKAFOR = Address(1, 1, 0, "okafor")
CHROMIUM = os.environ.get("TWOTICKS_CHROMIUM") or shutil.which("chromium")
OURS = {"X-Twoticks": "1"}


def card(text: str, *labels: str, silent: bool = False) -> Message:
    """A message with one line for each line of `text` and one row of buttons, their values the labels in lower case."""
    row = tuple(Button(label, label.lower()) for label in labels)
    return Message(tuple((Span(line),) for line in text.splitlines()), (row,) if row else (), silent=silent)


def read(message: Message) -> str:
    return "\n".join("".join(span.text for span in line) for line in message.lines)


class Listener:
    """An ear that keeps what it hears and answers with what the test told it."""

    rate = 1.0

    def __init__(self, answer: Answer | None = None) -> None:
        self.heard_all: list[Arrival] = []
        self.answer = answer or Answer("Recorded")

    async def hear(self, arrival: Arrival) -> Answer:
        self.heard_all.append(arrival)
        return self.answer

    async def park(self, lane: int, source: str, raw: str) -> None: ...

    async def heard(self, lane: int, until: datetime) -> None: ...

    async def today(self, account: Account) -> list[Message]:
        return []

    def now(self) -> datetime:
        return NOW


@asynccontextmanager
async def listening(chat: WebChat, ear: Listener) -> AsyncIterator[Listener]:
    task = asyncio.create_task(chat.listen(ear))
    try:
        yield ear
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


# --- screens ---------------------------------------------------------------------------------------------------------


async def test_a_card_stands_on_one_persons_screen_and_is_edited_in_place() -> None:
    chat = WebChat("t")
    sent = await chat.send(OKAFOR, card("planners seen?", "All written ✓"), "k", None)
    await chat.edit(OKAFOR, sent.ref, card("all 5 written", "Change"))

    [bubble] = chat.bubbles("okafor")
    assert (read(bubble.message), bubble.edits, bubble.rang, bubble.ref) == ("all 5 written", 1, True, sent.ref)
    assert chat.bubbles("tom") == []


async def test_a_silent_card_does_not_ring() -> None:
    sent = await WebChat("t").send(OKAFOR, card("a copy", silent=True), "k", None)
    assert not sent.rang


async def test_what_is_not_on_the_screen_cannot_be_edited() -> None:
    chat = WebChat("t")
    sent = await chat.send(OKAFOR, card("hers"), "k", None)
    with pytest.raises(Gone):
        await chat.edit(OKAFOR, "999", card("x"))
    with pytest.raises(Gone):
        await chat.edit(Address(2, 2, 0, "tom"), sent.ref, card("x"))


async def test_taps_and_words_reach_the_ear_each_with_a_source_of_its_own() -> None:
    chat = WebChat("t", lane=7)
    async with listening(chat, Listener()) as ear:
        answer = await chat.tap("okafor", "1", "key.0.done", "Ms Okafor")
        await chat.say("okafor", "done")

    assert answer.toast == "Recorded"
    tapped, said = ear.heard_all
    assert isinstance(tapped, Tapped) and (tapped.data, tapped.ref) == ("key.0.done", "1")
    assert tapped.account == Account(7, "okafor", "okafor", "Ms Okafor")
    assert isinstance(said, Said) and said.text == "done"
    assert tapped.source != said.source


async def test_what_a_person_types_stays_as_their_own_bubble_and_the_reply_below_it() -> None:
    chat = WebChat("t")
    async with listening(chat, Listener(Answer(reply=card("Which fits?", "Back")))):
        await chat.say("okafor", "maybe\nlater")

    mine, reply = chat.bubbles("okafor")
    assert (mine.mine, read(mine.message), mine.at) == (True, "maybe\nlater", NOW)
    assert (reply.mine, read(reply.message)) == (False, "Which fits?")


async def test_a_tap_waits_until_somebody_listens() -> None:
    chat = WebChat("t")
    tap = asyncio.create_task(chat.tap("okafor", "1", "x"))
    async with listening(chat, Listener()):
        assert (await tap).toast == "Recorded"


async def test_one_can_wait_for_a_change() -> None:
    chat = WebChat("t")
    waiting = asyncio.create_task(chat.changed(chat.version))
    await chat.send(OKAFOR, card("news"), "k", None)
    await waiting
    await chat.changed(0)


# --- the server ------------------------------------------------------------------------------------------------------


@asynccontextmanager
async def serving(routes: Sequence[Route] = (), ready: Callable[[], dict[str, str]] = dict) -> AsyncIterator[str]:
    """The application behind a real uvicorn on a free port; yields its address without a slash at the end."""
    server = uvicorn.Server(
        uvicorn.Config(application(ready=ready, routes=routes), log_level="critical", timeout_graceful_shutdown=1)
    )
    with socket.create_server(("127.0.0.1", 0)) as door:
        task = asyncio.create_task(server.serve([door]))
        try:
            yield f"http://127.0.0.1:{door.getsockname()[1]}"
        finally:
            server.should_exit = True
            await task


async def test_health_is_told_at_once() -> None:
    async with serving() as url, httpx.AsyncClient(base_url=url) as web:
        assert ((await web.get("/healthz")).status_code, (await web.get("/healthz")).text) == (200, "ok")
        assert (await web.get("/readyz")).json() == {"ready": []}


async def test_what_is_not_well_is_listed() -> None:
    unwell = {"telegram": "not connected yet"}
    async with serving(ready=lambda: unwell) as url, httpx.AsyncClient(base_url=url) as web:
        answer = await web.get("/readyz")
    assert answer.status_code == 503
    assert answer.json() == [{"part": "telegram", "reason": "not connected yet"}]


# --- the try-it page -------------------------------------------------------------------------------------------------

LABELS = {
    "lang": "en", "title": "Twoticks", "next": "Next ⏩", "days_well": "All well", "diaz": "Mr Díaz answers",
    "edited": "edited", "silent": "Without sound", "rang": "Rings", "restart_hint": "It has stopped",
    "type_here": "Message", "send": "Send", "language": "Language", "empty": "Nothing yet", "app": "app", "bot": "bot",
}  # fmt: skip


class Play:
    """A small stage: the next thing that happens is a card for the teacher; a tap answers it and tells home."""

    def __init__(self) -> None:
        self.chat = WebChat("t")
        self.day, self.diaz, self.toast, self.time = "well", True, "", "3:09 PM"
        self.languages = {"okafor": "en", "lucia": "es"}
        self.said: list[tuple[str, ...]] = []

    @property
    def version(self) -> int:
        return self.chat.version

    async def changed(self, since: int) -> None:
        await self.chat.changed(since)

    def picture(self) -> dict[str, Any]:
        return {
            "version": self.version, "playing": False, "day": self.day, "diaz": self.diaz, "labels": LABELS,
            "clock": {"time": self.time, "date": "Tuesday, September 15, 2026"},
            "panes": [self.pane("okafor", "Ms Okafor", "slack"), self.pane("lucia", "Lucía", "telegram")],
        }  # fmt: skip

    def pane(self, user: str, name: str, platform: str) -> dict[str, Any]:
        return {
            "user": user, "name": name, "role": "", "platform": platform, "language": self.languages[user],
            "languages": [["en", "English"], ["es", "Español"]], "toast": self.toast if user == "okafor" else "",
            "messages": [drawn(bubble, "3:10 PM") for bubble in self.chat.bubbles(user)],
        }  # fmt: skip

    async def tap(self, user: str, ref: str, data: str) -> None:
        self.said.append((user, ref, data))
        self.toast = "Recorded"
        await self.chat.edit(Address(1, 1, 0, user), ref, card("all 5 written", "Change"))
        await self.chat.send(Address(2, 2, 0, "lucia"), card("Ana · martes", "Todo hecho ✓", silent=True), "k", None)

    async def say(self, user: str, text: str) -> None:
        self.said.append((user, text))
        async with listening(self.chat, Listener()):
            await self.chat.say(user, text)

    async def wind(self, how: str) -> None:
        self.time = "3:10 PM"
        await self.chat.send(OKAFOR, card("planners seen?", "All written ✓", "Mark one"), "k", None)

    async def play(self, day: str) -> None:
        self.day = day

    async def speak(self, user: str, language: str) -> None:
        self.said.append((user, language))

    async def set_diaz(self, answers: bool) -> None:
        self.diaz = answers


@asynccontextmanager
async def on_stage() -> AsyncIterator[tuple[Play, httpx.AsyncClient]]:
    stage = Play()
    async with serving(tryit_routes(stage)) as url, httpx.AsyncClient(base_url=url) as web:
        yield stage, web


async def test_only_this_machine_is_answered() -> None:
    async with on_stage() as (_, web):
        for host in ("127.0.0.1:8080", "localhost", "[::1]:80"):
            assert (await web.get("/", headers={"Host": host})).status_code == 200
        for path in ("/", "/state", "/static/page.js"):
            assert (await web.get(path, headers={"Host": "evil.example"})).status_code == 400
        answer = await web.post("/play", json={"day": "parent"}, headers=OURS | {"Host": "evil.example"})
        assert answer.status_code == 400


async def test_another_site_cannot_post() -> None:
    async with on_stage() as (stage, web):
        assert (await web.post("/play", json={"day": "parent"})).status_code == 400
        plain = {"Content-Type": "text/plain"}
        assert (await web.post("/play", content='{"day": "parent"}', headers=OURS | plain)).status_code == 400
        assert stage.day == "well"
        assert (await web.post("/play", json={"day": "parent"}, headers=OURS)).status_code == 204
        assert stage.day == "parent"


@pytest.mark.parametrize(
    ("path", "body", "told"),
    [
        ("/wind", {"how": "back"}, "next or hour or day"),
        ("/play", {}, "well or teacher or parent"),
        ("/say", {"user": "okafor", "text": ""}, "'text'"),
        ("/diaz", {"answers": "yes"}, "true or false"),
        ("/tap", [], "object"),
    ],
)
async def test_a_malformed_act_is_told_what_is_allowed(path: str, body: object, told: str) -> None:
    async with on_stage() as (_, web):
        answer = await web.post(path, json=body, headers=OURS)
    assert answer.status_code == 400
    assert told in answer.text


async def test_the_picture_comes_at_once_when_old_and_else_with_the_next_change() -> None:
    async with on_stage() as (stage, web):
        assert (await web.get("/state?since=-1")).json()["version"] == 0
        waiting = asyncio.create_task(web.get("/state?since=0"))
        await web.post("/wind", json={"how": "next"}, headers=OURS)
        picture = (await waiting).json()
    assert picture["version"] == stage.version == 1
    assert picture["panes"][0]["messages"][0]["rows"][0][0] == {"label": "All written ✓", "data": "all written ✓"}


async def test_the_page_brings_nothing_from_elsewhere() -> None:
    async with on_stage() as (_, web):
        answer = await web.get("/")
        assert "default-src 'self'" in answer.headers["content-security-policy"]
        assert "http" not in answer.text
        assert (await web.get("/static/secrets")).status_code == 404


@asynccontextmanager
async def browser(url: str) -> AsyncIterator[Page]:
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        try:
            yield await chromium.new_page(viewport={"width": 1280, "height": 800})
        finally:
            await chromium.close()


@pytest.mark.skipif(CHROMIUM is None, reason="no browser: set TWOTICKS_CHROMIUM to a Chromium, or have one in PATH")
async def test_a_day_in_the_browser() -> None:
    stage = Play()
    async with serving(tryit_routes(stage)) as url, browser(url) as page:
        troubles: list[str] = []
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("console", lambda said: troubles.append(said.text) if said.type in ("error", "warning") else None)
        await page.goto(url)
        okafor, lucia = page.locator(".pane[data-user=okafor]"), page.locator(".pane[data-user=lucia]")

        await page.get_by_role("button", name="Next").click()
        await expect(page.locator("#time")).to_have_text("3:10 PM")
        await expect(okafor.locator(".text")).to_have_text("planners seen?")

        await okafor.get_by_role("button", name="All written ✓").click()
        await expect(okafor.locator(".text")).to_have_text("all 5 written")
        await expect(okafor.locator(".edited")).to_have_text("edited")
        await expect(okafor.locator(".toast")).to_have_text("Recorded")
        await expect(okafor.get_by_role("button", name="Change")).to_be_focused()
        await expect(lucia.get_by_role("button", name="Todo hecho ✓")).to_be_visible()
        await expect(lucia.get_by_role("img", name="Without sound")).to_be_visible()
        await expect(lucia.locator(".device")).to_have_attribute("lang", "es")

        await lucia.get_by_role("textbox").fill("todo <b>hecho</b>")
        await lucia.get_by_role("textbox").press("Enter")
        await expect(lucia.locator(".mine .text")).to_have_text("todo <b>hecho</b>")
        assert stage.said == [("okafor", "1", "all written ✓"), ("lucia", "todo <b>hecho</b>")]
        assert troubles == []
