"""Labels that may say that there is none: they are kept as types, and the run says so."""

from collections import Counter
from collections.abc import Iterable

UNLABELLED = "unlabelled"  # what the label of a cell says that was given none
WORDS = frozenset(
    {
        *(
            "unknown",
            "unassigned",
            "unannotated",
            UNLABELLED,
            "unlabeled",
            "undefined",
            "unclassified",
            "undetermined",
        ),
        *("none", "na", "n.a.", "missing", "not available", "not applicable", "not determined", "other", "-", "?", "."),
    }
)


def doubtful_labels(labels: Iterable[str | None], column: str) -> str | None:
    """A line that names such labels and their cells, the most frequent first; None if there are none."""
    found = Counter(label for label in labels if label is not None and label.strip().casefold() in WORDS)
    if not found:
        return None
    listed = ", ".join(f"{label} ({n:,} cells)" for label, n in found.most_common())
    return f"labels of {column} taken as types, though they may mean none: {listed}; cells.where leaves cells out"
