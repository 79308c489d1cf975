"""Train autoencoders of one layer on the same batches.

1. Inputs are multiplied by the scale that makes E||x||^2 = d, so that one learning rate serves every layer.
2. Batches come from permutations of the training rows, drawn by seed and layer, one a pass; every autoencoder takes its
   step on each. They share nothing else: what one becomes does not depend on its companions.
3. Every ``log_every`` steps a point of the curve is taken on the batch and on a fixed sample of held-out rows.
4. Every ``checkpoint_steps`` steps the state can be saved; training that goes on from there ends, on the same machine,
   bit for bit as if it had never stopped.
5. A variant that has a threshold to find finds it on a fixed sample of training rows.
6. The scale is folded into the weights: the result reads raw activations.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from torch import Tensor

from tasks.sae.positions import Positions
from tasks.sae.sae import Sae
from tasks.sae.settings import SaeSettings
from tasks.sae.training.curve import Curve
from tasks.sae.training.schedule import batches
from tasks.sae.training.trainee import Trainee
from tasks.store import Progress

CURVE_ROWS = 8192  # held-out rows behind a point of the curve; the final figures use all of them
THRESHOLD_ROWS = 8192  # training rows on which a threshold is found


@dataclass(frozen=True)
class Trained:
    """An autoencoder of raw activations, its training curve, the scale that was folded in, and the steps it took.

    One that was taken from elsewhere has no curve, and nobody knows its steps.
    """

    sae: Sae
    curve: Curve
    input_scale: float
    n_steps: int | None


class Training:
    """Autoencoders that train together and can stop at any checkpoint.

    ``starts``: untrained autoencoders of one layer for raw activations, each with its settings. How many steps there
    are at most, of which rows, and when a checkpoint is due, is ``common`` to all.
    """

    def __init__(self, starts: list[tuple[Sae, SaeSettings]], positions: Positions, common: SaeSettings) -> None:
        self.positions = positions
        self.common = common
        self.layer = starts[0][0].layer
        self.scale = positions.input_scale()
        self.trainees = [Trainee(untrained, settings, self.scale) for untrained, settings in starts]
        self.step = 0
        self._coming: Iterator[Tensor] | None = None
        self._heldout = self._sample(positions.heldout, CURVE_ROWS)

    @property
    def done(self) -> bool:
        """Whether all have taken their last step."""
        return all(self.step >= trainee.end for trainee in self.trainees)

    def advance(self, bar: Progress) -> None:
        """Train up to the next checkpoint."""
        stop = min(self.step + self.common.checkpoint_steps, self.common.steps)
        for raw in islice(self._batches(), stop - self.step):
            x = raw * self.scale
            self.step += 1
            learning = [trainee for trainee in self.trainees if self.step <= trainee.end]
            for trainee in learning:
                trainee.learn(x, self.step, self._heldout)
            bar.advance(learning=len(learning))
            if self.done:
                self._coming = None  # ends what reads ahead
                return

    def _batches(self) -> Iterator[Tensor]:
        """Raw activations [batch, d] of the steps that are left; from one checkpoint to the next it goes on."""
        if self._coming is None:
            rows = islice(batches(self.positions.train, self.common, self.layer), self.step, None)
            self._coming = self.positions.in_turn(rows)
        return self._coming

    def trained(self) -> list[Trained]:
        """What they have become, in the order they were given."""
        x = self._sample(self.positions.train, THRESHOLD_ROWS)
        return [
            Trained(trainee.fitted(x).for_scaled_inputs(self.scale), trainee.curve, self.scale, trainee.end)
            for trainee in self.trainees
        ]

    def _sample(self, rows: Tensor, n: int) -> Tensor:
        """At most ``n`` of the rows, evenly spaced, scaled: [n, d]."""
        return self.positions.rows(rows[:: -(-len(rows) // n)]) * self.scale
