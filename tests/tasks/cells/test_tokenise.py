import numpy as np
import pytest
from scipy.sparse import csr_matrix

from tasks.cells import tokenise as tokenise_module
from tasks.cells.gene_tokens import GeneTokens
from tasks.cells.tokenise import tokenise
from tasks.vocabulary.vocabulary import Vocabulary
from tests.builders.h5ad_files import random_counts

SPECIAL = {"<pad>": 0, "<mask>": 1, "<cls>": 2, "<eos>": 3}


def vocabulary_of(medians, special=SPECIAL, max_length=100, order=None):
    genes = [f"g{i}" for i in range(len(medians))]
    tokens = {gene: len(special) + i for i, gene in enumerate(order or genes)}
    return genes, Vocabulary(tokens, dict(zip(genes, medians, strict=True)), dict(special), max_length)


def run(counts, genes, vocabulary, kind="official"):
    counts = csr_matrix(counts, dtype=np.float32)
    cell_id = np.arange(counts.shape[0], dtype=np.uint32)
    return tokenise(counts, cell_id, GeneTokens.of(genes, vocabulary), vocabulary, kind)


def slow(row, genes, vocabulary, kind):
    """One cell, gene by gene."""
    ranked = []
    for gene, count in zip(genes, row.astype(float), strict=True):
        if count > 0 and gene in vocabulary.token_of and vocabulary.median_of.get(gene, 0) > 0:
            value = count / row.sum(dtype=float) * 1e4
            value = np.log1p(value) if kind == "published" else value
            ranked.append((-value / vocabulary.median_of[gene], vocabulary.token_of[gene]))
    front = [vocabulary.special["<cls>"]] if "<cls>" in vocabulary.special else []
    back = [vocabulary.special["<eos>"]] if "<eos>" in vocabulary.special else []
    room = vocabulary.max_length - len(front) - len(back)
    return front + [token for _, token in sorted(ranked)][:room] + back


def test_worked_by_hand():
    # 20 counts: per 10,000 they are 5000, 1000, 3000, 0, 1000; over the medians 5, 10, 3, -, 2
    genes, vocabulary = vocabulary_of([1000, 100, 1000, 1, 500])
    cells = run([[10, 2, 6, 0, 2]], genes, vocabulary)
    assert cells.cell(0).tolist() == [2, 5, 4, 6, 8, 3]


def test_published_takes_the_logarithm_before_the_median():
    # log1p of 5000, 1000, 3000, 1000: 8.5174, 6.9088, 8.0067, 6.9088; over 1000, 100, 1000, 500: g1, g4, g0, g2
    genes, vocabulary = vocabulary_of([1000, 100, 1000, 1, 500])
    cells = run([[10, 2, 6, 0, 2]], genes, vocabulary, "published")
    assert cells.cell(0).tolist() == [2, 5, 8, 4, 6, 3]


def test_equal_values_stand_in_order_of_token():
    genes, vocabulary = vocabulary_of([1.0] * 4, order=["g2", "g0", "g3", "g1"])
    assert run([[3, 3, 3, 3]], genes, vocabulary).cell(0).tolist() == [2, 4, 5, 6, 7, 3]


def test_the_longest_cells_are_cut_and_keep_their_end():
    genes, vocabulary = vocabulary_of([1.0] * 6, max_length=5)
    cells = run([[1, 2, 3, 4, 5, 6], [1, 2, 3, 0, 0, 0], [1, 0, 0, 0, 0, 0]], genes, vocabulary)
    assert [cells.cell(i).tolist() for i in range(3)] == [[2, 9, 8, 7, 3], [2, 6, 5, 4, 3], [2, 4, 3]]


def test_a_vocabulary_without_cls_gets_genes_only():
    genes, vocabulary = vocabulary_of([1.0] * 3, special={"<pad>": 0, "<mask>": 1}, max_length=2)
    assert run([[1, 3, 2]], genes, vocabulary).cell(0).tolist() == [3, 4]


def test_genes_without_token_or_median_are_passed_over_but_count_in_the_total():
    vocabulary = Vocabulary({"a": 4, "b": 5, "c": 6}, {"a": 1.0, "b": 0.0, "x": 1.0}, dict(SPECIAL), 10)
    tokens = GeneTokens.of(["x", "a", "b", "c"], vocabulary)
    assert tokens.token.tolist() == [-1, 4, -1, -1]
    assert tokens.known.tolist() == [False, True, False, False]
    assert run([[5, 1, 1, 1]], ["x", "a", "b", "c"], vocabulary).cell(0).tolist() == [2, 4, 3]


@pytest.mark.parametrize("kind", ["official", "published"])
@pytest.mark.parametrize("max_length", [10, 100])
def test_all_cells_are_ranked_as_one_by_one(monkeypatch, kind, max_length):
    monkeypatch.setattr(tokenise_module, "BLOCK", 50)
    rng = np.random.default_rng(3)
    counts = random_counts()
    genes, vocabulary = vocabulary_of(rng.gamma(2.0, 50.0, 60), max_length=max_length)
    del vocabulary.token_of["g7"], vocabulary.median_of["g9"]
    cells = run(counts, genes, vocabulary, kind)
    found = [cells.cell(i).tolist() for i in range(cells.n_cells)]
    assert found == [slow(row, genes, vocabulary, kind) for row in counts.toarray()]
    assert cells.offsets[-1] == len(cells.tokens)
    assert (cells.tokens.dtype, cells.offsets.dtype, cells.cell_id.dtype) == (np.int32, np.int64, np.uint32)


def test_a_factor_per_cell_does_not_change_the_ranks():
    genes, vocabulary = vocabulary_of(np.random.default_rng(4).gamma(2.0, 50.0, 60))
    counts = random_counts()
    np.testing.assert_array_equal(run(counts, genes, vocabulary).tokens, run(counts * 4, genes, vocabulary).tokens)
