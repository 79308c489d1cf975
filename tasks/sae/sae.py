"""A trained sparse autoencoder, whatever its variant.

    p     = (x - b_dec) W_enc + b_enc        pre-activations, x [d], W_enc [d, F]
    z     = the active entries of p, the others 0
    x_hat = z W_dec + b_dec                  W_dec [F, d]

Variants differ in how they are trained (``variants``). Once trained, one of two rules says which entries are active:

1. ``k``          the k largest of a position, as far as they are positive
2. ``threshold``  those above a threshold [F], 0 or more, whatever else is active (JumpReLU; with 0, plain ReLU)
"""

from dataclasses import dataclass, replace

import torch
from torch import Tensor

from tasks.sae.codes import SparseCodes, combine
from tasks.sae.select import top_k

ENCODE_ROWS = 8192  # positions whose dense pre-activations [rows, F] are held at once
UNTOLD = -1  # the layer of an autoencoder whose files do not tell it


@dataclass(frozen=True)
class Sae:
    """An autoencoder of one layer: float32 W_enc [d, F], b_enc [F], W_dec [F, d], b_dec [d]; ``k`` or ``threshold``."""

    sae_id: str
    model_id: str
    layer: int
    k: int | None
    W_enc: Tensor
    b_enc: Tensor
    W_dec: Tensor
    b_dec: Tensor
    threshold: Tensor | None = None
    variant: str = "topk"
    widest: int | None = None  # the most features that were active at a held-out position

    @classmethod
    def of(
        cls,
        tensors: dict[str, Tensor],
        k: int | None,
        *,
        sae_id: str,
        model_id: str,
        layer: int,
        variant: str,
        widest: int | None = None,
    ) -> "Sae":
        """An autoencoder of tensors by name and their rule: ``k``, or a threshold among them."""
        return cls(
            sae_id,
            model_id,
            layer,
            k,
            tensors["W_enc"],
            tensors["b_enc"],
            tensors["W_dec"],
            tensors["b_dec"],
            tensors.get("threshold"),
            variant,
            widest,
        )

    @property
    def d_model(self) -> int:
        """Width of the activations it reads."""
        return self.W_dec.shape[1]

    @property
    def n_features(self) -> int:
        """Number of features."""
        return self.W_dec.shape[0]

    @property
    def most_active(self) -> int:
        """Features to expect at one position at most."""
        return self.k or self.widest or self.n_features

    @property
    def parameters(self) -> dict[str, Tensor]:
        """The tensors by name; the threshold is one of them if there is one."""
        found = {"W_enc": self.W_enc, "b_enc": self.b_enc, "W_dec": self.W_dec, "b_dec": self.b_dec}
        return found if self.threshold is None else found | {"threshold": self.threshold}

    @property
    def decoder_norms(self) -> Tensor:
        """L2 norm of every feature direction, as found: [F]."""
        norms: Tensor = torch.linalg.vector_norm(self.W_dec, dim=1)
        return norms

    def pre_activations(self, x: Tensor) -> Tensor:
        """p of the equations: x [n, d] -> [n, F]."""
        return pre_activations(self.parameters, x)

    def encode(self, x: Tensor) -> SparseCodes:
        """The active features of raw activations: x [n, d] -> values, descending, and indices [n, w].

        w is k, or under a threshold the most features that are active at any of the positions.
        """
        codes = joined([self._active(self.pre_activations(rows)) for rows in torch.split(x, ENCODE_ROWS)])
        values, order = codes.values.sort(dim=1, descending=True, stable=True)
        return SparseCodes(values, codes.indices.gather(1, order))

    def _active(self, pre_activations: Tensor) -> SparseCodes:
        if self.k is not None:
            return top_codes(pre_activations, self.k)
        assert self.threshold is not None  # there is one of the two
        return codes_above(pre_activations, self.threshold)

    def decode(self, codes: SparseCodes) -> Tensor:
        """Reconstructions x_hat: codes of n positions -> [n, d]."""
        return combine(codes, self.W_dec) + self.b_dec

    def with_tensors(self, tensors: dict[str, Tensor], k: int | None) -> "Sae":
        """The same autoencoder with other tensors, by name, and their rule: ``k``, or a threshold among them."""
        return Sae.of(
            tensors,
            k,
            sae_id=self.sae_id,
            model_id=self.model_id,
            layer=self.layer,
            variant=self.variant,
            widest=self.widest,
        )

    def for_scaled_inputs(self, scale: float) -> "Sae":
        """An autoencoder that does to ``x`` what this one does to ``scale * x``: f(x) = self(scale * x) / scale."""
        threshold = None if self.threshold is None else self.threshold / scale
        return replace(self, b_enc=self.b_enc / scale, b_dec=self.b_dec / scale, threshold=threshold)


def pre_activations(tensors: dict[str, Tensor], x: Tensor) -> Tensor:
    """(x - b_dec) W_enc + b_enc, of tensors by name: [n, d] -> [n, F]."""
    return torch.addmm(tensors["b_enc"], x - tensors["b_dec"], tensors["W_enc"])


def top_codes(pre_activations: Tensor, k: int) -> SparseCodes:
    """ReLU(TopK(p)): [n, F] -> codes [n, k]."""
    values, indices = top_k(pre_activations, k)
    return SparseCodes(values.relu_(), indices)


def codes_above(pre_activations: Tensor, threshold: Tensor) -> SparseCodes:
    """Entries of p [n, F] that exceed ``threshold`` [F] (or a scalar), which is not negative: codes [n, w]."""
    return SparseCodes.of(pre_activations.where(pre_activations > threshold, 0.0))


def joined(parts: list[SparseCodes]) -> SparseCodes:
    """Codes of positions one after the other, as wide as the widest part."""
    width = max(part.values.shape[1] for part in parts)
    filled = [part.widened(width) for part in parts]
    return SparseCodes(torch.cat([part.values for part in filled]), torch.cat([part.indices for part in filled]))
