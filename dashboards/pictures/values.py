"""What a figure says, in forms that can be drawn: colours, plain text, numbers in the notation of D3, lists."""

import html
import re
from typing import Any

import numpy as np
from matplotlib.colors import LinearSegmentedColormap, to_rgba

Colour = tuple[float, float, float, float]
Numbers = np.ndarray[Any, np.dtype[np.float64]]
TAG = re.compile(r"<[^<>]*>")
BREAK = re.compile(r"<br ?/?>")
RGB = re.compile(r"rgba?\(([^)]*)\)")
TEMPLATE = re.compile(r"%\{(\w+)(?::([^}]*))?\}")
UNNAMED = ("#440154", "#FDE725")  # the ends of Viridis
PIXEL = 0.75  # points


class CannotDraw(ValueError):
    """A figure has a part that files cannot show."""


def listed(value: Any) -> list[Any]:  # noqa: ANN401 - of Plotly
    """The values of an attribute that holds several, none where it is not set."""
    return [] if value is None else list(value)


def each(value: Any, n: int) -> list[Any]:  # noqa: ANN401 - of Plotly
    """``n`` values of an attribute that holds one for all, or one for each."""
    many = isinstance(value, list | tuple | np.ndarray)
    return list(value) if many else [value] * n


def numbers(values: Any) -> Numbers:  # noqa: ANN401 - of Plotly
    """Values as numbers, NaN where there is none."""
    return np.array([np.nan if value is None else float(value) for value in listed(values)], dtype=float)


def plain(text: object) -> str:
    """Text as it is read: entities resolved, Plotly's line breaks as such and its few marks of bold type gone."""
    return html.unescape(TAG.sub("", BREAK.sub("\n", str(text))))


def colour(word: Any, opacity: float | None = None) -> Colour:  # noqa: ANN401 - of Plotly
    """A colour as Plotly writes it, as red, green, blue and opacity from 0 to 1."""
    found = RGB.fullmatch(str(word).replace(" ", ""))
    if found is None:
        red, green, blue, alpha = to_rgba(str(word))
    else:
        parts = [float(part) for part in found[1].split(",")]
        red, green, blue = (part / 255 for part in parts[:3])
        alpha = parts[3] if len(parts) > 3 else 1.0
    return red, green, blue, alpha * (1.0 if opacity is None else float(opacity))


def colour_map(scale: Any) -> LinearSegmentedColormap:  # noqa: ANN401 - of Plotly
    """A scale of colours: pairs of a place from 0 to 1 and a colour; from dark to light where none is named."""
    if scale is None:
        return LinearSegmentedColormap.from_list("scale", list(zip((0.0, 1.0), UNNAMED, strict=True)))
    stops = [(float(place), colour(word)) for place, word in scale]
    return LinearSegmentedColormap.from_list("scale", stops)


def written(value: float, form: str) -> str:
    """A number in one of the notations of D3 that figures use, such as ``.1~%``, ``,.0f`` or ``~g``."""
    trim, form = "~" in form, form.replace("~", "")
    text = format(value, form if form[-1:].isalpha() or form.endswith("%") else f"{form}.12g")
    if not trim:
        return text
    end = "%" if text.endswith("%") else ""
    digits = text.removesuffix("%")
    return f"{digits.rstrip('0').rstrip('.') if '.' in digits and 'e' not in digits else digits}{end}"


def filled_in(template: str, said: dict[str, float]) -> str:
    """A text with numbers in the places of ``%{name:form}``."""
    return plain(TEMPLATE.sub(lambda found: written(said[found[1]], found[2] or ""), template))
