"""What analyses of edges read of a trace: its edges under the chosen rule, and the degrees of its sources."""

from collections.abc import Iterator
from pathlib import Path

import polars as pl

from tasks.analyses.edge_choice import EdgeChoice
from tasks.step import Inputs
from tasks.store import RequestError, StepFolder
from tasks.trace.settings import TraceSettings
from tasks.trace.significance.degree import STAT_COLUMNS, called
from tasks.trace.significance.rules import Rule, rules

ENDS = ["source_feature", "target_layer", "target_feature"]


def open_trace(section: str, choice: EdgeChoice, inputs: Inputs) -> StepFolder:
    """The trace of the unit's layer. Raises RequestError, naming the ``section``, if it lacks the effect."""
    trace = StepFolder.open(inputs.layers("trace")[inputs.own_layer])
    if choice.effect not in (effects := trace.info["effects"]):
        raise RequestError(
            f"{section}.effect: {choice.effect} effects were not traced: set it to {' or '.join(effects)}, or add "
            f"{choice.effect} to trace.effects"
        )
    return trace


def rule_of(choice: EdgeChoice, inputs: Inputs) -> Rule:
    """The chosen rule under the study's thresholds."""
    return {rule.name: rule for rule in rules(inputs.sections.of(TraceSettings))}[choice.criterion]


def shards_of(trace: StepFolder, effect: str) -> list[Path]:
    """The shards of edge_stat that hold an effect."""
    return [path for path in trace.shards("edge_stat") if path.stem.startswith(f"{effect}-")]


def read_edges(trace: StepFolder, choice: EdgeChoice, rule: Rule) -> pl.DataFrame:
    """ENDS, mean, d and g of all edges, sorted by their ends; one shard of edge_stat is in memory at a time."""
    columns = list(dict.fromkeys([*ENDS, "mean", *STAT_COLUMNS]))
    return pl.concat(_called(shards_of(trace, choice.effect), columns, rule)).sort(ENDS)


def _called(shards: list[Path], columns: list[str], rule: Rule) -> Iterator[pl.DataFrame]:
    for path in shards:
        edges = called(pl.read_parquet(path, columns=columns, glob=False), rule)
        yield edges.select(*ENDS, "mean", "d", "g")


def target_saes(trace: StepFolder) -> dict[int, str]:
    """Autoencoder of every target layer, ascending."""
    ends = trace.read_table("feature_degree").filter(direction="out").select("other_layer", "other_sae").unique()
    return dict(ends.sort("other_layer").iter_rows())


def read_degrees(trace: StepFolder, choice: EdgeChoice) -> pl.DataFrame:
    """feature and degree of every source: its edges into all target layers together, ascending by feature."""
    out = trace.read_table("feature_degree").filter(direction="out", effect=choice.effect, criterion=choice.criterion)
    return out.group_by("feature").agg(pl.col("degree").sum().cast(pl.Int64)).sort("feature")
