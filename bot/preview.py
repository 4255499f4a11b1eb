"""How an import is shown before it is done: problems with their rows, then what would change, for people or as JSON."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from bot.roster import Problem

if TYPE_CHECKING:
    from storage.rosters import Changes

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
    yield from _changed(changes)


def _changed(changes: "Changes") -> Iterator[str]:
    named = [
        ("New children", changes.students),
        ("New teachers", changes.teachers),
        ("New guardians", changes.guardians),
        ("New classes", changes.classes),
        ("Changed", changes.updated),
        ("Daily report starts with the next school day", changes.started),
        ("No guardian yet", changes.without_guardian),
        ("No longer in the file (nobody is removed)", changes.gone),
    ]
    told = [f"{title} ({len(names)}): {_names(names)}" for title, names in named if names]
    if changes.places:
        told.append(f"New places in classes: {changes.places}")
    yield from told or ["Nothing changes."]


def _names(names: Sequence[str]) -> str:
    more = len(names) - SHOWN
    return ", ".join(names[:SHOWN]) + (f" + {more}" if more > 0 else "")
