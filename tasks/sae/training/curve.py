"""The training curve of an autoencoder: rows of table ``sae_metric``."""

import polars as pl

SCHEMA = {"sae_id": pl.String, "step": pl.UInt32, "split": pl.String, "metric": pl.String, "value": pl.Float64}


class Curve:
    """Figures by step and split, in the order they were added."""

    def __init__(self) -> None:
        self.points: list[tuple[int, str, str, float]] = []

    def add(self, step: int, split: str, **figures: float) -> None:
        """Record figures of ``split`` (train or heldout) after optimiser step ``step``."""
        self.points += [(step, split, metric, value) for metric, value in figures.items()]

    def frame(self, sae_id: str) -> pl.DataFrame:
        """The points as rows of ``sae_metric``."""
        return pl.DataFrame([(sae_id, *point) for point in self.points], schema=SCHEMA, orient="row")
