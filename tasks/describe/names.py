"""What a feature is called, and on what evidence: columns name, named_by and evidence of table ``feature``.

1. A feature with at least ``concentrated`` of its activation on its first five genes is named by them, as many as carry
   that share.
2. Any other feature is named by its cell type if one is called, else by its best term, else by its first genes unless
   they carry less than ``diffuse``, else by nothing.

A feature of few genes may also mark the cell type that has these genes. It is named by the genes, since they say more;
the type stands in column top_cell_type.
"""

from collections.abc import Mapping
from math import floor
from typing import Any

import polars as pl

from tasks.describe.settings import DescribeSettings

GENES, TYPE, TERM, NONE = "genes", "type", "term", "none"


def named(features: pl.DataFrame, settings: DescribeSettings) -> pl.DataFrame:
    """Rows of table ``feature`` with columns named_by, name and evidence in place of ``gene_shares``.

    Dead features have none of the three.
    """
    found = [_name(row, settings) if row["alive"] else (None, None, None) for row in features.iter_rows(named=True)]
    schema = dict.fromkeys(("named_by", "name", "evidence"), pl.String)
    return features.drop("gene_shares").hstack(pl.DataFrame(found, schema=schema, orient="row"))


def _name(row: Mapping[str, Any], settings: DescribeSettings) -> tuple[str, str | None, str | None]:
    """named_by, name and evidence of one living feature."""
    share = row["top5_share"] or 0.0
    if share >= settings.concentrated:
        return GENES, *_by_genes(row["gene_shares"], settings.concentrated)
    if row["top_cell_type"] is not None:
        auroc, low, n = (row[f"top_cell_type_{what}"] for what in ("auroc", "low", "cells"))
        low = floor(low * 100 + 1e-9) / 100  # never said to be more than it is
        return TYPE, row["top_cell_type"], f"AUROC {auroc:.2f}, at least {low:.2f}, {n:,} cells"
    if row["label"] is not None:
        return TERM, row["label"], f"{row['label_library']}, q {row['label_q']:.0e}"
    if row["gene_shares"] is not None and share >= settings.diffuse:
        return GENES, *_by_genes(row["gene_shares"], settings.concentrated)
    return NONE, None, None


def _by_genes(shares: list[dict[str, Any]], enough: float) -> tuple[str, str]:
    """The fewest first genes that carry enough, or all that are given, and what they carry."""
    carried, symbols = 0.0, []
    for gene in shares:
        carried += gene["share"]
        symbols.append(gene["symbol"])
        if carried >= enough:
            break
    return ", ".join(symbols), f"{100 * min(carried, 1.0):.0f} % of its activation"
