"""Contracts: one TOML file a table. They are the only source of the DDL, the quality suite and the data dictionary."""

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, model_validator

FOLDER = Path(__file__).parent
NUMBERS = {"TINYINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "INTEGER", "FLOAT", "DOUBLE"}
REALS = {"FLOAT", "DOUBLE"}

Type = Literal[
    "TINYINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "INTEGER", "FLOAT", "DOUBLE",
    "VARCHAR", "BOOLEAN", "TIMESTAMP", "UINTEGER[]", "FLOAT[]",
]  # fmt: skip


def checked_identifier(name: str) -> str:
    """The name itself. Raises ValueError unless it is made of a-z, 0-9 and _ only."""
    if not re.fullmatch(r"[a-z_][a-z_0-9]*", name):
        raise ValueError(f"{name!r} is no identifier: use a-z, 0-9 and _")
    return name


Identifier = Annotated[str, AfterValidator(checked_identifier)]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Column(_Frozen):
    """One column: its type, its meaning and what its values may be. Bounds are inclusive."""

    name: Identifier
    type: Type
    meaning: str
    unit: str | None = None
    nullable: bool = False
    imported_null: bool = False  # NULL in rows from published files that do not hold it, and in no other
    imported_only: bool = False  # NULL, and absent from shards, in all other rows
    volatile: bool = False  # differs between equal runs (times, machine): left out of table hashes
    min: float | None = None
    max: float | None = None
    allowed: tuple[str, ...] | None = None
    unique: bool = False

    @property
    def may_be_null(self) -> bool:
        """Whether the rows of some run hold NULL."""
        return self.nullable or self.imported_null or self.imported_only

    @model_validator(mode="after")
    def _checks_fit_type(self) -> Self:
        if (self.min is not None or self.max is not None) and self.type not in NUMBERS:
            raise ValueError(f"column {self.name}: min and max need a number, not {self.type}")
        if self.allowed is not None and self.type != "VARCHAR":
            raise ValueError(f"column {self.name}: allowed needs VARCHAR, not {self.type}")
        if self.nullable + self.imported_null + self.imported_only > 1:
            raise ValueError(f"column {self.name}: of nullable, imported_null and imported_only give one")
        return self


class Reference(_Frozen):
    """Columns whose values must occur together in another table, within the run. NULLs refer to nothing."""

    columns: tuple[Identifier, ...]
    table: Identifier
    to: tuple[Identifier, ...]


class Check(_Frozen):
    """A statement about the table. ``sql`` returns the rows that break it; in it, ``batch`` is the table.

    ``breaks`` is a statement that spoils good rows, so that the tests can see the check fail.
    """

    name: Identifier
    meaning: str
    sql: str
    breaks: str


class Contract(_Frozen):
    """One table. ``key`` is unique and is the order in which a run's rows are stored.

    ``filled_by``: shards of steps; the warehouse itself, row by row; or a query of ``derived/``.
    """

    table: Identifier
    meaning: str
    key: tuple[Identifier, ...]
    filled_by: Literal["shards", "warehouse", "query"] = "shards"
    published_only: bool = True  # every row belongs to a run of table run
    columns: tuple[Column, ...]
    references: tuple[Reference, ...] = ()
    checks: tuple[Check, ...] = ()

    @model_validator(mode="after")
    def _names_exist(self) -> Self:
        used = {*self.key, *(name for reference in self.references for name in reference.columns)}
        if unknown := used - {column.name for column in self.columns}:
            raise ValueError(f"table {self.table} has no column {', '.join(sorted(unknown))}")
        return self

    @property
    def shard_columns(self) -> tuple[Column, ...]:
        """Columns of a Parquet shard: all but ``run_id``, which the warehouse stamps."""
        return tuple(column for column in self.columns if column.name != "run_id")

    def column(self, name: str) -> Column:
        """The column of that name. Raises KeyError if there is none."""
        return {column.name: column for column in self.columns}[name]


@cache
def contracts() -> dict[str, Contract]:
    """All contracts by table, in name order."""
    paths = sorted(FOLDER.glob("*.toml"))
    return {path.stem: Contract.model_validate(tomllib.loads(path.read_text())) for path in paths}
