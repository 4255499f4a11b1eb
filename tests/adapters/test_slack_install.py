"""Installing the Slack app as a coordinator does it in a browser, and tokens that are renewed."""

import asyncio
import logging
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette

from adapters.slack.chat import SlackChat
from adapters.slack.install import GOOD_FOR, Installation, Installer, Wanted, rotated
from adapters.slack.manifest import SCOPES
from bot.model import Address, Message, Span
from bot.ports import ChatFailure, LaneDown, StoreAway, Unclear
from tests.fakes.slack import SlackFake

CARD = Message(lines=((Span("Monday"),),), preview="Monday")
CLIENT = ("CID", "CSECRET")


class Office:
    """What the program keeps, and its clock; a database that is away stores nothing."""

    def __init__(self) -> None:
        self.kept: list[tuple[str, Installation]] = []
        self.words: set[str] = set()
        self.away = False
        self.late = 0.0  # seconds that the clock is ahead of the browser's

    async def once(self, word: str) -> bool:
        new = word not in self.words
        self.words.add(word)
        return new

    async def installed(self, school: str, given: Installation) -> None:
        if self.away:
            raise StoreAway("the database does not answer")
        self.kept.append((school, given))

    def now(self) -> float:
        return time.time() + self.late


class Town:
    """A server with two schools, East and Lincoln, in front of a Slack with the workspace T1; East may only be T2."""

    def __init__(self, slack: SlackFake, office: Office, front: str) -> None:
        self.slack, self.office, self.front = slack, office, front

    def installer(self, public_url: str = "", secret: str = CLIENT[1]) -> Installer:
        schools = {"lincoln": Wanted("Lincoln & <Sons>"), "east": Wanted("East School", "T2")}
        return Installer(
            CLIENT[0],
            secret,
            api_base_url=self.slack.api_base_url,
            public_url=public_url or self.front,
            schools=schools,
            key="k" * 40,
            once=self.office.once,
            installed=self.office.installed,
            now=self.office.now,
        )

    @asynccontextmanager
    async def open(self, installer: Installer) -> AsyncIterator[None]:
        """The two pages on a real server at the town's address."""
        place = socket.create_server(("127.0.0.1", int(self.front.rpartition(":")[2])))
        app = Starlette(routes=installer.routes)
        server = uvicorn.Server(uvicorn.Config(app, log_level="critical", access_log=False, lifespan="off"))
        task = asyncio.create_task(server.serve(sockets=[place]))
        try:
            yield
        finally:
            server.should_exit = True
            await task

    async def asks(self, browser: httpx.AsyncClient, school: str = "lincoln", agrees: bool = True) -> str:
        """Opens the page, and answers on Slack's own; where Slack sends the browser."""
        there = await browser.get(f"{self.front}/slack/install", params={"school": school})
        assert there.status_code == 302, there.text
        return self.slack.authorize(there.headers["location"], agrees=agrees)


@pytest.fixture(autouse=True)
def direct(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
async def town() -> AsyncIterator[Town]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        front = f"http://127.0.0.1:{free.getsockname()[1]}"
    async with SlackFake("T1") as slack:
        slack.person("U1", name="Okafor")
        town = Town(slack, Office(), front)
        async with town.open(town.installer()):
            yield town


@pytest.fixture
async def browser() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient() as browser:
        yield browser


# --- in the browser ---


async def test_a_coordinator_installs_the_app(town: Town, browser: httpx.AsyncClient) -> None:
    back = await town.asks(browser)
    page = await browser.get(back)
    assert page.status_code == 200
    assert "School T1 now belongs to Lincoln &amp; &lt;Sons&gt;." in page.text
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["referrer-policy"] == "no-referrer"
    [(school, given)] = town.office.kept
    assert (school, given.team, given.name, given.expires, given.refresh) == ("lincoln", "T1", "School T1", 0.0, "")
    async with speaking(town.slack, given.token) as chat:
        assert await chat.connect() == "T1"
    again = await browser.get(back)
    assert again.status_code == 400
    assert "used before" in again.text
    assert 'href="install?school=lincoln"' in again.text
    assert len(town.office.kept) == 1
    assert town.slack.complaints == []


async def test_slack_is_asked_for_what_the_manifest_says_and_the_cookie_is_the_browsers_alone(
    town: Town, browser: httpx.AsyncClient
) -> None:
    there = await browser.get(f"{town.front}/slack/install?school=east")
    asked = parse_qs(urlsplit(there.headers["location"]).query)
    assert asked["scope"] == [",".join(SCOPES)]
    assert asked["redirect_uri"] == [f"{town.front}/slack/oauth_redirect"]
    cookie = there.headers["set-cookie"].lower()
    for part in ("httponly", "samesite=lax", f"max-age={GOOD_FOR}", "path=/slack/oauth_redirect"):
        assert part in cookie
    assert "secure" not in cookie
    assert browser.cookies["twoticks_slack_install"] not in there.headers["location"]


async def test_over_https_the_cookie_never_travels_in_the_open(town: Town) -> None:
    app = Starlette(routes=town.installer("https://school.example").routes)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="https://school.example") as browser:
        there = await browser.get("/slack/install?school=lincoln")
    assert "; secure" in there.headers["set-cookie"].lower()


async def test_the_link_back_is_worth_nothing_in_another_browser(town: Town, browser: httpx.AsyncClient) -> None:
    """With no cookie, and with the cookie of a visit of one's own; the right browser still gets its installation."""
    back = await town.asks(browser)
    async with httpx.AsyncClient() as stranger:
        assert (await stranger.get(back)).status_code == 400
        await town.asks(stranger)
        page = await stranger.get(back)
    assert page.status_code == 400
    assert "from another browser" in page.text
    assert town.office.kept == []
    assert (await browser.get(back)).status_code == 200


@pytest.mark.parametrize("spoiled", ["", "x", "a.b.c.d", "east", "longer", "mac", "é", "%00"])
async def test_a_word_that_is_not_ours_is_refused(town: Town, browser: httpx.AsyncClient, spoiled: str) -> None:
    """Also one that was ours and names another school or a later hour now."""
    back = await town.asks(browser)
    word = parse_qs(urlsplit(back).query)["state"][0]
    school, until, chance, mac = word.split(".")
    altered = {
        "east": f"east.{until}.{chance}.{mac}",
        "longer": f"{school}.{int(until) + 9999}.{chance}.{mac}",
        "mac": f"{school}.{until}.{chance}.{mac[:-1]}{'0' if mac[-1] != '0' else '1'}",
    }
    page = await browser.get(back.replace(word, altered.get(spoiled, spoiled)))
    assert page.status_code == 400
    assert "not opened from here" in page.text
    assert town.office.kept == []


@pytest.mark.parametrize(("late", "status"), [(GOOD_FOR - 5, 200), (GOOD_FOR + 2, 400)])
async def test_the_way_back_is_open_for_ten_minutes(
    town: Town, browser: httpx.AsyncClient, late: float, status: int
) -> None:
    back = await town.asks(browser)
    town.office.late = late
    page = await browser.get(back)
    assert page.status_code == status
    assert ("open for too long" in page.text) is (status == 400)


async def test_somebody_says_no(town: Town, browser: httpx.AsyncClient) -> None:
    page = await browser.get(await town.asks(browser, agrees=False))
    assert page.status_code == 400
    assert "said no" in page.text
    assert town.office.kept == []


async def test_a_school_with_a_workspace_of_its_own_takes_no_other(town: Town, browser: httpx.AsyncClient) -> None:
    page = await browser.get(await town.asks(browser, "east"))
    assert page.status_code == 400
    assert "the workspace T2, and this one is T1" in page.text
    assert town.office.kept == []


async def test_addresses_that_nobody_is_given(town: Town, browser: httpx.AsyncClient) -> None:
    for query in ("", "?school=", "?school=nowhere", "?school=lincoln/../east"):
        page = await browser.get(f"{town.front}/slack/install{query}")
        assert (page.status_code, "no school of this server" in page.text) == (404, True)
    for path in ("/slack/install?school=lincoln", "/slack/oauth_redirect"):
        assert (await browser.post(town.front + path)).status_code == 405
        assert (await browser.head(town.front + path)).status_code == 400
        assert (await browser.get(f"{town.front}{path}", params={"x": "y" * 3_000})).status_code == 400
    assert not browser.cookies


@pytest.mark.parametrize("how", [{"status": 503}, {"drop": True}, {"status": 429, "headers": {"Retry-After": "9"}}])
async def test_a_slack_that_is_not_well_is_told_and_can_be_tried_again(
    town: Town, browser: httpx.AsyncClient, how: dict[str, Any]
) -> None:
    town.slack.fail("oauth.v2.access", **how)
    page = await browser.get(await town.asks(browser))
    assert page.status_code == 502
    assert "There is no token" in page.text
    assert "Try again" in page.text
    assert (await browser.get(await town.asks(browser))).status_code == 200


async def test_a_wrong_secret_of_the_app_is_told_by_its_name(town: Town, browser: httpx.AsyncClient) -> None:
    town.slack.client = ("CID", "another")
    page = await browser.get(await town.asks(browser))
    assert page.status_code == 502
    assert "TWOTICKS_SLACK__CLIENT_SECRET" in page.text
    assert CLIENT[1] not in page.text


async def test_a_database_that_is_away_is_told(town: Town, browser: httpx.AsyncClient) -> None:
    town.office.away = True
    page = await browser.get(await town.asks(browser))
    assert page.status_code == 503
    assert "Try again" in page.text


async def test_no_secret_is_in_the_log(
    town: Town, browser: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    """At the lowest level, and also when something goes wrong; what the test's own browser writes aside."""
    caplog.set_level(logging.DEBUG)
    back = await town.asks(browser)
    for _ in range(2):
        await browser.get(back)
    await browser.get(await town.asks(browser, "east"))
    said = parse_qs(urlsplit(back).query)
    [(_, given)] = town.office.kept
    lines = [r.getMessage() for r in caplog.records if not r.name.startswith(("httpx", "httpcore"))]
    for secret in (CLIENT[1], given.token, said["code"][0], said["state"][0], *browser.cookies.values()):
        assert not [line for line in lines if secret in line]
    assert any("used before" in line for line in lines)


# --- tokens that end ---


@asynccontextmanager
async def speaking(slack: SlackFake, token: str) -> AsyncIterator[SlackChat]:
    chat = SlackChat(bot_token=token, app_token="", signing_secret="", mode="socket", api_base_url=slack.api_base_url)
    try:
        yield chat
    finally:
        await chat.close()


async def lasting_twelve_hours(town: Town, browser: httpx.AsyncClient) -> Installation:
    town.slack.token_lasts = 12 * 3600
    assert (await browser.get(await town.asks(browser))).status_code == 200
    return town.office.kept[-1][1]


async def test_a_token_is_replaced_while_the_chat_is_at_work(town: Town, browser: httpx.AsyncClient) -> None:
    old = await lasting_twelve_hours(town, browser)
    assert 12 * 3600 - 60 < old.expires - time.time() <= 12 * 3600
    place = Address(id=1, person=1, lane=1, user="U1", chat="")
    async with speaking(town.slack, old.token) as chat:
        await chat.send(place, CARD, "k1", None)
        new = await rotated(town.slack.api_base_url, *CLIENT, old)
        assert (new.team, new.name) == (old.team, old.name)
        assert len({old.token, new.token, old.refresh, new.refresh}) == 4
        with pytest.raises(LaneDown):
            await chat.send(place, CARD, "k2", None)
        chat.use(new.token)
        await chat.send(place, CARD, "k2", None)
    assert len(town.slack.screen("U1")) == 2


async def test_a_refresh_token_works_once(town: Town, browser: httpx.AsyncClient) -> None:
    old = await lasting_twelve_hours(town, browser)
    new = await rotated(town.slack.api_base_url, *CLIENT, old)
    with pytest.raises(LaneDown, match=r"invalid_refresh_token.*/slack/install again"):
        await rotated(town.slack.api_base_url, *CLIENT, old)
    assert (await rotated(town.slack.api_base_url, *CLIENT, new)).token != new.token


async def test_an_answer_that_is_lost_takes_the_refresh_token_with_it(town: Town, browser: httpx.AsyncClient) -> None:
    old = await lasting_twelve_hours(town, browser)
    town.slack.fail("oauth.v2.access", drop=True, after=True)
    with pytest.raises(Unclear):
        await rotated(town.slack.api_base_url, *CLIENT, old)
    with pytest.raises(LaneDown, match="/slack/install"):
        await rotated(town.slack.api_base_url, *CLIENT, old)
    fresh = await lasting_twelve_hours(town, browser)
    assert (await rotated(town.slack.api_base_url, *CLIENT, fresh)).team == "T1"


async def test_a_slack_that_is_away_leaves_the_refresh_token_whole(town: Town, browser: httpx.AsyncClient) -> None:
    old = await lasting_twelve_hours(town, browser)
    town.slack.fail("oauth.v2.access", status=503)
    with pytest.raises(ChatFailure) as trouble:
        await rotated(town.slack.api_base_url, *CLIENT, old)
    assert not isinstance(trouble.value, LaneDown)
    assert (await rotated(town.slack.api_base_url, *CLIENT, old)).token != old.token


async def test_a_wrong_secret_is_no_reason_to_install_again(town: Town, browser: httpx.AsyncClient) -> None:
    old = await lasting_twelve_hours(town, browser)
    with pytest.raises(LaneDown, match="TWOTICKS_SLACK__CLIENT_SECRET"):
        await rotated(town.slack.api_base_url, CLIENT[0], "another", old)
    assert (await rotated(town.slack.api_base_url, *CLIENT, old)).token != old.token


async def test_a_token_of_another_workspace_is_not_taken(town: Town, browser: httpx.AsyncClient) -> None:
    old = await lasting_twelve_hours(town, browser)
    body = '{"ok": true, "access_token": "xoxe.xoxb-9", "team": {"id": "T9", "name": "Elsewhere"}}'
    town.slack.fail("oauth.v2.access", body=body)
    with pytest.raises(Unclear):
        await rotated(town.slack.api_base_url, *CLIENT, old)
