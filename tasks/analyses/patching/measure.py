"""What changed copies of one cell say of its hidden genes.

1. A share of the cell's genes is hidden (``interventions.hidden``), once a round, other genes each time.
2. The shown cell runs up to the layer once. Each feature that is active in it, at shown or hidden positions, makes
   changed copies (``treatments``), which go on side by side; the head runs at hidden positions alone.
3. D_g = fit of the changed copy - fit of the undisturbed one at hidden gene g: log p(g), or minus the squared error of
   its value. Below 0, the model lost what it knew of g.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from tasks.analyses.patching.step import PatchingSettings
from tasks.analyses.patching.treatments import Treatments
from tasks.causal.tiles import TiledEncoder
from tasks.interventions.change import activity
from tasks.interventions.copies import Copies
from tasks.interventions.hidden import HiddenGenes, draw_rounds, hide
from tasks.interventions.readout import divergence, fit, predict
from tasks.models import Adapter
from tasks.models.batches import Batch

HIDDEN = 5  # stream of the seed: which genes are hidden


@dataclass(frozen=True)
class Changed:
    """One copy in one round: change ``d`` [n] at the hidden positions, and the mean divergence there, if defined."""

    treatment: str
    feature: int
    d: Tensor
    kl: float | None


@dataclass(frozen=True)
class Round:
    """One shown cell: ``tokens`` int64 [n] of its hidden genes, their ``rank`` [n] in the cell, and all copies.

    ``dose``: the sum of each active feature's activations; ``acts``: whether it is active at a hidden position, [n].
    """

    tokens: Tensor
    rank: Tensor
    copies: list[Changed]
    dose: dict[int, float]
    acts: dict[int, Tensor]


@dataclass(frozen=True)
class Measurement:
    """Model, encoder and treatments with which cells are measured."""

    settings: PatchingSettings
    adapter: Adapter
    encoder: TiledEncoder
    treatments: Treatments

    def rounds(self, cell_id: int, cell: Batch, *, controls: bool) -> Iterator[Round]:
        """Steps 1 to 3 for a batch of one cell."""
        genes = self.adapter.is_gene(cell.tokens[0]).nonzero().flatten()
        seed = [self.settings.seed, HIDDEN, cell_id]
        for at in draw_rounds(genes, self.settings.hidden_share, self.settings.rounds, seed):
            yield self._round(cell, hide(self.adapter, cell, at), controls)

    def _round(self, cell: Batch, hidden: HiddenGenes, controls: bool) -> Round:
        settings, sae = self.settings, self.encoder.sae
        copies = Copies.of(self.adapter, sae.layer, self.encoder, hidden.shown, hidden.genes, settings.batch_tokens)
        before = predict(self.adapter, copies.final, hidden.shown, hidden.asked)
        clean = fit(before, hidden.truth)
        active = self.treatments.active(copies)
        wanted = list(self.treatments.of_cell(copies, self.encoder, active, controls))
        found = []
        for one, final in zip(wanted, copies.finals([each.displacement for each in wanted]), strict=True):
            after = predict(self.adapter, final, hidden.shown, hidden.asked)
            apart = divergence(before, after)
            change = (fit(after, hidden.truth) - clean).double().cpu()
            found.append(Changed(one.treatment, one.feature, change, None if apart is None else float(apart.mean())))
        sites = {feature: activity(copies.sites, feature) for feature in active}
        read = hidden.read.cpu()
        genes = self.adapter.is_gene(cell.tokens[0]).nonzero().flatten()
        return Round(
            hidden.tokens.cpu(),
            ranks(cell, genes)[hidden.at.cpu()],
            found,
            {feature: float(values.double().sum()) for feature, (_, values) in sites.items()},
            {feature: torch.isin(read, positions) for feature, (positions, _) in sites.items()},
        )


def ranks(cell: Batch, genes: Tensor) -> Tensor:
    """Rank of every position among the cell's genes, from 0 for the most expressed to 1: float64 [S], on the CPU.

    The order of tokens where a model reads ranks, that of values where it reads values; 0 at special tokens.
    """
    found, at = torch.zeros(cell.width, dtype=torch.float64), genes.cpu()
    order = torch.arange(len(at))
    if cell.values is not None:
        order = torch.argsort(cell.values[0].cpu()[at], descending=True, stable=True)
    found[at[order]] = torch.linspace(0, 1, len(at), dtype=torch.float64)
    return found
