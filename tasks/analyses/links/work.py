"""The work of step ``links``: one layer's features against those of each target layer, a unit for each.

1. Take the features of both layers that are to be tested, and the positions of both, which are the same.
2. Count joint firings, and what to expect of them given the gene (``codes.joint``, ``codes.pair_tests``).
3. Links and highways by a rule (``rules``).

A link is co-activation, not computation. Between neighbouring layers most links join a direction to itself: the
residual stream carries it along, and the autoencoder of either layer has a feature for it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tasks.analyses.links.rules import (
    PUBLISHED_POSITIONS,
    PUBLISHED_SEED,
    SCGPT_BOTH,
    Links,
    geneformer_links,
    links_given_stratum,
    scgpt_links,
)
from tasks.analyses.links.step import LinksSettings
from tasks.codes.joint import count_both, count_by_stratum, places
from tasks.codes.pair_tests import BYTES_PER_PAIR, Association, Strata, associate, read_strata
from tasks.codes.reader import CodesReader, Firings
from tasks.statistics.proportion import wilson
from tasks.step import Info, Inputs
from tasks.store import StepFolder
from tasks.store.memory import require_memory

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class End:
    """One layer's codes, its living ``features`` [A], those that are used, and labels by feature."""

    codes: CodesReader
    n_alive: int
    features: Ints
    labels: pl.DataFrame

    @property
    def place(self) -> Ints:
        """Column of each feature."""
        return places(self.features, self.codes.n_features)


def link_layers(settings: LinksSettings, inputs: Inputs, out: StepFolder) -> Info:
    """Link one layer's features to those of its targets. Raises RequestError if memory or labels are missing."""
    codes, described = inputs.layers("codes"), inputs.layers("describe")
    ends = {layer: _read_end(codes[layer], described[layer], settings) for layer in codes}
    source = ends[inputs.own_layer]
    for layer, target in ends.items():
        unit = f"links-{layer:02d}"
        if layer != inputs.own_layer and not out.has(unit):
            found, n_positions = _associate(settings, inputs, source, target)
            links = _links(found, settings, n_positions)
            with out.unit(unit) as shard:
                shard.table("cross_layer_link", link_rows(source, target, found, links, settings, n_positions))
                shard.table("cross_layer_summary", summary_row(source, target, found, links, settings, n_positions))
    summary = out.read_table("cross_layer_summary")
    return {"layer": inputs.own_layer, "n_links": summary["n_links"].sum(), "n_highways": summary["n_highways"].sum()}


def _read_end(codes: Path, described: Path, settings: LinksSettings) -> End:
    reader = CodesReader(codes)
    feature = StepFolder.open(described).read_table("feature").sort("feature")
    least = settings.min_cells if settings.rule.startswith("given") else 1
    used = feature.filter(pl.col("n_cells_active") >= least)
    features = used["feature"].to_numpy().astype(np.int64)
    return End(reader, int(feature["alive"].sum()), features, feature.select("feature", "label"))


def _associate(settings: LinksSettings, inputs: Inputs, source: End, target: End) -> tuple[Association, int]:
    """Joint firings and their null, and the number of positions they were counted at."""
    n_first, n_second = source.features.size, target.features.size
    words = f"linking {n_first} features to {n_second}"
    require_memory(BYTES_PER_PAIR * n_first * n_second, words, "raise links.min_cells")
    by_label = settings.rule == "given_gene_and_label"
    strata = read_strata(inputs.folder("activations"), inputs.folder("cells") if by_label else None)
    sample = settings.rule == "published_geneformer"
    kept = sampled(strata.of_position.size) if sample else None
    if kept is not None:
        strata = Strata(strata.of_position, np.bincount(strata.of_position[kept], minlength=strata.size.size))
    first, second = (
        count_by_stratum(_at(end.codes, kept), end.place, strata.of_position, strata.size.size)
        for end in (source, target)
    )
    pairs = zip(_at(source.codes, kept), _at(target.codes, kept), strict=True)
    both = count_both(pairs, source.place, target.place)
    return associate(both, first, second, strata.size), int(strata.size.sum())


def sampled(n_positions: int) -> NDArray[np.bool_] | None:
    """Which positions the published rule counts: [N], None for all."""
    if n_positions <= PUBLISHED_POSITIONS:
        return None
    kept = np.zeros(n_positions, dtype=bool)
    kept[np.random.default_rng(PUBLISHED_SEED).choice(n_positions, PUBLISHED_POSITIONS, replace=False)] = True
    return kept


def _at(codes: CodesReader, kept: NDArray[np.bool_] | None) -> Iterator[Firings]:
    """The firings at the positions that are ``kept``."""
    for chunk in codes:
        if kept is None:
            yield chunk
        else:
            own = kept[chunk.position]
            yield Firings(chunk.position[own], chunk.feature[own], chunk.value[own])


def _links(found: Association, settings: LinksSettings, n_positions: int) -> Links:
    if settings.rule == "published_geneformer":
        return geneformer_links(found, n_positions)
    if settings.rule == "published_scgpt":
        return scgpt_links(found, n_positions)
    return links_given_stratum(found, settings)


def link_rows(
    source: End, target: End, found: Association, links: Links, settings: LinksSettings, n_positions: int
) -> pl.DataFrame:
    """Table ``cross_layer_link``, the strongest link of each source first."""
    pair = links.first, links.second
    columns = {
        "source_feature": source.features[links.first].astype(np.uint32),
        "target_feature": target.features[links.second].astype(np.uint32),
        "pmi": found.pmi(*pair, n_positions),
        "n_both": found.both[pair],
        "expected": found.null.mean[pair],
        "z": found.z(*pair),
        "q": pl.Series("q", links.q if links.q is not None else [None] * links.first.size, dtype=pl.Float64),
        "strength": links.strength,
    }
    frame = pl.DataFrame(columns).sort("source_feature", "strength", "target_feature", descending=[False, True, False])
    labels = target.labels.rename({"feature": "target_feature", "label": "target_label"})
    return frame.join(labels, on="target_feature", how="left", maintain_order="left").select(
        pl.lit(source.codes.sae_id).alias("source_sae"),
        "source_feature",
        pl.lit(target.codes.sae_id).alias("target_sae"),
        "target_feature",
        pl.int_range(1, pl.len() + 1).over("source_feature").alias("rank"),
        "pmi", "target_label", "n_both", "expected", "z", "q",
        pl.lit(settings.rule).alias("rule"),
    )  # fmt: skip


def summary_row(
    source: End, target: End, found: Association, links: Links, settings: LinksSettings, n_positions: int
) -> pl.DataFrame:
    """Table ``cross_layer_summary``."""
    linked = np.unique(links.first)
    best = np.full(len(found.both), -np.inf)
    np.maximum.at(best, links.first, found.pmi(links.first, links.second, n_positions))
    n_highways = np.unique(links.first[links.highway]).size
    (low,), (high,) = wilson(np.array([n_highways]), np.array([source.n_alive]))
    least = {"published_geneformer": 1, "published_scgpt": SCGPT_BOTH}
    row = {
        "source_sae": source.codes.sae_id, "source_layer": source.codes.layer,
        "target_sae": target.codes.sae_id, "target_layer": target.codes.layer,
        "n_alive_source": source.n_alive, "n_alive_target": target.n_alive, "n_with_links": linked.size,
        "mean_max_pmi": float(best[linked].mean()) if linked.size else None,
        "median_max_pmi": float(np.median(best[linked])) if linked.size else None,
        "n_highways": n_highways, "n_links": links.n_links,
        "upstream_coverage": linked.size / source.n_alive if source.n_alive else None,
        "downstream_coverage": np.unique(links.second).size / target.n_alive if target.n_alive else None,
        "rule": settings.rule, "n_min": least.get(settings.rule, settings.min_both),
        "highway_low": low, "highway_high": high, "n_highways_by_gene": links.by_gene,
    }  # fmt: skip
    return pl.DataFrame([row])
