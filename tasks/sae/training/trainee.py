"""One autoencoder in training: its weights, optimiser and curve.

A step: gradients; the component along each feature direction removed; all clipped together, to the norm that ``clip``
would be for a loss not divided by d, as published: nearly always, or the large gradients of the first steps would keep
Adam's later ones small; Adam under a learning rate with warm-up and decay; every direction set back to unit norm. Where
directions are free (``april``), nothing is removed and nothing set back. Where the study asks for it, silent features
are drawn anew after some steps (``resampling``).
"""

import torch
from torch import Tensor
from torch.nn.functional import normalize
from torch.nn.utils import clip_grad_norm_
from torch.optim import Adam

from tasks.sae.metrics import fraction_unexplained
from tasks.sae.sae import Sae
from tasks.sae.seeds import Drawn, layer_generator
from tasks.sae.settings import SaeSettings
from tasks.sae.training.curve import Curve
from tasks.sae.training.resampling import forget, resample
from tasks.sae.training.schedule import Patience, rate_factor, resampling_due
from tasks.sae.variants import Gradients, Variant, start


class Trainee:
    """An autoencoder of inputs scaled by ``scale``, which starts from ``untrained`` and leaves that as it is."""

    def __init__(self, untrained: Sae, settings: SaeSettings, scale: float) -> None:
        self.untrained = untrained
        self.settings = settings
        self.variant = start(untrained.for_scaled_inputs(1 / scale).parameters, settings)
        self.optimiser = Adam(list(self.variant.weights.values()), lr=settings.lr, betas=self.variant.betas, fused=True)
        self.silent = torch.zeros(untrained.n_features, dtype=torch.long, device=untrained.W_dec.device)
        self.curve = Curve()
        self.patience = Patience()
        self.end = settings.steps

    def learn(self, x: Tensor, step: int, heldout: Tensor) -> None:
        """Take ``step`` on the batch x [n, d]; where the curve is due a point, it is judged on ``heldout`` too."""
        dead = (self.silent >= self.settings.dead_after).nonzero().squeeze(1)
        found = self.variant.gradients(x, step, dead)
        rate = self.settings.lr * rate_factor(step, self.settings, self.end)
        update(self.variant, found.by_weight, self.optimiser, rate)
        self.silent = (self.silent + len(x)).masked_fill_(found.fires > 0, 0)
        if resampling_due(step, self.end, self.settings.resample):
            self._resample(x, found.error, step)
        if step % self.settings.log_every == 0 or step == self.end:
            silent = self.silent >= self.settings.dead_after
            self.curve.add(step, "train", learning_rate=rate, **figures(found, x, silent))
            judged = heldout_figures(self.fitted(x), heldout)
            self.curve.add(step, "heldout", **judged)
            self._consider_the_end(step, judged)

    def fitted(self, x: Tensor) -> Sae:
        """The autoencoder of scaled inputs that it is now; ``x`` [n, d] are training inputs, for a threshold."""
        found = self.variant.fitted(x)
        return self.untrained.with_tensors(found.weights, found.k)

    def _resample(self, x: Tensor, error: Tensor, step: int) -> None:
        """Draw the features anew that have been silent for half the steps between two resamplings."""
        assert self.settings.resample is not None
        silent = self.silent >= max(self.settings.resample // 2, 1) * len(x)
        generator = layer_generator(self.settings.seed, self.untrained.layer, Drawn.RESAMPLED, step)
        drawn = resample(self.variant.weights, x, error, silent, generator)
        forget(self.optimiser, self.variant.weights, drawn)
        self.silent[drawn] = 0

    def _consider_the_end(self, step: int, judged: dict[str, float]) -> None:
        patience = self.settings.patience
        if patience is None or step < self.variant.settled or self.end < self.settings.steps:
            return
        if self.patience.spent(judged, patience):
            self.end = min(step + max(self.settings.decay, 1), self.settings.steps)


def update(variant: Variant, gradients: dict[str, Tensor], optimiser: Adam, rate: float) -> None:
    """One step of Adam, with every row of W_dec kept at unit norm if the variant's are: weights change in place."""
    directions = variant.weights["W_dec"]
    if variant.unit_norm:
        along = (gradients["W_dec"] * directions).sum(1, keepdim=True)
        gradients["W_dec"].addcmul_(along, directions, value=-1)
    for name, weight in variant.weights.items():
        weight.grad = gradients[name]
    clip_grad_norm_(variant.weights.values(), variant.settings.clip / directions.shape[1])
    optimiser.param_groups[0]["lr"] = rate
    optimiser.step()
    if variant.unit_norm:
        directions.copy_(normalize(directions, dim=1))


def figures(found: Gradients, x: Tensor, dead: Tensor) -> dict[str, float]:
    """Loss, fvu, l0 and dead_fraction of one batch x [n, d]; ``dead`` is a mask over features."""
    return {
        "loss": float(found.loss),
        "fvu": fraction_unexplained(found.error, x),
        "l0": int(found.fires.sum()) / len(x),
        "dead_fraction": float(dead.float().mean()),
    }


def heldout_figures(sae: Sae, x: Tensor) -> dict[str, float]:
    """The same on held-out rows x [n, d]; dead are the features that fire on none of them."""
    codes = sae.encode(x)
    error = sae.decode(codes) - x
    found = Gradients(error.square().mean(), codes.fire_counts(sae.n_features), error, {})
    return figures(found, x, found.fires == 0)
