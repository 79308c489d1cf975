"""Figures of features: their map, genes, cell types, activations, and the cells behind one edge."""

import plotly.graph_objects as go
import polars as pl

from dashboards.style import BLUE, CATEGORIES, GREY, ORANGE, SEQUENTIAL, finish
from dashboards.text import hover

MAP_COLOURS = [
    "frequency",
    "max_activation",
    "n_cells_active",
    "tier",
    "module",
    "named_by",
    "label",
    "label_library",
    "top_cell_type",
]
LOGARITHMIC = {"frequency"}  # spans decades
MANY = 11  # categories with a colour of their own, the rest are grey


def feature_map(features: pl.DataFrame, colour: str) -> go.Figure:
    """Features of one autoencoder on the map of directions; near points have similar directions."""
    number = features.schema[colour].is_numeric() and colour != "module"
    figure = _by_number(features, colour) if number else _by_category(features, colour)
    figure = finish(figure, "Map, first axis", "Map, second axis", 560)
    figure.update_xaxes(showticklabels=False, zeroline=False, showgrid=False)
    return figure.update_yaxes(showticklabels=False, zeroline=False, showgrid=False, scaleanchor="x")


def _points(features: pl.DataFrame, name: str, marker: dict[str, object]) -> go.Scattergl:
    texts = features.select("feature", pl.col("top_genes").fill_null("none"), pl.col("name").fill_null("unnamed"))
    return go.Scattergl(
        x=features["map_x"],
        y=features["map_y"],
        mode="markers",
        name=name,
        marker={"size": 8, **marker},
        customdata=texts.rows(),
        hovertemplate="feature %{customdata[0]}<br>%{customdata[1]}<br>%{customdata[2]}<extra></extra>",
    )


def _by_number(features: pl.DataFrame, colour: str) -> go.Figure:
    values = features[colour].log10() if colour in LOGARITHMIC else features[colour]
    title = f"log10 {colour}" if colour in LOGARITHMIC else colour.replace("_", " ")
    marker = {"color": values.to_list(), "colorscale": SEQUENTIAL, "showscale": True, "colorbar": {"title": title}}
    return go.Figure(_points(features, colour, marker))


def _by_category(features: pl.DataFrame, colour: str) -> go.Figure:
    named = features.with_columns(group=pl.col(colour).cast(pl.String).fill_null("none"))
    counts = (
        named.filter(pl.col("group") != "none")["group"]
        .value_counts()
        .sort(["count", "group"], descending=[True, False])
    )
    groups = counts["group"].to_list()[:MANY]
    rest = named.filter(~pl.col("group").is_in(groups))
    figure = go.Figure(_points(rest, "none or other", {"color": GREY, "opacity": 0.5}))
    for group, shade in zip(groups, CATEGORIES, strict=False):
        name = f"module {group}" if colour == "module" else group
        figure.add_trace(_points(named.filter(pl.col("group") == group), name, {"color": shade}))
    return figure


def gene_bars(genes: pl.DataFrame) -> go.Figure:
    """Top genes by score with its interval, or by mean activation where none was published; strongest on top."""
    scored = genes["score"].count() > 0
    told = "%{y}: fires on %{customdata[1]} of %{customdata[2]} positions" if scored else "%{y}: %{x:.3g}"
    title = "Score (activation per position of the gene)" if scored else "Mean activation where it fires on the gene"
    bars = go.Bar(
        y=genes["symbol"],
        x=genes["score" if scored else "mean_activation"],
        orientation="h",
        marker_color=BLUE,
        error_x=_interval(genes) if genes["score_low"].count() else None,
        customdata=genes.select("score", "fire_count", "gene_count").rows(),
        hovertemplate=f"{told}<extra></extra>",
    )
    figure = finish(go.Figure(bars), title, "", 120 + 24 * genes.height)
    return figure.update_yaxes(autorange="reversed", type="category")


def _interval(genes: pl.DataFrame) -> dict[str, object]:
    """Lines from the low to the high end of each score's interval."""
    above, below = (
        (genes["score_high"] - genes["score"]).fill_null(0),
        (genes["score"] - genes["score_low"]).fill_null(0),
    )
    return {"type": "data", "array": above, "arrayminus": below, "color": GREY, "thickness": 1.5}


def cell_type_bars(types: pl.DataFrame) -> go.Figure:
    """AUROC per cell type as bars from 0.5 with their intervals, called types in colour."""
    figure = go.Figure()
    of_interval = ("auroc_low", "auroc_high", "auroc_all")  # missing in runs of earlier versions
    figures = [pl.col(name).round(2).cast(pl.String).fill_null("–") for name in of_interval]
    for called, name, colour in ((True, "called", ORANGE), (False, "not called", GREY)):
        part = types.filter(pl.col("called") == called)
        figure.add_bar(
            y=part["cell_type"],
            x=part["auroc"] - 0.5,
            base=0.5,
            orientation="h",
            name=name,
            marker_color=colour,
            error_x={
                "symmetric": False,
                "array": part["auroc_high"] - part["auroc"],
                "arrayminus": part["auroc"] - part["auroc_low"],
            },
            customdata=part.select("auroc", "n_active", "n_cells", "q", *figures).rows(),
            hovertemplate="%{y}: AUROC %{customdata[0]:.2f} (%{customdata[4]} to %{customdata[5]}; over all lengths "
            "%{customdata[6]}), fires in %{customdata[1]} of %{customdata[2]} cells, "
            "q %{customdata[3]:.1e}<extra></extra>",
        )
    figure = finish(figure, "AUROC", "", 120 + 28 * types.height).update_xaxes(range=[0, 1])
    order = types["cell_type"].reverse().to_list()
    return figure.update_yaxes(type="category", categoryorder="array", categoryarray=order)


def histogram(bins: pl.DataFrame) -> go.Figure:
    """Activations where the feature fires."""
    centres = (bins["lower"] + bins["upper"]) / 2
    bars = go.Bar(x=centres, y=bins["n"], width=bins["upper"] - bins["lower"], marker_color=BLUE)
    return finish(go.Figure(bars), "Activation", "Firings", 280).update_layout(bargap=0)


def effect_strip(cells: pl.DataFrame) -> go.Figure:
    """One point a cell: what the ablation did to the target there, by cell type."""
    figure, colours = go.Figure(), CATEGORIES
    for place, ((label,), part) in enumerate(cells.group_by("label", maintain_order=True)):
        figure.add_box(
            x=part["effect"],
            name=str(label),
            boxpoints="all",
            jitter=0.6,
            pointpos=0,
            fillcolor="rgba(0,0,0,0)",
            line={"color": "rgba(0,0,0,0)"},
            marker={"color": colours[place % len(colours)], "size": 7},
            text=part["barcode"],
            hovertemplate="%{text}: %{x:.3f}<extra></extra>",
        )
    figure.add_vline(x=0, line={"color": GREY, "dash": "dash"})
    height = 130 + 40 * cells["label"].n_unique()
    figure = finish(figure, "Change of the target's activation in the cell", "", height).update_layout(showlegend=False)
    return figure.update_yaxes(type="category")


def context_strips(found: pl.DataFrame) -> go.Figure:
    """One strip per cell of query ``feature_top_cells``, as long as the cell has tokens, with its marked genes."""
    cells = found.group_by("barcode", maintain_order=True).agg(pl.col("n_tokens", "cell_type").first())
    strips = go.Bar(
        y=cells["barcode"], x=cells["n_tokens"], orientation="h", name="cell", hoverinfo="skip", width=0.5,
        marker={"color": GREY, "opacity": 0.3},
    )  # fmt: skip
    about = found.select(pl.col("symbol").fill_null("a special token"), pl.col("cell_type").fill_null("no label"))
    marks = go.Scatter(
        x=found["position"],
        y=found["barcode"],
        mode="markers+text",
        name="gene",
        text=about["symbol"],
        textposition="middle right",
        customdata=[(*texts, value) for texts, value in zip(about.iter_rows(), found["activation"], strict=True)],
        marker={
            "color": found["activation"].to_list(),
            "colorscale": SEQUENTIAL,
            "symbol": "square",
            "size": 12,
            "colorbar": {"title": "Activation"},
        },
        hovertemplate="%{customdata[0]}, place %{x}: %{customdata[2]:.3g}<br>%{y}, %{customdata[1]}<extra></extra>",
    )
    figure = finish(go.Figure([strips, marks]), "Place of the gene in the cell", "", 110 + 28 * cells.height)
    names = [hover(f"{label or 'no label'} · {barcode[:12]}") for barcode, _, label in cells.iter_rows()]
    places = [hover(barcode) for barcode in cells["barcode"]]  # as ``literal`` writes them
    figure.update_yaxes(autorange="reversed", type="category", tickvals=places, ticktext=names)
    return figure.update_layout(showlegend=False)
