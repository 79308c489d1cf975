"""A run as AnnData: features are the observations, genes the variables.

X          mean activation of a feature where it fires on one of its top genes, 0 elsewhere [features, genes]
layers     ``fire_rate``: how often it fires on the gene
obs, var   the columns of table feature; gene symbols
obsm       ``X_map``: places on the map of directions [features, 2]
obsp       ``edges``: g of the called edges, source by target [features, features]
"""

from pathlib import Path

import anndata
import numpy as np
import pandas as pd
import polars as pl
from scipy.sparse import csr_matrix

from warehouse.export.contents import Contents


def write_h5ad(contents: Contents, path: Path) -> None:
    """Write the file."""
    features, genes, edges = contents.features, contents.genes, contents.edges
    var = genes.select("gene_id", "symbol").unique().sort("gene_id").with_row_index("column")
    placed = genes.join(var.select("gene_id", "column"), on="gene_id", how="left")
    shape = (features.height, var.height)
    values = {name: _sparse(placed, name, ("row", "column"), shape) for name in ("mean_activation", "fire_rate")}
    data = anndata.AnnData(
        X=values["mean_activation"],
        obs=_frame(features.drop("map_x", "map_y"), "name"),
        var=_frame(var.drop("column"), "gene_id"),
        layers={"fire_rate": values["fire_rate"]},
        obsm={"X_map": features.select("map_x", "map_y").cast(pl.Float32).fill_null(np.nan).to_numpy()},
        obsp={"edges": _sparse(edges, "g", ("source", "target"), (features.height, features.height))},
        uns={"run": {name: str(value) for name, value in contents.run.items()}},
    )
    data.write_h5ad(path, compression="gzip")


def _sparse(rows: pl.DataFrame, value: str, places: tuple[str, str], shape: tuple[int, int]) -> csr_matrix:
    at = tuple(rows[name].to_numpy() for name in places)
    return csr_matrix((rows[value].fill_null(0.0).cast(pl.Float32).to_numpy(), at), shape=shape)


def _frame(rows: pl.DataFrame, index: str) -> pd.DataFrame:
    """As the file format takes it: texts without NULL, numbers with NULL as floats."""
    texts = [name for name, kind in rows.schema.items() if kind == pl.String]
    numbers = [name for name, kind in rows.schema.items() if kind.is_numeric() and rows[name].null_count()]
    filled = rows.with_columns(pl.col(texts).fill_null(""), pl.col(numbers).cast(pl.Float64))
    flags = [name for name, kind in filled.schema.items() if kind == pl.Boolean and filled[name].null_count()]
    return filled.with_columns(pl.col(flags).cast(pl.String).fill_null("")).to_pandas().set_index(index)
