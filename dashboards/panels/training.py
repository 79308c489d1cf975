"""Panels with the training curves of the model and of its autoencoders."""

import polars as pl

from dashboards.address import addressed_choice
from dashboards.charts.layers import curves, with_baseline
from dashboards.data import query_run
from dashboards.layout import filled
from dashboards.panel import Panel
from dashboards.style import show

SPLITS = {"train": "training", "heldout": "held-out"}
CURVES = {
    "genes": (
        "Masked-gene loss (nat)",
        "frequency baseline",
        "Model: how surprised it is by a hidden gene; below the dashed line it beats guessing by frequency.",
    ),
    "values": (
        "Masked-value loss (bins squared)",
        "gene's mean value",
        "Model: squared error of a gene's hidden value; below the dashed line it beats the gene's mean in other cells.",
    ),
}
SAE_METRICS = {
    "fvu": "Fraction of variance unexplained",
    "loss": "Loss",
    "l0": "Active features per position",
    "dead_fraction": "Dead fraction",
}


def model_training() -> None:
    """Training curve of the model beside its baseline."""
    points, model = query_run("model_curve"), query_run("models")
    loss = points.filter(pl.col("metric") == "loss").with_columns(name=pl.col("split").replace(SPLITS))
    title, name, text = CURVES["values" if model["family"][0] == "scgpt" else "genes"]
    figure = curves(loss, title)
    baseline = model["baseline_loss"][0]
    show(figure if baseline is None else with_baseline(figure, baseline, name), text)


def sae_training() -> None:
    """Training curves of the autoencoders."""
    points = query_run("sae_curve")
    metrics = [metric for metric in SAE_METRICS if metric in set(points["metric"])]
    if not filled(points.filter(pl.col("metric").is_in(metrics)), "No training curve of an autoencoder was recorded."):
        return
    metric = addressed_choice("Autoencoder metric", "metric", metrics, SAE_METRICS.__getitem__)
    shown = points.filter(pl.col("metric") == metric)
    split = "heldout" if "heldout" in set(shown["split"]) else "train"
    named = shown.filter(pl.col("split") == split).with_columns(name=pl.format("layer {}", "layer"))
    show(curves(named, SAE_METRICS[metric]), f"Autoencoders, {SPLITS[split]} cells, one line per layer.")


TRAINING = Panel("Training of the model", ("model_metric",), model_training)
SAE_TRAINING = Panel("Training of the autoencoders", ("sae_metric",), sae_training)
