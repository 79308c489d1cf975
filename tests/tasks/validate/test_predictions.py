from collections import defaultdict

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from tasks.store import conform
from tasks.validate import predictions
from tasks.validate.circuit import build_circuit
from tasks.validate.predictions import mark_known, predict_pairs
from tests.builders.circuits import Toy, random_toy
from tests.builders.contract_frames import contract_schema


def slow_pairs(toy: Toy) -> pl.DataFrame:
    """The definition, edge by edge and gene by gene."""
    found = defaultdict(lambda: [0, set(), 0.0, 0.0])
    for s, t, g in toy.edges:
        effect = float(np.float32(g))
        for i, a in enumerate(toy.source_lists[s], start=1):
            for j, b in enumerate(toy.target_lists[t], start=1):
                if a != b:
                    pair = found[a, b]
                    pair[0] += 1
                    pair[1].add(s)
                    pair[2] += abs(effect) / (i * j)
                    pair[3] -= effect / (i * j)
    rows = [(a, b, n, len(sources), score, signed) for (a, b), (n, sources, score, signed) in found.items()]
    return _pairs(rows)


def _pairs(rows: list[tuple]) -> pl.DataFrame:
    names = ["source_gene", "target_gene", "n_edges", "n_sources", "score", "signed_score"]
    return conform("gene_pair", pl.DataFrame(rows, schema=names, orient="row"))


@pytest.mark.parametrize("block", [1, 7, 256])
def test_sparse_products_equal_nested_loops(monkeypatch, block):
    monkeypatch.setattr(predictions, "BLOCK", block)
    toy = random_toy(1, n_sources=20, n_targets=15, n_genes=25)
    fast = predict_pairs(build_circuit(toy.edge_frame(), toy.list_frame()), 10**6)
    slow = slow_pairs(toy)
    assert fast.height == slow.height > 500
    keys = ["source_gene", "target_gene"]
    assert_frame_equal(fast.sort(keys), slow.sort(keys), rel_tol=1e-12, abs_tol=1e-12)


def test_only_the_largest_scores_are_kept_best_first():
    toy = random_toy(2, n_sources=20, n_targets=15, n_genes=25)
    circuit = build_circuit(toy.edge_frame(), toy.list_frame())
    every, few = predict_pairs(circuit, 10**6), predict_pairs(circuit, 40)
    assert every["score"].is_sorted(descending=True)
    assert_frame_equal(few, every.head(40))


def test_ablation_that_lowers_the_target_counts_as_support():
    toy = Toy([["A"], ["C"]], [["B"], ["D"]], [(0, 0, -2.0), (1, 1, 1.5)])
    pairs = predict_pairs(build_circuit(toy.edge_frame(), toy.list_frame()), 10)
    assert pairs.rows() == [("A", "B", 1, 1, 2.0, 2.0, None), ("C", "D", 1, 1, 1.5, -1.5, None)]


def test_a_gene_does_not_predict_itself():
    toy = Toy([["A", "B"]], [["A"]], [(0, 0, 1.0)])
    pairs = predict_pairs(build_circuit(toy.edge_frame(), toy.list_frame()), 10)
    assert pairs.select("source_gene", "target_gene").rows() == [("B", "A")]


def test_edges_with_an_end_that_lists_no_gene_are_left_out():
    toy = Toy([["A"], []], [["B"], []], [(0, 0, 1.0), (1, 0, 1.0), (0, 1, 1.0)])
    circuit = build_circuit(toy.edge_frame(), toy.list_frame())
    assert circuit.effects.shape == (1, 1)
    assert predict_pairs(circuit, 10)["n_edges"].to_list() == [1]


def test_no_edges_make_no_pairs():
    toy = Toy([["A"]], [["B"]], [])
    pairs = predict_pairs(build_circuit(toy.edge_frame(), toy.list_frame()), 10)
    assert pairs.height == 0
    assert pairs.schema == contract_schema("gene_pair")
    assert mark_known(pairs, {"net": {"A": frozenset("B")}}).height == 0


def test_known_targets_are_marked_whatever_their_case():
    rows = [("JUN", "C1orf1", 1, 1, 3.0, 1.0), ("JUN", "B", 1, 1, 2.0, 1.0), ("X", "B", 1, 1, 1.0, 1.0)]
    pairs = _pairs(rows)
    networks = {"one": {"JUN": frozenset({"C1ORF1"})}, "two": {"JUN": frozenset({"C1ORF1", "Z"})}}
    assert mark_known(pairs, networks)["known_tf_target"].to_list() == [True, False, None]


def test_signs_turn_where_features_are_strengthened_and_are_unknown_where_they_are_moved_either_way():
    toy = random_toy(3)
    out, up, either = (
        predict_pairs(build_circuit(toy.edge_frame(), toy.list_frame(), sense=sense), 50) for sense in (-1, 1, 0)
    )
    assert up.with_columns(-pl.col("signed_score")).equals(out)
    assert out["signed_score"].abs().sum() > 0
    assert either["signed_score"].null_count() == either.height
    assert either.drop("signed_score").equals(out.drop("signed_score"))
