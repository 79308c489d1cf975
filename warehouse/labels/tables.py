"""Labels and lists as the tables that user SQL sees beside the snapshot: handed to the sandbox, never attached."""

import re
from pathlib import Path
from typing import Any

from warehouse.labels.entry import Entry
from warehouse.labels.labels import read_labels

WHOLE = ("layer", "feature")  # columns of whole numbers; all others are text
SHARED = {
    "sae_id": "Autoencoder, as in table feature",
    "layer": "Its layer",
    "feature": "Number of the feature in it",
    "note": "What they add",
    "author": "Who said it",
    "time": "When, in UTC",
    "run_id": "The run that was shown when it was said; it holds for all runs with this autoencoder",
    "sae_key": "Autoencoder with the first digits of the hash of its weights; imported ones: with their run",
}
MEANINGS = {
    "human_label": {"label": "What the feature is, as a person says", "confidence": "How sure they are", **SHARED},
    "feature_list": {"list_name": "Name of the list", **SHARED},
}
ABOUT = {
    "human_label": "Labels that people gave to features, beside the warehouse and in none of its runs.",
    "feature_list": "Features that people chose, list by list.",
}
Columns = dict[str, tuple[str, list[Any]]]


def tables_named(sql: str, home: Path | None) -> dict[str, Columns]:
    """Those of the tables that a statement names: type and values of every column."""
    named = {word.lower() for word in re.findall(r"\w+", sql)} & MEANINGS.keys()
    if not named:
        return {}
    labels = read_labels(home)
    rows = {
        "human_label": [one for people in labels.labels.values() for one in people.values()],
        "feature_list": [one for members in labels.lists.values() for one in members.values()],
    }
    return {name: _columns(rows[name], tuple(MEANINGS[name])) for name in named}


def _columns(rows: list[Entry], names: tuple[str, ...]) -> Columns:
    return {name: ("int64" if name in WHOLE else "string", [getattr(one, name) for one in rows]) for name in names}
