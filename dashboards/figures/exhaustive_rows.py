"""What figures of the exhaustive map show of the rows of their queries."""

import plotly.graph_objects as go
import polars as pl

from dashboards.charts.circuits import FREQUENCY, degree_scatter
from dashboards.charts.damage import arm_points, cost_scatter
from dashboards.charts.degrees import named_bars
from dashboards.charts.edges import tail_curves
from dashboards.charts.set_ratios import energy_points, set_points, super_bars
from dashboards.charts.stability import by_size
from dashboards.charts.steering import (
    IN_PLACE,
    control_band,
    dose_curves,
    feature_shares,
    layer_bars,
    layer_groups,
    probe_bars,
)


def degree_of_frequency(rows: pl.DataFrame) -> go.Figure:
    """Degree against frequency, of features that have an edge or could have one."""
    return degree_scatter(rows, "out", FREQUENCY)


def last_layer(rows: pl.DataFrame) -> pl.DataFrame:
    """Sets by their effect on the last target layer."""
    return rows.filter(pl.col("target_layer") == rows["target_layer"].max())


def ratios(rows: pl.DataFrame) -> go.Figure:
    """Published ratios of all sets."""
    return set_points(last_layer(rows))


def energies(rows: pl.DataFrame) -> go.Figure:
    """What is left of the interaction of all sets."""
    return energy_points(last_layer(rows))


def superadditive(rows: pl.DataFrame) -> go.Figure:
    """Targets called superadditive."""
    return super_bars(last_layer(rows))


def at_largest(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows at the largest multiplier at which most features were steered."""
    shared = rows.filter(arm="feature").group_by("multiplier").len()
    common = shared.filter(pl.col("len") == shared["len"].max())["multiplier"].max()
    return rows.filter(pl.col("multiplier") == common)


def shares(rows: pl.DataFrame) -> go.Figure:
    """Share of cells that each feature moves up."""
    return feature_shares(at_largest(rows))


def doses(rows: pl.DataFrame) -> go.Figure:
    """Change by dose of the feature of smallest q, beside what stands in its place."""
    first = rows.filter(arm="feature").sort("q", "p_cells", nulls_last=True, maintain_order=True).row(0, named=True)
    of_layer = rows.filter(sae_id=first["sae_id"])
    controls = of_layer.filter(pl.col("arm").is_in(IN_PLACE))
    return dose_curves(of_layer.filter(feature=first["feature"]), control_band(controls))


def by_layer(rows: pl.DataFrame) -> go.Figure:
    """Share of cells that move up, mean over features of a layer."""
    groups = layer_groups(at_largest(rows), "fraction_positive")
    return layer_bars(groups, "Share of cells that move up", 0.5)


def probes(rows: pl.DataFrame) -> go.Figure:
    """Read-outs that were tested."""
    told = rows.filter(pl.col("metric").is_not_null())
    return probe_bars(told) if told.height else go.Figure()


def agreement(rows: pl.DataFrame) -> go.Figure:
    """Spearman's rho of what two read-outs say of features."""
    told = rows.filter((pl.col("multiplier") == rows["multiplier"].max()) & (pl.col("scope") == rows["scope"][0]))
    names = told.select(pl.format("{} and {}", "readout", "other_readout")).to_series()
    return named_bars(names, told["rho"], "Spearman's rho over features")


def unit(rows: pl.DataFrame) -> str:
    """What costs are in."""
    return "nat" if rows["accuracy"].count() else "bins squared"


def costs(rows: pl.DataFrame) -> go.Figure:
    """Cost of hubs and of features like them, one feature at a time, in the first layer."""
    own = rows.filter((pl.col("sae_id") == rows["sae_id"][0]) & (pl.col("rule") == "same_cells"))
    return arm_points(own.filter(~pl.col("together")), unit(rows))


def costs_by_frequency(features: pl.DataFrame, arms: pl.DataFrame) -> go.Figure:
    """Cost of each feature by how often it fires."""
    return cost_scatter(features.filter(pl.col("sae_id") == features["sae_id"][0]), unit(arms))


def spread(rows: pl.DataFrame) -> go.Figure:
    """How degrees are spread here, beside another study."""
    told = rows.filter((pl.col("other") == rows["other"][0]) & pl.col("statistic").is_in(["skewness", "gini"]))
    names = pl.Series(
        [f"{row['statistic']}, {end}" for row in told.iter_rows(named=True) for end in ("this study", "the other")]
    )
    values = pl.Series([row[end] for row in told.iter_rows(named=True) for end in ("own", "theirs")])
    return named_bars(names, values, "Skewness, and Gini's coefficient")


def law(rows: pl.DataFrame) -> go.Figure:
    """The tail of degrees as they are."""
    return tail_curves(rows.filter(pl.col("what") == "degree"))


def vuong(rows: pl.DataFrame) -> go.Figure:
    """Vuong's statistic of the power law against each other law."""
    told = rows.filter((pl.col("what") == "degree") & (pl.col("rule") == "exact")).drop_nulls("statistic")
    return named_bars(
        told["family"].str.replace_all("_", " "), told["statistic"], "Vuong's z, power law better above 0"
    )


def draws(rows: pl.DataFrame) -> go.Figure:
    """Agreement of draws of cells by their size."""
    own = rows.filter(pl.col("kind").str.starts_with("cells"))
    return by_size(own, "r", "Correlation of effects", null="r_chance")
