"""How far two halves agree, in sums that blocks of sources add up to: see ``halves``, steps 3 and 4."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from tasks.analyses.effect_sizes.halves import Half, Targets

Floats = NDArray[np.float64]
Key = tuple[str, int]  # a rule and a target layer
N_SUMS = 10


@dataclass
class Compared:
    """Sums over sources by rule and target layer: of a source's own halves, and of halves of two sources."""

    own: dict[Key, Floats] = field(default_factory=dict)
    chance: dict[Key, Floats] = field(default_factory=dict)
    n_sources: int = 0

    def add(self, first: Half, second: Half, targets: Targets) -> None:
        """Count the sources of a block, two of them at least where chance is to be known."""
        self.n_sources += len(first.g)
        sides = [(self.own, second)] + ([(self.chance, second.turned())] if len(first.g) > 1 else [])
        for sums, other in sides:
            for name, edges in first.edges.items():
                for layer, span in targets.spans.items():
                    found = _sums(edges[:, span], other.edges[name][:, span], first.g[:, span], other.g[:, span])
                    sums[name, layer] = sums.get((name, layer), np.zeros(N_SUMS)) + found

    def row(self, name: str, layer: int) -> dict[str, float | int | None]:
        """Columns of table ``split_half`` behind target_layer."""
        own = self.own.get((name, layer), np.zeros(N_SUMS))
        chance = self.chance.get((name, layer), np.zeros(N_SUMS))
        return {
            "n_sources": self.n_sources,
            "n_first": int(own[0]),
            "n_second": int(own[1]),
            "n_both": int(own[2]),
            "jaccard": _ratio(own[2], own[4]),
            "jaccard_chance": _ratio(chance[2], chance[4]),
            "sign_agreement": _ratio(own[3], own[2]),
            "sign_chance": _ratio(chance[3], chance[2]),
            "r": pearson(own),
            "r_chance": pearson(chance),
        }


def _sums(first: NDArray[np.bool_], second: NDArray[np.bool_], x: Floats, y: Floats) -> Floats:
    """Edges of either half, of both, those of these with one sign, of any; then n-free sums of x and y over these."""
    both, either = first & second, first | second
    own, other = x[either], y[either]
    agree = np.count_nonzero(np.sign(x[both]) == np.sign(y[both]))
    return np.array(
        [
            np.count_nonzero(first), np.count_nonzero(second), np.count_nonzero(both), agree, own.size,
            own.sum(), other.sum(), own @ own, other @ other, own @ other,
        ]
    )  # fmt: skip


def _ratio(part: float, whole: float) -> float | None:
    return float(part / whole) if whole else None


def pearson(sums: Floats) -> float | None:
    """r from the last six of the sums of ``Compared``: n, x, y, xx, yy, xy; None where one of the two is constant."""
    n, x, y, xx, yy, xy = sums[4:]
    if n < 2:
        return None
    spread = (xx - x * x / n) * (yy - y * y / n)
    return float(np.clip((xy - x * y / n) / np.sqrt(spread), -1, 1)) if spread > 1e-12 * xx * yy else None
