"""A figure of the pages as a file, drawn without a browser: SVG with text as text, PNG, PDF.

1. What pages show is a Plotly figure, whose texts are escaped (``style.literal``). Plotly itself draws in a browser.
2. Here the same figure is drawn with matplotlib: traces, scales, ticks, error bars, lines and words. A kind of trace
   that is not known is refused by name: no part of a picture is left out in silence.
3. Equal figures give equal bytes: no dates, and names within an SVG follow from its content and ``name``.
"""

import io
import threading
from typing import Any, Literal

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from dashboards.pictures.areas import draw_box, draw_flow, draw_heat
from dashboards.pictures.bars import beside_each_other, draw_bars, draw_histogram
from dashboards.pictures.marks import DASHES, draw_marks
from dashboards.pictures.scales import LETTERS, Scale, finish_axis, scale_of
from dashboards.pictures.values import PIXEL, CannotDraw, colour, listed, plain
from dashboards.style import CATEGORIES

Format = Literal["svg", "png", "pdf"]
KINDS = {"bar", "box", "heatmap", "histogram", "sankey", "scatter", "scattergl"}
WIDTH, HEIGHT = 760, 400  # pixels
PER_INCH = 96  # pixels
SHARP = 3  # pixels of a PNG for one of the figure
DATES: dict[Format, dict[str, None]] = {"svg": {"Date": None}, "png": {}, "pdf": {"CreationDate": None}}
LOCK = threading.Lock()  # settings of matplotlib are those of the process
STYLE = {
    "svg.fonttype": "none", "text.parse_math": False, "font.family": "sans-serif", "font.size": 9.0,
    "axes.spines.top": False, "axes.spines.right": False, "axes.axisbelow": True, "legend.frameon": False,
    "legend.fontsize": 8.0,
}  # fmt: skip
INKS = ("text.color", "axes.labelcolor", "axes.edgecolor", "xtick.color", "ytick.color")
PAPERS = {False: ("white", "black"), True: ("#0E1117", "white")}  # by whether the theme is dark: paper and ink


def picture(figure: Any, form: Format, name: str = "", dark: bool = False) -> bytes:  # noqa: ANN401 - of Plotly
    """The file of a figure that went through ``style.literal``. Raises CannotDraw."""
    if reason := why_not(figure):
        raise CannotDraw(reason)
    paper, ink = PAPERS[dark]
    settings: Any = {**STYLE, **dict.fromkeys(INKS, ink), "svg.hashsalt": f"scfm-{name}"}
    written = io.BytesIO()
    with LOCK, mpl.rc_context(settings):
        drawn = _drawn(figure, paper)
        _make_room(drawn)
        look: dict[str, Any] = {"facecolor": paper, "dpi": PER_INCH * SHARP, "bbox_inches": "tight", "pad_inches": 0.06}
        drawn.savefig(written, format=form, metadata=DATES[form], **look)
    return written.getvalue()


def why_not(figure: Any) -> str:  # noqa: ANN401 - of Plotly
    """Why no file can be made of a figure; empty if one can."""
    for trace in figure.data:
        if trace.type not in KINDS:
            return f"no file can be made of a trace of the kind {trace.type}"
        if trace.type == "box" and trace.x is not None and trace.y is not None:
            return "no file can be made of boxes in groups"
    return ""


def _drawn(figure: Any, paper: str) -> Figure:  # noqa: ANN401
    size = (WIDTH / PER_INCH, float(figure.layout.height or HEIGHT) / PER_INCH)
    drawn = Figure(figsize=size, layout="constrained")
    ax = drawn.add_subplot()
    ax.set_facecolor(paper)
    scales: dict[str, Scale] = {letter: scale_of(figure, letter) for letter in LETTERS}
    for letter, scale in scales.items():
        if scale.axis.type == "log":
            (ax.set_xscale if letter == "x" else ax.set_yscale)("log")
    _draw_traces(ax, figure, scales)
    for shape in figure.layout.shapes:
        _draw_shape(ax, shape)
    for scale in scales.values():
        finish_axis(ax, scale)
    if any(scale.axis.scaleanchor for scale in scales.values()):
        ax.set_aspect("equal", adjustable="box")
    for note in figure.layout.annotations:
        _write(ax, note, scales)
    _add_legend(ax, figure)
    return drawn


def _make_room(drawn: Figure) -> None:
    """Place the axes, then let the picture grow by the names of points, which may reach beyond them."""
    drawn.draw_without_rendering()
    drawn.set_layout_engine("none")
    for text in drawn.axes[0].texts:
        text.set_in_layout(True)


def _draw_traces(ax: Axes, figure: Any, scales: dict[str, Scale]) -> None:  # noqa: ANN401
    colours = figure.layout.colorway or CATEGORIES
    own = [colours[number % len(colours)] for number in range(len(figure.data))]
    draw_bars(ax, figure, scales, own)
    aside = beside_each_other(figure, scales["x"])
    for number, trace in enumerate(figure.data):
        match trace.type:
            case "scatter" | "scattergl":
                draw_marks(ax, trace, scales, own[number], 2 + number / 1000, aside[number])
            case "box":
                draw_box(ax, trace, scales, own[number])
            case "heatmap":
                draw_heat(ax, trace, scales)
            case "histogram":
                draw_histogram(ax, trace, own[number])
            case "sankey":
                draw_flow(ax, trace)


def _draw_shape(ax: Axes, shape: Any) -> None:  # noqa: ANN401
    """A line across the whole figure, which is the one shape that figures have."""
    line = shape.line
    style = {"color": colour(line.color or "black"), "linestyle": DASHES[line.dash], "zorder": 1.9}
    style["linewidth"] = PIXEL * (2.0 if line.width is None else float(line.width))
    if shape.type != "line" or (shape.x0 != shape.x1 and shape.y0 != shape.y1):
        raise CannotDraw(f"no file can be made of a shape of the kind {shape.type}")
    if str(shape.xref).endswith("domain"):
        ax.axhline(float(shape.y0), **style)
    else:
        ax.axvline(float(shape.x0), **style)


def _write(ax: Axes, note: Any, scales: dict[str, Scale]) -> None:  # noqa: ANN401
    """A text of a figure, at a place of its axes or of its frame."""
    at, systems, shifts = [], [], []  # across, up
    for letter in LETTERS:
        ref = str(note[f"{letter}ref"] or letter)
        framed = ref == "paper" or ref.endswith("domain")
        at.append(float(note[letter]) if framed else float(scales[letter].places([note[letter]])[0]))
        systems.append("axes fraction" if framed else "data")
        shifts.append(PIXEL * float(note[f"{letter}shift"] or 0))
    sides = {"middle": "center", "auto": "center", None: "center"}
    ha, va = (sides.get(side, side) for side in (note.xanchor, note.yanchor))
    box = {"facecolor": colour(note.bgcolor), "edgecolor": "none", "pad": 1.0} if note.bgcolor else None
    size = PIXEL * float(note.font.size or 12)
    text = ax.annotate(
        plain(note.text), (at[0], at[1]), (shifts[0], shifts[1]), xycoords=(systems[0], systems[1]),
        textcoords="offset points", ha=ha, va=va, fontsize=size, bbox=box, annotation_clip=False,
    )  # fmt: skip
    text.set_in_layout("axes fraction" in systems)  # names of points are no part of the frame


def _add_legend(ax: Axes, figure: Any) -> None:  # noqa: ANN401
    """Names of traces above the axes, if there are several or one that asks for it."""
    handles, names = ax.get_legend_handles_labels()
    asked = any("showlegend" in trace and trace.showlegend for trace in figure.data)
    if figure.layout.showlegend is False or not names or (len(listed(figure.data)) < 2 and not asked):
        return
    longest = max(map(len, names))
    columns = max(1, min(len(names), 110 // (longest + 6)))
    ax.legend(handles, names, loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=columns, borderaxespad=0.2)
