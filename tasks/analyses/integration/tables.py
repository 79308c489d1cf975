"""Rows of the tables of the step, from the metrics of one embedding in all cells, in parts and without batches."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tasks.analyses.integration.evidence import Measured, Sample, Sizes, measure
from tasks.analyses.integration.names import BIOLOGY, METRICS, MIXING, TOTALS, TRANSFER
from tasks.analyses.integration.parts import PART, half_width, inflation

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
Row = dict[str, Any]
Ends = tuple[float | None, float | None]
SIGNED = ("leiden_ari", "clisi", "ilisi", *TOTALS)  # metrics that can be below 0


@dataclass(frozen=True)
class Plan:
    """The cells, how they are looked at, and in which parts [D, n] and without which batches [B, n] once more."""

    sample: Sample
    sizes: Sizes
    parts: Mask
    without: Mask
    seed: int


@dataclass(frozen=True)
class Benchmarked:
    """Metrics of one embedding: in all cells and, for intervals, in every part and without each batch.

    ``times``: what deviations over parts are multiplied by.
    """

    sample: Sample
    whole: Measured
    parts: list[Measured]
    without: list[Measured]
    times: float

    @classmethod
    def of(cls, points: Floats, plan: Plan, *, intervals: bool) -> "Benchmarked":
        """Measure an embedding ``points`` [n, d]."""

        def again(cells: Mask, sizes: Sizes) -> Measured:
            return measure(points[cells], plan.sample.part(cells), sizes, plan.seed)

        whole = measure(points, plan.sample, plan.sizes, plan.seed)
        if not intervals:
            return cls(plan.sample, whole, [], [], 0.0)
        parts = [again(cells, plan.sizes.of_part(PART)) for cells in plan.parts]
        without = [again(cells, plan.sizes) for cells in plan.without]
        return cls(plan.sample, whole, parts, without, inflation(plan.parts))


def metric_rows(own: Benchmarked, clean: Benchmarked | None, confidence: float) -> Iterator[Row]:
    """Rows of integration_metric; with the change from ``clean``, if it is given."""
    for metric in METRICS:
        value, in_parts, without = _found(own, metric)
        low, high = within(metric, ends(value, in_parts, without, own.times, confidence))
        row: Row = {"metric": metric, "value": _known(value), "low": low, "high": high}
        row |= dict.fromkeys(("change", "change_low", "change_high"))
        if clean is not None:
            before, *drawn_before = _found(clean, metric)
            apart = [
                [one - other for one, other in zip(now, then, strict=False)]
                for now, then in zip((in_parts, without), drawn_before, strict=True)
            ]
            low, high = ends(value - before, apart[0], apart[1], own.times, confidence)
            row |= {"change": _known(value - before), "change_low": low, "change_high": high}
        yield row | {"reason": reason(metric, own)}


def transfer_rows(own: Benchmarked, batches: list[str], confidence: float) -> Iterator[Row]:
    """Rows of label_transfer; none of a single batch. Every part has cells of every batch, in one order."""
    sample = own.sample
    for batch, (name, values) in enumerate(zip(batches, own.whole.transfer, strict=False)):
        cells = sample.batch == batch
        labels = set(sample.label[cells].tolist())
        unseen = labels - set(sample.label[~cells].tolist())
        row: Row = {"batch": name, "n_cells": int(cells.sum()), "n_labels": len(labels), "n_unseen": len(unseen)}
        for place, metric in enumerate(TRANSFER):
            drawn = [one.transfer[batch][place] for one in own.parts]
            low, high = within(metric, ends(values[place], drawn, [], own.times, confidence))
            row |= {metric: values[place], f"{metric}_low": low, f"{metric}_high": high}
        yield row


def ends(value: float, in_parts: list[float], without: list[float], times: float, confidence: float) -> Ends:
    """Ends of the interval of a value; None where it, or its width, is not known."""
    if not np.isfinite(value) or not in_parts:
        return None, None
    width = half_width(np.array(in_parts), times, np.array(without), confidence)
    return (None, None) if width is None else (value - width, value + width)


def within(metric: str, interval: Ends) -> Ends:
    """Ends of an interval cut to what a metric can be."""
    least = -1.0 if metric in SIGNED else 0.0
    low, high = (None if end is None else min(max(end, least), 1.0) for end in interval)
    return low, high


def reason(metric: str, own: Benchmarked) -> str | None:
    """Why a metric has no value, or of what a mean is made where not all of it is known; None if all is well."""
    values = own.whole.values
    if metric in TOTALS:
        parts = {"biology": BIOLOGY, "batch_correction": MIXING, "total": (*BIOLOGY, *MIXING)}[metric]
        without = [name for name in parts if not np.isfinite(values[name])]
        return f"without {', '.join(without)}" if without else None
    if np.isfinite(values[metric]):
        return None
    if own.sample.n_batches < 2 and metric not in BIOLOGY:
        return "all cells are of one batch"
    if own.sample.n_labels < 2 and metric in BIOLOGY:
        return "all cells are of one type"
    if metric == "pcr":
        return "nothing of the counts differs between batches"
    return "no cell type has enough cells in two batches"


def _known(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _found(own: Benchmarked, metric: str) -> tuple[float, list[float], list[float]]:
    """A metric in all cells, in every part, and without each batch."""
    in_parts, without = ([one.values[metric] for one in several] for several in (own.parts, own.without))
    return own.whole.values[metric], in_parts, without
