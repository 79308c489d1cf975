"""Published numbers that know the tiny atlas, as the bundled ones know the real ones."""

from pathlib import Path

TEXT = """
title = "Tiny {family} atlas"
n_layers = {n_layers}
n_features = {n_features}

[model]
name = "Tiny {family}"
d_model = 10

[layer_of]
causal_patching = {layer}
perturbation_response = {layer}

[[value]]
quantity = "living_features"
value = {alive}
needs = "features"
source = "a test"
meaning = "Features that fire"

[[value]]
quantity = "modules"
by_layer = {modules}
needs = "modules"
source = "a test"
meaning = "Modules"

[[value]]
quantity = "twenty_gene_rows"
by_layer = {genes}
needs = "annotations"
source = "a test"
meaning = "Entries of lists of twenty genes"

[[value]]
quantity = "traced_features"
value = 4065
source = "a test"
meaning = "Features traced in another study"
"""


def numbers(folder: Path, family: str, n_layers: int = 3, n_features: int = 40, living: int | None = None) -> Path:
    """A folder of published numbers that knows the tiny atlas of ``family``."""
    folder.mkdir(parents=True, exist_ok=True)
    alive = n_layers * (n_features - 1) if living is None else living
    lists = {"modules": [2] * n_layers, "genes": [20 * (n_features // 2 - 1)] * n_layers}
    sizes = {"n_layers": n_layers, "n_features": n_features, "alive": alive, "layer": n_layers - 1}
    (folder / f"{family}.toml").write_text(TEXT.format(family=family, **sizes, **lists))
    return folder
