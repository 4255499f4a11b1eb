"""Several Slack workspaces in one deployment: installed from a page, each a lane of its own, tokens sealed."""

import json
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from bot.sealing import seal, unseal
from tests.fakes.slack import SlackFake
from tests.live import SECRETS, Live, live

EAST = '\n[[schools]]\nid = "east"\nname = "East School"\ntimezone = "America/New_York"\nslack_team = "T2"\n'
ROSTER = """student,class,teacher,teacher_contact,guardian,daily
Ana Romero,Maths,Ms Okafor,okafor@school.example,Lucía Romero,yes
"""
EAST_ROSTER = """student,class,teacher,teacher_contact,guardian,daily
Zoe East,Art,Ms Berg,berg@east.example,Tom East,yes
"""


@asynccontextmanager
async def district(folder: Path, mode: str) -> AsyncIterator[tuple[Live, SlackFake]]:
    """Lincoln in workspace T1 and East in T2, one Slack app, nothing installed yet; U1 is somebody else in each."""
    async with (
        live(folder, mode=mode) as house,
        SlackFake(team="T2", signing_secret=house.slack.signing_secret) as east,
    ):
        east.through, east.events_url = house.slack, house.slack.events_url
        house.slack.bot_token = "xoxb-of-nobody"
        east.person("U1", name="Berg", email="berg@east.example")
        text = (folder / "config.toml").read_text().replace("[telegram]", "[gone]").split("[gone]")
        rest = "[web]" + text[1].partition("[web]")[2]
        rest = rest.replace("https://school.example", f"http://127.0.0.1:{house.port}")
        (folder / "config.toml").write_text(f'{text[0]}{rest}slack_team = "T1"\n{EAST}')
        house.more |= {"TWOTICKS_SLACK__CLIENT_ID": "CID", "TWOTICKS_SLACK__CLIENT_SECRET": "CSECRET"}
        for school, roster in (("lincoln", ROSTER), ("east", EAST_ROSTER)):
            (folder / "roster.csv").write_text(roster)
            code, out, err = await house.command("roster", "import", "roster.csv", "--school", school)
            assert code == 0, out + err
        yield house, east


async def install(house: Live, school: str, workspace: SlackFake, status: int = 200) -> str:
    """What a coordinator sees at the end, having opened the page and said yes at Slack."""
    jar = aiohttp.CookieJar(unsafe=True)  # 127.0.0.1 has no name
    async with aiohttp.ClientSession(cookie_jar=jar) as browser:
        address = f"http://127.0.0.1:{house.port}/slack/install?school={school}"
        async with browser.get(address, allow_redirects=False) as there:
            assert there.status == 302, await there.text()
            back = house.slack.authorize(there.headers["Location"], workspace)
        async with browser.get(back) as page:
            assert page.status == status, await page.text()
            seen = await page.text()
        async with browser.get(back) as again:
            assert again.status == 400 and "used before" in await again.text(), "the word of a page is good once"
        return seen


@pytest.mark.parametrize("mode", ["socket", "http"])
async def test_two_workspaces_of_one_app(tmp_path: Path, mode: str) -> None:
    """Each teacher gets the own school's card in the own workspace; U1 is two people; T1 leaves, T2 goes on."""
    async with district(tmp_path, mode) as (house, east):
        await house.run("2026-09-15T15:00:00", 60)
        assert "now belongs to Lincoln" in await install(house, "lincoln", house.slack)
        assert "now belongs to East" in await install(house, "east", east)
        okafor = await house.slack.sees("U1", "Ana", "All written ✓", patience=30)
        berg = await east.sees("U1", "Zoe", "All written ✓", patience=30)
        assert "Zoe" not in okafor.text and "Ana" not in berg.text
        await east.tap("U1", "All written ✓")
        await east.sees("U1", "written", "Change")
        assert "All written ✓" in house.slack.screen("U1")[-1].labels(), "a press reaches its own workspace only"
        await house.slack.event({"type": "app_uninstalled"})
        await east.tap("U1", "Change")
        await east.sees("U1", "Zoe", "All written ✓")
        assert "now belongs to Lincoln" in await install(house, "lincoln", house.slack)
        while not (await house.slack.tap("U1", "All written ✓")).ok:
            house.slack.complaints.clear()  # it is told so, for the half second until the workspace is heard again
        await house.slack.sees("U1", "written", "Change", patience=20)
        with sqlite3.connect(tmp_path / "twoticks.db") as connection:
            kept = connection.execute("select name, token from lane where token != ''").fetchall()
        assert sorted(name for name, _ in kept) == ["T1", "T2"]
        assert not any("xox" in token for _, token in kept), "tokens are sealed"
        assert "xoxb-T" not in house.log() and "code1" not in house.log()


async def test_a_token_that_ends_soon_is_renewed_while_nothing_arrives(tmp_path: Path) -> None:
    """Rotation is driven from our side, by the lane's owner; after a restart the new token is still there."""
    async with district(tmp_path, "socket") as (house, east):
        house.slack.token_lasts = 3600
        await house.run("2026-09-15T15:00:00", 60)
        await install(house, "east", east)
        first = east.bot_token
        await east.until(lambda: east.bot_token != first, "a renewed token")
        house.slack.token_lasts = 12 * 3600
        await east.sees("U1", "Zoe", "All written ✓", patience=30)
        await house.stop()
        await house.run("2026-09-15T15:20:00", 60)
        await house.slack.connected()
        await east.tap("U1", "All written ✓")
        await east.sees("U1", "written", "Change")


async def test_what_is_not_installed(tmp_path: Path) -> None:
    """Another workspace than the school's own, no such school, a word that is not ours, a no at Slack."""
    async with district(tmp_path, "socket") as (house, east):
        await house.run("2026-09-15T15:00:00", 60)
        assert "this one is T2" in await install(house, "lincoln", east, status=400)
        base = f"http://127.0.0.1:{house.port}"
        async with aiohttp.ClientSession() as browser:
            async with browser.get(f"{base}/slack/install?school=nowhere") as page:
                assert page.status == 404
            for query in ("", "?code=x", "?code=x&state=east.9999999999.x.y", "?error=access_denied&state=é"):
                async with browser.get(f"{base}/slack/oauth_redirect{query}") as page:
                    assert page.status == 400, query
        with sqlite3.connect(tmp_path / "twoticks.db") as connection:
            assert not connection.execute("select name from lane where token != ''").fetchall()


async def test_a_token_that_ended_while_the_bot_was_off_is_renewed_at_the_start(tmp_path: Path) -> None:
    """Nobody can hold a lane whose token is refused, and its refresh token is still good."""
    async with district(tmp_path, "socket") as (house, east):
        house.slack.token_lasts = 12 * 3600
        await house.run("2026-09-15T15:00:00", 60)
        await install(house, "east", east)
        await east.sees("U1", "Zoe", "All written ✓", patience=30)
        await house.stop()
        east.expire()
        with sqlite3.connect(tmp_path / "twoticks.db") as connection:
            [(name, sealed)] = connection.execute("select name, token from lane where token != ''").fetchall()
            key, about = SECRETS["TWOTICKS_SECRET_KEY"], f"slack:{name}"
            known = json.loads(unseal(sealed, [key], about)) | {"expires": time.time() - 60}
            connection.execute("update lane set token = ? where token != ''", (seal(json.dumps(known), key, about),))
        await house.run("2026-09-15T15:40:00", 60)
        await house.slack.connected()
        assert (await east.tap("U1", "All written ✓")).ok
        await east.sees("U1", "written", "Change", patience=30)


async def test_a_lane_whose_token_was_refused_comes_back_with_the_new_one(tmp_path: Path) -> None:
    """Found by a card that could not be sent; the workspace was listened to all the time."""
    async with district(tmp_path, "socket") as (house, east):
        await house.run("2026-09-15T15:00:00", 60)
        await install(house, "east", east)
        await east.until(lambda: _asked(east, "users.lookupByEmail"), "that Ms Berg is looked for", 30)
        east.revoke()
        await east.until(lambda: _asked(east, "chat.postMessage"), "a card that is refused", 30)
        await install(house, "east", east)
        await east.sees("U1", "Zoe", "All written ✓", patience=30)


def _asked(slack: SlackFake, method: str) -> bool:
    return any(call.method == method for call in slack.calls)
