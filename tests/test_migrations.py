"""The schema: from nothing to this program's, the same as the tables say, on both databases."""

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect, text
from sqlmodel import SQLModel

from storage.engine import NotOurs, alembic_config, open_engine, upgrade


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
