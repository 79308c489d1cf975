import numpy as np
import pytest

from tasks.references.signatures import Signature, knock_downs, read_signatures
from tasks.validate.circuit import build_circuit
from tasks.validate.perturbation import check_perturbations
from tasks.validate.settings import ValidateSettings
from tests.builders.circuits import Toy, random_toy
from tests.shared import shared_path

SETTINGS = ValidateSettings(n_null=200, min_set=3)
MATCHED, SWAPPED = "mean_auroc_matched_genes", "mean_auroc_swapped_features"


def rows_for(toy, signatures, expression=None, settings=SETTINGS):
    circuit = build_circuit(toy.edge_frame(), toy.list_frame())
    rows = check_perturbations(circuit, "screen", signatures, expression or {}, settings, True)
    return {row["statistic"]: row for row in rows}


def planted(toy, sign=1, shift=0, n=15):
    """Genes on target lists behind edges of one sign rise (sign 1: ablation raises them) when S<f> is knocked down."""
    genes = [f"S{f}" for f in range(n)]
    ups = [toy.reached(gene, sign) - toy.reached(gene, -sign) for gene in genes]
    return [Signature(f"{g}_KD_x", g, frozenset(up)) for g, up in zip(genes, ups[shift:] + ups[:shift], strict=True)]


def test_planted_rises_are_found_against_both_nulls():
    toy = random_toy(0)
    rows = rows_for(toy, planted(toy))
    for row in rows.values():
        assert row["observed"] > 0.9
        assert row["p"] == pytest.approx(1 / 201)
        assert row["null_mean"] == pytest.approx(0.5, abs=0.05)
        assert "are where the circuits predict a rise" in row["meaning"]


def test_the_sign_counts():
    toy = random_toy(0)
    for row in rows_for(toy, planted(toy, sign=-1)).values():
        assert row["observed"] < 0.3
        assert row["p"] > 0.99


def test_sets_of_other_perturbations_are_not_found():
    """Share of p below 0.05 over 20 studies; the chance of more than 4 is 0.003 where p is uniform."""
    found = [rows_for(toy, planted(toy, shift=4)) for toy in map(random_toy, range(20))]
    for statistic in (MATCHED, SWAPPED):
        missed = [rows[statistic] for rows in found if rows[statistic]["p"] >= 0.05]
        assert len(missed) >= 16
        assert all("are not where the circuits predict a rise" in row["meaning"] for row in missed)


def test_expression_alone_is_no_evidence():
    """Ablation raises expressed genes, which also rise after knock-downs: matched genes show the same AUROC."""
    toy, rng = random_toy(1), np.random.default_rng(0)
    high, low = [f"GENE{i}" for i in range(50)], [f"GENE{i}" for i in range(50, 150)]
    expression = {gene: float(gene in high) + rng.random() / 100 for gene in high + low}
    toy.target_lists = [rng.choice(high if t < 50 else low, 4, replace=False).tolist() for t in range(100)]
    toy.edges = [(s, t, 1.0 if t < 50 else -1.0) for s, t, _ in toy.edges]
    signatures = [Signature(f"S{f}_KD", f"S{f}", frozenset(rng.choice(high, 12, replace=False))) for f in range(15)]
    row = rows_for(toy, signatures, expression)[MATCHED]
    assert min(row["observed"], row["null_mean"]) > 0.55
    assert row["p"] > 0.05
    assert rows_for(toy, signatures)[MATCHED]["p"] < 0.05, "unmatched, the same rows would look like a finding"


def test_a_set_is_one_unit_however_many_genes_it_has():
    toy = random_toy(0)
    assert rows_for(toy, planted(toy, n=7))[MATCHED]["n_tested"] == 7


@pytest.mark.parametrize(
    ("signatures", "reason"),
    [
        ([], "the study names no file"),
        ([Signature("X_KD", "X", frozenset(["GENE1"]))], "of 1 knock-downs 0 hit a gene"),
        ([Signature("S1_KD", "S1", frozenset(["GENE1", "ELSE"]))], "of 1 knock-downs 1 hit a gene"),
    ],
)
def test_what_cannot_be_tested_says_why(signatures, reason):
    for row in rows_for(random_toy(0), signatures).values():
        assert reason in row["meaning"]
        assert row["observed"] is None
        assert row["n_tested"] == 0


def screen(line):
    return knock_downs(read_signatures(shared_path(f"data/replogle_deg/replogle_{line}_up.gmt.gz")))


def circuit_of_screen(signatures, shift=0):
    """A toy whose every source gene suppresses the first ten risen genes of a real knock-down."""
    lists = [sorted(s.up)[:10] for s in signatures]
    edges = [(i, (i + shift) % len(lists), 1.0) for i in range(len(lists))]
    return Toy([[s.gene] for s in signatures], lists, edges)


@pytest.mark.parametrize(("shift", "specific"), [(0, True), (200, False)])
def test_one_real_screen_predicts_another(shift, specific):
    """Circuits made of K562 knock-downs know RPE1; given to the wrong genes they know only what always rises."""
    toy = circuit_of_screen(screen("k562")[:300], shift)
    rows = rows_for(toy, screen("rpe1"), settings=ValidateSettings(n_null=100))
    assert rows[SWAPPED]["n_tested"] > 200
    assert (rows[SWAPPED]["p"] < 0.05) == specific
