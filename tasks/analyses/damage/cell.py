"""What one cell loses: hidden genes predicted with features there, and with each taken out.

1. A share of the cell's genes is hidden, and the cell runs up to the layer once. Features are read wherever the cell
   has a gene, hidden ones too.
2. Changes, each from the same state: ``ablated`` -a_p w, for every feature alone and for an arm together;
   ``random_direction`` and ``covariance_matched`` -a_p v for hubs, v as long as w and fixed for the feature;
   ``reconstruction``: the output replaced by what the autoencoder makes of it; ``zero``: hubs together times 0.
3. All end at the same hidden genes of the same cell. The cost of a change is the mean cross-entropy there, in nat (or
   squared error of values), less that of the unchanged cell; a feature that is nowhere active costs exactly 0.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from tasks.analyses.damage.arms import Arms
from tasks.causal.displacement import Displacement, scale_feature
from tasks.causal.sites import Sites
from tasks.causal.tiles import TiledEncoder
from tasks.interventions.change import activity, reconstructed, together
from tasks.interventions.copies import Copies
from tasks.interventions.hidden import HiddenGenes, draw_rounds, hide
from tasks.interventions.readout import fit, predict
from tasks.models import Adapter
from tasks.models.batches import Batch

Row = dict[str, Any]
AUTOENCODER = "autoencoder"


@dataclass(frozen=True)
class Bench:
    """What is the same for every cell: model, autoencoder, arms, and directions [n, d] that stand in for the hubs'."""

    adapter: Adapter
    encoder: TiledEncoder
    arms: Arms
    controls: dict[str, Tensor]

    @property
    def layer(self) -> int:
        """The layer at which features are taken out."""
        return self.encoder.sae.layer

    @property
    def directions(self) -> Tensor:
        """Directions of all features [F, d], on the CPU."""
        return self.encoder.sae.W_dec.cpu()


@dataclass(frozen=True)
class Removal:
    """One change of a cell: ``feature`` at ``place`` of an arm, or at place 0 all of the arm together."""

    arm: str
    change: str
    place: int
    feature: int | None
    displacement: Displacement


@dataclass(frozen=True)
class Shown:
    """A cell with genes ``hidden``, run to the layer, its features read at all genes."""

    copies: Copies
    hidden: HiddenGenes


def show(bench: Bench, cell: Batch, mask_fraction: float, seed: list[int]) -> Shown:
    """Step 1. ``cell``: a batch of one."""
    genes = bench.adapter.is_gene(cell.tokens[0]).nonzero().flatten()
    hidden = hide(bench.adapter, cell, draw_rounds(genes, mask_fraction, 1, seed)[0])
    return Shown(Copies.of(bench.adapter, bench.layer, bench.encoder, hidden.shown, hidden.genes), hidden)


def changes_of(bench: Bench, copies: Copies) -> Iterator[Removal]:
    """Step 2."""
    for arm, features in bench.arms.features.items():
        if not features:
            continue
        kinds = {"ablated": bench.directions[list(features.values())]} | (bench.controls if arm == "hub" else {})
        for name, directions in kinds.items():
            along = zip(features.items(), directions, strict=True)
            each = {place: _without(copies.sites, feature, one) for (place, feature), one in along}
            for place, displacement in each.items():
                yield Removal(arm, name, place, features[place], displacement)
            yield Removal(arm, name, 0, None, together(list(each.values())))
    hubs = [_without(copies.sites, one, torch.zeros_like(bench.directions[one])) for one in bench.arms.hubs]
    yield Removal("hub", "zero", 0, None, together(hubs))
    moved = reconstructed(copies.hidden, copies.genes, bench.encoder)
    yield Removal(AUTOENCODER, "reconstruction", 0, None, moved)


@torch.inference_mode()
def cell_rows(bench: Bench, shown: Shown, cell_id: int) -> list[Row]:
    """Step 3: rows of lm_damage of one cell, less what names the trace and the autoencoder."""
    copies, hidden = shown.copies, shown.hidden
    changes = list(changes_of(bench, copies))
    clean = _read(bench.adapter, copies.final, hidden)
    moving = [each.displacement for each in changes if len(each.displacement.positions)]
    finals = copies.finals(moving)
    rows = []
    for each in changes:
        n_positions = len(each.displacement.positions)
        loss, right = _read(bench.adapter, next(finals), hidden) if n_positions else clean
        about: Row = {"arm": each.arm, "change": each.change, "place": each.place, "feature": each.feature}
        size: Row = {"n_positions": n_positions, "norm": float(each.displacement.values.double().norm())}
        costs: Row = {"ce_clean": clean[0], "ce_ablated": loss, "n_right_clean": clean[1], "n_right_ablated": right}
        counts: Row = {"cell_id": cell_id, "active": n_positions > 0, "n_masked": len(hidden.at)}
        rows.append({**about, **counts, **size, **costs})
    return rows


def _without(sites: Sites, feature: int, direction: Tensor) -> Displacement:
    """The feature's activations taken out along ``direction``."""
    return scale_feature(*activity(sites, feature), direction, 0.0)


def _read(adapter: Adapter, final: Tensor, hidden: HiddenGenes) -> tuple[float, int | None]:
    """Mean loss at the hidden genes, and how many first guesses are right; None of values."""
    found = predict(adapter, final, hidden.shown, hidden.asked)
    loss = -float(fit(found, hidden.truth).double().mean())
    right = None if found.ndim == 1 else int((found.argmax(-1) == hidden.truth.to(found.device)).sum())
    return loss, right
