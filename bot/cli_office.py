"""The school office's commands: invitations, a child's daily report."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from bot.config import Settings
    from bot.letters import Letter
    from storage.office import Invited
    from storage.turn import Turn

from bot.cli_parts import (
    CONFIG,
    RED,
    WRONG,
    AsJson,
    Config,
    SchoolId,
    Student,
    give_up,
    is_terminal,
    one_child,
    pick_school,
    refuse,
    settings_of,
    store_of,
    tell,
)
from bot.texts import clean

report_app = typer.Typer(no_args_is_help=True, help="A child's daily report.")


def invite(
    school: SchoolId = "",
    student: Student = "",
    role: Annotated[str, typer.Option(help="guardian, teacher, coordinator, counsellor or provider.")] = "",
    person: Annotated[str, typer.Option(metavar="NAME", help="Names a coordinator, counsellor or provider.")] = "",
    letters: Annotated[
        Path | None, typer.Option(metavar="FILE.pdf", help="Writes a letter to each, to be printed and handed out.")
    ] = None,
    as_json: AsJson = False,
    config: Config = CONFIG,
) -> None:
    """Personal invitations; asking again makes new codes and ends the old ones."""
    from bot.config import missing_for_invite
    from storage.office import invite as make
    from storage.office import seal, sealed_otherwise

    settings = settings_of(config)
    refuse(missing_for_invite(settings))
    _check_role(role, person, student)
    if letters:
        _check_letters(letters)
    secret = settings.secret_key.get_secret_value() if settings.secret_key else ""
    with store_of(settings) as store:
        chosen = pick_school(settings, school)
        children = [one_child(store, chosen, student).id] if student else None
        if store.turn(chosen, datetime.now(UTC), lambda turn: sealed_otherwise(turn, secret)):
            give_up(OTHER_KEY, WRONG)
        one = next(one for one in settings.schools if one.id == chosen)
        by_email = settings.slack is not None and not (settings.slack.client_id and not one.slack_team)

        def do(turn: "Turn") -> "tuple[list[Invited], list[Letter]]":
            made = make(turn, secret, role or None, children, person, by_email)
            seal(turn, secret)
            return made, _letters_of(turn, secret, made) if letters else []

        made, drafts = store.turn(chosen, datetime.now(UTC), do)
    if not made:
        tell("Everybody who could be invited has joined already, or is linked by e-mail.")
        return
    if ended := sum(one.ended for one in made):
        tell("1 code given before no longer works." if ended == 1 else f"{ended} codes given before no longer work.")
    name = _bot_name(settings, one.telegram)
    if letters:
        typer.echo(_write_letters(settings, chosen, made, drafts, name, letters), err=as_json)
    for one in made if as_json or not letters else ():
        typer.echo(json.dumps(_invitation(one, name), ensure_ascii=False) if as_json else _invitation_line(one, name))


def _check_letters(file: Path) -> None:
    """Before any code is made, as making one ends the code that was given before."""
    from bot.letters import missing, unwritable

    if problem := missing() or unwritable(file):
        give_up(f"--letters: {problem}", WRONG)


def _letters_of(turn: "Turn", secret: str, made: "list[Invited]") -> "list[Letter]":
    from bot.codes import hashed
    from bot.letters import letter

    found = [(one.code, turn.invitation_by(hashed(one.code, secret))) for one in made]
    b = turn.bundle(people=[invitation.person for _, invitation in found if invitation])
    return [letter(b, invitation, code) for code, invitation in found if invitation]


LONGEST_NAME = 80
OTHER_KEY = (
    "TWOTICKS_SECRET_KEY is another one than the bot ran with, so the codes would not work. Use the bot's key; "
    "after a change of keys start the bot once with the new one."
)
ROLES = ("guardian", "teacher", "coordinator", "counsellor", "provider")


def _check_role(role: str, person: str, student: str) -> None:
    if role and role not in ROLES:
        give_up(f"--role: one of {', '.join(ROLES)}.", WRONG)
    if person and role == "guardian" and not student:
        give_up("--student NAME is needed: whose guardian is it?", WRONG)
    if person != clean(person, LONGEST_NAME):
        give_up(f"--person: a name of at most {LONGEST_NAME} letters, without line breaks.", WRONG)
    if person and not role:
        give_up(f"--person goes with --role: one of {', '.join(ROLES)}.", WRONG)
    if role in ROLES[3:] and not student:
        give_up(f"--student NAME is needed: for which child is the {role}?", WRONG)
    if role in ROLES[2:] and not person:
        give_up(f"--person NAME is needed for a {role}, as no roster names one.", WRONG)


def _write_letters(
    settings: "Settings",
    school: str,
    made: "list[Invited]",
    drafts: "list[Letter]",
    bot_name: str | None,
    file: Path,
) -> str:
    """Writes the drafts, with what each platform wants, on the school's own paper; returns what to tell the office."""
    from bot.letters import letters, paper_of, put

    paper = paper_of(next(one.timezone for one in settings.schools if one.id == school))
    slack = settings.slack is not None
    whole = [
        replace(draft, link=_link(one, bot_name), bot=bot_name, slack=slack)
        for one, draft in zip(made, drafts, strict=True)
    ]
    try:
        put(file, letters(whole, paper))
    except OSError as problem:
        give_up(f"{file}: {problem.strerror}. The new codes are in no letter: make room, then ask again.", RED)
    told = f"{len(whole)} letters are in {file}." if len(whole) > 1 else f"1 letter is in {file}."
    if settings.telegram and not bot_name:
        told += " Without the Telegram bot's name they have no QR code."
    return f"{told} Please hand them out personally: each code is for one person."


def _link(one: "Invited", bot_name: str | None) -> str | None:
    return f"https://t.me/{bot_name}?start={one.token}" if bot_name else None


def _invitation(one: "Invited", bot_name: str | None) -> dict[str, Any]:
    return {
        "person": one.person, "role": one.role, "student": one.student, "language": one.language, "code": one.code,
        "telegram_link": _link(one, bot_name), "expires": one.expires.isoformat(timespec="seconds"),
    }  # fmt: skip


def _invitation_line(one: "Invited", bot_name: str | None) -> str:
    whom = f"{one.person} ({one.role}{' of ' + one.student if one.student else ''})"
    link = _link(one, bot_name)
    apart = "\n  " if is_terminal() else "  "  # a link that breaks in its middle cannot be tapped
    return f"{whom}: join {one.code}  until {one.expires:%Y-%m-%d}" + (f"{apart}{link}" if link else "")


def _bot_name(settings: "Settings", bot: str) -> str | None:
    """The user name of the school's Telegram bot, asked of Telegram where a token is there."""
    if settings.telegram is None:
        return None
    import asyncio

    from bot.composition import telegram_bot, telegram_bots
    from bot.ports import ChatFailure

    if bot not in telegram_bots(settings):
        return None

    async def ask() -> str | None:
        chat = telegram_bot(settings, bot)
        try:
            return await chat.whoami()  # type: ignore[attr-defined,no-any-return]
        except ChatFailure as problem:
            tell(f"Telegram does not tell the bot's name ({problem}); the codes work all the same.")
            return None
        finally:
            await chat.close()

    return asyncio.run(ask())


def _report(what: str, config: Path, school: str, student: str, until: str) -> None:
    from storage.office import report

    settings = settings_of(config)
    day = _day(until)
    if not student:
        give_up("--student NAME is needed: whose report?", WRONG)
    with store_of(settings) as store:
        chosen = pick_school(settings, school)
        child = one_child(store, chosen, student)
        store.turn(chosen, datetime.now(UTC), lambda turn: report(turn, child.id, what, day))
    done = {"start": "starts with the next school day", "pause": "is paused", "stop": "is finished"}[what]
    typer.echo(f"{child}: the daily report {done}{f' until {day}' if day else ''}.")


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        give_up(f"--until: {text!r} is no date; write it like 2026-12-18.", WRONG)


Until = Annotated[str, typer.Option("--until", metavar="DATE", help="YYYY-MM-DD")]


@report_app.command("start")
def report_start(student: Student = "", until: Until = "", school: SchoolId = "", config: Config = CONFIG) -> None:
    """Starts (or resumes) a child's daily report, by default for 8 weeks."""
    _report("start", config, school, student, until)


@report_app.command("pause")
def report_pause(student: Student = "", until: Until = "", school: SchoolId = "", config: Config = CONFIG) -> None:
    """Pauses it: until the day it resumes, or until `report start`."""
    _report("pause", config, school, student, until)


@report_app.command("stop")
def report_stop(student: Student = "", school: SchoolId = "", config: Config = CONFIG) -> None:
    """Finishes it."""
    _report("stop", config, school, student, "")
