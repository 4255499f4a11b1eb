"""Days A, B and C of PRODUCT section 7: the real program in its own process, the real libraries, strict fakes."""

import asyncio
from pathlib import Path

import pytest

from tests.live import LUCIA, PARK, TOM, Live, live

SPANISH = ("Sí, es correcto", "Sí, me uno")
ENGLISH = ("That's right", "Yes, join")


async def everybody_joins(house: Live) -> None:
    """Teachers on Slack are known by e-mail; Ms Park and the parents join with their codes, Ms Okafor confirms."""
    await house.join(PARK, "Ms Park", ENGLISH)
    await house.telegram.sees(PARK, "Welcome")
    await house.join(LUCIA, "Lucía Romero", SPANISH)
    await house.slack.sees("U1", "Lucía (Telegram name: Lucia Romero) wants to join for Ana", "Yes, that's Lucía")
    await house.slack.tap("U1", "Yes, that's Lucía")
    await house.telegram.sees(LUCIA, "Te damos la bienvenida")
    await house.join(TOM, "Tom Romero", ENGLISH)
    await house.slack.sees("U1", "", "Yes, that's Tom")
    await house.slack.tap("U1", "Yes, that's Tom")
    await house.telegram.sees(TOM, "Welcome")


@pytest.mark.parametrize("mode", ["socket", "http"])
async def test_a_day_on_which_all_is_well(tmp_path: Path, mode: str) -> None:
    """Script A: one message and one tap for each teacher and for Lucía, one silent copy for Tom."""
    async with live(tmp_path, mode=mode) as house:
        await house.import_roster()
        await house.invite()
        await house.run("2026-09-15T14:00:00", 600)
        await everybody_joins(house)
        for user in ("U1", "U2"):
            await house.slack.sees(user, "planners seen?", "All written ✓", patience=40)
            await house.slack.tap(user, "All written ✓")
        await house.telegram.sees(PARK, "Ana", "All written ✓")
        await house.telegram.tap(PARK, "All written ✓")
        await house.slack.sees("U3", "planners seen?", "No homework")
        await house.slack.tap("U3", "No homework")
        await house.slack.sees("U1", "written", "Change")

        card = await house.telegram.sees(LUCIA, "Ana · martes · todo anotado ✓", "Todo hecho ✓", patience=40)
        assert "History: sin deberes" in card.text and card.rang
        copy = await house.telegram.sees(TOM, "Lucía answers tonight", "I'll answer instead")
        assert not copy.rang
        tap = await house.telegram.tap(LUCIA, "Todo hecho ✓")
        assert await tap.answered() == "Gracias."
        await house.telegram.sees(LUCIA, "Ana · martes · hecho")
        await house.telegram.sees(TOM, "Ana · Tuesday · done (Lucía")
        await house.slack.sees("U1", "At home: Ana done")

        assert await house.stop() == 0
        assert not house.slack.complaints + house.telegram.complaints
        assert "Traceback" not in house.log()


async def test_a_teacher_who_does_not_answer(tmp_path: Path) -> None:
    """Script B: exceptions by name, one nudge, an honest unknown, a late tick that changes screens silently."""
    async with live(tmp_path) as house:
        await house.import_roster()
        await house.invite()
        await house.run("2026-09-16T14:00:00", 600)
        await everybody_joins(house)
        await house.slack.sees("U1", "planners seen?", "Mark one", patience=40)
        for label in ("Mark one", "Ana", "Not written"):
            await house.slack.sees("U1", "", label)
            await house.slack.tap("U1", label)
        await house.slack.sees("U1", "Ana: not written · 1 open")
        await house.slack.tap("U1", "Others written ✓")
        for tapping in (house.slack.tap("U2", "All written ✓"), house.telegram.tap(PARK, "All written ✓")):
            await tapping
        nudge = await house.slack.sees("U3", "2 planners are still open today: Ana · Jo", "All written ✓", patience=30)

        card = await house.telegram.sees(LUCIA, "1 cosa que mirar", "Falta algo", patience=40)
        assert "Maths: no anotado" in card.text and "History: Mr Díaz aún no lo ha confirmado" in card.text
        await house.slack.tap("U3", "All written ✓", shown=nudge)
        await house.telegram.until(
            lambda: "History ✓" in house.telegram.screen(LUCIA)[-1].text, "Lucía sees the late tick"
        )
        assert house.telegram.rings(LUCIA) == 2  # joining, and one card
        for label in ("Falta algo", "Maths", "No hecho", "Otra cosa"):
            await house.telegram.sees(LUCIA, "", label)
            await house.telegram.tap(LUCIA, label)
        await house.telegram.sees(LUCIA, "Maths sin hacer", "Lo demás, hecho ✓")
        await house.telegram.tap(LUCIA, "Lo demás, hecho ✓")
        await house.telegram.sees(LUCIA, "Gracias", "Cambiar")

        await house.stop()
        await house.run("2026-09-17T15:05:00", 60)
        next_card = await house.slack.sees("U1", "Ana: Maths not done (was not written)", "All written ✓", patience=20)
        assert "planners seen?" in next_card.text
        assert not house.slack.complaints + house.telegram.complaints


async def test_a_home_that_does_not_answer(tmp_path: Path) -> None:
    """Script C: one nudge to Lucía, none to Tom; after the close no reproach, and the buttons stay."""
    async with live(tmp_path) as house:
        await house.import_roster()
        await house.invite()
        await house.run("2026-09-17T14:00:00", 600)
        await everybody_joins(house)
        await house.slack.sees("U1", "planners seen?", "All written ✓", patience=40)
        await house.slack.tap("U1", "All written ✓")
        await house.telegram.sees(LUCIA, "Ana · jueves", "Todo hecho ✓", patience=40)
        nudge = await house.telegram.sees(LUCIA, "¿Qué tal los deberes de Ana?", "Todo hecho ✓", patience=40)
        assert nudge.rang
        closed = await house.telegram.sees(LUCIA, "Ana · jueves · sin respuesta", "Todo hecho ✓", patience=60)
        assert "No pasa nada" in closed.text
        assert house.telegram.rings(TOM) <= 1
        await house.stop()
        await house.run("2026-09-18T15:05:00", 60)
        await house.slack.sees("U1", "Last night at home: Ana: no answer", "All written ✓", patience=20)
        assert not house.slack.complaints + house.telegram.complaints


async def test_the_program_ends_in_time_when_told_to(tmp_path: Path) -> None:
    """SIGTERM: exit 0 within 12 seconds (CONTRACT)."""
    async with live(tmp_path) as house:
        await house.import_roster()
        await house.run("2026-09-15T15:00:00", 60)
        assert await asyncio.wait_for(house.stop(), 12) == 0


async def test_a_silent_copy_on_slack_stands_in_the_app_home(tmp_path: Path) -> None:
    """Slack cannot be silent: Tom's copy is not posted there, he finds it in the App Home and under `today` (F14)."""
    async with live(tmp_path) as house:
        await house.import_roster()
        await house.invite()
        for user, name in (("U7", "Lucia"), ("U8", "Tom")):
            house.slack.person(user, name=name, email=f"{name.lower()}@home.example")
        await house.run("2026-09-15T16:30:00", 300)
        for user, name, labels in (("U7", "Lucía Romero", SPANISH), ("U8", "Tom Romero", ENGLISH)):
            await house.slack.say(user, f"join {house.codes[name]}")
            for label in labels:
                await house.slack.sees(user, "", label)
                await house.slack.tap(user, label)
            short = name.split()[0]
            await house.slack.sees("U1", f"{short} wants to join for Ana", f"Yes, that's {short}")
            await house.slack.tap("U1", f"Yes, that's {short}")
        await house.slack.sees("U7", "Ana · martes", "Todo hecho ✓", patience=30)
        assert not any("Ana · Tuesday" in shown.text for shown in house.slack.screen("U8"))

        await house.slack.opens_home("U8")
        await house.slack.until(lambda: house.slack.home("U8") is not None, "Tom's App Home")
        home = house.slack.home("U8")
        assert home is not None and "Lucía answers tonight" in home.text and "I'll answer instead" in home.labels()
        ack = await house.slack.command("U8", "today", channel="C9")
        assert "Ana" not in str(ack.body)
        await house.slack.sees("U8", "Ana · Tuesday", "I'll answer instead")
        await house.slack.press_home("U8", "I'll answer instead")
        await house.slack.sees("U8", "Ana · Tuesday", "All done ✓")
        await house.slack.sees("U7", "Hoy responde Tom", "Respondo yo")
        assert not house.slack.complaints
