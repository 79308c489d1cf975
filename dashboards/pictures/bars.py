"""Bars side by side, stacked or one before the other, points side by side as bars are, and histograms."""

from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes

from dashboards.pictures.marks import draw_errors, label_of
from dashboards.pictures.scales import Scale
from dashboards.pictures.values import PIXEL, Numbers, colour, each, filled_in, listed, numbers

GAP = 0.2  # between neighbours, of the distance of their middles


class Slots(NamedTuple):
    """How bars of one place share it; ``own``: the group of the trace at hand."""

    mode: str
    step: float
    gap: float
    groups: list[str]
    own: str = ""


def draw_bars(ax: Axes, figure: Any, scales: dict[str, Scale], colours: list[str]) -> None:  # noqa: ANN401
    """All bars of a figure; ``colours``: of each of its traces."""
    bars = [(number, trace) for number, trace in enumerate(figure.data) if trace.type == "bar"]
    slots = _slots(figure, [_places(trace, scales) for _, trace in bars], [trace for _, trace in bars])
    heights: dict[float, float] = {}
    for order, (number, trace) in enumerate(bars):
        _draw(ax, trace, scales, slots._replace(own=_group(trace, order)), heights, colours[number])


def _places(trace: Any, scales: dict[str, Scale]) -> Numbers:  # noqa: ANN401
    letter = "y" if trace.orientation == "h" else "x"
    return scales[letter].places(trace[letter])


def _slots(figure: Any, places: list[Numbers], traces: list[Any]) -> Slots:  # noqa: ANN401
    known = np.unique(np.concatenate([*places, np.empty(0)]))
    known = known[np.isfinite(known)]
    step = float(np.diff(known).min()) if len(known) > 1 else 1.0
    groups = list(dict.fromkeys(_group(trace, number) for number, trace in enumerate(traces)))
    gap = GAP if figure.layout.bargap is None else float(figure.layout.bargap)
    return Slots(figure.layout.barmode or "group", step, gap, groups)


def beside_each_other(figure: Any, across: Scale) -> list[float]:  # noqa: ANN401
    """How far each trace of points stands beside its places: in groups, as bars do, where the figure asks for it."""
    if figure.layout.scattermode != "group":
        return [0.0] * len(figure.data)
    points = {number: trace for number, trace in enumerate(figure.data) if trace.type == "scatter"}
    slots = _slots(figure, [across.places(trace.x) for trace in points.values()], list(points.values()))
    n = max(len(slots.groups), 1)
    width = slots.step * (1 - slots.gap) / n
    places = {
        number: slots.groups.index(_group(trace, order)) - (n - 1) / 2
        for order, (number, trace) in enumerate(points.items())
    }
    return [places.get(number, 0.0) * width for number in range(len(figure.data))]


def _group(trace: Any, number: int) -> str:  # noqa: ANN401
    return str(trace.offsetgroup or f"#{number}")


def _draw(
    ax: Axes,
    trace: Any,  # noqa: ANN401
    scales: dict[str, Scale],
    slots: Slots,
    heights: dict[float, float],
    own: str,
) -> None:
    flat, at = trace.orientation == "h", _places(trace, scales)
    lengths = numbers(trace["x" if flat else "y"])
    width = slots.step * (1 - slots.gap)
    if slots.mode == "group":
        width /= len(slots.groups)
        at = at + (slots.groups.index(slots.own) - (len(slots.groups) - 1) / 2) * width
    widths = numbers(each(width if trace.width is None else trace.width, len(at)))
    base = numbers(each(0.0 if trace.base is None else trace.base, len(at)))
    if slots.mode == "stack":
        base = np.array([heights.get(place, 0.0) for place in at])
        heights.update(zip(at, base + np.nan_to_num(lengths), strict=True))
    (ax.barh if flat else ax.bar)(at, lengths, widths, base, label=label_of(trace), **_look(trace, own, len(at)))
    ends = base + lengths
    x, y = (ends, at) if flat else (at, ends)
    draw_errors(ax, trace, x, y, own)
    _write(ax, trace, x, y)


def _look(trace: Any, own: str, n: int) -> dict[str, Any]:  # noqa: ANN401
    """Colours and lines of the bars of a trace."""
    marker = trace.marker
    opacity = trace.opacity or marker.opacity
    faces = [colour(word, opacity) for word in each(own if marker.color is None else marker.color, n)]
    if marker.line.width is None:
        return {"color": faces, "linewidth": 0.0}
    return {"color": faces, "edgecolor": colour(marker.line.color), "linewidth": PIXEL * float(marker.line.width)}


def _write(ax: Axes, trace: Any, x: Numbers, y: Numbers) -> None:  # noqa: ANN401
    """What a bar says of itself, at its end."""
    if trace.texttemplate is None:
        return
    for across, up, one, other in zip(x, y, listed(trace.x), listed(trace.y), strict=True):
        if other is not None and np.isfinite(up):
            ax.annotate(
                filled_in(trace.texttemplate, {"x": one, "y": other}),
                (across, up),
                (0, 2),
                textcoords="offset points",
                ha="center",
                va="bottom",
                fontsize=8,
            )


def draw_histogram(ax: Axes, trace: Any, own: str) -> None:  # noqa: ANN401
    """How many values lie in each stretch of the axis."""
    values = numbers(trace.x)
    values = values[np.isfinite(values)]
    edges = _edges(values, trace)
    counts, edges = np.histogram(values, edges)
    face = colour(own if trace.marker.color is None else trace.marker.color)
    ax.bar(
        edges[:-1],
        counts,
        np.diff(edges),
        align="edge",
        color=face,
        edgecolor="white",
        linewidth=0.3,
        label=label_of(trace),
    )


def _edges(values: Numbers, trace: Any) -> Numbers:  # noqa: ANN401
    """Ends of the stretches: of the size that the trace names, or so many as it names at most."""
    if not len(values):
        return np.array([0.0, 1.0])
    low, high = float(values.min()), float(values.max())
    size = trace.xbins.size
    if size is not None:
        first = np.floor(low / size) * size
        return np.asarray(first + size * np.arange(int(np.floor((high - first) / size)) + 2), dtype=float)
    return np.linspace(low, high if high > low else low + 1.0, int(trace.nbinsx or 20) + 1)
