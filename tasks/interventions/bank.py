"""Read-outs of a cell's state, learnt from cells that do nothing else, and as many more from exchanged labels.

Two kinds of cells are told apart, late and early ones of a trajectory, or those of a label and all others.

With z a cell's profile, e its embedding, g_late and g_early the mean profiles of late and early cells, m that of all:

    signature           cos(z, g_late) - cos(z, g_early), as published; of predictions that differ little from cell to
                        cell, both are nearly 1
    signature_centred   the same of z - m, g_late - m and g_early - m
    marker              mean of z over late markers less mean over early ones
    probability         of being late, by a logistic probe of e
    pseudotime          by a ridge probe of e

A changed cell's value is its level less that of the undisturbed cell. Of logits, marker is a difference of mean
log-probabilities as well: what turns one into the other is the same for all genes of a position. Read-out 0 is the true
one; the others learn from labels that were exchanged between cells (of one donor), and their markers are random genes,
or those that tell the exchanged labels apart. A feature that pushes cells anywhere at all moves every one of them.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from tasks.interventions.kinds import BY_EMBEDDING
from tasks.interventions.probes import Components, Linear, logistic, ridge
from tasks.interventions.states import States
from tasks.statistics.within import exchanged

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]
NOTHING = 1e-10  # norm of a profile whose cosine is 0


@dataclass(frozen=True)
class Times:
    """R labellings of n cells, the true one first: ``time``, ``early`` and ``late``, each [R, n]."""

    time: Floats
    early: Mask
    late: Mask

    @classmethod
    def shuffled(cls, time: Floats, early: Mask, late: Mask, donor: Ints, n_shuffles: int, seed: list[int]) -> "Times":
        """The labels [n] as they are, and exchanged between the cells of each ``donor`` [n]."""
        places = np.arange(len(time))
        order = np.vstack([places, exchanged(places, donor, n_shuffles, np.random.default_rng(seed))])
        return cls(time[order], early[order], late[order])

    def rows(self, cells: Ints | Mask, n: int) -> "Times":
        """The first ``n`` labellings of some cells."""
        return Times(self.time[:n, cells], self.early[:n, cells], self.late[:n, cells])


@dataclass(frozen=True)
class Signature:
    """Mean profiles [R, V] of late and early cells, less ``centre`` [V], which is 0 for the published one."""

    late: Floats
    early: Floats
    centre: Floats

    def levels(self, profiles: Floats, known: Mask) -> Floats:
        """Of profiles [c, V] of one cell, of which ``known`` [V] are: [c, R]."""
        z = np.where(known, profiles - self.centre, 0.0)
        return _cosines(z, self.late, known) - _cosines(z, self.early, known)


@dataclass(frozen=True)
class Markers:
    """Late and early markers, each [R, V] bool; R - 1 random lists of as many genes."""

    late: Mask
    early: Mask

    def levels(self, profiles: Floats, known: Mask) -> Floats:
        """Of profiles [c, V] of one cell: [c, R]. A list of which the cell knows no gene counts as 0."""
        late, early = (profiles @ own.T / np.maximum((own & known).sum(1), 1) for own in (self.late, self.early))
        return np.asarray(late - early)

    def first(self, n: int) -> "Markers":
        """The first ``n`` lists of both."""
        return Markers(self.late[:n], self.early[:n])

    @classmethod
    def drawn(cls, late: Ints, early: Ints, genes: Ints, size: int, n: int, seed: list[int]) -> "Markers":
        """Tokens ``late`` and ``early``, and ``n`` random lists among ``genes``, of a vocabulary of ``size``."""
        rng = np.random.default_rng(seed)
        marked = np.zeros((2, n + 1, size), dtype=bool)
        for draw in range(n + 1):
            own = rng.permutation(genes)[: len(late) + len(early)] if draw else np.concatenate([late, early])
            marked[0, draw, own[: len(late)]] = marked[1, draw, own[len(late) :]] = True
        return cls(*marked)

    @classmethod
    def telling(cls, present: Mask, late: Mask, early: Mask, genes: Ints, n: int) -> "Markers":
        """Of each labelling [R, n_cells], the ``n`` genes that most more late than early cells have, and fewest more.

        ``present`` [n_cells, V]: which tokens a cell has; only ``genes`` count, ties by their order.
        """
        share = [(own.astype(np.float64) @ present[:, genes]) / own.sum(1, keepdims=True) for own in (late, early)]
        order = np.argsort(share[1] - share[0], axis=1, kind="stable")
        marked = np.zeros((2, len(late), present.shape[1]), dtype=bool)
        rows = np.arange(len(late))[:, None]
        marked[0, rows, genes[order[:, :n]]] = marked[1, rows, genes[order[:, -n:]]] = True
        return cls(*marked)


@dataclass(frozen=True)
class Bank:
    """R read-outs of each kind that was asked for, by name."""

    signatures: dict[str, Signature]
    markers: Markers | None
    probability: Linear | None
    pseudotime: Linear | None

    def levels(self, states: States) -> dict[str, Floats]:
        """Of states of copies of one cell: [c, R] by read-out."""
        known = states.known[0]
        found = {name: one.levels(states.profiles, known) for name, one in self.signatures.items()}
        if self.markers is not None:
            found["marker"] = self.markers.levels(states.profiles, known)
        if self.probability is not None:
            found["probability"] = np.asarray(expit(self.probability(states.embeddings)))
        if self.pseudotime is not None:
            found["pseudotime"] = self.pseudotime(states.embeddings)
        return found


def fit_bank(states: States, times: Times, readouts: tuple[str, ...], markers: Markers | None, n_axes: int) -> Bank:
    """Read-outs by name from the states of n cells. Raises ValueError if their embeddings are all alike."""
    centres = {
        "signature": np.zeros(states.profiles.shape[1]),
        "signature_centred": _means(states, times.time[:1] > -np.inf)[0],
    }
    signatures = {
        name: Signature(_means(states, times.late) - centre, _means(states, times.early) - centre, centre)
        for name, centre in centres.items()
        if name in readouts
    }
    probes: dict[str, Linear] = {}
    if set(readouts) & set(BY_EMBEDDING):
        x = Components.of(states.embeddings, n_axes)
        probes = {"probability": logistic(x, times.late, times.early), "pseudotime": ridge(x, times.time)}
    chosen = {name: probe for name, probe in probes.items() if name in readouts}
    return Bank(signatures, markers, chosen.get("probability"), chosen.get("pseudotime"))


def _means(states: States, cells: Mask) -> Floats:
    """Mean profiles [R, V] over cells [R, n], each token over those that know it."""
    weight = cells.astype(np.float64)
    return np.asarray(weight @ states.profiles / np.maximum(weight @ states.known, 1))


def _norms(ends: Floats, known: Mask) -> Floats:
    return np.asarray(np.sqrt(np.einsum("rv,rv,v->r", ends, ends, known.astype(np.float64))))


def _cosines(z: Floats, ends: Floats, known: Mask) -> Floats:
    """Of profiles [c, V] with mean profiles [R, V] over what is known: [c, R]."""
    of_z, of_ends = np.linalg.norm(z, axis=1)[:, None], _norms(ends, known)
    sizes, small = of_z * of_ends, (of_z < NOTHING) | (of_ends < NOTHING)
    return np.where(small, 0.0, z @ ends.T / np.where(small, 1.0, sizes))
