"""How many edges have a disease at both ends, beside two nulls.

1. ``matched``: which targets have the disease is exchanged within bins of layer, firing frequency and length of the
   gene list. Sources, and all edges, stay as they are.
2. ``rewired``: edges are rewired (``statistics.rewiring``), by source layer; sources keep their number of edges into
   every layer, targets theirs from every source layer. It knows which targets answer anything readily.
3. p is two-sided, q Benjamini-Hochberg over the diseases with enough sources and targets, each null by itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tasks.analyses.disease.step import DiseaseSettings
from tasks.statistics.fdr import benjamini_hochberg
from tasks.statistics.matched_sum import MatchedSum
from tasks.statistics.matching import finest_bins
from tasks.statistics.null_draws import NullDraws
from tasks.statistics.rewiring import rewire

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Row = dict[str, Any]
TOO_FEW = "fewer sources or fewer targets with the disease than disease.min_features"
NULLS = ("matched", "rewired")


@dataclass(frozen=True)
class Network:
    """Edges [E, 2] from numbered sources to numbered targets; ``source_layer`` and ``target_layer`` by number.

    ``covariates`` [T, 2]: firing frequency and length of the gene list of every target of the pool, edges or none.
    """

    edges: Ints
    source_layer: Ints
    target_layer: Ints
    covariates: Floats


def circuit_rows(
    settings: DiseaseSettings, network: Network, names: Sequence[tuple[str, str]], marks: Sequence[tuple[Ints, Ints]]
) -> list[Row]:
    """Rows of table ``disease_circuit`` behind effect and criterion.

    ``names``: library and disease; ``marks``: the sources and the targets that have it, by number.
    """
    sources = [_mask(network.source_layer.size, own) for own, _ in marks]
    targets = [_mask(network.target_layer.size, own) for _, own in marks]
    observed = np.array([_within(network.edges, *ends) for ends in zip(sources, targets, strict=True)])
    enough = [min(len(own), len(other)) >= settings.min_features for own, other in marks]
    rewired, changed = _rewired(settings, network, sources, targets) if any(enough) else (None, None)
    rows: list[Row] = []
    for number, (name, (own, other)) in enumerate(zip(names, marks, strict=True)):
        row: Row = dict(zip(("library", "disease"), name, strict=True))
        row |= {"n_sources": len(own), "n_targets": len(other), "n_edges": int(observed[number])}
        row |= {f"{what}_{null}": None for null in NULLS for what in ("expected", "sd", "p", "q")}
        row |= {"n_null": None, "n_rewired": None, "changed": None, "reason": TOO_FEW}
        if enough[number] and rewired is not None:
            matched = _matched(settings, network, sources[number], other, [settings.seed, 2, number])
            row |= {"expected_matched": matched.expect, "sd_matched": matched.sd, "p_matched": matched.p}
            row |= _about_mean(observed[number], rewired[:, number])
            row |= {"n_null": settings.n_draws, "n_rewired": settings.rewired, "changed": changed, "reason": None}
        rows.append(row)
    for null in NULLS:
        tested = [row for row in rows if row[f"p_{null}"] is not None]
        for row, q in zip(tested, benjamini_hochberg(np.array([row[f"p_{null}"] for row in tested])), strict=True):
            row[f"q_{null}"] = float(q)
    return rows


def target_bins(network: Network, targets: Ints, most: int) -> Ints:
    """The bin of every target, numbered on over layers: the finest that leave ``targets`` another in theirs."""
    bins = np.zeros(network.target_layer.size, dtype=np.int64)
    first = 0
    for layer in np.unique(network.target_layer):
        own = np.flatnonzero(network.target_layer == layer)
        chosen = np.flatnonzero(np.isin(own, targets))
        chosen = chosen if chosen.size else np.arange(own.size)
        bins[own] = first + finest_bins(chosen, network.covariates[own], most)[0]
        first = int(bins[own].max()) + 1
    return bins


def _matched(settings: DiseaseSettings, network: Network, sources: Bools, targets: Ints, seed: list[int]) -> MatchedSum:
    """Edges from sources with the disease into targets with it: a sum over targets of how many reach each."""
    reached = network.edges[sources[network.edges[:, 0]], 1]
    values = np.bincount(reached, minlength=network.target_layer.size).astype(np.float64)
    return MatchedSum(values, targets, target_bins(network, targets, settings.bins), settings.n_draws, seed)


def _rewired(
    settings: DiseaseSettings, network: Network, sources: Sequence[Bools], targets: Sequence[Bools]
) -> tuple[Floats, float]:
    """Edges within every disease in rewired networks [B, n], and the mean share of edges that are new in them."""
    total, changed = np.zeros((settings.rewired, len(sources))), []
    layers = network.source_layer[network.edges[:, 0]]
    for layer in np.unique(layers):
        part = network.edges[layers == layer]
        seed = [settings.seed, 3, int(layer)]
        for draw, one in enumerate(rewire(part, settings.rewired, seed, groups=network.target_layer)):
            total[draw] += [_within(one.edges, own, other) for own, other in zip(sources, targets, strict=True)]
            changed.append(one.changed * len(part))
    return total, float(np.sum(changed) / max(settings.rewired * len(layers), 1))


def _about_mean(observed: float, drawn: Floats) -> Row:
    every = np.append(drawn, observed)  # the observed network is one of them
    off = NullDraws(np.array([observed - every.mean()]), (drawn - every.mean())[:, None])
    return {
        "expected_rewired": float(drawn.mean()),
        "sd_rewired": float(drawn.std(ddof=1)),
        "p_rewired": float(off.p("two-sided")[0]),
    }


def _within(edges: Ints, sources: Bools, targets: Bools) -> int:
    return int((sources[edges[:, 0]] & targets[edges[:, 1]]).sum())


def _mask(size: int, chosen: Ints) -> NDArray[np.bool_]:
    mask = np.zeros(size, dtype=bool)
    mask[chosen] = True
    return mask


def number_ends(edges: pl.DataFrame, sources: pl.DataFrame, targets: pl.DataFrame) -> Ints:
    """Edges [E, 2] by the numbers of their ends, the places in ``sources`` and ``targets`` (layer, feature)."""
    numbered = edges.select("source_layer", "source_feature", "target_layer", "target_feature")
    for end, known in (("source", sources), ("target", targets)):
        names = {"layer": f"{end}_layer", "feature": f"{end}_feature"}
        own = known.select("layer", "feature").with_row_index(end).rename(names)
        numbered = numbered.join(own, on=[*names.values()])
    return numbered.select("source", "target").sort("source", "target").to_numpy().astype(np.int64)
