"""The forms of scGPT's own programs, against these written out cell by cell."""

import numpy as np
import pytest
from pydantic import ValidationError
from scipy.sparse import csr_matrix

from tasks.cells.encode import encode_cells
from tasks.cells.forms import FORMS, in_form
from tasks.cells.gene_tokens import GeneTokens
from tasks.cells.informative import informative_genes
from tasks.cells.pipeline import _limit
from tasks.cells.settings import CellsSettings, MiniVocabulary
from tasks.store import RequestError
from tasks.vocabulary.layouts import scfoundation, scgpt
from tests.builders.scfoundation_files import tiny_scfoundation
from tests.builders.scgpt_files import symbols, tiny_scgpt

N_GENES, N_CELLS = 1600, 8
LARGE = {"embedding": 1200, "annotation": 1401, "integration": 1201}  # tokens of a cell with 1,400 genes


@pytest.fixture(scope="module")
def vocabulary(tmp_path_factory):
    return scgpt.load_vocabulary(tiny_scgpt(tmp_path_factory.mktemp("scgpt") / "model", symbols(N_GENES), longest=1200))


@pytest.fixture(scope="module")
def counts():
    """Cells of 100 to 1,400 genes, whose counts have few ties."""
    rng = np.random.default_rng(2)
    found = np.zeros((N_CELLS, N_GENES))
    for row, n in zip(found, np.linspace(100, 1400, N_CELLS).astype(int), strict=True):
        row[rng.choice(N_GENES, n, replace=False)] = rng.permutation(n) + 1.0
    return found


def encode(counts, vocabulary, form):
    genes = GeneTokens.of(symbols(N_GENES), vocabulary)
    settings = CellsSettings(input_form=form, seed=3)
    cell_id, training = np.arange(len(counts), dtype=np.uint32), np.ones(len(counts), dtype=bool)
    matrix = csr_matrix(counts, dtype=np.float32)
    return encode_cells(matrix, cell_id, genes, in_form(form, vocabulary), settings, training)


def slow_bin(count, edges):
    """The bin of one count, 0 of none, in a cell without ties: edges below it and one more, at most those up to it."""
    return 0 if count == 0 else min(sum(edge < count for edge in edges) + 1, sum(edge <= count for edge in edges))


@pytest.mark.parametrize("form", FORMS)
def test_a_cell_is_what_the_program_makes_of_it(vocabulary, counts, form):
    cells = encode(counts, vocabulary, form)
    best = set(informative_genes(csr_matrix(counts), 1200, 1).tolist())
    for i, row in enumerate(counts):
        tokens, values = cells.cell(i), cells.cell_values(i)
        assert (tokens[0], values[0]) == (vocabulary.special["<cls>"], -2 if form == "embedding" else 0)
        genes = tokens[1:].tolist()
        if form == "integration":
            assert set(genes) == best
            pool = [row[gene] for gene in sorted(best)]
        else:
            assert set(genes) <= set(np.flatnonzero(row))
            assert len(genes) == min(np.count_nonzero(row), FORMS[form].longest - 1)
            pool = row
        edges = np.quantile([count for count in pool if count > 0], np.linspace(0, 1, 50)).tolist()
        assert values[1:].tolist() == [slow_bin(float(row[gene]), edges) for gene in genes]
    assert len(cells.cell(N_CELLS - 1)) == LARGE[form]


def test_the_embedding_form_is_what_is_done_without_one(vocabulary, counts):
    named, genes = encode(counts, vocabulary, "embedding"), GeneTokens.of(symbols(N_GENES), vocabulary)
    ids, training = np.arange(N_CELLS, dtype=np.uint32), np.ones(N_CELLS, dtype=bool)
    plain = encode_cells(csr_matrix(counts), ids, genes, vocabulary, CellsSettings(seed=3), training)
    np.testing.assert_array_equal(named.tokens, plain.tokens)
    np.testing.assert_array_equal(named.values, plain.values)


@pytest.mark.parametrize("form", FORMS)
def test_cells_in_a_form_are_still_cells_of_the_model(vocabulary, form):
    """Step model holds the cells' vocabulary against the model's own."""
    found = in_form(form, vocabulary)
    assert (found.token_of, found.special, found.encoding) == (
        vocabulary.token_of,
        vocabulary.special,
        vocabulary.encoding,
    )


def test_a_form_may_be_longer_than_the_model_was_made_for(vocabulary):
    assert vocabulary.max_length == 1200
    assert _limit(vocabulary, CellsSettings(input_form="annotation")).max_length == 3001


def test_other_models_have_no_such_form(tmp_path):
    logged = scfoundation.load_vocabulary(tiny_scfoundation(tmp_path / "scf", symbols(20)))
    with pytest.raises(RequestError, match=r'cells\.input_form = "integration" is a form of scGPT'):
        _limit(logged, CellsSettings(input_form="integration"))
    with pytest.raises(RequestError, match="is for a published scGPT, and this model is trained here"):
        _limit(MiniVocabulary(), CellsSettings(input_form="integration"))


@pytest.mark.parametrize("more", [{"max_length": 100}, {"gene_choice": "highest"}])
def test_a_form_says_all_of_the_choice(more):
    with pytest.raises(ValidationError, match="input_form embedding says which genes are read"):
        CellsSettings(input_form="embedding", **more)
