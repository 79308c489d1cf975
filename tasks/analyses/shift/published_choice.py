"""Which features are changed first, as it was published; kept for comparison.

    published_ami       largest AMI with a batch against all others, of cells where the feature anywhere exceeds a share
                        t of its largest activation, t the best of 0, 0.2, 0.4, 0.6, 0.8
    published_random    drawn from all features without replacement, dead ones among them

AMI is taken on the cells that are embedded, with the labels by which the result is then judged. It asks for no cell
type: a feature of a type that one batch has more of comes first as well. Of features without any AMI, those of lower
number come first. Cells without a batch take no part.
"""

import numpy as np
from scipy.sparse import csr_matrix

from tasks.analyses.labels.published_scores import BestOfFive
from tasks.analyses.shift.ranking import Choice
from tasks.analyses.shift.roles import Roles
from tasks.analyses.shift.step import Selector, ShiftSettings
from tasks.codes.axes import Axes
from tasks.codes.of_cells import summarise_by_cell
from tasks.codes.reader import CodesReader
from tasks.store import RequestError

PUBLISHED: tuple[Selector, ...] = ("published_ami", "published_random")
RANDOM = 3  # stream of the seed


def published_choice(
    selector: Selector, settings: ShiftSettings, codes: CodesReader, axes: Axes, roles: Roles
) -> Choice:
    """At most as many features as are ever changed. Raises RequestError where the embedded cells are of one batch."""
    most = min(max(settings.n_features), codes.n_features)
    if selector == "published_random":
        drawn = np.random.default_rng([settings.seed, RANDOM]).permutation(codes.n_features)[:most]
        return Choice(selector, drawn.tolist(), [None] * most)
    own = roles.embedded & np.array([one is not None for one in roles.batch])
    maximum = np.zeros((len(roles.cell_id), codes.n_features))
    rows = np.searchsorted(roles.cell_id, axes.cell_id)
    maximum[rows] = summarise_by_cell(codes, axes, range(codes.n_features), "max")
    score = ami_scores(maximum[own], roles.batch[own].astype(str))
    order = np.argsort(-score, kind="stable")[:most]
    return Choice(selector, order.tolist(), score[order].tolist())


def ami_scores(maximum: np.ndarray, batch: np.ndarray) -> np.ndarray:
    """Of largest activations [n, F] in cells of ``batch`` [n]: the best AMI over batches and thresholds, [F].

    Raises RequestError where all cells are of one batch.
    """
    names, code = np.unique(batch, return_inverse=True)
    if len(names) < 2:
        raise RequestError(
            f"shift.selectors: published_ami tells batches apart, and all embedded cells are of {names[0]}: choose "
            f"others, or leave it out"
        )
    found, _ = BestOfFive(csr_matrix(maximum), len(names)).score("ami", code.astype(np.int64), np.arange(len(names)))
    best: np.ndarray = np.nan_to_num(found).max(axis=1)  # a call of no cell, or of all, says nothing
    return best
