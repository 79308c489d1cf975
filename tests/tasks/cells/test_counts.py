import anndata as ad
import numpy as np
import pytest
from scipy.sparse import csr_matrix

from tasks.cells.counts import find_counts
from tasks.cells.formats.opening import open_cells
from tasks.store import RequestError
from tests.builders.h5ad_files import cellxgene_file, log_normalised, matrix_file, random_counts, tenx_file
from tests.shared import shared_path


def place_of(path, named=None):
    with open_cells(path) as file:
        return find_counts(file, named).place


def refusal(path, named=None):
    with pytest.raises(RequestError) as caught:
        place_of(path, named)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def scaled(counts):
    dense = log_normalised(counts).toarray()
    return ((dense - dense.mean(axis=0)) / dense.std(axis=0)).astype(np.float32)


def with_layer(path, name, counts):
    file = ad.AnnData(log_normalised(counts), layers={name: counts})
    file.write_h5ad(path)
    return path


def test_counts_in_x(tmp_path):
    assert place_of(tenx_file(tmp_path / "a.h5ad")) == "X"


@pytest.mark.parametrize("layer", ["counts", "raw_counts"])
def test_counts_in_a_layer(tmp_path, layer):
    assert place_of(with_layer(tmp_path / "a.h5ad", layer, random_counts())) == f"layers/{layer}"


def test_counts_in_raw(tmp_path):
    assert place_of(cellxgene_file(tmp_path / "a.h5ad")) == "raw.X"


def test_a_named_place_is_taken_and_checked(tmp_path):
    path = with_layer(tmp_path / "a.h5ad", "spliced", random_counts())
    assert place_of(path, "layers/spliced") == "layers/spliced"
    assert "X is not integer" in refusal(path, "X")


def test_traces_of_arithmetic_are_rounded_away(tmp_path):
    counts = random_counts()
    path = matrix_file(tmp_path / "a.h5ad", csr_matrix(counts * np.float32(1 + 1e-6)))
    with open_cells(path) as file:
        found = find_counts(file, None).rows(np.arange(counts.shape[0]))
    np.testing.assert_array_equal(found.toarray(), counts.toarray())


def test_log_normalised_counts_are_recognised(tmp_path):
    line = refusal(matrix_file(tmp_path / "a.h5ad", log_normalised(random_counts())))
    assert "X is not integer, largest" in line
    assert "rows sum to 10,000 after expm1: log-normalised counts per 10,000" in line
    assert "Put raw UMI counts into X, layers['counts'] or raw.X, or name their place in cells.counts" in line


def test_scaled_values_are_recognised(tmp_path):
    assert "X has negative values (smallest -" in refusal(matrix_file(tmp_path / "a.h5ad", scaled(random_counts())))


def test_normalised_counts_are_recognised(tmp_path):
    counts = random_counts()
    path = matrix_file(tmp_path / "a.h5ad", csr_matrix(counts.multiply(1e6 / counts.sum(axis=1))))
    assert "rows sum to 1,000,000: counts normalised to that total" in refusal(path)


def test_logarithms_of_some_genes_are_recognised(tmp_path):
    path = matrix_file(tmp_path / "a.h5ad", csr_matrix(log_normalised(random_counts())[:, :20]))
    assert "looks log-transformed" in refusal(path)


def test_corrected_counts_are_recognised(tmp_path):
    path = matrix_file(tmp_path / "a.h5ad", csr_matrix(random_counts() * np.float32(7.3)))
    assert "normalised or corrected counts" in refusal(path)


def test_nan_is_refused(tmp_path):
    values = random_counts().toarray()
    values[3, 3] = np.nan
    assert "X has infinite values or NaN" in refusal(matrix_file(tmp_path / "a.h5ad", values))


def test_an_empty_matrix_is_refused(tmp_path):
    assert "X has no values" in refusal(matrix_file(tmp_path / "a.h5ad", csr_matrix((5, 4), dtype=np.float32)))


def test_values_that_the_sample_missed_are_caught_when_read(tmp_path):
    with open_cells(matrix_file(tmp_path / "a.h5ad", random_counts())) as file:
        source = find_counts(file, None)
        read = source.matrix.rows
        source.matrix.rows = lambda wanted: read(wanted) * np.float32(0.5)
        with pytest.raises(RequestError, match="X looked like raw counts but is not integer in some cells"):
            source.rows(np.arange(100))


def test_scaled_file_with_normalised_raw_is_refused_for_both():
    line = refusal(shared_path("data/pbmc68k_reduced/10x_pbmc68k_reduced.h5ad"))
    assert "X has negative values (smallest -2.03" in line
    assert "raw.X is not integer, largest 6.489: looks log-transformed" in line
