"""What the traced cells are to the autoencoders: how much of them they explain, and where the source's features fire.

1. Share of variance explained, over the positions D of all traced cells, genes and special tokens apart:

       1 - sum |x - x_hat|^2 / sum |x - mean_D(x)|^2

   Dictionaries trained on other cells may explain far less of these: features then no longer mean what they were named
   for, and effects on them say little.
2. Firing: share of gene positions, and of special tokens (<cls>, <eos> and the like), at which a feature is active, and
   the share of its squared activations that lies on special tokens. A feature belongs to special tokens if it fires at
   half of them or more, and ten times as often as at genes, or if half of its squared activations lie there.

Autoencoders are trained, and features ablated and read, at gene positions alone. A feature of special tokens is
therefore no source unless it fires at genes as well, and what it does from a special token makes no edge.
"""

from dataclasses import dataclass, field
from typing import Any

import polars as pl
import torch
from torch import Tensor

from tasks.causal.tiles import TiledEncoder
from tasks.sae import Sae, SparseCodes
from tasks.store.progress import track
from tasks.trace.inputs import TraceInputs

GENE, SPECIAL = "gene", "special"
LEAST_RATE, LEAST_RATIO, LEAST_SHARE = 0.5, 10.0, 0.5  # of a feature that belongs to special tokens


@dataclass
class Explained:
    """Sums over the positions of one kind in one layer."""

    n: int = 0
    errors: float = 0.0
    squares: float = 0.0
    total: Tensor | float = 0.0

    def add(self, x: Tensor, x_hat: Tensor) -> None:
        """Count positions [n, d] and their reconstructions."""
        exact = x.double()
        self.n += len(x)
        self.errors += float((x_hat.double() - exact).square().sum())
        self.squares += float(exact.square().sum())
        self.total = self.total + exact.sum(0)

    @property
    def share(self) -> float | None:
        """Step 1; None where the positions do not differ."""
        if self.n < 2 or not isinstance(self.total, Tensor):
            return None
        deviations = self.squares - float(self.total.square().sum()) / self.n
        return 1 - self.errors / deviations if deviations > 1e-9 * self.squares else None


@dataclass
class Firing:
    """How often each feature fires at positions of one kind, [F], and its squared activations summed, [F].

    ``beside`` bool [F]: whether it fires at some of a cell's positions and not at others, in any cell.
    """

    fires: Tensor
    squares: Tensor
    beside: Tensor
    n: int = 0

    @classmethod
    def of(cls, n_features: int) -> "Firing":
        """No position yet."""
        fires, never = torch.zeros(n_features, dtype=torch.long), torch.zeros(n_features, dtype=torch.bool)
        return cls(fires, torch.zeros(n_features, dtype=torch.float64), never)

    def add(self, codes: SparseCodes) -> None:
        """Count the codes of a cell's positions."""
        features, values = codes.entries.features.cpu(), codes.entries.values.cpu().double()
        self.n += len(codes.values)
        fires = torch.bincount(features, minlength=len(self.fires))
        self.fires += fires
        self.beside |= (fires > 0) & (fires < len(codes.values))
        self.squares.index_add_(0, features, values.square())


@dataclass
class Fit:
    """Sums over the traced cells: ``explained`` by layer and kind of position, ``firing`` of the source by kind."""

    firing: dict[str, Firing]
    explained: dict[tuple[int, str], Explained] = field(default_factory=dict)

    def add(self, layer: int, kind: str, x: Tensor, x_hat: Tensor) -> None:
        """Count positions of one kind in a layer, [n, d], and their reconstructions."""
        self.explained.setdefault((layer, kind), Explained()).add(x, x_hat)

    def rows(self, inputs: TraceInputs) -> list[dict[str, Any]]:
        """Table ``traced_fit``."""
        saes = {inputs.source.layer: inputs.source, **inputs.targets}
        return [
            {
                "source_sae": inputs.source.sae_id,
                "sae_id": saes[layer].sae_id,
                "layer": layer,
                "positions": kind,
                "n_cells": len(inputs.cells),
                "n_positions": sums.n,
                "explained": sums.share,
            }
            for (layer, kind), sums in sorted(self.explained.items())
        ]

    def sources(self) -> pl.DataFrame:
        """Features of the source that fire anywhere in the traced cells: feature, rates, special_share, special.

        Column ``silent_beside``: whether in some cell it fires at some genes and not at others.
        """
        gene, special = self.firing[GENE], self.firing[SPECIAL]
        squares = gene.squares + special.squares
        table = {
            "feature": torch.arange(len(squares)).numpy(),
            "gene_rate": (gene.fires.double() / max(gene.n, 1)).numpy(),
            "special_rate": (special.fires.double() / max(special.n, 1)).numpy(),
            "special_share": (special.squares / squares.clamp_min(1e-30)).numpy(),
            "silent_beside": gene.beside.numpy(),
        }
        often = (pl.col("special_rate") >= LEAST_RATE) & (pl.col("special_rate") >= LEAST_RATIO * pl.col("gene_rate"))
        found = pl.DataFrame(table).filter((pl.col("gene_rate") > 0) | (pl.col("special_rate") > 0))
        return found.with_columns(
            pl.col("feature").cast(pl.UInt32),
            pl.when(pl.lit(special.n > 0)).then(pl.col("special_rate", "special_share")),
            special=often | (pl.col("special_share") >= LEAST_SHARE),
        )


@torch.inference_mode()
def measure_fit(inputs: TraceInputs) -> Fit:
    """Run every traced cell through the model once, undisturbed."""
    adapter, source = inputs.adapter, inputs.source
    saes: dict[int, Sae] = {source.layer: source, **inputs.targets}
    encoders = {layer: TiledEncoder(sae) for layer, sae in saes.items()}
    fit = Fit({kind: Firing.of(source.n_features) for kind in (GENE, SPECIAL)})
    for cell in track(inputs.cells.values(), "explained variance", len(inputs.cells), "cell"):
        genes = adapter.is_gene(cell.tokens[0])
        for layer, hidden in enumerate(adapter.blocks(adapter.embed(cell), 0, max(saes) + 1)):
            if layer in saes:
                codes = encoders[layer].encode(hidden[0])
                for kind, here in ((GENE, genes), (SPECIAL, ~genes)):
                    if here.any():
                        own = SparseCodes(codes.values[here], codes.indices[here])
                        fit.add(layer, kind, hidden[0][here], saes[layer].decode(own))
                        if layer == source.layer:
                            fit.firing[kind].add(own)
    return fit
