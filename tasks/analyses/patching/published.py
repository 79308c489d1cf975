"""Two published ways to say how specific a feature's effect is, on the cells of this step. Neither hides a gene.

``published_geneformer``: the feature is taken out (the reconstruction's error is kept), and the logit of the gene that
already stands at a position is read wherever the feature is active. Targets are the feature's own first genes, others
all other active positions; specificity = |mean over targets| / |mean over others|, pooled over cells. Own genes are
where activations are largest, so any direction gives a ratio above 1, and means of signed changes cancel.

``published_scgpt``: all values are set to 1, the states become what the autoencoder makes of them without the feature,
and the length of the change of the final states is read, at the feature's own genes and at as many random other
positions (five at least). Specificity = mean over cells of the first / mean of the second. Nearly all of it is the
error of the reconstruction. Random positions are drawn by seed here.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
import torch
from torch import Tensor

from tasks.analyses.patching.features import Patched
from tasks.analyses.patching.step import PublishedRule
from tasks.causal.displacement import Displacement
from tasks.causal.tiles import TiledEncoder
from tasks.interventions.change import Change, activity
from tasks.interventions.copies import Copies
from tasks.models import Adapter
from tasks.models.batches import Batch
from tasks.sae import SparseCodes
from tasks.store import RequestError

N_OWN, FEWEST_OTHERS = 20, 5
OTHERS = 6  # stream of the seed
SCHEMA = {
    "feature": pl.UInt32,
    "n_target": pl.Int64,
    "target": pl.Float64,
    "n_other": pl.Int64,
    "other": pl.Float64,
}  # sums over what is pooled, in one cell
Row = dict[str, int | float]


def require_kind(rule: PublishedRule, adapter: Adapter) -> None:
    """Raise RequestError if the rule reads what the model does not give."""
    if rule == "published_geneformer" and adapter.predicts != "genes":
        what = "the next gene" if adapter.predicts == "next" else "values"
        raise RequestError(
            f"patching.rules: published_geneformer reads logits of genes where they stand, and {adapter.info.name} "
            f"predicts {what}: take published_scgpt"
        )


@dataclass(frozen=True)
class Published:
    """A rule, and what it needs beside a cell."""

    rule: PublishedRule
    adapter: Adapter
    encoder: TiledEncoder
    patched: list[Patched]
    seed: int

    @torch.inference_mode()
    def sums(self, cell_id: int, cell: Batch) -> pl.DataFrame:
        """Columns of SCHEMA: a row for every feature that the cell says something about."""
        rows = self._logits(cell) if self.rule == "published_geneformer" else self._lengths(cell_id, cell)
        return pl.DataFrame(list(rows), schema=SCHEMA, orient="row")

    def _logits(self, cell: Batch) -> Iterator[Row]:
        layer, copies = self.encoder.sae.layer, Copies.of(self.adapter, self.encoder.sae.layer, self.encoder, cell)
        tokens = cell.tokens[0]
        active = [one for one in self.patched if len(activity(copies.sites, one.feature)[0])]
        directions = self.encoder.sae.W_dec.cpu()
        moved = [
            Change(layer, one.feature, "scale", 0.0).displacement(copies.sites, copies.genes, directions[one.feature])
            for one in active
        ]
        for one, each, final in zip(active, moved, copies.finals(moved), strict=True):
            at = each.positions.to(tokens.device)
            own = np.isin(tokens[at].cpu().numpy(), one.published[:N_OWN])
            yield _sums(one.feature, self._logit(final, at, tokens) - self._logit(copies.final, at, tokens), own)

    def _logit(self, final: Tensor, at: Tensor, tokens: Tensor) -> Tensor:
        return self.adapter.predict(final[at]).gather(1, tokens[at][:, None])[:, 0].double().cpu()

    def _lengths(self, cell_id: int, cell: Batch) -> Iterator[Row]:
        shown = cell if cell.values is None else replace(cell, values=self._ones(cell))
        copies = Copies.of(self.adapter, self.encoder.sae.layer, self.encoder, shown)
        states, genes = copies.hidden[copies.genes], copies.genes.cpu()
        codes = self.encoder.encode(states)
        tokens = cell.tokens[0].cpu().numpy()[genes.numpy()]
        rng = np.random.default_rng([self.seed, OTHERS, cell_id])
        there = [one for one in self.patched if np.isin(tokens, one.published[:N_OWN]).any()]
        moved = [Displacement(genes, (self._without(codes, one.feature) - states).cpu()) for one in there]
        for one, final in zip(there, copies.finals(moved), strict=True):
            own = np.flatnonzero(np.isin(tokens, one.published[:N_OWN]))
            others = np.setdiff1d(np.arange(len(tokens)), own)
            drawn = rng.permutation(others)[: max(own.size, FEWEST_OTHERS)]
            if drawn.size:
                length = (final - copies.final)[copies.genes].norm(dim=1).double().cpu().numpy()
                target, other = float(length[own].mean()), float(length[drawn].mean())
                yield {"feature": one.feature, "n_target": 1, "target": target, "n_other": 1, "other": other}

    def _ones(self, cell: Batch) -> Tensor:
        assert cell.values is not None
        return torch.where(self.adapter.is_gene(cell.tokens), 1.0, cell.values)

    def _without(self, codes: SparseCodes, feature: int) -> Tensor:
        kept = SparseCodes(torch.where(codes.indices == feature, 0.0, codes.values), codes.indices)
        return self.encoder.sae.decode(kept)


def _sums(feature: int, change: Tensor, own: np.ndarray) -> Row:
    values = change.numpy()
    return {
        "feature": feature,
        "n_target": int(own.sum()),
        "target": float(values[own].sum()),
        "n_other": int((~own).sum()),
        "other": float(values[~own].sum()),
    }


def pooled(sums: pl.DataFrame) -> pl.DataFrame:
    """feature, n_cells, target_effect and other_effect of rows of all cells, for features with both, by feature."""
    added = sums.group_by("feature").agg(pl.len().alias("n_cells"), pl.exclude("feature").sum()).sort("feature")
    both = added.filter((pl.col("n_target") > 0) & (pl.col("n_other") > 0))
    return both.select(
        "feature",
        "n_cells",
        target_effect=pl.col("target") / pl.col("n_target"),
        other_effect=pl.col("other") / pl.col("n_other"),
    )
