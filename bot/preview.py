"""How an import is shown before it is done: problems with their rows, then what would change, for people or as JSON."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from bot.roster import Problem

if TYPE_CHECKING:
    from storage.roster_changes import Changes

SHOWN = 12  # names on one line; more are counted


def preview(problems: Sequence[Problem], changes: "Changes", as_json: bool) -> Iterator[str]:
    if as_json:
        for problem in problems:
            yield json.dumps({"problem": asdict(problem)}, ensure_ascii=False)
        yield json.dumps({"changes": asdict(changes)}, ensure_ascii=False)
        return
    for problem in problems:
        where = f", row {problem.row}" if problem.row else ""
        where += f", {problem.column}" if problem.column else ""
        yield f"{'Note' if problem.warning else 'Wrong'}{where}: {problem.text}"
    yield from _changed(changes) if changes.anything else ("Nothing changes.",)
    if changes.students and not changes.started:
        yield "No daily report starts with this. Begin one: twoticks report start --student NAME"
    yield from _noted(changes)


def _changed(changes: "Changes") -> Iterator[str]:
    yield from _counted(
        ("New children", changes.students),
        ("New teachers", changes.teachers),
        ("New guardians", changes.guardians),
        ("New classes", changes.classes),
    )
    yield from _listed(
        ("Taken over", changes.taken_over),
        ("Classes that end", changes.ended),
        ("Classes that come back", changes.reopened),
        ("No children left, so it ends", changes.teaching_ended),
        ("Guardians of a further child", changes.related),
    )
    yield from _counted(
        ("Changed", changes.updated),
        ("Daily report starts with the next school day", changes.started),
        ("Daily report goes on tomorrow, as the child is back in the file", changes.resumed),
        ("Daily report pauses from tomorrow, until a coordinator decides", changes.rested),
    )
    if changes.places:
        yield f"New places in classes: {changes.places}"


def _noted(changes: "Changes") -> Iterator[str]:
    yield from _listed(
        ("Not changed, as the school has ended it", changes.kept_ended),
        ("One name with two contacts, so two people; write one contact if it is one", changes.two_contacts),
    )
    yield from _counted(
        ("No guardian yet", changes.without_guardian),
        ("No longer in the file (nobody is removed)", changes.gone),
        ("Their daily report runs on; --rest-vanished pauses it", changes.gone_running),
    )


def _counted(*named: tuple[str, Sequence[str]]) -> Iterator[str]:
    for title, names in named:
        if names:
            yield f"{title} ({len(names)}): {_names(names, ', ')}"


def _listed(*named: tuple[str, Sequence[str]]) -> Iterator[str]:
    """What has commas of its own."""
    for title, names in named:
        if names:
            yield f"{title}: {_names(names, '; ')}"


def _names(names: Sequence[str], between: str) -> str:
    more = len(names) - SHOWN
    return between.join(names[:SHOWN]) + (f" + {more}" if more > 0 else "")
