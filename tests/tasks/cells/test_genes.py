import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_matrix

from tasks.cells.genes import ID_COLUMNS, SYMBOL_COLUMNS, identify_genes
from tasks.store import RequestError

IDS = ["ENSG00000167286", "ENSG00000156738", "ENSG00000105374"]
SYMBOLS = ["CD3D", "MS4A1", "NKG7"]
FILE = Path("cells.h5ad")


def rows(var):
    return identify_genes(var, FILE).frame.rows()


def expected(symbols, matched_by):
    return [(gene, symbol, matched_by) for gene, symbol in zip(IDS, symbols, strict=True)]


def test_ids_in_the_index_get_the_tables_symbols():
    assert rows(pd.DataFrame(index=IDS)) == expected(SYMBOLS, "ensembl_id")


@pytest.mark.parametrize("column", ID_COLUMNS)
def test_ids_in_a_column_beside_symbols_in_the_index(column):
    assert rows(pd.DataFrame({column: IDS}, index=["a", "b", "c"])) == expected(["a", "b", "c"], "ensembl_id")


@pytest.mark.parametrize("column", SYMBOL_COLUMNS)
def test_symbols_in_a_column(column):
    assert rows(pd.DataFrame({column: SYMBOLS}, index=["0", "1", "2"])) == expected(SYMBOLS, "symbol")


def test_symbols_in_the_index():
    assert rows(pd.DataFrame(index=SYMBOLS)) == expected(SYMBOLS, "symbol")


def test_the_files_own_symbol_stands_before_the_tables():
    var = pd.DataFrame({"feature_name": pd.Categorical(["T3D", None, ""])}, index=IDS)
    assert rows(var) == expected(["T3D", "MS4A1", "NKG7"], "ensembl_id")


def test_versions_are_dropped_and_mouse_ids_are_ids():
    var = pd.DataFrame(index=["ENSG00000167286.14", "ENSMUSG00000032094.5", "ENSG00000182378.15_PAR_Y"])
    found = identify_genes(var, FILE).frame
    assert found["gene_id"].to_list() == ["ENSG00000167286", "ENSMUSG00000032094", "ENSG00000182378"]
    assert found["symbol"].to_list()[1] == "ENSMUSG00000032094"
    assert set(found["matched_by"]) == {"ensembl_id"}


def test_a_gene_that_is_not_known_keeps_its_name():
    genes = identify_genes(pd.DataFrame(index=["CD3D", "RP11-34P13.7", "spike-in 1"]), FILE)
    assert genes.frame["gene_id"].to_list() == ["ENSG00000167286", "RP11-34P13.7", "spike-in 1"]
    assert genes.identified.tolist() == [True, False, False]


def test_columns_of_one_gene_are_summed():
    genes = identify_genes(pd.DataFrame(index=["CD3D", "NKG7", "CD3D", "odd", "odd"]), FILE)
    counts = csr_matrix(np.array([[1, 2, 4, 0, 0], [0, 0, 0, 8, 16]], dtype=np.float32))
    assert genes.frame["symbol"].to_list() == ["CD3D", "NKG7", "odd"]
    np.testing.assert_array_equal(genes.merge(counts).toarray(), [[5, 2, 0], [0, 0, 24]])
    assert genes.merge(counts).has_canonical_format


def test_an_id_and_its_symbol_in_two_columns_are_one_gene():
    var = pd.DataFrame({"gene_ids": ["ENSG00000167286", None]}, index=["CD3D", "CD3D"])
    assert rows(var) == [("ENSG00000167286", "CD3D", "ensembl_id")]


@pytest.mark.parametrize("names", [["gene_1", "gene_2", "gene_3"], ["Cd3d", "Ms4a1", "Nkg7"]])
def test_names_that_match_nothing_are_shown_beside_what_was_expected(names):
    with pytest.raises(RequestError) as caught:
        identify_genes(pd.DataFrame(index=names), FILE)
    line = str(caught.value)
    assert re.match(rf"cells\.h5ad: 0 of 3 genes are known; the file calls them {', '.join(names)}\.", line)
    assert "Expected Ensembl ids (ENSG00000167286) in the index, ensembl_id, feature_id, gene_ids, gene_id" in line
    assert "human symbols (CD3D)" in line


def test_a_chance_match_is_no_match():
    with pytest.raises(RequestError, match="1 of 100 genes are known"):
        identify_genes(pd.DataFrame(index=["CD3D", *(f"gene_{i}" for i in range(99))]), FILE)
