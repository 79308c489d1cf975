"""The training curve of an autoencoder: rows of table ``sae_metric``."""

import polars as pl

from tasks.store import table_frame


class Curve:
    """Figures by step and split, in the order they were added."""

    def __init__(self) -> None:
        self.points: list[tuple[int, str, str, float]] = []

    def add(self, step: int, split: str, **figures: float) -> None:
        """Record figures of ``split`` (train or heldout) after optimiser step ``step``."""
        self.points += [(step, split, metric, value) for metric, value in figures.items()]

    def frame(self, sae_id: str) -> pl.DataFrame:
        """The points as rows of ``sae_metric``."""
        names = ("step", "split", "metric", "value")
        return table_frame(
            "sae_metric", [{"sae_id": sae_id, **dict(zip(names, point, strict=True))} for point in self.points]
        )
