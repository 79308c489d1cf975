"""Tables criterion and feature_degree: the rules, and what they make of edge_stat.

Rules are applied to the stored values, float32 d and g, so that a query over edge_stat counts the same edges.
"""

from pathlib import Path

import numpy as np
import polars as pl
import torch

from tasks.store import table_frame
from tasks.trace.names import Names
from tasks.trace.settings import TraceSettings
from tasks.trace.significance.rules import Rule

OUT, IN = ["source_feature", "target_layer"], ["target_feature", "target_layer"]
STAT_COLUMNS = [*OUT, "target_feature", "n_cells", "n_units", "n_pos", "n_neg", "d", "g", "q", "q_specific"]


def criterion_frame(rules: list[Rule], settings: TraceSettings) -> pl.DataFrame:
    """Rows of criterion: the rules, and what they judge."""
    facts = ("effect_min", "consistency_min", "q_max", "nonzero_min", "symmetric", "meaning", "controlled")
    judged = {name: getattr(settings, name) for name in ("unit", "ablation", "positions")}
    judged["multiplier"] = settings.multiplier if settings.ablation == "scale" else None
    rows = [{"criterion": rule.name, **judged, **{fact: getattr(rule, fact) for fact in facts}} for rule in rules]
    return table_frame("criterion", rows)


def called(stat: pl.DataFrame, rule: Rule) -> pl.DataFrame:
    """The rows of edge_stat that are edges under the rule."""
    counts = stat.select("n_pos", "n_neg", n=pl.coalesce("n_units", "n_cells"))
    n_pos, n_neg, n = (torch.from_numpy(column.to_numpy().astype(np.int64)) for column in counts)
    effect = torch.from_numpy(stat["g" if rule.symmetric else "d"].to_numpy().copy())
    passes = rule.passes(effect, n_pos, n_neg, n).numpy()
    if rule.q_max is None:
        return stat.filter(passes)
    q = stat["q_specific" if rule.controlled else "q"]
    return stat.filter(passes & (q <= rule.q_max).fill_null(value=False).to_numpy())


class Tally:
    """Edges of every row of ``ends``, counted shard by shard; ``key`` are the columns that say where an edge belongs.

    |d| is added edge after edge, so that the mean does not depend on how the edges are cut into shards.
    """

    def __init__(self, ends: pl.DataFrame, key: list[str]) -> None:
        self.ends, self.key, self.numbered = ends, key, ends.with_row_index("row")
        self.degree = np.zeros(ends.height, np.int64)
        self.size = np.zeros(ends.height)

    def add(self, edges: pl.DataFrame) -> None:
        """Count edges with columns ``key`` and d."""
        row = edges.join(self.numbered, on=self.key, how="left", maintain_order="left")["row"].to_numpy()
        self.degree += np.bincount(row, minlength=len(self.degree))
        np.add.at(self.size, row, np.abs(edges["d"].to_numpy().astype(np.float64)))

    def frame(self) -> pl.DataFrame:
        """``ends`` with their degree and mean |d|, null where there is no edge."""
        degree = pl.Series("degree", self.degree)
        mean = pl.when(degree > 0).then(pl.Series(self.size) / pl.Series(self.degree))
        return self.ends.with_columns(degree, mean.alias("mean_abs_d"))


def degree_frame(names: Names, rules: list[Rule], edge_stat: list[Path], sources: list[int]) -> pl.DataFrame:
    """Rows of feature_degree: every traced source, and every target that is live for some source.

    One shard is in memory at a time.
    """
    layers = pl.DataFrame({"target_layer": sorted(names.target_saes)}, schema={"target_layer": pl.UInt16})
    outs = pl.DataFrame({"source_feature": sources}, schema={"source_feature": pl.UInt32}).join(layers, how="cross")
    live = pl.concat(pl.read_parquet(path, columns=IN, glob=False).unique() for path in edge_stat)
    ins = live.unique().sort("target_layer", "target_feature")
    ends = {"out": (outs, OUT), "in": (ins, IN)}
    tallies = [(rule, {direction: Tally(*end) for direction, end in ends.items()}) for rule in rules]
    for path in edge_stat:
        stat = pl.read_parquet(path, columns=STAT_COLUMNS, glob=False)
        for rule, tally in tallies:
            edges = called(stat, rule)
            for direction in ends:
                tally[direction].add(edges)
    return pl.concat(
        _rows(names, rule, direction, tally[direction].frame()) for rule, tally in tallies for direction in ends
    )


def _rows(names: Names, rule: Rule, direction: str, tally: pl.DataFrame) -> pl.DataFrame:
    source = (pl.lit(names.source_sae), pl.lit(names.source_layer, pl.UInt16))
    target = (pl.col("target_layer").replace_strict(names.target_saes, return_dtype=pl.String), pl.col("target_layer"))
    (sae, layer), (other_sae, other_layer) = (source, target) if direction == "out" else (target, source)
    return tally.select(
        effect=pl.lit(names.effect),
        direction=pl.lit(direction),
        sae_id=sae,
        layer=layer,
        feature="source_feature" if direction == "out" else "target_feature",
        other_sae=other_sae,
        other_layer=other_layer,
        criterion=pl.lit(rule.name),
        degree="degree",
        mean_abs_d="mean_abs_d",
    )
