"""TopK trainings side by side: ours, and those of other packages, from the same weights on the same batches.

Every side takes one optimiser step a batch, with Adam, at the same learning rate, which falls to 0 over the second
half, with gradients clipped to norm 1, and no feature dead. What differs is what the packages do: dictionary_learning
starts b_dec at the first batch's geometric median; SAELens leaves feature directions free and ranks codes in units of
their norms.
"""

from importlib.util import find_spec
from typing import Any, Protocol

import torch
from torch import Tensor
from torch.optim import Adam

from tasks.sae import Sae
from tasks.sae.settings import SaeSettings
from tasks.sae.training.schedule import rate_factor
from tasks.sae.training.trainee import update
from tasks.sae.variants import start

NEVER = 10**12  # positions after which a feature is dead


class Side(Protocol):
    """A training in progress."""

    def step(self, x: Tensor) -> None:
        """Learn from the batch x [n, d]."""

    def rebuild(self, x: Tensor) -> Tensor:
        """Reconstructions of x [n, d]."""


class Ours:
    def __init__(self, first: Sae, lr: float, steps: int, batch: int) -> None:
        self.first = first
        phases = {"steps": steps, "warmup": 0, "decay": steps - steps // 2}
        self.settings = SaeSettings(k=first.k, batch=batch, lr=lr, dead_after=NEVER, **phases)
        self.variant = start(first.parameters, self.settings)
        self.optimiser = Adam(list(self.variant.weights.values()), lr=lr, fused=True)
        self.silent = torch.zeros(first.n_features, dtype=torch.long, device=first.W_dec.device)
        self.steps = 0

    @torch.no_grad()
    def step(self, x: Tensor) -> None:
        self.steps += 1
        dead = (self.silent >= NEVER).nonzero().squeeze(1)
        found = self.variant.gradients(x, self.steps, dead)
        rate = self.settings.lr * rate_factor(self.steps, self.settings, self.settings.steps)
        update(self.variant, found.by_weight, self.optimiser, rate)
        self.silent = (self.silent + len(x)).masked_fill_(found.fires > 0, 0)

    @torch.no_grad()
    def rebuild(self, x: Tensor) -> Tensor:
        sae = self.first.with_tensors(self.variant.weights, self.first.k)
        return sae.decode(sae.encode(x))


class DictionaryLearning:
    def __init__(self, first: Sae, lr: float, steps: int, _batch: int) -> None:
        from dictionary_learning.trainers.top_k import TopKTrainer

        sizes = {"activation_dim": first.d_model, "dict_size": first.n_features, "k": first.k}
        phases = {"steps": steps, "warmup_steps": 0, "decay_start": steps // 2}
        self.trainer = TopKTrainer(**sizes, **phases, layer=0, lm_name="none", lr=lr, device=str(first.W_dec.device))
        autoencoder = self.trainer.ae
        autoencoder.encoder.weight.data = first.W_enc.T.contiguous()
        autoencoder.decoder.weight.data = first.W_dec.T.contiguous()
        autoencoder.encoder.bias.data = first.b_enc.clone()
        self.steps = 0

    def step(self, x: Tensor) -> None:
        self.trainer.update(self.steps, x)
        self.steps += 1

    @torch.no_grad()
    def rebuild(self, x: Tensor) -> Tensor:
        return self.trainer.ae(x)


class SaeLens:
    def __init__(self, first: Sae, lr: float, steps: int, batch: int) -> None:
        from sae_lens import TopKTrainingSAE, TopKTrainingSAEConfig
        from sae_lens.config import SAETrainerConfig
        from sae_lens.training.sae_trainer import SAETrainer

        sizes = {"d_in": first.d_model, "d_sae": first.n_features, "k": first.k}
        device = str(first.W_dec.device)
        self.sae = TopKTrainingSAE(TopKTrainingSAEConfig(**sizes, device=device))
        self.sae.load_state_dict(first.parameters)
        amount = {"total_training_samples": steps * batch, "train_batch_size_samples": batch}
        config = SAETrainerConfig(**amount, device=device, lr=lr, lr_end=lr, lr_decay_steps=steps - steps // 2)
        self.trainer: Any = SAETrainer(config, self.sae, data_provider=iter(()))

    def step(self, x: Tensor) -> None:
        self.trainer.step(x)
        self.trainer.n_training_steps += 1

    @torch.no_grad()
    def rebuild(self, x: Tensor) -> Tensor:
        return self.sae(x)


PACKAGES: dict[str, type[Side]] = {"dictionary_learning": DictionaryLearning, "sae_lens": SaeLens}


def known_sides() -> dict[str, type[Side]]:
    """Ours first, then the packages that are installed."""
    return {"ours": Ours, **{name: side for name, side in PACKAGES.items() if find_spec(name)}}


def step_gflop(d_model: int, n_features: int, k: int, positions: int) -> dict[str, float]:
    """Predicted cost of a step, 2 operations a multiply-add, by side; what is not a product is left out.

    Dense training multiplies [n, d] by [d, F], or so, six times: forward through encoder and decoder, backward to
    both weights, to the codes, and through x - b_dec to the bias. Ours does the first of them, and n k d four times.
    """
    dense, active = (2e-9 * positions * d_model * width for width in (n_features, k))
    return {"ours": dense + 4 * active, **dict.fromkeys(PACKAGES, 6 * dense)}
