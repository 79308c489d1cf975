"""Cell Ranger's files give what the same cells give as ``.h5ad``."""

import gzip

import h5py
import numpy as np
import pytest
from scipy.sparse import csr_matrix, hstack

from tasks.cells.formats import tenx_folder
from tasks.cells.sources import content_of, find_files
from tasks.store import RequestError
from tests.builders.cells_step import run_cells
from tests.builders.h5ad_files import human_genes, random_counts, tenx_file
from tests.builders.tenx_files import matrix_folder, new_h5, old_h5

IDS, SYMBOLS = human_genes()
COUNTS = random_counts()
PROTEIN = csr_matrix(np.full((120, 3), 300, dtype=np.float32))
WITH_PROTEIN = csr_matrix(hstack([PROTEIN, COUNTS]))
TYPES = ["Antibody Capture"] * 3 + ["Gene Expression"] * 60
NAMES = [*SYMBOLS[:3], *SYMBOLS]
OLD_ROWS = list(zip(IDS, SYMBOLS, strict=True))
ROWS = [(*row, "Gene Expression") for row in OLD_ROWS]
MIXED = [(*row, kind) for row, kind in zip([("a", "CD3"), *OLD_ROWS], TYPES[2:], strict=True)]


@pytest.fixture
def expected(tmp_path):
    reader = run_cells(tmp_path / "expected", tenx_file(tmp_path / "expected.h5ad"))
    return reader.cells(), reader.genes(), reader.counts().toarray(), reader.tokens().tokens


def assert_as_expected(root, path, expected, **settings):
    reader = run_cells(root, path, **settings)
    assert reader.cells().drop("source").equals(expected[0].drop("source"))
    assert reader.genes().equals(expected[1])
    np.testing.assert_array_equal(reader.counts().toarray(), expected[2])
    np.testing.assert_array_equal(reader.tokens().tokens, expected[3])


def test_h5_of_version_3(tmp_path, expected):
    path = new_h5(tmp_path / "filtered_feature_bc_matrix.h5", COUNTS, IDS, SYMBOLS, TYPES[3:])
    assert_as_expected(tmp_path, path, expected)


def test_antibodies_of_feature_barcoding_are_no_genes(tmp_path, expected):
    path = new_h5(tmp_path / "a.h5", WITH_PROTEIN, NAMES[:3] + IDS, NAMES, TYPES)
    assert_as_expected(tmp_path, path, expected)


def test_h5_of_version_2_of_one_genome(tmp_path, expected):
    assert_as_expected(tmp_path, old_h5(tmp_path / "a.h5", GRCh38=(COUNTS, IDS, SYMBOLS)), expected)


def test_h5_of_version_2_of_two_genomes(tmp_path, expected):
    mouse = [f"mm10_ENSMUSG{i:011d}" for i in range(40)]
    human = (COUNTS, [f"hg19_{name}" for name in IDS], [f"hg19_{name}" for name in SYMBOLS])
    path = old_h5(tmp_path / "a.h5", hg19=human, mm10=(random_counts(80, 40), mouse, mouse))
    assert_as_expected(tmp_path / "1", path, expected, genome="hg19")
    other = run_cells(tmp_path / "2", path, genome="mm10")
    assert (other.cells().height, other.genes()["gene_id"][0]) == (80, "ENSMUSG00000000000")
    with pytest.raises(RequestError, match=r"has genes of hg19 and mm10: say which to use in cells\.genome"):
        run_cells(tmp_path / "3", path)
    with pytest.raises(RequestError, match=r"cells\.genome: .* has no genes of GRCh38: it has hg19, mm10"):
        run_cells(tmp_path / "4", path, genome="GRCh38")


def test_h5_of_version_3_of_two_genomes(tmp_path, expected):
    ids = [f"GRCh38_{name}" for name in IDS] + [f"mm10___ENSMUSG{i:011d}" for i in range(60)]
    names = [f"GRCh38_{name}" for name in SYMBOLS] + [f"mm10___G{i}" for i in range(60)]
    both = csr_matrix(hstack([COUNTS, COUNTS]))
    genome = ["GRCh38"] * 60 + ["mm10"] * 60
    path = new_h5(tmp_path / "a.h5", both, ids, names, ["Gene Expression"] * 120, genome=genome)
    assert_as_expected(tmp_path / "1", path, expected, genome="GRCh38")
    rows = [(*row, "Gene Expression") for row in zip(ids, names, strict=True)]
    assert_as_expected(tmp_path / "2", matrix_folder(tmp_path / "m", both, rows), expected, genome="GRCh38")
    with pytest.raises(RequestError, match="has genes of GRCh38 and mm10"):
        run_cells(tmp_path / "3", path)


def test_probes_of_a_gene_are_summed_without_those_filtered_out(tmp_path, expected):
    parts = np.floor(COUNTS.toarray() / 3)
    probes = csr_matrix(np.hstack([parts, COUNTS.toarray() - parts, np.full((120, 5), 70)]).astype(np.float32))
    genes, names = IDS + IDS + IDS[:5], SYMBOLS + SYMBOLS + SYMBOLS[:5]
    ids = [f"{gene}|{name}|{i:07x}" for i, (gene, name) in enumerate(zip(genes, names, strict=True))]
    types = ["Gene Expression"] * 125
    path = new_h5(tmp_path / "probes.h5", probes, ids, names, types, gene_id=genes, gene_name=names)
    with h5py.File(path, "r+") as file:
        file["matrix/features/filtered_probes"] = np.array([True] * 120 + [False] * 5)
    assert_as_expected(tmp_path / "1", path, expected)
    whole = new_h5(tmp_path / "ids.h5", probes[:, :120], ids[:120], names[:120], types[:120])
    assert_as_expected(tmp_path / "2", whole, expected)


@pytest.mark.parametrize(
    "made",
    [
        {"rows": ROWS},
        {"rows": ROWS, "packed": False},
        {"rows": OLD_ROWS, "features": "genes.tsv", "packed": False},
        {"rows": ROWS, "before": "GSM1_"},
        {"rows": ROWS, "turned": True},
        {"rows": [("gene_id", "symbol"), *OLD_ROWS]},
        {"rows": [(name,) for name in IDS]},
    ],
    ids=["packed", "plain", "genes", "prefix", "cells in rows", "header", "ids alone"],
)
def test_matrix_folders(tmp_path, monkeypatch, expected, made):
    monkeypatch.setattr(tenx_folder, "BLOCK", 1000)
    folder = matrix_folder(tmp_path / "m", COUNTS, **made)
    for path in list(folder.iterdir()):
        (folder / f"._{path.name}").write_bytes(b"of macOS")
    assert_as_expected(tmp_path / "out", folder, expected)


def test_types_in_a_folder_are_heeded(tmp_path, expected):
    counts = csr_matrix(hstack([PROTEIN[:, :1], COUNTS]))
    assert_as_expected(tmp_path / "out", matrix_folder(tmp_path / "m", counts, MIXED), expected)


def test_samples_with_prefixes_are_files_of_one_study(tmp_path):
    for i in (1, 2):
        matrix_folder(tmp_path / "geo", random_counts(seed=i), ROWS, before=f"GSM{i}_")
    reader = run_cells(tmp_path / "1", tmp_path / "geo")
    assert reader.cells()["source"].unique(maintain_order=True).to_list() == [f"GSM{i}_matrix.mtx.gz" for i in (1, 2)]
    one = run_cells(tmp_path / "2", tmp_path / "geo" / "GSM2_matrix.mtx.gz")
    np.testing.assert_array_equal(one.counts().toarray(), random_counts(seed=2).toarray())


def test_folders_in_a_folder_are_files_of_one_study(tmp_path):
    for i in (1, 2):
        matrix_folder(tmp_path / f"s{i}", random_counts(seed=i), ROWS)
    assert set(run_cells(tmp_path / "out" / "o", tmp_path).cells()["source"]) == {"s1", "s2"}


def test_the_key_follows_the_contents_of_a_folder_not_its_name(tmp_path):
    folders = [matrix_folder(tmp_path / name, random_counts(seed=i), ROWS) for name, i in (("a", 0), ("b", 1))]
    before = [content_of(folder) for folder in folders]
    folders[0].rename(tmp_path / "c")
    assert content_of(tmp_path / "c") == before[0] != before[1]
    (tmp_path / "c" / "barcodes.tsv.gz").write_bytes(gzip.compress(b"other\n"))
    assert content_of(tmp_path / "c") != before[0]


def test_all_barcodes_beside_the_filtered_ones_are_refused(tmp_path):
    for i, name in enumerate(("raw_feature_bc_matrix.h5", "filtered_feature_bc_matrix.h5")):
        new_h5(tmp_path / name, random_counts(seed=i), IDS, SYMBOLS, TYPES[3:])
    with pytest.raises(RequestError, match="has all barcodes beside filtered_feature_bc_matrix"):
        find_files([str(tmp_path)])


def spoil_entries(text):
    return "\n".join(text.splitlines()[:-5]) + "\n"


def spoil_index(text):
    return text.rstrip("\n").rsplit("\n", 1)[0] + "\n61 1 3\n"


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda text: text.replace("60 120 ", "61 120 "), r"is 61 by 120, beside it are 60 features and 120 barcodes"),
        (spoil_entries, r"has [\d,]+ of [\d,]+ entries: is the file whole"),
        (spoil_index, "has entries beyond its 60 rows or columns"),
        (lambda text: text.replace("integer", "pattern"), "expected coordinates of numbers"),
        (lambda text: text[:-3] + "x\n", "cannot be read"),
    ],
)
def test_damaged_matrices_are_one_line(tmp_path, spoil, told):
    folder = matrix_folder(tmp_path / "m", COUNTS, ROWS, packed=False)
    (folder / "matrix.mtx").write_text(spoil((folder / "matrix.mtx").read_text()))
    with pytest.raises(RequestError, match=told) as caught:
        run_cells(tmp_path / "out", folder)
    assert "\n" not in str(caught.value)


def test_a_cut_archive_is_one_line(tmp_path):
    folder = matrix_folder(tmp_path / "m", COUNTS, ROWS)
    path = folder / "matrix.mtx.gz"
    path.write_bytes(path.read_bytes()[:-400])
    with pytest.raises(RequestError, match="is the file whole"):
        run_cells(tmp_path / "out", folder)


def test_missing_parts_are_named(tmp_path):
    folder = matrix_folder(tmp_path / "m", COUNTS, ROWS, before="GSM1_")
    (folder / "GSM1_features.tsv.gz").rename(folder / "GSE_features.tsv.gz")
    with pytest.raises(RequestError, match=r"lacks GSM1_features\.tsv\.gz or GSM1_genes\.tsv\.gz beside it"):
        run_cells(tmp_path / "out", folder)


def test_molecules_are_no_counts(tmp_path):
    with h5py.File(tmp_path / "molecule_info.h5", "w") as file:
        file["barcode_idx"], file["count"] = [0], [1]
    with pytest.raises(RequestError, match=r"lists molecules, give filtered_feature_bc_matrix\.h5"):
        run_cells(tmp_path, tmp_path / "molecule_info.h5")
