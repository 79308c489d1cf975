import numpy as np
import pytest
from scipy.sparse import csr_matrix

from tasks.cells.settings import MiniVocabulary
from tasks.cells.vocabulary import build_vocabulary, nonzero_medians
from tasks.store import RequestError
from tests.builders.h5ad_files import random_counts

IDS = [f"ENSG{i:011d}" for i in range(60)]


def test_medians_are_those_of_the_nonzero_counts_per_10_000():
    dense = random_counts().toarray().astype(np.float64)
    dense[:, 5] = 0
    scaled = dense / dense.sum(axis=1, keepdims=True) * 1e4
    slow = [np.median(column[column > 0]) if column.any() else np.nan for column in scaled.T]
    np.testing.assert_allclose(nonzero_medians(csr_matrix(dense)), slow, rtol=1e-12)


def test_genes_stand_behind_the_special_tokens_in_file_order():
    counts = random_counts()
    vocabulary = build_vocabulary(counts, IDS, np.ones(60, dtype=bool), MiniVocabulary(max_genes=20, max_length=16))
    assert vocabulary.special == {"<pad>": 0, "<mask>": 1, "<cls>": 2, "<eos>": 3}
    assert list(vocabulary.token_of.values()) == list(range(4, 24))
    assert list(vocabulary.token_of) == sorted(vocabulary.token_of)
    assert vocabulary.median_of.keys() == vocabulary.token_of.keys()
    assert vocabulary.max_length == 16
    assert vocabulary.size == 24


def test_only_usable_genes_that_enough_cells_express_are_known():
    dense = np.ones((6, 60), dtype=np.float32)
    dense[2:, 10] = 0
    usable = np.arange(60) < 30
    vocabulary = build_vocabulary(csr_matrix(dense), IDS, usable, MiniVocabulary(min_cells=3))
    assert list(vocabulary.token_of) == [IDS[i] for i in range(30) if i != 10]


def test_no_gene_in_enough_cells_is_refused():
    with pytest.raises(RequestError, match=r"no gene is expressed by 9 of 6 training cells: .* vocabulary\.min_cells"):
        build_vocabulary(csr_matrix(np.ones((6, 60))), IDS, np.ones(60, dtype=bool), MiniVocabulary(min_cells=9))
