"""A map of numbers: features by labels of cells, in colours that turn where a feature does not tell the label."""

from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go
import polars as pl

from dashboards.style import BLUE, DIVIDE, ORANGE, SEQUENTIAL, finish, ink, paper

LONGEST = 30  # letters of a name beside the map
ROW, FRAME = 22, 150  # pixels


@dataclass(frozen=True)
class Measure:
    """A column of query ``feature_heat``; ``middle``: where its colours turn, None for those that have no middle."""

    title: str
    middle: float | None
    says: str


MEASURES = {
    "auroc": Measure("AUROC", 0.5, "the chance that a cell with the label is the more active one, of two like cells"),
    "log2_fold": Measure("log2 fold", 0.0, "log2 of the mean activation in cells with the label over that in others"),
    "fires": Measure("Share of cells", None, "the share of the cells with the label in which the feature fires"),
    "log2_odds": Measure("log2 odds", 0.0, "log2 of the published odds ratio among the most active cells"),
}


def label_heat(rows: pl.DataFrame, column: str, labels: list[str]) -> go.Figure:
    """Features down, in the order of ``rows`` (query ``feature_heat``), ``labels`` across; a dot: marks the label."""
    measure = MEASURES[column]
    named = rows.with_columns(_names(rows).alias("row"))
    names = named["row"].unique(maintain_order=True).to_list()
    told = {(row["row"], row["label"]): row for row in named.iter_rows(named=True)}
    fields = [[told.get((name, label)) for label in labels] for name in names]
    heat = go.Heatmap(
        z=[[None if field is None else field[column] for field in line] for line in fields],
        x=labels,
        y=names,
        text=[["" if field is None else _said(field) for field in line] for line in fields],
        colorbar={"title": measure.title, "thickness": 12},
        hovertemplate="%{y}<br>%{x}: %{text}<extra></extra>",
        **_colours(rows[column], measure.middle),
    )
    figure = go.Figure(heat)
    marks = named.filter(pl.col("marks") & pl.col("label").is_in(labels) & pl.col(column).is_not_null())
    figure.add_scatter(
        x=marks["label"], y=marks["row"], mode="markers", name="marks the label", showlegend=True, hoverinfo="skip",
        marker={"size": 6, "color": paper(), "line": {"color": ink(), "width": 1}},
    )  # fmt: skip
    figure = finish(figure, "", "", FRAME + ROW * len(names))
    figure.update_xaxes(type="category", categoryorder="array", categoryarray=labels, showgrid=False)
    return figure.update_yaxes(type="category", categoryorder="array", categoryarray=names[::-1], showgrid=False)


def _names(rows: pl.DataFrame) -> pl.Expr:
    """Number and name of each feature, with the autoencoder where several of one layer are shown."""
    several = rows.select("sae_id", "layer").unique().group_by("layer").len()["len"].max()
    number = pl.format("L{}_F{}", "layer", "feature")
    number = pl.format("{} {}", number, "sae_id") if several is not None and int(str(several)) > 1 else number
    name = pl.col("name").fill_null("unnamed")
    short = pl.when(name.str.len_chars() > LONGEST).then(pl.format("{}…", name.str.head(LONGEST))).otherwise(name)
    return pl.format("{} {}", number, short)


def _said(field: dict[str, Any]) -> str:
    """What is known of a feature and a label, for where the pointer rests."""
    known = {
        "AUROC {:.3f}": field["auroc"],
        "at least {:.3f}": field["auroc_low"],
        "log2 fold {:.2f}": field["log2_fold"],
        "fires in {:.0%} of these cells": field["fires"],
        "log2 odds {:.2f}": field["log2_odds"],
        "q {:.1e}": field["q"],
        "{:,} cells": field["n_cells"],
    }
    return ", ".join(form.format(value) for form, value in known.items() if value is not None)


def _colours(values: pl.Series, middle: float | None) -> dict[str, Any]:
    """The scale of the colours: even about the middle, so that equal distances from it look alike."""
    if middle is None:
        return {"colorscale": SEQUENTIAL, "zmin": 0.0, "zmax": 1.0}
    known = values.drop_nulls()
    reach = float((known - middle).abs().max() or 0.0) if known.len() else 0.0  # type: ignore[arg-type]
    reach = reach or 0.5
    return {
        "colorscale": [[0.0, BLUE], [0.5, DIVIDE], [1.0, ORANGE]],
        "zmin": middle - reach,
        "zmax": middle + reach,
    }
