"""Activations of a known structure: a Gaussian of few dimensions and, beside it, a sparse dictionary."""

from dataclasses import dataclass

import numpy as np

WIDTH, RANK = 96, 50


@dataclass(frozen=True)
class Planted:
    """Activations [N, WIDTH], atoms [F, WIDTH] of unit norm, and which of them lie in the Gaussian's RANK dimensions.

    Atoms inside are oblique: each has its length spread over all dimensions of the span. The others are drawn evenly
    from all directions and know nothing of the span.
    """

    activations: np.ndarray
    atoms: np.ndarray
    inside: np.ndarray


def plant(seed: int, n_rows: int = 4000, n_atoms: int = 200) -> Planted:
    """Half of the atoms inside. Rows fire two atoms each, so weakly that the span leads the covariance."""
    rng = np.random.default_rng(seed)
    basis, _ = np.linalg.qr(rng.standard_normal((WIDTH, WIDTH)))
    span = basis[:, :RANK]
    inside = np.arange(n_atoms) < n_atoms // 2
    oblique = rng.choice([-1.0, 1.0], (n_atoms, RANK)) * rng.uniform(0.8, 1.2, (n_atoms, RANK))
    atoms = np.where(inside[:, None], oblique @ span.T, rng.standard_normal((n_atoms, WIDTH)))
    atoms /= np.linalg.norm(atoms, axis=1, keepdims=True)
    scale = np.linspace(5.0, 3.0, RANK)  # apart, so that the axes are those of the span and no mixture of equals
    rows = (rng.standard_normal((n_rows, RANK)) * scale) @ span.T
    for _ in range(2):
        rows += 1e-4 * rng.exponential(1.0, (n_rows, 1)) * atoms[rng.integers(n_atoms, size=n_rows)]
    return Planted(rows + 100.0, atoms, inside)
