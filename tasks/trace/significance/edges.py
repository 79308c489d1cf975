"""Table edge_stat: the tests of all blocks with their q.

1. Count how often each p occurs among the tests of each target layer, and run Benjamini-Hochberg over the counts.
2. The same for what the rule specific corrects, where control displacements were measured (``specific``): pairs with
   too few cases with an effect are in no family there, and are no specific edge.
3. Hand both back block by block, in the order of the tests, beside names and types as the table has them.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
import torch
from numpy.typing import NDArray

from tasks.statistics.fdr import benjamini_hochberg_counts
from tasks.trace.names import Names
from tasks.trace.significance.rules import Rule
from tasks.trace.significance.specific import DecoyNull, joint_p, null_share

FAMILY = ["target_layer", "p"]
JUDGED = ["target_layer", "n_cells", "n_pos", "n_neg", "g", "p", "excess"]
Read = Callable[[Path], pl.DataFrame]


def read_p(path: Path) -> pl.DataFrame:
    """Columns target_layer and p of the tests in a file: p of the sign flips."""
    return pl.read_parquet(path, columns=FAMILY, glob=False)


def q_values(tests: list[Path], read: Read = read_p) -> Iterator[NDArray[np.float64]]:
    """Yield q of every test, file by file, over the family (source layer, target layer, effect) that it belongs to.

    A pair without p was not tested: it is in no family, and its q is NaN. ``read`` says which p: of target layers in
    the order of the tests. A permutation p takes few values, so that a family is held as how often each occurs.
    """
    if not tests:
        return
    found = pl.concat(read(path).drop_nulls("p").group_by(FAMILY).len() for path in tests)
    families = _corrected(found.group_by(FAMILY).agg(pl.col("len").sum()).sort(FAMILY))
    for path in tests:
        yield read(path).join(families, on=FAMILY, how="left", maintain_order="left")["q"].to_numpy()


def _corrected(families: pl.DataFrame) -> pl.DataFrame:
    """``families`` with the q of each target layer's ascending p, which occur ``len`` times."""
    layer, p, count = (families[name].to_numpy() for name in (*FAMILY, "len"))
    q = np.empty(families.height)
    for family in np.unique(layer):
        of_family = layer == family
        q[of_family] = benjamini_hochberg_counts(p[of_family], count[of_family])
    return families.with_columns(pl.Series("q", q))


@dataclass(frozen=True)
class Family:
    """Pairs of a target layer that the rule specific can call, ``n_above`` of them with p above 1/2."""

    n: int
    n_above: int

    @property
    def null_share(self) -> float:
        """Share of the pairs where nothing happens."""
        return null_share(self.n_above, self.n)


def callable_pairs(rule: Rule) -> pl.Expr:
    """Whether a test has a p and enough cases with an effect to be an edge."""
    return pl.col("p").is_not_null() & (pl.col("n_pos").cast(pl.UInt32) + pl.col("n_neg") >= rule.nonzero_min)


def families(tests: list[Path], rule: Rule) -> dict[int, Family]:
    """The family of every target layer that has one, of the tests in some files."""
    found = pl.concat(
        pl.read_parquet(path, columns=[*FAMILY, "n_pos", "n_neg"], glob=False)
        .filter(callable_pairs(rule))
        .group_by("target_layer")
        .agg(n=pl.len(), above=(pl.col("p") > 0.5).sum())
        for path in tests
    )
    counts = found.group_by("target_layer").agg(pl.col("n", "above").sum()).sort("target_layer")
    return {layer: Family(n, above) for layer, n, above in counts.iter_rows()}


class Controlled:
    """What tests come to beside decoys; ``nulls`` and ``members`` by target layer, ``rule`` the calibrated one."""

    def __init__(self, nulls: dict[int, DecoyNull], members: dict[int, Family], rule: Rule) -> None:
        self.nulls, self.members, self.rule = nulls, members, rule

    def p_control(self, tests: pl.DataFrame) -> NDArray[np.float64]:
        """Of every test: float64; 1 where the rule's effect or agreement fails, NaN where there are no companions."""
        n_pos, n_neg, n = (
            torch.from_numpy(tests[name].to_numpy().astype(np.int64)) for name in ("n_pos", "n_neg", "n_cells")
        )
        passes = self.rule.passes(torch.from_numpy(tests["g"].to_numpy().copy()), n_pos, n_neg, n).numpy()
        layer, excess = tests["target_layer"].to_numpy(), tests["excess"].fill_null(float("nan")).to_numpy()
        p = np.ones(tests.height)
        for each, null in self.nulls.items():
            of_layer = (layer == each) & passes
            p[of_layer] = null.p(excess[of_layer])
        return np.where(np.isnan(excess), np.nan, p)

    def read(self, path: Path) -> pl.DataFrame:
        """Columns target_layer and p of the tests in a file: what q_specific corrects."""
        tests = pl.read_parquet(path, columns=JUDGED, glob=False)
        shares = {layer: family.null_share for layer, family in self.members.items()}
        share = tests["target_layer"].replace_strict(shares, default=1.0, return_dtype=pl.Float64).to_numpy()
        own = tests.select(pl.when(callable_pairs(self.rule)).then("p"))["p"].fill_null(float("nan")).to_numpy()
        p = joint_p(own, np.nan_to_num(self.p_control(tests), nan=1.0), share)
        return tests.select("target_layer", pl.Series("p", p, nan_to_null=True))

    def columns(self, tests: pl.DataFrame, q: NDArray[np.float64], corrected: NDArray[np.float64]) -> list[pl.Series]:
        """Columns p_control and q_specific, null where there are no companions, from q and what ``read`` came to."""
        p = self.p_control(tests)
        specific = np.where(np.isnan(p) | np.isnan(q), np.nan, np.fmax(q, np.nan_to_num(corrected, nan=1.0)))
        return [pl.Series(name, v, nan_to_null=True) for name, v in (("p_control", p), ("q_specific", specific))]


def edge_frame(names: Names, tests: pl.DataFrame, q: NDArray[np.float64], controlled: list[pl.Series]) -> pl.DataFrame:
    """Rows of edge_stat, by source feature, target layer and target feature, as the tests are."""
    return tests.with_columns(
        *(pl.lit(value).alias(name) for name, value in names.source.items()),
        pl.col("target_layer").replace_strict(names.target_saes, return_dtype=pl.String).alias("target_sae"),
        pl.Series("q", q, nan_to_null=True),
        *controlled,
    )
