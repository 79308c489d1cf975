"""How many features of one autoencoder another one has as well, and which.

For a living feature i of one autoencoder and the living features j of another, with directions w:

    c_i = max_j cos(w_i, w_j)

A feature is matched if c_i >= 0.7 (Paulo and Belrose 2025, arXiv:2501.16615, who match one to one; here several may
share a match). Beside it stands the mean c_i that as many random directions would reach.
"""

from itertools import permutations

import polars as pl
import torch
from torch import Tensor
from torch.nn.functional import normalize

from tasks.store import table_frame

MATCHED = 0.7
BLOCK = 1024  # features whose cosines with all others are held at once


def nearest(directions: Tensor, others: Tensor) -> tuple[Tensor, Tensor]:
    """c_i of the equation and its j: directions [n, d] against others [m, d], any norms: [n] and [n]."""
    targets = normalize(others, dim=1).T
    found = [(part @ targets).max(1) for part in torch.split(normalize(directions, dim=1), BLOCK)]
    return torch.cat([one.values for one in found]).clamp(-1, 1), torch.cat([one.indices for one in found])


def highest_cosines(directions: Tensor, others: Tensor) -> Tensor:
    """c_i of the equation [n]."""
    return nearest(directions, others)[0]


def twins(own: str, numbers: dict[str, Tensor], living: dict[str, Tensor], seed: int) -> pl.DataFrame:
    """Rows of table ``feature_twin``: for each living feature of ``own`` its nearest one in every other autoencoder.

    ``numbers`` [n] are those of the living features, by ``sae_id`` as ``living``.
    """
    generator = torch.Generator().manual_seed(seed)
    directions, frames = living[own], [table_frame("feature_twin", [])]
    for other, others in living.items():
        if other == own or not len(others) or not len(directions):
            continue
        cosine, place = nearest(directions, others)
        back = nearest(others, directions)[1]
        random = torch.randn(others.shape, generator=generator).to(others.device)
        columns = {
            "feature": numbers[own],
            "other_feature": numbers[other][place],
            "cosine": cosine.double(),
            "chance_cosine": highest_cosines(directions, random).double(),
            "mutual": back[place] == torch.arange(len(directions), device=back.device),
        }
        named = pl.DataFrame({name: values.cpu().numpy() for name, values in columns.items()})
        frames.append(named.with_columns(sae_id=pl.lit(own), other_sae=pl.lit(other)))
    return pl.concat([frame.select(frames[0].columns).cast(frames[0].schema) for frame in frames])


def overlaps(living: dict[str, Tensor], seed: int) -> pl.DataFrame:
    """Rows of table ``sae_overlap``: ordered pairs of the ``sae_id`` in ``living``, directions [n, d], with n > 0."""
    generator = torch.Generator().manual_seed(seed)
    known = [sae_id for sae_id, directions in living.items() if len(directions)]
    rows = [_row(one, other, living, generator) for one, other in permutations(known, 2)]
    return table_frame("sae_overlap", rows)


def _row(one: str, other: str, living: dict[str, Tensor], generator: torch.Generator) -> dict[str, object]:
    directions, others = living[one], living[other]
    found = highest_cosines(directions, others).double()
    random = torch.randn(others.shape, generator=generator).to(others.device)
    n_matched = int((found >= MATCHED).sum())
    chance = float(highest_cosines(directions, random).double().mean())
    return {
        "sae_id": one,
        "other_sae": other,
        "n_living": len(found),
        "mean_cosine": float(found.mean()),
        "chance_cosine": chance,
        "n_matched": n_matched,
        "matched_fraction": n_matched / len(found),
    }
