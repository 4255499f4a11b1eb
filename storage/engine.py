"""The two databases: how each is opened, that a write is a write from its first line, and migrations."""

import fcntl
import json
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.pool import StaticPool

PATIENCE = 2  # seconds to wait for a server, or for another program that writes into the embedded file
ALIVE = {  # a silent network is noticed in 25 seconds, also while an answer is awaited (milliseconds)
    "keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3, "tcp_user_timeout": 25_000,
}  # fmt: skip
RESTORE = "Keep the file as it is, and put a copy from before in its place"
MIGRATIONS = Path(__file__).parent / "migrations"


class NotOurs(Exception):
    """The database cannot be used as it is; the message says why and what to do."""


def open_engine(url: str) -> Engine:
    """SQLite in WAL mode with FULL sync, every transaction a write transaction; or PostgreSQL over psycopg 3."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return create_engine(
            parsed.set(drivername="postgresql+psycopg"),
            pool_pre_ping=True,
            pool_size=6,
            pool_timeout=PATIENCE,
            connect_args={"connect_timeout": PATIENCE, **ALIVE},
            hide_parameters=True,
            json_deserializer=_json,
        )
    in_memory = parsed.database in (None, "", ":memory:")
    pool: dict[str, Any] = {"poolclass": StaticPool} if in_memory else {}
    if not in_memory:
        _private(Path(str(parsed.database)))
    engine = create_engine(
        parsed, connect_args={"check_same_thread": False}, hide_parameters=True, json_deserializer=_json, **pool
    )
    event.listen(engine, "connect", _prepare_sqlite)
    # A transaction that reads first and writes later fails at once when somebody wrote in between (PLATFORMS 6).
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    return engine


def _json(text: str) -> Any:
    """Most of what is kept as JSON is an empty object."""
    return {} if text == "{}" else json.loads(text)


def _prepare_sqlite(connection: sqlite3.Connection, _: object) -> None:
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={PATIENCE * 1000}"):
        connection.execute(f"PRAGMA {pragma}")


def _private(file: Path) -> None:
    """The file is made readable for its owner only, before anything is written into it."""
    if not file.parent.is_dir():
        raise NotOurs(f"The folder {file.parent} of the database does not exist. Make it, or change [database] url.")
    if not os.access(file.parent, os.W_OK):  # SQLite, and we, keep files beside it
        raise NotOurs(
            f"The folder {file.parent.resolve()} cannot be written, but {file.name} needs files beside it. "
            "Change the folder's owner, or [database] url."
        )
    try:
        os.close(os.open(file, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise NotOurs(
            f"The database {file} cannot be written: {error.strerror}. Change its owner or its place."
        ) from None


def damage(file: Path) -> str:
    """What SQLite's quick check finds wrong with a file, and what to do; "" if it is whole or not there. Only reads."""
    if not (file.is_file() and file.stat().st_size):
        return ""
    try:
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            found = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    except sqlite3.OperationalError as error:
        return f"{file} cannot be read ({error}). Check its owner and its mode"
    except sqlite3.DatabaseError as error:
        found = str(error)
    found = " ".join(found.split())
    return "" if found == "ok" else f"{file} is damaged ({found}). {RESTORE}{_newest_copy(file)}"


def _newest_copy(file: Path) -> str:
    """The copies that lie beside the file were made before an upgrade (`backup_before_upgrade`)."""
    copies = sorted(file.parent.glob(f"{file.name}.before-*"), key=lambda copy: copy.stat().st_mtime)
    return f" (the newest copy beside it is {copies[-1]})" if copies else ""


def alembic_config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config


def upgrade(engine: Engine) -> bool:
    """Brings the schema to this program's; True if something changed. A database newer than the program is refused."""
    script = ScriptDirectory.from_config(alembic_config())
    head = script.get_current_head()
    with engine.begin() as connection:
        found = MigrationContext.configure(connection).get_current_revision()
        if found == head:
            return False
        if found is not None and found not in {revision.revision for revision in script.walk_revisions()}:
            raise NotOurs("This database was made by a newer Twoticks. Install that version, or restore a backup.")
        command.upgrade(alembic_config(connection), "head")
    return True


def backup_before_upgrade(engine: Engine) -> Path | None:
    """Copies an embedded database that is about to change; the copy lies beside it. None: nothing to copy."""
    file = engine.url.database
    if engine.dialect.name != "sqlite" or not file or file == ":memory:" or Path(file).stat().st_size == 0:
        return None
    with engine.begin() as connection:
        found = MigrationContext.configure(connection).get_current_revision()
    script = ScriptDirectory.from_config(alembic_config())
    older = {revision.revision for revision in script.walk_revisions()} - {script.get_current_head()}
    if found not in older:
        return None
    copy = Path(f"{file}.before-{found}")
    part = copy.with_name(f"{copy.name}.part")  # a copy that was cut short has another name
    part.unlink(missing_ok=True)
    _private(part)
    with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(part)) as target:
        source.backup(target)
    return part.rename(copy)


@contextmanager
def only_instance(engine: Engine) -> Iterator[int]:
    """Holds the embedded database for this process; yields 0, or the pid of the process that holds it already."""
    file = engine.url.database
    if engine.dialect.name != "sqlite" or not file or file == ":memory:":
        yield 0
        return
    with open(f"{file}.lock", "a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            yield int(lock.read().strip() or 1)
            return
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield 0
