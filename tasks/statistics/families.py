"""Families of tests: which hypotheses were corrected together, how many, and the q of each.

A family is every test that was run, not those that are shown. Tests that were not computed because they cannot reject
(no gene in common: p = 1) belong to it all the same and are counted in ``n_tests``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np
from numpy.typing import NDArray

from tasks.statistics.fdr import benjamini_hochberg

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Family:
    """``hypotheses`` says in words what was tested; ``p`` and ``q`` [N] are those computed, of ``n_tests`` in all."""

    name: str
    hypotheses: str
    p: Floats
    q: Floats
    n_tests: int

    def rejected(self, level: float = 0.05) -> NDArray[np.bool_]:
        """Which of the computed tests have q <= level [N]."""
        return self.q <= level

    def min_rejections(self, smallest_p: float, level: float = 0.05) -> int:
        """How many tests must reach the smallest p that the draws can give before any of them is rejected."""
        return max(1, ceil(self.n_tests * smallest_p / level - 1e-9))

    def __str__(self) -> str:
        implicit = self.n_tests - self.p.size
        return (
            f"{self.name}: {self.hypotheses}; {self.n_tests:,} tests, {implicit:,} of them with p = 1 not written out"
        )


@dataclass(frozen=True)
class Families:
    """Families by name, and the q [N] of every test in its own, in the order of the p that came in."""

    q: Floats
    families: Mapping[str, Family]


def family(name: str, hypotheses: str, p: Floats, n_tests: int | None = None) -> Family:
    """One family after Benjamini & Hochberg. Raises what ``benjamini_hochberg`` raises."""
    values = np.asarray(p, dtype=np.float64)
    total = values.size if n_tests is None else n_tests
    return Family(name, hypotheses, values, benjamini_hochberg(values, total), total)


def in_families(names: Sequence[str], hypotheses: str, p: Floats, n_tests: Mapping[str, int] | None = None) -> Families:
    """Each test of ``p`` [N] in the family that ``names`` [N] gives it; ``n_tests`` by family counts implicit ones.

    A family of ``n_tests`` of which nothing was computed is kept, with no q. Raises ValueError unless every test has
    a name, if ``n_tests`` misses a family, and what ``benjamini_hochberg`` raises.
    """
    values = np.asarray(p, dtype=np.float64).ravel()
    if len(names) != values.size:
        raise ValueError(f"{values.size} tests need as many families, not {len(names)}")
    of_test = np.asarray(names, dtype=object)
    present = sorted(set(names))
    if n_tests is not None and (missing := set(present) - set(n_tests)):
        raise ValueError(f"how many tests has family {', '.join(sorted(missing))}?")
    q = np.empty(values.size)
    found: dict[str, Family] = {}
    for name in present if n_tests is None else sorted(n_tests):
        own = of_test == name
        found[name] = family(name, hypotheses, values[own], None if n_tests is None else n_tests[name])
        q[own] = found[name].q
    return Families(q, found)
