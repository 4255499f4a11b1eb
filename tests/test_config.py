"""What a school's technician is told about the configuration: each mistake, all at once, and who wins over whom."""

import re
import tomllib
from collections.abc import Mapping
from datetime import time
from pathlib import Path

import pytest

from bot import config
from bot.config import Mistakes, Settings, load, missing_for_invite, missing_for_run, only_loopback

ROOT = Path(__file__).parent.parent
SCHOOL = '[[schools]]\nid = "lincoln"\nname = "Lincoln"\ntimezone = "America/New_York"\n'
GOOD_KEY = "canary-0123456789-0123456789-abc"
MAKE_KEY = 'python -c "import secrets; print(secrets.token_urlsafe(32))"'
KEY_UNSET = f"TWOTICKS_SECRET_KEY: secret_key: is not set. At least 32 characters; make one: {MAKE_KEY}"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in an empty folder, on a machine whose container's secrets folder is `run-secrets`."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(config, "CONTAINER_SECRETS", tmp_path / "run-secrets")
    return tmp_path


def settings(toml: str, environ: Mapping[str, str] | None = None) -> Settings:
    Path("config.toml").write_text(toml, encoding="utf-8")
    return load(Path("config.toml"), environ or {})


def told(toml: str, environ: Mapping[str, str] | None = None) -> list[str]:
    with pytest.raises(Mistakes) as raised:
        settings(toml, environ)
    assert str(raised.value) == "\n".join(map(str, raised.value.mistakes))
    return [str(mistake) for mistake in raised.value.mistakes]


def secret_file(path: Path, text: str, mode: int) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)
    return path


def broken_configurations() -> list[pytest.ParameterSet]:
    """Read the table: name, variables, file, mistakes."""
    text = (ROOT / "tests/data/broken_configurations.txt").read_text(encoding="utf-8")
    return [parsed(block) for block in text.split("\n=== ")[1:]]


def parsed(block: str) -> pytest.ParameterSet:
    name, *lines = block.splitlines()
    environ = dict(line[2:].split("=", 1) for line in lines if line.startswith("$ "))
    toml = "\n".join(line for line in lines if line[:2] not in ("$ ", "> ")).replace("<school>", SCHOOL)
    return pytest.param(toml, environ, [line[2:] for line in lines if line.startswith("> ")], id=name)


# Mistakes


@pytest.mark.parametrize(("toml", "environ", "mistakes"), broken_configurations())
def test_each_mistake_is_told_in_one_line_without_secrets(
    toml: str, environ: Mapping[str, str], mistakes: list[str]
) -> None:
    lines = told(toml, environ)
    assert lines == mistakes
    assert not [line for line in lines if "canary" in line or "ter2" in line]


def test_the_table_is_as_long_as_figure_11_asks() -> None:
    assert len(broken_configurations()) >= 40


def test_a_missing_file_says_how_to_make_it() -> None:
    with pytest.raises(Mistakes) as raised:
        load(Path("config.toml"), {})
    hint = "Copy config.example.toml to this name and change what differs"
    assert str(raised.value) == f"config.toml: there is no such file. {hint}"


def test_a_file_that_is_no_text_is_told(folder: Path) -> None:
    (folder / "config.toml").write_bytes(b"name = \xff")
    with pytest.raises(Mistakes, match=r"^config.toml: is not UTF-8 text. Save it as UTF-8$"):
        load(Path("config.toml"), {})
    with pytest.raises(Mistakes, match=r": cannot be read \(Is a directory\). It must be a file this user may read$"):
        load(folder, {})


def test_a_broken_file_and_a_broken_environment_are_told_together() -> None:
    lines = told("[web", {"TWOTICKS_SLAK__MODE": "http", "TWOTICKS_SECRET_KEY_FILE": "key"})
    assert [line.split(":")[0] for line in lines] == ["config.toml", "TWOTICKS_SECRET_KEY_FILE", "TWOTICKS_SLAK__MODE"]


def test_no_mistake_runs_over_several_lines_or_without_end() -> None:
    lines = told('"a\\nb" = 1\n' + SCHOOL + f'language = "e\\nn{"x" * 500}"\n')
    assert all("\n" not in line and len(line) < 250 for line in lines)


# What is good


def test_the_example_is_valid_and_holds_the_contract_s_keys_and_defaults() -> None:
    example = ROOT / "config.example.toml"
    load(example, {})
    assert tomllib.loads(example.read_text(encoding="utf-8")) == {
        "database": {"url": "sqlite:///twoticks.db"},
        "slack": {"mode": "socket", "api_base_url": "https://slack.com/api/"},
        "telegram": {"mode": "polling", "api_base_url": "https://api.telegram.org/bot"},
        "web": {"listen": "127.0.0.1:8080", "public_url": ""},
        "schools": [
            {
                "id": "lincoln",
                "name": "Lincoln Middle School",
                "timezone": "America/New_York",
                "language": "en",
                "school_days": ["mon", "tue", "wed", "thu", "fri"],
                "teacher_card": "15:10",
                "teacher_nudge": "16:10",
                "home_card": "17:30",
                "home_nudge": "19:45",
                "day_closes": "23:00",
                "calendar": "",
            }
        ],
    }


def test_the_shortest_file_means_the_same_as_the_example() -> None:
    short = settings(
        '[slack]\n[telegram]\n[[schools]]\nid = "lincoln"\nname = "Lincoln Middle School"\n'
        'timezone = "America/New_York"\n'
    )
    assert short == load(ROOT / "config.example.toml", {})


def test_the_example_names_every_secret() -> None:
    example = (ROOT / "config.example.toml").read_text(encoding="utf-8")
    slack = [
        "SLACK__BOT_TOKEN",
        "SLACK__APP_TOKEN",
        "SLACK__SIGNING_SECRET",
        "SLACK__CLIENT_ID",
        "SLACK__CLIENT_SECRET",
    ]
    telegram = ["TELEGRAM__TOKEN", "TELEGRAM__WEBHOOK_SECRET", "TELEGRAM__BOTS__EAST__TOKEN"]
    names = [*slack, *telegram, "SECRET_KEY", "SECRET_KEY_PREVIOUS"]
    assert [name for name in names if not re.search(rf"\bTWOTICKS_{name}\b", example)] == []


def test_a_school_as_the_program_sees_it() -> None:
    school = settings(SCHOOL + 'school_days = ["sun", "mon"]\nhome_card = "18:00"\n').schools[0]
    assert school.weekdays == frozenset({6, 0})
    assert (school.teacher_card, school.home_card, school.day_closes) == (time(15, 10), time(18), time(23))
    assert (school.language, school.calendar, school.telegram, school.slack_team) == ("en", "", "", "")


def test_a_platform_that_is_left_out_is_off() -> None:
    alone = settings(SCHOOL)
    assert (alone.slack, alone.telegram, alone.database.url) == (None, None, "sqlite:///twoticks.db")


@pytest.mark.parametrize(
    ("listen", "host", "port"),
    [("127.0.0.1:8080", "127.0.0.1", 8080), ("[::1]:0", "::1", 0), ("localhost:80", "localhost", 80)],
)
def test_listen_is_a_host_and_a_port(listen: str, host: str, port: int) -> None:
    web = settings(f'[web]\nlisten = "{listen}"\n' + SCHOOL).web
    assert (web.host, web.port) == (host, port)


def test_the_public_address_loses_its_last_slash() -> None:
    assert settings('[web]\npublic_url = "https://a.example/"\n' + SCHOOL).web.public_url == "https://a.example"


@pytest.mark.parametrize(
    "url",
    ["sqlite:////srv/twoticks.db", "postgresql://bot@db/twoticks", "postgresql:///twoticks?host=/var/run/postgresql"],
)
def test_both_databases(url: str) -> None:
    assert settings(f'[database]\nurl = "{url}"\n' + SCHOOL).database.url == url


def test_the_calendar_lies_beside_the_file(folder: Path) -> None:
    (folder / "school").mkdir()
    (folder / "school/days.ics").touch()
    (folder / "school/config.toml").write_text(SCHOOL + 'calendar = "days.ics"\n', encoding="utf-8")
    assert load(Path("school/config.toml"), {}).schools[0].calendar == "school/days.ics"


@pytest.mark.parametrize(
    "where",
    [
        "https://school.example/days.ics?key=a%40b",
        "webcal://school.example/days.ics?key=a%40b",
        "WebCal://school.example/days.ics?key=a%40b",
    ],
)
def test_the_calendar_can_be_an_address(where: str) -> None:
    found = settings(SCHOOL + f'calendar = "{where}"\n').schools[0].calendar
    assert found == "https://school.example/days.ics?key=a%40b"


def test_a_file_written_by_windows_editor(folder: Path) -> None:
    (folder / "config.toml").write_bytes(b"\xef\xbb\xbf" + SCHOOL.replace("\n", "\r\n").encode())
    assert load(Path("config.toml"), {}).schools[0].id == "lincoln"


def test_settings_made_by_hand_read_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TWOTICKS_SECRET_KEY", GOOD_KEY)
    monkeypatch.setenv("TWOTICKS_WEB__LISTEN", "0.0.0.0:1")
    school = config.School(id="lincoln", name="Lincoln", timezone="America/New_York")
    made = Settings(schools=(school,))
    assert (made.secret_key, made.web.listen) == (None, "127.0.0.1:8080")
    assert settings(SCHOOL).secret_key is None


def test_settings_do_not_print_secrets() -> None:
    environ = {"TWOTICKS_SECRET_KEY": GOOD_KEY, "TWOTICKS_DATABASE__URL": "postgresql://bot:canary@db/twoticks"}
    environ |= {"TWOTICKS_SLACK__MODE": "http", "TWOTICKS_SLACK__CLIENT_SECRET": "canary"}
    assert "canary" not in repr(settings(SCHOOL, environ))


# The environment


def test_the_environment_wins_over_secrets_folders_and_they_over_the_file(folder: Path) -> None:
    toml = '[web]\nlisten = "127.0.0.1:1"\n' + SCHOOL
    systemd, container = folder / "credentials", folder / "run-secrets"
    environ = {"CREDENTIALS_DIRECTORY": str(systemd)}
    listens = [settings(toml, environ).web.port]
    secret_file(container / "TWOTICKS_WEB__LISTEN", "127.0.0.1:2\n", 0o444)
    listens.append(settings(toml, environ).web.port)
    secret_file(systemd / "TWOTICKS_WEB__LISTEN", "127.0.0.1:3\n", 0o444)
    listens.append(settings(toml, environ).web.port)
    listens.append(settings(toml, environ | {"TWOTICKS_WEB__LISTEN": "127.0.0.1:4"}).web.port)
    assert listens == [1, 2, 3, 4]


def test_any_key_can_be_set_in_the_environment() -> None:
    environ = {
        "TWOTICKS_DATABASE__URL": "sqlite:///other.db",
        "TWOTICKS_SLACK__MODE": "http",
        "TWOTICKS_SCHOOLS__0__HOME_CARD": "18:00",
        "TWOTICKS_SCHOOLS__0__SCHOOL_DAYS": '["sat"]',
    }
    made = settings(SCHOOL, environ)
    assert made.database.url == "sqlite:///other.db"
    assert made.slack and made.slack.mode == "http"
    assert (made.schools[0].name, made.schools[0].home_card, made.schools[0].weekdays) == (
        "Lincoln",
        time(18),
        frozenset({5}),
    )


def test_schools_can_stand_in_one_variable() -> None:
    schools = '[{"id": "east", "name": "East", "timezone": "Europe/Madrid"}]'
    assert [school.id for school in settings(SCHOOL, {"TWOTICKS_SCHOOLS": schools}).schools] == ["east"]


def test_a_mistake_in_the_second_school_of_a_variable_names_the_variable() -> None:
    environ = {"TWOTICKS_SCHOOLS__1__ID": "east", "TWOTICKS_SCHOOLS__1__TIMEZONE": "Europe/Madrid"}
    hint = 'The school\'s name as families know it, e.g. "Lincoln Middle School"'
    assert told(SCHOOL, environ) == [f"config.toml: schools[1].name: is missing. {hint}"]


def test_a_token_alone_turns_no_platform_on() -> None:
    tokens = {"TWOTICKS_SLACK__BOT_TOKEN": "xoxb-1", "TWOTICKS_TELEGRAM__BOTS__EAST__TOKEN": "1:a"}
    assert (settings(SCHOOL, tokens).slack, settings(SCHOOL, tokens).telegram) == (None, None)


def test_foreign_variables_pass() -> None:
    """A container platform makes these for a service that is called twoticks."""
    settings(SCHOOL, {"TWOTICKS_PORT": "tcp://10.0.0.1:80", "TWOTICKS_SERVICE_HOST": "10.0.0.1", "SLACK_BOT_TOKEN": ""})


@pytest.mark.parametrize("variable", ["TWOTICKS_TELEGRAM__BOTS__EAST_SIDE__TOKEN", "TWOTICKS_TELEGRAM__TOKEN"])
def test_the_tokens_of_bots_find_them(variable: str) -> None:
    telegram = settings("[telegram.bots.East-Side]\n" + SCHOOL + 'telegram = "East-Side"\n', {variable: "1:a"}).telegram
    assert telegram
    found = [bot and bot.get_secret_value() for bot in (telegram.token, telegram.bots["East-Side"].token)]
    assert found == (["1:a", None] if variable == "TWOTICKS_TELEGRAM__TOKEN" else [None, "1:a"])


# Secrets in files


@pytest.mark.parametrize("mode", [0o600, 0o400])
def test_a_closed_secret_file_is_read(folder: Path, mode: int) -> None:
    key = secret_file(folder / "key", f"{GOOD_KEY}\n", mode)
    read = settings(SCHOOL, {"TWOTICKS_SECRET_KEY_FILE": str(key)}).secret_key
    assert read and read.get_secret_value() == GOOD_KEY


@pytest.mark.parametrize(("mode", "shown"), [(0o644, "0644"), (0o640, "0640"), (0o604, "0604")])
def test_an_open_secret_file_is_refused(folder: Path, mode: int, shown: str) -> None:
    secret_file(folder / "my key", GOOD_KEY, mode)
    assert told(SCHOOL, {"TWOTICKS_SECRET_KEY_FILE": "my key"}) == [
        "TWOTICKS_SECRET_KEY_FILE: others than its owner can open the file my key "
        f"(mode {shown}). Close it: chmod 600 'my key'"
    ]


def test_a_bad_secret_in_a_file_is_told_by_the_variable_that_names_it(folder: Path) -> None:
    secret_file(folder / "key", "\n", 0o600)
    hint = "Give the value itself, or remove the variable"
    assert told("[slack]\n" + SCHOOL, {"TWOTICKS_SLACK__BOT_TOKEN_FILE": "key"}) == [
        f"TWOTICKS_SLACK__BOT_TOKEN_FILE: slack.bot_token: is empty. {hint}"
    ]


@pytest.mark.parametrize("named", [True, False])
def test_the_secrets_folders_may_be_open(folder: Path, named: bool) -> None:
    """Files there are read by their names, or named by a _FILE variable; systems often make them 0444."""
    name = "anything" if named else "TWOTICKS_SECRET_KEY"
    secret_file(folder / "run-secrets" / name, f"{GOOD_KEY}\n", 0o444)
    environ = {"TWOTICKS_SECRET_KEY_FILE": "run-secrets/anything"} if named else {}
    read = settings(SCHOOL, environ).secret_key
    assert read and read.get_secret_value() == GOOD_KEY


def test_a_way_out_of_the_secrets_folder_is_not_exempt(folder: Path) -> None:
    secret_file(folder / "key", GOOD_KEY, 0o644)
    (folder / "run-secrets").mkdir()
    assert len(told(SCHOOL, {"TWOTICKS_SECRET_KEY_FILE": "run-secrets/../key"})) == 1


def test_a_mistake_in_a_secrets_folder_names_the_file(folder: Path) -> None:
    short = secret_file(folder / "run-secrets/TWOTICKS_SECRET_KEY", "canary", 0o444)
    typo = secret_file(folder / "run-secrets/TWOTICKS_SECRET_KY", "canary", 0o444)
    hint = f"At least 32 characters; make one: {MAKE_KEY}"
    assert told(SCHOOL) == [
        f"{typo}: is not a variable of Twoticks. Did you mean TWOTICKS_SECRET_KEY?",
        f"{short}: secret_key: is too short. {hint}",
    ]


def test_other_files_in_a_secrets_folder_are_left_alone(folder: Path) -> None:
    (folder / "run-secrets/kubernetes.io").mkdir(parents=True)
    (folder / "run-secrets/server.key").write_bytes(b"\xff\xfe")
    settings(SCHOOL)


# What single commands want


BOTH = "[slack]\n[telegram]\n" + SCHOOL
CALLED = '[slack]\nmode = "http"\n[telegram]\nmode = "webhook"\n' + SCHOOL
TOKENS = {
    "TWOTICKS_SLACK__BOT_TOKEN": "xoxb-1",
    "TWOTICKS_SLACK__APP_TOKEN": "xapp-1",
    "TWOTICKS_TELEGRAM__TOKEN": "1:a",
    "TWOTICKS_SECRET_KEY": GOOD_KEY,
}
SIGNED = TOKENS | {"TWOTICKS_SLACK__SIGNING_SECRET": "s", "TWOTICKS_WEB__PUBLIC_URL": "https://a.example"}
APP = "On your app's page at api.slack.com/apps, "


def missing(toml: str, environ: Mapping[str, str]) -> list[str]:
    return [str(mistake) for mistake in missing_for_run(settings(toml, environ))]


def test_run_says_which_tokens_it_wants_and_where_they_are() -> None:
    assert missing(BOTH, {}) == [
        f"TWOTICKS_SLACK__BOT_TOKEN: slack.bot_token: is not set. {APP}OAuth & Permissions: "
        "the Bot User OAuth Token (xoxb-…)",
        f"TWOTICKS_SLACK__APP_TOKEN: slack.app_token: is not set. {APP}Basic Information, App-Level Tokens: "
        "one with connections:write (xapp-…)",
        "TWOTICKS_TELEGRAM__TOKEN: telegram.token: is not set. "
        "Write /newbot (or /token) to @BotFather in Telegram and copy the token it answers",
        KEY_UNSET,
    ]
    assert missing(BOTH, TOKENS) == []


def test_modes_that_are_called_want_an_address_and_secrets() -> None:
    assert missing(CALLED, TOKENS) == [
        f"TWOTICKS_SLACK__SIGNING_SECRET: slack.signing_secret: is not set. {APP}Basic Information: the Signing Secret",
        "TWOTICKS_TELEGRAM__WEBHOOK_SECRET: telegram.webhook_secret: is not set. "
        f"32 to 256 of A-Z a-z 0-9 _ -; make one: {MAKE_KEY}",
        "TWOTICKS_WEB__PUBLIC_URL: web.public_url: is not set. "
        'The https address under which this server is reached, e.g. "https://homework.school.example"',
    ]
    assert missing(CALLED, SIGNED | {"TWOTICKS_TELEGRAM__WEBHOOK_SECRET": "w" * 32}) == []


@pytest.mark.parametrize(
    ("secret", "problem"),
    [
        ("w" * 31, "is too short"),
        ("w" * 257, "is too long or has characters Telegram does not take"),
        ("w" * 32 + "!", "is too long or has characters Telegram does not take"),
    ],
)
def test_a_weak_webhook_secret_does_not_start(secret: str, problem: str) -> None:
    assert missing(CALLED, SIGNED | {"TWOTICKS_TELEGRAM__WEBHOOK_SECRET": secret}) == [
        f"TWOTICKS_TELEGRAM__WEBHOOK_SECRET: telegram.webhook_secret: {problem}. "
        f"32 to 256 of A-Z a-z 0-9 _ -; make one: {MAKE_KEY}"
    ]


def test_no_platform_at_all() -> None:
    assert missing(SCHOOL, TOKENS) == [
        "configuration: there is no platform. "
        "Add the table [slack] or [telegram] to the file; config.example.toml shows both"
    ]


def test_several_workspaces_want_the_client_s_pair_and_no_bot_token() -> None:
    """And the address to which Slack sends the browser back."""
    environ = {"TWOTICKS_SLACK__CLIENT_ID": "1.2", "TWOTICKS_SLACK__APP_TOKEN": "a", "TWOTICKS_SECRET_KEY": GOOD_KEY}
    environ["TWOTICKS_WEB__PUBLIC_URL"] = "https://homework.example"
    assert missing("[slack]\n" + SCHOOL, environ) == [
        f"TWOTICKS_SLACK__CLIENT_SECRET: slack.client_secret: is not set. {APP}Basic Information: "
        "the Client Secret (it goes with the Client ID)"
    ]
    assert missing("[slack]\n" + SCHOOL, environ | {"TWOTICKS_SLACK__CLIENT_SECRET": "s"}) == []


def test_a_bot_of_one_s_own_needs_its_token_and_the_common_bot_none() -> None:
    toml = "[telegram.bots.east]\n" + SCHOOL + 'telegram = "east"\n'
    assert missing(toml, {"TWOTICKS_SECRET_KEY": GOOD_KEY}) == [
        "TWOTICKS_TELEGRAM__BOTS__EAST__TOKEN: telegram.bots.east.token: is not set. "
        "Write /newbot (or /token) to @BotFather in Telegram and copy the token it answers"
    ]


def test_invite_wants_the_secret_key_only() -> None:
    assert [str(mistake) for mistake in missing_for_invite(settings(BOTH))] == [KEY_UNSET]
    assert missing_for_invite(settings(BOTH, {"TWOTICKS_SECRET_KEY": GOOD_KEY})) == []


# The practice clock


def addresses(slack: str, telegram: str) -> str:
    return f'[slack]\napi_base_url = "{slack}"\n[telegram]\napi_base_url = "{telegram}"\n' + SCHOOL


def test_a_practice_clock_is_refused_near_real_people() -> None:
    why = (
        "A practice clock would send real people cards at wrong hours, so it only runs with platforms faked "
        'on this machine, e.g. "http://127.0.0.1:8081/bot"'
    )
    assert [str(mistake) for mistake in only_loopback(settings(BOTH))] == [
        f'configuration: slack.api_base_url: "https://slack.com/api/" is not a loopback address. {why}',
        f'configuration: telegram.api_base_url: "https://api.telegram.org/bot" is not a loopback address. {why}',
    ]


@pytest.mark.parametrize(
    "telegram",
    [
        "http://localhost.example/bot",
        "http://127.0.0.1@example.com/bot",
        "http://0.0.0.0:80/bot",
        "http://192.168.0.2/bot",
        "http://127.0.0.1.example/bot",
    ],
)
def test_one_address_that_only_looks_like_loopback_is_enough_to_refuse(telegram: str) -> None:
    refused = only_loopback(settings(addresses("http://127.0.0.1:1/api/", telegram)))
    assert [mistake.key for mistake in refused] == ["telegram.api_base_url"]


@pytest.mark.parametrize("host", ["127.0.0.1:81", "127.8.8.8", "localhost:81", "[::1]:81"])
def test_a_practice_clock_runs_with_platforms_on_this_machine(host: str) -> None:
    assert only_loopback(settings(addresses(f"http://{host}/api/", f"http://{host}/bot"))) == []
