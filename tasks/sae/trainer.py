"""Train an autoencoder on one layer.

1. Inputs are multiplied by the scale that makes E||x||^2 = d, so that one learning rate serves every layer.
2. Batches come from seeded permutations of the training rows, one a pass.
3. A step: gradients; the component along each feature direction removed; all clipped together, to the norm that
   ``clip`` would be for a loss not divided by d, as published: nearly always, or the large gradients of the first
   steps would keep Adam's later ones small; Adam under a learning rate with warm-up and decay; every feature
   direction set back to unit norm.
4. Every ``log_every`` steps a point of the curve is taken on the batch and on a fixed sample of held-out rows.
5. A variant that has a threshold to find finds it on a fixed sample of training rows.
6. The scale is folded into the weights: the result reads raw activations.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import normalize
from torch.nn.utils import clip_grad_norm_
from torch.optim import Adam

from tasks.sae.curve import Curve
from tasks.sae.metrics import fraction_unexplained
from tasks.sae.positions import Positions
from tasks.sae.sae import Sae
from tasks.sae.settings import SaeSettings
from tasks.sae.variants import Gradients, Variant, start
from tasks.store.progress import track

CURVE_ROWS = 8192  # held-out rows behind a point of the curve; the final figures use all of them
THRESHOLD_ROWS = 8192  # training rows on which a threshold is found


@dataclass(frozen=True)
class Trained:
    """An autoencoder of raw activations, its training curve, and the input scale that was folded in."""

    sae: Sae
    curve: Curve
    input_scale: float


def train(untrained: Sae, positions: Positions, settings: SaeSettings) -> Trained:
    """Train from the weights of ``untrained``, which is made for raw activations and is left as it is."""
    scale = positions.input_scale()
    variant = start(untrained.for_scaled_inputs(1 / scale).parameters, settings)
    optimiser = Adam(list(variant.weights.values()), lr=settings.lr, betas=variant.betas, fused=True)
    silent = torch.zeros(untrained.n_features, dtype=torch.long, device=untrained.W_dec.device)
    curve = Curve()
    every = batches(positions.train, settings)
    for step, rows in enumerate(track(every, f"sae of layer {untrained.layer}", settings.steps, "step"), start=1):
        x = positions.rows(rows) * scale
        dead = (silent >= settings.dead_after).nonzero().squeeze(1)
        found = variant.gradients(x, step, dead)
        update(variant, found.by_weight, optimiser, settings.lr * rate_factor(step, settings))
        silent = (silent + len(x)).masked_fill_(found.codes.fire_counts(untrained.n_features) > 0, 0)
        if step % settings.log_every == 0 or step == settings.steps:
            rate = optimiser.param_groups[0]["lr"]
            curve.add(step, "train", learning_rate=rate, **figures(found, x, silent >= settings.dead_after))
            curve.add(step, "heldout", **heldout_figures(fitted(untrained, variant, x), positions, scale))
    x = positions.rows(spread(positions.train, THRESHOLD_ROWS)) * scale
    return Trained(fitted(untrained, variant, x).for_scaled_inputs(scale), curve, scale)


def fitted(untrained: Sae, variant: Variant, x: Tensor) -> Sae:
    """The autoencoder that ``variant`` is now, under the name of ``untrained``; ``x`` [n, d] are training inputs."""
    found = variant.fitted(x)
    return untrained.with_tensors(found.weights, found.k)


def spread(rows: Tensor, n: int) -> Tensor:
    """At most ``n`` of the row numbers, evenly spaced."""
    return rows[:: -(-len(rows) // n)]


def batches(rows: Tensor, settings: SaeSettings) -> Iterator[Tensor]:
    """Row numbers int64 [batch] of every step: seeded permutations one after the other, cut into batches."""
    generator = torch.Generator().manual_seed(settings.seed)
    left = rows[:0]
    for _ in range(settings.steps):
        while len(left) < settings.batch:
            left = torch.cat([left, rows[torch.randperm(len(rows), generator=generator).to(rows.device)]])
        yield left[: settings.batch]
        left = left[settings.batch :]


def rate_factor(step: int, settings: SaeSettings) -> float:
    """Share of the highest learning rate at step 1, 2, …: rises for ``warmup`` steps, falls over the last ``decay``."""
    rise = step / settings.warmup if settings.warmup else 1.0
    fall = (settings.steps - step + 1) / settings.decay if settings.decay else 1.0
    return min(rise, fall, 1.0)


def update(variant: Variant, gradients: dict[str, Tensor], optimiser: Adam, rate: float) -> None:
    """One step of Adam with every row of W_dec kept at unit norm: weights change in place."""
    directions = variant.weights["W_dec"]
    along = (gradients["W_dec"] * directions).sum(1, keepdim=True)
    gradients["W_dec"].addcmul_(along, directions, value=-1)
    for name, weight in variant.weights.items():
        weight.grad = gradients[name]
    clip_grad_norm_(variant.weights.values(), variant.settings.clip / directions.shape[1])
    optimiser.param_groups[0]["lr"] = rate
    optimiser.step()
    directions.copy_(normalize(directions, dim=1))


def figures(found: Gradients, x: Tensor, dead: Tensor) -> dict[str, float]:
    """Loss, fvu, l0 and dead_fraction of one batch x [n, d]; ``dead`` is a mask over features."""
    return {
        "loss": float(found.loss),
        "fvu": fraction_unexplained(found.error, x),
        "l0": float(found.codes.n_active.float().mean()),
        "dead_fraction": float(dead.float().mean()),
    }


def heldout_figures(sae: Sae, positions: Positions, scale: float) -> dict[str, float]:
    """The same on evenly spaced held-out rows; dead are the features that fire on none of them."""
    x = positions.rows(spread(positions.heldout, CURVE_ROWS)) * scale
    codes = sae.encode(x)
    error = sae.decode(codes) - x
    found = Gradients(error.square().mean(), codes, error, {})
    return figures(found, x, codes.fire_counts(sae.n_features) == 0)
