"""Tables of counts as text, whichever way they lie; those that leave doubt are refused."""

import gzip

import numpy as np
import pandas as pd
import pytest

from tasks.cells.formats import text_table
from tasks.store import RequestError
from tests.builders.cells_step import run_cells
from tests.builders.h5ad_files import cell_names, human_genes, matrix_file, random_counts

COUNTS = random_counts()
SYMBOLS = human_genes()[1]


def table(genes=SYMBOLS):
    """Genes in rows."""
    return pd.DataFrame(COUNTS.toarray().T.astype(int), index=genes, columns=cell_names(120))


@pytest.mark.parametrize("separator", [",", "\t", ";"])
@pytest.mark.parametrize("genes_in_rows", [True, False])
@pytest.mark.parametrize("n", [None, 25])
def test_a_table_gives_what_h5ad_gives(tmp_path, monkeypatch, separator, genes_in_rows, n):
    monkeypatch.setattr(text_table, "BLOCK_VALUES", 700)
    frame = table() if genes_in_rows else table().T
    frame.to_csv(tmp_path / "a.csv", sep=separator)
    one = run_cells(tmp_path / "1", matrix_file(tmp_path / "a.h5ad", COUNTS, SYMBOLS), n=n)
    other = run_cells(tmp_path / "2", tmp_path / "a.csv", n=n)
    assert one.cells().drop("source").equals(other.cells().drop("source"))
    assert one.genes().equals(other.genes())
    np.testing.assert_array_equal(one.counts().toarray(), other.counts().toarray())


def write_text(path, text, mark=b""):
    path.write_bytes(mark + text.encode())
    return path


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_a_header_without_corner_quotes_and_marks_of_byte_order(tmp_path, mark):
    text = table().to_csv(quoting=1)
    corner, _, rest = text.partition(",")
    assert corner == '""'
    reader = run_cells(tmp_path, write_text(tmp_path / "a.csv", rest, mark))
    np.testing.assert_array_equal(reader.counts().toarray(), COUNTS.toarray())


def test_gzip_is_told_by_content(tmp_path):
    (tmp_path / "counts.txt").write_bytes(gzip.compress(table().to_csv(sep="\t").encode()))
    np.testing.assert_array_equal(run_cells(tmp_path, tmp_path / "counts.txt").counts().toarray(), COUNTS.toarray())


@pytest.mark.parametrize("genes", [[f"x{i}" for i in range(60)], SYMBOLS[:12] + [f"x{i}" for i in range(48)]])
def test_a_table_that_leaves_doubt_is_refused(tmp_path, genes):
    table(genes).to_csv(tmp_path / "a.csv")
    with pytest.raises(RequestError, match="does not tell whether genes stand in rows or in columns: "):
        run_cells(tmp_path, tmp_path / "a.csv")


def test_names_of_genes_on_both_sides_are_refused(tmp_path):
    frame = pd.DataFrame(np.ones((60, 60), dtype=int), index=SYMBOLS, columns=SYMBOLS)
    frame.to_csv(tmp_path / "a.csv")
    with pytest.raises(RequestError, match=r"100% of the names of its rows and 100% of its columns' are genes"):
        run_cells(tmp_path, tmp_path / "a.csv")


@pytest.mark.parametrize("name", ["n_counts", "nFeature_RNA", "cluster"])
def test_columns_of_other_kinds_are_refused(tmp_path, name):
    table().T.assign(**{name: 3}).to_csv(tmp_path / "a.csv")
    with pytest.raises(RequestError, match=f"has {name} among its genes: leave out what is no gene"):
        run_cells(tmp_path, tmp_path / "a.csv")


def test_lines_of_counting_programs_are_no_genes(tmp_path):
    frame = pd.concat([table(), pd.DataFrame(900, index=["__no_feature", "ERCC-00002"], columns=cell_names(120))])
    frame.to_csv(tmp_path / "a.csv")
    reader = run_cells(tmp_path, tmp_path / "a.csv")
    np.testing.assert_array_equal(reader.counts().toarray(), COUNTS.toarray())


@pytest.mark.parametrize(("value", "told"), [("many", "cannot be read"), ("", "infinite values or NaN")])
def test_cells_without_a_number_are_refused(tmp_path, value, told):
    frame = table().astype(object)
    frame.iloc[3, 3] = value
    frame.to_csv(tmp_path / "a.csv")
    with pytest.raises(RequestError, match=told):
        run_cells(tmp_path, tmp_path / "a.csv")
