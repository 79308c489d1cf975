"""Cells with a planted truth: real counts of the bundled sample, thinned and mixed so that they stay integer counts.

Thinning: each molecule of a count is kept with probability r, so the count becomes Binomial(count, r) with mean r times
the count; what is Poisson stays Poisson.

1. Trajectory: thin(x, 1 - t) + thin(y, t) of two real cells, x of the first type and y of the second; t, the
   ``pseudotime``, is uniform on 0 to 1. No real cell is used twice.
2. Knock-down: of cells of one type, each with one ``guide``; the guide's ``gene`` keeps 0.1 of its molecules, the
   planted targets of that gene keep 0.5, all other genes all. Control guides change nothing. Once alone, and once among
   the cells of all other types, which are as they were and bear no guide.
3. Batches: each gene has, in each ``batch``, its own log-normal keep rate, at most 1. One file per batch.
4. Donors, each in both batches, of unequal numbers of cells: a ``donor`` too has a keep rate per gene, closer to 1.
   ``age`` (unknown of one donor) and ``treated`` are constant in a donor and change nothing.

The truth stands in ``obs``, ``var``, ``varm`` and ``uns`` of each file.
"""

from pathlib import Path

import anndata as ad
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, vstack

from tasks.cells import sample

FIRST, LAST = "CD14+ Monocytes", "CD8 T cells"  # the ends of the trajectory
SCREENED = "CD4 T cells"
N_KNOCKED, N_TARGETS, N_GUIDES = 4, 10, 2  # genes, targets of each, guides of each and control guides
KNOCKED_KEEP, TARGET_KEEP = 0.1, 0.5
CONTROL = "non-targeting"
BATCHES, BATCH_KEEP, BATCH_SPREAD = ("a", "b"), 0.7, 0.4  # median and sd of log of the keep rate
DONOR_SHARE, DONOR_KEEP, DONOR_SPREAD = (0.3, 0.25, 0.15, 0.15, 0.1, 0.05), 0.9, 0.15
AGES = (31.0, 44.0, 58.0, 63.0, 71.5, np.nan)

Rates = NDArray[np.float64]


def write_planted(folder: Path, seed: int = 0) -> list[Path]:
    """Write trajectory, knock_down, blood_screen, batch_a and batch_b.h5ad; equal seeds give equal bytes."""
    cells = ad.read_h5ad(sample.path("pbmc3k.h5ad"))
    screen = knock_down(cells, seed)
    made = {"trajectory": trajectory(cells, seed), "knock_down": screen, "blood_screen": among_others(cells, screen)}
    made |= batches(cells, seed)
    folder.mkdir(parents=True, exist_ok=True)
    for name, planted in made.items():
        planted.write_h5ad(folder / f"{name}.h5ad", compression="gzip")
    return [folder / f"{name}.h5ad" for name in made]


def thin(counts: csr_matrix, keep: float | Rates, rng: np.random.Generator) -> csr_matrix:
    """Keep each molecule with probability ``keep``, broadcast to the shape of ``counts`` [n_cells, n_genes]."""
    entries = counts.tocoo()
    rate = np.broadcast_to(keep, counts.shape)[entries.row, entries.col]
    kept = rng.binomial(entries.data.astype(np.int64), rate).astype(np.float32)
    thinned = csr_matrix((kept, (entries.row, entries.col)), shape=counts.shape)
    thinned.eliminate_zeros()
    return thinned


def trajectory(cells: ad.AnnData, seed: int) -> ad.AnnData:
    """As many cells between ``FIRST`` and ``LAST`` as both types have; obs: pseudotime; uns: start and end."""
    rng = np.random.default_rng([seed, 1])
    first, last = (rng.permutation(np.flatnonzero(cells.obs["cell_type"] == name)) for name in (FIRST, LAST))
    n = min(len(first), len(last))
    time = rng.random((n, 1))
    counts = thin(cells.X[first[:n]], 1 - time, rng) + thin(cells.X[last[:n]], time, rng)
    names = [f"{x}+{y}" for x, y in zip(cells.obs_names[first[:n]], cells.obs_names[last[:n]], strict=True)]
    obs = pd.DataFrame({"pseudotime": time.ravel()}, index=names)
    return _annotated(counts, obs, cells.var, {"start": FIRST, "end": LAST})


def knock_down(cells: ad.AnnData, seed: int) -> ad.AnnData:
    """A screen in cells of one type, one guide each; obs: gene, guide; uns: targets (Ensembl ids) by gene."""
    rng = np.random.default_rng([seed, 2])
    rows = rng.permutation(np.flatnonzero(cells.obs["cell_type"] == SCREENED))
    counts = cells.X[rows]
    seen = np.flatnonzero(counts.getnnz(axis=0) >= 0.2 * len(rows))
    chosen = rng.permutation(seen)[: N_KNOCKED * (1 + N_TARGETS)].reshape(N_KNOCKED, 1 + N_TARGETS)
    names = [str(cells.var["gene_symbols"].iloc[genes[0]]) for genes in chosen]
    keep = np.ones((N_KNOCKED + 1, counts.shape[1]))  # the last row: control guides
    for row, (gene, *targets) in enumerate(chosen):
        keep[row, gene], keep[row, targets] = KNOCKED_KEEP, TARGET_KEEP
    guides = [(row, f"{name}-{i + 1}") for row, name in enumerate([*names, CONTROL]) for i in range(N_GUIDES)]
    given = [guides[i % len(guides)] for i in range(len(rows))]
    obs = pd.DataFrame(
        {
            "gene": pd.Categorical([[*names, CONTROL][row] for row, _ in given]),
            "guide": pd.Categorical([guide for _, guide in given]),
        },
        index=cells.obs_names[rows],
    )
    ids = cells.var_names.to_numpy(dtype=object)
    truth = {
        "targets": {name: ids[genes[1:]] for name, genes in zip(names, chosen, strict=True)},
        "knocked_keep": KNOCKED_KEEP,
        "target_keep": TARGET_KEEP,
        "control": CONTROL,
    }
    return _annotated(thin(counts, keep[[row for row, _ in given]], rng), obs, cells.var, truth)


def among_others(cells: ad.AnnData, screen: ad.AnnData) -> ad.AnnData:
    """All ``cells`` in their order, those of the screen in their places; obs: cell_type, and what the screen says."""
    place = cells.obs_names.get_indexer(screen.obs_names)
    others = np.setdiff1d(np.arange(cells.n_obs), place)
    order = np.argsort(np.concatenate([place, others]))
    counts = vstack([screen.X, cells.X[others]]).tocsr()[order]
    return _annotated(counts, cells.obs[["cell_type"]].join(screen.obs), cells.var, dict(screen.uns["planted"]))


def batches(cells: ad.AnnData, seed: int) -> dict[str, ad.AnnData]:
    """Every cell of the sample in one of two batches, from one of six donors of both batches, by file name.

    obs: cell_type, batch, donor, age, treated; var: batch_keep; varm: donor_keep [n_genes, n_donors].
    """
    rng = np.random.default_rng([seed, 3])
    donors = [f"d{i + 1}" for i in range(len(DONOR_SHARE))]
    batch_keep = _keep_rates(BATCH_KEEP, BATCH_SPREAD, (len(BATCHES), cells.n_vars), rng)
    donor_keep = _keep_rates(DONOR_KEEP, DONOR_SPREAD, (len(donors), cells.n_vars), rng)
    batch, donor = rng.integers(len(BATCHES), size=cells.n_obs), rng.choice(len(donors), cells.n_obs, p=DONOR_SHARE)
    made = {}
    for number, name in enumerate(BATCHES):
        rows = np.flatnonzero(batch == number)
        own = donor[rows]
        obs = pd.DataFrame(
            {
                "cell_type": cells.obs["cell_type"].iloc[rows],
                "batch": pd.Categorical([name] * len(rows)),
                "donor": pd.Categorical([donors[each] for each in own]),
                "age": np.array(AGES)[own],
                "treated": own % 2 == 0,
            }
        )
        counts = thin(cells.X[rows], batch_keep[number] * donor_keep[own], rng)
        made[f"batch_{name}"] = _annotated(counts, obs, cells.var.assign(batch_keep=batch_keep[number]), {})
        made[f"batch_{name}"].varm["donor_keep"] = pd.DataFrame(donor_keep.T, index=cells.var_names, columns=donors)
    return made


def _keep_rates(median: float, spread: float, shape: tuple[int, int], rng: np.random.Generator) -> Rates:
    """Log-normal rates, cut at 1."""
    return np.minimum(1.0, median * np.exp(spread * rng.standard_normal(shape)))


def _annotated(counts: csr_matrix, obs: pd.DataFrame, var: pd.DataFrame, truth: dict[str, object]) -> ad.AnnData:
    return ad.AnnData(csr_matrix(counts), obs, var.copy(), uns={"planted": truth} if truth else {})
