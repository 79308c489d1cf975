"""Bins and log values on cells worked by hand, and that a cell's tokens depend on nothing but the cell."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from tasks.cells.encode import encode_cells
from tasks.cells.gene_tokens import GeneTokens, names_for
from tasks.cells.genes import identify_genes, symbol_table
from tasks.cells.settings import CellsSettings
from tasks.cells.values import draw_bins
from tasks.store import RequestError
from tasks.vocabulary.layouts import scfoundation, scgpt
from tasks.vocabulary.vocabulary import Encoding, Vocabulary
from tests.builders.h5ad_files import human_genes, random_counts
from tests.builders.scfoundation_files import tiny_scfoundation
from tests.builders.scgpt_files import tiny_scgpt

GENES = ["a", "b", "c", "d", "e", "f"]


@pytest.fixture
def binned(tmp_path):
    return scgpt.load_vocabulary(tiny_scgpt(tmp_path / "scgpt", GENES))


@pytest.fixture
def logged(tmp_path):
    return scfoundation.load_vocabulary(tiny_scfoundation(tmp_path / "scf", GENES))


def encode(counts, vocabulary, names=GENES, cell_id=None, training=None, **settings):
    counts = csr_matrix(np.atleast_2d(counts), dtype=np.float32)
    cell_id = np.arange(counts.shape[0], dtype=np.uint32) if cell_id is None else np.array(cell_id, dtype=np.uint32)
    training = np.ones(counts.shape[0], dtype=bool) if training is None else np.array(training)
    genes = GeneTokens.of(list(names), vocabulary)
    return encode_cells(counts, cell_id, genes, vocabulary, CellsSettings(**settings), training)


def published_bins(counts, n_bins, rng):
    """As scGPT draws them: between the left and the right index among the quantiles, rounded up."""
    edges = np.quantile(counts, np.linspace(0, 1, n_bins - 1))
    left, right = np.digitize(counts, edges), np.digitize(counts, edges, right=True)
    return np.ceil(rng.random(len(counts)) * (right - left) + left).astype(int)


def test_bins_worked_by_hand():
    # four edges at 0, 1/3, 2/3, 1 of 1 1 1 2 5 9: 1, 1, 3, 9. A 1 lies on two edges, bin 1 or 2; 9 on the last, bin 4
    counts = np.array([1.0, 9, 1, 2, 5, 1])
    drawn = np.array([draw_bins(counts, 5, np.random.default_rng(seed)) for seed in range(50)])
    assert [sorted(set(column)) for column in drawn.T] == [[1, 2], [4], [1, 2], [2], [3], [1, 2]]
    assert drawn[:, 0].mean() == pytest.approx(1.5, abs=0.2)


@pytest.mark.parametrize("seed", range(4))
def test_bins_are_spread_as_published(seed):
    counts = np.random.default_rng(seed).poisson(1.5, 300) + 1.0
    own, theirs = (
        np.array([draw(counts, 51, np.random.default_rng([seed, i])) for i in range(300)])
        for draw in (draw_bins, published_bins)
    )
    np.testing.assert_array_equal(own.min(0), theirs.min(0))
    np.testing.assert_array_equal(own.max(0), theirs.max(0))
    np.testing.assert_allclose(own.mean(0), theirs.mean(0), atol=3.5)  # 14 is the spread of one draw over 50 bins
    assert own.min() == 1
    assert own.max() == 50


def test_a_cell_of_bins_begins_with_cls(binned):
    cells = encode([0, 3, 0, 7, 9, 0], binned)
    assert cells.cell(0).tolist() == [binned.special["<cls>"], 1, 3, 4]
    # 50 edges from 3 to 9: 3 lies on the first, 9 on the last, 7 between the two in the middle, the 25th and the 26th
    assert cells.cell_values(0).tolist() == [-2, 1, 25, 50]
    assert (cells.tokens.dtype, cells.values.dtype) == (np.int32, np.float32)


def test_bins_do_not_depend_on_companions(binned):
    counts = random_counts(20, 6).toarray() + 1
    together = encode(counts, binned, seed=4)
    for i in (0, 7, 19):
        alone = encode(counts[i], binned, cell_id=[i], seed=4)
        np.testing.assert_array_equal(alone.cell(0), together.cell(i))
        np.testing.assert_array_equal(alone.cell_values(0), together.cell_values(i))
    assert (encode(counts, binned, seed=5).values != together.values).any()


def test_log_values_worked_by_hand(logged):
    # the model knows 10 + 30 + 60 of 150 counts: per 10,000 of these 1000, 3000 and 6000; S = log10(100)
    cells = encode([10, 0, 30, 0, 60, 50], logged, names=["a", "b", "c", "d", "e", "unknown"])
    assert cells.cell(0).tolist() == [0, 2, 4, 6, 7]
    expected = [*np.log1p([1000, 3000, 6000]), 4, 2]
    np.testing.assert_allclose(cells.cell_values(0), expected, rtol=1e-6)


def test_counts_of_genes_with_one_symbol_are_summed_and_the_first_is_named(logged):
    names = ["a", "b", "a", "c", "b", "x"]
    cells = encode([1, 2, 3, 4, 0, 9], logged, names=names)
    assert cells.cell(0).tolist() == [0, 1, 2, 6, 7]
    np.testing.assert_allclose(cells.cell_values(0)[:3], np.log1p([4000, 2000, 4000]), rtol=1e-6)
    genes = GeneTokens.of(names, logged)
    assert genes.shown.tolist() == [0, 1, -1, 2, -1, -1]
    assert genes.known.tolist() == [True, True, True, True, True, False]


@pytest.mark.parametrize(
    ("choice", "expected"),
    [("highest", [[0, 3, 4], [0, 1, 2]]), ("variable", [[0, 3, 5], [0, 3, 5]])],
)
def test_genes_without_room_are_left_out(logged, choice, expected):
    vocabulary = replace(logged, max_length=5)
    counts = np.array([[9, 1, 1, 7, 3, 2], [9, 5, 5, 1, 1, 1]])
    more = np.array([[9, 3, 3, 0, 2, 40], [1, 3, 3, 40, 2, 0], [40, 3, 3, 0, 2, 0]])
    cells = encode([*counts, *more], vocabulary, gene_choice=choice)
    assert [cells.cell(i)[:-2].tolist() for i in range(2)] == expected
    total = counts[0].sum()
    assert cells.cell_values(0)[-1] == pytest.approx(np.log10(total)), "depth and values are those of all known genes"
    assert cells.cell_values(0)[0] == pytest.approx(np.log1p(9 / total * 1e4))


def test_variable_genes_are_told_from_training_cells(logged):
    counts = np.array([[5, 5, 5, 5, 5, 5]] * 6 + [[50, 5, 5, 5, 5, 5], [1, 5, 5, 5, 5, 5]])
    counts[0, 1], counts[1, 1] = 60, 1
    training = [True] * 6 + [False] * 2
    vocabulary = replace(logged, max_length=3)
    cells = encode(counts, vocabulary, gene_choice="variable", training=training)
    assert all(cells.cell(i)[0] == 1 for i in range(8))


def test_a_random_choice_is_the_cells_own(binned):
    vocabulary = replace(binned, max_length=4)
    counts = random_counts(40, 6).toarray() + 1
    cells = encode(counts, vocabulary, seed=1)
    assert set(cells.lengths) == {4}
    assert len({tuple(cells.cell(i)) for i in range(40)}) > 10
    for i in range(40):
        assert (np.diff(cells.cell(i)[1:]) > 0).all()
    alone = encode(counts[8], vocabulary, cell_id=[8], seed=1)
    np.testing.assert_array_equal(alone.cell(0), cells.cell(8))


def test_a_choice_of_ranks_is_refused(binned):
    with pytest.raises(RequestError, match=r'cells\.tokenisation = "published" is for models that read ranks'):
        encode([1, 2, 3, 4, 5, 6], binned, tokenisation="published")


def test_symbols_are_the_files_own_or_todays(tmp_path):
    import pandas as pd

    ids, names = human_genes(4)
    _, symbol_of = symbol_table()
    var = pd.DataFrame({"gene_ids": ids}, index=[names[0], "OLD1", "OLD2", names[3]])
    vocabulary = Vocabulary({names[0]: 0, "OLD1": 1, names[2]: 2}, {}, {"<pad>": 9}, 8, Encoding("bins", "symbol", 51))
    found = names_for(vocabulary, identify_genes(var, tmp_path))
    assert found == [names[0], "OLD1", names[2], names[3]]
    assert symbol_of[ids[2]] == names[2]


def test_a_vocabulary_is_read_as_it_was_written(tmp_path, binned, logged):
    for name, vocabulary in (("bins", binned), ("logs", logged)):
        vocabulary.save(tmp_path / name)
        assert Vocabulary.load(tmp_path / name, vocabulary.max_length) == vocabulary
