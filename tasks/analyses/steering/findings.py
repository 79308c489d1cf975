"""All tables that follow from summaries of features, measured here or deposited by others."""

import polars as pl

from tasks.analyses.steering.aggregate import concordance, dose_response
from tasks.analyses.steering.contrasts import contrast
from tasks.analyses.steering.gradient import layer_gradient


def findings(summary: pl.DataFrame, min_cells: int, seed: int) -> dict[str, pl.DataFrame]:
    """Rows of tables by name; features with fewer than ``min_cells`` steered cells enter no comparison of features."""
    return {
        "steering_summary": summary,
        "steering_contrast": contrast(summary, min_cells, seed),
        "dose_response": dose_response(summary.filter(pl.col("n_cells") >= min_cells)),
        "readout_concordance": concordance(summary, min_cells),
        "layer_gradient": layer_gradient(summary, min_cells),
    }
