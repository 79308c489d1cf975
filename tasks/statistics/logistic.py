"""Logistic regression by Newton's method, and Wald's test of one coefficient."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, ndtr

Floats = NDArray[np.float64]
STEPS, TOLERANCE = 50, 1e-10
WIDEST = 30.0  # log odds at which an outcome is as good as certain: the columns separate it


@dataclass(frozen=True)
class Logistic:
    """Coefficients of a constant and of all columns [1 + K], and their standard errors; two-sided p of Wald's test."""

    coefficients: Floats
    errors: Floats

    def p(self, column: int) -> float:
        """Of one column, from 0."""
        return float(2 * ndtr(-abs(self.coefficients[1 + column] / self.errors[1 + column])))


def logistic(outcome: NDArray[np.bool_], columns: Floats) -> Logistic | None:
    """Of ``outcome`` [n] on ``columns`` [n, K]; None where they separate it, or depend on one another."""
    design = np.column_stack([np.ones(len(outcome)), columns])
    if np.linalg.matrix_rank(design) < design.shape[1]:
        return None
    coefficients = np.zeros(design.shape[1])
    for _ in range(STEPS):
        chance = expit(design @ coefficients)
        information = (design * (chance * (1 - chance))[:, None]).T @ design
        if np.linalg.cond(information) > 1 / TOLERANCE:
            return None
        step = np.linalg.solve(information, design.T @ (outcome - chance))
        coefficients = coefficients + step
        if np.abs(design @ coefficients).max() > WIDEST:
            return None
        if np.abs(step).max() < TOLERANCE:
            return Logistic(coefficients, np.sqrt(np.diag(np.linalg.inv(information))))
    return None
