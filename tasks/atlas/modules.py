"""``modules.json``: modules of features that fire together, their members and commonest labels."""

from pathlib import Path

from tasks.atlas.atlas import Atlas
from tasks.atlas.reading import Tables, frame_of, read_file


def read_modules(atlas: Atlas, path: Path) -> Tables:
    """Tables module, module_feature and module_label."""
    with read_file(path) as raw:
        named = [(atlas.sae_id(module["layer"]), module) for module in raw if atlas.describes(module["layer"])]
        members = [(sae_id, module["id"], feature) for sae_id, module in named for feature in module["features"]]
        labels = [
            (sae_id, module["id"], rank, label["t"], label["c"])
            for sae_id, module in named
            for rank, label in enumerate(module["top_anns"], start=1)
        ]
        modules = [(sae_id, module["id"], module["n"]) for sae_id, module in named]
        return {
            "module": frame_of("module", "sae_id module n_features", modules),
            "module_feature": frame_of("module_feature", "sae_id module feature", members),
            "module_label": frame_of("module_label", "sae_id module rank label n_features", labels),
        }
