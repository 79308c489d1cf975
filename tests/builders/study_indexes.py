"""Rows of the describe step that regroup others: the tested cells, and indexes from genes and terms to features."""

import polars as pl

from tests.builders.contract_frames import contract_frame

TISSUES = "blood, lung"


def index_tables(
    cells: pl.DataFrame, genes: pl.DataFrame, annotation: pl.DataFrame, types: pl.DataFrame
) -> dict[str, pl.DataFrame]:
    """Every such table of one autoencoder. ``cells``: rows of table cell; the others are of these tables."""
    tested = cells.filter("chosen") if types.height else cells.clear()
    sizes = [{"cell_type": name, "n_cells": n} for name, n in tested["label"].value_counts().sort("label").iter_rows()]
    summary = {
        "n_cells": tested.height,
        "n_cell_types": len(sizes),
        "n_features_enriched": types.filter("called")["feature"].n_unique(),
    }
    made = {
        "cell_type": sizes,
        "cell_type_summary": [summary] if sizes else [],
        "gene_index": genes.filter("shown", pl.col("rank") <= 5).sort("symbol", "feature").to_dicts(),
        "ontology_index": annotation.filter("significant")
        .rename({"library": "ontology"})
        .sort("ontology", "term", "feature")
        .to_dicts(),
    }
    named = {"sae_id": genes["sae_id"][0], "tissues": TISSUES}
    return {table: contract_frame(table, [{**row, **named} for row in rows]) for table, rows in made.items()}
