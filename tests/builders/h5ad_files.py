"""Small .h5ad files in the shapes that people bring: 10x output, CELLxGENE nuclei, dense, CSC, normalised."""

from pathlib import Path

import anndata as ad
import numpy as np
import pandas as pd
from scipy.sparse import csc_matrix, csr_matrix

from tasks.cells.genes import symbol_table

N_CELLS, N_GENES = 120, 60


def human_genes(n: int = N_GENES) -> tuple[list[str], list[str]]:
    """Ensembl ids and symbols of n human genes whose symbols are unambiguous."""
    id_of, symbol_of = symbol_table()
    ids = [gene for gene, symbol in symbol_of.items() if id_of[symbol] == gene][:n]
    return ids, [symbol_of[gene] for gene in ids]


def random_counts(n_cells: int = N_CELLS, n_genes: int = N_GENES, seed: int = 0) -> csr_matrix:
    """Overdispersed counts, about half of them zero, float32."""
    rng = np.random.default_rng(seed)
    rate = rng.gamma(1.0, 2.0, n_genes) * rng.gamma(4.0, 0.25, (n_cells, 1))
    return csr_matrix(rng.poisson(rate).astype(np.float32))


def log_normalised(counts: csr_matrix) -> csr_matrix:
    scaled = counts.multiply(1e4 / counts.sum(axis=1)).tocsr()
    return csr_matrix(np.log1p(scaled), dtype=np.float32)


def cell_names(n: int) -> pd.Index:
    return pd.Index([f"cell-{i}" for i in range(n)])


def tenx_file(path: Path, counts: csr_matrix | None = None, obs: pd.DataFrame | None = None) -> Path:
    """As scanpy writes a 10x matrix: symbols in the index, ids in ``gene_ids``, counts in X."""
    counts = random_counts() if counts is None else counts
    ids, symbols = human_genes(counts.shape[1])
    obs = pd.DataFrame(index=cell_names(counts.shape[0])) if obs is None else obs
    ad.AnnData(counts, obs, pd.DataFrame({"gene_ids": ids}, index=symbols)).write_h5ad(path)
    return path


def cellxgene_file(path: Path, counts: csr_matrix | None = None) -> Path:
    """As CELLxGENE keeps nuclei: float counts in raw.X, normalised X, ids in the index, symbols in feature_name."""
    counts = random_counts() if counts is None else counts
    ids, symbols = human_genes(counts.shape[1])
    types = pd.Categorical(
        ["neuron", "glia", "neuron"] * (counts.shape[0] // 3), categories=["glia", "neuron", "absent"]
    )
    obs = pd.DataFrame({"cell_type": types, "is_primary_data": [True, False] * (counts.shape[0] // 2)})
    obs["donor"] = [f"donor {i % 4}" for i in range(counts.shape[0])]
    obs["age"] = np.arange(counts.shape[0]) % 3
    obs.index = cell_names(counts.shape[0])
    raw = ad.AnnData(counts, obs, pd.DataFrame({"feature_name": pd.Categorical(symbols)}, index=ids))
    file = ad.AnnData(log_normalised(counts)[:, ::2], obs, raw.var.iloc[::2])
    file.raw = raw
    file.write_h5ad(path)
    return path


def matrix_file(path: Path, values: csr_matrix | csc_matrix | np.ndarray, names: list[str] | None = None) -> Path:
    """Values as X, with the names (Ensembl ids without any) in the index of var."""
    ids, _ = human_genes(values.shape[1])
    var = pd.DataFrame(index=pd.Index(ids if names is None else names))
    ad.AnnData(values, pd.DataFrame(index=cell_names(values.shape[0])), var).write_h5ad(path)
    return path
