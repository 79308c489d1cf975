"""TopK sparse autoencoder (Gao et al. 2024, "Scaling and evaluating sparse autoencoders", arXiv:2406.04093).

    p     = (x - b_dec) W_enc + b_enc                pre-activations, x [d], W_enc [d, F]
    z     = ReLU(TopK(p))                            the k largest entries of p, the others 0
    x_hat = z W_dec + b_dec                          W_dec [F, d], every row of unit L2 norm

A position has exactly k active features unless fewer than k pre-activations are positive.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from tasks.sae.codes import SparseCodes, combine

ENCODE_ROWS = 8192  # positions whose dense pre-activations [rows, F] are held at once


@dataclass(frozen=True)
class TopKSae:
    """A TopK autoencoder of one layer: float32 W_enc [d, F], b_enc [F], W_dec [F, d], b_dec [d]."""

    sae_id: str
    model_id: str
    layer: int
    k: int
    W_enc: Tensor
    b_enc: Tensor
    W_dec: Tensor
    b_dec: Tensor

    @property
    def d_model(self) -> int:
        """Width of the activations it reads."""
        return self.W_dec.shape[1]

    @property
    def n_features(self) -> int:
        """Number of features."""
        return self.W_dec.shape[0]

    @property
    def parameters(self) -> dict[str, Tensor]:
        """The weights by name."""
        return {"W_enc": self.W_enc, "b_enc": self.b_enc, "W_dec": self.W_dec, "b_dec": self.b_dec}

    @property
    def decoder_norms(self) -> Tensor:
        """L2 norm of every feature direction, as found: [F]."""
        norms: Tensor = torch.linalg.vector_norm(self.W_dec, dim=1)
        return norms

    def pre_activations(self, x: Tensor) -> Tensor:
        """p of the equations: x [n, d] -> [n, F]."""
        return torch.addmm(self.b_enc, x - self.b_dec, self.W_enc)

    def encode(self, x: Tensor) -> SparseCodes:
        """The active features of raw activations: x [n, d] -> values and indices [n, k]."""
        parts = [top_codes(self.pre_activations(rows), self.k) for rows in torch.split(x, ENCODE_ROWS)]
        return SparseCodes(torch.cat([c.values for c in parts]), torch.cat([c.indices for c in parts]))

    def decode(self, codes: SparseCodes) -> Tensor:
        """Reconstructions x_hat: codes of n positions -> [n, d]."""
        return combine(codes, self.W_dec) + self.b_dec


def top_codes(pre_activations: Tensor, k: int) -> SparseCodes:
    """ReLU(TopK(p)): [n, F] -> codes [n, k], values descending."""
    values, indices = pre_activations.topk(k, dim=1)
    return SparseCodes(values.relu_(), indices)
