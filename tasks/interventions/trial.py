"""One feature changed in one cell, now: what the model then says, beside random directions of the same size.

1. A share of the cell's genes is hidden, drawn by seed, and the changed copies of the cell predict them: the change of
   the fit of each (``readout``), and the mean divergence of the predictions.
2. In the cell as it is: how far the cell's embedding moves (1 - cosine), and how the mean code of every feature of the
   later layers changes, over the cell's genes.
3. All of it again along ``N_RANDOM`` isotropic directions as long as the feature's own, with its activations. What they
   do is what any change of this size does. One cell tells no significance: steps ``intervene`` and ``patching`` do.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import cosine_similarity

from tasks.causal.displacement import Displacement
from tasks.causal.tiles import TiledEncoder
from tasks.interventions.change import Change, activity
from tasks.interventions.copies import Copies
from tasks.interventions.hidden import HiddenGenes, draw_rounds, hide
from tasks.interventions.readout import divergence, embedding, fit, mean_codes, predict
from tasks.models import Adapter
from tasks.models.batches import Batch
from tasks.store import RequestError

N_RANDOM = 5
HIDDEN_SHARE = 0.15
N_FEATURES = 20  # of all later layers, those that change most
DIRECTIONS, HIDDEN = 1, 2  # streams of the seed


@dataclass(frozen=True)
class Gene:
    """A hidden gene: its ``fit`` in the undisturbed cell, the change of it, and the largest change at random."""

    token: int
    fit: float
    change: float
    random: float


@dataclass(frozen=True)
class Response:
    """A feature of a later layer: change of its mean code, and the largest change of it at random."""

    layer: int
    feature: int
    change: float
    random: float


@dataclass(frozen=True)
class Measured:
    """A number of the whole cell, and the numbers of the random directions."""

    readout: str
    value: float
    random: list[float]


@dataclass(frozen=True)
class Trial:
    """What a change does in one cell; ``n_active`` positions of ``n_genes`` have the feature, ``peak`` at most."""

    n_genes: int
    n_active: int
    peak: float
    cell: list[Measured]
    genes: list[Gene]
    features: list[Response]


def try_change(adapter: Adapter, encoders: Mapping[int, TiledEncoder], cell: Batch, change: Change, seed: int) -> Trial:
    """Change one feature in a batch of one cell; ``encoders`` read the layer of the change and later ones.

    Raises RequestError if the feature is nowhere active in the cell, or the change does nothing.
    """
    genes = adapter.is_gene(cell.tokens[0]).nonzero().flatten()
    copies = Copies.of(adapter, change.layer, encoders[change.layer], cell, genes)
    positions, activations = activity(copies.sites, change.feature)
    rows = directions(encoders[change.layer].sae.W_dec[change.feature].detach().cpu(), seed)
    moved = _displaced(change, copies, rows)
    if not len(moved[0].positions):
        raise RequestError("the feature is nowhere active in this cell: choose another cell")
    if not any(bool(one.values.any()) for one in moved):
        raise RequestError("this multiplies the feature by 1, which changes nothing: 0 takes it out, 2 doubles it")
    measured = [_moved_embedding(adapter, copies, moved)]
    found_genes: list[Gene] = []
    if adapter.predicts != "nothing":
        at = draw_rounds(genes, HIDDEN_SHARE, 1, [seed, HIDDEN])[0]
        hidden = hide(adapter, cell, at)
        found_genes, more = _predictions(adapter, encoders[change.layer], hidden, change, rows)
        measured += more
    return Trial(
        len(genes),
        len(positions),
        float(activations.max()),
        measured,
        found_genes,
        _responses({layer: one for layer, one in encoders.items() if layer > change.layer}, copies, moved),
    )


def directions(own: Tensor, seed: int) -> list[Tensor]:
    """The feature's direction [d], and isotropic ones of the same length."""
    drawn = torch.from_numpy(np.random.default_rng([seed, DIRECTIONS]).standard_normal((N_RANDOM, len(own))))
    return [own, *(own.norm() * row / row.norm() for row in drawn.to(own))]


def _displaced(change: Change, copies: Copies, rows: list[Tensor]) -> list[Displacement]:
    return [change.displacement(copies.sites, copies.genes, row) for row in rows]


def _moved_embedding(adapter: Adapter, copies: Copies, moved: list[Displacement]) -> Measured:
    clean = embedding(adapter, copies.final, copies.cell).double()
    found = [embedding(adapter, final, copies.cell).double() for final in copies.finals(moved)]
    value, *random = (float(1 - cosine_similarity(clean, one, dim=0)) for one in found)
    return Measured("embedding", value, random)


def _predictions(
    adapter: Adapter, encoder: TiledEncoder, hidden: HiddenGenes, change: Change, rows: list[Tensor]
) -> tuple[list[Gene], list[Measured]]:
    """Hidden genes, those that change most first, and the means over them."""
    copies = Copies.of(adapter, change.layer, encoder, hidden.shown, hidden.genes)
    before = predict(adapter, copies.final, hidden.shown, hidden.asked)
    moved = copies.finals(_displaced(change, copies, rows))
    after = [predict(adapter, final, hidden.shown, hidden.asked) for final in moved]
    clean = fit(before, hidden.truth).double().cpu()
    changes = torch.stack([fit(one, hidden.truth).double().cpu() - clean for one in after])
    largest = changes[1:].abs().max(0).values
    columns = zip(hidden.tokens.tolist(), clean.tolist(), changes[0].tolist(), largest.tolist(), strict=True)
    genes = sorted((Gene(*row) for row in columns), key=lambda gene: -abs(gene.change))
    value, *random = changes.mean(1).tolist()
    measured = [Measured("fit", value, random)]
    apart = [divergence(before, one) for one in after]
    if apart[0] is not None:
        value, *random = (float(one.double().mean()) for one in apart if one is not None)
        measured.append(Measured("divergence", value, random))
    return genes, measured


def _responses(encoders: Mapping[int, TiledEncoder], copies: Copies, moved: list[Displacement]) -> list[Response]:
    """The later features that change most."""
    if not encoders:
        return []
    nothing = Displacement(moved[0].positions[:0], moved[0].values[:0])
    means: dict[int, list[Tensor]] = {layer: [] for layer in encoders}
    for states in copies.states([nothing, *moved], set(encoders)):
        for layer, encoder in encoders.items():
            means[layer].append(mean_codes(encoder, states[layer][copies.genes]))
    found = []
    for layer, (clean, *changed) in means.items():
        changes = torch.stack(changed) - clean
        largest = changes[1:].abs().max(0).values
        best = torch.argsort(-changes[0].abs(), stable=True)[:N_FEATURES].tolist()
        found += [
            Response(layer, one, float(changes[0, one]), float(largest[one])) for one in best if changes[0, one] != 0
        ]
    return sorted(found, key=lambda one: -abs(one.change))[:N_FEATURES]
