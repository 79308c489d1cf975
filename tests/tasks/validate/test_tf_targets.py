import numpy as np
import pytest

from tasks.validate.circuit import build_circuit
from tasks.validate.settings import ValidateSettings
from tasks.validate.tf_targets import check_tf_targets, mean_statistics
from tests.builders.circuits import random_toy

SETTINGS = ValidateSettings(n_null=200, min_set=3)


def planted_network(toy, n_factors=12):
    """Every factor's known targets are genes that its own circuit reaches."""
    return {f"S{f}": frozenset(sorted(toy.reached(f"S{f}"))[:8]) for f in range(n_factors)}


def shuffled_network(toy, seed=0, n_factors=12):
    """The same sets, each under a factor that it does not belong to."""
    network = planted_network(toy, n_factors)
    order = np.random.default_rng(seed).permutation(n_factors)
    shift = [(i + 1) % n_factors for i in range(n_factors)]
    names = list(network)
    return {names[order[i]]: network[names[order[shift[i]]]] for i in range(n_factors)}


def rows_for(toy, network, stand_in=True, settings=SETTINGS):
    return check_tf_targets(build_circuit(toy.edge_frame(), toy.list_frame()), "net", network, settings, stand_in)


def test_planted_targets_are_found():
    toy = random_toy(0)
    rows = rows_for(toy, planted_network(toy))
    assert [row["statistic"] for row in rows] == ["mean_auroc", "mean_score_share"]
    for row in rows:
        assert row["p"] == pytest.approx(1 / 201)
        assert row["observed"] > row["null_mean"] + 3 * row["null_sd"]
        assert "stand-in" in row["meaning"]
    assert rows[0]["observed"] > 0.8
    assert rows[0]["null_mean"] == pytest.approx(0.5, abs=0.05)
    assert rows[0]["meaning"].startswith("Scores rank net targets above")


def test_targets_under_the_wrong_factor_are_not_found():
    toy = random_toy(0)
    for row in rows_for(toy, shuffled_network(toy), stand_in=False):
        assert row["p"] > 0.05
        assert "do not rank" in row["meaning"] or "no larger than by chance" in row["meaning"]
        assert "no evidence" in row["meaning"]


def test_p_is_uniform_where_nothing_is_planted():
    """Share of p below 0.2 over 60 wrong networks; binomial SD 0.05."""
    settings = ValidateSettings(n_null=100, min_set=3)
    toys = [random_toy(i) for i in range(60)]
    p = [rows_for(toy, shuffled_network(toy, i), settings=settings)[0]["p"] for i, toy in enumerate(toys)]
    assert 0.05 < np.mean(np.array(p) < 0.2) < 0.37


def test_hub_genes_alone_are_no_evidence():
    """All circuits and all known sets favour the same ten genes: high AUROC, and the null has it too."""
    toy = random_toy(3)
    hubs = [f"GENE{i}" for i in range(10)]
    for number, genes in enumerate(toy.target_lists):
        genes[0] = hubs[number % 10]
        genes[1:] = [gene for gene in genes[1:] if gene not in hubs]
    row = rows_for(toy, {f"S{f}": frozenset(hubs) for f in range(12)})[0]
    assert min(row["observed"], row["null_mean"]) > 0.6
    assert row["p"] > 0.05


def test_statistics_of_one_factor_by_hand():
    scores = np.array([[3.0, 1.0, 0.0, 9.0]])
    members = np.array([[True, False, False, True]])
    itself = np.array([[False, False, False, True]])
    assert mean_statistics(scores, members, itself) == (1.0, 0.75)
    assert mean_statistics(0 * scores, members, itself) == (0.5, 0.0)


def test_the_same_seed_gives_the_same_rows():
    toy = random_toy(0)
    network = shuffled_network(toy)
    assert rows_for(toy, network) == rows_for(toy, network)
    other = rows_for(toy, network, settings=ValidateSettings(n_null=200, min_set=3, seed=1))
    assert other[0]["null_mean"] != rows_for(toy, network)[0]["null_mean"]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda toy: toy.edges.clear(), "no calibrated edge"),
        (lambda toy: toy.source_lists.__setitem__(slice(None), [["X"]] * 80), "no gene at the source end"),
    ],
)
def test_what_cannot_be_tested_says_why(change, reason):
    toy = random_toy(0)
    network = planted_network(toy)
    change(toy)
    rows = rows_for(toy, network)
    assert all(reason in row["meaning"] and row["observed"] is None and row["n_null"] == 0 for row in rows)
