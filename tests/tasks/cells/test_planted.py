"""Planted cells: integer counts in which the stated truth is there, the same for the same seed."""

import hashlib

import anndata as ad
import numpy as np
import pytest
from scipy.sparse import csr_matrix

from tasks.cells import sample
from tasks.cells.sample import planted
from tests.builders.cells_step import run_cells

FILES = ["trajectory", "knock_down", "blood_screen", "batch_a", "batch_b"]
MOST_SD = 5.0  # of a deviation among the few thousand genes that are looked at


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("planted")
    assert [path.name for path in planted.write_planted(made)] == [f"{name}.h5ad" for name in FILES]
    return made


@pytest.fixture(scope="module")
def cells():
    return ad.read_h5ad(sample.path("pbmc3k.h5ad"))


def read(folder, name):
    return ad.read_h5ad(folder / f"{name}.h5ad")


def deviations(found, total, rate):
    """By gene, how many standard deviations a count is off that was thinned from ``total`` at ``rate``.

    0 where the binomial is too narrow to be near a normal distribution.
    """
    sd = np.sqrt(total * rate * (1 - rate))
    return np.divide(found - total * rate, sd, out=np.zeros_like(sd), where=sd > 3)


def sums(matrix):
    return np.asarray(matrix.sum(axis=0, dtype=np.float64)).ravel()


@pytest.mark.parametrize("name", FILES)
def test_counts_are_integers_that_a_study_can_read(folder, name, tmp_path):
    counts = read(folder, name).X
    assert (counts.data == np.rint(counts.data)).all()
    assert counts.data.min() >= 1
    reader = run_cells(tmp_path, folder / f"{name}.h5ad", n=50)
    assert reader.cells().height > 40  # some express too few of the fifty genes of the test's vocabulary


def test_the_same_seed_gives_the_same_bytes(folder, tmp_path):
    def hashes(paths):
        return [hashlib.sha256(path.read_bytes()).hexdigest() for path in paths]

    first = hashes(folder / f"{name}.h5ad" for name in FILES)
    assert hashes(planted.write_planted(tmp_path / "again")) == first
    other = hashes(planted.write_planted(tmp_path / "other", seed=1))
    assert all(one != two for one, two in zip(first, other, strict=True))


def test_thinning_keeps_the_rate_of_every_gene():
    rng = np.random.default_rng(0)
    counts = csr_matrix(rng.poisson(20, (500, 5)).astype(np.float32))
    rate = np.array([0.0, 0.1, 0.5, 0.9, 1.0])
    thinned = planted.thin(counts, rate, rng)
    assert (thinned.toarray() <= counts.toarray()).all()
    assert np.abs(deviations(sums(thinned), sums(counts), rate)).max() < MOST_SD
    assert (sums(thinned)[[0, 4]] == [0, sums(counts)[4]]).all()
    kept = thinned.toarray()[:, 2]  # binomial: var = n r (1 - r) + r^2 var(n) = r * 20 for a Poisson of mean 20
    assert kept.var() == pytest.approx(10, rel=0.25)


def test_along_the_trajectory_the_first_type_gives_way_to_the_last(folder, cells):
    made = read(folder, "trajectory")
    time = made.obs["pseudotime"].to_numpy()
    assert (made.uns["planted"]["start"], made.uns["planted"]["end"]) == (planted.FIRST, planted.LAST)
    ends = [name.split("+") for name in made.obs_names]
    assert len({one for pair in ends for one in pair}) == 2 * made.n_obs, "a real cell is used once"
    first, last = (cells[[pair[i] for pair in ends]].X.toarray() for i in (0, 1))
    expected = (1 - time[:, None]) * first + time[:, None] * last
    sd = np.sqrt(((time * (1 - time))[:, None] * (first + last)).sum(axis=0))
    off = np.divide(sums(made.X) - expected.sum(axis=0), sd, out=np.zeros_like(sd), where=sd > 0)
    assert np.abs(off).max() < MOST_SD
    markers = made[:, made.var["gene_symbols"].isin(["S100A8", "S100A9", "LYZ"])].X.sum(axis=1)
    bins = np.digitize(time, [0.2, 0.4, 0.6, 0.8])
    means = [np.asarray(markers).ravel()[bins == each].mean() for each in range(5)]
    assert means == sorted(means, reverse=True)
    assert means[0] > 3 * means[4]


def test_a_guide_knocks_down_its_gene_and_the_genes_planted_targets(folder, cells):
    made = read(folder, "knock_down")
    before = cells[made.obs_names].X
    truth = made.uns["planted"]
    symbols = made.var["gene_symbols"].to_numpy()
    assert set(made.obs["gene"]) == {*truth["targets"], truth["control"]}
    assert made.obs.groupby("gene", observed=True)["guide"].nunique().eq(planted.N_GUIDES).all()
    every = [gene for genes in truth["targets"].values() for gene in genes]
    assert len(set(every)) == len(every) == planted.N_KNOCKED * planted.N_TARGETS
    for gene in set(made.obs["gene"]):
        rows = np.flatnonzero(made.obs["gene"] == gene)
        targets = truth["targets"].get(gene, [])
        rate = np.ones(made.n_vars)
        rate[np.isin(made.var_names, targets)] = truth["target_keep"]
        rate[symbols == gene] = truth["knocked_keep"]
        assert (rate < 1).sum() == (0 if gene == truth["control"] else 1 + planted.N_TARGETS)
        found, total = sums(made.X[rows]), sums(before[rows])
        assert np.abs(deviations(found, total, rate)).max() < MOST_SD
        assert (found[rate == 1] == total[rate == 1]).all()
        if gene != truth["control"]:
            ratio = found[rate == truth["target_keep"]].sum() / total[rate == truth["target_keep"]].sum()
            assert ratio == pytest.approx(0.5, abs=0.1)


def test_batches_and_donors_keep_what_their_rates_say(folder, cells):
    made = [read(folder, name) for name in ("batch_a", "batch_b")]
    assert sorted([*made[0].obs_names, *made[1].obs_names]) == sorted(cells.obs_names)
    for batch in made:
        before = cells[batch.obs_names].X
        for donor in batch.varm["donor_keep"].columns:
            rows = np.flatnonzero(batch.obs["donor"] == donor)
            rate = batch.var["batch_keep"].to_numpy() * batch.varm["donor_keep"][donor].to_numpy()
            assert len(rows) > 30
            assert np.abs(deviations(sums(batch.X[rows]), sums(before[rows]), rate)).max() < MOST_SD
    one, other = (batch.var["batch_keep"] for batch in made)
    assert np.log(one[one < 1]).std() > 0.2
    assert np.abs(one - other).mean() > 0.1


def test_what_is_constant_in_a_donor_is_told_of_it_alone(folder):
    obs = read(folder, "batch_a").obs
    assert obs.groupby("donor", observed=True)[["age", "treated"]].nunique(dropna=False).eq(1).all(axis=None)
    assert obs["age"].isna().any()
    assert obs["donor"].value_counts().max() > 3 * obs["donor"].value_counts().min()


def test_the_screen_stands_among_the_cells_of_other_types(folder, cells):
    alone, among = read(folder, "knock_down"), read(folder, "blood_screen")
    assert list(among.obs_names) == list(cells.obs_names)
    assert among.obs["cell_type"].tolist() == cells.obs["cell_type"].tolist()
    own = among.obs["gene"].notna().to_numpy()
    assert (cells.obs["cell_type"][own] == planted.SCREENED).all()
    assert own.sum() == alone.n_obs
    same = alone[among.obs_names[own]]
    assert (among.X[own] != same.X).nnz == 0
    assert same.obs["guide"].tolist() == among.obs["guide"][own].tolist()
    assert (cells.X[~own] != among.X[~own]).nnz == 0
    assert among.uns["planted"]["control"] == planted.CONTROL
