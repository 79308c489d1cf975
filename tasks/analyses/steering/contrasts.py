"""Features as units: do those that rise along the trajectory move cells otherwise than others do?

    on_off                Mann and Whitney's test of the features' means, ON against OFF, as published
    on_random ...         ON features, or OFF ones, against what stands in their place in a control: the mean over
                          features of (mean of the feature - mean of its control), with sign flips of features; arms
                          that change no feature stand in the place of none

q is Benjamini-Hochberg over all contrasts, layers, read-outs and multipliers but degenerate ones.
"""

from typing import Any

import numpy as np
import polars as pl
import torch
from numpy.typing import NDArray
from scipy.stats import mannwhitneyu

from tasks.analyses.steering.aggregate import corrected
from tasks.analyses.steering.step import BESIDE, FEATURE
from tasks.statistics.flips import count_exceedances, permutation_p, sign_flips

Floats = NDArray[np.float64]
N_FLIPS, FLIP_STREAM = 10_000, 6
OF_CONTRAST = ["sae_id", "layer", "multiplier", "readout", "degenerate"]
COLUMNS = ["contrast", "n_first", "n_second", "mean_first", "mean_second", "fraction_first", "fraction_second", "p"]


def contrast(summary: pl.DataFrame, min_cells: int, seed: int) -> pl.DataFrame:
    """A row for each contrast with two features on each side that were steered in ``min_cells`` cells."""
    kept = summary.filter(pl.col("n_cells") >= min_cells, ~pl.col("arm").is_in(BESIDE))
    rows: list[dict[str, Any]] = []
    for key, part in kept.group_by(OF_CONTRAST, maintain_order=True):
        about = dict(zip(OF_CONTRAST, key, strict=True))
        own = part.filter(arm=FEATURE)
        found = [on_off(own.filter(kind="ON"), own.filter(kind="OFF"))]
        for arm in part.filter(pl.col("arm") != FEATURE)["arm"].unique().sort():
            both = own.join(part.filter(arm=arm), on=["feature", "kind"], suffix="_control").sort("feature")
            found += [paired(both.filter(kind=kind), f"{kind.lower()}_{arm}", seed) for kind in ("ON", "OFF")]
        rows += [about | one for one in found if one is not None]
    types = {"contrast": pl.String, "n_first": pl.Int64, "n_second": pl.Int64}
    schema = {name: summary.schema[name] for name in OF_CONTRAST} | {n: types.get(n, pl.Float64) for n in COLUMNS}
    frame = pl.DataFrame(rows, schema=schema, orient="row").sort([*OF_CONTRAST, "contrast"])
    return corrected(frame, "p", "q", ~pl.col("degenerate"))


def on_off(on: pl.DataFrame, off: pl.DataFrame) -> dict[str, Any] | None:
    """ON against OFF features; None if either has fewer than two."""
    if min(on.height, off.height) < 2:
        return None
    p = mannwhitneyu(on["mean"].to_numpy(), off["mean"].to_numpy(), alternative="two-sided").pvalue
    return _row("on_off", on["mean"], off["mean"], on["fraction_positive"], off["fraction_positive"], float(p))


def paired(both: pl.DataFrame, name: str, seed: int) -> dict[str, Any] | None:
    """Features against their controls; None if there are fewer than two."""
    if both.height < 2:
        return None
    effects = torch.from_numpy((both["mean"] - both["mean_control"]).to_numpy().copy())[:, None]
    flips = sign_flips(len(effects), N_FLIPS, [seed, FLIP_STREAM])
    exceed = count_exceedances(effects, flips)
    drawn = torch.full_like(exceed, len(flips.signs))
    p = float(permutation_p(exceed, drawn, torch.full_like(exceed, flips.exact, dtype=torch.bool))[0])
    shares = both["fraction_positive"], both["fraction_positive_control"]
    return _row(name, both["mean"], both["mean_control"], *shares, p)


def _row(
    name: str, first: pl.Series, second: pl.Series, first_share: pl.Series, second_share: pl.Series, p: float
) -> dict[str, Any]:
    means = [float(one.to_numpy().mean()) for one in (first, second, first_share, second_share)]
    return dict(zip(COLUMNS, [name, len(first), len(second), *means, p], strict=True))
