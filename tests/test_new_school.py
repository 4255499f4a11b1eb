"""A school from an empty folder to the first confirmed tick: the README's own path, in one go and by the clock."""

import re
import time
from pathlib import Path

import pytest

from tests.live import LUCIA, SECRETS, TOM, Live, live
from tests.test_letters import printed, stands
from tests.test_live import ENGLISH, SPANISH

OKAFOR, RUIZ = "U1", "U3"  # their Slack accounts
EXAMPLE = Path(__file__).parents[1] / "config.example.toml"
ROSTER = """student,class,teacher,teacher_contact,guardian,guardian_language,daily
Ana Romero,Maths,Ms Okafor,okafor@school.example,Lucía Romero,es,yes
Ana Romero,Maths,Ms Okafor,okafor@school.example,Tom Romero,en,yes
Ben Osei,Maths,Ms Okafor,okafor@school.example,Ama Osei,en,yes
Chloe Park,Maths,Ms Okafor,okafor@school.example,Jin Park,en,yes
Dev Shah,Maths,Ms Okafor,okafor@school.example,Mira Shah,en,yes
Eli Stone,Maths,Ms Okafor,okafor@school.example,Ruth Stone,en,yes
"""
AT_MOST = 60  # seconds for all of it


def calendar() -> str:
    """A small .ics as a school exports it: whole days, the last one not included."""
    days = (("First day of school", "0824", "0825"), ("Labor Day", "0907", "0908"), ("Fall break", "1012", "1014"))
    events = "".join(
        f"BEGIN:VEVENT\r\nUID:{first}@roosevelt.example\r\nDTSTAMP:20260801T000000Z\r\nSUMMARY:{title}\r\n"
        f"DTSTART;VALUE=DATE:2026{first}\r\nDTEND;VALUE=DATE:2026{after}\r\nEND:VEVENT\r\n"
        for title, first, after in days
    )
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Roosevelt//Office//EN\r\n{events}END:VCALENDAR\r\n"


def edited(text: str, **changes: str) -> str:
    """The example with these keys given another value, each where it stands, as with an editor."""
    for key, value in changes.items():
        text, found = re.subn(rf'(?m)^{key} = ".*"$', f'{key} = "{value}"', text)
        assert found == 1, key
    return text


def practising(house: Live, text: str) -> str:
    """The example with the copies of Slack and Telegram on this machine instead of the real ones."""
    for real, copy in (
        ("https://slack.com/api/", house.slack.api_base_url),
        ("https://api.telegram.org/bot", house.telegram.api_base_url),
    ):
        assert text.count(f'"{real}"') == 1
        text = text.replace(f'"{real}"', f'"{copy}"')
    return text


async def office(house: Live, *words: str) -> list[str]:
    """What a command tells, line by line; it has to end well."""
    code, out, err = await house.command(*words)
    assert code == 0, out + err
    return (out + err).splitlines()


async def the_office_prepares(house: Live) -> None:
    """README 1 to 4 in a folder that was empty: times, bots, look, people."""
    (house.folder / "config.toml").unlink()
    assert not list(house.folder.iterdir())
    example = practising(house, EXAMPLE.read_text())
    text = edited(example, name="Roosevelt School", calendar="school.ics", listen=f"127.0.0.1:{house.port}")
    (house.folder / "config.toml").write_text(text)
    (house.folder / "school.ics").write_text(calendar(), newline="")
    (house.folder / "roster.csv").write_text(ROSTER)
    found = await office(house, "doctor")
    assert not [line for line in found if line.startswith("✗")]
    assert "✓ telegram: the bot is @twoticks_test_bot" in found
    told = await office(house, "roster", "import", "roster.csv")
    assert told[0] == "New children (5): Ana Romero, Ben Osei, Chloe Park, Dev Shah, Eli Stone"
    assert told[-1] == "Done. A running bot notices at its next heartbeat."


async def the_coordinator_joins(house: Live) -> None:
    """Mr Ruiz writes his code on Slack, taps twice, and sees how far the school is."""
    [line] = await office(house, "invite", "--role", "coordinator", "--person", "Mr Ruiz")
    [code] = re.findall(r"^Mr Ruiz \(coordinator\): join (\w{10}) ", line)
    await house.slack.say(RUIZ, f"join {code}")
    for label in ENGLISH:
        await house.slack.sees(RUIZ, "", label)
        await house.slack.tap(RUIZ, label)
    await house.slack.sees(RUIZ, "Welcome. You look after the daily reports of your school.")
    await house.slack.say(RUIZ, "help")
    seen = await house.slack.sees(RUIZ, "Roosevelt School", "Look again")
    assert "✓ Children: 5, with a daily report: 5" in seen.text and "✓ Days off known" in seen.text
    assert "homes 0 of 5" in seen.text


async def letters(house: Live) -> dict[str, str]:
    """Prints the letters; what stands on each guardian's to be typed."""
    told = await office(house, "invite", "--letters", "letters.pdf")
    assert told[-1].startswith("6 letters are in letters.pdf. Please hand them out personally")
    pages = printed((house.folder / "letters.pdf").read_bytes())
    [hers] = [page for page in pages if "LucíaRomero" in page]
    assert stands(hers, "Roosevelt School", "A. R., Ms Okafor", "@twoticks_test_bot") and "AnaRomero" not in hers
    names = ("Lucía Romero", "Tom Romero")
    return {name: _code(page) for name in names for page in pages if name.replace(" ", "") in page}


def _code(page: str) -> str:
    [code] = set(re.findall(r"join([0-9A-Z]{5}-[0-9A-Z]{5})", page))
    return str(code)


async def lucia_joins(house: Live, code: str) -> None:
    """She types the code of her letter and taps twice; Ms Okafor, linked by her e-mail address, confirms."""
    await house.telegram.say(LUCIA, f"join {code}")
    await house.telegram.sees(LUCIA, "Te unes por A. R., Ms Okafor", SPANISH[0])
    for label in SPANISH:
        await house.telegram.sees(LUCIA, "", label)
        await house.telegram.tap(LUCIA, label)
    await house.telegram.sees(LUCIA, "El colegio confirma")
    await house.slack.sees(RUIZ, "Lucía (Telegram name: Lucia Romero) wants to join for Ana.", "Yes, that's Lucía")
    await house.slack.sees(OKAFOR, "Lucía (Telegram name: Lucia Romero) wants to join for Ana.", "Yes, that's Lucía")
    await house.slack.tap(OKAFOR, "Yes, that's Lucía")
    await house.slack.sees(OKAFOR, "Lucía has joined for Ana.", "Undo")
    await house.telegram.sees(LUCIA, "Te damos la bienvenida")


async def the_first_day(house: Live) -> None:
    """Two ticks: the teacher's after lessons, Lucía's in the evening; each sees the other's."""
    asked = await house.slack.sees(OKAFOR, "not joined yet: Ben · Chloe · Dev · Eli", "All written ✓", patience=20)
    assert "planners seen?\nAna · Ben" in asked.text
    await house.slack.tap(OKAFOR, "All written ✓")
    await house.slack.sees(OKAFOR, "all 5 written", "Change")
    card = await house.telegram.sees(LUCIA, "Ana · martes · todo anotado ✓", "Todo hecho ✓", patience=30)
    assert card.rang
    tap = await house.telegram.tap(LUCIA, "Todo hecho ✓")
    assert await tap.answered() == "Gracias."
    await house.telegram.sees(LUCIA, "Ana · martes · hecho")
    await house.slack.sees(OKAFOR, "At home: Ana done")


async def test_from_an_empty_folder_to_the_first_tick(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The whole of README's `Run it for a school`, from nothing to Lucía's tick on Ms Okafor's screen."""
    async with live(tmp_path) as house:
        began = time.monotonic()
        await the_office_prepares(house)
        await house.run("2026-09-15T14:50:00", 900)
        await the_coordinator_joins(house)
        codes = await letters(house)
        await lucia_joins(house, codes["Lucía Romero"])
        await the_first_day(house)
        took = time.monotonic() - began
        assert not house.telegram.screen(TOM), "who has not joined hears nothing"
        assert await house.stop() == 0
        assert not house.slack.complaints + house.telegram.complaints
        assert "Traceback" not in house.log()
    with capsys.disabled():
        print(f"\nfrom an empty folder to the first confirmed tick: {took:.1f} s (rate 900 from 14:50 to 17:30)")
    assert took < AT_MOST


# --- where the path was once broken -----------------------------------------------------------------------------------


async def test_inviting_again_leaves_who_waits_for_the_schools_yes(tmp_path: Path) -> None:
    """Lucía has said yes twice; the office prints letters once more; Ms Okafor's yes still counts."""
    async with live(tmp_path) as house:
        await house.import_roster(ROSTER)
        await house.invite()
        await house.run("2026-09-15T14:00:00", 60)
        await house.join(LUCIA, "Lucía Romero", SPANISH)
        await house.slack.sees(OKAFOR, "", "Yes, that's Lucía")
        await office(house, "invite", "--letters", "letters.pdf")
        await house.slack.tap(OKAFOR, "Yes, that's Lucía")
        await house.telegram.sees(LUCIA, "Te damos la bienvenida", patience=3)


async def test_another_key_than_the_running_bots_makes_no_codes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The office opens a second terminal and makes a key there: it is told, before a dead letter is printed."""
    async with live(tmp_path) as house:
        await house.import_roster(ROSTER)
        await house.run("2026-09-15T14:00:00", 60)
        monkeypatch.setitem(SECRETS, "TWOTICKS_SECRET_KEY", "x" * 40)
        code, out, err = await house.command("invite")
        assert code != 0 and "TWOTICKS_SECRET_KEY" in err, out


async def test_a_teacher_whom_slack_does_not_know_can_have_a_code(tmp_path: Path) -> None:
    """A slip in the roster's address: `invite --role teacher` makes the code that doctor speaks of."""
    async with live(tmp_path) as house:
        await house.import_roster(ROSTER.replace("okafor@", "okafro@"))
        await house.run("2026-09-15T14:00:00", 60)
        [line] = await office(house, "invite", "--role", "teacher")
        assert line.startswith("Ms Okafor (teacher): join ")


async def test_a_name_without_a_role_is_asked_about(tmp_path: Path) -> None:
    """Nobody else's code ends because the office left out `--role guardian`."""
    async with live(tmp_path) as house:
        await house.import_roster(ROSTER)
        code, out, err = await house.command("invite", "--student", "Ana Romero", "--person", "Bob Romero")
        assert code == 2 and "--role" in err, out


async def test_a_home_card_too_close_to_the_teachers_is_told(tmp_path: Path) -> None:
    """Nothing is asked of teachers in the ten minutes before the home card, so five minutes leave no room at all."""
    async with live(tmp_path) as house:
        with (house.folder / "config.toml").open("a") as file:
            file.write('teacher_card = "15:10"\nteacher_nudge = "15:12"\nhome_card = "15:15"\n')
        code, out, _ = await house.command("doctor")
        assert code == 1 and "home_card" in out


async def test_the_doctor_reads_the_calendar_that_run_would_read(tmp_path: Path) -> None:
    """The saved file is a sign-in page."""
    async with live(tmp_path) as house:
        (house.folder / "school.ics").write_text("<!DOCTYPE html><html><body>Sign in</body></html>")
        with (house.folder / "config.toml").open("a") as file:
            file.write('calendar = "school.ics"\n')
        code, out, _ = await house.command("doctor")
        assert code == 1 and "This is a web page" in out
