"""Rows of what two studies say of their domains together."""

import numpy as np
import polars as pl

from tasks.analyses.consensus.overlap import Consensus, published_p
from tasks.analyses.domains.frames import About, conformed, labelled_edges
from tasks.analyses.domains.graph import Graph
from tasks.statistics.null_draws import null_draw_frame
from tasks.store import table_frame

ENDS = ["source_domain", "target_domain"]


def consensus_rows(about: About, other: str, found: Consensus) -> pl.DataFrame:
    """Table ``consensus_test``, for one other study."""
    rows = []
    for null, one in found.overlaps.items():
        mean = float(one.draws.mean[0])
        row = {"other": other, "null_kind": null, "n_own": one.n_own, "n_other": one.n_other, "n_both": one.n_both}
        row |= {"expected": mean, "sd": float(one.draws.sd[0]), "fold": one.n_both / mean if mean else None}
        p = published_p(one) if null == "published" else float(one.draws.p()[0])
        rows.append({**about.key, **row, "p": p, "n_null": len(one.draws.values)})
    return table_frame("consensus_test", rows)


def consensus_pair_rows(about: About, other: str, graphs: tuple[Graph, Graph], found: Consensus) -> pl.DataFrame:
    """Table ``consensus_pair``, for one other study: pairs with an edge in both, smallest q first."""
    place = np.nonzero((found.own.n_edges > 0) & (found.other.n_edges > 0))
    columns = {"source_domain": about.named(place[0]), "target_domain": about.named(place[1])}
    expected = {"expected": found.own.expected[place], "expected_there": found.other.expected[place]}
    tested = {name: np.maximum(value, 0.0) for name, value in expected.items()} | {
        "p": found.p[place],
        "q": found.q[place],
    }
    rows = pl.DataFrame(columns).with_columns(**{name: pl.Series(value) for name, value in tested.items()})
    for end, graph in zip(("", "_there"), graphs, strict=True):
        edges = labelled_edges(about.kind, graph).select(
            *ENDS, **{f"n_edges{end}": "n_edges", f"mean_g{end}": "mean_g"}
        )
        rows = rows.join(edges, on=ENDS)
    return conformed("consensus_pair", rows, about.key | {"other": other}).sort("q", "p", *ENDS)


def draw_rows(about: About, other: str, found: Consensus) -> pl.DataFrame:
    """Rows of ``null_draw``: how many pairs were in both, draw by draw."""
    frames = (
        null_draw_frame(
            one.draws, analysis="consensus_test", statistic="n_both", null_kind=null, scopes=[f"{about.kind}, {other}"]
        )
        for null, one in found.overlaps.items()
    )
    return pl.concat(frames)
