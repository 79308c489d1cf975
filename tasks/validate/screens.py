"""Responses of a screen as matrices: perturbations that a circuit predicts, and genes at its targets' end."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from tasks.store import StepFolder
from tasks.validate.circuit import Circuit
from tasks.validate.null import Floats
from tasks.validate.scores import is_source

VALUES = ("log2_fold", "q", "published_log2", "published_e1_log2")


@dataclass(frozen=True)
class Screen:
    """One line: P perturbations of single genes at the sources' end of an edge, B genes at the targets' end.

    ``genes``: of the perturbations, upper case; ``values``: [P, B] by column of VALUES, NaN where nothing was measured
    and for the gene itself; ``usual`` [P, B]: mean log2 fold of the gene after all other perturbations of single genes
    in the line, NaN where there is none; ``on_target`` and ``on_target_p`` [P]: of the perturbed gene, NaN if unknown.
    """

    line: str
    genes: list[str]
    values: dict[str, Floats]
    usual: Floats
    on_target: Floats
    on_target_p: Floats

    @property
    def fold(self) -> Floats:
        """log2 folds [P, B]."""
        return self.values["log2_fold"]


def read_screens(responses: Path, circuit: Circuit) -> list[Screen]:
    """The lines of a step folder ``responses``, in alphabetical order; lines without such perturbations have P = 0."""
    folder = StepFolder.open(responses)
    known = folder.read_table("perturbation").filter(
        pl.col("gene").is_not_null(), pl.col("n_genes") == 1, pl.col("n_measured") > 0
    )
    lines = sorted(set(folder.read_table("perturbation")["line"]))
    place = {symbol.upper(): column for column, symbol in reversed([*enumerate(circuit.target_symbols)])}
    targets = pl.DataFrame(
        {"name": list(place), "column": list(place.values())}, schema={"name": pl.String, "column": pl.Int64}
    )
    measured = _responses(folder).join(targets.lazy(), on="name").collect()
    return [_screen(line, known.filter(line=line), measured.filter(line=line), circuit) for line in lines]


def _responses(folder: StepFolder) -> pl.LazyFrame:
    frame = pl.scan_parquet(folder.shards("perturbation_response"), glob=False)
    return frame.select("line", "perturbation", *VALUES, name=pl.col("symbol").str.to_uppercase())


def _screen(line: str, known: pl.DataFrame, measured: pl.DataFrame, circuit: Circuit) -> Screen:
    single = measured.join(known.select("perturbation", "gene"), on="perturbation")
    single = single.filter(pl.col("name") != pl.col("gene").str.to_uppercase())
    single = single.unique(["perturbation", "name"], keep="first", maintain_order=True)
    sources = sorted(is_source(circuit))
    of_source = known.with_columns(source=pl.col("gene").str.to_uppercase()).filter(pl.col("source").is_in(sources))
    of_source = of_source.unique("source", keep="first", maintain_order=True).sort("source").with_row_index("row")
    shape = (of_source.height, len(circuit.target_symbols))
    own = single.join(of_source.select("perturbation", "row"), on="perturbation")
    cell = (own["row"].to_numpy(), own["column"].to_numpy())
    values = {name: np.full(shape, np.nan) for name in VALUES}
    for name, matrix in values.items():
        matrix[cell] = own[name].to_numpy()
    return Screen(
        line,
        of_source["source"].to_list(),
        values,
        _usual(single, values["log2_fold"]),
        *(of_source[name].cast(pl.Float64).fill_null(np.nan).to_numpy() for name in ("on_target_log2", "on_target_p")),
    )


def _usual(single: pl.DataFrame, fold: Floats) -> Floats:
    """Mean log2 fold of every gene over the perturbations of single genes but the row's own: [P, B]."""
    sums = single.group_by("column").agg(total=pl.col("log2_fold").sum(), n=pl.len())
    total, n = np.zeros(fold.shape[1]), np.zeros(fold.shape[1])
    total[sums["column"].to_numpy()], n[sums["column"].to_numpy()] = sums["total"].to_numpy(), sums["n"].to_numpy()
    has = np.isfinite(fold)
    others, left = n - has, total - np.where(has, fold, 0.0)
    return np.asarray(np.divide(left, others, out=np.full(fold.shape, np.nan), where=others > 0))
