"""What is read from the output of the last block: predictions of genes, and the embedding of the cell.

A model that says which gene stands at a position gives log-probabilities over its vocabulary, one that says a gene's
value gives the value. Either way ``fit`` tells how well this agrees with the truth, higher being better:

    genes     log p(g), in nat: minus the cross-entropy
    next      log p(g) of the gene behind the position, from the tokens up to it, in nat
    values    -(v - v_true)^2, in squares of what the model reads: minus the squared error
"""

import torch
from torch import Tensor

from tasks.causal.tiles import TiledEncoder
from tasks.models import Adapter
from tasks.models.batches import Asked, Batch
from tasks.store import RequestError


def require_predictions(adapter: Adapter, step: str) -> None:
    """Raise RequestError if the model predicts nothing; ``step`` asks."""
    if adapter.predicts == "nothing":
        raise RequestError(
            f"{step} reads what a model predicts of hidden genes, and {adapter.info.name} predicts nothing: leave "
            f"{step} out, or take a model with its head"
        )


@torch.inference_mode()
def predict(adapter: Adapter, final: Tensor, cell: Batch, asked: Asked) -> Tensor:
    """Log-probabilities float32 [n, V], or values [n], of n genes of a batch of one cell, from its last output [S, d].

    A head that reads one position alone runs on these rows. Raises RequestError for a model that predicts nothing.
    """
    found = adapter.predict_asked(final[None], cell, asked).float()
    return found if adapter.predicts == "values" else found.log_softmax(-1)


def fit(found: Tensor, truth: Tensor) -> Tensor:
    """How well predictions [n, V] fit the true tokens int64 [n], or values [n] the true values [n]: [n]."""
    if found.ndim == 1:
        return -((found - truth.to(found)) ** 2)
    return found.gather(1, truth.to(found.device)[:, None])[:, 0]


def divergence(before: Tensor, after: Tensor) -> Tensor | None:
    """Kullback-Leibler divergence of log-probabilities ``after`` from ``before`` [n, V], in nat: float64 [n].

    None for values, which have no distribution. Summed as p log(p / p') - p + p', no term of which is below 0: rounded
    probabilities do not add up to 1, and small divergences would else come out negative.
    """
    if before.ndim == 1:
        return None
    p, shift = before.double(), after.double() - before.double()
    return (p.exp() * (torch.expm1(shift) - shift)).sum(-1)


@torch.inference_mode()
def embedding(adapter: Adapter, final: Tensor, cell: Batch) -> Tensor:
    """Embedding [e] of a batch of one cell, from its last output [S, d]."""
    return adapter.embed_cells(final[None], cell)[0]


def mean_codes(encoder: TiledEncoder, rows: Tensor) -> Tensor:
    """Mean code of every feature over states [n, d] of the autoencoder's layer: float64 [F], on the CPU."""
    codes = encoder.encode(rows)
    total = torch.zeros(encoder.sae.n_features, dtype=torch.float64)
    total.index_add_(0, codes.indices.flatten().cpu(), codes.values.flatten().double().cpu())
    return total / len(rows)
