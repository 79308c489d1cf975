"""The published atlases that are known: their model, and the numbers published about them.

``published/<family>.toml`` holds one atlas. An atlas on the disk is recognised by its number of layers and of
features a layer; any other one is imported all the same, and compared with nothing. ``standing.toml`` says where each
quantity stands today, whichever atlas it was published about.
"""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from tasks.atlas.summary import Summary
from tasks.store import content_key, sha256_file, table_frame

NUMBERS = Path(__file__).parent / "published"
STANDING = Path(__file__).parent / "standing.toml"
NOWHERE = dict.fromkeys(("standing", "standing_source", "standing_reason"))
ABSENT = -1  # stands for a layer without a published value, in lists that have one a layer


@dataclass(frozen=True)
class Known:
    """``layer_of`` names the layer of results whose files do not; ``values`` are rows of table published_value.

    ``key`` follows from the contents of the files of numbers and standings.
    """

    family: str
    title: str
    model: dict[str, Any]
    layer_of: dict[str, int]
    values: pl.DataFrame
    key: str


def recognise(summary: Summary, numbers: Path | None = None) -> Known | None:
    """The known atlas of that size, None if there is none."""
    for path in sorted((numbers or NUMBERS).glob("*.toml")):
        raw = tomllib.loads(path.read_text())
        if (raw["n_layers"], raw["n_features"]) == (summary.n_layers, summary.n_features):
            where = standings()
            rows = [row | where.get(row["quantity"], NOWHERE) for entry in raw["value"] for row in _rows(entry)]
            values = table_frame("published_value", rows)
            key = content_key({"numbers": sha256_file(path), "standing": sha256_file(STANDING)})
            return Known(path.stem, raw["title"], raw["model"], raw["layer_of"], values, key)
    return None


def standings() -> dict[str, dict[str, str]]:
    """Where each quantity stands: columns standing, standing_source and standing_reason of table published_value."""
    found: dict[str, dict[str, str]] = {}
    for entry in tomllib.loads(STANDING.read_text())["standing"]:
        said = dict(zip(NOWHERE, (entry["standing"], entry["source"], entry["reason"]), strict=True))
        found |= dict.fromkeys(entry["quantities"], said)
    return found


def _rows(entry: dict[str, Any]) -> list[dict[str, Any]]:
    """Rows of one entry: ``value`` for the whole atlas, ``by_layer`` a list, ``by_item`` a table."""
    if "by_layer" in entry:
        items = {f"L{layer:02d}": value for layer, value in enumerate(entry["by_layer"]) if value != ABSENT}
    else:
        items = entry.get("by_item") or {"all": entry["value"]}
    about = {"quantity": entry["quantity"], "tolerance": entry.get("tolerance", 0.0)}
    about |= {name: entry.get(name) for name in ("unit", "needs", "source", "meaning")}
    return [{**about, "item": item, "value": value} for item, value in items.items()]
