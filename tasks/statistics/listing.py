"""How many genes of a set a list holds by chance, if genes differ in how often they are listed at all.

Genes that are measured in every cell, or fire for many features, stand in many lists, and many of them are in the same
sets. A list drawn evenly from all genes is therefore no null: lists drawn by how often genes are listed hold more of
such sets than that.

1. The null is the most random way (largest entropy) to fill a table of lists and genes that keeps the length of every
   list and, on average, the number of lists that hold each gene: entry (r, g) is one with odds a_r b_g, independently
   (Rasch 1960). The weights b_g follow from these numbers alone.
2. Given its length n, a list then holds the genes of any set S with conditional odds: its x genes from S and n - x
   others have probability e_x(b_S) e_(n-x)(b_rest) / e_n(b), e_k the k-th elementary symmetric polynomial (the
   conditional Bernoulli law; Chen & Liu 1997). With equal weights this is the hypergeometric law.
3. A set has two laws of Bernoulli sums, of its own genes and of all others; every list length follows from these. The
   first comes from adding and multiplying probabilities alone, so that no digits cancel in a tail of 1e-100.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
STEPS = 2000
TOLERANCE = 1e-10  # relative, of every gene's expected number of lists
FREQUENT = 0.4  # chance above which a gene is added to every set's rest instead of being taken from the whole
AMPLIFIED = 1e4  # most that rounding errors may grow by where genes are taken from the whole
SMALLEST = 1e-200  # of a list length's probability; below, the tails of its law would have too few digits
AT_ONCE = 256  # sets whose rest is put together gene by gene


def listing_weights(sizes: Ints, times_listed: Ints) -> Floats:
    """Weights b [G] of genes that stand in ``times_listed`` [G] of the lists of lengths ``sizes`` [R] (step 1).

    The largest is 1. A gene of every list counts as missing from half a list. Raises ValueError unless both
    add up to the same number.
    """
    if sizes.sum() != times_listed.sum():
        raise ValueError(f"lists hold {sizes.sum()} genes, but genes stand in {times_listed.sum()} lists")
    if not sizes.sum():
        return np.zeros(len(times_listed))
    size, n_size = np.unique(sizes[sizes > 0], return_counts=True)
    times, kind, n_times = np.unique(times_listed, return_inverse=True, return_counts=True)
    wanted = np.minimum(times, n_size.sum() - 0.5)
    length = np.minimum(size, n_times[times > 0].sum() - 0.5)
    a, b = length / length.mean(), wanted / n_size.sum()
    for _ in range(STEPS):
        b = wanted / ((n_size * a) @ (1 / (1 + np.outer(a, b))))
        b /= b.max()  # only a b matters, and one may not grow as the other shrinks
        a = length / ((1 / (1 + np.outer(a, b))) @ (n_times * b))
        listed = (n_size @ (np.outer(a, b) / (1 + np.outer(a, b)))) - wanted
        if np.all(np.abs(listed) <= TOLERANCE * np.maximum(wanted, 1)):
            break
    weights: Floats = b[kind.reshape(-1)]
    return weights


def _scale(weights: Floats, length: float) -> float:
    """The a at which a b / (1 + a b) add up to ``length``, by bisection of its logarithm."""
    low, high = -60.0, 60.0
    for _ in range(200):
        middle = (low + high) / 2
        odds = np.exp(middle) * weights
        low, high = (middle, high) if np.sum(odds / (1 + odds)) < length else (low, middle)
    return float(np.exp(low))


class SetLaws:
    """The laws of step 3 for T sets, binary ``members`` [T, G], in lists of at most ``longest`` genes.

    They are held as those of lists of about ``longest`` genes. A list so short that it would be too unlikely then for a
    number of double precision has laws of its own length.
    """

    def __init__(self, weights: Floats, members: csr_matrix, longest: int) -> None:
        self._weights, self._members = weights, members
        self._long = _Sums(weights, members, longest)
        self._short: dict[int, _Sums] = {}

    def tails(self, length: int) -> Floats:
        """P(X >= x) for x from 0 in a list of ``length`` genes: [1 + the largest x there can be, T]."""
        tails = self._long.tails(length)
        if np.any(tails[0] < SMALLEST):
            if length not in self._short:
                self._short[length] = _Sums(self._weights, self._members, length)
            tails = self._short[length].tails(length)
        given_length: Floats = tails / tails[0]
        return given_length

    def means(self, length: int) -> Floats:
        """The number of genes expected in a list of ``length``: [T]."""
        means: Floats = self.tails(length)[1:].sum(axis=0)
        return means


class _Sums:
    """Bernoulli sums of the genes in each set and of all others, at odds that make ``longest`` their mean."""

    def __init__(self, weights: Floats, members: csr_matrix, longest: int) -> None:
        odds = weights * _scale(weights, min(longest, 0.9 * np.count_nonzero(weights)))
        chances = odds / (1 + odds)
        own = _own_chances(chances, members)
        widest = min(own.shape[0], longest)
        self._inside = _with_genes(_nothing(widest, own.shape[1]), own)
        mass = own.sum(axis=0)
        heavy = longest * np.log1p(mass / np.maximum(chances.sum() - mass, 1e-300)) > np.log(AMPLIFIED)
        self._outside = np.empty((longest + 1, own.shape[1]))
        self._outside[:, ~heavy] = _of_the_rest(chances, members[~heavy], own[:, ~heavy], longest)
        for one in np.array_split(np.flatnonzero(heavy), 1 + heavy.sum() // AT_ONCE):
            rest = chances[:, None] * (members[one].toarray() == 0).T
            self._outside[:, one] = _with_genes(_nothing(longest, one.size), rest)

    def tails(self, length: int) -> Floats:
        """P(X >= x, and ``length`` genes in all) for x from 0: [1 + the largest x there can be, T]."""
        top = min(length, len(self._inside) - 1)
        law = self._inside[: top + 1] * self._outside[length - top : length + 1][::-1]
        tails: Floats = np.cumsum(law[::-1], axis=0)[::-1]
        return tails


def _of_the_rest(chances: Floats, members: csr_matrix, own: Floats, longest: int) -> Floats:
    """Laws of the genes that each set lacks, from that of all: [longest + 1, T].

    Genes up to FREQUENT are taken from the law of all such genes, the few others added to each law they belong to.
    """
    everyday = chances[(chances > 0) & (chances <= FREQUENT)]
    every = _with_genes(_nothing(longest, 1), everyday[:, None])
    rest = _without_genes(every.repeat(own.shape[1], axis=1), np.where(own <= FREQUENT, own, 0.0))
    for gene in np.flatnonzero(chances > FREQUENT):
        missing = members[:, [gene]].toarray().ravel() == 0
        rest[:, missing] = _with_genes(rest[:, missing], np.full((1, missing.sum()), chances[gene]))
    return rest


def _nothing(longest: int, n_sets: int) -> Floats:
    """The law of a sum of no genes: [longest + 1, n_sets]."""
    law = np.zeros((longest + 1, n_sets))
    law[0] = 1.0
    return law


def _own_chances(chances: Floats, members: csr_matrix) -> Floats:
    """Chances of each set's genes, behind them zeros: [largest set, T]."""
    size = np.diff(members.indptr)
    own = np.zeros((int(size.max(initial=0)), len(size)))
    place = np.arange(members.indices.size) - np.repeat(members.indptr[:-1], size)
    own[place, np.repeat(np.arange(len(size)), size)] = chances[members.indices]
    return own


def _with_genes(law: Floats, chances: Floats) -> Floats:
    """``law`` [k, T] of sums to which genes are added, one row of ``chances`` [m, T] after the other."""
    law = law.copy()
    for chance in chances:
        more = np.flatnonzero(chance)
        kept = law[:, more] * (1 - chance[more])
        kept[1:] += law[:-1, more] * chance[more]
        law[:, more] = kept
    return law


def _without_genes(law: Floats, chances: Floats) -> Floats:
    """``law`` [k, T] of sums from which genes are taken, the inverse of ``_with_genes``.

    P[k] = (law[k] - p P[k - 1]) / (1 - p). Taking genes that make up the share s / (1 + s) of what is expected
    multiplies an error by (1 + s)^k at most (binomial coefficients times s^d, summed): heavy sets go another way.
    """
    law = law.copy()
    for chance in chances:
        fewer = np.flatnonzero(chance)
        p, rest = chance[fewer], law[:, fewer]
        rest[0] /= 1 - p
        for k in range(1, len(rest)):
            rest[k] = (rest[k] - p * rest[k - 1]) / (1 - p)
        law[:, fewer] = rest
    return law
