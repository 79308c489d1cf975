"""Changing labels and lists. Each function is one change: it looks at what stands, and adds one line."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from warehouse.labels.entry import Entry, Spot, UnusableLabels, entry, signed
from warehouse.labels.files import from_bytes, write_labels
from warehouse.labels.known import known_saes, placed
from warehouse.labels.labels import Labels, labels_of, read_labels
from warehouse.labels.ledger import change

MOST_MEMBERS = 5_000  # features of a list
MOST_LISTS = 500


@dataclass(frozen=True)
class Imported:
    """What importing a file came to, in rows."""

    n_new: int
    n_same: int


def save(home: Path | None, entries: Iterable[Entry], author: str) -> int:
    """Let these labels and members of lists stand; returns how many say something new.

    Raises UnusableLabels for a feature that no published run has, and for too many or too large lists.
    """
    known = known_saes(home)
    added = [placed(one, known) for one in signed(entries, author)]

    def decide(before: list[Entry]) -> list[Entry]:
        found = labels_of(before)
        standing = {_place(one): one.says() for one in found.standing()}
        news = [one for one in added if standing.get(_place(one)) != one.says()]
        _refuse_size(labels_of([*before, *news]))
        return news

    return change(home, decide)


def _place(one: Entry) -> tuple[str, str, Spot]:
    """What an entry takes the place of."""
    return one.kind, one.list_name or one.author, one.spot


def _refuse_size(found: Labels) -> None:
    if len(found.lists) > MOST_LISTS:
        raise UnusableLabels(f"there would be {len(found.lists):,} lists, and at most {MOST_LISTS:,} are kept")
    for name, members in found.lists.items():
        if len(members) > MOST_MEMBERS:
            raise UnusableLabels(f"list {name} would have {len(members):,} features, and may have {MOST_MEMBERS:,}")


def remove_label(home: Path | None, spot: Spot, author: str) -> int:
    """Take back what ``author`` said of a feature; the earlier rows stay in the ledger."""
    return change(
        home, lambda before: _removed([one for one in labels_of(before).of(spot) if one.author == author], author)
    )


def remove_from_list(home: Path | None, name: str, spots: Iterable[Spot], author: str) -> int:
    """Take features out of a list. A list without features is gone."""

    def decide(before: list[Entry]) -> list[Entry]:
        members = labels_of(before).lists.get(name, {})
        return _removed([members[spot] for spot in spots if spot in members], author)

    return change(home, decide)


def remove_list(home: Path | None, name: str, author: str) -> int:
    """Take all features out of a list."""
    return change(home, lambda before: _removed(labels_of(before).lists.get(name, {}).values(), author))


def rename_list(home: Path | None, old: str, new: str, author: str) -> int:
    """Give a list another name. Raises UnusableLabels if there is no such list, or another one is called so."""

    def decide(before: list[Entry]) -> list[Entry]:
        lists = labels_of(before).lists
        if old not in lists:
            raise UnusableLabels(f"there is no list {old} any more")
        members = list(lists[old].values())
        renamed = [entry(**one.model_dump() | {"list_name": new, "author": author, "time": ""}) for one in members]
        if renamed[0].list_name in lists:
            raise UnusableLabels(f"there is a list {renamed[0].list_name} already")
        return [*_removed(members, author), *signed(renamed, author)]

    return change(home, decide)


def _removed(entries: Iterable[Entry], author: str) -> list[Entry]:
    """Rows that take away these; a label is taken away in the name of who said it."""
    gone = {"label": "", "confidence": "", "note": "", "time": "", "removed": True}
    signs = {"label": {}, "list": {"author": author}}
    return signed([one.model_copy(update=gone | signs[one.kind]) for one in entries], author)


def export_labels(path: Path, home: Path | None = None) -> int:
    """Write all labels and lists that stand to a file that ends in .csv or .json; returns how many rows."""
    rows = read_labels(home).standing()
    write_labels(path, rows)
    return len(rows)


def import_labels(name: str, data: bytes, home: Path | None, author: str) -> Imported:
    """Let all rows of a file stand, or none. Rows that an earlier one says already are left as they are.

    Raises UnusableLabels, in one line that names the row, for wrong columns, values, features or sizes.
    """
    rows, known = from_bytes(name, data), known_saes(home)
    for number, one in enumerate(rows, start=1):
        try:
            placed(one, known)
        except UnusableLabels as error:
            raise UnusableLabels(f"{name}, row {number}: {error}") from None
    n_new = save(home, rows, author)
    return Imported(n_new, len(rows) - n_new)
