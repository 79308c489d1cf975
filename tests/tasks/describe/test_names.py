"""How few genes hold a feature's activation, against loops, and what features are called for which evidence."""

import numpy as np
import polars as pl
import pytest

from tasks.codes.firing_sums import sum_firings
from tasks.describe.concentration import concentration, effective_genes
from tasks.describe.genes import top_genes
from tasks.describe.names import named
from tasks.describe.settings import DescribeSettings
from tests.builders.describe import N_FEATURES, make_world

SHARES = [{"symbol": "CD79A", "share": 0.3}, {"symbol": "CD79B", "share": 0.25}, {"symbol": "MS4A1", "share": 0.2}]
NOTHING = {
    "alive": True,
    "top5_share": 0.1,
    "gene_shares": SHARES,
    "label": None,
    "label_library": None,
    "label_q": None,
}
NO_TYPE = dict.fromkeys(("top_cell_type", "top_cell_type_auroc", "top_cell_type_low", "top_cell_type_cells"))
FEW_GENES = {"top5_share": 0.75}
TYPE = dict(zip(NO_TYPE, ("B cells", 0.967, 0.9599, 1234), strict=True))
TERM = {"label": "translation (GO:0006412)", "label_library": "go_bp", "label_q": 1.234e-9}


def name(**evidence):
    row = {**NOTHING, **NO_TYPE, **evidence}
    types = {"top5_share": pl.Float64, "top_cell_type_auroc": pl.Float64, "label_q": pl.Float64}
    frame = pl.DataFrame([row], schema_overrides=types)
    found = named(frame, DescribeSettings())
    assert "gene_shares" not in found.columns
    return found.select("named_by", "name", "evidence").row(0)


GENES = ("genes", "CD79A, CD79B", "55 % of its activation")
CELLS = ("type", "B cells", "AUROC 0.97, at least 0.95, 1,234 cells")


@pytest.mark.parametrize(
    ("evidence", "expected"),
    [
        (FEW_GENES | TYPE | TERM, GENES),
        (FEW_GENES, GENES),
        (TYPE | TERM, CELLS),
        (TYPE | {"top5_share": None, "gene_shares": None}, CELLS),
        (TERM, ("term", "translation (GO:0006412)", "go_bp, q 1e-09")),
        (TERM | {"top5_share": 0.4}, ("term", "translation (GO:0006412)", "go_bp, q 1e-09")),
        ({"top5_share": 0.5}, GENES),
        ({"top5_share": 0.19}, ("none", None, None)),
        ({"top5_share": None, "gene_shares": None}, ("none", None, None)),
        (FEW_GENES | {"alive": False}, (None, None, None)),
    ],
)
def test_the_name_is_the_best_evidence_there_is(evidence, expected):
    assert name(**evidence) == expected


def test_five_genes_that_carry_less_than_half_all_stand_in_the_name():
    few = [{"symbol": symbol, "share": 0.06} for symbol in "ABCDE"]
    assert name(top5_share=0.3, gene_shares=few) == ("genes", "A, B, C, D, E", "30 % of its activation")


def test_shares_equal_a_loop_over_positions():
    world = make_world()
    sums, axes = sum_firings(world.firings(), world.axes, N_FEATURES), world.axes
    found = concentration(sums, axes, top_genes(sums, axes, 20, 5, 5.0))
    assert found["feature"].to_list() == np.flatnonzero(world.codes.any(axis=0)).tolist()
    for row in found.iter_rows(named=True):
        column = world.codes[:, row["feature"]].astype(np.float64)
        by_gene = [column[world.gene == gene].sum() / column.sum() for gene in range(world.gene.max() + 1)]
        listed = row["top_genes"].split(", ") if row["top_genes"] else []
        shares = [by_gene[int(symbol[1:])] for symbol in listed]
        if listed:
            assert [one["share"] for one in row["gene_shares"]] == pytest.approx(shares, rel=1e-9)
            assert row["top5_share"] == pytest.approx(sum(shares), rel=1e-9)
        assert row["effective_genes"] == pytest.approx(1 / sum(share**2 for share in by_gene), rel=1e-9)


def test_what_falls_on_unknown_tokens_counts_as_activation():
    world = make_world()
    sums, axes = sum_firings(world.firings(), world.axes, N_FEATURES), world.axes
    genes = top_genes(sums, axes, 20, 5, 5.0)
    plain = concentration(sums, axes, genes)
    sums.total[:] *= 2
    assert (
        concentration(sums, axes, genes)["top5_share"] / plain["top5_share"]
    ).drop_nulls().to_list() == pytest.approx([0.5] * plain["top5_share"].count())


def test_effective_genes_counts_genes_that_share_alike():
    totals = np.array([[1.0, 1, 1, 1], [5, 0, 0, 0], [0, 0, 0, 0], [3, 3, 0, 0]])
    np.testing.assert_allclose(effective_genes(totals), [4, 1, np.nan, 2])
