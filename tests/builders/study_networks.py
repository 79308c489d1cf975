"""Rows of feature_network_density: the first features of an autoencoder, more and less densely joined."""

import polars as pl

from tests.builders.contract_frames import contract_frame

N_ROWS, N_GENES = 6, 5


def network_rows(written: dict[str, pl.DataFrame]) -> pl.DataFrame:
    """One row a feature, for the first features in ``written``."""
    features = written["feature"].sort("feature").head(N_ROWS).select("sae_id", "feature")
    n_edges = pl.int_range(1, pl.len() + 1)
    p = 1 / (1 + n_edges)
    return contract_frame(
        "feature_network_density",
        features.with_columns(
            network=pl.lit("tf_net"), density=n_edges / (N_GENES * (N_GENES - 1) / 2), n_genes=pl.lit(N_GENES),
            n_edges=n_edges, expected=pl.lit(0.8), sd=pl.lit(0.7), p=p, q=pl.min_horizontal(2 * p, 1.0),
            n_null=pl.lit(400), direction=pl.lit("either"), mode=pl.lit("any"), rule=pl.lit("default"),
        ),
    )  # fmt: skip
