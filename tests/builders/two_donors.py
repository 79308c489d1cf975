"""A file of cells with two donors and two batches, whose genes say of each other what was planted.

A planted gene belongs to one value of one obs column (a cell type, tissue, donor or batch): it has PLANTED counts on
average in the cells of that value and STRAY in all others. All other genes have the means of the bundled sample in
every cell. Cells of batch b have SHALLOW times the counts of batch a. Types, tissues, donors and batches are crossed:
every combination has cells. In the variant ``nested``, all cells of donor d2 are of batch b. Beside the file stands
``planted.gmt``, the planted genes of each value as a gene set.
"""

from pathlib import Path

import anndata as ad
import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix

from tasks.cells import sample

TYPES = {"T cells": 96, "Monocytes": 72, "B cells": 60, "Megakaryocytes": 12}
RARE = "Megakaryocytes"
VALUES = {
    "cell_type": tuple(TYPES),
    "tissue": ("blood", "spleen"),
    "donor": ("d1", "d2"),
    "batch": ("a", "b"),
}
N_GENES, OF_EACH = 120, 8  # genes; those planted for each value
PLANTED, STRAY = 3.0, 0.03
SHALLOW, SPREAD = 0.6, 0.25  # of batch b; deviation of the log of a cell's depth


def donor_table(*, nested: bool = False) -> pd.DataFrame:
    """The obs columns of all cells; ``disease`` and ``age`` are the donor's own, ``plate`` is one for all."""
    types = np.repeat(list(TYPES), list(TYPES.values()))
    within = np.concatenate([np.arange(n) for n in TYPES.values()])
    donor = np.array(VALUES["donor"])[within % 2]
    batch = np.array(VALUES["batch"])[within // 2 % 2]
    if nested:
        batch = np.where(donor == "d2", "b", batch)
    tissue = np.array(VALUES["tissue"])[(within // 4 + (types == "B cells")) % 3 // 2]
    columns = {"cell_type": types, "tissue": tissue, "donor": donor, "batch": batch}
    own = {"disease": np.where(donor == "d2", "sick", "well"), "age": np.where(donor == "d2", 58.0, 31.0)}
    return pd.DataFrame(columns | own | {"plate": "p1"}, index=[f"cell-{one}" for one in range(len(types))])


def planted_genes(symbols: list[str], seed: int = 0) -> dict[tuple[str, str], list[str]]:
    """The genes of every value of every column, of ``symbols`` in descending order of their means."""
    rng = np.random.default_rng([seed, 1])
    values = [(column, value) for column, names in VALUES.items() for value in names]
    chosen = rng.permutation(symbols[10:])[: OF_EACH * len(values)].reshape(len(values), OF_EACH)
    return {value: genes.tolist() for value, genes in zip(values, chosen, strict=True)}


def write_donors(path: Path, *, nested: bool = False, seed: int = 0) -> dict[tuple[str, str], list[str]]:
    """Write the file; returns the planted genes of each column and value. Equal seeds give equal counts."""
    source = ad.read_h5ad(sample.path("pbmc3k.h5ad"))
    means = np.asarray(source.X.mean(axis=0)).ravel()
    order = np.argsort(-means, kind="stable")[:N_GENES]
    symbols = source.var["gene_symbols"].iloc[order].tolist()
    planted, obs = planted_genes(symbols, seed), donor_table(nested=nested)
    rate = np.tile(means[order], (len(obs), 1))
    for (column, value), genes in planted.items():
        own = (obs[column] == value).to_numpy()
        rate[:, [symbols.index(gene) for gene in genes]] = np.where(own, PLANTED, STRAY)[:, None]
    rng = np.random.default_rng([seed, 2])
    depth = np.exp(rng.normal(0, SPREAD, len(obs))) * np.where(obs["batch"] == "b", SHALLOW, 1.0)
    counts = csr_matrix(rng.poisson(rate * depth[:, None]).astype(np.float32))
    ad.AnnData(counts, obs, source.var.iloc[order]).write_h5ad(path)
    lines = ["\t".join([f"{column} {value}", "planted", *genes]) for (column, value), genes in planted.items()]
    (path.parent / "planted.gmt").write_text("\n".join(lines) + "\n")
    return planted
