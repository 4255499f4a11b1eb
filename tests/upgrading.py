"""`python -m tests.upgrading CONFIG STEP`: `twoticks db upgrade`, killed STEP statements later each time.

Prints, one line a killed upgrade, the revision and the tables that a look from outside finds then; and at last "done".
"""

import os
import signal
import sys
from pathlib import Path

from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, event, inspect

import bot.composition  # noqa: F401  once, and not in every child
from bot.cli import main
from bot.cli_parts import settings_of
from storage.engine import open_engine


def killed_at(n: int, config: str) -> bool:
    """Whether that upgrade was killed before its nth statement, the commits among them."""
    child = os.fork()
    if not child:
        _upgrade(n, config)
    _, status = os.waitpid(child, 0)
    if not os.WIFSIGNALED(status) and os.waitstatus_to_exitcode(status):
        raise SystemExit(f"the upgrade ended with {os.waitstatus_to_exitcode(status)}")
    return os.WIFSIGNALED(status)


def _upgrade(n: int, config: str) -> None:
    os.dup2(2, 1)  # what the command says is no line of ours
    left = iter(range(n - 1))

    def comes(*_: object) -> None:
        if next(left, None) is None:
            os.kill(os.getpid(), signal.SIGKILL)

    for moment in ("before_cursor_execute", "commit"):
        event.listen(Engine, moment, comes)
    sys.argv[1:] = ["db", "upgrade", "--config", config]
    main()


def seen(config: str) -> str:
    engine = open_engine(settings_of(Path(config)).database.url)
    with engine.begin() as connection:
        revision = MigrationContext.configure(connection).get_current_revision()
        tables = sorted(set(inspect(connection).get_table_names()) - {"alembic_version"})
    engine.dispose()
    return f"{revision} {' '.join(tables)}"


if __name__ == "__main__":
    config, step, n = sys.argv[1], int(sys.argv[2]), 1
    while killed_at(n, config):
        print(seen(config), flush=True)
        n += step
    print("done")
