"""Masked training of a stand-in: of genes where the model reads ranks, of values where it reads values.

1. Weights start from a seeded normal draw; AdamW, linear warm-up, then a cosine to zero.
2. A step takes one batch of cells, hides a share of its genes or of their values, and lowers the mean cross-entropy of
   the genes, or the mean squared error of the values, at these positions; predictions are computed nowhere else. The
   norm of the gradient is cut at 1.
3. Every ``checkpoint_steps`` steps the curve gets a point, scored on held-out cells, and the state can be saved:
   weights, moments of the optimiser, curve. Batches and masks depend on seed and step alone, so training that goes
   on from a saved state ends, on the same machine, bit for bit as if it had never stopped.
"""

import math
from collections.abc import Iterable

import torch
from torch import Tensor
from torch.nn import Parameter
from torch.nn.functional import cross_entropy, mse_loss
from torch.nn.utils import clip_grad_norm_
from torch.optim import AdamW

from tasks.cells.reader import TokenizedCells
from tasks.models.adapter import Adapter, run_blocks
from tasks.models.batches import Batch
from tasks.models.masked import masked_gene_score
from tasks.models.mini.batching import TrainingBatch, batch_rows, training_batch
from tasks.models.mini.curve import CurvePoint
from tasks.models.mini.stand_ins import GENEFORMER_MINI, StandIn
from tasks.store import Progress
from tasks.vocabulary.mini_settings import MiniSettings
from tasks.vocabulary.vocabulary import Vocabulary

GRADIENT_NORM = 1.0
BETAS = (0.9, 0.98)


class MiniTraining:
    """Training that can stop at any checkpoint and go on from its file."""

    def __init__(
        self,
        settings: MiniSettings,
        vocabulary: Vocabulary,
        train: TokenizedCells,
        heldout: TokenizedCells,
        device: str,
        stand_in: StandIn = GENEFORMER_MINI,
    ) -> None:
        self.settings = settings
        self.stand_in = stand_in
        self.train = train
        self.heldout = heldout
        self.adapter = stand_in.new_adapter(settings, vocabulary, device)
        self.optimiser = _optimiser(settings, self.adapter.model.parameters())
        self.step = 0
        self.curve: list[CurvePoint] = []

    @property
    def done(self) -> bool:
        """Whether all steps are taken."""
        return self.step >= self.settings.steps

    @property
    def next_stop(self) -> int:
        """The step of the next checkpoint."""
        return min(self.step + self.settings.checkpoint_steps, self.settings.steps)

    def advance(self, bar: Progress) -> None:
        """Train up to the next checkpoint and add its point to the curve."""
        stop = self.next_stop
        rows = batch_rows(self.train.lengths, self.settings.batch_tokens, self.settings.seed, self.step)
        losses = []
        for step in range(self.step, stop):
            seed = [self.settings.seed, 2, step]
            batch = training_batch(self.train, next(rows), self.adapter, self.settings.mask_fraction, seed)
            losses.append(self._descend(batch, learning_rate(self.settings, step)))
            bar.advance(loss=f"{losses[-1]:.3f}")
        self.step = stop
        self.curve.append(self._point(sum(losses) / len(losses)))

    def _descend(self, batch: TrainingBatch, rate: float) -> float:
        for group in self.optimiser.param_groups:
            group["lr"] = rate
        loss = batch_loss(self.adapter, batch)
        self.optimiser.zero_grad()
        torch.autograd.backward(loss)
        clip_grad_norm_(self.adapter.model.parameters(), GRADIENT_NORM)
        self.optimiser.step()
        return loss.item()

    def _point(self, train_loss: float) -> CurvePoint:
        """The state of training after the step just taken; NaN where no cell is held out."""
        rate = learning_rate(self.settings, self.step - 1)
        if self.heldout.n_cells == 0:
            return CurvePoint(self.step, rate, train_loss, math.nan, math.nan)
        score = masked_gene_score(self.adapter, self.heldout, self.settings.seed, self.settings.mask_fraction)
        return CurvePoint(self.step, rate, train_loss, score.loss, math.nan if score.top1 is None else score.top1)


def batch_loss(adapter: Adapter, batch: TrainingBatch) -> Tensor:
    """Mean loss at the wanted positions of a batch: cross-entropy in nat, or squared error in bins squared."""
    shown = Batch(batch.shown, batch.lengths, batch.shown_values)
    hidden = run_blocks(adapter, adapter.embed(shown), 0, adapter.info.n_layers, shown.keys)
    found = adapter.predict(hidden[batch.wanted])
    if batch.values is None:
        return cross_entropy(found, batch.tokens[batch.wanted])
    return mse_loss(found, batch.values[batch.wanted])


def learning_rate(settings: MiniSettings, step: int) -> float:
    """The rate of step ``step``, from 0: up in a line, then down a half cosine."""
    if step < settings.warmup:
        return settings.learning_rate * (step + 1) / settings.warmup
    done = (step - settings.warmup) / (settings.steps - settings.warmup)
    return settings.learning_rate * 0.5 * (1 + math.cos(math.pi * done))


def _optimiser(settings: MiniSettings, parameters: Iterable[Parameter]) -> AdamW:
    every = list(parameters)
    groups = [
        {"params": [p for p in every if p.ndim > 1], "weight_decay": settings.weight_decay},
        {"params": [p for p in every if p.ndim == 1], "weight_decay": 0.0},
    ]
    return AdamW(groups, lr=settings.learning_rate, betas=BETAS, fused=True)
