"""Rows of the describe step, counted from invented activations."""

from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy.stats import false_discovery_control, mannwhitneyu

from tests.builders.contract_frames import contract_frame
from tests.builders.study_cells import CELL_TYPES, World

RANKED, SHOWN, PUBLISHED = 12, 10, 5  # genes of a feature
CONTEXTS = 5


@dataclass(frozen=True)
class Layer:
    """One autoencoder's invented activations on all gene positions."""

    sae_id: str
    layer: int
    codes: np.ndarray  # [positions, features] >= 0


def make_layer(world: World, sae_id: str, layer: int, n_features: int, seed: int) -> Layer:
    """Features that like four genes, half of them in one cell type; the first is dense, the last is dead."""
    rng = np.random.default_rng([seed, layer])
    liked = np.zeros((n_features, len(world.symbols)), dtype=np.float32)
    for f in range(n_features):
        first = 4 * (f - 1)
        genes = range(first, first + 4) if 1 <= f <= len(CELL_TYPES) else rng.choice(len(world.symbols), 4, False)
        liked[f, list(genes)] = 1.0
    kind = np.where(np.arange(n_features) % 2 == 0, np.arange(n_features) % len(CELL_TYPES), -1)
    fits = (kind[None, :] < 0) | (kind[None, :] == world.cell_type[:, None])
    chance = 0.003 + 0.6 * liked[:, world.gene].T * fits
    chance[:, 0] = 0.25
    chance[:, -1] = 0.0
    fires = rng.random(chance.shape, dtype=np.float32) < chance
    return Layer(sae_id, layer, np.where(fires, rng.gamma(2.0, 1.0, chance.shape), 0).astype(np.float32))


def gene_rows(world: World, layer: Layer) -> pl.DataFrame:
    """feature_gene: twelve genes a feature by summed activation over gene count, shrunk for rare genes, ten of them
    shown, and the rest of the five with the largest means.
    """
    one_hot = np.eye(len(world.symbols), dtype=np.float32)[world.gene]
    gene_count = one_hot.sum(0).astype(int)
    fired = (one_hot.T @ (layer.codes > 0)).astype(int)
    summed = one_hot.T @ layer.codes
    score = summed / (gene_count + 5)[:, None]
    mean = summed / np.maximum(fired, 1)
    rows = []
    for f in range(layer.codes.shape[1]):
        own = [g for g in np.argsort(-score[:, f], kind="stable")[:RANKED] if fired[g, f]]
        published = [g for g in np.argsort(-mean[:, f], kind="stable")[:PUBLISHED] if fired[g, f]]
        rows += [
            {
                "sae_id": layer.sae_id,
                "feature": f,
                "rank": own.index(g) + 1 if g in own else None,
                "gene_id": f"ENSG{g:011d}",
                "symbol": world.symbols[g],
                "fire_count": int(fired[g, f]),
                "gene_count": int(gene_count[g]),
                "fire_rate": float(fired[g, f] / gene_count[g]),
                "mean_activation": float(mean[g, f]),
                "score": float(score[g, f]),
                "score_low": float(score[g, f]) / 2,
                "score_high": float(score[g, f]) * 2,
                "specificity": float(fired[g, f] / gene_count[g] / (layer.codes[:, f] > 0).mean()),
                "n_cells": int(fired[g, f]),
                "published_rank": published.index(g) + 1 if g in published else None,
                "shown": g in own[:SHOWN],
            }
            for g in [*own, *(g for g in published if g not in own)]
        ]
    return contract_frame("feature_gene", rows)


def top_cell_rows(world: World, layer: Layer) -> pl.DataFrame:
    """feature_top_cell: the position of each of the five cells in which a feature is most active."""
    place = np.arange(len(world.cell_id)) - np.searchsorted(world.cell_id, world.cell_id)
    rows = []
    for f in np.flatnonzero(layer.codes.any(0)):
        order = [p for p in np.argsort(-layer.codes[:, f], kind="stable") if layer.codes[p, f] > 0]
        _, first = np.unique(world.cell_id[order], return_index=True)
        for rank, p in enumerate(np.array(order)[np.sort(first)[:CONTEXTS]], start=1):
            about = {"cell_id": world.cell_id[p], "position": place[p] + 1, "gene_id": f"ENSG{world.gene[p]:011d}"}
            kind = {"cell_type": CELL_TYPES[world.cell_type[p]], "tissue": None}
            named = {"sae_id": layer.sae_id, "feature": f, "rank": rank, "activation": layer.codes[p, f]}
            rows.append({**named, **kind, **about})
    return contract_frame("feature_top_cell", rows)


def histogram_rows(layer: Layer, bins: int = 10) -> pl.DataFrame:
    """feature_histogram: bins of equal width from 0 to the feature's maximum."""
    rows = []
    for f in np.flatnonzero(layer.codes.any(0)):
        active = layer.codes[layer.codes[:, f] > 0, f]
        n, edges = np.histogram(active, bins=bins, range=(0.0, float(active.max())))
        rows += [
            {"sae_id": layer.sae_id, "feature": f, "bin": b, "lower": edges[b], "upper": edges[b + 1], "n": n[b]}
            for b in range(bins)
        ]
    return contract_frame("feature_histogram", rows)


def cell_type_rows(world: World, layer: Layer) -> pl.DataFrame:
    """feature_cell_type: Mann-Whitney over cells' mean activations, all living features and types, in one stratum.

    The interval is that of a share among as many trials as there are cells.
    """
    first = np.unique(world.cell_id, return_index=True)[1]
    kind = world.cell_type[first]
    sums = np.add.reduceat(layer.codes, first, axis=0)
    means = sums / np.diff(np.append(first, len(world.cell_id)))[:, None]
    alive = np.flatnonzero(layer.codes.any(0))
    frames = []
    for t, name in enumerate(CELL_TYPES):
        inside, outside = means[kind == t][:, alive], means[kind != t][:, alive]
        test = mannwhitneyu(inside, outside, method="asymptotic")
        frame = {
            "feature": alive,
            "n_active": (inside > 0).sum(0),
            "mean_in": inside.mean(0),
            "mean_out": outside.mean(0),
            "log2_fold": np.log2((inside.mean(0) + 1e-3) / (outside.mean(0) + 1e-3)),
            "auroc": test.statistic / (len(inside) * len(outside)),
            "p": np.minimum(test.pvalue, 1.0),
        }
        low, high = _interval(frame["auroc"], len(kind))
        frame |= {"auroc_low": low, "auroc_high": high, "auroc_all": frame["auroc"]}
        frames.append(pl.DataFrame(frame).with_columns(cell_type=pl.lit(name), n_cells=len(inside)))
    table = pl.concat(frames).sort("feature", "cell_type").with_columns(sae_id=pl.lit(layer.sae_id))
    q = np.maximum(false_discovery_control(table["p"].to_numpy()), table["p"].to_numpy())
    table = table.with_columns(q=q).with_columns(significant=(pl.col("q") <= 0.05) & (pl.col("auroc") > 0.5))
    called = pl.col("significant") & (pl.col("auroc_low") >= 0.7)
    return contract_frame("feature_cell_type", table.with_columns(called=called, strata=pl.lit("none"), n_strata=1))


def _interval(share: np.ndarray, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Wilson's interval."""
    z = 1.96
    centre, half = share + z**2 / (2 * n), z * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    return np.minimum((centre - half) / (1 + z**2 / n), share), np.maximum((centre + half) / (1 + z**2 / n), share)


def neighbour_rows(layer: Layer, seed: int, nearest: int = 5) -> pl.DataFrame:
    """feature_neighbour: nearest of random directions in 16 dimensions."""
    rng = np.random.default_rng([seed, layer.layer, 7])
    directions = rng.normal(size=(layer.codes.shape[1], 16))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    cosine = directions @ directions.T
    np.fill_diagonal(cosine, -2.0)
    order = np.argsort(-cosine, axis=1, kind="stable")[:, :nearest]
    rows = [
        {"sae_id": layer.sae_id, "feature": f, "rank": r + 1, "neighbour": int(n), "cosine": float(cosine[f, n])}
        for f in range(len(order))
        for r, n in enumerate(order[f])
    ]
    return contract_frame("feature_neighbour", rows)
