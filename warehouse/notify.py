"""How work that takes long says how far it has come."""

from collections.abc import Callable

Notify = Callable[[str, int, int], None]  # what, done, total


def ignore_progress(_what: str, _done: int, _total: int) -> None:
    """Say nothing."""


def part(notify: Notify, place: int, n_parts: int) -> Notify:
    """Notice of the part ``place`` of a work of equal parts, as notice of the whole."""
    return lambda what, done, total: notify(what, place * total + done, n_parts * total)
