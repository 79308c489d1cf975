"""Names of genes, as files of several authorities and years have them."""

from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy.sparse import csr_matrix

from tasks.cells.gene_tokens import GeneTokens, names_for
from tasks.cells.genes import identify_genes
from tasks.cells.names import earlier_symbols, ensembl_id, find_gene, names_of, symbol_table
from tasks.cells.sample.sources import MITOCHONDRIAL
from tasks.cells.species import foreign_species, in_mouse_spelling, of_ids
from tasks.store import RequestError
from tasks.vocabulary.vocabulary import Encoding, Vocabulary
from tests.builders.cells_step import run_cells
from tests.builders.h5ad_files import human_genes, matrix_file, random_counts

MT = {"MT-CO1": "ENSG00000198804", "MT-ND1": "ENSG00000198888", "MT-CYB": "ENSG00000198727"}
PAIRS = {
    "FEZ1": "ENSG00000149557",
    "STT3A-AS1": None,  # antisense; NCBI lists FEZ1's id, Ensembl's own is ENSG00000254671
    "KLRK1": "ENSG00000213809",
    "KLRC4-KLRK1": None,
    "WBP1L": "ENSG00000166272",
    "CYP17A1-AS1": None,
    "USP9Y": "ENSG00000114374",
    "TTTY15": None,
    "BORCS8-MEF2B": None,  # of lower Entrez id than MEF2B, which the id is
    "MEF2B": "ENSG00000213999",
    "SMN1": "ENSG00000172062",
    "SMN2": "ENSG00000205571",
}


def identify(names, **columns):
    return identify_genes(pd.DataFrame(columns, index=names), Path("cells.h5ad"))


@pytest.mark.parametrize("spelled", ["MT-CO1", "mt-CO1", "MT.CO1", "MT_CO1", "COX1", "MTCO1", "GRCh38_MT-CO1"])
def test_mitochondrial_genes_are_known_by_every_spelling(spelled):
    assert find_gene(spelled).gene_id == MT["MT-CO1"]


def test_all_mitochondrial_genes_have_hgncs_symbols():
    id_of, symbol_of = symbol_table()
    assert len(MITOCHONDRIAL) == 37
    for gene, symbol in MITOCHONDRIAL.items():
        assert (id_of[symbol], symbol_of[gene]) == (gene, symbol)


@pytest.mark.parametrize(
    ("earlier", "today"),
    [
        ("H3F3A", "H3-3A"),
        ("H2AFZ", "H2AZ1"),
        ("SEPT7", "SEPTIN7"),
        ("AES", "TLE5"),
        ("ATP5L", "ATP5MG"),
        ("WARS", "WARS1"),
    ],
)
def test_earlier_symbols_lead_to_the_gene(earlier, today):
    assert find_gene(earlier) == (symbol_table()[0][today], "earlier_symbol", False)


@pytest.mark.parametrize("name", ["SEPT2", "QARS", "nothing", "", None])
def test_names_of_two_genes_or_none_lead_nowhere(name):
    assert find_gene(name) is None


def test_no_earlier_symbol_is_a_symbol_of_today():
    assert not set(earlier_symbols()) & set(symbol_table()[0])  # to NCBI, MT-CO2 is an alias of a pseudogene
    assert len(earlier_symbols()) > 40_000


def test_a_symbol_is_of_one_gene_and_a_gene_of_one_symbol():
    id_of, symbol_of = symbol_table()
    plain = {symbol: gene for symbol, gene in id_of.items() if gene not in MITOCHONDRIAL}
    assert len(set(plain.values())) == len(plain)
    assert all(symbol_of[gene] == symbol for symbol, gene in plain.items())
    assert set(symbol_of.values()) <= set(id_of)


@pytest.mark.parametrize(
    "written",
    [
        "ENSG00000167286",
        "ENSG00000167286.14",
        "CD3D_ENSG00000167286",
        "ENSG00000167286.3|CD3D",
        "GRCh38_ENSG00000167286",
    ],
)
def test_ensembl_ids_are_found_with_version_beside_a_symbol_and_behind_a_genome(written):
    assert ensembl_id(written) == "ENSG00000167286"
    assert identify([written, "MS4A1"]).frame["gene_id"][0] == "ENSG00000167286"


def test_genes_that_share_an_id_in_the_table_are_never_added():
    counts = csr_matrix(np.arange(1, len(PAIRS) + 1, dtype=np.float32)[None])
    genes = identify(list(PAIRS))
    assert genes.frame["gene_id"].to_list() == [gene or name for name, gene in PAIRS.items()]
    assert genes.identified.tolist() == [gene is not None for gene in PAIRS.values()]
    np.testing.assert_array_equal(genes.merge(counts).toarray(), counts.toarray())


@pytest.mark.parametrize(
    ("names", "keeps"),
    [(["AES", "TLE5"], "TLE5"), (["TLE5", "AES"], "TLE5"), (["mt-ND1", "MT-ND1"], "MT-ND1"), (["COI", "MTCO1"], "COI")],
)
def test_a_gene_under_two_names_is_the_surer_one(names, keeps):
    found = identify([*names, "CD3D"]).frame.filter(pl.col("matched_by") != "none")
    assert [symbol for symbol in found["symbol"] if symbol != "CD3D"] == [keeps]


def test_an_id_is_surer_than_another_columns_symbol():
    genes = identify(["a", "b", "c"], gene_ids=["ENSG00000104964", None, None], gene_symbols=["TLE5", "AES", "TLE5"])
    counts = csr_matrix(np.array([[1, 2, 4]], dtype=np.float32))
    assert genes.frame.rows() == [("ENSG00000104964", "TLE5", "ensembl_id"), ("b", "AES", "none")]
    assert genes.merge(counts).toarray().tolist() == [[5, 2]]


def named_cells(folder, by):
    """The same cells by symbol or by id; half of the counts are mitochondrial, and two symbols are earlier ones."""
    ids, symbols = human_genes(60)
    old = {"H3F3A": symbol_table()[0]["H3-3A"], "AES": symbol_table()[0]["TLE5"]}
    names = {"id": [*ids, *MT.values(), *old.values()], "symbol": [*symbols, *MT, *old]}[by]
    counts = np.hstack([random_counts().toarray(), 40 * random_counts(n_genes=5, seed=1).toarray()])
    return matrix_file(folder / f"by_{by}.h5ad", csr_matrix(counts), names)


def test_cells_are_the_same_by_symbol_and_by_id(tmp_path):
    readers = [run_cells(tmp_path / by, named_cells(tmp_path, by)) for by in ("symbol", "id")]
    one, two = (reader.genes() for reader in readers)
    assert (one["matched_by"] != "none").all()
    assert one.select("gene_id", "token_id", "median", "mean_count").equals(
        two.select("gene_id", "token_id", "median", "mean_count")
    )
    np.testing.assert_array_equal(*(reader.tokens().tokens for reader in readers))
    assert one.filter(gene_id=MT["MT-CO1"])["symbol"].item() == "MT-CO1"
    assert two.filter(gene_id=MT["MT-CO1"])["symbol"].item() == "MT-CO1"


def by_symbol(*names):
    return Vocabulary({name: i for i, name in enumerate(names)}, {}, {"<pad>": 99}, 8, Encoding("bins", "symbol", 51))


@pytest.mark.parametrize("word", ["MT-CO1", "COX1", "MTCO1"])
def test_a_vocabulary_of_symbols_is_met_by_any_name_of_the_gene(word):
    for names in (["ENSG00000198804", "ENSG00000167286"], ["MT-CO1", "CD3D"]):
        assert names_for(by_symbol(word, "CD3D"), identify(names)) == [word, "CD3D"]


def test_an_earlier_name_serves_one_gene_only():
    vocabulary = by_symbol("AES", "CD3D")
    assert names_for(vocabulary, identify(["TLE5", "AES", "CD3D"])) == ["TLE5", "AES", "CD3D"]
    assert names_for(vocabulary, identify(["TLE5", "CD3D"])) == ["AES", "CD3D"]
    found = names_for(by_symbol("MTCO1"), identify(["MT-CO1", "CD3D"], gene_ids=list(MT.values())[:2]))
    assert found == ["MTCO1", "CD3D"]


def test_ids_of_another_assembly_are_met_by_the_symbol():
    vocabulary = Vocabulary({"ENSG00000271503": 5}, {"ENSG00000271503": 1.0}, {"<pad>": 0}, 8)
    old = identify(["ENSG00000161570", "ENSG00000167286"], gene_symbols=["CCL5", "CD3D"])
    names = names_for(vocabulary, old)
    assert names == ["ENSG00000271503", "ENSG00000167286"]
    assert GeneTokens.of(names, vocabulary).token.tolist() == [5, -1]
    both = identify(["ENSG00000161570", "ENSG00000271503"], gene_symbols=["CCL5", "CCL5"])
    assert names_for(vocabulary, both) == ["ENSG00000161570", "ENSG00000271503"]


def test_names_of_a_gene_begin_with_todays():
    assert names_of()["ENSG00000198804"][:2] == ["MT-CO1", "COX1"]
    assert names_of()["ENSG00000104964"][0] == "TLE5"


def test_mouse_symbols_are_named_as_such():
    mouse = [symbol.capitalize() for symbol in human_genes(60)[1]] + ["mt-Nd1", "MT-ND2"]
    assert in_mouse_spelling(mouse) > 50
    assert foreign_species(human_genes(60)[1]) is None
    with pytest.raises(RequestError, match="its genes have symbols of mouse or rat, not of humans; the file"):
        identify(mouse)


def test_species_are_told_by_their_ids():
    ids = ["ENSMUSG00000032094", "ENSMUSG00000032095", "ENSRNOG00000000001", "ENSG00000167286", "ENSXYZG00000000001"]
    assert of_ids(ids) == {"mouse": 2, "rat": 1, "another species (ENSXYZG...)": 1}
