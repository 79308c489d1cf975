"""Rows of step ``cohort`` of a synthetic study: two sources, three seeds, every layer."""

import polars as pl

from tasks.analyses.cohort.contrasts import contrasts
from tests.builders.contract_frames import contract_frame

SOURCES, SEEDS = ("lymphoid", "myeloid"), (0, 1, 2)


def cohort_rows(tables: dict[str, pl.DataFrame]) -> pl.DataFrame:
    """The pooled autoencoder explains a little less than a source's own, another source's much less."""
    rows = [
        {
            "layer": layer,
            "cohort": cohort,
            "seed": seed,
            "n_train_cells": 20,
            "n_train_positions": 400,
            "n_steps": 100,
            "n_features": 64,
            "source": source,
            "n_cells": 10,
            "n_positions": 200,
            "fvu": 0.2 + 0.01 * seed + (0 if cohort == source else 0.02 + 0.005 * seed if cohort == "pooled" else 0.3),
            "l0": 4.0,
            "n_alive": 60,
            "n_described": 40,
            "n_annotated": 10 + seed,
            "annotated_fraction": (10 + seed) / 40,
            "null_annotated": 0.02,
        }
        for layer in tables["sae"]["layer"].unique().sort()
        for cohort in ("pooled", *SOURCES)
        for seed in SEEDS
        for source in SOURCES
    ]
    return contract_frame("cohort", rows)


def contrast_rows(tables: dict[str, pl.DataFrame]) -> pl.DataFrame:
    """What the step makes of them."""
    found = []
    for (layer,), part in tables["cohort"].group_by("layer", maintain_order=True):
        found += [{"layer": layer, **row} for row in contrasts(part)]
    return contract_frame("cohort_contrast", found)
