"""The training curve: points, their tensor in a checkpoint, their rows in table ``model_metric``."""

import math
from typing import NamedTuple

import polars as pl
import torch
from torch import Tensor

from tasks.store import table_frame


class CurvePoint(NamedTuple):
    """Training after ``step`` steps. Losses in nat, or in bins squared of a model of values.

    The training loss is the mean since the point before; NaN is what was not measured.
    """

    step: int
    learning_rate: float
    train_loss: float
    heldout_loss: float
    heldout_top1: float


def curve_to_tensor(curve: list[CurvePoint]) -> Tensor:
    """Points as float64 [n, 5]."""
    return torch.tensor(curve, dtype=torch.float64)


def curve_from_tensor(points: Tensor) -> list[CurvePoint]:
    """The inverse of ``curve_to_tensor``."""
    return [CurvePoint(int(row[0]), *row[1:]) for row in points.tolist()]


def metric_table(model_id: str, curve: list[CurvePoint]) -> pl.DataFrame:
    """Rows of table ``model_metric``; what was not measured has no row."""
    rows = [
        {"model_id": model_id, "step": point.step, "split": split, "metric": metric, "value": value}
        for point in curve
        for split, metric, value in (
            ("train", "learning_rate", point.learning_rate),
            ("train", "loss", point.train_loss),
            ("heldout", "loss", point.heldout_loss),
            ("heldout", "top1", point.heldout_top1),
        )
        if not math.isnan(value)
    ]
    return table_frame("model_metric", rows)
