"""Tables of edges, one a line: TRRUST, STRING, or two columns of genes, split by tabs, commas, semicolons or blanks.

Columns are found by their names in the first line. Without names, the first two are the genes, and a third is a mode
of regulation or a score, whichever its first value is; what follows (TRRUST: articles) is left out.
"""

import math
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from tasks.references.text import numbered_lines
from tasks.store import RequestError

SPLITS = ("\t", ",", ";", " ")
ENDS = {  # names of the two gene columns, lower case, and whether edges so named have a direction
    **dict.fromkeys([("source", "target"), ("tf", "target"), ("tf", "target_gene"), ("from", "to")], True),
    **dict.fromkeys([("regulator", "target"), ("tf", "gene"), ("source_genesymbol", "target_genesymbol")], True),
    **dict.fromkeys([("gene1", "gene2"), ("gene_a", "gene_b"), ("node1", "node2"), ("protein1", "protein2")], False),
    **dict.fromkeys([("preferredname_a", "preferredname_b")], False),
}
MODE_COLUMNS, SCORE_COLUMNS = ("mode", "mor", "sign", "regulation"), ("score", "combined_score", "weight")
UNKNOWN = "unknown"
GENE_TF = "TF"  # transferrin
MODES = {
    **dict.fromkeys(["activation", "activates", "+", "1", "1.0", "+1"], "activation"),
    **dict.fromkeys(["repression", "represses", "inhibition", "-", "-1", "-1.0"], "repression"),
    **dict.fromkeys([UNKNOWN, "", "0", "0.0"], UNKNOWN),
}
SCHEMA = {"source": pl.String, "target": pl.String, "mode": pl.String, "score": pl.Float32}


@dataclass(frozen=True)
class Edges:
    """Distinct edges as ``source``, ``target`` (upper case), ``mode`` and ``score`` (NULL if the file has none).

    An edge without a direction stands once, its ends in the order of names.
    """

    frame: pl.DataFrame
    directed: bool


@dataclass(frozen=True)
class Layout:
    """How a table of edges is split, which columns hold what, and whether its edges have a direction (None: unsaid)."""

    split: str
    n_fields: int
    named: bool
    ends: tuple[int, int]
    mode: int | None
    score: int | None
    directed: bool | None


def read_edge_list(path: Path, directed: bool | None) -> Edges:
    """The edges of a table; ``directed`` overrules what the file says.

    Raises RequestError, naming the file and the line, if the file cannot be read, a line has more or fewer fields than
    the first, a gene is missing, a mode or score is none, an edge occurs with two scores, there is no edge at all, or
    nothing says whether edges have a direction.
    """
    lines = numbered_lines(path)
    number, first = next(lines, (0, ""))
    if not number:
        raise RequestError(f"{path} holds no edge; name a table with two genes a line")
    layout = _layout(path, number, first)
    chosen = layout.directed if directed is None else directed
    if chosen is None:
        raise RequestError(f"{path}: nothing says whether its edges have a direction; set directed = true or false")
    edges: dict[tuple[str, str, str], float | None] = {}
    if not layout.named:
        _take(edges, path, layout, (number, first), chosen)
    for line in lines:
        _take(edges, path, layout, line, chosen)
    if not edges:
        raise RequestError(f"{path} holds no edge below its first line; name a table with two genes a line")
    rows = [(*edge, score) for edge, score in edges.items()]
    return Edges(pl.DataFrame(rows, schema=SCHEMA, orient="row"), chosen)


def _layout(path: Path, number: int, line: str) -> Layout:
    split = next((mark for mark in SPLITS if mark in line.strip()), None)
    if split is None:
        raise RequestError(f"{path}, line {number}: one field; an edge is two genes, split by a tab or a comma")
    fields = _fields(line, split)
    names = [field.lower().lstrip("#") for field in fields]
    for (one, other), directed in ENDS.items():
        if one in names and other in names:
            mode, score = (_first(names, known) for known in (MODE_COLUMNS, SCORE_COLUMNS))
            return Layout(split, len(names), True, (names.index(one), names.index(other)), mode, score, directed)
    known = {name for pair in ENDS for name in pair} | {*MODE_COLUMNS, *SCORE_COLUMNS}
    if any(name in known and field != GENE_TF for name, field in zip(names, fields, strict=True)):
        raise RequestError(
            f"{path}, line {number}: no two columns that hold the genes among {', '.join(names)}; call them source and "
            "target, or gene1 and gene2"
        )
    third = names[2] if len(names) > 2 else None
    mode = third is not None and third in MODES and third != "" and not _is_number(third)
    score = third is not None and _is_number(third)
    if third is not None and not mode and not score:
        raise RequestError(
            f"{path}, line {number}: {fields[2]!r} is neither a mode nor a score; name the columns in a first line"
        )
    return Layout(split, len(names), False, (0, 1), 2 if mode else None, 2 if score else None, True if mode else None)


def _take(
    edges: dict[tuple[str, str, str], float | None],
    path: Path,
    layout: Layout,
    numbered: tuple[int, str],
    directed: bool,
) -> None:
    """Add the edge of one line."""
    number, line = numbered
    fields = _fields(line, layout.split)
    if len(fields) != layout.n_fields:
        raise RequestError(
            f"{path}, line {number}: not {layout.n_fields} fields as in the first line, but {len(fields)}"
        )
    source, target = (fields[end].upper() for end in layout.ends)
    if not source or not target or any(mark in source + target for mark in ",;|\t"):
        raise RequestError(f"{path}, line {number}: no edge from {source!r} to {target!r}; give one gene at each end")
    if not directed:
        source, target = sorted((source, target))
    mode = MODES.get(fields[layout.mode].lower()) if layout.mode is not None else UNKNOWN
    if mode is None:
        raise RequestError(
            f"{path}, line {number}: no mode {fields[layout.mode or 0]!r}; write activation or repression"
        )
    score = _score(path, number, fields[layout.score]) if layout.score is not None else None
    if edges.setdefault((source, target, mode), score) != score:
        raise RequestError(f"{path}, line {number}: {source} and {target} once more, with another score; keep one")


def _score(path: Path, number: int, text: str) -> float:
    if not _is_number(text):
        raise RequestError(f"{path}, line {number}: the score {text!r} is no number; correct it")
    return float(text)


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def _fields(line: str, split: str) -> list[str]:
    return [field.strip().strip('"') for field in line.rstrip("\r\n").split(split)]


def _first(names: list[str], known: tuple[str, ...]) -> int | None:
    return next((names.index(name) for name in known if name in names), None)
