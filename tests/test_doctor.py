"""`twoticks doctor`: what a school's office reads when something is wrong, and that looking disturbs nothing."""

import asyncio
import json
import os
import shutil
import socket
import sqlite3
import zoneinfo
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import partial
from importlib import resources
from pathlib import Path

import pytest
from telegram import Bot
from typer.testing import CliRunner

from bot import doctor
from bot.cli import app
from bot.composition import open_store
from bot.config import load
from bot.doctor import Check, examine
from bot.model import CalendarDay
from bot.ports import Account
from bot.roster import read
from storage.engine import only_instance, open_engine, upgrade
from storage.load import person
from storage.office import Invited, invite, link
from storage.rosters import put
from storage.store import Store
from storage.turn import Turn
from tests.days import ROSTER, USERS
from tests.fakes.slack import SlackFake
from tests.fakes.telegram import TelegramFake

TOKEN = "123456:a-token-nobody-may-read"
ENVIRON = {
    "TWOTICKS_SECRET_KEY": "a-secret-key-of-more-than-32-characters",
    "TWOTICKS_SLACK__BOT_TOKEN": "xoxb-test",
    "TWOTICKS_SLACK__APP_TOKEN": "xapp-test",
    "TWOTICKS_TELEGRAM__TOKEN": TOKEN,
}
CHILDREN = [row.split(",")[0].split(" ")[0] for row in ROSTER.splitlines()[1:]]


class Office:
    """A school with its file, its database and both platforms; a test makes something wrong and asks the doctor."""

    def __init__(self, folder: Path, slack: SlackFake, telegram: TelegramFake) -> None:
        self.config = folder / "config.toml"
        self.database = folder / "twoticks.db"
        self.slack, self.telegram = slack, telegram
        self.environ = dict(ENVIRON)
        self.tables = {
            "database": f'url = "sqlite:///{self.database}"',
            "slack": f'api_base_url = "{slack.api_base_url}"',
            "telegram": f'api_base_url = "{telegram.api_base_url}"',
            "[schools]": 'id = "lincoln"\nname = "Lincoln Middle School"\ntimezone = "America/New_York"',
        }

    def write(self) -> None:
        self.config.write_text("\n".join(f"[{name}]\n{keys}\n" for name, keys in self.tables.items()))

    async def asks(self) -> list[Check]:
        """What the doctor says, with no secret and no child in it."""
        self.write()
        found = await asyncio.to_thread(examine, self.config, self.environ)
        printed = "\n".join(check.text for check in found)
        assert not any(secret in printed for secret in self.environ.values())
        assert not any(child in printed for child in CHILDREN)
        assert all("\n" not in check.text for check in found)
        return found

    def store(self) -> Store:
        self.write()
        return open_store(load(self.config, self.environ))

    def enrol(self, *joined: str) -> None:
        """The roster is imported, and these people have joined."""
        with closing(self.store()) as store:
            store.turn("lincoln", datetime.now(UTC), lambda turn: put(turn, read(ROSTER.encode()).rows))
            for name in joined:
                store.turn("lincoln", datetime.now(UTC), partial(joins, name=name))


def joins(turn: Turn, name: str) -> None:
    here = person.select().where(person.c.name == name)
    link(turn, turn.connection.execute(here).one().id, Account(1, name, name))


def told(found: list[Check], part: str, state: str) -> str:
    """All that is said of a part in that colour; fails if there is nothing."""
    lines = [check.text for check in found if (check.part, check.state) == (part, state)]
    assert lines, f"nothing {state} about {part} in {found}"
    return "\n".join(lines)


def reds(found: list[Check]) -> set[str]:
    return {check.part for check in found if check.state == "red"}


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    async with SlackFake() as slack, TelegramFake(TOKEN) as telegram:
        yield Office(tmp_path, slack, telegram)
        assert not slack.complaints + telegram.complaints


# --- all is well ------------------------------------------------------------------------------------------------------


async def test_a_well_school_is_green_and_nothing_was_touched(office: Office) -> None:
    office.enrol(*USERS)
    with closing(office.store()) as store:
        store.turn("lincoln", datetime.now(UTC), lambda turn: coordinator(turn, "Ms Hall"))
        holiday = frozenset({CalendarDay(datetime.now(UTC).date() + timedelta(days=9), "closed", "Staff day")})
        store.turn("lincoln", datetime.now(UTC), lambda turn: turn.set_calendar("file", holiday))
    found = await office.asks()
    assert {check.state for check in found} == {"green"}
    assert "1 day off known from today" in told(found, "school lincoln", "green")
    assert "1 school, slack (socket), telegram (polling)" in told(found, "configuration", "green")
    assert "@twoticks_test_bot" in told(found, "telegram", "green")
    assert "in the workspace School" in told(found, "slack", "green")
    assert "tzdata 20" in told(found, "time zones", "green")
    assert {call.method for call in office.telegram.calls} == {"getMe", "getWebhookInfo"}
    assert {call.method for call in office.slack.calls} == {"auth.test", "apps.connections.open"}


def coordinator(turn: Turn, name: str) -> list[Invited]:
    made = invite(turn, ENVIRON["TWOTICKS_SECRET_KEY"], "coordinator", None, name, False)
    joins(turn, name)
    return made


async def test_a_new_school_is_told_what_comes_next(office: Office) -> None:
    found = await office.asks()
    assert not reds(found)
    assert "twoticks roster import PATH --school lincoln" in told(found, "school lincoln", "yellow")
    assert office.database.stat().st_mode & 0o777 == 0o600


async def test_it_works_beside_a_running_bot(office: Office) -> None:
    office.enrol()
    engine = open_engine(f"sqlite:///{office.database}")
    with only_instance(engine) as other:
        assert not other and not reds(await office.asks())
    engine.dispose()


# --- configuration, secrets, time zones ------------------------------------------------------------------------------


async def test_every_mistake_of_the_configuration_is_a_line(office: Office) -> None:
    office.tables["[schools]"] += '\nlanguage = "tlh"\nhome_card = "25:00"'
    found = await office.asks()
    assert [check.state for check in found] == ["red", "red"]
    assert "language" in found[0].text and "home_card" in found[1].text


async def test_no_file_is_one_red_line(office: Office) -> None:
    office.config = office.config.with_name("elsewhere.toml")
    found = await asyncio.to_thread(examine, office.config, office.environ)
    assert reds(found) == {"configuration"} and "elsewhere.toml" in found[0].text


async def test_a_missing_secret_is_named_and_its_platform_left_alone(office: Office) -> None:
    del office.environ["TWOTICKS_SLACK__BOT_TOKEN"], office.environ["TWOTICKS_SECRET_KEY"]
    found = await office.asks()
    assert reds(found) == {"secrets"}
    assert "TWOTICKS_SLACK__BOT_TOKEN" in told(found, "secrets", "red")
    assert "TWOTICKS_SECRET_KEY" in told(found, "secrets", "red")
    assert not office.slack.calls and told(found, "telegram", "green")


async def test_no_platform_at_all_is_red(office: Office) -> None:
    del office.tables["slack"], office.tables["telegram"]
    office.environ = {"TWOTICKS_SECRET_KEY": ENVIRON["TWOTICKS_SECRET_KEY"]}
    assert "there is no platform" in told(await office.asks(), "configuration", "red")


@pytest.fixture
def older_machine(tmp_path: Path) -> Iterator[None]:
    """This machine's own zone files do not know that New York has a summer time."""
    zone = tmp_path / "zones" / "America" / "New_York"
    zone.parent.mkdir(parents=True)
    with resources.files("tzdata").joinpath("zoneinfo", "America", "Panama").open("rb") as stale:
        zone.write_bytes(stale.read())
    before = zoneinfo.TZPATH
    zoneinfo.reset_tzpath([str(tmp_path / "zones")])
    zoneinfo.ZoneInfo.clear_cache()
    yield
    zoneinfo.reset_tzpath(before)
    zoneinfo.ZoneInfo.clear_cache()


async def test_zone_data_that_differ_from_the_package_are_told(office: Office, older_machine: None) -> None:
    """G-113."""
    assert "America/New_York: the zone files of this machine differ" in told(
        await office.asks(), "time zones", "yellow"
    )


# --- the database ----------------------------------------------------------------------------------------------------


async def test_a_database_that_others_can_read_is_red(office: Office) -> None:
    office.enrol()
    office.database.chmod(0o644)
    found = await office.asks()
    assert f"(mode 0644). Do: chmod 600 {office.database}" in told(found, "database", "red")
    assert told(found, "school lincoln", "green")


async def test_a_damaged_database_is_left_as_it_is(office: Office) -> None:
    """G-133."""
    office.enrol()
    shutil.copy(office.database, f"{office.database}.before-0000")
    raw = bytearray(office.database.read_bytes())
    raw[4096 : 4096 * 5] = b"\xaa" * 4096 * 4
    office.database.write_bytes(raw)
    line = told(await office.asks(), "database", "red")
    assert "is damaged" in line and "in its place" in line and "twoticks.db.before-0000" in line
    assert office.database.read_bytes() == raw


async def test_a_file_that_is_no_database_is_red(office: Office) -> None:
    office.database.write_text("a letter to the parents, of some length " * 30)
    office.database.chmod(0o600)
    assert "file is not a database" in told(await office.asks(), "database", "red")


async def test_a_newer_database_is_refused(office: Office) -> None:
    """G-141."""
    office.enrol()
    with closing(sqlite3.connect(office.database)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
    found = await office.asks()
    assert "made by a newer Twoticks" in told(found, "database", "red")
    assert not any(check.part.startswith("school") for check in found)


async def test_a_missing_folder_is_named(office: Office, tmp_path: Path) -> None:
    """G-142."""
    office.tables["database"] = f'url = "sqlite:///{tmp_path}/nowhere/twoticks.db"'
    found = await office.asks()
    assert "nowhere of the database does not exist" in told(found, "database", "red")
    assert told(found, "telegram", "green")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
async def test_a_folder_that_cannot_be_written_is_named(office: Office, tmp_path: Path) -> None:
    """G-142."""
    folder = tmp_path / "closed"
    folder.mkdir(mode=0o500)
    office.tables["database"] = f'url = "sqlite:///{folder}/twoticks.db"'
    assert "cannot be written" in told(await office.asks(), "database", "red")


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
async def test_a_database_server_is_looked_at_and_upgraded_only_when_asked(office: Office, database: str) -> None:
    office.tables["database"] = f'url = "{database}"'
    assert "its schema is missing" in told(await office.asks(), "database", "red")
    engine = open_engine(database)
    upgrade(engine)
    engine.dispose()
    found = await office.asks()
    assert "PostgreSQL" in told(found, "database", "green")
    assert "no child is known yet" in told(found, "school lincoln", "yellow")


async def test_a_database_server_that_is_away_is_red(office: Office) -> None:
    office.tables["database"] = f'url = "postgresql://twoticks@127.0.0.1:{free_port()}/twoticks"'
    line = told(await office.asks(), "database", "red")
    assert "does not open" in line and "[database] url" in line


def free_port() -> int:
    """A port where nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


# --- the schools -----------------------------------------------------------------------------------------------------


async def test_a_school_is_told_in_counts(office: Office) -> None:
    """F18 for the coordinator; Lind teaches two of the seven children, Romero and Osei have a guardian here."""
    office.enrol("Mr Lind", "Lucía Romero", "Ada Osei")
    found = await office.asks()
    green = told(found, "school lincoln", "green")
    assert green == "7 of 7 children follow a daily report; joined: 2 of 8 guardians, 1 of 4 teachers"
    yellow = told(found, "school lincoln", "yellow")
    assert "of the 7 children with a daily report, without a linked teacher: 5, without a joined guardian: 5" in yellow
    assert "no coordinator has joined: delivery trouble is told to the plan owner" in yellow


# --- the platforms ---------------------------------------------------------------------------------------------------


async def test_missing_permissions_are_named(office: Office) -> None:
    office.slack.scopes.remove("im:write")
    office.slack.scopes.remove("users:read.email")
    found = await office.asks()
    assert "the app lacks im:write, users:read.email. Add them" in told(found, "slack", "red")
    assert "telegram" not in reds(found)


async def test_an_app_token_that_opens_no_socket_is_red(office: Office) -> None:
    office.environ["TWOTICKS_SLACK__APP_TOKEN"] = "xapp-of-another-app"
    assert "the app token opens no socket: Slack says invalid_auth" in told(await office.asks(), "slack", "red")


async def test_tokens_that_are_refused_say_where_new_ones_are(office: Office) -> None:
    office.slack.revoke()
    office.telegram.token = "123456:a-new-one"
    found = await office.asks()
    assert "token_revoked. On your app's page at api.slack.com/apps" in told(found, "slack", "red")
    assert "@BotFather" in told(found, "telegram", "red")


async def test_what_a_platform_says_is_printed_without_secrets(office: Office) -> None:
    body = {"ok": False, "error_code": 400, "description": f"Bad Request: {TOKEN}\nis odd"}
    office.telegram.fail("getMe", status=400, body=json.dumps(body))
    assert "••• is odd" in told(await office.asks(), "telegram", "red")


async def test_somebody_elses_webhook_is_red_and_left_alone(office: Office) -> None:
    await set_webhook(office, f"https://else.example/{TOKEN}")
    assert "a webhook at else.example, so polling hears nothing" in told(await office.asks(), "telegram", "red")
    assert office.telegram.webhook is not None


@pytest.mark.parametrize(
    ("url", "state", "line"),
    [
        ("", "yellow", "no webhook is set yet"),
        ("https://ours.example/telegram/webhook", "green", "the webhook is ours"),
        ("https://else.example/hook", "yellow", "another webhook at else.example"),
    ],
)
async def test_by_webhook_it_is_told_where_updates_go(office: Office, url: str, state: str, line: str) -> None:
    office.tables["telegram"] += '\nmode = "webhook"'
    office.tables["web"] = 'public_url = "https://ours.example"'
    office.environ["TWOTICKS_TELEGRAM__WEBHOOK_SECRET"] = "w" * 40
    if url:
        await set_webhook(office, url)
    assert line in told(await office.asks(), "telegram", state)


async def set_webhook(office: Office, url: str) -> None:
    async with Bot(TOKEN, base_url=office.telegram.api_base_url) as bot:
        await bot.set_webhook(url)


async def test_a_platform_that_is_away_hides_nothing_else(office: Office) -> None:
    office.tables["slack"] = f'api_base_url = "http://127.0.0.1:{free_port()}/api/"'
    found = await office.asks()
    assert "cannot be reached" in told(found, "slack", "red")
    assert "[slack] api_base_url" in told(found, "slack", "red")
    assert told(found, "telegram", "green")


async def test_platforms_that_do_not_answer_are_not_waited_for(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "LIMIT", 0.3)
    office.slack.fail("auth.test", delay=60)
    office.telegram.fail("getMe", delay=60)
    found = await office.asks()
    assert "no answer within" in told(found, "slack", "red")
    assert "no answer within" in told(found, "telegram", "red")


# --- the command -----------------------------------------------------------------------------------------------------


def test_red_ends_with_1_and_json_is_a_line_each(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text('[database]\nurl = "mysql://x"\n')
    ended = CliRunner().invoke(app, ["doctor", "--config", str(tmp_path / "config.toml"), "--json"])
    lines = [json.loads(line) for line in ended.stdout.splitlines()]
    assert ended.exit_code == 1 and len(lines) > 1
    assert all(set(line) == {"part", "state", "text"} and line["state"] == "red" for line in lines)
