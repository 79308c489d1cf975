"""Effects, sources and gene pairs of two studies, against plain loops and planted truth."""

from itertools import product

import numpy as np
import polars as pl
import pytest

from tasks.analyses.stability.replicates import agreement_row, jackknife
from tasks.analyses.transfer.contrast import exchange, hits_of, ratio
from tasks.analyses.transfer.gene_pairs import agreement, chance, lists, mean_g, predicted
from tasks.analyses.transfer.pairs import sums_of, turned

SOURCES, TARGETS = list(range(12)), 300
ENDS = {"source_feature": pl.UInt32, "target_feature": pl.UInt32}


def pairs(g) -> pl.DataFrame:
    """Rows of every pair with an effect."""
    source, target = np.nonzero(g)
    return pl.DataFrame(
        {"source_feature": source, "target_feature": target, "g": g[source, target]}, ENDS | {"g": pl.Float32}
    )


def effects(rng, shared=0.0, common=None):
    """Effects [S, T] of which a share of the variance is ``common`` to two studies; some pairs have none."""
    own = rng.normal(size=(len(SOURCES), TARGETS)) * np.exp(0.5 * rng.normal(size=(len(SOURCES), 1)))
    g = own if common is None else np.sqrt(1 - shared) * own + np.sqrt(shared) * common
    return np.where(rng.random(g.shape) < 0.7, g, 0.0)


def test_sums_equal_loops():
    rng = np.random.default_rng(0)
    one, two = effects(rng), effects(rng)
    found = sums_of(pairs(one), pairs(two), SOURCES)
    for source, (x, y) in enumerate(
        zip(one.astype(np.float32).astype(float), two.astype(np.float32).astype(float), strict=True)
    ):
        either = (x != 0) | (y != 0)
        both = (x != 0) & (y != 0)
        slow = [
            (x != 0).sum(), (y != 0).sum(), both.sum(), (both & (np.sign(x) == np.sign(y))).sum(), either.sum(),
            x.sum(), y.sum(), x @ x, y @ y, x @ y,
        ]  # fmt: skip
        assert found[source] == pytest.approx(slow)
    assert (
        turned(pairs(two), SOURCES).filter(source_feature=1)["g"].to_list()
        == pairs(two).filter(source_feature=0)["g"].to_list()
    )


def test_identical_studies_agree_in_full_and_independent_ones_within_the_standard_error():
    rng = np.random.default_rng(1)
    one = effects(rng)
    row = agreement_row([sums_of(pairs(one), pairs(one), SOURCES)], [], len(SOURCES))
    assert (row["r"], row["r_se"]) == (pytest.approx(1), pytest.approx(0, abs=1e-9))
    z, errors = [], []
    for _ in range(300):
        parts = np.stack([_sums(x, y) for x, y in zip(effects(rng), effects(rng), strict=True)])
        z.append(agreement_row([parts], [], len(SOURCES))["r"])
        errors.append(jackknife(parts))
    assert abs(np.mean(z)) < 3 * np.std(z) / np.sqrt(300)
    assert np.mean(errors) == pytest.approx(np.std(z), rel=0.25)
    outside = np.mean(np.abs(z) > 2.2 * np.array(errors))  # t of 11 degrees of freedom at 0.05
    assert outside <= 0.05 + 2.5 * np.sqrt(0.05 * 0.95 / 300)


def _sums(x, y):
    both, either = (x != 0) & (y != 0), (x != 0) | (y != 0)
    counts = [(x != 0).sum(), (y != 0).sum(), both.sum(), (both & (np.sign(x) == np.sign(y))).sum(), either.sum()]
    return np.array([*counts, x.sum(), y.sum(), x @ x, y @ y, x @ y], dtype=float)


def test_a_share_that_studies_have_in_common_is_the_correlation():
    rng = np.random.default_rng(2)
    common = rng.normal(size=(len(SOURCES), TARGETS))
    full = [replace_zeros(effects(rng, 0.6, common)) for _ in range(2)]
    row = agreement_row([sums_of(pairs(full[0]), pairs(full[1]), SOURCES)], [], len(SOURCES))
    assert 0.25 < row["r"] < 0.6  # a pair without an effect on one side counts as 0 there
    assert row["sign_agreement"] > 0.6


def replace_zeros(g):
    return np.where(g == 0, 0.0, g)


def sources(rng, n, degree):
    return pl.DataFrame({"n": rng.poisson(degree * rng.gamma(2, 0.5, n))}).with_columns(
        size=pl.col("n") * 0.8, above=pl.col("n") // 4, negative=pl.col("n") // 2, with_terms=pl.col("n") // 3,
        shared=pl.col("n") // 6, frequency=pl.lit(0.01),
    )  # fmt: skip


def test_other_sources_are_told_where_they_differ_and_not_where_they_do_not():
    """Realised rate at 0.05 over 300 pairs of thirty sources each, and recall of sources with twice the edges."""

    def rate(other, draws):
        p = []
        for draw in range(draws):
            rng = np.random.default_rng([3, draw])
            sides = [hits_of(sources(rng, 30, degree), "n_edges") for degree in (40, other)]
            p.append(exchange(sides[0], sides[1], 199, [draw]))
        return np.mean(np.array(p) <= 0.05)

    assert 0.01 <= rate(40, 300) <= 0.05 + 2.5 * np.sqrt(0.05 * 0.95 / 300)
    assert rate(80, 40) >= 0.9


def test_ratios_are_of_sums():
    frame = sources(np.random.default_rng(4), 20, 30)
    n = frame["n"].to_numpy()
    assert ratio(hits_of(frame, "n_edges")) == pytest.approx(n.mean())
    assert ratio(hits_of(frame, "share_negative")) == pytest.approx((n // 2).sum() / n.sum())
    assert ratio(hits_of(frame, "shared_term")) == pytest.approx((n // 6).sum() / (n // 3).sum())
    assert ratio(hits_of(frame.with_columns(n=0), "mean_abs_g")) is None
    assert exchange((np.zeros(0), np.zeros(0)), hits_of(frame, "n_edges"), 99, [0]) is None


class Invented:
    """A side with two target layers, as far as gene pairs ask: g of an edge follows a law of the genes of its ends."""

    def __init__(self, rng, law, n=15):
        self.n, self.targets = n, {"L01-b": 1, "L02-c": 2}
        self.listed = {layer: [rng.choice(30, 2, replace=False) for _ in range(n)] for layer in (0, 1, 2)}
        self._edges = {}
        for sae, layer in self.targets.items():
            ends = np.argwhere(rng.random((n, n)) < 0.5)
            g = [law[np.ix_(self.listed[0][a], self.listed[layer][b])].mean() for a, b in ends]
            columns = {
                "source_feature": ends[:, 0],
                "target_feature": ends[:, 1],
                "g": g + 0.1 * rng.normal(size=len(g)),
            }
            self._edges[sae] = pl.DataFrame(columns, schema_overrides=ENDS).with_columns(edge=pl.lit(value=True))

    def of(self, layer, feature):
        return [f"G{each}" for each in self.listed[layer][feature]]

    def genes(self, layer, _n):
        rows = [(feature, gene) for feature in range(self.n) for gene in self.of(layer, feature)]
        return pl.DataFrame(rows, {"feature": pl.UInt32, "gene": pl.String}, orient="row").sort("feature", "gene")

    def stat(self, sae):
        return self._edges[sae]

    def n_features(self, _layer):
        return self.n


SYMBOLS = {f"G{each}": each for each in range(30)}


def compared(rng, common, n=15):
    """Mean g by pair of genes on two sides, and the pairs of both."""
    own, other = (mean_g(*predicted(Invented(rng, each, n), 0, 4, SYMBOLS)) for each in common)
    both = own.astype(bool).multiply(other.astype(bool)).tocoo()
    ends = np.column_stack([both.row, both.col]).astype(np.int64)
    return own, other, ends


def test_predicted_pairs_equal_loops():
    side = Invented(np.random.default_rng(5), np.zeros((30, 30)))
    slow: dict[tuple[str, str], list[float]] = {}
    for sae, layer in side.targets.items():
        for source, target, d, _ in side.stat(sae).iter_rows():
            for g, h in product(side.of(0, source), side.of(layer, target)):
                if g != h:
                    slow.setdefault((g, h), []).append(d)
    found = mean_g(*predicted(side, 0, 4, SYMBOLS)).tocoo()
    assert found.nnz == len(slow)
    for row, column, value in zip(found.row, found.col, found.data, strict=True):
        assert value == pytest.approx(np.mean(slow[f"G{row}", f"G{column}"]))
    assert lists(side.genes(0, 4), 15, SYMBOLS).sum() == side.genes(0, 4).height


def test_gene_pairs_with_a_law_in_common_agree_and_others_do_not():
    """Recall of one law behind both studies; realised rate at 0.05 without any."""
    p = {True: [], False: []}
    for draw in range(200):
        rng = np.random.default_rng([6, draw])
        law, another = rng.normal(size=(2, 30, 30)) + rng.normal(size=(2, 30, 1))
        for shared, both in ((True, (law, law)), (False, (law, another))):
            if shared and draw >= 30:
                continue
            own, other, ends = compared(rng, both, 40 if shared else 15)
            x, y = (np.asarray(side[ends[:, 0], ends[:, 1]]).ravel() for side in (own, other))
            row = agreement(x, y, ends[:, 0])
            p[shared].append(chance(x, other, ends, 99, [draw])["p"])
            assert row["r_se"] > 0
    assert np.mean(np.array(p[True]) <= 0.05) >= 0.9
    assert np.mean(np.array(p[False]) <= 0.05) <= 0.05 + 2.5 * np.sqrt(0.05 * 0.95 / 200)
