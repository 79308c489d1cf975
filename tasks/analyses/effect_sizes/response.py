"""Table target_response: how much each target answers to any displacement, and how many edges reach it for that.

1. Companions (``trace.companions``) displace the positions of a source any way, in some of its cells. The mean of
   |effect| on a target over all of them is its response; companions without an effect count as 0.
2. ``residual``: log10(edges + 1) less its natural spline of log10 response, among the targets of the layer. A target
   that many sources reach and that answers nothing else stands out; one that answers anything does not.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tasks.statistics.splines import fitted, natural_spline

Floats = NDArray[np.float64]
Row = dict[str, Any]
FEWEST = 20  # targets behind a curve


@dataclass(frozen=True)
class Responses:
    """Of ``n`` companions, by target layer: mean |effect| on every target [F], and share that moved it [F]."""

    n: int
    mean: dict[int, Floats]
    moved: dict[int, Floats]


def responses(files: list[Path], n: int, sizes: dict[int, int]) -> Responses:
    """Step 1, from files in the form of effect_cell that hold the effects of ``n`` companions."""
    total = {layer: np.zeros(size) for layer, size in sizes.items()}
    moved = {layer: np.zeros(size) for layer, size in sizes.items()}
    for path in files:
        found = pl.read_parquet(path, columns=["target_layer", "targets", "deltas"], glob=False)
        for layer, size in sizes.items():
            own = found.filter(target_layer=layer).select("targets", "deltas").explode("targets", "deltas").drop_nulls()
            target, effect = own["targets"].to_numpy().astype(np.int64), own["deltas"].abs().cast(pl.Float64).to_numpy()
            total[layer] += np.bincount(target, effect, minlength=size)
            moved[layer] += np.bincount(target, minlength=size)
    return Responses(n, *({layer: sums / max(n, 1) for layer, sums in each.items()} for each in (total, moved)))


def residuals(degree: Floats, response: Floats) -> Floats | None:
    """Step 2 [T]; None where there are too few targets, or none that differ."""
    moved = response[response > 0]
    if degree.size < FEWEST or not moved.size or np.ptp(response) == 0:
        return None
    logs = np.log10(np.maximum(response, moved.min() / 2))
    found: Floats = np.round(np.log10(degree + 1) - fitted(np.log10(degree + 1), natural_spline(logs)), 9)
    return found


def response_rows(degrees: pl.DataFrame, found: Responses) -> Iterator[Row]:
    """Table ``target_response`` behind source_sae; ``degrees``: rows of feature_degree that count incoming edges."""
    for (criterion, layer), own in degrees.sort("criterion", "layer", "feature").group_by(
        ["criterion", "layer"], maintain_order=True
    ):
        feature = own["feature"].to_numpy().astype(np.int64)
        degree = own["degree"].to_numpy().astype(np.float64)
        mean, moved = found.mean[int(layer)][feature], found.moved[int(layer)][feature]
        left = residuals(degree, mean)
        for place, one in enumerate(feature.tolist()):
            yield {
                "criterion": criterion,
                "target_sae": own["sae_id"][place],
                "target_feature": one,
                "n_companions": found.n,
                "mean_abs_response": float(mean[place]),
                "share_moved": float(moved[place]),
                "degree": int(degree[place]),
                "residual": None if left is None else float(left[place]),
            }
