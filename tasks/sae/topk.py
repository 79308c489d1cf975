"""TopK sparse autoencoder (Gao et al. 2024, "Scaling and evaluating sparse autoencoders", arXiv:2406.04093).

    p     = (x - b_dec) W_enc + b_enc                pre-activations, x [d], W_enc [d, F]
    z     = ReLU(TopK(p))                            the k largest entries of p, the others 0
    x_hat = z W_dec + b_dec                          W_dec [F, d], every row of unit L2 norm
    L     = E ||x - x_hat||^2 / d + a L_aux          L_aux revives dead features: see ``auxk``

A position has exactly k active features unless fewer than k pre-activations are positive.

The gradients of L are written out, because only k columns a position are needed once p is known. With the error
r = x_hat - x, its derivative R = 2 r / (n d), and G the derivative by p, zero but at active features:

    G     = (R W_dec^T) at active features           dL/dW_dec = z^T R
    dL/dW_enc = (x - b_dec)^T G                      dL/db_enc = sum of G over positions
    dL/db_dec = sum of R over positions - W_enc dL/db_enc
"""

from dataclasses import dataclass, replace

import torch
from torch import Tensor
from torch.nn.functional import normalize

from tasks.sae.auxk import auxk
from tasks.sae.codes import ByFeature, SparseCodes, combine, project
from tasks.sae.select import top_k

ENCODE_ROWS = 8192  # positions whose dense pre-activations [rows, F] are held at once


@dataclass(frozen=True)
class Gradients:
    """A batch's loss, the codes and error x_hat - x [n, d] it came from, and its gradients by weight name."""

    loss: Tensor
    codes: SparseCodes
    error: Tensor
    by_weight: dict[str, Tensor]


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
        """The active features of raw activations: x [n, d] -> values, descending, and indices [n, k]."""
        parts = [top_codes(self.pre_activations(rows), self.k) for rows in torch.split(x, ENCODE_ROWS)]
        values, order = torch.cat([c.values for c in parts]).sort(dim=1, descending=True, stable=True)
        return SparseCodes(values, torch.cat([c.indices for c in parts]).gather(1, order))

    def decode(self, codes: SparseCodes) -> Tensor:
        """Reconstructions x_hat: codes of n positions -> [n, d]."""
        return combine(codes, self.W_dec) + self.b_dec

    def gradients(self, x: Tensor, dead: Tensor, auxk_coefficient: float) -> Gradients:
        """Loss L of x [n, d] and its gradients; ``dead`` int64 [m] are the features that L_aux trains."""
        centred = x - self.b_dec
        pre_activations = self.pre_activations(x)
        codes = top_codes(pre_activations, self.k)
        error = combine(codes, self.W_dec) - centred
        by_weight = self._gradients(codes, centred, error * (2 / error.numel()))
        loss = error.square().mean()
        if len(dead) and auxk_coefficient:
            extra, to_add = auxk(self.parameters, pre_activations, centred, -error, dead)
            loss = loss + auxk_coefficient * extra
            for name, gradient in to_add.items():
                by_weight[name].add_(gradient, alpha=auxk_coefficient)
        return Gradients(loss, codes, error, by_weight)

    def _gradients(self, codes: SparseCodes, centred: Tensor, d_error: Tensor) -> dict[str, Tensor]:
        entries = ByFeature.of(codes, self.n_features)
        d_values = project(codes, d_error, self.W_dec) * (codes.values > 0)
        d_b_enc = entries.accumulate(d_values, centred.new_ones(len(centred), 1)).squeeze(1)
        return {
            "W_enc": entries.accumulate(d_values, centred).T,
            "b_enc": d_b_enc,
            "W_dec": entries.accumulate(codes.values, d_error),
            "b_dec": d_error.sum(0) - self.W_enc @ d_b_enc,
        }

    def trainable(self) -> "TopKSae":
        """The same autoencoder with weights of its own, the encoder laid out by feature as its gradient is.

        torch's fused Adam walks weight and gradient in memory order, whatever their strides say.
        """
        w_enc = self.W_enc.T.clone(memory_format=torch.contiguous_format).T
        return replace(self, W_enc=w_enc, b_enc=self.b_enc.clone(), W_dec=self.W_dec.clone(), b_dec=self.b_dec.clone())

    def for_scaled_inputs(self, scale: float) -> "TopKSae":
        """An autoencoder that does to ``x`` what this one does to ``scale * x``: f(x) = self(scale * x) / scale."""
        return replace(self, b_enc=self.b_enc / scale, b_dec=self.b_dec / scale)


def initial_weights(n_features: int, mean: Tensor, generator: torch.Generator) -> dict[str, Tensor]:
    """Random unit directions, the encoder their transpose, ``b_dec`` the mean [d] of the inputs (Gao et al., A.1)."""
    directions = normalize(torch.randn(n_features, len(mean), generator=generator), dim=1).to(mean.device)
    return {
        "W_enc": directions.T,
        "b_enc": mean.new_zeros(n_features),
        "W_dec": directions,
        "b_dec": mean.clone(),
    }


def top_codes(pre_activations: Tensor, k: int) -> SparseCodes:
    """ReLU(TopK(p)): [n, F] -> codes [n, k]."""
    values, indices = top_k(pre_activations, k)
    return SparseCodes(values.relu_(), indices)
