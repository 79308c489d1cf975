"""The work of step ``subspace``: features, and the variance that they rebuild, beside principal axes.

1. ``axes``: axes of training positions, and their share of the variance of the held-out ones.
2. ``shares``: how much of every living feature's direction lies in the span of the first axes, against its null.
3. Equal budgets on the same held-out positions: the autoencoder rebuilds 1 - fvu from k numbers a position. Beside it
   stand k principal axes (equal L0), the best k axes and the best k neurons of each position, and as many axes as the
   autoencoder has parameters for: 2 d F + F + d against d a mean and d an axis. An autoencoder with F >= d / 2 has
   enough for all d axes, which rebuild everything: equal parameters then compare nothing, and the table says so by
   rank_equal_parameters = d.
"""

from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tasks.activations.reader import ActivationReader
from tasks.analyses.subspace.axes import Axes, Explained, explained_variance, principal_axes
from tasks.analyses.subspace.rows import BLOCK_ROWS, blocks, split_rows, thinned
from tasks.analyses.subspace.shares import (
    DECIMALS,
    PUBLISHED_AXES,
    axis_rows,
    cosines,
    feature_rows,
    histogram_rows,
    random_dictionary,
    share_p,
    shares,
)
from tasks.analyses.subspace.step import SubspaceSettings
from tasks.codes.reader import CodesReader
from tasks.sae import Sae, load_sae
from tasks.statistics import benjamini_hochberg
from tasks.step import Info, Inputs
from tasks.store import StepFolder
from tasks.store.memory import require_memory

UNIT = "subspace"
SQUARES, BLOCKS = 5, 4  # matrices [d, d], and blocks of rows, of 8 bytes that are alive at once
RULE = "heldout"


def compare_with_axes(settings: SubspaceSettings, inputs: Inputs, out: StepFolder) -> Info:
    """Hold one layer's autoencoder against the principal axes of its layer.

    Raises RequestError without training or held-out positions, and if the memory does not suffice.
    """
    sae = load_sae(inputs.folder("sae"))
    if not out.has(UNIT):
        row = StepFolder.open(inputs.folder("sae")).read_table("sae").row(0, named=True)
        alive = np.flatnonzero(CodesReader(inputs.folder("codes")).fire_counts())
        activations = ActivationReader(inputs.folder("activations"))
        _require_room(sae)
        split = split_rows(activations, inputs.folder("cells"))
        train = thinned(split.train, settings.positions)
        axes = principal_axes(blocks(activations, sae.layer, train), sae.d_model)
        k = active_features(sae, row["l0"])
        explained = explained_variance(axes, blocks(activations, sae.layer, split.heldout), k)
        tables = tables_of(settings, sae, alive, axes, explained, row)
        with out.unit(UNIT) as shard:
            for table, frame in tables.items():
                shard.table(table, frame.select(pl.lit(sae.sae_id).alias("sae_id"), pl.all()))
    compared = out.read_table("svd_layer").row(0, named=True)
    return {"sae_id": sae.sae_id, "sae": compared["sae_variance"], "pca_equal_l0": compared["pca_equal_l0"]}


def active_features(sae: Sae, l0: float) -> int:
    """Features that are active at a position: k, or the nearest whole number to their mean on held-out cells."""
    return sae.k or max(round(l0), 1)


def tables_of(
    settings: SubspaceSettings,
    sae: Sae,
    alive: NDArray[np.int64],
    axes: Axes,
    explained: Explained,
    row: dict[str, Any],
) -> dict[str, pl.DataFrame]:
    """Rows of every table behind sae_id; ``alive`` are the features that fire, ``row`` is the one of table ``sae``."""
    k = active_features(sae, row["l0"])
    ranks = {"k": k, "50": 50, "128": 128, "256": 256}
    cosine = cosines(sae.W_dec.float().cpu().numpy()[alive], axes.directions)
    matched = random_dictionary(alive.size, axes.variance, settings.seed)
    features = feature_rows(alive, cosine, ranks, settings.tested, settings.alpha)
    budgets = budget_row(sae, k, explained, 1 - row["fvu"])
    tested = tested_row(features, matched, settings, ranks[settings.tested], sae.d_model)
    counts = {"n_aligned": int(features["aligned"].sum()), "n_novel": int((~features["aligned"]).sum())}
    layer = {**budgets, **counts, **tested, "rule": RULE, "n_positions": axes.n_positions}
    return {
        "feature_subspace": features,
        "svd_axis": axis_rows(cosine, alive, axes.variance, explained.by_axis),
        "subspace_histogram": histogram_rows(cosine, matched, ranks),
        "svd_layer": pl.DataFrame([layer]),
    }


def budget_row(sae: Sae, k: int, explained: Explained, rebuilt: float) -> dict[str, float | int]:
    """Step 3; ``rebuilt`` is the autoencoder's share of the held-out variance."""
    by_rank, width = explained.by_rank().round(DECIMALS), sae.d_model
    n_parameters = sum(tensor.numel() for tensor in sae.parameters.values())
    affordable = min(max(n_parameters // width - 1, 1), width)
    published = float(by_rank[min(PUBLISHED_AXES, width) - 1])
    return {
        "svd_variance": max(published, 0.0),
        "sae_variance": rebuilt,
        "gain": rebuilt / published if published > 0 else 0.0,
        "n_active": k,
        "pca_equal_l0": float(by_rank[min(k, width) - 1]),
        "pca_best": round(explained.best_axes, DECIMALS),
        "neurons_best": round(explained.best_neurons, DECIMALS),
        "n_parameters": n_parameters,
        "rank_equal_parameters": affordable,
        "pca_equal_parameters": float(by_rank[affordable - 1]),
        "rank_equal_variance": int(np.argmax(np.append(by_rank[:-1] >= rebuilt, True))) + 1,
    }


def tested_row(
    features: pl.DataFrame, matched: NDArray[np.float64], settings: SubspaceSettings, rank: int, width: int
) -> dict[str, float | int | None]:
    """Shares of the tested rank, and how many are called: of features, and of the random dictionary."""
    if rank >= width or features.is_empty():
        return dict.fromkeys(
            ("rank_tested", "share_mean", "share_expected", "share_matched", "n_significant", "n_matched")
        )
    drawn = shares(matched, rank)
    called = benjamini_hochberg(share_p(drawn, rank, width)) <= settings.alpha
    return {
        "rank_tested": rank,
        "share_mean": round(float(features[f"share_{settings.tested}"].to_numpy().mean()), DECIMALS),
        "share_expected": rank / width,
        "share_matched": round(float(drawn.mean()), DECIMALS),
        "n_significant": int(features["significant"].sum()),
        "n_matched": int(called.sum()),
    }


def _require_room(sae: Sae) -> None:
    width = sae.d_model
    numbers = SQUARES * width**2 + BLOCKS * BLOCK_ROWS * width + 3 * sae.n_features * width
    require_memory(8 * numbers, f"principal axes of layer {sae.layer}", "free some, or leave subspace.wanted unset")
