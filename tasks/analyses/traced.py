"""What analyses of edges read of a trace: its edges under the chosen rule, and the degrees of its sources."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import polars as pl

from tasks.analyses.edge_choice import EdgeChoice
from tasks.step import Inputs
from tasks.store import RequestError, StepFolder, table_frame
from tasks.trace.settings import TraceSettings
from tasks.trace.significance.degree import STAT_COLUMNS, called
from tasks.trace.significance.rules import Rule, applied, rules

ENDS = ["source_feature", "target_layer", "target_feature"]
FIGURES = ["d", "g"]


def open_trace(section: str, effect: str, inputs: Inputs) -> tuple[StepFolder, pl.DataFrame]:
    """The trace of the unit's layer, and its rows of feature_degree that count edges by the ``effect``.

    Raises RequestError, naming the ``section``, if it lacks the effect.
    """
    folder = StepFolder.open(inputs.layers("trace")[inputs.own_layer])
    degrees = folder.read_table("feature_degree")
    effects = degrees["effect"].unique().sort(descending=True).to_list()
    if effect not in effects:
        raise RequestError(
            f"{section}.effect: {effect} effects were not traced: set it to {' or '.join(effects)}, or add "
            f"{effect} to trace.effects"
        )
    return folder, degrees.filter(effect=effect)


def applied_row(wanted: str, trace: StepFolder) -> dict[str, Any]:
    """The row of the trace's table criterion for the ``wanted`` rule, or for what stands in its place there."""
    rows = {row["criterion"]: row for row in trace.read_table("criterion").to_dicts()}
    return rows[applied(wanted, rows)]


@dataclass(frozen=True)
class Traced:
    """One source layer's trace as the ``choice`` sees it: an effect, and the edges that a rule calls."""

    folder: StepFolder
    choice: EdgeChoice
    rule: Rule
    out: pl.DataFrame  # rows of feature_degree of the sources, under the choice

    @classmethod
    def open(cls, section: str, choice: EdgeChoice, inputs: Inputs) -> "Traced":
        """The trace of the unit's layer. Raises RequestError, naming the ``section``, if it lacks the effect."""
        folder, degrees = open_trace(section, choice.effect, inputs)
        known = {rule.name: rule for rule in rules(inputs.sections.of(TraceSettings))}
        rule = known[applied(choice.criterion, known)]
        return cls(folder, choice, rule, degrees.filter(direction="out", criterion=rule.name))

    @property
    def source_sae(self) -> str:
        """Autoencoder of the sources."""
        return str(self.out["sae_id"][0])

    @property
    def key(self) -> dict[str, str]:
        """Columns effect and criterion of every table."""
        return {"effect": self.choice.effect, "criterion": self.rule.name}

    def target_saes(self) -> dict[int, str]:
        """Autoencoder of every target layer, ascending."""
        return dict(self.out.select("other_layer", "other_sae").unique().sort("other_layer").iter_rows())

    def degrees(self) -> pl.DataFrame:
        """feature and degree of every source: its edges into all target layers together, ascending by feature."""
        return self.out.group_by("feature").agg(pl.col("degree").sum().cast(pl.Int64)).sort("feature")

    def edges(self) -> pl.DataFrame:
        """ENDS and FIGURES of all edges, sorted by their ends; one shard of edge_stat is in memory at a time."""
        nothing = table_frame("edge_stat", []).select(*ENDS, *FIGURES)
        return pl.concat([nothing, *self._called()]).sort(ENDS)

    def _called(self) -> Iterator[pl.DataFrame]:
        for path in self.folder.shards("edge_stat"):
            measured = pl.scan_parquet(path, glob=False).filter(pl.col("effect") == self.choice.effect)
            yield called(measured.select(STAT_COLUMNS).collect(), self.rule).select(*ENDS, *FIGURES)
