"""The command line as a person types it: real processes in folders of their own; platforms are the strict fakes."""

import asyncio
import fcntl
import json
import os
import shutil
import signal
import socket
import sqlite3
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import aiohttp
import pytest

from bot.model import School
from storage.engine import open_engine
from storage.store import Store
from tests.live import LUCIA, PARK, SECRETS, Live, environment, live

ROOT = Path(__file__).parent.parent
SCHOOL = '[[schools]]\nid = "lincoln"\nname = "Lincoln Middle School"\ntimezone = "America/New_York"\n'
ROSTER = """student,group,class,teacher,teacher_contact,guardian,guardian_language,daily
Ana Romero,7B,Maths,Ms Okafor,okafor@school.example,Lucía Romero,es,yes
Ana Ruiz,7A,Maths,Ms Okafor,okafor@school.example,Eva Ruiz,es,yes
Ana Ruiz,8C,Maths,Mr Lind,,Sol Ruiz,en,
"""
WITH_WRONG_ROW = "student,group,class,teacher,daily\nBo Lee,7B,Maths,Ms Okafor,yes\nCy Day,7B,,Ms Okafor,maybe\n"
INVITATION_KEYS = {"person", "role", "student", "language", "code", "telegram_link", "expires"}
PRACTICE = "2026-09-14T15:09:00-04:00@600"
NO_PRIVILEGE = ["setpriv", "--bounding-set=-all", "--inh-caps=-all"]  # root may write everywhere, unless without this


@dataclass(frozen=True, slots=True)
class Told:
    """How a command ended: its exit code, and the lines of its output and of its errors."""

    code: int
    out: list[str]
    errors: list[str]

    @property
    def objects(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out]


@dataclass
class Folder:
    """Where somebody stands who types `twoticks …`; no terminal, and no variables but the secret key."""

    path: Path
    variables: dict[str, str] = field(default_factory=lambda: {"TWOTICKS_SECRET_KEY": "k" * 40})
    prefix: list[str] = field(default_factory=list)

    def write(self, name: str, text: str) -> None:
        (self.path / name).write_text(text, encoding="utf-8")

    def types(self, *words: str) -> Told:
        """Runs the command to its end; a traceback is never an answer."""
        done = subprocess.run(
            [*self.prefix, sys.executable, "-m", "bot", *words],
            cwd=self.path, env=plain_environment(self.variables), stdin=subprocess.DEVNULL,
            capture_output=True, text=True, encoding="utf-8", timeout=30, check=False,
        )  # fmt: skip
        if "Traceback" in done.stderr:
            pytest.fail(f"twoticks {' '.join(words)} ends with a traceback: {done.stderr.splitlines()[-1]}")
        return Told(done.returncode, done.stdout.splitlines(), done.stderr.splitlines())


def plain_environment(variables: Mapping[str, str]) -> dict[str, str]:
    kept = {name: value for name, value in environment().items() if not name.startswith("TWOTICKS_")}
    return {**kept, **variables, "PYTHONPATH": str(ROOT), "_TYPER_FORCE_DISABLE_TERMINAL": "1"}


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """A school without platforms, and its spreadsheet."""
    here = Folder(tmp_path)
    here.write("config.toml", SCHOOL)
    here.write("roster.csv", ROSTER)
    return here


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder whose roster is imported, to be copied."""
    here = Folder(tmp_path_factory.mktemp("school"))
    here.write("config.toml", SCHOOL)
    here.write("roster.csv", ROSTER)
    assert here.types("roster", "import", "roster.csv").code == 0
    return here.path


@pytest.fixture
def school(imported: Path, tmp_path: Path) -> Folder:
    """The same school with its roster imported."""
    shutil.copytree(imported, tmp_path, dirs_exist_ok=True)
    return Folder(tmp_path)


# --- help and configuration ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "commands"),
    [
        ([], ["demo", "run", "doctor", "invite", "roster", "report", "db", "slack"]),
        (["roster"], ["import"]),
        (["report"], ["start", "pause", "stop"]),
        (["db"], ["upgrade"]),
        (["slack"], ["manifest"]),
        (["run"], ["--config", "--practice-clock"]),
        (["invite"], ["--school", "--student", "--role", "--person", "--json"]),
    ],
)
def test_help_names_what_there_is(folder: Folder, words: list[str], commands: list[str]) -> None:
    told = folder.types(*words, "--help")
    named = [line.strip("│ ").partition(" ")[0] for line in told.out]
    assert told.code == 0
    assert [command for command in commands if command not in named] == []


def test_help_waits_for_no_heavy_library() -> None:
    """The half second of the contract is measured in tests/bench; here, that nothing is imported that would cost it."""
    look = (
        "import sys\ntry:\n    import bot.cli as cli; cli.app(['--help'])\nexcept SystemExit:\n    pass\n"
        "print(sorted({name.split('.')[0] for name in sys.modules}))"
    )
    told = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True, cwd=ROOT)
    heavy = ("sqlalchemy", "sqlmodel", "telegram", "slack_bolt", "aiohttp", "pydantic", "icalendar", "typst", "babel")
    assert [name for name in heavy if f"'{name}'" in told.stdout.splitlines()[-1]] == []


def test_a_word_that_is_no_command(folder: Folder) -> None:
    told = folder.types("homework")
    assert told.code == 2 and "No such command 'homework'." in "".join(told.errors)


@pytest.mark.parametrize(
    "words",
    [
        "run",
        "invite",
        "roster import roster.csv",
        "report stop --student Ana",
        "db upgrade",
        "run --config config.toml",
    ],
)
def test_without_a_configuration_it_says_how_to_make_one(tmp_path: Path, words: str) -> None:
    told = Folder(tmp_path).types(*words.split())
    hint = "Copy config.example.toml to this name and change what differs"
    assert (told.code, told.out, told.errors) == (2, [], [f"config.toml: there is no such file. {hint}"])


def test_every_mistake_is_told_in_one_go(folder: Folder) -> None:
    folder.write("config.toml", SCHOOL.replace("New_York", "Nowhere") + 'language = "xx"\nhome_crad = "17:30"\n')
    told = folder.types("db", "upgrade")
    assert told.code == 2 and len(told.errors) == 3
    for line, key in zip(told.errors, ("timezone", "language", "home_crad"), strict=True):
        assert line.startswith(f"config.toml: schools[0].{key}: ")


def test_a_configuration_of_another_name(folder: Folder) -> None:
    (folder.path / "config.toml").rename(folder.path / "lincoln.toml")
    assert folder.types("db", "upgrade", "--config", "lincoln.toml").code == 0
    assert folder.types("db", "upgrade").code == 2


def test_which_school_is_asked_where_there_are_two(folder: Folder) -> None:
    folder.write("config.toml", SCHOOL + SCHOOL.replace("lincoln", "east"))
    assert folder.types("invite").errors == ["--school: one of lincoln, east."]
    told = folder.types("roster", "import", "roster.csv", "--school", "west")
    assert (told.code, told.errors) == (2, ["--school: one of lincoln, east; 'west' is not among them."])
    assert folder.types("roster", "import", "roster.csv", "--school", "east").code == 0


# --- the roster ------------------------------------------------------------------------------------------------------


def test_an_import_shows_what_changes_then_does_it(folder: Folder) -> None:
    told = folder.types("roster", "import", "roster.csv")
    assert told.code == 0
    assert told.out[0] == "New children (3): Ana Romero (7B), Ana Ruiz (7A), Ana Ruiz (8C)"
    assert "New teachers (2): Ms Okafor, Mr Lind" in told.out
    assert "Daily report starts with the next school day (2): Ana Romero (7B), Ana Ruiz (7A)" in told.out
    assert told.out[-1] == "Done. A running bot notices at its next heartbeat."
    assert folder.types("roster", "import", "roster.csv") == Told(0, ["Nothing changes."], [])


def test_a_dry_run_stores_nothing(folder: Folder) -> None:
    first = folder.types("roster", "import", "roster.csv", "--dry-run")
    assert first.code == 0 and first.out[0].startswith("New children (3)")
    assert not [line for line in first.out if "Done" in line]
    assert folder.types("roster", "import", "roster.csv", "--dry-run") == first


def test_with_a_wrong_row_nothing_is_stored(folder: Folder) -> None:
    folder.write("roster.csv", WITH_WRONG_ROW)
    told = folder.types("roster", "import", "roster.csv")
    assert told.code == 1
    assert [line.partition(":")[0] for line in told.out[:2]] == ["Wrong, row 3, class", "Wrong, row 3, daily"]
    assert told.errors == ["Nothing was stored. Mend these rows, or use --yes to store the good ones."]
    assert "New children (1): Bo Lee (7B)" in folder.types("roster", "import", "roster.csv", "--dry-run").out


def test_yes_stores_the_good_rows(folder: Folder) -> None:
    folder.write("roster.csv", WITH_WRONG_ROW)
    told = folder.types("roster", "import", "roster.csv", "--yes")
    assert told.code == 0 and told.out[0].startswith("Wrong, row 3, class")
    assert folder.types("report", "stop", "--student", "Bo Lee").code == 0
    assert folder.types("report", "stop", "--student", "Cy Day").code == 2


def test_a_child_in_a_wrong_row_is_still_in_the_file(folder: Folder) -> None:
    folder.write("roster.csv", WITH_WRONG_ROW.replace("7B,,", "7B,Maths,").replace("maybe", "yes"))
    assert folder.types("roster", "import", "roster.csv").code == 0
    folder.write("roster.csv", WITH_WRONG_ROW)
    assert not [line for line in folder.types("roster", "import", "roster.csv", "--dry-run").out if "No longer" in line]


def test_a_sheet_without_a_good_row_is_never_done(folder: Folder) -> None:
    folder.write("roster.csv", "Dear parents\n")
    told = folder.types("roster", "import", "roster.csv", "--yes")
    assert told.code == 1 and not [line for line in told.out if "Done" in line]
    assert not [line for line in told.out if "row 0" in line]


def test_the_import_as_json(folder: Folder) -> None:
    told = folder.types("roster", "import", "roster.csv", "--json")
    assert told.code == 0 and told.objects[0]["changes"]["started"] == ["Ana Romero (7B)", "Ana Ruiz (7A)"]
    folder.write("roster.csv", WITH_WRONG_ROW)
    told = folder.types("roster", "import", "roster.csv", "--json")
    problems = [one["problem"] for one in told.objects if "problem" in one]
    assert told.code == 1 and [(one["row"], one["column"]) for one in problems] == [(3, "class"), (3, "daily")]


def test_a_spreadsheet_that_is_not_there(folder: Folder) -> None:
    told = folder.types("roster", "import", "list.csv")
    hint = "Give the path of the school's spreadsheet."
    assert (told.code, told.errors) == (2, [f"list.csv: No such file or directory. {hint}"])


def test_a_class_that_changes_hands_is_told(folder: Folder) -> None:
    folder.types("roster", "import", "roster.csv")
    folder.write("roster.csv", ROSTER.replace("Ms Okafor,okafor@school.example", "Mr Novak,"))
    told = folder.types("roster", "import", "roster.csv")
    assert told.code == 0 and "Taken over: Maths, Ms Okafor → Mr Novak (2 children)" in told.out


def test_whose_report_may_rest_is_told_and_done_with_the_option_only(folder: Folder) -> None:
    _without_ana_ruiz(folder)
    told = folder.types("roster", "import", "roster.csv", "--yes")
    running = "Their daily report runs on; --rest-vanished pauses it (1): Ana Ruiz (7A)"
    assert (told.code, told.out[-1]) == (0, running), "a file that holds a part of the school is common"
    told = folder.types("roster", "import", "roster.csv", "--rest-vanished", "--json")
    assert told.code == 0 and told.objects[-1]["changes"]["rested"] == ["Ana Ruiz (7A)"]
    assert not [line for line in folder.types("roster", "import", "roster.csv").out if "runs on" in line]


def test_while_a_row_is_wrong_nobody_has_vanished(folder: Folder) -> None:
    _without_ana_ruiz(folder)
    folder.write("roster.csv", WITH_WRONG_ROW)
    told = folder.types("roster", "import", "roster.csv", "--rest-vanished", "--yes")
    assert told.errors == ["--rest-vanished waits: a child who seems to be missing may stand in a wrong row."]
    folder.write("roster.csv", ROSTER.splitlines()[0] + "\nBo Lee,7B,Maths,Ms Okafor,okafor@school.example,,,\n")
    assert "pauses it (2): Ana Romero (7B), Ana Ruiz (7A)" in folder.types("roster", "import", "roster.csv").out[-1]


def _without_ana_ruiz(folder: Folder) -> None:
    """Reports have begun, as the bot has run; then comes a file without the children of one name."""
    folder.types("roster", "import", "roster.csv")
    every_day = School("lincoln", "Lincoln Middle School", ZoneInfo("America/New_York"), weekdays=frozenset(range(7)))
    store = Store(open_engine(f"sqlite:///{folder.path / 'twoticks.db'}"), [every_day])
    store.open_days(datetime.now(UTC))
    store.close()
    folder.write("roster.csv", "".join(ROSTER.splitlines(keepends=True)[:2]))


def at_a_terminal(folder: Folder, words: str, answers: Mapping[str, str]) -> tuple[int, str]:
    """Types a command on a terminal of 80 columns, and an answer to each question; its end and all that was written."""
    ours, theirs = os.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    typing = subprocess.Popen(
        [sys.executable, "-m", "bot", *words.split()],
        cwd=folder.path, env=plain_environment(folder.variables), stdin=theirs, stdout=theirs, stderr=theirs,
    )  # fmt: skip
    os.close(theirs)
    shown, waiting = b"", dict(answers)
    with suppress(OSError):  # the terminal of a command that has ended
        while more := os.read(ours, 4096):
            shown += more
            for question in [question for question in waiting if question.encode() in shown]:
                os.write(ours, waiting.pop(question).encode())
    os.close(ours)
    assert not waiting
    return typing.wait(30), shown.decode()


def screen(shown: str) -> list[str]:
    """The lines as they stand in the end, each written over from its beginning as often as somebody did."""
    lines = []
    for line in shown.replace("\r\n", "\n").split("\n"):
        stands = ""
        for part in line.split("\r"):
            assert len(part) < 80 or part == line, "a line of progress never breaks"
            stands = part + stands[len(part) :]
        lines.append(stands.rstrip())
    return lines


def test_on_a_terminal_no_is_no(folder: Folder) -> None:
    """There it asks; whoever says no has stored nothing."""
    assert at_a_terminal(folder, "roster import roster.csv", {"Do it?": "n\n"})[0] == 1
    assert folder.types("roster", "import", "roster.csv").out[0].startswith("New children (3)")


def test_a_terminal_shows_progress_and_wipes_it(folder: Folder) -> None:
    code, shown = at_a_terminal(folder, "roster import roster.csv", {"Do it?": "y\n"})
    assert code == 0
    for stage in ("Reading roster.csv …", "Comparing 3 rows …", "Storing 3 of "):
        assert stage in shown and not [line for line in screen(shown) if stage in line]
    assert screen(shown)[0].startswith("New children (3)")
    assert screen(shown)[-2] == "Done. A running bot notices at its next heartbeat."


@pytest.mark.parametrize(("answer", "left"), [("\n", 1), ("y\n", 0)])
def test_a_terminal_asks_before_a_report_rests(folder: Folder, answer: str, left: int) -> None:
    """No answer is a no, and then nothing changes."""
    _without_ana_ruiz(folder)
    question = "Pause the report of 1 child who is no longer in the file, until a coordinator decides? [y/N]"
    more = {} if left else {"Do it?": "y\n"}
    assert at_a_terminal(folder, "roster import roster.csv", {question: answer, **more})[0] == 0
    runs_on = [line for line in folder.types("roster", "import", "roster.csv").out if "runs on" in line]
    assert len(runs_on) == left


# --- invitations -----------------------------------------------------------------------------------------------------


def test_everybody_is_invited_with_a_code_of_their_own(school: Folder) -> None:
    told = school.types("invite", "--json")
    assert told.code == 0 and not told.errors
    assert all(set(one) == INVITATION_KEYS for one in told.objects)
    found = [(one["person"], one["role"], one["student"], one["language"]) for one in told.objects]
    assert found == [
        ("Eva Ruiz", "guardian", "Ana Ruiz", "es"),
        ("Lucía Romero", "guardian", "Ana Romero", "es"),
        ("Sol Ruiz", "guardian", "Ana Ruiz", "en"),
        ("Mr Lind", "teacher", None, "en"),
        ("Ms Okafor", "teacher", None, "en"),
    ]
    assert len({one["code"] for one in told.objects}) == 5 and {one["telegram_link"] for one in told.objects} == {None}


def test_asking_again_makes_new_codes(school: Folder) -> None:
    first, second = ({one["person"]: one["code"] for one in school.types("invite", "--json").objects} for _ in "ab")
    assert first.keys() == second.keys() and not set(first.values()) & set(second.values())


def test_an_invitation_for_people(school: Folder) -> None:
    [line] = school.types("invite", "--student", "Ana Romero").out
    assert line.startswith("Lucía Romero (guardian of Ana Romero): join ") and "  until 20" in line


def test_invite_needs_the_secret_key_and_says_how_to_make_one(school: Folder) -> None:
    school.variables.clear()
    told = school.types("invite")
    assert told.code == 2 and not told.out
    [line] = told.errors
    assert line.startswith("TWOTICKS_SECRET_KEY: ") and 'make one: python -c "import secrets;' in line


def test_a_role_the_roster_does_not_know_needs_a_name(school: Folder) -> None:
    told = school.types("invite", "--role", "coordinator")
    assert (told.code, told.errors) == (2, ["--person NAME is needed for a coordinator, as no roster names one."])
    [one] = school.types("invite", "--role", "coordinator", "--person", "Mr Ruiz", "--json").objects
    assert (one["person"], one["role"], one["student"]) == ("Mr Ruiz", "coordinator", None)
    words = ("invite", "--role", "provider", "--person", "Dr Noor", "--student", "Ana Romero", "--json")
    [one] = school.types(*words).objects
    assert (one["person"], one["role"], one["student"]) == ("Dr Noor", "provider", "Ana Romero")
    told = school.types("invite", "--role", "boss")
    expected = "--role: one of guardian, teacher, coordinator, counsellor, provider."
    assert (told.code, told.errors) == (2, [expected])


@pytest.mark.parametrize("words", [["invite"], ["report", "start"]])
def test_a_child_nobody_knows_and_a_name_that_fits_two(school: Folder, words: list[str]) -> None:
    told = school.types(*words, "--student", "Zoe")
    assert told.code == 2 and told.errors[0].startswith("No child is called 'Zoe' in this school.")
    told = school.types(*words, "--student", "Ana Ruiz")
    expected = "'Ana Ruiz' fits several children: Ana Ruiz (7A), Ana Ruiz (8C). Give NAME (group)."
    assert (told.code, told.errors) == (2, [expected])
    assert school.types(*words, "--student", "Ana Ruiz (8C)").code == 0


async def test_who_has_joined_is_not_invited_and_an_old_code_has_ended(tmp_path: Path) -> None:
    async with live(tmp_path) as house:
        await house.import_roster()
        await house.invite()
        old = house.codes["Lucía Romero"]
        await house.run("2026-09-15T12:00:00", 60)
        await house.join(PARK, "Ms Park", ("That's right", "Yes, join"))
        await house.telegram.sees(PARK, "Welcome")
        _, out, _ = await house.command("invite", "--json")
        invited = {one["person"]: one for one in map(json.loads, out.splitlines())}
        assert set(invited) == {"Lucía Romero", "Tom Romero"}, "teachers with an e-mail address are linked by Slack"
        assert invited["Lucía Romero"]["telegram_link"].startswith("https://t.me/twoticks_test_bot?start=")
        await house.telegram.start(LUCIA, old)
        await house.telegram.sees(LUCIA, "Este código no funciona.")
        await house.telegram.start(LUCIA, invited["Lucía Romero"]["telegram_link"].partition("start=")[2])
        await house.telegram.sees(LUCIA, "Te unes por", "Sí, es correcto")
        assert not house.slack.complaints + house.telegram.complaints


def test_invite_works_while_telegram_is_away(school: Folder) -> None:
    nowhere = "[telegram]\n" + 'api_base_url = "http://127.0.0.1:9/bot"\n'
    school.write("config.toml", nowhere + SCHOOL)
    school.variables["TWOTICKS_TELEGRAM__TOKEN"] = SECRETS["TWOTICKS_TELEGRAM__TOKEN"]
    told = school.types("invite", "--student", "Ana Romero", "--json")
    assert told.code == 0 and told.objects[0]["telegram_link"] is None
    assert told.errors[0].startswith("Telegram does not tell the bot's name")


# --- daily reports, database, Slack ----------------------------------------------------------------------------------


def test_a_daily_report_is_paused_finished_and_started(school: Folder) -> None:
    def says(*words: str) -> list[str]:
        told = school.types("report", *words, "--student", "ana romero")
        assert told.code == 0, told.errors
        return told.out

    assert says("pause", "--until", "2099-01-08") == ["Ana Romero (7B): the daily report is paused until 2099-01-08."]
    assert says("pause") == ["Ana Romero (7B): the daily report is paused."]
    assert says("stop") == ["Ana Romero (7B): the daily report is finished."]
    assert says("start") == ["Ana Romero (7B): the daily report starts with the next school day."]


def test_a_report_of_nobody_and_a_date_that_is_none(school: Folder) -> None:
    assert school.types("report", "start").errors == ["--student NAME is needed: whose report?"]
    told = school.types("report", "pause", "--student", "Ana Romero", "--until", "tomorrow")
    assert (told.code, told.errors) == (2, ["--until: 'tomorrow' is no date; write it like 2026-12-18."])


def test_the_database_is_made_for_its_owner_alone(folder: Folder) -> None:
    assert folder.types("db", "upgrade").out == ["The database is up to date."]
    assert (folder.path / "twoticks.db").stat().st_mode & 0o777 == 0o600
    assert folder.types("db", "upgrade").code == 0


@pytest.mark.parametrize("words", ["db upgrade", "invite", "roster import roster.csv", "run"])
def test_a_database_newer_than_the_program(school: Folder, words: str) -> None:
    with_platform(school)
    connection = sqlite3.connect(school.path / "twoticks.db")
    connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.commit()
    connection.close()
    told = school.types(*words.split())
    line = "This database was made by a newer Twoticks. Install that version, or restore a backup."
    assert (told.code, told.errors[-1]) == (1, line)


@pytest.mark.parametrize("words", ["db upgrade", "invite", "run"])
@pytest.mark.parametrize("there", [False, True], ids=["no database yet", "a database"])
def test_a_folder_that_cannot_be_written(folder: Folder, there: bool, words: str) -> None:
    with_platform(folder)
    if there:
        assert folder.types("db", "upgrade").code == 0
        for file in folder.path.glob("twoticks.db.*"):
            file.unlink()
    without_write_privilege(folder)
    told = folder.types(*words.split())
    folder.path.chmod(0o700)
    assert told.code == 1 and "twoticks.db" in told.errors[-1] and "written" in told.errors[-1]


def without_write_privilege(folder: Folder) -> None:
    """Takes the right to write in the folder away, from root too."""
    folder.path.chmod(0o500)
    if os.geteuid() != 0:
        return
    works = shutil.which("setpriv") and subprocess.run([*NO_PRIVILEGE, "true"], check=False, capture_output=True)
    if not works or works.returncode:
        folder.path.chmod(0o700)
        pytest.skip("root may write everywhere, and setpriv cannot take that away here")
    folder.prefix = NO_PRIVILEGE


@pytest.mark.parametrize("words", ["db upgrade", "invite", "run"])
def test_a_folder_of_the_database_that_is_not_there(folder: Folder, words: str) -> None:
    with_platform(folder)
    folder.variables["TWOTICKS_DATABASE__URL"] = "sqlite:///data/twoticks.db"
    told = folder.types(*words.split())
    expected = "The folder data of the database does not exist. Make it, or change [database] url."
    assert (told.code, told.errors[-1]) == (1, expected)


def with_platform(folder: Folder) -> None:
    """Gives the school a Telegram of its own machine that does not answer, and a free port."""
    web = '[web]\nlisten = "127.0.0.1:0"\n'
    folder.write("config.toml", '[telegram]\napi_base_url = "http://127.0.0.1:9/bot"\n' + web + SCHOOL)
    folder.variables["TWOTICKS_TELEGRAM__TOKEN"] = SECRETS["TWOTICKS_TELEGRAM__TOKEN"]


def test_the_slack_manifest_needs_no_configuration(tmp_path: Path) -> None:
    told = Folder(tmp_path, {}).types("slack", "manifest")
    assert told.code == 0 and "  socket_mode_enabled: true" in told.out
    assert told.out[-1].startswith("# https://api.slack.com/apps?new_app=1&manifest_yaml=display_information")


def test_the_slack_manifest_of_the_http_mode(folder: Folder) -> None:
    http = '[slack]\nmode = "http"\n'
    folder.write("config.toml", http + '[web]\npublic_url = "https://homework.school.example"\n' + SCHOOL)
    told = folder.types("slack", "manifest")
    assert told.code == 0 and '    request_url: "https://homework.school.example/slack/events"' in told.out
    folder.write("config.toml", http + SCHOOL)
    assert folder.types("slack", "manifest").code == 2


# --- running ---------------------------------------------------------------------------------------------------------


def test_run_without_tokens_names_each_and_how_to_get_it(folder: Folder) -> None:
    """With the example as it stands."""
    shutil.copy(ROOT / "config.example.toml", folder.path / "config.toml")
    folder.variables.clear()
    told = folder.types("run")
    assert told.code == 2
    wanted = {
        "TWOTICKS_SLACK__BOT_TOKEN": "OAuth & Permissions",
        "TWOTICKS_SLACK__APP_TOKEN": "App-Level Tokens",
        "TWOTICKS_TELEGRAM__TOKEN": "@BotFather",
        "TWOTICKS_SECRET_KEY": "make one: python -c",
    }
    assert [line.partition(":")[0] for line in told.errors] == list(wanted)
    assert all(how in line for how, line in zip(wanted.values(), told.errors, strict=True))


def test_run_without_a_platform(folder: Folder) -> None:
    told = folder.types("run")
    assert told.code == 2 and "Add the table [slack] or [telegram] to the file" in told.errors[0]


def test_a_practice_clock_never_meets_real_people(folder: Folder) -> None:
    shutil.copy(ROOT / "config.example.toml", folder.path / "config.toml")
    told = folder.types("run", "--practice-clock", PRACTICE)
    assert told.code == 2 and len(told.errors) == 2
    for key, line in zip(("slack.api_base_url", "telegram.api_base_url"), told.errors, strict=True):
        assert key in line and "is not a loopback address" in line and "real people" in line


@pytest.mark.parametrize("clock", ["nonsense", "2026-09-14T15:09:00@600", f"{PRACTICE}0000", f"{PRACTICE}x"])
def test_a_practice_clock_that_is_none(folder: Folder, clock: str) -> None:
    with_platform(folder)
    told = folder.types("run", "--practice-clock", clock)
    assert told.code == 2
    assert told.errors[0].startswith(f"--practice-clock: '{clock}' ")


def test_a_port_that_somebody_else_has(folder: Folder) -> None:
    with_platform(folder)
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        listen = f"127.0.0.1:{other.getsockname()[1]}"
        folder.variables["TWOTICKS_WEB__LISTEN"] = listen
        told = folder.types("run")
    expected = f"[web] listen: {listen} cannot be used (Address already in use). Choose another port."
    assert (told.code, told.errors[-1]) == (2, expected)


@pytest.mark.parametrize("words", [["run"], ["db", "upgrade"]])
async def test_one_embedded_database_is_for_one_program(tmp_path: Path, words: list[str]) -> None:
    """The very same command typed twice: the second one names the first and ends with 3."""
    async with live(tmp_path) as house:
        await house.run("2026-09-15T12:00:00", 60)
        assert house.process is not None
        told = await house.command(*words)
        line = f"Another twoticks (pid {house.process.pid}) runs on this database. Stop it first.\n"
        assert told == (3, "", line)
        assert await house.stop() == 0


async def test_one_bot_token_is_for_one_program(tmp_path: Path) -> None:
    """Two that start on one token, each with a database of its own: Telegram lets one of them go on."""
    async with live(tmp_path) as house:
        await house.run("2026-09-15T12:00:00", 60)
        other = tmp_path / "other"
        other.mkdir()
        text = (tmp_path / "config.toml").read_text().replace(f"127.0.0.1:{house.port}", "127.0.0.1:0")
        (other / "config.toml").write_text(text)
        second = await Live(other, house.slack, house.telegram, 0)._start("run")
        assert house.process is not None
        waits = {asyncio.create_task(one.wait()) for one in (house.process, second)}
        done, left = await asyncio.wait(waits, timeout=30, return_when=asyncio.FIRST_COMPLETED)
        for one in (house.process, second):
            if one.returncode is None:
                one.send_signal(signal.SIGTERM)
        await asyncio.wait(waits, timeout=12)
        _, errors = await second.communicate()
        assert 3 in {task.result() for task in done}
        assert left == set() or {task.result() for task in left} <= {0, 3}
        line = "Telegram: another process uses this bot token. Stop the other process, or use another bot."
        assert line in house.log() + errors.decode()


async def test_it_is_alive_at_once_and_ready_when_its_lanes_are(tmp_path: Path) -> None:
    """Slack is away: alive, not ready and saying why; Telegram works; SIGTERM ends it well in time."""
    async with live(tmp_path) as house, aiohttp.ClientSession(f"http://127.0.0.1:{house.port}") as web:
        config = tmp_path / "config.toml"
        config.write_text(config.read_text().replace(house.slack.api_base_url, "http://127.0.0.1:9/api/"))
        house.process = await house._start("run")
        assert await answer(web, "/healthz") == (200, "ok")
        status, unwell = await ready_but_for(web, "slack")
        assert (status, unwell[0]["reason"]) == (503, "Later: Slack cannot be reached (ClientConnectorError)")
        began = time.monotonic()
        assert await house.stop() == 0
        assert time.monotonic() - began < 12


async def answer(web: aiohttp.ClientSession, path: str, patience: float = 10) -> tuple[int, str]:
    """Asks as soon as somebody listens there."""
    async with asyncio.timeout(patience):
        while True:
            try:
                async with web.get(path) as found:
                    return found.status, await found.text()
            except aiohttp.ClientError:
                await asyncio.sleep(0.02)


async def ready_but_for(web: aiohttp.ClientSession, part: str) -> tuple[int, list[dict[str, str]]]:
    """Waits until that part alone is not well: the status, and the list."""
    async with asyncio.timeout(10):
        while True:
            status, body = await answer(web, "/readyz")
            unwell = json.loads(body)
            if status == 503 and [one["part"] for one in unwell] == [part]:
                return status, unwell
            await asyncio.sleep(0.05)
