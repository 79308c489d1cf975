"""Does steering do more at later layers? Features as units, of all layers together.

1. Of each feature, ``mean`` change, ``fraction_positive`` of its cells, and ``per_dose``, the mean change for each unit
   of length that is added. Layers differ in the length of what a multiplier adds, so per_dose compares them best.
2. rho: Spearman's correlation of layer and measure over ON features, or OFF ones; p two-sided. ``p_last``: Mann and
   Whitney's one-sided test of the last layer's features against all earlier ones. Both as published, for ON features.
3. Arms: the features; each control in their place; and ``less_random`` and so on, each feature less its own control. A
   gradient of the features that their controls have as well is one of the layers, not of the features.
4. Scope ``computed`` leaves out what is degenerate (``aggregate``); ``all`` has it, as published, and enters no
   correction. q: Benjamini-Hochberg over features and their differences from controls in scope computed.

The published study has no control and no correction, and counts the last layer's probes in, which follow from weights.
"""

from collections.abc import Iterator

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.stats import mannwhitneyu

from tasks.analyses.steering.aggregate import FEWEST_FEATURES, agreement, corrected
from tasks.analyses.steering.step import BESIDE, FEATURE

Floats = NDArray[np.float64]
MEASURES = ("mean", "fraction_positive", "per_dose")
OF_GRADIENT = ["kind", "arm", "multiplier", "readout"]
LESS = "less_"
FEWEST_OF_LAST = 2
SCHEMA = {
    "kind": pl.String, "arm": pl.String, "multiplier": pl.Float64, "readout": pl.String, "scope": pl.String,
    "measure": pl.String, "n_features": pl.Int64, "n_layers": pl.Int64, "rho": pl.Float64, "p": pl.Float64,
    "last_layer": pl.Int64, "last_mean": pl.Float64, "earlier_mean": pl.Float64, "p_last": pl.Float64,
}  # fmt: skip


def layer_gradient(summary: pl.DataFrame, min_cells: int) -> pl.DataFrame:
    """Rows of layer_gradient from those of steering_summary, for features with ``min_cells`` steered cells."""
    kept = summary.filter(pl.col("n_cells") >= min_cells, ~pl.col("arm").is_in(BESIDE))
    every = pl.concat([kept.select(*OF_GRADIENT, "layer", "degenerate", *MEASURES), *_less(kept)])
    rows = []
    for key, part in every.sort(*OF_GRADIENT, "layer").group_by(OF_GRADIENT, maintain_order=True):
        scopes = {"computed": part.filter(~pl.col("degenerate"))}
        scopes |= {"all": part} if part["degenerate"].any() else {}
        rows += [
            (*key, scope, measure, *found)
            for scope, own in scopes.items()
            for measure in MEASURES
            if (found := gradient(own.drop_nulls(measure), measure)) is not None
        ]
    frame = pl.DataFrame(rows, schema=SCHEMA, orient="row").sort(*OF_GRADIENT, "scope", "measure")
    claimed = (pl.col("arm") == FEATURE) | pl.col("arm").str.starts_with(LESS)
    return corrected(frame, "p", "q", claimed & (pl.col("scope") == "computed"))


def gradient(own: pl.DataFrame, measure: str) -> tuple[object, ...] | None:
    """Step 2 of features with a ``layer``: the columns behind measure; None for few features or a single layer."""
    layer, value = (own[name].to_numpy().astype(np.float64) for name in ("layer", measure))
    n_layers = len(np.unique(layer))
    if len(layer) < FEWEST_FEATURES or n_layers < 2:
        return None
    _, rho, p, _ = agreement(layer, value)
    last, earlier = value[layer == layer.max()], value[layer < layer.max()]
    enough = min(len(last), len(earlier)) >= FEWEST_OF_LAST
    p_last = float(mannwhitneyu(last, earlier, alternative="greater").pvalue) if enough else None
    return len(layer), n_layers, rho, p, int(layer.max()), float(last.mean()), float(earlier.mean()), p_last


def _less(kept: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Features less each of their controls."""
    on = ["sae_id", "feature", "kind", "multiplier", "readout"]
    own = kept.filter(arm=FEATURE)
    for arm in kept.filter(pl.col("arm") != FEATURE)["arm"].unique().sort():
        both = own.join(kept.filter(arm=arm), on=on, suffix="_control")
        less = [(pl.col(name) - pl.col(f"{name}_control")).alias(name) for name in MEASURES]
        named = both.with_columns(*less, arm=pl.lit(f"{LESS}{arm}"))
        yield named.select(*OF_GRADIENT, "layer", "degenerate", *MEASURES)
