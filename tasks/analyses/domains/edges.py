"""A study's edges under one rule, what is known of all its features, and the targets that might have had edges."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from tasks.analyses.edge_choice import EdgeChoice
from tasks.analyses.traced import applied_row
from tasks.step import Inputs
from tasks.store import RequestError, StepFolder
from tasks.trace.significance.degree import STAT_COLUMNS, called
from tasks.trace.significance.rules import rule_of_row

Folders = Mapping[int, Path]
PAIR = ["source_layer", "target_layer"]
END = ["layer", "feature"]


@dataclass(frozen=True)
class StudyEdges:
    """Edges of all source layers.

    ``edges``: source_layer, source_feature, target_layer, target_feature, g. ``features``: layer, sae_id, feature,
    frequency, n_terms of every feature. ``pool``: layer, feature of the targets. ``sources``: layer, feature of all
    that were traced, with edges or without.
    """

    criterion: str
    edges: pl.DataFrame
    features: pl.DataFrame
    pool: pl.DataFrame
    sources: pl.DataFrame

    def degrees(self) -> pl.DataFrame:
        """direction, sae_id, feature and degree of every source and every target, edges or none."""
        parts = []
        for direction, end, known in (("out", "source", self.sources), ("in", "target", self.pool)):
            names = {f"{end}_layer": "layer", f"{end}_feature": "feature"}
            counted = self.edges.rename(names).group_by(END).len("degree")
            own = known.join(counted, on=END, how="left").join(self.features.select("sae_id", *END), on=END)
            about = (pl.lit(direction).alias("direction"), "sae_id", "feature", pl.col("degree").fill_null(0))
            parts.append(own.select(about))
        return pl.concat(parts)


def read_edges(section: str, choice: EdgeChoice, inputs: Inputs) -> StudyEdges:
    """Read them of the folders of steps trace and describe.

    Raises RequestError, naming the ``section``, if no layer is traced or the effect was not.
    """
    traces = {layer: StepFolder.open(folder) for layer, folder in inputs.layers("trace").items()}
    described = {layer: StepFolder.open(folder) for layer, folder in inputs.layers("describe").items()}
    read = [_read_trace(section, choice, layer, trace) for layer, trace in sorted(traces.items())]
    if not read:
        raise RequestError(f"{section}.wanted: no layer is traced: name trace.source_layers")
    return StudyEdges(
        criterion=read[0][0],
        edges=pl.concat([edges for _, edges, _, _ in read]).sort(*PAIR, "source_feature", "target_feature"),
        features=pl.concat([_features(folder) for _, folder in sorted(described.items())]),
        pool=pl.concat([pool for *_, pool, _ in read]).unique().sort("layer", "feature"),
        sources=pl.concat([sources for *_, sources in read]).unique().sort("layer", "feature"),
    )


def _read_trace(
    section: str, choice: EdgeChoice, layer: int, trace: StepFolder
) -> tuple[str, pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Rule, edges, targets and sources of one source layer."""
    rule = rule_of_row(applied_row(choice.criterion, trace))
    ends = trace.read_table("feature_degree").filter(effect=choice.effect, criterion=rule.name)
    if ends.is_empty():
        raise RequestError(f"{section}.effect: {choice.effect} effects were not traced from layer {layer}")
    stat = pl.scan_parquet(trace.shards("edge_stat"), glob=False).filter(pl.col("effect") == choice.effect)
    edges = called(stat.select("source_layer", *STAT_COLUMNS).collect(), rule)
    pool, sources = (ends.filter(direction=way).select("layer", "feature") for way in ("in", "out"))
    ends_and_size = ("source_layer", "source_feature", "target_layer", "target_feature", "g")
    return rule.name, edges.select(ends_and_size), pool, sources


def _features(described: StepFolder) -> pl.DataFrame:
    terms = described.read_table("annotation").filter("significant").group_by("feature").len("n_terms")
    feature = described.read_table("feature").select("layer", "sae_id", "feature", "frequency")
    return feature.join(terms, on="feature", how="left").with_columns(pl.col("n_terms").fill_null(0)).sort("feature")
