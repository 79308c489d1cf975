"""Table class_contrast: are features of a type of cells wired among themselves in its cells rather than in others?

1. The class of a feature is the type of cell that step describe calls for it. Both studies have one autoencoder of the
   source layer, and target layers whose autoencoder is the same; sources are those that both traced.
2. Trace one study in cells of the type and the other in other cells (trace.cells_where): ``own_cells`` and
   ``their_cells`` say how many of the traced cells are of it. The test is that of ``classes.between``; q is
   Benjamini-Hochberg over the classes of the source layer.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tasks.analyses.classes.between import between_studies, sources_of
from tasks.analyses.classes.within import NO_CLASS, Wired, bins_of
from tasks.analyses.transfer.side import Side
from tasks.statistics.fdr import correct_rows

Ints = NDArray[np.int64]
Row = dict[str, Any]
MOST_BINS, FEWEST = 10, 3
TOO_FEW = "fewer than 3 sources with edges in both studies, or fewer than 3 targets, of the class"
TESTED = ("own", "theirs", "difference", "expected", "sd", "p_exchanged", "p_sources", "p", "q", "n_null")


@dataclass(frozen=True)
class Ends:
    """Of a target layer: tested pairs here and there, source_feature, target_feature and edge."""

    layer: int
    own: pl.DataFrame
    other: pl.DataFrame


def class_rows(mine: Side, there: Side, layer: int, found: list[Ends], n_draws: int, seed: list[int]) -> list[Row]:
    """Columns class to reason, of every class with a source; ``found``: by target layer, ascending."""
    names = _types(mine, [layer, *(ends.layer for ends in found)])
    if not names or not found:
        return []
    own, other = wire_both(mine, there, layer, found, {name: number for number, name in enumerate(names)})
    bins = bins_of(own, MOST_BINS)
    rows: list[Row] = []
    for one, name in enumerate(names):
        n_sources, n_targets = len(sources_of(own, other, one)), int((own.target_class == one).sum())
        row: Row = {"class": name, "n_sources": n_sources, "n_targets": n_targets}
        row |= {"own_cells": mine.share_of_cells(name), "their_cells": there.share_of_cells(name)}
        if min(n_sources, n_targets) < FEWEST:
            rows.append(row | dict.fromkeys(TESTED) | {"reason": TOO_FEW})
            continue
        tested = between_studies(own, other, one, bins, n_draws, [*seed, one])
        values = (*tested.shares, tested.difference, tested.expect, tested.sd, tested.p_exchanged, tested.p_sources)
        rows.append(row | dict(zip(TESTED, (*values, tested.p, None, n_draws), strict=True)) | {"reason": None})
    correct_rows(rows)
    return rows


def wire_both(mine: Side, there: Side, layer: int, found: list[Ends], number: Mapping[str, int]) -> tuple[Wired, Wired]:
    """Edges of both studies with sources and targets numbered alike."""
    sources = np.intersect1d(mine.sources, there.sources)
    pools = [pl.concat([ends.own["target_feature"], ends.other["target_feature"]]).unique().sort() for ends in found]
    starts = np.cumsum([0, *(len(pool) for pool in pools)])
    about = [mine.about(ends.layer, pool, number, NO_CLASS) for ends, pool in zip(found, pools, strict=True)]
    known = pl.concat(about)
    of_source = mine.about(layer, pl.Series(sources), number, NO_CLASS)["class"].to_numpy()
    layers = np.repeat([ends.layer for ends in found], np.diff(starts)).astype(np.int64)
    covariates = known.select("frequency", "n_terms").to_numpy().astype(np.float64)

    def wired(side: str) -> Wired:
        parts = []
        for group, (ends, pool) in enumerate(zip(found, pools, strict=True)):
            edges = getattr(ends, side).filter("edge", pl.col("source_feature").is_in(sources.tolist()))
            source = np.searchsorted(sources, edges["source_feature"].to_numpy())
            target = starts[group] + np.searchsorted(pool.to_numpy(), edges["target_feature"].to_numpy())
            parts.append(np.stack([np.full(edges.height, group), source, target]))
        group, source, target = np.concatenate(parts, axis=1).astype(np.int64)
        return Wired(group, source, target, of_source, known["class"].to_numpy(), layers, covariates)

    return wired("own"), wired("other")


def _types(side: Side, layers: list[int]) -> list[str]:
    frames = (side.described[layer].read_table("feature")["top_cell_type"].drop_nulls() for layer in layers)
    return sorted(set().union(*(frame.to_list() for frame in frames)))
