"""What the ledger comes to: the labels and lists that stand, and what was said before."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from warehouse.labels.entry import Entry, Spot
from warehouse.labels.ledger import read_entries

Members = dict[Spot, Entry]
Outer = TypeVar("Outer")
Inner = TypeVar("Inner")


@dataclass(frozen=True)
class Labels:
    """Labels that stand, by feature and author; members of lists by name, in order; all rows of labels by feature."""

    labels: dict[Spot, dict[str, Entry]] = field(default_factory=dict)
    lists: dict[str, Members] = field(default_factory=dict)
    said: dict[Spot, list[Entry]] = field(default_factory=dict)

    def of(self, spot: Spot) -> list[Entry]:
        """Labels of a feature, one for each person who labelled it."""
        return list(self.labels.get(spot, {}).values())

    def lists_of(self, spot: Spot) -> list[str]:
        """Names of the lists that a feature is in."""
        return [name for name, members in self.lists.items() if spot in members]

    def standing(self) -> list[Entry]:
        """All labels, then all lists, as rows."""
        labels = [one for people in self.labels.values() for one in people.values()]
        return labels + [one for members in self.lists.values() for one in members.values()]


def read_labels(home: Path | None = None) -> Labels:
    """Labels and lists of a home; none where nobody wrote any. Raises WarehouseError for a damaged ledger."""
    return labels_of(read_entries(home))


def labels_of(entries: Iterable[Entry]) -> Labels:
    """Rows in their order: of a label the last one by an author stands, of a list the last one by feature."""
    found = Labels()
    for one in entries:
        if one.kind == "label":
            found.said.setdefault(one.spot, []).append(one)
            _set(found.labels, one.spot, one.author, one)
        else:
            _set(found.lists, one.list_name, one.spot, one)
    return found


def _set(table: dict[Outer, dict[Inner, Entry]], outer: Outer, inner: Inner, one: Entry) -> None:
    """Put a row in, or take away what it removes, and with the last one its table."""
    rows = table.setdefault(outer, {})
    if one.removed:
        rows.pop(inner, None)
    else:
        rows[inner] = one
    if not rows:
        del table[outer]
