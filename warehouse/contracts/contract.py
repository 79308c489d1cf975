"""Contracts: one TOML file a table. They are the only source of the DDL, the quality suite and the data dictionary."""

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, Self

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
RUN_ID: dict[str, Any] = {"name": "run_id", "type": "VARCHAR", "meaning": "Run that the row is part of"}
STEP_KEY: dict[str, Any] = {"name": "step_key", "type": "VARCHAR", "meaning": "Key of the step that made the row"}


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
    """One table, as readers see it. ``key`` is unique in a run.

    A file that names no column run_id describes rows that belong to steps. They are stored once, under the key of the
    step that made them and in the order of ``stored_key``, however many runs are made of that step. Readers see them
    by run: run_id stands first among ``columns`` and in ``key``, and is not to be written in the file.

    ``filled_by``: shards of steps; the warehouse itself, row by row; or a query of ``derived/``.
    ``seen_through``: the relation that says to which runs a step's rows belong.
    ``repeated``: several steps of a run may bring the same row; readers see it once.
    """

    table: Identifier
    meaning: str
    key: tuple[Identifier, ...]
    filled_by: Literal["shards", "warehouse", "query"] = "shards"
    seen_through: Identifier = "run_step"
    repeated: bool = False
    published_only: bool = True  # every row belongs to a run of table run
    by_step: bool = False  # follows from the columns
    columns: tuple[Column, ...]
    references: tuple[Reference, ...] = ()
    checks: tuple[Check, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _owned(cls, given: dict[str, Any]) -> dict[str, Any]:
        names = [column.name if isinstance(column, Column) else column.get("name") for column in given["columns"]]
        if "run_id" not in names:
            columns = (RUN_ID, *given["columns"])
            return {**given, "by_step": True, "columns": columns, "key": ("run_id", *given["key"])}
        if given.get("filled_by", "shards") != "warehouse":
            raise ValueError(
                f"table {given.get('table')}: leave run_id out, rows that steps make have it by themselves"
            )
        return given

    @model_validator(mode="after")
    def _names_exist(self) -> Self:
        used = {*self.key, *(name for reference in self.references for name in reference.columns)}
        if unknown := used - {column.name for column in self.columns}:
            raise ValueError(f"table {self.table} has no column {', '.join(sorted(unknown))}")
        return self

    @property
    def shard_columns(self) -> tuple[Column, ...]:
        """Columns of a Parquet shard: all but ``run_id``."""
        return tuple(column for column in self.columns if column.name != "run_id")

    @property
    def stored_columns(self) -> tuple[Column, ...]:
        """Columns in the file: those that readers see, but for rows of steps ``step_key`` in place of ``run_id``."""
        if not self.by_step:
            return self.columns
        others = tuple(column for column in self.columns if column.name not in ("run_id", "step_key"))
        return (Column(**STEP_KEY), *others)

    @property
    def stored_key(self) -> tuple[str, ...]:
        """The order in which rows are stored."""
        if not self.by_step:
            return self.key
        return ("step_key", *(name for name in self.key if name not in ("run_id", "step_key")))

    def column(self, name: str) -> Column:
        """The column of that name. Raises KeyError if there is none."""
        return {column.name: column for column in self.columns}[name]


@cache
def contracts() -> dict[str, Contract]:
    """All contracts by table, in name order."""
    paths = sorted(FOLDER.glob("*.toml"))
    return {path.stem: Contract.model_validate(tomllib.loads(path.read_text())) for path in paths}
