"""What people say of features, as rows of text: a label of a feature, or its place in a list.

A feature is named by its autoencoder and number. ``sae_key`` is the autoencoder's name with the first digits of the
hash of its weights, so that what is said of a feature shows in every run that uses the same trained autoencoder, and
in no other. Imported autoencoders have no hash: their run stands in its place.
"""

import getpass
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from warehouse.errors import WarehouseError

CONFIDENCES = ("sure", "likely", "a guess")
RESERVED = ("all", "any")  # what boxes call the choice of no list
LONGEST_LINE, LONGEST_NOTE = 120, 2_000  # characters
MOST_FEATURES = 1 << 31


class UnusableLabels(WarehouseError):
    """Labels or lists that somebody typed or handed in cannot be taken."""

    exit_status = 2


def _line(text: str) -> str:
    """One line without what moves the cursor, is invisible or reorders; blanks at its ends and in a row go."""
    return _printable(" ".join(text.split()))


def _lines(text: str) -> str:
    return "\n".join(_printable(line.rstrip().replace("\t", " ")) for line in text.strip().splitlines())


def _printable(text: str) -> str:
    if not text.isprintable():
        raise ValueError("holds a character that cannot be shown")
    return text


def _time(text: str) -> str:
    if text:
        try:
            datetime.fromisoformat(text)
        except ValueError:
            raise ValueError("is no time such as 2026-11-30T12:00:00Z") from None
    return text


Line = Annotated[str, Field(max_length=LONGEST_LINE), AfterValidator(_line)]
Note = Annotated[str, Field(max_length=LONGEST_NOTE), AfterValidator(_lines)]


def now() -> str:
    """This moment in UTC, to the second."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def this_person() -> str:
    """The name of who runs the program, for what is left unsigned."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container may run as a number alone
        return "somebody"


class Spot(NamedTuple):
    """A feature: key of its autoencoder, and number."""

    sae_key: str
    feature: int


class Entry(BaseModel):
    """A row. Of one with ``kind`` label, ``label`` and ``confidence`` say something; of kind list, ``list_name``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["label", "list"]
    list_name: Line = ""
    sae_id: Line = ""
    layer: Annotated[int, Field(ge=0, lt=1 << 16)] = 0
    feature: Annotated[int, Field(ge=0, lt=MOST_FEATURES)]
    label: Line = ""
    confidence: Literal["", "sure", "likely", "a guess"] = ""
    note: Note = ""
    author: Line = ""
    time: Annotated[str, AfterValidator(_time)] = ""
    run_id: Line = ""  # the run that was shown when it was said
    sae_key: Line = ""
    removed: bool = False

    @model_validator(mode="after")
    def _of_one_kind(self) -> "Entry":
        if self.kind == "label" and (self.list_name or not (self.label or self.removed)):
            raise ValueError("a row of kind label has a label and no list_name")
        if self.kind == "list" and (self.label or self.confidence or not self.list_name):
            raise ValueError("a row of kind list has a list_name, and neither label nor confidence")
        if self.list_name in RESERVED:
            raise ValueError(f"no list may be called {self.list_name}")
        return self

    @property
    def spot(self) -> Spot:
        """The feature."""
        return Spot(self.sae_key, self.feature)

    def says(self) -> tuple[object, ...]:
        """All but who said it when, and in which run."""
        return self.kind, self.list_name, self.spot, self.label, self.confidence, self.note, self.removed


def entry(**values: Any) -> Entry:  # noqa: ANN401 - what was typed or read
    """An entry of what was typed or read; what is missing is empty. Raises UnusableLabels, in one line."""
    try:
        return Entry(**{name: value for name, value in values.items() if value is not None})
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        reason = first["msg"].removeprefix("Value error, ")
        raise UnusableLabels(f"{where}: {reason}" if where else reason) from None


def signed(entries: Iterable[Entry], author: str) -> list[Entry]:
    """The entries with an author and a time where they have none. Raises UnusableLabels for no usable author."""
    moment = now()
    return [entry(**one.model_dump() | {"author": one.author or author, "time": one.time or moment}) for one in entries]
