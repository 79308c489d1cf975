"""How often two features fire together, if each fires at its strata's positions independently: four cumulants.

1. In a stratum g (a gene, or a gene in cells of one label) of N_g positions, feature i fires at n_ig and feature j at
   n_jg. If the positions of g are exchangeable, the number n of positions at which both fire is hypergeometric.
2. Cumulants of a sum over independent strata are sums over strata. With a = n_i (N - n_i) and b = n_j (N - n_j):

       k1 = n_i n_j / N            k2 = a b / (N^2 (N - 1))
       k3 = a (N - 2 n_i) b (N - 2 n_j) / (N^3 (N - 1) (N - 2))
       k4 = [(N - 1) N^2 (N (N + 1) - 6 a - 6 b) + 6 a b (5 N - 6)] a b / (N^4 (N - 1)^2 (N - 2) (N - 3))

   (Johnson, Kemp & Kotz 2005, chapter 6). k1, k2 and k3 are one product of a term of i and a term of j. So is k4 but
   for one more product: with f = (a (N + 1) N - 6 a^2) / sqrt(...) it is f_i f_j minus a multiple of a^2 b^2.
3. Each cumulant of all pairs is then a matrix product [A, S] @ [S, B], summed over blocks of strata.

No permutation is needed: these are the moments over all permutations of positions within strata.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tasks.store.workers import N_THREADS, share

Floats = NDArray[np.float64]
Counts = NDArray[np.integer]
STRATA_BLOCK = 4096  # the fewer blocks, the less often are their products added up
ROW_BLOCK = 768  # of one layer's pairs, only those from each block of rows onwards are computed
N_CUMULANTS, N_FACTORS = 4, 5
FACTOR_ROWS = 32


@dataclass(frozen=True)
class Cumulants:
    """The first four cumulants of joint firings, each [A, B]."""

    mean: Floats
    variance: Floats
    third: Floats
    fourth: Floats


def joint_cumulants(first: Counts, second: Counts, size: Counts) -> Cumulants:
    """Cumulants of the joint firings of every feature of ``first`` [A, S] with every one of ``second`` [B, S].

    Both count firings by stratum, of which ``size`` [S] are the positions. If ``second`` is the same array as
    ``first``, only pairs of a feature with itself or a later one are certain to be filled.
    """
    n_first, n_second = len(first), len(second)
    sums = np.zeros((N_CUMULANTS, n_first, n_second))
    product = np.empty(ROW_BLOCK * n_second)  # written over: new memory would take a third of the time
    left, right = (np.empty(N_FACTORS * len(counts) * STRATA_BLOCK) for counts in (first, second))
    for start in range(0, size.size, STRATA_BLOCK):
        block = slice(start, start + STRATA_BLOCK)
        n = np.maximum(size[block], 1).astype(np.float64)
        of_first = _factors(first[:, block], n, left)
        of_second = of_first if second is first else _factors(second[:, block], n, right)
        for low in range(0, n_first, ROW_BLOCK):
            rows, columns = slice(low, low + ROW_BLOCK), slice(low if second is first else 0, None)
            shape = (len(sums[0, rows]), len(sums[0, 0, columns]))
            found = product[: shape[0] * shape[1]].reshape(shape)
            for factor in range(N_FACTORS):
                np.matmul(of_first[factor, rows], of_second[factor, columns].T, out=found)
                if factor < N_CUMULANTS:
                    sums[factor, rows, columns] += found
                else:
                    sums[-1, rows, columns] -= found
    return Cumulants(*sums)


def spread(counts: Counts, size: Counts) -> Floats:
    """Summed variance of each feature's firing within strata, sum_g n_g (N_g - n_g) / N_g: [A]."""
    n = np.maximum(size, 1).astype(np.float64)
    found = np.empty(len(counts))
    for row, own in enumerate(counts):
        found[row] = np.sum(own * (n - own) / n)
    return found


def _factors(fires: Counts, n: Floats, memory: Floats) -> Floats:
    """What the four products and the one taken from the last are made of: [5, A, S] in ``memory``, of ``fires`` [A, S].

    Every product is one of the same factor on both sides, hence the roots. Strata too small for a cumulant to vary add
    nothing to it. A few rows at a time stay in the cache.
    """
    c2 = np.sqrt(_inverse(n**2 * (n - 1), n > 1))
    c3 = np.sqrt(_inverse(n**3 * (n - 1) * (n - 2), n > 2))
    # k4 = (c ab - d (a + b) ab + e a^2 b^2) / (N^4 (N - 1)^2 (N - 2) (N - 3)); f = sqrt(c) a - d / sqrt(c) a^2
    c4 = _inverse(n**4 * (n - 1) ** 2 * (n - 2) * (n - 3), n > 3)
    c, d, e = (n - 1) * n**3 * (n + 1), 6 * (n - 1) * n**2, 6 * (5 * n - 6)
    root, of_rest = np.sqrt(np.maximum(c, 1.0)), np.sqrt(np.maximum(d * d / np.maximum(c, 1.0) - e, 0.0) * c4)
    linear, square = root * np.sqrt(c4), d / root * np.sqrt(c4)
    factors = memory[: N_FACTORS * fires.size].reshape(N_FACTORS, *fires.shape)

    def fill(low: int) -> None:
        rows = slice(low, low + FACTOR_ROWS)
        own = fires[rows].astype(np.float64)
        a = own * (n - own)
        factors[0, rows] = own / np.sqrt(n)
        factors[1, rows] = a * c2
        factors[2, rows] = a * (n - 2 * own) * c3
        factors[3, rows] = (linear - square * a) * a
        factors[4, rows] = a * a * of_rest

    share(fill, range(0, len(fires), FACTOR_ROWS), N_THREADS)
    return factors


def _inverse(value: Floats, where: NDArray[np.bool_]) -> Floats:
    return np.divide(1.0, value, out=np.zeros_like(value), where=where)
