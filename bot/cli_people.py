"""The school office's commands about who belongs to whom: `twoticks link list` and `twoticks link end`."""

import json
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli_parts import (
    CONFIG,
    WRONG,
    AsJson,
    Config,
    SchoolId,
    Student,
    Yes,
    give_up,
    is_terminal,
    one_child,
    pick_school,
    settings_of,
    store_of,
)

if TYPE_CHECKING:
    from storage.links import Held

link_app = typer.Typer(no_args_is_help=True, help="Who belongs to whom, from when until when.")


@link_app.command("list")
def link_list(student: Student = "", school: SchoolId = "", as_json: AsJson = False, config: Config = CONFIG) -> None:
    """Who is linked with a child (or with the whole school), who granted it, and until when."""
    from storage.links import held

    settings = settings_of(config)
    with store_of(settings) as store:
        chosen = pick_school(settings, school)
        child = one_child(store, chosen, student) if student else None
        found = store.turn(chosen, datetime.now(UTC), lambda turn: held(turn, child.id if child else 0))
    for one in found:
        typer.echo(json.dumps(one.as_dict(), ensure_ascii=False) if as_json else _line(one))


def _line(one: "Held") -> str:
    dates = f"since {one.since}" if one.since else "since the roster"
    dates += f", until {one.until}" if one.until else ""
    about = f" of {one.about}" if one.about else ""
    why = f" ({one.reason})" if one.reason else ""
    return f"{one.person} ({one.role}{about}): {dates}{why}, {one.state}"


@link_app.command("end")
def link_end(
    person: Annotated[str, typer.Option("--person", metavar="NAME", help="Whose link ends.")] = "",
    student: Student = "",
    on: Annotated[str, typer.Option("--on", metavar="DATE", help="YYYY-MM-DD; left out: at once.")] = "",
    reason: Annotated[
        str, typer.Option("--reason", metavar="TEXT", help="Seen by coordinators and the office alone.")
    ] = "",
    school: SchoolId = "",
    yes: Yes = False,
    config: Config = CONFIG,
) -> None:
    """Ends a person's link with a child: no cards, no presses, no history. No roster revives it."""
    from storage.links import end

    settings = settings_of(config)
    day = _day(on)
    if not person or not student:
        give_up("--person NAME and --student NAME are needed: whose link with whom ends?", WRONG)
    with store_of(settings) as store:
        chosen = pick_school(settings, school)
        child = one_child(store, chosen, student)
        when = f"on {day}" if day else "at once"
        if is_terminal() and not yes and not typer.confirm(f"{person} gets nothing more about {child}, {when}?"):
            give_up("Nothing was changed.", WRONG)
        ended = store.turn(chosen, datetime.now(UTC), lambda turn: end(turn, person, child.id, day, reason))
    if not ended:
        give_up(f"{person!r} has no link with {child}. `twoticks link list --student NAME` shows who has.", WRONG)
    typer.echo(f"{person} is no longer linked with {child}, {when}. A running bot shows it at once.")


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        give_up(f"--on: {text!r} is no date; write it like 2026-12-18.", WRONG)
