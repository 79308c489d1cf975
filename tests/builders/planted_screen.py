"""A screen whose truth is known: real counts of the bundled sample, thinned, in two lines and three batches.

Each cell is a real one, drawn with replacement. Every molecule is kept with a probability: BASE, times the gene's own
rate in the line and in the batch, times KNOCKED for the gene that is switched off, FALLS for the genes that fall with
it and RISES for those that rise. Lines and batches hold perturbations in unequal numbers, so that pooling them shifts
what a perturbation does not touch.
"""

from dataclasses import dataclass
from pathlib import Path

import anndata as ad
import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix

from tasks.cells import sample
from tasks.cells.sample.planted import thin

LINES, BATCHES, CONTROL = ("K", "R"), ("b1", "b2", "b3"), "non-targeting"
BASE, KNOCKED, FALLS, RISES = 0.4, 0.1, 0.5, 2.0
SPREAD = 0.3  # sd of the log rate of a gene in a line or batch


@dataclass(frozen=True)
class Screen:
    """``effects``: by perturbation, the factor of each gene that it changes, by symbol; ``symbols``: all genes."""

    cells: ad.AnnData
    effects: dict[str, dict[str, float]]
    symbols: list[str]

    def write(self, path: Path) -> Path:
        self.cells.write_h5ad(path)
        return path


def plant_screen(
    seed: int = 0,
    n_perturbations: int = 6,
    n_cells: int = 40,
    n_control: int = 200,
    n_genes: int = 300,
    n_changed: int = 10,
    effects: dict[str, dict[str, float]] | None = None,
) -> Screen:
    """``n_cells`` of each perturbation and ``n_control`` control cells, in all lines and batches together.

    ``effects`` are drawn among frequent genes if they are not given; ``n_changed`` of them fall or rise.
    """
    rng = np.random.default_rng([seed, 40])
    source = ad.read_h5ad(sample.path("pbmc3k.h5ad"))
    order = np.argsort(-np.asarray(source.X.mean(axis=0)).ravel(), kind="stable")[:n_genes]
    symbols = source.var["gene_symbols"].iloc[order].tolist()
    drawn = draw_effects(symbols[: n_genes // 2], n_perturbations, n_changed, rng) if effects is None else effects
    names = [CONTROL] * n_control + [name for name in drawn for _ in range(n_cells)]
    obs = _obs(names, rng)
    keep = BASE * _rates(obs["cell_line"], LINES, len(order), rng) * _rates(obs["batch"], BATCHES, len(order), rng)
    place = {symbol: column for column, symbol in enumerate(symbols)}
    for name, changed in drawn.items():
        own = (obs["gene"] == name).to_numpy()
        for symbol, factor in changed.items():
            keep[own, place[symbol]] *= factor
    rows = rng.integers(source.n_obs, size=len(obs))
    counts = thin(csr_matrix(source.X[rows][:, order]), np.minimum(keep, 1.0), rng)
    return Screen(ad.AnnData(counts, obs, source.var.iloc[order].copy()), drawn, symbols)


def draw_effects(symbols: list[str], n: int, n_changed: int, rng: np.random.Generator) -> dict[str, dict[str, float]]:
    """For each of ``n`` genes its own fall, and others that fall or rise."""
    knocked = rng.permutation(symbols)[:n].tolist()
    found = {}
    for name in knocked:
        others = rng.permutation([symbol for symbol in symbols if symbol != name])[:n_changed].tolist()
        changes = {symbol: FALLS if i % 2 else RISES for i, symbol in enumerate(others)}
        found[name] = {name: KNOCKED, **changes}
    return found


def _obs(names: list[str], rng: np.random.Generator) -> pd.DataFrame:
    """Perturbations differ in their share of lines and batches; guides are numbered from 1."""
    columns: dict[str, list[str]] = {"gene": names, "cell_line": [], "batch": [], "guide": []}
    leaning = {
        name: (rng.uniform(0.25, 0.75), rng.dirichlet(np.full(len(BATCHES), 3.0))) for name in dict.fromkeys(names)
    }
    for name in names:
        line, batch = leaning[name]
        columns["cell_line"].append(LINES[int(rng.random() > line)])
        columns["batch"].append(BATCHES[int(rng.choice(len(BATCHES), p=batch))])
        columns["guide"].append(f"{name}_g{rng.integers(1, 3)}")
    return pd.DataFrame(columns, index=[f"cell-{i}" for i in range(len(names))])


def _rates(values: pd.Series, known: tuple[str, ...], n_genes: int, rng: np.random.Generator) -> np.ndarray:
    """Rates [n_cells, n_genes] of each cell's line or batch, near 1."""
    rate = np.exp(SPREAD * rng.standard_normal((len(known), n_genes)))
    return rate[[known.index(value) for value in values]]
