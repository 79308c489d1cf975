"""Points, lines, areas and words of a figure, and the bars of their errors."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize

from dashboards.pictures.scales import Scale
from dashboards.pictures.values import PIXEL, CannotDraw, Numbers, colour, colour_map, each, listed, numbers, plain

DASHES: dict[str | None, Any] = {
    None: "solid", "solid": "solid", "dash": (0, (5, 3)), "dot": (0, (1, 2)), "dashdot": (0, (5, 2, 1, 2)),
    "longdash": (0, (8, 3)),
}  # fmt: skip
SYMBOLS = {
    "circle": "o", "square": "s", "diamond": "D", "cross": "P", "triangle-up": "^", "star": "*", "line-ew": "_",
    "line-ns": "|",
    "x-thin": "x", "x": "X",
}  # fmt: skip
STROKES = {"_", "|", "x"}  # have no area
STEPS = {"hvh": "steps-mid", "hv": "steps-post", "vh": "steps-pre"}
MOST = 2_000  # points that are drawn one by one; more become a picture within the picture
NAMELESS = "_"  # of traces that no legend lists
SIZE = 6.0  # pixels
SHIFTS = {"middle right": (6, 0, "left", "center"), "top center": (0, 6, "center", "bottom")}


def label_of(trace: Any, letter: str = "x") -> str:  # noqa: ANN401 - of Plotly
    """Its name in the legend; none if it has nothing on the axis ``letter``."""
    if trace.showlegend is False or trace.name is None or not len(listed(trace[letter])):
        return NAMELESS
    return plain(trace.name).lstrip("_") or NAMELESS


def draw_marks(
    ax: Axes,
    trace: Any,  # noqa: ANN401
    scales: dict[str, Scale],
    own: str,
    place: float,
    aside: float = 0.0,
) -> None:
    """A trace of points, lines or words; ``own``: its colour if it names none; ``place``: above which others.

    ``aside``: how far to the right it stands of where its values are, beside other traces.
    """
    x, y = scales["x"].places(trace.x) + aside, scales["y"].places(trace.y)
    mode = trace.mode or ("lines+markers" if len(x) < 20 else "lines")
    if trace.fill == "toself":
        ax.fill(x, y, facecolor=colour(trace.fillcolor or own), linewidth=0, label=label_of(trace), zorder=place)
        return
    if "lines" in mode:
        _draw_line(ax, trace, x, y, own, place)
    if "markers" in mode:
        draw_points(ax, trace, x, y, own, place, NAMELESS if "lines" in mode else label_of(trace))
    if "text" in mode:
        _write(ax, trace, x, y)
    draw_errors(ax, trace, x, y, own)


def _draw_line(ax: Axes, trace: Any, x: Numbers, y: Numbers, own: str, place: float) -> None:  # noqa: ANN401
    line = trace.line
    word = line.color or (trace.marker.color if isinstance(trace.marker.color, str) else None) or own
    width = PIXEL * (2.0 if line.width is None else float(line.width))
    ax.plot(
        x, y, color=colour(word, trace.opacity), linewidth=width, linestyle=DASHES[line.dash], zorder=place,
        drawstyle=STEPS.get(line.shape, "default"), label=label_of(trace),
    )  # fmt: skip


def draw_points(ax: Axes, trace: Any, x: Numbers, y: Numbers, own: str, place: float, label: str) -> None:  # noqa: ANN401
    """The points of a trace, in groups of one symbol."""
    marker, n = trace.marker, len(x)
    word = marker.color if marker.color is not None else (trace.line.color if "line" in trace else None) or own
    opacity = (1.0 if trace.opacity is None else trace.opacity) * (1.0 if marker.opacity is None else marker.opacity)
    faces, mapped = _faces(word, n, marker, opacity)
    sizes = np.square(PIXEL * numbers([SIZE if one is None else one for one in each(marker.size, n)]))
    symbols = each(marker.symbol or "circle", n)
    widths = PIXEL * numbers([0.0 if one is None else one for one in each(marker.line.width, n)])
    edges = [faces[k] if one is None else colour(one) for k, one in enumerate(each(marker.line.color, n))]
    for symbol in dict.fromkeys(symbols) or ["circle"]:
        rows = [k for k, one in enumerate(symbols) if one == symbol]
        _scatter(
            ax,
            symbol,
            (x[rows], y[rows], sizes[rows], widths[rows]),
            [faces[k] for k in rows],
            [edges[k] for k in rows],
            place,
            label,
        )
        label = NAMELESS
    if mapped is not None and (marker.showscale or marker.colorbar.title.text):
        add_colour_bar(ax, mapped, marker.colorbar)


def _scatter(
    ax: Axes, symbol: str, at: tuple[Numbers, Numbers, Numbers, Numbers], faces: list[Any], edges: list[Any],
    place: float, label: str,
) -> None:  # fmt: skip
    known = np.isfinite(at[0]) & np.isfinite(at[1])
    if known.any():
        faces, edges = ([one for one, kept in zip(many, known, strict=True) if kept] for many in (faces, edges))
        x, y, sizes, widths = (one[known] for one in at)
    else:  # a name for the legend alone
        x, y, sizes, widths, faces, edges = *(one[:0] for one in at[:2]), at[2][:1], at[3][:1], faces[:1], edges[:1]
    shape = SYMBOLS.get(symbol.removesuffix("-open"))
    if shape is None:
        raise CannotDraw(f"no file can be made of points of the kind {symbol}")
    options: dict[str, Any] = {"facecolors": faces, "edgecolors": edges, "linewidths": widths}
    if shape in STROKES:
        options = {"color": faces, "linewidths": np.maximum(widths, 1.5)}
    elif symbol.endswith("-open"):
        options = {"facecolors": "none", "edgecolors": faces, "linewidths": np.maximum(widths, 0.8)}
    ax.scatter(x, y, s=sizes, marker=shape, zorder=place, label=label, rasterized=len(x) > MOST, **options)


def _faces(word: Any, n: int, marker: Any, opacity: float) -> tuple[list[Any], ScalarMappable | None]:  # noqa: ANN401
    """Colours of ``n`` points, and the scale behind them if they stand for numbers."""
    words = each(word, n)
    if not words or isinstance(next((one for one in words if one is not None), ""), str):
        return [colour(one, opacity) for one in words], None
    values = numbers(words)
    known = values[np.isfinite(values)]
    low = float(marker.cmin if marker.cmin is not None else known.min(initial=0.0) if not len(known) else known.min())
    high = float(marker.cmax if marker.cmax is not None else known.max() if len(known) else 1.0)
    mapped = ScalarMappable(Normalize(low, high if high > low else low + 1.0), colour_map(marker.colorscale))
    return [(*one[:3], one[3] * opacity) for one in mapped.to_rgba(np.nan_to_num(values, nan=low)).tolist()], mapped


def add_colour_bar(ax: Axes, mapped: ScalarMappable, bar: Any) -> None:  # noqa: ANN401
    """What colours stand for, beside the axes."""
    added = ax.figure.colorbar(mapped, ax=ax, shrink=0.8, pad=0.02)
    if bar.title.text:
        added.set_label(plain(bar.title.text))
    if bar.tickvals is not None:
        added.set_ticks(listed(bar.tickvals), labels=[plain(word) for word in bar.ticktext])


def _write(ax: Axes, trace: Any, x: Numbers, y: Numbers) -> None:  # noqa: ANN401
    across, up, ha, va = SHIFTS.get(trace.textposition or "top center", SHIFTS["top center"])
    points = PIXEL * float(trace.textfont.size or 11)
    for one, other, text in zip(x, y, each(trace.text, len(x)), strict=True):
        if np.isfinite(one) and np.isfinite(other):
            ax.annotate(
                plain(text), (one, other), (across, up), textcoords="offset points", ha=ha, va=va, fontsize=points
            )


def draw_errors(ax: Axes, trace: Any, x: Numbers, y: Numbers, own: str) -> None:  # noqa: ANN401
    """The bars of a trace's errors, along both axes."""
    for letter in ("x", "y"):
        error = trace[f"error_{letter}"]
        if error is None or error.array is None or error.visible is False:
            continue
        above = np.nan_to_num(numbers(error.array))
        below = above if error.arrayminus is None else np.nan_to_num(numbers(error.arrayminus))
        ends: dict[str, Any] = {f"{letter}err": np.clip(np.vstack([below, above]), 0, None)}
        word = error.color or _one(trace.marker.color) or ("line" in trace and _one(trace.line.color)) or own
        cap = PIXEL * (4.0 if error.width is None else float(error.width))
        ax.errorbar(
            x, y, **ends, fmt="none", ecolor=colour(word), capsize=cap, zorder=4,
            elinewidth=PIXEL * float(error.thickness or 1.5),
        )  # fmt: skip


def _one(word: Any) -> str | None:  # noqa: ANN401
    return word if isinstance(word, str) else None
