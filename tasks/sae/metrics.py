"""How good an autoencoder is on held-out cells."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import cosine_similarity

from tasks.cells.reader import TokenizedCells
from tasks.models.adapter import Adapter
from tasks.models.cell_embeddings import cell_embeddings
from tasks.models.masked import masked_gene_loss
from tasks.models.splice import Replacement
from tasks.sae.frequency import DENSE_FREQUENCY
from tasks.sae.sae import Sae


@dataclass(frozen=True)
class Reconstruction:
    """Figures over many positions: ``fvu``, ``l0`` and ``cosine`` as in table ``sae``, ``fires`` int64 [F].

    ``widest`` is the most features that were active at one position.
    """

    fvu: float
    l0: float
    cosine: float
    fires: Tensor
    widest: int
    n_positions: int

    @property
    def n_dead(self) -> int:
        """Features that never fired."""
        return int((self.fires == 0).sum())

    @property
    def n_dense(self) -> int:
        """Features that fired at more than ``DENSE_FREQUENCY`` of the positions."""
        return int((self.fires.double() / self.n_positions > DENSE_FREQUENCY).sum())


@dataclass(frozen=True)
class SpliceLosses:
    """Masked-gene loss: untouched, with the reconstruction in the layer's place, with its mean in its place."""

    clean: float
    spliced: float
    ablated: float

    @property
    def recovered(self) -> float | None:
        """Share of the ablation's harm that the reconstruction spares; None if the ablation does no harm."""
        harm = self.ablated - self.clean
        return (self.ablated - self.spliced) / harm if harm > 0 else None


class LossBounds(NamedTuple):
    """What an autoencoder's loss lies between: the model untouched, and with the layer's mean in the layer's place."""

    clean: float
    ablated: float


class EmbeddingBounds(NamedTuple):
    """Embeddings [n, e] of the cells, and how far the layer's mean in the layer's place moves them: squares summed."""

    clean: Tensor
    harm: float


@dataclass(frozen=True)
class Quality:
    """All that is measured of an autoencoder on held-out cells."""

    reconstruction: Reconstruction
    losses: SpliceLosses | None
    embedding_recovered: float | None


def fraction_unexplained(error: Tensor, x: Tensor) -> float:
    """Sum of squared errors over sum of squared deviations from the mean: error and x [n, d]."""
    return float(error.square().sum() / (x - x.mean(0)).square().sum())


def reconstruction(sae: Sae, chunks: Iterable[Tensor], mean: Tensor) -> Reconstruction:
    """Figures over all chunks [n, d] of raw activations, whose common mean is ``mean`` [d]; sums in float64."""
    errors, deviations, cosines, active, widest, n = 0.0, 0.0, 0.0, 0, 0, 0
    fires = torch.zeros(sae.n_features, dtype=torch.long, device=mean.device)
    for x in chunks:
        codes = sae.encode(x)
        x_hat = sae.decode(codes)
        errors += float((x_hat - x).double().square().sum())
        cosines += float(cosine_similarity(x_hat, x).double().sum())
        deviations += float((x - mean).double().square().sum())
        active += int(codes.n_active.sum())
        widest = max(widest, int(codes.n_active.max()))
        fires += codes.fire_counts(sae.n_features)
        n += len(x)
    return Reconstruction(errors / deviations, active / n, cosines / n, fires, widest, n)


def bounds_of_loss(adapter: Adapter, cells: TokenizedCells, layer: int, mean: Tensor, seed: int) -> LossBounds | None:
    """The model's loss on ``cells`` as it is, and with the layer's mean activation ``mean`` [d] in the layer's place.

    They are the same for every autoencoder of the layer. None if the model predicts nothing.
    """
    if adapter.predicts == "nothing":
        return None
    clean, ablated = (masked_gene_loss(adapter, cells, seed, replace=r) for r in (None, (layer, mean.expand_as)))
    return LossBounds(clean, ablated)


def splice_losses(
    sae: Sae, adapter: Adapter, cells: TokenizedCells, bounds: LossBounds | None, seed: int
) -> SpliceLosses | None:
    """The same with the reconstruction in the layer's place; the same genes are hidden each time."""
    if bounds is None:
        return None
    spliced = masked_gene_loss(adapter, cells, seed, replace=_rebuilt(sae))
    return SpliceLosses(bounds.clean, spliced, bounds.ablated)


def bounds_of_embeddings(adapter: Adapter, cells: TokenizedCells, layer: int, mean: Tensor) -> EmbeddingBounds:
    """What the embeddings of ``cells`` lie between, for every autoencoder of the layer, whose mean is ``mean`` [d]."""
    clean = cell_embeddings(adapter, cells)
    return EmbeddingBounds(clean, _moved(cell_embeddings(adapter, cells, (layer, mean.expand_as)), clean))


def embedding_recovered(sae: Sae, adapter: Adapter, cells: TokenizedCells, bounds: EmbeddingBounds) -> float | None:
    """1 - sum ||E_r - E||^2 / sum ||E_m - E||^2, of embeddings with the reconstruction, or the mean, in place.

    The published score sets the layer to zero instead of its mean: what all embeddings share then counts as
    recovered. None if the mean moves none of them.
    """
    if bounds.harm == 0:
        return None
    return 1 - _moved(cell_embeddings(adapter, cells, _rebuilt(sae)), bounds.clean) / bounds.harm


def _rebuilt(sae: Sae) -> Replacement:
    return sae.layer, lambda x: sae.decode(sae.encode(x))


def _moved(embeddings: Tensor, clean: Tensor) -> float:
    return float((embeddings - clean).double().square().sum())
