"""``modules.json``: modules of features that fire together, their members and commonest labels."""

from pathlib import Path

import polars as pl

from tasks.atlas.atlas import Atlas
from tasks.atlas.reading import Tables, frame_of, read_file

MODULE = {"sae_id": pl.String, "module": pl.UInt32, "n_features": pl.UInt32}
MEMBER = {"sae_id": pl.String, "module": pl.UInt32, "feature": pl.UInt32}
LABEL = {
    "sae_id": pl.String, "module": pl.UInt32, "rank": pl.UInt16, "label": pl.String, "n_features": pl.UInt32,
    "library": pl.String, "expected": pl.Float64, "p": pl.Float64, "q": pl.Float64,
}  # fmt: skip
UNTOLD = (None, None, None, None)


def read_modules(atlas: Atlas, path: Path) -> Tables:
    """Tables module, module_feature and module_label."""
    with read_file(path) as raw:
        named = [(atlas.sae_id(module["layer"]), module) for module in raw if atlas.describes(module["layer"])]
        members = [(sae_id, module["id"], feature) for sae_id, module in named for feature in module["features"]]
        labels = [
            (sae_id, module["id"], rank, label["t"], label["c"], *UNTOLD)
            for sae_id, module in named
            for rank, label in enumerate(module["top_anns"], start=1)
        ]
        return {
            "module": frame_of(MODULE, [(sae_id, module["id"], module["n"]) for sae_id, module in named]),
            "module_feature": frame_of(MEMBER, members),
            "module_label": frame_of(LABEL, labels),
        }
