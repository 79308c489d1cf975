import h5py
import pytest

from tasks.cells.formats.opening import open_cells
from tasks.cells.formats.protocol import read_columns
from tasks.store import RequestError
from tests.builders.h5ad_files import cellxgene_file, tenx_file
from tests.shared import shared_path


def open_it(path):
    with open_cells(path) as file:
        obs = file.obs("X")
        return read_columns(obs, obs.columns), file.places()


def test_a_missing_file_is_one_line(tmp_path):
    with pytest.raises(RequestError, match=r"no file at .*gone\.h5ad: give the path of an \.h5ad file"):
        open_it(tmp_path / "gone.h5ad")


def test_a_file_of_another_kind_is_one_line(tmp_path):
    (tmp_path / "text.h5ad").write_text("no cells at all\n")
    with pytest.raises(RequestError, match=r"text\.h5ad is of no known format: give cells as") as caught:
        open_it(tmp_path / "text.h5ad")
    assert "\n" not in str(caught.value)


def test_hdf5_that_is_no_h5ad_is_refused(tmp_path):
    with h5py.File(tmp_path / "other.h5ad", "w") as file:
        file["matrix"] = [1, 2]
    with pytest.raises(RequestError, match=r"HDF5 but no \.h5ad"):
        open_it(tmp_path / "other.h5ad")


@pytest.mark.parametrize("share", [0.2, 0.6, 0.95])
def test_a_truncated_file_is_one_line(tmp_path, share):
    path = tenx_file(tmp_path / "cut.h5ad")
    path.write_bytes(path.read_bytes()[: int(share * path.stat().st_size)])
    with pytest.raises(RequestError, match="cannot be read"):
        open_it(path)


def test_places_and_their_var(tmp_path):
    with open_cells(cellxgene_file(tmp_path / "nuclei.h5ad")) as file:
        assert file.places() == ["X", "raw.X"]
        assert file.var("X").n_rows == file.matrix("X").shape[1] == 30
        assert file.var("raw.X").n_rows == file.matrix("raw.X").shape[1] == 60


def test_an_unknown_place_names_those_there(tmp_path):
    with (
        open_cells(cellxgene_file(tmp_path / "nuclei.h5ad")) as file,
        pytest.raises(RequestError, match=r"has no matrix layers/spliced: it has X, raw\.X"),
    ):
        file.matrix("layers/spliced")


def test_a_file_of_old_anndata_is_read():
    with open_cells(shared_path("data/pbmc68k_reduced/10x_pbmc68k_reduced.h5ad")) as file:
        obs = read_columns(file.obs("X"), file.obs("X").columns)
        assert file.obs("X").n_rows == len(obs)
        assert file.places() == ["X", "raw.X"]
        assert file.matrix("raw.X").shape == (700, 765)
        assert file.var("raw.X").index()[0] == "HES4"
    assert obs["bulk_labels"].value_counts()["Dendritic"] == 240
    assert obs.index[0] == "AAAGCCTGGCTAAC-1"
