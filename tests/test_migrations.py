"""The schema: from nothing to this program's, the same as the tables say, on both databases."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect, text
from sqlmodel import SQLModel

from storage.engine import NotOurs, alembic_config, open_engine, upgrade
from tests.bench.processes import TOKENS, configuration


def test_an_upgrade_from_nothing_is_what_the_tables_say(database: str) -> None:
    engine = open_engine(database)
    assert upgrade(engine) and not upgrade(engine)
    with engine.begin() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), SQLModel.metadata)
    assert not differences
    engine.dispose()


def test_it_can_be_taken_back(database: str) -> None:
    engine = open_engine(database)
    upgrade(engine)
    with engine.begin() as connection:
        command.downgrade(alembic_config(connection), "base")
    assert set(inspect(engine).get_table_names()) <= {"alembic_version"}
    engine.dispose()


def test_a_database_newer_than_the_program_is_refused(database: str) -> None:
    """G-141."""
    engine = open_engine(database)
    upgrade(engine)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(NotOurs, match="newer Twoticks"):
        upgrade(engine)
    engine.dispose()


@pytest.mark.parametrize(("since", "step"), [("", 11), ("0001", 5), ("0002", 1)])
def test_an_upgrade_that_is_killed_at_any_statement(since: str, step: int, database: str, tmp_path: Path) -> None:
    """G-140: the old schema or the new one, never half of it; run again it completes, and the copy before is whole."""
    engine = open_engine(database)
    if since:
        with engine.begin() as connection:
            command.upgrade(alembic_config(connection), since)
    tables = sorted(set(inspect(engine).get_table_names()) - {"alembic_version"})
    engine.dispose()
    old, new = f"{since or None} {' '.join(tables)}", f"0004 {' '.join(sorted(SQLModel.metadata.tables))}"
    (tmp_path / "config.toml").write_text(configuration(database, 0, {}))
    words = [sys.executable, "-m", "tests.upgrading", str(tmp_path / "config.toml"), str(step)]
    told = subprocess.run(words, capture_output=True, text=True, env=os.environ | TOKENS, check=False)
    *killed, last = told.stdout.splitlines()
    assert last == "done", told.stderr
    taken_back = killed.count(old)
    assert taken_back > 3 and killed == [old] * taken_back + [new] * (len(killed) - taken_back)
    with engine.begin() as connection:
        assert not compare_metadata(MigrationContext.configure(connection), SQLModel.metadata)
    if since and engine.dialect.name == "sqlite":
        copy = open_engine(f"{database}.before-{since}")
        assert sorted(set(inspect(copy).get_table_names()) - {"alembic_version"}) == tables
        copy.dispose()
    engine.dispose()
