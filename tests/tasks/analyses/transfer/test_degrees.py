"""Spread of degrees and overlap of edges, against plain loops and planted truth."""

import numpy as np
import polars as pl
import pytest
from scipy.stats import spearmanr

from tasks.analyses.transfer.degrees import STATISTICS, gini, statistics
from tasks.analyses.transfer.overlap import overlap_row


def test_gini_is_the_mean_difference_over_twice_the_mean():
    degree = np.random.default_rng(0).poisson(3, 60).astype(float)
    slow = np.abs(degree[:, None] - degree[None]).mean() / (2 * degree.mean())
    assert gini(degree) == pytest.approx(slow)
    assert gini(np.ones(5)) == pytest.approx(0)
    assert gini(np.eye(100)[0] * 7) == pytest.approx(0.99)
    assert gini(np.zeros(4)) is None


def frame(degree, frequency=None, annotated=None) -> pl.DataFrame:
    n = len(degree)
    columns = {"feature": range(n), "degree": degree}
    columns |= {"frequency": np.linspace(0.1, 0.9, n) if frequency is None else frequency}
    return pl.DataFrame({**columns, "annotated": [False] * n if annotated is None else annotated})


def test_eleven_figures_of_a_layer():
    rng = np.random.default_rng(1)
    degree, annotated = rng.poisson(rng.gamma(0.5, 8, 200)), rng.random(200) < 0.4
    found = statistics(frame(degree, annotated=annotated))
    assert tuple(found) == STATISTICS
    assert found["n_features"] == 200
    assert found["above_five_medians"] == pytest.approx(np.mean(degree > 5 * np.median(degree)))
    assert found["rho_frequency"] == pytest.approx(spearmanr(degree, np.linspace(0.1, 0.9, 200)).statistic)
    assert found["rho_annotated"] == pytest.approx(spearmanr(degree, annotated).statistic)
    top = np.argsort(-degree, kind="stable")[:20]
    assert found["unannotated_of_top20"] == pytest.approx(1 - annotated[top].mean())
    none = statistics(frame([]))
    assert none["n_features"] == 0
    assert none["gini"] is None


def test_features_that_are_silent_there_would_make_edges_look_unequal():
    """In the other cells half of a dictionary is silent: only features that fire can be compared."""
    degree = np.random.default_rng(2).poisson(40, 300).astype(float)
    firing = np.arange(300) % 2 == 0
    here, there = statistics(frame(degree)), statistics(frame(degree[firing]))
    counted_in = statistics(frame(degree * firing))
    assert there["gini"] == pytest.approx(here["gini"], abs=0.03)
    assert counted_in["gini"] > here["gini"] + 0.3
    assert counted_in["median"] < here["median"] / 2


def edges(rng, matrix, flip) -> pl.DataFrame:
    """Edges of a planted matrix [sources, targets], each pair told wrongly with probability ``flip``."""
    source, target = np.nonzero(matrix ^ (rng.random(matrix.shape) < flip))
    columns = {"source_feature": source, "target_feature": target}
    return pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.UInt32))


SOURCES = list(range(30))
FREQUENCY = dict(zip(SOURCES, np.exp(np.random.default_rng(3).normal(-4, 1, 30)), strict=True))


def test_overlap_is_counted_pair_by_pair():
    rng = np.random.default_rng(4)
    matrix = rng.random((30, 40)) < 0.2
    own, other = edges(rng, matrix, 0.1), edges(rng, matrix, 0.1)
    row = overlap_row((own, other), SOURCES[:20], FREQUENCY, 99, [0])
    first, second = ({pair for pair in each.rows() if pair[0] < 20} for each in (own, other))
    assert (row["n_own"], row["n_other"], row["n_both"]) == (len(first), len(second), len(first & second))
    assert row["jaccard"] == pytest.approx(len(first & second) / len(first | second))
    turned = {((source + 1) % 20, target) for source, target in second}
    assert row["jaccard_chance"] == pytest.approx(len(first & turned) / len(first | turned))
    counts = [[sum(pair[0] == source for pair in each) for source in range(20)] for each in (first, second)]
    assert row["rho"] == pytest.approx(spearmanr(*counts).statistic)


def test_edges_that_transfer_are_told_from_edges_of_other_wiring_and_from_generic_targets():
    rng = np.random.default_rng(5)
    matrix, another = (rng.random((30, 60)) < 0.2 for _ in range(2))
    generic = np.broadcast_to(rng.random(60) < 0.3, (30, 60))
    found = overlap_row((edges(rng, matrix, 0.02), edges(rng, matrix, 0.02)), SOURCES, FREQUENCY, 99, [0])
    assert found["jaccard"] > 0.75
    assert found["jaccard_chance"] < 0.25
    none = overlap_row((edges(rng, matrix, 0.02), edges(rng, another, 0.02)), SOURCES, FREQUENCY, 99, [0])
    assert none["jaccard"] == pytest.approx(none["jaccard_chance"], abs=0.04)
    alike = overlap_row((edges(rng, generic, 0.02), edges(rng, generic, 0.02)), SOURCES, FREQUENCY, 99, [0])
    assert alike["jaccard"] > 0.75
    assert alike["jaccard"] == pytest.approx(alike["jaccard_chance"], abs=0.03)


def test_degrees_that_follow_frequency_alone_do_not_transfer():
    """Realised rate at 0.05 and recall of what is planted beside frequency."""

    def called(own_part: float, seeds) -> tuple[float, float]:
        hits = []
        for seed in seeds:
            rng = np.random.default_rng([6, seed])
            frequency = np.exp(rng.normal(-4, 1, 60))
            own = own_part * rng.normal(size=60)
            pair = [rng.poisson(400 * frequency**0.7 * np.exp(own + 0.3 * rng.normal(size=60))) for _ in range(2)]
            frames = [
                pl.DataFrame(
                    {"source_feature": np.repeat(np.arange(60), n), "target_feature": np.arange(n.sum())},
                    schema={"source_feature": pl.UInt32, "target_feature": pl.UInt32},
                )
                for n in pair
            ]
            row = overlap_row(tuple(frames), list(range(60)), dict(enumerate(frequency)), 99, [seed])
            hits.append((row["p"] <= 0.05, row["rho"] > 0.5))
        return tuple(np.mean(hits, axis=0))

    of_nothing, unmatched = called(0.0, range(60))
    assert unmatched > 0.9  # degree alone "transfers"
    assert of_nothing <= 0.05 + 3 * (0.05 * 0.95 / 60) ** 0.5
    assert called(0.6, range(15))[0] >= 0.95


def test_nothing_in_common_is_no_error():
    empty = edges(np.random.default_rng(0), np.zeros((30, 5), dtype=bool), 0)
    row = overlap_row((empty, empty), SOURCES, FREQUENCY, 99, [0])
    assert (row["n_both"], row["jaccard"], row["rho"], row["p"]) == (0, None, None, None)
    assert overlap_row((empty, empty), [], FREQUENCY, 99, [0])["rho"] is None
