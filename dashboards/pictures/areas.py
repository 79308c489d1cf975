"""Boxes, maps of numbers, and flows between columns."""

from itertools import pairwise
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path

from dashboards.pictures.marks import add_colour_bar, label_of
from dashboards.pictures.scales import Scale
from dashboards.pictures.values import PIXEL, Numbers, colour, colour_map, filled_in, listed, numbers, plain

REACH = 1.5  # quartile ranges that whiskers reach at most
DARK = 0.5  # share of the scale above which numbers are written in white
SPREAD = 0.25  # of the distance of two boxes
NODE, FLOW_OPACITY = 0.012, 0.6  # width of a node, of that of the picture


def draw_box(ax: Axes, trace: Any, scales: dict[str, Scale], own: str) -> None:  # noqa: ANN401 - of Plotly
    """A box with its whiskers, and every value as a point beside the others; or the boxes whose ends are given."""
    if trace.q1 is not None:
        flat = trace.orientation == "h"
        letter = "y" if flat else "x"
        boxes = _draw_boxes(ax, trace, _given(trace), list(scales[letter].places(trace[letter])), own, flat)
        boxes[0].set_label(label_of(trace, letter))
        return
    flat = trace.y is None
    letter, other = ("x", "y") if flat else ("y", "x")
    values = scales[letter].places(trace[letter])
    values = values[np.isfinite(values)]
    at = float(scales[other].places([trace.name])[0])
    if not len(values):
        return
    low, middle, high = np.quantile(values, [0.25, 0.5, 0.75], method="hazen")
    inside = values[(values >= low - REACH * (high - low)) & (values <= high + REACH * (high - low))]
    inside = values if trace.boxpoints is False else inside  # as Plotly does
    box = {"med": middle, "q1": low, "q3": high, "whislo": inside.min(), "whishi": inside.max()}
    _draw_boxes(ax, trace, [box], [at], own, flat)
    if trace.boxpoints == "all":
        aside = at + SPREAD * float(trace.jitter or 0) * np.random.default_rng(0).uniform(-1, 1, len(values))
        x, y = (values, aside) if flat else (aside, values)
        size = (PIXEL * float(trace.marker.size or 6)) ** 2
        face = colour(trace.marker.color or own, trace.marker.opacity)
        ax.scatter(x, y, s=size, color=[face], linewidths=0, zorder=3)


def _given(trace: Any) -> list[dict[str, float]]:  # noqa: ANN401
    """The ends of boxes as the figure names them; without whiskers' ends, those of the boxes."""
    names = {"med": "median", "q1": "q1", "q3": "q3", "whislo": "lowerfence", "whishi": "upperfence"}
    instead = {"whislo": trace.q1, "whishi": trace.q3}
    columns = {own: numbers(instead[own] if trace[plotly] is None else trace[plotly]) for own, plotly in names.items()}
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _draw_boxes(
    ax: Axes,
    trace: Any,  # noqa: ANN401
    boxes: list[dict[str, float]],
    at: list[float],
    own: str,
    flat: bool,
) -> list[Any]:
    """Boxes at ``at`` of the other axis, in the colours of their trace."""
    line = colour(trace.line.color or trace.marker.color or own)
    face = colour(trace.fillcolor) if trace.fillcolor else (*line[:3], line[3] * 0.4)
    styles: dict[str, Any] = {f"{part}props": {"color": line} for part in ("whisker", "cap", "median")}
    styles["boxprops"] = {"facecolor": face, "edgecolor": line}
    drawn = ax.bxp(
        boxes,
        at,
        widths=0.5,
        orientation="horizontal" if flat else "vertical",
        showfliers=False,
        patch_artist=True,
        manage_ticks=False,
        **styles,
    )
    return list(drawn["boxes"])


def draw_heat(ax: Axes, trace: Any, scales: dict[str, Scale]) -> None:  # noqa: ANN401
    """A map of numbers, each written in its field if the figure asks for it."""
    z = np.array([numbers(row) for row in trace.z], dtype=float)
    x, y = (_fields(scales[letter].places(trace[letter])) for letter in ("x", "y"))
    known = z[np.isfinite(z)]
    low = float(trace.zmin if trace.zmin is not None else known.min() if len(known) else 0.0)
    high = float(trace.zmax if trace.zmax is not None else known.max() if len(known) else 1.0)
    shades, span = colour_map(trace.colorscale), Normalize(low, high if high > low else low + 1.0)
    mapped = ScalarMappable(span, shades)
    ax.pcolormesh(x, y, np.ma.masked_invalid(z), cmap=shades, norm=span, edgecolors="none")
    if trace.showscale is not False:
        add_colour_bar(ax, mapped, trace.colorbar)
    if trace.texttemplate:
        _write_fields(ax, trace, z, scales, mapped)


def _fields(places: Numbers) -> Numbers:
    """Ends of the fields around ``places``."""
    if len(places) < 2:
        return np.array([places[0] - 0.5, places[0] + 0.5]) if len(places) else np.array([0.0, 1.0])
    middles = (places[1:] + places[:-1]) / 2
    return np.concatenate([[2 * places[0] - middles[0]], middles, [2 * places[-1] - middles[-1]]])


def _write_fields(ax: Axes, trace: Any, z: Numbers, scales: dict[str, Scale], mapped: ScalarMappable) -> None:  # noqa: ANN401
    x, y = scales["x"].places(trace.x), scales["y"].places(trace.y)
    for row, up in enumerate(y):
        for column, across in enumerate(x):
            if np.isfinite(z[row, column]):
                red, green, blue, _ = mapped.to_rgba(z[row, column])
                light = 0.299 * red + 0.587 * green + 0.114 * blue > DARK
                text = filled_in(trace.texttemplate, {"z": z[row, column]})
                ax.text(across, up, text, ha="center", va="center", fontsize=8, color="black" if light else "white")


def draw_flow(ax: Axes, trace: Any) -> None:  # noqa: ANN401
    """Ribbons between nodes whose middles the figure names, as high as what flows."""
    node, link = trace.node, trace.link
    x, y, value = numbers(node.x), 1 - numbers(node.y), numbers(link.value)
    ends = [(int(source), int(target)) for source, target in zip(link.source, link.target, strict=True)]
    leaving, reaching = np.zeros(len(x)), np.zeros(len(x))
    for (source, target), one in zip(ends, value, strict=True):
        leaving[source] += one
        reaching[target] += one
    high = np.maximum(leaving, reaching)
    unit = _unit(x, y, high)
    below_source, below_target = y + leaving * unit / 2, y + reaching * unit / 2
    for place in sorted(range(len(ends)), key=lambda k: (ends[k][0], -y[ends[k][1]])):
        source, target = ends[place]
        size = value[place] * unit
        _ribbon(
            ax, (x[source] + NODE, below_source[source]), (x[target], below_target[target]), size, link.color[place]
        )
        below_source[source] -= size
        below_target[target] -= size
    for k, name in enumerate(listed(node.label)):
        ax.add_patch(Rectangle((x[k], y[k] - high[k] * unit / 2), NODE, high[k] * unit, color=colour(node.color[k])))
        right = x[k] < 0.5 or x[k] < x.max()
        ax.text(
            x[k] + (1.4 * NODE if right else -0.4 * NODE),
            y[k],
            plain(name),
            fontsize=8,
            va="center",
            ha="left" if right else "right",
        )
    ax.set_xlim(-0.02, 1.04)
    ax.set_ylim(-0.02, 1.02)


def _unit(x: Numbers, y: Numbers, high: Numbers) -> float:
    """Height of one of what flows: as much as no two nodes of a column overlap."""
    fits = [1.0 / max(float(high[x == column].sum()), 1.0) for column in np.unique(x)]
    for column in np.unique(x):
        rows = np.flatnonzero(x == column)[np.argsort(y[x == column])]
        for one, other in pairwise(rows):
            fits.append(2 * (y[other] - y[one]) / max(high[one] + high[other], 1e-12))
    return 0.97 * min(fits)


def _ribbon(ax: Axes, start: tuple[float, float], end: tuple[float, float], size: float, word: str) -> None:
    (x0, top0), (x1, top1) = start, end
    middle = (x0 + x1) / 2
    corners = [
        (x0, top0), (middle, top0), (middle, top1), (x1, top1),
        (x1, top1 - size), (middle, top1 - size), (middle, top0 - size), (x0, top0 - size), (x0, top0),
    ]  # fmt: skip
    codes = [Path.MOVETO, *[Path.CURVE4] * 3, Path.LINETO, *[Path.CURVE4] * 3, Path.CLOSEPOLY]
    ax.add_patch(PathPatch(Path(corners, codes), facecolor=colour(word, FLOW_OPACITY), edgecolor="none"))
