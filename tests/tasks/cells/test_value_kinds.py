"""What is read as counts, what is recovered, and what is refused and called what it is."""

import anndata as ad
import numpy as np
import pytest
from scipy.sparse import csr_matrix

from tasks.cells.counts import find_counts
from tasks.cells.formats.opening import open_cells
from tasks.cells.settings import CellsSettings
from tasks.store import RequestError, StepFolder
from tests.builders.blood import blood, logged
from tests.builders.cells_step import FOLDER, all_cells, run_cells
from tests.builders.h5ad_files import human_genes, matrix_file
from tests.builders.scgpt_files import tiny_scgpt


def stored(values, kind):
    return {"csr": csr_matrix(values), "dense": values}[kind]


@pytest.mark.parametrize("precision", [np.float32, np.float64])
@pytest.mark.parametrize(("target", "depth"), [(1e4, 1500), (1e4, 60_000), (1e6, 1500), (2345.678, 8000)])
def test_planted_counts_are_recovered_exactly(tmp_path, precision, target, depth):
    counts = blood(depth=depth)
    path = matrix_file(tmp_path / "a.h5ad", csr_matrix(logged(counts, precision, target)))
    with open_cells(path) as file:
        found = find_counts(file, None, recover=True)
        np.testing.assert_array_equal(found.rows(np.arange(120)).toarray(), counts)
        np.testing.assert_array_equal(found.rows(np.array([3, 70])).toarray(), counts[[3, 70]])
    assert found.says.startswith("X (counts recovered from log1p of counts per ")
    assert found.reading.total == pytest.approx(target, rel=1e-5)


def test_recovered_cells_are_those_of_the_counts_and_say_so(tmp_path):
    counts = blood()
    raw = run_cells(tmp_path / "raw", matrix_file(tmp_path / "raw.h5ad", csr_matrix(counts)), n=50)
    back = run_cells(
        tmp_path / "log", matrix_file(tmp_path / "log.h5ad", csr_matrix(logged(counts))), n=50, recover=True
    )
    assert (raw.counts() != back.counts()).nnz == 0
    np.testing.assert_array_equal(raw.tokens().tokens, back.tokens().tokens)
    unit = back.cells()["count_unit"].to_numpy()
    np.testing.assert_allclose(unit * back.cells()["n_counts"].to_numpy(), 1e4, rtol=1e-5)
    assert raw.cells()["count_unit"].null_count() == 50
    info = StepFolder.open(tmp_path / "log" / FOLDER).info
    assert info["counts_from"] == "X (counts recovered from log1p of counts per 10,000)"
    assert StepFolder.open(tmp_path / "raw" / FOLDER).info["counts_from"] == "X"


def test_raw_counts_stand_before_recovered_ones(tmp_path):
    counts = blood()
    ad.AnnData(csr_matrix(logged(counts)), layers={"counts": csr_matrix(counts)}).write_h5ad(tmp_path / "a.h5ad")
    with open_cells(tmp_path / "a.h5ad") as file:
        assert find_counts(file, None, recover=True).says == "layers/counts"


def not_recoverable():
    """Values that cannot be taken back, each with what is said of them without being asked to recover."""
    counts = blood()
    x = logged(counts)
    spoilt = x.copy()
    spoilt[7][spoilt[7] > 0] *= 1.01
    rng = np.random.default_rng(1)
    batch = np.where(x > 0, x + rng.normal(0, 0.05, x.shape).astype(np.float32), 0)
    return {
        "genes left out afterwards": (x[:, 50:], "looks log-transformed, with genes left out afterwards"),
        "scaled": ((x - x.mean(axis=0)) / (x.std(axis=0) + 1e-6), "scaled"),
        "corrected for batches": (np.maximum(batch, 0), "X is not integer"),
        "base 2": (x / np.float32(np.log(2)), "X is not integer"),
        "half precision": (x.astype(np.float16).astype(np.float32), "X is not integer"),
        "square roots": (np.sqrt(counts), "X is not integer"),
        "logarithms without a total": (np.log1p(counts), "looks log-transformed"),
    }


@pytest.mark.parametrize("kind", not_recoverable())
def test_what_cannot_be_recovered_is_refused(tmp_path, kind):
    values, said = not_recoverable()[kind]
    path = matrix_file(tmp_path / "a.h5ad", csr_matrix(values))
    for recover in (False, True):
        with pytest.raises(RequestError, match=said) as caught, open_cells(path) as file:
            find_counts(file, None, recover=recover)
        assert "\n" not in str(caught.value)


def test_every_cell_that_is_read_is_checked(tmp_path):
    values = logged(blood())
    values[8] *= (1 + 1e-3 * (np.arange(400) % 3)).astype(np.float32)  # a cell that the look at 50 cells passes by
    with open_cells(matrix_file(tmp_path / "a.h5ad", csr_matrix(values))) as file:
        found = find_counts(file, None, recover=True)
        found.rows(np.array([0, 7, 9]))
        with pytest.raises(RequestError, match=r"of 3 cells, 1 hold values that are no whole .* and 1 do not"):
            found.rows(np.array([7, 8, 9]))


def test_logarithms_say_that_counts_can_be_recovered(tmp_path):
    path = matrix_file(tmp_path / "a.h5ad", csr_matrix(logged(blood())))
    with pytest.raises(RequestError, match=r"per 10,000, from which cells\.recover = true takes the counts back"):
        run_cells(tmp_path, path)


def corrected(kind):
    """Counts less ambient RNA, as programs write them."""
    counts, rng = blood(), np.random.default_rng(2)
    soup = rng.beta(2, 20, 400)
    made = {
        "by one factor": counts * np.float32(0.93),
        "by gene": counts * (1 - soup),
        "by gene and cell": counts * rng.beta(20, 2, counts.shape),
        "small": np.minimum(counts, 9) * (1 - soup),
    }
    return csr_matrix(made[kind].astype(np.float32))


@pytest.mark.parametrize("kind", ["by one factor", "by gene", "by gene and cell", "small"])
def test_corrected_counts_are_called_that_and_read_where_asked_for(tmp_path, kind):
    values = corrected(kind)
    path = matrix_file(tmp_path / "a.h5ad", values)
    with pytest.raises(RequestError, match=r'corrected counts.*set cells\.values = "corrected" for a model that reads'):
        run_cells(tmp_path, path)
    reader = run_cells(tmp_path, path, values="corrected")
    np.testing.assert_array_equal(reader.counts().toarray(), values.toarray()[reader.cells()["cell_id"].to_numpy()])
    info = StepFolder.open(tmp_path / FOLDER).info
    assert info["counts_from"] == "X (taken as corrected counts, not counts)"


@pytest.mark.parametrize("kind", ["tpm", "fpkm"])
def test_amounts_by_length_rank_as_they_are(tmp_path, kind):
    length = np.random.default_rng(3).uniform(0.5, 8, 400)
    rates = blood(depth=60_000) / length
    values = rates / rates.sum(axis=1, keepdims=True) * 1e6
    reader = run_cells(tmp_path, matrix_file(tmp_path / "a.h5ad", csr_matrix(values.astype(np.float32))), values=kind)
    assert StepFolder.open(tmp_path / FOLDER).info["counts_from"] == f"X (taken as {kind.upper()}, not counts)"
    tokens, medians = reader.tokens(), reader.genes()["median"].to_numpy()
    token_of = {t: i for i, t in enumerate(reader.genes()["token_id"]) if t is not None}
    scaled = values[reader.cells()["cell_id"][0]] / medians
    ranked = [scaled[token_of[t]] for t in tokens.cell(0).tolist() if t in token_of]
    assert (np.diff(ranked) <= 1e-3 * np.abs(ranked[:-1])).all()
    path = matrix_file(tmp_path / "log.h5ad", csr_matrix(np.log1p(values).astype(np.float32)))
    with pytest.raises(RequestError, match=f"logarithms, no {kind.upper()}"):
        run_cells(tmp_path / "log", path, values=kind)


@pytest.mark.parametrize("kind", ["corrected", "tpm", "fpkm"])
def test_models_that_read_values_want_counts(tmp_path, kind):
    path = matrix_file(tmp_path / "a.h5ad", csr_matrix(blood()))
    model = tiny_scgpt(tmp_path / "scgpt", human_genes(400)[1])
    with pytest.raises(RequestError, match=f'cells.values = "{kind}" is for models that read ranks'):
        run_cells(tmp_path, path, model, values=kind)


def test_recovering_is_for_counts():
    with pytest.raises(ValueError, match="recover takes counts back, and values says there are tpm"):
        CellsSettings(recover=True, values="tpm")


def test_means_over_many_cells_are_exact(tmp_path):
    counts = np.full((3000, 30), 3, dtype=np.float32)
    counts[::7, 0], counts[:, 1] = 16_000_001, 1
    counts[1:, 2:] = np.random.default_rng(0).poisson(2.0, (2999, 28))
    reader = run_cells(tmp_path, matrix_file(tmp_path / "a.h5ad", csr_matrix(counts)), values="integers")
    kept = counts[reader.cells()["cell_id"].to_numpy()].astype(np.float64)
    np.testing.assert_allclose(reader.genes()["mean_count"].to_numpy(), kept.mean(axis=0), rtol=1e-12)


def test_dropped_cells_have_no_share(tmp_path):
    run_cells(tmp_path, matrix_file(tmp_path / "a.h5ad", csr_matrix(blood())), n=50)
    cells = all_cells(tmp_path)
    assert (cells["known_share"].is_not_null() == cells["chosen"]).all()
