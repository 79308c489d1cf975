"""The published atlases that are known: their model, and the numbers published about them.

``published/<family>.toml`` holds one atlas. An atlas on the disk is recognised by its number of layers and of
features a layer; any other one is imported all the same, and compared with nothing.
"""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from tasks.atlas.summary import Summary
from tasks.store import sha256_file, table_frame

NUMBERS = Path(__file__).parent / "published"
ABSENT = -1  # stands for a layer without a published value, in lists that have one a layer


@dataclass(frozen=True)
class Known:
    """``layer_of`` names the layer of results whose files do not; ``values`` are rows of table published_value."""

    family: str
    title: str
    model: dict[str, Any]
    layer_of: dict[str, int]
    values: pl.DataFrame
    sha256: str


def recognise(summary: Summary, numbers: Path | None = None) -> Known | None:
    """The known atlas of that size, None if there is none."""
    for path in sorted((numbers or NUMBERS).glob("*.toml")):
        raw = tomllib.loads(path.read_text())
        if (raw["n_layers"], raw["n_features"]) == (summary.n_layers, summary.n_features):
            values = table_frame("published_value", [row for entry in raw["value"] for row in _rows(entry)])
            return Known(path.stem, raw["title"], raw["model"], raw["layer_of"], values, sha256_file(path))
    return None


def _rows(entry: dict[str, Any]) -> list[dict[str, Any]]:
    """Rows of one entry: ``value`` for the whole atlas, ``by_layer`` a list, ``by_item`` a table."""
    if "by_layer" in entry:
        items = {f"L{layer:02d}": value for layer, value in enumerate(entry["by_layer"]) if value != ABSENT}
    else:
        items = entry.get("by_item") or {"all": entry["value"]}
    about = {"quantity": entry["quantity"], "tolerance": entry.get("tolerance", 0.0)}
    about |= {name: entry.get(name) for name in ("unit", "needs", "source", "meaning")}
    return [{**about, "item": item, "value": value} for item, value in items.items()]
