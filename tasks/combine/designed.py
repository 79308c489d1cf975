"""Tables combination_ratio and combination_contrast."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
import torch
from torch import Tensor

from tasks.combine.additivity import additivity
from tasks.combine.contrast import contrast_rows
from tasks.combine.interactions import interaction
from tasks.combine.ratios import called_sizes, published_figures, published_rule
from tasks.combine.sets import Combination, Subset
from tasks.combine.settings import CombineSettings, DesignSettings
from tasks.sae import Sae
from tasks.statistics.fdr import benjamini_hochberg
from tasks.store import StepFolder, table_frame

RATIO, ENERGY, CONTRAST = 3, 4, 5  # streams of the seed of step combine


@dataclass(frozen=True)
class MeasuredSet:
    """Set ``number`` of the step: its effects float32 [n cells, F] on one target layer, by subset."""

    number: int
    combination: Combination
    target: Sae
    effects: dict[Subset, Tensor]


def ratio_frame(
    settings: CombineSettings, design: DesignSettings, measured: Iterable[MeasuredSet], out: StepFolder
) -> pl.DataFrame:
    """Rows of combination_ratio of sets whose combination_stat is in ``out``.

    q is over all sets and target layers; controls are none of these, and each kind of them is corrected by itself.
    """
    stats = pl.scan_parquet(out.shards("combination_stat"), glob=False)
    families: dict[str | None, list[dict[str, Any]]] = {}
    for each in measured:
        named = (pl.col("combination") == each.combination.name) & (pl.col("target_sae") == each.target.sae_id)
        row = ratio_row(settings, design, each, stats.filter(named).collect())
        families.setdefault(each.combination.control, []).append(row)
    found = []
    for rows in families.values():
        q = benjamini_hochberg(np.array([row["p"] for row in rows], dtype=np.float64))
        found += [{**row, "q": float(each)} for row, each in zip(rows, q, strict=True)]
    return table_frame("combination_ratio", found)


def ratio_row(
    settings: CombineSettings, design: DesignSettings, each: MeasuredSet, stats: pl.DataFrame
) -> dict[str, Any]:
    """One row of combination_ratio but for q; ``stats``: its rows of combination_stat."""
    n_members, layer, effects = len(each.combination.members), each.target.layer, each.effects
    whole = tuple(range(1, n_members + 1))
    joint = interaction(effects, whole, settings.floor)
    singles = torch.stack([effects[number,].double() for number in whole]).sum(0)
    found = additivity(joint, singles, settings.n_flips, [settings.seed, ENERGY, each.number, layer])
    sizes = called_sizes(stats, n_members, published_rule())
    figures = published_figures(sizes, design.n_draws, [settings.seed, RATIO, each.number, layer])
    names = {"combination": each.combination.name, "target_sae": each.target.sae_id, "target_layer": layer}
    return {**names, "n_members": n_members, **figures, "ratio_additive": n_members**-0.5, **vars(found)}


def contrast_frame(
    settings: CombineSettings, design: DesignSettings, combinations: list[Combination], ratios: pl.DataFrame
) -> pl.DataFrame:
    """Rows of combination_contrast, of the designed ones among the sets of ``ratios``."""
    kinds = {each.name: each.design for each in combinations if each.design is not None}
    kind = pl.col("combination").replace_strict(kinds, default=None, return_dtype=pl.String)
    designed = ratios.with_columns(design=kind).filter(pl.col("design").is_not_null())
    return table_frame("combination_contrast", contrast_rows(designed, design.n_draws, [settings.seed, CONTRAST]))
