"""Rows of the labels step, which say of cell types what the describe step says of them."""

import polars as pl

from tests.builders.contract_frames import contract_frame

NOT_GIVEN = pl.lit(None, dtype=pl.Float64)


def label_tables(types: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """Every table of the step, of one autoencoder; ``types``: its rows of table feature_cell_type."""
    labels = types.rename({"cell_type": "label"}).with_columns(obs_column=pl.lit("cell_type"))
    few = labels.unique("feature", keep="first", maintain_order=True)
    published = pl.concat([_published(labels.filter("significant")), _tissues(few)], how="diagonal_relaxed")
    return {
        "feature_label": contract_frame("feature_label", _tested(labels)),
        "feature_label_published": contract_frame("feature_label_published", published),
        "feature_label_score": contract_frame("feature_label_score", _scored(labels)),
        "label_summary": contract_frame("label_summary", _summary(labels, published)),
        "feature_family": contract_frame("feature_family", _families(few)),
        "feature_expression": contract_frame("feature_expression", _expression(few)),
    }


def tissue_rows(written: dict[str, pl.DataFrame]) -> pl.DataFrame:
    """Table feature_tissue, of what table feature_label_published says of tissues."""
    return written["feature_label_published"].filter(obs_column="tissue").rename({"label": "tissue"})


def _tested(labels: pl.DataFrame) -> pl.DataFrame:
    return labels.with_columns(
        conditional=pl.lit(False),
        strata=pl.lit("depth"),
        unit=pl.lit("cell"),
        n_others=pl.lit(100),
        n_donors=pl.lit(0),
        low=(pl.col("auroc") - 0.1).clip(0, 1),
        high=(pl.col("auroc") + 0.1).clip(0, 1),
        donor_auroc=NOT_GIVEN,
        donor_p=NOT_GIVEN,
        donor_q=NOT_GIVEN,
    )


def _published(labels: pl.DataFrame) -> pl.DataFrame:
    return labels.with_columns(
        rule=pl.lit("published_geneformer"),
        n_top=pl.lit(14),
        n_top_label=pl.lit(9),
        odds_ratio=pl.lit(3.5),
        odds_ratio_infinite=pl.lit(False),
    )


def _tissues(few: pl.DataFrame) -> pl.DataFrame:
    """Half of the features are most active in cells from the lung."""
    some = few.filter(pl.col("feature") % 2 == 0)
    return _published(
        some.with_columns(obs_column=pl.lit("tissue"), label=pl.lit("lung"), p=pl.lit(0.01), q=pl.lit(0.02))
    )


def _scored(labels: pl.DataFrame) -> pl.DataFrame:
    return labels.with_columns(
        score_kind=pl.lit("ami"),
        threshold=pl.lit(0.0),
        train_value=pl.col("auroc") / 2,
        heldout_value=pl.col("auroc") / 3,
        null_mean=pl.lit(0.0),
        null_sd=pl.lit(0.02),
    )


def _summary(labels: pl.DataFrame, published: pl.DataFrame) -> list[dict[str, object]]:
    """The sound test of the types, and the published rule for every column that it calls labels of."""
    called = labels.filter("significant")["feature"].n_unique()
    n_features = labels["feature"].n_unique()
    counts = {"n_cells": 144, "n_missing": 0, "n_labels": labels["label"].n_unique(), "n_features": n_features}
    rates = {"n_called": called, "called_fraction": called / n_features, "null_mean": 0.0, "null_sd": 0.0, "n_null": 3}
    named = {"obs_column": "cell_type", "conditional": False, "rule": "stratified", "strata": "depth", "keep_p": 1.0}
    tests = {"n_tested": counts["n_labels"], "n_tests": labels.height, "reason": None}
    row = {"sae_id": labels["sae_id"][0], **named, **counts, **rates, **tests}
    rows = [row]
    for (column,), part in published.group_by("obs_column", maintain_order=True):
        n = part["feature"].n_unique()
        called = {"n_called": n, "called_fraction": n / n_features, "null_mean": 0.1}
        rows.append(row | {"obs_column": column, "rule": "published_geneformer", "strata": None} | called)
    return rows


def _families(features: pl.DataFrame) -> pl.DataFrame:
    return features.with_columns(
        library=pl.lit("go_bp"),
        family=pl.lit("B cell programme"),
        rule=pl.lit("curated"),
        n_genes=pl.lit(6),
        n_tokens=pl.lit(300),
        n_active=pl.lit(12),
        log_odds=pl.lit(0.4),
        null_mean=pl.lit(-0.1),
        null_sd=pl.lit(0.5),
        p=pl.lit(0.2),
        q=pl.lit(0.2),
        n_tests=features.height,
    )


def _expression(features: pl.DataFrame) -> pl.DataFrame:
    return features.with_columns(
        n_genes=pl.lit(8),
        n_genes_up=pl.lit(5),
        difference=pl.lit(0.2),
        n_cells=pl.lit(90),
        within_cells=pl.lit(0.15),
        sd=pl.lit(0.5),
        low=pl.lit(0.05),
        high=pl.lit(0.25),
        p=pl.lit(0.004),
        q=pl.lit(0.004),
    )
