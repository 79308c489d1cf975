"""Table paired_gene_pair: pairs of genes that edges of two studies predict, whatever their models and autoencoders.

1. An edge predicts every pair of a first gene of its source and a first gene of its target. Of a pair: the mean g of
   the edges that predict it, over all target layers. Only pairs of different genes count.
2. Of pairs that both studies predict: mean |g| here and there, agreement of signs, Pearson's r of g.
3. g has no unit: it is compared as it is (``raw``). Published comparisons took d, which a source in two or three cells
   can make as large as it likes, and multiplied it by the number of features over 4,608, or by the length of the input
   over 2,048, which turns the ratio round by itself; both factors are named.
4. The standard error of r is that of the jackknife over source genes. Chance: source genes of the other study exchanged
   among those in common, target genes left where they are; p is that of r, two-sided.
"""

from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.sparse import csr_array

from tasks.analyses.transfer.side import Side
from tasks.analyses.transfer.step import TransferSettings

Floats = NDArray[np.float64]
Row = dict[str, Any]
FEATURES, LENGTH = 4608, 2048  # of the published scalings
MOST_DRAWS = 200
SCALINGS = ("raw", "feature_share", "input_share")


def gene_pair_rows(settings: TransferSettings, mine: Side, there: Side, layer: int, seed: list[int]) -> list[Row]:
    """Columns scaling to n_null, one row for each of SCALINGS."""
    layers = [(side, each) for side in (mine, there) for each in (layer, *side.targets.values())]
    named = pl.concat(side.genes(each, settings.genes)["gene"] for side, each in layers)
    symbols = {symbol: place for place, symbol in enumerate(named.unique().sort().to_list())}
    sides = [predicted(side, layer, settings.genes, symbols) for side in (mine, there)]
    own, other = (mean_g(*side) for side in sides)
    both = own.astype(bool).multiply(other.astype(bool)).tocoo()
    pairs = np.column_stack([both.row, both.col]).astype(np.int64)
    x, y = (np.asarray(side[pairs[:, 0], pairs[:, 1]]).ravel() for side in (own, other))
    about = {"n_own": own.nnz, "n_other": other.nnz, "n_both": len(pairs)}
    about |= agreement(x, y, pairs[:, 0]) | chance(x, other, pairs, min(settings.n_draws, MOST_DRAWS), seed)
    return [{"scaling": name, **about, **scaled(x, y, name, mine, there)} for name in SCALINGS]


def predicted(side: Side, layer: int, n: int, symbols: dict[str, int]) -> tuple[csr_array, csr_array]:
    """Sum of g, and number of edges, of every pair of genes [G, G]."""
    sources, shape = side.genes(layer, n), (len(symbols), len(symbols))
    total, count = csr_array(shape), csr_array(shape)
    for sae, target in side.targets.items():
        edges, sizes = side.stat(sae).filter("edge"), (side.n_features(layer), side.n_features(target))
        ends = edges["source_feature"].to_numpy().astype(np.int64), edges["target_feature"].to_numpy().astype(np.int64)
        first = lists(sources, sizes[0], symbols).T
        second = lists(side.genes(target, n), sizes[1], symbols)
        total = total + first @ csr_array((edges["g"].to_numpy().astype(np.float64), ends), shape=sizes) @ second
        count = count + first @ csr_array((np.ones(edges.height), ends), shape=sizes) @ second
    return total, count


def lists(genes: pl.DataFrame, n_features: int, symbols: dict[str, int]) -> csr_array:
    """Genes of features, binary [F, G]."""
    column = np.array([symbols[gene] for gene in genes["gene"].to_list()], dtype=np.int64)
    row = genes["feature"].to_numpy().astype(np.int64)
    return csr_array((np.ones(row.size), (row, column)), shape=(n_features, len(symbols)))


def mean_g(total: csr_array, count: csr_array) -> csr_array:
    """Mean g of every predicted pair of different genes [G, G]; a mean of exactly 0 is no prediction."""
    ends = count.tocoo()
    apart = ends.row != ends.col
    row, col, n = ends.row[apart], ends.col[apart], ends.data[apart]
    values = np.asarray(total[row, col]).ravel() / n if row.size else np.zeros(0)
    found = csr_array((values, (row, col)), shape=count.shape)
    found.eliminate_zeros()
    return found


def agreement(x: Floats, y: Floats, source: NDArray[np.int64]) -> Row:
    """Step 2 and the standard error of step 4; ``source`` [n]: source gene of every pair."""
    row: Row = {"sign_agreement": float((np.sign(x) == np.sign(y)).mean()) if x.size else None}
    _, place = np.unique(source, return_inverse=True)
    columns = (np.ones_like(x), x, y, x * x, y * y, x * y)
    parts = np.column_stack([np.bincount(place, each) for each in columns]) if x.size else np.zeros((0, 6))
    left = [correlation(parts.sum(0) - one) for one in parts]
    known = np.array([value for value in left if value is not None])
    told = known.size >= 3 and known.size == len(left)
    se = float(np.sqrt((known.size - 1) / known.size * np.square(known - known.mean()).sum())) if told else None
    return {**row, "r": correlation(parts.sum(0)), "r_se": se}


def correlation(sums: Floats) -> float | None:
    """Pearson's r of sums n, x, y, xx, yy, xy; None where one of the two is constant."""
    n, x, y, xx, yy, xy = sums if sums.size else np.zeros(6)
    spread = (xx - x * x / n) * (yy - y * y / n) if n > 1 else 0.0
    return float(np.clip((xy - x * y / n) / np.sqrt(spread), -1, 1)) if spread > 1e-12 * xx * yy else None


def chance(x: Floats, other: csr_array, pairs: NDArray[np.int64], n_draws: int, seed: list[int]) -> Row:
    """Step 4: r and agreement of signs with source genes exchanged, over the pairs that are then predicted by both."""
    genes, place = np.unique(pairs[:, 0], return_inverse=True)
    rng, drawn = np.random.default_rng(seed), []
    for _ in range(n_draws if genes.size > 1 else 0):
        y = np.asarray(other[rng.permutation(genes)[place], pairs[:, 1]]).ravel()
        some = y != 0
        a, b = x[some], y[some]
        r = correlation(np.array([a.size, a.sum(), b.sum(), a @ a, b @ b, a @ b]))
        if r is not None:
            drawn.append((r, float((np.sign(a) == np.sign(b)).mean())))
    if not drawn:
        return {"sign_chance": None, "r_chance": None, "p": None, "n_null": 0}
    r, signs = np.array(drawn).T
    observed = agreement(x, np.asarray(other[pairs[:, 0], pairs[:, 1]]).ravel(), pairs[:, 0])["r"]
    reached = None if observed is None else (1 + int((np.abs(r) >= abs(observed) - 1e-12).sum())) / (1 + r.size)
    return {"sign_chance": float(signs.mean()), "r_chance": float(r.mean()), "p": reached, "n_null": r.size}


def scaled(x: Floats, y: Floats, scaling: str, mine: Side, there: Side) -> Row:
    """Step 3: factors, mean |g| of either side times its factor, and their ratio."""
    factors = []
    for side in (mine, there):
        width = max((side.n_features(target) for target in side.targets.values()), default=0)
        factors.append({"raw": 1.0, "feature_share": width / FEATURES, "input_share": side.length / LENGTH}[scaling])
    sizes = [factor * float(np.abs(g).mean()) if g.size else None for factor, g in zip(factors, (x, y), strict=True)]
    ratio = None if sizes[0] is None or not sizes[1] else sizes[0] / sizes[1]
    named = {"own_factor": factors[0], "other_factor": factors[1]}
    return {**named, "mean_abs_own": sizes[0], "mean_abs_other": sizes[1], "ratio": ratio}
