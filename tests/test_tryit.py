"""The ready-made days of `twoticks demo` in a real Chromium: what a person clicks there and reads in each pane."""

import asyncio
import os
import re
import shutil
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
from playwright.async_api import Browser, ConsoleMessage, Locator, Page, async_playwright, expect

from tests.live import environment

CHROMIUM = os.environ.get("TWOTICKS_CHROMIUM") or shutil.which("chromium")
DESK, PHONE = (1280, 860), (390, 844)
PEOPLE = ("okafor", "lucia", "tom")
QUESTION = ["Todo hecho ✓", "Falta algo", "Hoy no puedo mirarlo"]

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(CHROMIUM is None, reason="no browser: set TWOTICKS_CHROMIUM to a Chromium, or have one in PATH"),
]


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def browser() -> AsyncIterator[Browser]:
    """One Chromium for the file."""
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium
        await chromium.close()


@dataclass
class Visitor:
    """Somebody in front of the try-it page; `troubles` is what the browser complained about."""

    page: Page
    hosts: set[str] = field(default_factory=set)
    troubles: list[str] = field(default_factory=list)

    def watch(self) -> None:
        self.page.on("request", lambda request: self.hosts.add(urlsplit(request.url).netloc))
        self.page.on("pageerror", lambda error: self.troubles.append(str(error)))
        self.page.on("console", self._console)

    def _console(self, said: ConsoleMessage) -> None:
        if said.type in ("error", "warning"):
            self.troubles.append(said.text)

    def pane(self, user: str) -> Locator:
        return self.page.locator(f".pane[data-user={user}]")

    def message(self, user: str, *parts: str) -> Locator:
        """The newest message of that pane that holds all these parts."""
        found = self.pane(user).locator(".message")
        for part in parts:
            found = found.filter(has_text=part)
        return found.last

    async def sees(self, user: str, *parts: str) -> Locator:
        found = self.message(user, *parts)
        await expect(found).to_have_count(1)
        return found

    async def count(self, user: str) -> int:
        return await self.pane(user).locator(".message").count()

    async def taps(self, user: str, *labels: str) -> None:
        """Presses these buttons one after the other, each on the newest message that has it."""
        for label in labels:
            await self.pane(user).get_by_role("button", name=label, exact=True).last.click()

    async def plays(self, day: str, date: str) -> None:
        await self.page.get_by_role("button", name=day, exact=True).click()
        await expect(self.page.get_by_role("button", name=day, exact=True)).to_have_attribute("aria-pressed", "true")
        await expect(self.page.locator("#date")).to_have_text(date)
        await expect(self.page.locator("#time")).to_have_text("3:09 PM")

    async def winds(self, button: str = "Next ⏩") -> str:
        """Presses a button of the clock and waits until it has come to rest; the time it shows then."""
        clock = self.page.locator(".clock > div")
        before = await clock.inner_text()
        async with self.page.expect_response(lambda answer: answer.url.endswith("/wind")):
            await self.page.get_by_role("button", name=button, exact=True).click()
        await expect(clock).not_to_have_text(re.compile(r"\s*".join(map(re.escape, before.split()))))
        await expect(self.page.locator("body.playing")).to_have_count(0)
        return await self.page.locator("#time").inner_text()

    async def winds_to(self, time: str) -> None:
        """Presses Next until the clock shows that time."""
        shown = [await self.winds()]
        while shown[-1] != time:
            assert len(shown) < 12, f"{time} did not come: {shown}"
            shown.append(await self.winds())

    async def ticks_diaz(self) -> None:
        await self.page.get_by_text("Mr Díaz answers").click()


@asynccontextmanager
async def demo() -> AsyncIterator[tuple[asyncio.subprocess.Process, str]]:
    """Starts `twoticks demo`: the process and the address it printed."""
    program = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "demo", "--no-browser", "--port", "0",
        env={**environment(), "PYTHONPATH": str(Path(__file__).parent.parent)},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        assert program.stdout is not None
        line = (await asyncio.wait_for(program.stdout.readline(), 20)).decode()
        found = re.fullmatch(r"Twoticks is open at (http://127\.0\.0\.1:\d+/) \(Ctrl\+C ends it\)\n", line)
        assert found, line
        yield program, found[1]
    finally:
        if program.returncode is None:
            program.kill()
        await program.communicate()


async def ended(program: asyncio.subprocess.Process) -> tuple[int | None, str]:
    """SIGTERM, as from a terminal that is closed: exit code and what stood on standard error."""
    program.send_signal(signal.SIGTERM)
    _, errors = await asyncio.wait_for(program.communicate(), 12)
    return program.returncode, errors.decode()


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def address() -> AsyncIterator[str]:
    """One demo for the file; every test begins a day afresh. It ends with 0 and has complained of nothing."""
    async with demo() as (program, where):
        yield where
        assert await ended(program) == (0, "")


@asynccontextmanager
async def visiting(browser: Browser, address: str, size: tuple[int, int] = DESK) -> AsyncIterator[Visitor]:
    """Opens the page; whatever is done there, it asks nobody but this machine and the console stays empty."""
    page = await browser.new_page(viewport={"width": size[0], "height": size[1]})
    try:
        page.set_default_timeout(10_000)
        visitor = Visitor(page)
        visitor.watch()
        await page.goto(address)
        yield visitor
        assert visitor.hosts == {urlsplit(address).netloc}
        assert visitor.troubles == []
    finally:
        await page.close()


async def labels(message: Locator) -> list[str]:
    return await message.get_by_role("button").all_inner_texts()


async def test_the_page_opens_with_three_people_and_nothing_said(browser: Browser, address: str) -> None:
    async with visiting(browser, address) as visitor:
        await expect(visitor.page).to_have_title("Twoticks")
        await visitor.plays("All well", "Tuesday, September 15, 2026")
        for user, name, role in (
            ("okafor", "Ms Okafor", "Maths teacher, on Slack"),
            ("lucia", "Lucía Romero", "La madre de Ana, en Telegram"),
            ("tom", "Tom Romero", "Ana's father, on Telegram"),
        ):
            await expect(visitor.pane(user).locator("h2")).to_have_text(name + role)
            assert await visitor.count(user) == 0
        nothing = visitor.pane("lucia").locator(".messages")
        await expect(nothing).to_have_attribute("data-empty", "Todavía nada. Adelanta el reloj.")


async def test_all_well(browser: Browser, address: str) -> None:
    """Script A: one message and one tap each; the father's copy is silent."""
    async with visiting(browser, address) as visitor:
        await visitor.plays("All well", "Tuesday, September 15, 2026")
        assert await visitor.winds() == "3:10 PM"
        card = await visitor.sees("okafor", "Tue, Sep 15 · planners seen?", "Ana · Ben · Chloe · Dev · Eli")
        assert await labels(card) == ["All written ✓", "Mark one", "No homework", "Not today"]
        await expect(card).to_contain_text("Last night at home: 4 done · Dev: no answer")
        await visitor.taps("okafor", "All written ✓")
        card = await visitor.sees("okafor", "all 5 written · 3:10 PM")
        await expect(card.get_by_role("button")).to_have_text(["Change"])
        await expect(visitor.pane("okafor").locator(".toast")).to_have_text("Thank you.")

        await visitor.winds_to("5:30 PM")
        card = await visitor.sees("lucia", "Ana · martes · todo anotado ✓", "Pídele a Ana que te enseñe la agenda.")
        await expect(card).to_contain_text("Maths ✓ · Science ✓ · English ✓ · History ✓")
        await expect(card.get_by_role("button")).to_have_text(QUESTION)
        await expect(card.get_by_role("img", name="con sonido")).to_be_visible()
        copy = await visitor.sees("tom", "Ana · Tuesday · all written ✓", "Lucía answers tonight.")
        await expect(copy.get_by_role("button")).to_have_text(["I'll answer instead"])
        await expect(copy.get_by_role("img", name="without sound")).to_be_visible()

        await visitor.taps("lucia", "Todo hecho ✓")
        card = await visitor.sees("lucia", "Ana · martes · hecho · 5:30 p.m.", "Gracias.")
        await expect(card.get_by_role("button")).to_have_text(["Cambiar", "Hecho, pero con prisa"])
        await visitor.sees("tom", "Ana · Tuesday · done (Lucía, 5:30 PM)")
        await visitor.sees("okafor", "At home: Ana done")
        assert [await visitor.count(user) for user in PEOPLE] == [1, 1, 1]


async def test_a_silent_teacher_is_an_honest_unknown(browser: Browser, address: str) -> None:
    """Script B: Ana is marked in four taps; Lucía reads who has not confirmed yet and says what is missing."""
    async with visiting(browser, address) as visitor:
        await visitor.plays("Teacher silent", "Wednesday, September 16, 2026")
        await expect(visitor.page.get_by_role("switch")).not_to_be_checked()
        await visitor.winds()
        await visitor.taps("okafor", "Mark one", "Ana", "Not written")
        await visitor.sees("okafor", "Ana: not written · 4 open", "Ben · Chloe · Dev · Eli")
        await visitor.taps("okafor", "Others written ✓")
        await visitor.sees("okafor", "4 written · 3:10 PM", "Ana: not written")

        await visitor.winds_to("5:30 PM")
        card = await visitor.sees("lucia", "Ana · miércoles · 1 cosa que mirar", "Science ✓ · English ✓")
        await expect(card.locator("b", has_text="Maths: no anotado")).to_be_visible()
        await expect(card).to_contain_text("History: Mr Díaz aún no lo ha confirmado")
        await visitor.sees("tom", "Maths: not written down", "History: Mr Díaz hasn't confirmed yet")

        await visitor.taps("lucia", "Falta algo", "Maths")
        await visitor.sees("lucia", "Ana · Maths: ¿hasta dónde ha llegado?")
        await visitor.taps("lucia", "No hecho", "Otra cosa")
        await visitor.sees("lucia", "Maths sin hacer", "¿Science, English, History?")
        await visitor.taps("lucia", "Lo demás, hecho ✓")
        card = await visitor.sees("lucia", "no todo hecho · 5:30 p.m.", "Maths sin hacer (otra cosa)", "Gracias.")
        await expect(card.get_by_role("button")).to_have_text(["Cambiar"])
        assert await visitor.count("lucia") == 1

        await visitor.winds("Next day")
        assert await visitor.count("lucia") == 1, "who has answered is not reminded"
        await visitor.winds_to("3:10 PM")
        card = await visitor.sees("okafor", "Thu, Sep 17", "Ana: Maths not done (was not written)")
        await expect(card).not_to_contain_text("Díaz")


async def test_a_late_tick_changes_the_card_without_a_sound(browser: Browser, address: str) -> None:
    """Script B, 18:40: Mr Díaz answers after all; Lucía's card changes where it stands."""
    async with visiting(browser, address) as visitor:
        await visitor.plays("Teacher silent", "Wednesday, September 16, 2026")
        await visitor.winds_to("5:30 PM")
        await visitor.sees("lucia", "History: Mr Díaz aún no lo ha confirmado")
        await visitor.ticks_diaz()
        await visitor.winds("+1 hour")
        card = await visitor.sees("lucia", "Science ✓ · English ✓ · History ✓")
        await expect(card.locator(".edited")).to_have_text("editado")
        assert await visitor.count("lucia") == 1


async def test_a_silent_home_gets_one_reminder_and_no_reproach(browser: Browser, address: str) -> None:
    """Script C: a nudge at 19:45, the close at 23:00, nothing in the morning, one neutral line on the next card."""
    async with visiting(browser, address) as visitor:
        await visitor.plays("Parent silent", "Thursday, September 17, 2026")
        await visitor.winds()
        await visitor.taps("okafor", "All written ✓")
        await visitor.sees("okafor", "all 5 written")
        await visitor.winds_to("7:45 PM")
        nudge = await visitor.sees("lucia", "¿Qué tal los deberes de Ana?")
        await expect(nudge.get_by_role("button")).to_have_text(QUESTION)
        await expect(nudge.get_by_role("img", name="con sonido")).to_be_visible()
        assert [await visitor.count(user) for user in PEOPLE] == [1, 2, 1], "Tom is not reminded"

        await visitor.winds_to("11:00 PM")
        card = await visitor.sees("lucia", "Ana · jueves · sin respuesta", "No pasa nada. Todavía puedes responder.")
        await expect(card.get_by_role("button")).to_have_text(QUESTION)
        await visitor.sees("tom", "Ana · Thursday · no answer", "That's all right.")

        assert await visitor.winds("Next day") == "3:09 PM"
        assert [await visitor.count(user) for user in PEOPLE] == [1, 2, 1], "nothing is sent in the morning"
        await visitor.winds()
        card = await visitor.sees("okafor", "Fri, Sep 18 · planners seen?", "Ana: no answer")
        await expect(card).to_contain_text("3 done")


async def test_mr_diaz_answers_when_he_is_told_to(browser: Browser, address: str) -> None:
    async with visiting(browser, address) as visitor:
        await visitor.plays("Teacher silent", "Wednesday, September 16, 2026")
        await visitor.ticks_diaz()
        await expect(visitor.page.get_by_role("switch")).to_be_checked()
        await visitor.winds()
        await visitor.taps("okafor", "All written ✓")
        await visitor.sees("okafor", "all 5 written")
        await visitor.winds_to("5:30 PM")
        await visitor.sees("tom", "Ana · Wednesday · all written ✓", "History ✓")


async def test_a_father_reads_spanish_when_he_wants_to(browser: Browser, address: str) -> None:
    """The menu changes Tom's cards, buttons and the page around them, and nobody else's; it stays for the next day."""
    async with visiting(browser, address) as visitor:
        await visitor.plays("All well", "Tuesday, September 15, 2026")
        await visitor.winds_to("5:30 PM")
        await visitor.sees("tom", "Lucía answers tonight.")
        tom = visitor.pane("tom")
        await tom.get_by_role("combobox", name="Language").select_option("Español")
        card = await visitor.sees("tom", "Ana · martes", "Hoy responde Lucía.")
        await expect(card.get_by_role("button")).to_have_text(["Respondo yo"])
        await expect(tom.get_by_role("textbox")).to_have_attribute("placeholder", "Escribe un mensaje")
        await expect(tom.locator("h2")).to_contain_text("El padre de Ana, en Telegram")
        await expect(tom.locator(".device")).to_have_attribute("lang", "es")
        await expect(visitor.pane("okafor").get_by_role("textbox")).to_have_attribute("placeholder", "Write a message")
        await visitor.plays("Parent silent", "Thursday, September 17, 2026")
        await visitor.winds_to("5:30 PM")
        await visitor.sees("tom", "Ana · jueves", "Hoy responde Lucía.")
        await tom.get_by_role("combobox", name="Language").select_option("English")
        await visitor.sees("tom", "Ana · Thursday", "Lucía answers tonight.")


async def test_help_is_answered_in_the_readers_language(browser: Browser, address: str) -> None:
    async with visiting(browser, address) as visitor:
        await visitor.plays("All well", "Tuesday, September 15, 2026")
        for user, answer in (
            ("okafor", "You can write: today · status · why · who · pause · resume · settings · stop"),
            ("lucia", "Puedes escribir: hoy · estado · por qué · quién · pausa · seguir · ajustes · alto"),
        ):
            await visitor.pane(user).get_by_role("textbox").fill("help")
            await visitor.pane(user).get_by_role("textbox").press("Enter")
            await expect(visitor.pane(user).locator(".mine .text")).to_have_text("help")
            await visitor.sees(user, answer)


async def test_an_hour_is_an_hour(browser: Browser, address: str) -> None:
    """`+1 hour` passes 15:10 and stops at 16:09, with the card there and no reminder yet."""
    async with visiting(browser, address) as visitor:
        await visitor.plays("All well", "Tuesday, September 15, 2026")
        assert await visitor.winds("+1 hour") == "4:09 PM"
        assert await visitor.count("okafor") == 1
        assert await visitor.winds("+1 hour") == "5:09 PM"
        await visitor.sees("okafor", "5 planners are still open today: Ana · Ben · Chloe · Dev · Eli")


async def test_the_page_fits_a_phone(browser: Browser, address: str) -> None:
    """390 × 844: one pane at a time, tabs to change it, nothing cut off at the side, a dot where there is news."""
    async with visiting(browser, address, PHONE) as visitor:
        await visitor.plays("All well", "Tuesday, September 15, 2026")
        page = visitor.page
        assert await visitor.winds() == "3:10 PM"
        await expect(visitor.pane("okafor").get_by_role("button", name="All written ✓")).to_be_in_viewport()
        await visitor.taps("okafor", "All written ✓")
        await visitor.winds_to("5:30 PM")
        tab = page.locator(".tabs button", has_text="Lucía")
        await expect(tab).to_have_class("news")
        await expect(visitor.pane("lucia").get_by_role("button", name="Todo hecho ✓")).not_to_be_in_viewport()
        await tab.click()
        await expect(visitor.pane("lucia").get_by_role("button", name="Todo hecho ✓")).to_be_in_viewport(ratio=1)
        await expect(tab).not_to_have_class("news")
        await visitor.taps("lucia", "Todo hecho ✓")
        await visitor.sees("lucia", "Ana · martes · hecho")
        assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
        assert await page.evaluate("document.documentElement.scrollHeight") <= PHONE[1]


async def test_what_was_said_is_thanked_for_once(browser: Browser, address: str) -> None:
    """Opened again, the page shows the cards as they stand and repeats no thanks."""
    async with visiting(browser, address) as visitor:
        await visitor.plays("All well", "Tuesday, September 15, 2026")
        await visitor.winds()
        await visitor.taps("okafor", "All written ✓")
        await expect(visitor.pane("okafor").locator(".toast")).to_be_visible()
        await visitor.page.reload()
        await visitor.sees("okafor", "all 5 written")
        await expect(visitor.pane("okafor").locator(".toast")).to_have_text("")


async def test_the_page_says_when_the_program_has_ended(browser: Browser) -> None:
    """SIGTERM under an open page: the program ends with 0; the page says so and how to go on."""
    async with demo() as (program, address), visiting(browser, address) as visitor:
        await expect(visitor.page.locator("#time")).to_have_text("3:09 PM")
        assert await ended(program) == (0, "")
        await expect(visitor.page.get_by_role("alert")).to_contain_text("twoticks demo")
        visitor.troubles.clear()  # the browser complains rightly of a server that is gone
