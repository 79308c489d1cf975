"""One study's trace of a layer, as it is held against another one's."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from tasks.analyses.traced import applied_row
from tasks.analyses.transfer.step import TransferSettings
from tasks.references.names import in_library
from tasks.step import Folders
from tasks.store import RequestError, StepFolder
from tasks.trace.significance.degree import STAT_COLUMNS, called
from tasks.trace.significance.rules import Rule, rule_of_row

ENDS = ["source_feature", "target_feature"]


@dataclass(frozen=True)
class Side:
    """A study's trace of a layer under a rule.

    ``features`` with degree, frequency, annotated; ``targets``: layers by SAE; ``described``: folders of step describe
    by layer; ``halves``: rows of split_half; ``length``: tokens of the longest cell; ``label`` of every cell;
    ``change``: what was done to a source's activations, and where effects were read.
    """

    trace: StepFolder
    effect: str
    rule: Rule
    sae: str
    features: pl.DataFrame
    targets: dict[str, int]
    described: dict[int, StepFolder]
    halves: pl.DataFrame | None
    length: int
    label: dict[int, str | None]
    change: str

    @classmethod
    def open(cls, wanted: TransferSettings, layer: int, steps: dict[str, Folders]) -> "Side":
        """Read it. Raises RequestError if the effect was not traced."""
        trace = StepFolder.open(steps["trace"][layer])
        row = applied_row(wanted.criterion, trace)
        rule = rule_of_row(row)
        out = trace.read_table("feature_degree").filter(direction="out", effect=wanted.effect, criterion=rule.name)
        if out.is_empty():
            raise RequestError(f"transfer.effect: {wanted.effect} effects were not traced in {trace.path.name}")
        halves, found = steps["effect_sizes"].get(layer), None
        if halves is not None:
            found = StepFolder.open(halves).read_table("split_half").filter(effect=wanted.effect, criterion=rule.name)
        described = {each: StepFolder.open(path) for each, path in steps["describe"].items() if each is not None}
        (cells,) = steps["cells"].values()
        cell = StepFolder.open(cells).read_table("cell")
        length = max(cell["n_tokens"].drop_nulls().to_list(), default=0)
        label = dict(cell.select("cell_id", "label").iter_rows())
        targets = dict(out.select("other_sae", "other_layer").unique().sort("other_layer").iter_rows())
        features = _features(out, described[layer])
        sae = str(out["sae_id"][0])
        return cls(trace, wanted.effect, rule, sae, features, targets, described, found, length, label, _change(row))

    @property
    def sources(self) -> list[int]:
        """The traced sources, ascending."""
        found: list[int] = self.features["feature"].to_list()
        return found

    @property
    def cells(self) -> list[int]:
        """The traced cells."""
        found: list[int] = self.trace.read_table("trace_pair")["cell_id"].unique().sort().to_list()
        return found

    def stat(self, target_sae: str) -> pl.DataFrame:
        """STAT_COLUMNS of all tested pairs into a target layer, whose ``edge`` says if the rule calls it one."""
        columns = pl.col("effect") == self.effect, pl.col("target_sae") == target_sae
        shards = self.trace.shards("edge_stat")
        parts = [pl.scan_parquet(path, glob=False).filter(*columns).select(STAT_COLUMNS).collect() for path in shards]
        found = pl.concat(parts).sort(ENDS).with_row_index("row")
        edges = called(found, self.rule)["row"]
        return found.with_columns(edge=pl.col("row").is_in(edges.implode())).drop("row")

    def terms(self, layer: int) -> pl.DataFrame:
        """Significant terms of a layer's features: feature, term (with its library)."""
        found = self.described[layer].read_table("annotation").filter("significant")
        return found.select("feature", term=in_library("library", "term")).unique()

    def share_of_cells(self, label: str) -> float:
        """Share of the traced cells with this label."""
        return float(np.mean([self.label[cell] == label for cell in self.cells]))

    def about(self, layer: int, features: pl.Series, number: Mapping[str, int], otherwise: int) -> pl.DataFrame:
        """frequency, n_terms and class of the ``features`` of a layer, in this order.

        ``number``: of types of cells; features that mark none have the class ``otherwise``.
        """
        folder = self.described[layer]
        terms = folder.read_table("annotation").filter("significant").group_by("feature").len("n_terms")
        known = folder.read_table("feature").select("feature", "frequency", "top_cell_type")
        marked = pl.col("top_cell_type").replace_strict(
            list(number), list(number.values()), default=otherwise, return_dtype=pl.Int64
        )
        every = known.join(terms, on="feature", how="left").with_columns(
            pl.col("n_terms").fill_null(0), marked.fill_null(otherwise).alias("class")
        )
        wanted = pl.DataFrame({"feature": features.cast(pl.UInt32)})
        return wanted.join(every, on="feature", how="left", maintain_order="left").drop("feature", "top_cell_type")

    def genes(self, layer: int, n: int) -> pl.DataFrame:
        """The first genes of a layer's features: feature, gene (symbol, upper case)."""
        found = self.described[layer].read_table("feature_gene").filter(pl.col("rank") <= n)
        return found.select("feature", gene=pl.col("symbol").str.to_uppercase()).unique().sort("feature", "gene")

    def n_features(self, layer: int) -> int:
        """Features of a layer's autoencoder."""
        return self.described[layer].read_table("feature").height

    def ceiling(self, target_sae: str) -> float | None:
        """Jaccard between the halves of this trace."""
        if self.halves is None:
            return None
        found = self.halves.filter(target_sae=target_sae)["jaccard"].to_list()
        return found[0] if found else None


def _features(out: pl.DataFrame, described: StepFolder) -> pl.DataFrame:
    """feature, degree over all target layers, frequency, annotated, ascending; ``out``: rows of feature_degree."""
    degree = out.group_by("feature").agg(degree=pl.col("degree").sum().cast(pl.Int64))
    terms = described.read_table("annotation").filter("significant")["feature"].unique()
    frequency = described.read_table("feature").select("feature", "frequency")
    known = degree.join(frequency, on="feature", how="left").sort("feature")
    return known.with_columns(annotated=pl.col("feature").is_in(terms.implode()))


def _change(criterion: dict[str, Any]) -> str:
    """In the words of the settings: equal words, and only these, can be compared."""
    dose = "" if criterion["multiplier"] is None else f" = {criterion['multiplier']:g}"
    return f"ablation {criterion['ablation']}{dose}, positions {criterion['positions']}"
