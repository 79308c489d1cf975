"""The work of step ``transfer``: one source layer here beside the same layer of every other study.

1. ``transfer_summary``: how edges are spread over the features that fire in the traced cells, here and there
   (``degrees``). Autoencoders may differ; cells may, too.
2. ``transfer_edge``: where the source layer's autoencoder is the same one, whether the edges are the same, by target
   layer whose autoencoder is the same as well (``overlap``). Features of two autoencoders share nothing but numbers.
3. The most to expect is what the halves of one trace have in common (``split_half``): it is given for both, where step
   effect_sizes was made. Halves hold half the cells and judge effect and agreement alone, so it is a rough ceiling.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from tasks.analyses.traced import open_trace
from tasks.analyses.transfer.degrees import STATISTICS, statistics
from tasks.analyses.transfer.overlap import ENDS, overlap_row
from tasks.analyses.transfer.step import TransferSettings
from tasks.step import Info, Inputs
from tasks.store import RequestError, StepFolder, table_frame
from tasks.trace.significance.degree import STAT_COLUMNS, called
from tasks.trace.significance.rules import applied, rule_of_row

UNIT = "transfer"
Row = dict[str, Any]
KEYS = {"transfer_summary": ["other", "statistic"], "transfer_edge": ["other", "target_sae"]}


def compare_studies(settings: TransferSettings, inputs: Inputs, out: StepFolder) -> Info:
    """Hold one source layer's edges against those of the other studies. Raises RequestError for another effect."""
    if not out.has(UNIT):
        folder, _ = open_trace("transfer", settings.effect, inputs)
        layer = inputs.own_layer
        halves = inputs.layers("effect_sizes").get(layer)
        mine = Side.open(settings, folder, inputs.layers("describe")[layer], halves)
        rows: dict[str, list[Row]] = {table: [] for table in KEYS}
        for name, steps in sorted(inputs.others.items()):
            trace = StepFolder.open(steps["trace"][layer])
            there = Side.open(settings, trace, steps["describe"][layer], steps["effect_sizes"].get(layer))
            about = {"effect": settings.effect, "criterion": mine.criterion, "source_sae": mine.sae, "other": name}
            about |= {"other_sae": there.sae, "other_criterion": there.criterion}
            rows["transfer_summary"] += [{**about, **row} for row in summary_rows(mine, there)]
            rows["transfer_edge"] += [{**about, **row} for row in edge_rows(settings, mine, there, layer)]
        with out.unit(UNIT) as unit:
            for table, found in rows.items():
                unit.table(table, table_frame(table, found).sort(KEYS[table]))
    edges = out.read_table("transfer_edge")
    return {"n_own": int(edges["n_own"].sum()), "n_both": int(edges["n_both"].sum())}


@dataclass(frozen=True)
class Side:
    """A study's trace of a layer under a rule: ``features`` with degree, frequency, annotated; ``targets`` by SAE."""

    sae: str
    criterion: str
    features: pl.DataFrame
    targets: dict[str, int]
    edges: pl.DataFrame
    halves: pl.DataFrame | None

    @classmethod
    def open(cls, wanted: TransferSettings, trace: StepFolder, describe: Path, halves: Path | None) -> "Side":
        """Read it. Raises RequestError if the effect was not traced."""
        criteria = {row["criterion"]: row for row in trace.read_table("criterion").to_dicts()}
        rule = rule_of_row(criteria[applied(wanted.criterion, criteria)])
        out = trace.read_table("feature_degree").filter(direction="out", effect=wanted.effect, criterion=rule.name)
        if out.is_empty():
            raise RequestError(f"transfer.effect: {wanted.effect} effects were not traced in {trace.path.name}")
        stat = pl.scan_parquet(trace.shards("edge_stat"), glob=False).filter(pl.col("effect") == wanted.effect)
        edges = called(stat.select("target_sae", *STAT_COLUMNS).collect(), rule).select("target_sae", *ENDS)
        compared = None
        if halves is not None:
            compared = (
                StepFolder.open(halves).read_table("split_half").filter(effect=wanted.effect, criterion=rule.name)
            )
        targets = dict(out.select("other_sae", "other_layer").unique().sort("other_layer").iter_rows())
        return cls(str(out["sae_id"][0]), rule.name, _features(out, describe), targets, edges, compared)

    def ceiling(self, target_sae: str) -> float | None:
        """Jaccard between the halves of this trace."""
        if self.halves is None:
            return None
        found = self.halves.filter(target_sae=target_sae)["jaccard"].to_list()
        return found[0] if found else None


def _features(out: pl.DataFrame, describe: Path) -> pl.DataFrame:
    """feature, degree over all target layers, frequency, annotated, ascending; ``out``: rows of feature_degree."""
    degree = out.group_by("feature").agg(degree=pl.col("degree").sum().cast(pl.Int64))
    described = StepFolder.open(describe)
    terms = described.read_table("annotation").filter("significant")["feature"].unique()
    frequency = described.read_table("feature").select("feature", "frequency")
    known = degree.join(frequency, on="feature", how="left").sort("feature")
    return known.with_columns(annotated=pl.col("feature").is_in(terms.implode()))


def summary_rows(mine: Side, there: Side) -> list[Row]:
    """Step 1."""
    own, other = statistics(mine.features), statistics(there.features)
    return [{"statistic": name, "own": own[name], "theirs": other[name]} for name in STATISTICS]


def edge_rows(settings: TransferSettings, mine: Side, there: Side, layer: int) -> list[Row]:
    """Steps 2 and 3; no rows between different autoencoders."""
    if mine.sae != there.sae:
        return []
    sources = sorted(set(mine.features["feature"].to_list()) & set(there.features["feature"].to_list()))
    frequency = dict(mine.features.select("feature", "frequency").iter_rows())
    rows = []
    for sae, target in mine.targets.items():
        if sae in there.targets:
            ends = mine.edges.filter(target_sae=sae), there.edges.filter(target_sae=sae)
            found = overlap_row(ends, sources, frequency, settings.n_draws, [settings.seed, layer, target])
            ceilings = {"ceiling": mine.ceiling(sae), "ceiling_there": there.ceiling(sae)}
            rows.append({"target_sae": sae, "n_sources": len(sources), **found, **ceilings})
    return rows
