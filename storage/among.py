"""`column in (ids)` with the ids as one bound value: a statement costs the same to make however many they are."""

import json
from collections.abc import Collection
from typing import Any

from sqlalchemy import BigInteger, Boolean, String, bindparam
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator


class Ids(TypeDecorator[Collection[int]]):
    """Whole numbers: an array on PostgreSQL, JSON on SQLite."""

    impl = String
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        return ARRAY(BigInteger) if dialect.name == "postgresql" else String()

    def process_bind_param(self, value: Collection[int] | None, dialect: Dialect) -> Any:
        ids = list(value or ())
        return ids if dialect.name == "postgresql" else json.dumps(ids)


class _Among(FunctionElement[bool]):
    type = Boolean()
    inherit_cache = True

    def self_group(self, against: Any = None) -> Any:
        """Never `(…) = 1`, which SQLAlchemy would make of it on SQLite and no index can answer."""
        return self


@compiles(_Among, "sqlite")
def _sqlite(element: Any, compiler: Any, **more: Any) -> str:
    column, ids = (compiler.process(part, **more) for part in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({ids}))"


@compiles(_Among, "postgresql")
def _postgresql(element: Any, compiler: Any, **more: Any) -> str:
    column, ids = (compiler.process(part, **more) for part in element.clauses)
    return f"{column} = ANY({ids})"


def among(column: Any, ids: Collection[int] | str) -> Any:
    """Whether an id column holds one of these, or one of those that come as the value of that name."""
    return _Among(column, bindparam(ids, type_=Ids()) if isinstance(ids, str) else bindparam(None, ids, type_=Ids()))
