"""When a training step learns how fast, from which rows, and when there is nothing more to learn."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field

import torch
from torch import Tensor

from tasks.sae.seeds import Drawn, layer_generator
from tasks.sae.settings import SaeSettings

GAIN = 1e-3  # relative; a point of the curve that is no better by this much has gained nothing


def batches(rows: Tensor, settings: SaeSettings, layer: int) -> Iterator[Tensor]:
    """Row numbers int64 [batch] of every step: seeded permutations one after the other, cut into batches.

    Other layers have other permutations.
    """
    generator = layer_generator(settings.seed, layer, Drawn.BATCHES)
    left = rows[:0]
    for _ in range(settings.steps):
        while len(left) < settings.batch:
            left = torch.cat([left, rows[torch.randperm(len(rows), generator=generator).to(rows.device)]])
        yield left[: settings.batch]
        left = left[settings.batch :]


def rate_factor(step: int, settings: SaeSettings, end: int) -> float:
    """Share of the highest learning rate at step 1, 2, …: rises for ``warmup`` steps, falls over the last ``decay``."""
    rise = step / settings.warmup if settings.warmup else 1.0
    fall = (end - step + 1) / settings.decay if settings.decay else 1.0
    return min(rise, fall, 1.0)


def resampling_due(step: int, end: int, every: int | None) -> bool:
    """Whether silent features are drawn anew after ``step``: ``every`` so many steps, while as many are left."""
    return every is not None and step % every == 0 and step + every <= end


@dataclass
class Patience:
    """Early stopping: after ``patience`` points of the curve without a gain, only the decay is left to train.

    A gain is a held-out fvu, or a held-out l0, below the lowest so far: a penalty trades one for the other.
    """

    lowest: dict[str, float] = field(default_factory=lambda: {"fvu": math.inf, "l0": math.inf})
    idle: int = 0

    def spent(self, figures: dict[str, float], patience: int) -> bool:
        """Whether, with the held-out ``figures`` of one more point, patience is at its end."""
        gained = {name: figures[name] for name, low in self.lowest.items() if figures[name] < low * (1 - GAIN)}
        self.lowest |= gained
        self.idle = 0 if gained else self.idle + 1
        return self.idle >= patience
