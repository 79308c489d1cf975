"""Links between modules of different layers, gathered so that a picture of them can be read.

1. A module is known by its number; features without one are ALONE.
2. Of each layer the modules with most links keep their name, as many as NODES leaves room for; others become OTHER.
3. Between two layers, of n links, n_s of which leave module s and n_t reach module t: n_s n_t / n would join s to t if
   every feature kept the number of its links and their other ends fell anywhere. ``ratio`` is the links over that.
4. The WIDEST ribbons are drawn.
"""

import polars as pl

NODES, WIDEST = 40, 80
ALONE, OTHER = "no module", "other modules"
PAIR = ["source_layer", "target_layer"]
ENDS = [*PAIR, "source", "target"]


def gathered(flow: pl.DataFrame) -> pl.DataFrame:
    """Rows of query ``module_flow`` by steps 1 to 3: ENDS, n_links, n_together, expected, expected_links, ratio.

    ``source`` and ``target`` are names of nodes in their layers; rows are in the order of the query.
    """
    n_layers = pl.concat([flow["source_layer"], flow["target_layer"]]).n_unique()
    room = max(NODES // max(n_layers, 1) - 2, 1)  # beside ALONE and OTHER
    largest = _sizes(flow).sort("layer", "n", "module", descending=[False, True, False]).group_by("layer").head(room)
    named = {(layer, module) for layer, module in largest.select("layer", "module").iter_rows()}
    return _with_ratio(
        flow.with_columns(**{end: pl.Series(_names(flow, end, named), dtype=pl.String) for end in ("source", "target")})
        .group_by(ENDS, maintain_order=True)
        .agg(pl.col("n_links").sum(), _known_sum("n_together"), _known_sum("expected"))
    )


def widest(flow: pl.DataFrame) -> pl.DataFrame:
    """Step 4, in the order of ``flow``; of equal ribbons the first."""
    rows = flow.with_row_index("place").sort("n_links", "place", descending=[True, False]).head(WIDEST)
    return rows.sort("place").drop("place")


def _sizes(flow: pl.DataFrame) -> pl.DataFrame:
    """Links at every module of every layer: layer, module, n."""
    ends = [
        flow.select(pl.col(f"{end}_layer").alias("layer"), pl.col(f"{end}_module").alias("module"), "n_links")
        for end in ("source", "target")
    ]
    return pl.concat(ends).group_by("layer", "module").agg(pl.col("n_links").sum().alias("n")).drop_nulls("module")


def _names(flow: pl.DataFrame, end: str, named: set[tuple[int, int]]) -> list[str]:
    return [
        ALONE if module is None else f"module {module}" if (layer, module) in named else OTHER
        for layer, module in flow.select(f"{end}_layer", f"{end}_module").iter_rows()
    ]


def _known_sum(column: str) -> pl.Expr:
    """The sum, or null if some are not known."""
    return pl.when(pl.col(column).is_not_null().all()).then(pl.col(column).sum())


def _with_ratio(flow: pl.DataFrame) -> pl.DataFrame:
    leaving, reaching = (pl.col("n_links").sum().over(*PAIR, end).cast(pl.Float64) for end in ("source", "target"))
    expected = leaving * reaching / pl.col("n_links").sum().over(*PAIR)
    return flow.with_columns(expected_links=expected).with_columns(ratio=pl.col("n_links") / pl.col("expected_links"))
