"""A circuit against a screen: rules beside slow twins, subsets, and the step on planted responses."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from tasks.store import StepFolder, conform
from tasks.validate.against_screen import risen, screen_tables
from tasks.validate.circuit import build_circuit
from tasks.validate.direction_rules import predict_e1, predict_own, predict_published
from tasks.validate.directions import Known, direct_weights, published_row, summary_rows
from tasks.validate.edges import no_edges
from tasks.validate.screens import VALUES, Screen, read_screens
from tasks.validate.settings import ValidateSettings
from tests.builders.circuits import random_toy
from tests.builders.contract import assert_contract

SETTINGS = ValidateSettings(n_null=100, n_bootstrap=200, min_set=3)
NOTHING = Known({}, {})


@pytest.fixture(scope="module")
def toy():
    return random_toy(0)


@pytest.fixture(scope="module")
def circuit(toy):
    return build_circuit(toy.edge_frame(), toy.list_frame())


def screen_of(circuit, fold, genes, q=None, on_target=-2.0):
    values = dict.fromkeys(VALUES, fold) | {"q": np.zeros_like(fold) if q is None else q}
    usual = (np.nansum(fold, axis=0) - fold) / max(len(genes) - 1, 1)
    told = np.full(len(genes), on_target)
    return Screen("K", genes, values, usual, told, np.full(len(genes), 0.001))


def planted_screen(circuit, n=20, signal=1.0, seed=0):
    """Responses that follow the circuit, with noise."""
    rng, genes = np.random.default_rng(seed), [f"S{i}" for i in range(n)]
    true = np.sign(predict_own(circuit, genes))
    return screen_of(circuit, signal * true + rng.normal(size=true.shape), genes)


def by_subset(rows):
    return {(row["rule"], row["subset"]): row for row in rows}


def test_predictions_are_those_of_loops_over_edges(toy, circuit):
    genes = [f"S{i}" for i in range(12)]
    own, published, e1 = (rule(circuit, genes) for rule in (predict_own, predict_published, predict_e1))
    for row, gene in enumerate(genes):
        for column, target in enumerate(circuit.target_symbols):
            weighted, squares, sizes = 0.0, 0.0, []
            for s, t, g in toy.edges:
                if gene in toy.source_lists[s] and target in toy.target_lists[t]:
                    size = float(np.float32(g))
                    ranks = (toy.source_lists[s].index(gene) + 1) * (toy.target_lists[t].index(target) + 1)
                    weighted, squares = weighted + size / ranks, squares + size * abs(size)
                    sizes.append(abs(size))
            kept = len(sizes) >= 2 or max(sizes, default=0.0) > 2
            assert own[row, column] == pytest.approx(weighted, abs=1e-6)
            assert published[row, column] == pytest.approx(weighted if kept else 0.0, abs=1e-6)
            assert e1[row, column] == pytest.approx(squares, abs=1e-5)
    assert not predict_e1(circuit, ["NOBODY"]).any()


def test_planted_responses_are_found_and_others_are_not(circuit):
    rows = by_subset(summary_rows(circuit, planted_screen(circuit), NOTHING, SETTINGS))
    found = rows["own", "all"]
    assert found["low"] > 0.1
    assert found["n_perturbations"] == 20
    assert found["over_usual_low"] > 0
    assert found["odds_low"] > 1
    assert rows["own", "direct"]["reason"] == "no perturbation has 3 such pairs"
    assert rows["own", "direct"]["accuracy"] is None
    nothing = by_subset(summary_rows(circuit, planted_screen(circuit, signal=0.0), NOTHING, SETTINGS))["own", "all"]
    assert nothing["low"] < 0 < nothing["high"]


def test_subsets_choose_pairs_and_perturbations(circuit):
    screen = planted_screen(circuit)
    q = np.where(np.arange(len(circuit.target_symbols)) % 2, 1.0, 0.01) * np.ones_like(screen.fold)
    on_target = np.where(np.arange(20) < 8, -2.0, 0.0)
    screen = replace(screen, values=screen.values | {"q": q}, on_target=on_target)
    rows = by_subset(summary_rows(circuit, screen, NOTHING, SETTINGS))
    pairs = (predict_own(circuit, screen.genes) != 0) & np.isfinite(screen.fold)
    assert rows["own", "on_target"]["n_perturbations"] == 8
    kept = (pairs & (q <= 0.05)).sum(axis=1)
    assert rows["own", "responding"]["n_pairs"] == kept[kept >= SETTINGS.min_set].sum()


def test_listed_pairs_stand_beside_others_of_equal_expression(circuit):
    """Direct pairs respond as predicted, others at random: the difference is found, in all factors alike."""
    screen, rng = planted_screen(circuit, signal=0.0), np.random.default_rng(1)
    predicted = predict_own(circuit, screen.genes)
    symbols = [symbol.upper() for symbol in circuit.target_symbols]
    targets = {
        gene: frozenset(s for s, p in zip(symbols, row, strict=True) if p != 0 and rng.random() < 0.5)
        for gene, row in zip(screen.genes, predicted, strict=True)
    }
    known = Known(targets, {symbol: rng.random() for symbol in symbols})
    listed = np.array([[symbol in targets[gene] for symbol in symbols] for gene in screen.genes])
    fold = np.where(listed, np.sign(predicted) * 2, 0.0) + screen.fold
    rows = by_subset(summary_rows(circuit, screen_of(circuit, fold, screen.genes), known, SETTINGS))
    assert rows["own", "direct_minus_indirect"]["low"] > 0.1
    missed = 0
    for seed in range(8):
        none = planted_screen(circuit, signal=0.0, seed=seed)
        row = by_subset(summary_rows(circuit, none, known, SETTINGS))["own", "direct_minus_indirect"]
        missed += not row["low"] <= 0 <= row["high"]
    assert missed <= 2  # of 8; one in 20 would be
    direct, indirect = direct_weights(circuit, screen, predicted, known)
    assert not (direct * indirect).any()
    assert direct.sum(axis=1) == pytest.approx(indirect.sum(axis=1))


def test_published_rules_pool_pairs(circuit):
    screen = planted_screen(circuit)
    predicted = predict_own(circuit, screen.genes)
    row = published_row(screen, "published", predicted, screen.fold)
    used = (predicted != 0) & np.isfinite(screen.fold)
    assert row["accuracy"] == pytest.approx(np.mean((predicted < 0)[used] == (screen.fold < 0)[used]))
    assert (row["baseline"], row["low"], row["n_pairs"]) == (0.5, None, int(used.sum()))
    empty = published_row(screen, "published_e1", predicted * 0, screen.fold)
    assert (empty["accuracy"], empty["reason"]) == (None, "there is no such pair")


def response_folder(path, circuit, screen):
    """A finished folder of step responses that says what ``screen`` says, and of more."""
    rows = [
        {"line": "K", "perturbation": gene, "gene": gene, "n_genes": 1, "n_cells": 50, "n_unmatched": 0}
        | {"n_guides": None, "n_batches": 1, "n_control": 99, "n_measured": 9, "n_responding": 3}
        | {"on_target_log2": -2.0, "on_target_se": 0.1, "on_target_p": 0.001, "reason": None}
        for gene in [*screen.genes, "OTHER"]
    ]
    folds = np.vstack([screen.fold, np.full(screen.fold.shape[1], 0.25)])
    answers = [
        {"line": "K", "perturbation": row["perturbation"], "gene_id": f"G{t}", "symbol": symbol, "observed": 1.0}
        | {"expected": 1.0, "log2_fold": float(fold[t]), "se": 0.1, "p": 0.01, "q": 0.02}
        | {"published_log2": 0.1 * float(fold[t]), "published_e1_log2": float(fold[t])}
        for row, fold in zip(rows, folds, strict=True)
        for t, symbol in enumerate(circuit.target_symbols)
    ]
    with StepFolder.create(path, ("perturbation", "perturbation_response")) as out:
        with out.unit("0") as unit:
            unit.table("perturbation", conform("perturbation", pl.DataFrame(rows, infer_schema_length=None)))
            unit.table("perturbation_response", conform("perturbation_response", pl.DataFrame(answers)))
        out.finish()
    return path


def test_tables_of_a_folder_of_responses(tmp_path, circuit):
    screen = planted_screen(circuit)
    folder = response_folder(tmp_path / "responses-1", circuit, screen)
    (read,) = read_screens(folder, circuit)
    assert read.genes == sorted(screen.genes)
    order = [screen.genes.index(gene) for gene in read.genes]
    assert read.fold == pytest.approx(screen.fold[order])
    total = screen.fold.sum(axis=0) + 0.25
    assert read.usual == pytest.approx((total - screen.fold[order]) / len(screen.genes))
    tables = screen_tables(folder, {15: circuit, 10: circuit}, NOTHING, SETTINGS)
    for table, frame in tables.items():
        assert_contract(frame, table)
    summary = tables["validation_summary"]
    assert set(summary["rule"]) == {"own", "published", "published_e1"}
    pairs = tables["pair_validation"]
    assert pairs["agrees"].mean() > 0.6
    assert pairs["predicted"].abs().is_sorted(descending=True)
    (signatures,) = risen([read], circuit).values()
    assert {each.gene for each in signatures} == set(read.genes)
    nothing = build_circuit(no_edges(), random_toy(0).list_frame())
    (row, *others) = screen_tables(folder, dict.fromkeys((10, 15), nothing), NOTHING, SETTINGS)[
        "validation_summary"
    ].to_dicts()
    assert (row["n_perturbations"], row["reason"]) == (0, "no perturbation has 3 such pairs")
    assert all(each["accuracy"] is None for each in others)
    unsigned = screen_tables(folder, dict.fromkeys((10, 15), replace(circuit, sense=0)), NOTHING, SETTINGS)
    assert_contract(unsigned["validation_summary"], "validation_summary")
    assert "no effect says what would rise" in unsigned["validation_summary"]["reason"][0]
    assert unsigned["pair_validation"].is_empty()
