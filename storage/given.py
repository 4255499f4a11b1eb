"""Many rows as one bound value: a statement that changes a batch goes to the database once, not once a row."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import JSON, BigInteger, String, bindparam, cast, column
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator

from storage.tables import UTCDateTime, as_text


class Rows(TypeDecorator[Sequence[Mapping[str, Any]]]):
    """Rows of plain values and instants, as JSON."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: Sequence[Mapping[str, Any]] | None, dialect: Dialect) -> str:
        return json.dumps(value, separators=(",", ":"), ensure_ascii=False, default=partial(_plain, dialect.name))


def _plain(dialect: str, value: Any) -> str:
    if isinstance(value, datetime):
        return as_text(value, dialect)
    raise TypeError(f"a {type(value).__name__} cannot be given in a row")


class _Each(FunctionElement[Any]):
    """The rows as a table with one column, `value`."""

    name = "each"
    inherit_cache = True


@compiles(_Each, "sqlite")
def _each_of_text(element: Any, compiler: Any, **more: Any) -> str:
    return f"json_each({compiler.process(element.clauses, **more)})"


@compiles(_Each, "postgresql")
def _each_of_json(element: Any, compiler: Any, **more: Any) -> str:
    return f"jsonb_array_elements(CAST({compiler.process(element.clauses, **more)} AS JSONB))"


class _Moment(FunctionElement[datetime]):
    """An instant that was given as text."""

    type = UTCDateTime()
    inherit_cache = True


@compiles(_Moment, "sqlite")
def _moment_as_it_is(element: Any, compiler: Any, **more: Any) -> str:
    return str(compiler.process(element.clauses, **more))


@compiles(_Moment, "postgresql")
def _moment_with_zone(element: Any, compiler: Any, **more: Any) -> str:
    return f"CAST({compiler.process(element.clauses, **more)} AS TIMESTAMP WITH TIME ZONE)"


_ROW = _Each(bindparam("rows", type_=Rows())).table_valued(column("value", JSON), name="given").c.value


def number(name: str) -> Any:
    """The whole number of that name in each of the `rows` that a statement is given."""
    return cast(_ROW[name].as_string(), BigInteger)


def words(name: str) -> Any:
    return _ROW[name].as_string()


def moment(name: str) -> Any:
    return _Moment(_ROW[name].as_string())


def thing(name: str) -> Any:
    """What is kept as JSON."""
    return _ROW[name]
