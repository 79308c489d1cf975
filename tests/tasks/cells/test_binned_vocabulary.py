"""The vocabulary of scgpt-mini: the genes of geneformer-mini by symbol, values in bins, its keys its own."""

import numpy as np
import pytest

from tasks.cells.reader import CellsReader
from tasks.cells.settings import CellsSettings, MiniVocabulary
from tasks.cells.vocabulary import build_binned_vocabulary, build_vocabulary
from tasks.store import RequestError
from tasks.vocabulary.model_settings import SCGPT_MINI, ModelSettings
from tests.builders.h5ad_files import human_genes, random_counts, tenx_file
from tests.builders.plans import plan
from tests.builders.steps import do_step

SETTINGS = MiniVocabulary(max_genes=20, max_length=16)


def binned_cells(root, **settings):
    chosen = CellsSettings(path=str(tenx_file(root / "cells.h5ad")), min_genes=5, min_known=0.1, **settings)
    return CellsReader(do_step("cells", chosen, root / "cells-1", SETTINGS, ModelSettings(path=SCGPT_MINI)))


def test_genes_are_those_of_the_other_stand_in_by_symbol():
    counts, (ids, symbols) = random_counts(), human_genes()
    ranks = build_vocabulary(counts, ids, np.ones(60, dtype=bool), SETTINGS)
    bins = build_binned_vocabulary(counts, symbols, np.ones(60, dtype=bool), SETTINGS)
    assert list(bins.token_of) == [symbols[ids.index(gene)] for gene in ranks.token_of]
    assert list(bins.token_of.values()) == list(range(20))
    assert bins.special == {"<pad>": 20, "<cls>": 21, "<eoc>": 22}
    assert (bins.max_length, bins.encoding.kind, bins.encoding.genes, bins.encoding.n_bins) == (
        16,
        "bins",
        "symbol",
        51,
    )


def test_genes_of_one_symbol_are_one_gene():
    symbols = [f"GENE{i // 2}" for i in range(60)]
    bins = build_binned_vocabulary(random_counts(), symbols, np.ones(60, dtype=bool), MiniVocabulary(max_genes=60))
    assert list(bins.token_of.items()) == [(f"GENE{i}", i) for i in range(30)]


def test_cells_have_values_in_bins_behind_their_cls(tmp_path):
    reader = binned_cells(tmp_path)
    cells, vocabulary = reader.tokens(), reader.vocabulary()
    assert vocabulary.encoding.special_values == {"<pad>": -2.0, "<cls>": -2.0, "<mask>": -1.0}
    assert (cells.tokens[cells.offsets[:-1]] == vocabulary.special["<cls>"]).all()
    gene = cells.tokens < 20
    assert cells.values[gene].min() >= 1
    assert cells.values[gene].max() <= 50
    assert gene.sum() == len(cells.tokens) - cells.n_cells
    assert cells.lengths.max() <= 16


def test_fractions_are_refused_before_anything_is_read_into_bins(tmp_path):
    with pytest.raises(RequestError, match="for models that read ranks, and this one reads values: give raw counts"):
        binned_cells(tmp_path, values="tpm")


def test_each_stand_in_has_folders_of_its_own(tmp_path):
    ranks, bins = plan(tmp_path), plan(tmp_path, model={"path": SCGPT_MINI})
    assert ranks.folders() == plan(tmp_path, model={"path": "mini"}).folders()
    assert not {*ranks.folders()} & {*bins.folders()}
    longer = plan(tmp_path, model={"path": SCGPT_MINI}, vocabulary={"max_length": 256})
    assert not {*longer.folders()} & {*bins.folders()}


def test_a_name_that_is_no_stand_in_and_no_directory_is_refused_at_planning(tmp_path):
    with pytest.raises(RequestError, match=r'no directory at scgpt_mini: .* or "mini" or "scgpt-mini"'):
        plan(tmp_path, model={"path": "scgpt_mini"})
