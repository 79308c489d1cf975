"""How often two features fire together, if each fires at its strata's positions independently: four cumulants.

1. In a stratum g (a gene, or a gene in cells of one label) of N_g positions, feature i fires at n_ig and feature j at
   n_jg. If the positions of g are exchangeable, the number n of positions at which both fire is hypergeometric.
2. Cumulants of a sum over independent strata are sums over strata. With a = n_i (N - n_i) and b = n_j (N - n_j):

       k1 = n_i n_j / N            k2 = a b / (N^2 (N - 1))
       k3 = a (N - 2 n_i) b (N - 2 n_j) / (N^3 (N - 1) (N - 2))
       k4 = [(N - 1) N^2 (N (N + 1) - 6 a - 6 b) + 6 a b (5 N - 6)] a b / (N^4 (N - 1)^2 (N - 2) (N - 3))

   (Johnson, Kemp & Kotz 2005, chapter 6). k1, k2 and k3 are one product of a term of i and a term of j. So is k4 but
   for one more product: with f = (a (N + 1) N - 6 a^2) / sqrt(...) it is f_i f_j minus a multiple of a^2 b^2.
3. Each cumulant of all pairs is then a matrix product [A, S] @ [S, B], summed over blocks of strata. Mean and
   variance, which decide how far a pair is from chance, are computed in double precision. The third and fourth only
   shape the tail: single precision gives them to about 1e-6 of the sum of their terms' sizes, at half the time.

No permutation is needed: these are the moments over all permutations of positions within strata. Every product is one
of a fixed block in one thread, so numbers do not depend on how many cores there are.
"""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tasks.store.workers import N_THREADS, in_parallel, share

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
Counts = NDArray[np.integer]
STRATA_BLOCK = 4096  # the fewer blocks, the less often are their products added up
ROW_BLOCK = 384  # rows of a product; of one layer's pairs, only those from each block of rows onwards are computed
N_DOUBLE, N_SINGLE = 2, 3  # factors of mean and variance; of the third, the fourth, and what is taken from the fourth
FACTOR_ROWS = 32
CPU = torch.device("cpu")


@dataclass(frozen=True)
class Cumulants:
    """The first four cumulants of joint firings, each [A, B]."""

    mean: Floats
    variance: Floats
    third: Singles
    fourth: Singles


@dataclass(frozen=True)
class _Factors:
    """What the products of a block of strata are made of: ``double`` [2, A, S] and ``single`` [3, A, S]."""

    double: Tensor
    single: Tensor


def joint_cumulants(first: Counts, second: Counts, size: Counts) -> Cumulants:
    """Cumulants of the joint firings of every feature of ``first`` [A, S] with every one of ``second`` [B, S].

    Both count firings by stratum, of which ``size`` [S] are the positions. If ``second`` is the same array as
    ``first``, only pairs of a feature with itself or a later one are certain to be filled.
    """
    n_first, within = len(first), second is first
    shape = (n_first, len(second))
    sums = [torch.zeros(shape, dtype=torch.float64 if i < N_DOUBLE else torch.float32) for i in range(4)]
    left, right = _memory(first), None if within else _memory(second)
    for start in range(0, size.size, STRATA_BLOCK):
        block = slice(start, start + STRATA_BLOCK)
        n = np.maximum(size[block], 1).astype(np.float64)
        of_first = _factors(first[:, block], n, left)
        of_second = of_first if right is None else _factors(second[:, block], n, right)

        def add(low: int, one: _Factors = of_first, other: _Factors = of_second) -> None:
            _add_products(sums, one, other, slice(low, low + ROW_BLOCK), slice(low if within else 0, None))

        for _ in in_parallel(add, range(0, n_first, ROW_BLOCK), CPU):
            pass
    mean, variance, third, fourth = (one.numpy() for one in sums)
    return Cumulants(mean, variance, third, fourth)


def spread(counts: Counts, size: Counts) -> Floats:
    """Summed variance of each feature's firing within strata, sum_g n_g (N_g - n_g) / N_g: [A]."""
    n = np.maximum(size, 1).astype(np.float64)
    found = np.empty(len(counts))
    for row, own in enumerate(counts):
        found[row] = np.sum(own * (n - own) / n)
    return found


def _add_products(sums: list[Tensor], one: _Factors, other: _Factors, rows: slice, columns: slice) -> None:
    """Step 3 for a block of pairs: the last product is taken from the fourth cumulant."""
    double, single = (one.double, other.double, sums[:N_DOUBLE]), (one.single, other.single, sums[N_DOUBLE:])
    for factors, others, of in (double, single):
        product = torch.empty_like(of[0][rows, columns])  # written over: new memory takes as long as a product
        for i, (left, right) in enumerate(zip(factors, others, strict=True)):
            torch.mm(left[rows], right[columns].T, out=product)
            of[min(i, 1)][rows, columns].add_(product, alpha=-1 if i == N_DOUBLE else 1)


def _memory(counts: Counts) -> tuple[Floats, Singles]:
    """Room for the factors of a block."""
    n = len(counts) * STRATA_BLOCK
    return np.empty(N_DOUBLE * n), np.empty(N_SINGLE * n, dtype=np.float32)


def _factors(fires: Counts, n: Floats, memory: tuple[Floats, Singles]) -> _Factors:
    """The factors of ``fires`` [A, S] in ``memory``.

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
    double = memory[0][: N_DOUBLE * fires.size].reshape(N_DOUBLE, *fires.shape)
    single = memory[1][: N_SINGLE * fires.size].reshape(N_SINGLE, *fires.shape)

    def fill(low: int) -> None:
        rows = slice(low, low + FACTOR_ROWS)
        own = fires[rows].astype(np.float64)
        a = own * (n - own)
        double[0, rows] = own / np.sqrt(n)
        double[1, rows] = a * c2
        single[0, rows] = a * (n - 2 * own) * c3
        single[1, rows] = (linear - square * a) * a
        single[2, rows] = a * a * of_rest

    share(fill, range(0, len(fires), FACTOR_ROWS), N_THREADS)
    return _Factors(torch.from_numpy(double), torch.from_numpy(single))


def _inverse(value: Floats, where: NDArray[np.bool_]) -> Floats:
    return np.divide(1.0, value, out=np.zeros_like(value), where=where)
