"""Columns that are no genes: two layouts of CITE-seq, guides, peaks and spike-ins give what the RNA alone gives."""

import anndata as ad
import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csc_matrix, csr_matrix, hstack

from tasks.cells.feature_types import Kind, gene_columns, kind_of
from tasks.store import RequestError
from tests.builders.cells_step import run_cells
from tests.builders.h5ad_files import cell_names, human_genes, random_counts

pytestmark = pytest.mark.filterwarnings("ignore:Variable names are not unique")


def var_of(ids, names, types):
    return pd.DataFrame({"gene_ids": ids, "feature_types": types}, index=names)


def rna(n_genes=60):
    ids, symbols = human_genes(n_genes)
    return random_counts(120, n_genes), var_of(ids, symbols, "Gene Expression")


def others(names, kind, seed=9):
    counts = csr_matrix(np.random.default_rng(seed).poisson(300, (120, len(names))).astype(np.float32))
    return counts, var_of(names, names, kind)


def write(path, *parts, store=csr_matrix, unique=False, drop=()):
    counts, var = store(hstack([part[0] for part in parts])), pd.concat([part[1] for part in parts])
    file = ad.AnnData(counts, pd.DataFrame(index=cell_names(120)), var.drop(columns=list(drop)))
    if unique:
        file.var_names_make_unique()
    file.write_h5ad(path)
    return path


def result(root, path, **settings):
    reader = run_cells(root, path, **settings)
    tokens = reader.tokens()
    return reader.cells(), reader.genes(), tokens.tokens.tolist(), reader.counts().toarray().tolist()


def assert_same(root, path, expected, **settings):
    found = result(root, path, **settings)
    assert found[0].drop("source").equals(expected[0].drop("source"))
    assert found[1].equals(expected[1])
    assert found[2:] == expected[2:]


@pytest.fixture
def alone(tmp_path):
    return result(tmp_path / "alone", write(tmp_path / "rna.h5ad", rna()))


@pytest.mark.parametrize(
    "store", [csr_matrix, csc_matrix, lambda matrix: matrix.toarray()], ids=["csr", "csc", "dense"]
)
def test_antibodies_called_like_genes_add_nothing(tmp_path, alone, store):
    symbols = human_genes(3)[1]
    protein = others(symbols, "Antibody Capture")
    assert_same(tmp_path / "1", write(tmp_path / "a.h5ad", rna(), protein, store=store), alone)
    assert_same(tmp_path / "2", write(tmp_path / "b.h5ad", protein, rna(), store=store, unique=True), alone)


def test_antibodies_in_obsm_are_not_read(tmp_path, alone):
    counts, var = rna()
    protein = {"protein_expression": np.full((120, 3), 300.0), "X_pca": np.zeros((120, 2))}
    ad.AnnData(counts, pd.DataFrame(index=cell_names(120)), var, obsm=protein).write_h5ad(tmp_path / "a.h5ad")
    assert_same(tmp_path / "1", tmp_path / "a.h5ad", alone)


@pytest.mark.parametrize("kind", ["CRISPR Guide Capture", "Multiplexing Capture", "Custom", "Peaks", "ADT"])
def test_features_of_other_types_are_no_genes(tmp_path, alone, kind):
    path = write(tmp_path / "a.h5ad", others(["sgCD3D-1", "ENSG00000000003"], kind), rna())
    assert_same(tmp_path / "1", path, alone)


@pytest.mark.parametrize(
    "name",
    ["CD3_TotalSeqB", "CD4-TotalSeqC-1", "ADT_CD8", "adt-CD19", "HTO1:tag", "anti-CD3", "CD3_PROT", "chr1:1-9"],
)
def test_names_that_no_gene_has_go_without_a_type(tmp_path, alone, name):
    path = write(tmp_path / "a.h5ad", rna(), others([name], "x"), drop=["feature_types"])
    assert_same(tmp_path / "1", path, alone)


def test_normalised_antibodies_do_not_hide_counts(tmp_path, alone):
    protein = others(["CD3", "CD4"], "Antibody Capture")
    path = write(tmp_path / "a.h5ad", rna(), (protein[0] * np.float32(0.37), protein[1]))
    assert_same(tmp_path / "1", path, alone)


def test_a_matrix_without_genes_names_its_types(tmp_path):
    path = write(tmp_path / "a.h5ad", others(["CD3", "CD4"], "Antibody Capture"))
    with pytest.raises(RequestError, match=r"names no gene: its columns are Antibody Capture \(2\)"):
        run_cells(tmp_path, path)


def test_features_without_a_type_beside_typed_ones_are_refused(tmp_path):
    path = write(tmp_path / "a.h5ad", rna(), others(["CD3", "CD4"], None))
    with pytest.raises(RequestError, match=r"feature_types of var of .* has no type for 2 of 62 features"):
        run_cells(tmp_path, path)


def test_biotypes_of_genes_are_no_other_types():
    var = pd.DataFrame({"feature_type": ["protein_coding", "lncRNA", "Antibody Capture"]}, index=["A", "B", "C"])
    assert gene_columns(var, "var").tolist() == [True, True, False]
    census = pd.DataFrame(
        {"feature_biotype": ["gene", "spike-in"], "feature_type": ["lncRNA", "synthetic"]}, index=["A", "ERCC-00002"]
    )
    assert gene_columns(census, "var").tolist() == [True, False]
    assert gene_columns(pd.DataFrame({"modality": ["x", "y"]}, index=["A", "B"]), "var").all()


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        *[(word, Kind.EXPRESSION) for word in ("Gene Expression", "gene_expression", "RNA", "GEX", "gene")],
        *[(word, Kind.OTHER) for word in ("Antibody Capture", "ADT", "prot", "ATAC", "Peaks", "spike-in", "Custom")],
        *[(word, None) for word in ("protein_coding", "lncRNA", "MT", "10x 3' v3", "")],
    ],
)
def test_words_say_what_a_feature_is(word, kind):
    assert kind_of(word) is kind


def two_genomes(path, column=True):
    """Human columns named as Cell Ranger names them for two species, and as many mouse columns."""
    ids, symbols = human_genes()
    counts, mouse = random_counts(), random_counts(seed=5)
    var = pd.DataFrame(
        {
            "gene_ids": [f"GRCh38_{name}" for name in ids] + [f"mm10___ENSMUSG{i:011d}" for i in range(60)],
            "genome": ["GRCh38"] * 60 + ["mm10"] * 60,
        },
        index=[f"GRCh38_{name}" for name in symbols] + [f"mm10___Gene{i}" for i in range(60)],
    )
    file = ad.AnnData(csr_matrix(hstack([counts, mouse])), pd.DataFrame(index=cell_names(120)), var)
    (file if column else file[:, :]).write_h5ad(path)
    return path


def test_genes_of_one_genome_are_used_where_there_are_two(tmp_path, alone):
    path = two_genomes(tmp_path / "barnyard.h5ad")
    assert_same(tmp_path / "1", path, alone, genome="GRCh38")
    assert run_cells(tmp_path / "2", path, genome="mm10").genes()["gene_id"][0] == "ENSMUSG00000000000"
    with pytest.raises(RequestError, match=r"has genes of GRCh38 and mm10: say which to use in cells\.genome"):
        run_cells(tmp_path / "3", path)
    with pytest.raises(RequestError, match=r"has no genes of hg19: it has GRCh38, mm10"):
        run_cells(tmp_path / "4", path, genome="hg19")


def test_the_matrix_with_most_genes_is_taken(tmp_path):
    """X holds counts of some genes, raw of all: the first that fits is not enough."""
    counts, var = rna()
    file = ad.AnnData(counts, pd.DataFrame(index=cell_names(120)), var)
    some = file[:, ::4].copy()
    some.raw = file
    some.write_h5ad(tmp_path / "a.h5ad")
    reader = run_cells(tmp_path, tmp_path / "a.h5ad")
    assert reader.genes()["gene_id"].to_list() == human_genes()[0]
    np.testing.assert_array_equal(reader.counts().toarray(), counts.toarray())
    assert run_cells(tmp_path / "x", tmp_path / "a.h5ad", counts="X", min_genes=1).genes().height == 15
