"""A cell as a strip of boxes, one per gene in the model's order, coloured by a feature's activation, as HTML.

Boxes wrap at the edge of the page. The strongest genes are written out, the others say what they are when the pointer
rests on them. Names of genes and cells are text from files: all of them are escaped.
"""

from functools import cache
from html import escape

import polars as pl
from plotly.colors import sample_colorscale

from dashboards.style import SEQUENTIAL

WRITTEN = 8  # strongest genes of a strip whose names stand in their boxes
LEAST = 120  # genes that are drawn even if the feature fires on none of the later ones
REST = 60  # so few later ones are drawn as well
SHADES = 64
Gene = tuple[int, str | None, bool, float | None]  # position, symbol, kept, activation
SPECIAL = "a special token"
STYLE = """<style>
.scfm-strips p{margin:.7rem 0 .2rem;font-size:.875rem;overflow-wrap:anywhere}
.scfm-strips a{color:inherit}
.scfm-strip{display:flex;flex-wrap:wrap;gap:2px 1px;align-items:center}
.scfm-strip i{width:5px;height:18px;background:rgba(140,140,140,.35)}
.scfm-strip i.u{background:rgba(140,140,140,.12)}
.scfm-strip b{min-width:8px;height:18px;font:600 11px/18px sans-serif;padding:0 2px;border-radius:2px;
box-shadow:inset 0 0 0 1px rgba(140,140,140,.7);white-space:nowrap}
.scfm-strip small{padding-left:.4rem}
.scfm-scale{display:inline-block;width:9rem;height:.8rem;vertical-align:middle;margin:0 .4rem}
</style>"""


def strips_html(parts: list[str]) -> str:
    """One piece of HTML of several strips, headings and scales."""
    return f'<div class="scfm-strips">{STYLE}{"".join(parts)}</div>'


def scale_html(highest: float) -> str:
    """The colours from 0 to the largest activation."""
    shades = ", ".join(_shade(place) for place in range(0, SHADES + 1, 8))
    bar = f'<span class="scfm-scale" style="background:linear-gradient(90deg, {shades})"></span>'
    return f"<p>Activation 0{bar}{highest:.3g}. Grey: the feature does not fire on the gene.</p>"


def strip_html(genes: pl.DataFrame, highest: float, n_tokens: int | None, whole: bool = False) -> str:
    """A strip of ``genes`` (position, symbol, kept, activation; by position); ``highest``: where the colours end.

    ``n_tokens`` of the cell; if there are fewer rows, the others are not kept, and the strip says so. Unless it is to
    be ``whole``, many genes behind the last one on which the feature fires are counted and not drawn.
    """
    rows: list[Gene] = genes.select("position", "symbol", "kept", "activation").rows()
    fires = [place for place, row in enumerate(rows) if row[3] is not None]
    named = set(sorted(fires, key=lambda place: -_value(rows[place]))[:WRITTEN])
    end = max(fires[-1] + 1 if fires else 0, LEAST)
    end = len(rows) if whole or len(rows) - end <= REST else end
    boxes = [_box(row, highest, place in named) for place, row in enumerate(rows[:end])]
    if len(rows) < (n_tokens or 0):
        boxes.append("<small>The other genes of this cell are not kept.</small>")
    elif len(rows) > end:
        boxes.append(f"<small>and {len(rows) - end:,} further genes, on none of which it fires</small>")
    first = ", ".join(f"{_name(rows[place][1])} {_value(rows[place]):.3g}" for place in sorted(named))
    said = f"{len(rows):,} genes in the model's order; " + (f"strongest: {first}" if first else "none fires")
    return f'<div class="scfm-strip" role="img" aria-label="{escape(said)}">{"".join(boxes)}</div>'


def _box(gene: Gene, highest: float, written: bool) -> str:
    position, symbol, kept, activation = gene
    name = escape(_name(symbol))
    if activation is None:
        return (
            f'<i title="{name} {position}"></i>' if kept else f'<i class="u" title="{name} {position}, not read"></i>'
        )
    place = round(SHADES * min(max(activation / highest, 0.0), 1.0)) if highest > 0 else 0
    colours = f"background:{_shade(place)};color:{_ink(place)}"
    return f'<b style="{colours}" title="{name}, place {position}: {activation:.3g}">{name if written else ""}</b>'


def _value(gene: Gene) -> float:
    """The activation, 0 where the feature does not fire."""
    return gene[3] or 0.0


def _name(symbol: str | None) -> str:
    return SPECIAL if symbol is None else symbol


@cache
def _shade(place: int) -> str:
    """The colour at ``place`` of SHADES: rgb(r, g, b)."""
    found: str = sample_colorscale(SEQUENTIAL, [place / SHADES])[0]
    return found


@cache
def _ink(place: int) -> str:
    """Black or white, whichever stands out more on the colour: 4.5 to 1 or better on every colour (WCAG 2.1)."""
    return "#fff" if luminance(_shade(place)) < 0.179 else "#000"


def luminance(rgb: str) -> float:
    """Relative luminance of rgb(r, g, b), as WCAG 2.1 defines it."""
    parts = [float(part) / 255 for part in rgb.removeprefix("rgb(").removesuffix(")").split(",")]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
