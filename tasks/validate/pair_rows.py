"""Rows of ``pair_validation``: what was predicted of single genes after a perturbation, and what was measured."""

import numpy as np
import polars as pl

from tasks.store import conform
from tasks.validate.circuit import Circuit
from tasks.validate.direction_rules import predict_own
from tasks.validate.directions import Known
from tasks.validate.screens import Screen


def pair_rows(circuit: Circuit, screen: Screen, known: Known, max_pairs: int) -> pl.DataFrame:
    """The ``max_pairs`` pairs of a line with the largest prediction, best first, ties by name."""
    predicted, fold = predict_own(circuit, screen.genes), screen.fold
    row, column = np.nonzero((predicted != 0) & np.isfinite(fold))
    symbols = np.array(circuit.target_symbols, dtype=object)[column].tolist()
    sources = np.array(screen.genes, dtype=object)[row].tolist()
    listed = [
        target.upper() in known.targets[source] if source in known.targets else None
        for source, target in zip(sources, symbols, strict=True)
    ]
    frame = pl.DataFrame(
        {
            "line": pl.repeat(screen.line, len(row), eager=True, dtype=pl.String),
            "source_gene": pl.Series(sources, dtype=pl.String),
            "target_gene": pl.Series(symbols, dtype=pl.String),
            "predicted": predicted[row, column],
            "log2_fold": fold[row, column],
            "q": screen.values["q"][row, column],
            "usual_log2": pl.Series(screen.usual[row, column]).fill_nan(None),
            "agrees": np.sign(predicted[row, column]) == np.sign(fold[row, column]),
            "known_tf_target": pl.Series(listed, dtype=pl.Boolean),
        }
    )
    best = frame.sort(pl.col("predicted").abs(), "source_gene", "target_gene", descending=[True, False, False]).head(
        max_pairs
    )
    return conform("pair_validation", best)
