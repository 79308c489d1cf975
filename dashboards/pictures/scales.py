"""Axes: which are of categories, where a value stands on them, their ticks, limits and titles."""

import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, LogLocator, MultipleLocator, NullFormatter

from dashboards.pictures.values import Numbers, listed, plain, written

Letter = Literal["x", "y"]
LETTERS: tuple[Letter, Letter] = ("x", "y")
DIGITS = tuple(map(float, range(1, 10)))
FEW = 2.0  # decades that have room for 2 and 5 between tens
MOST_TICKS = 12  # of a distance that the figure asks for; more would run into each other
LONG = 90  # letters of all categories of a horizontal axis that stand upright


@dataclass(frozen=True)
class Scale:
    """``axis`` as Plotly has it; ``categories`` in order, None on an axis of numbers."""

    letter: Letter
    axis: Any
    categories: tuple[Any, ...] | None

    def places(self, values: Any) -> Numbers:  # noqa: ANN401 - of Plotly
        """Where values stand; NaN where there is none, or where a logarithm has none."""
        found = listed(values)
        if self.categories is not None:
            place = {name: float(number) for number, name in enumerate(self.categories)}
            return np.array([place.get(name, np.nan) for name in found], dtype=float)
        at = np.array([np.nan if value is None else float(value) for value in found], dtype=float)
        if self.axis.type == "log":
            at[~(at > 0)] = np.nan
        return at


def scale_of(figure: Any, letter: Letter) -> Scale:  # noqa: ANN401 - of Plotly
    """The scale of an axis: of categories if it says so, or if a trace has words there that are no numbers."""
    axis = figure.layout[f"{letter}axis"]
    found = [value for trace in figure.data for value in on_axis(trace, letter) if value is not None]
    by_name = axis.type == "category" or (axis.type is None and any(_is_word(value) for value in found))
    if not by_name:
        return Scale(letter, axis, None)
    return Scale(letter, axis, tuple(dict.fromkeys([*listed(axis.categoryarray), *found])))


def on_axis(trace: Any, letter: str) -> list[Any]:  # noqa: ANN401 - of Plotly
    """Values of a trace on an axis; a box stands at its name, one whose ends are given where it says."""
    if trace.type == "sankey" or (trace.type == "box" and trace.q1 is not None and trace[letter] is None):
        return []
    if trace.type == "box" and trace[letter] is None:
        return [trace.name]
    return listed(trace[letter])


def _is_word(value: object) -> bool:
    if not isinstance(value, str):
        return False
    try:
        float(value)
    except ValueError:
        return True
    return False


def finish_axis(ax: Axes, scale: Scale) -> None:
    """Limits, ticks and title, once everything is drawn."""
    axis = scale.axis
    if axis.visible is False:
        (ax.xaxis if scale.letter == "x" else ax.yaxis).set_visible(False)
        ax.spines["bottom" if scale.letter == "x" else "left"].set_visible(False)
    _set_limits(ax, scale)
    if axis.title.text:
        (ax.set_xlabel if scale.letter == "x" else ax.set_ylabel)(plain(axis.title.text))
    _set_ticks(ax, scale)
    if axis.showgrid is not False and scale.categories is None:
        ax.grid(True, axis=scale.letter, which="major", color="#B0B0B0", linewidth=0.5, alpha=0.4)


def _limits(ax: Axes, letter: Letter) -> tuple[float, float]:
    return ax.get_xlim() if letter == "x" else ax.get_ylim()


def _set_limits(ax: Axes, scale: Scale) -> None:
    axis = scale.axis
    low, high = _limits(ax, scale.letter)
    if axis.range is not None and None not in axis.range:
        low, high = (10.0**end if axis.type == "log" else float(end) for end in axis.range)
    elif scale.categories is not None:
        low, high = -0.5, max(len(scale.categories), 1) - 0.5
    elif axis.rangemode in {"tozero", "nonnegative"} and axis.type != "log":
        low, high = min(low, 0.0) if axis.rangemode == "tozero" else max(low, 0.0), max(high, 0.0)
    if axis.autorange == "reversed":
        low, high = high, low
    (ax.set_xlim if scale.letter == "x" else ax.set_ylim)(low, high)


def _set_ticks(ax: Axes, scale: Scale) -> None:
    axis, own = scale.axis, ax.xaxis if scale.letter == "x" else ax.yaxis
    if axis.showticklabels is False:
        own.set_ticks([])
        return
    if axis.tickvals is not None:
        words = listed(axis.ticktext) or listed(axis.tickvals)
        own.set_ticks(list(scale.places(axis.tickvals)), [plain(word) for word in words])
    elif scale.categories is not None:
        own.set_ticks(list(range(len(scale.categories))), [plain(name) for name in scale.categories])
    else:
        _set_number_ticks(ax, scale)
    if scale.letter == "x" and _crowded(scale):
        for label in ax.get_xticklabels():
            label.set(rotation=45, ha="right", rotation_mode="anchor")


def _crowded(scale: Scale) -> bool:
    if scale.axis.tickangle:
        return True
    names = [plain(name) for name in scale.categories or ()]
    return sum(map(len, names)) > LONG and max(map(len, names), default=0) > 3


def _set_number_ticks(ax: Axes, scale: Scale) -> None:
    axis, own = scale.axis, ax.xaxis if scale.letter == "x" else ax.yaxis
    form = axis.tickformat
    if axis.type == "log":
        decades = _decades(ax, scale)
        subs = DIGITS if decades < 1 else (1.0, 2.0, 5.0) if decades < FEW else (1.0,)
        own.set_major_locator(LogLocator(subs=subs))
        own.set_major_formatter(FuncFormatter(lambda value, _: written(value, form or "g")))
        own.set_minor_formatter(NullFormatter())
        return
    low, high = sorted(_limits(ax, scale.letter))
    if axis.dtick is not None and math.isfinite(high - low):
        step = float(axis.dtick) * max(math.ceil((high - low) / float(axis.dtick) / MOST_TICKS), 1)
        own.set_major_locator(MultipleLocator(step))
    own.set_major_formatter(FuncFormatter(lambda value, _: written(_rounded(value), form or ".6~g")))


def _decades(ax: Axes, scale: Scale) -> float:
    low, high = sorted(_limits(ax, scale.letter))
    return math.log10(high / low)


def _rounded(value: float) -> float:
    """Without what adding steps leaves: 0.3, and 0 for what is next to nothing."""
    return 0.0 if abs(value) < 1e-12 else value
