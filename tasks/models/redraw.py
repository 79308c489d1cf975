"""An untrained twin of a model: every tensor of weights drawn anew (Heap et al. 2025, arXiv:2501.17727).

Each tensor becomes independent normal numbers with the mean and the standard deviation that its entries have, token
embeddings included. Architecture, inputs and the size of every tensor stay, and nothing that was learned does. It works
for every family, since it needs no initialisation of the family's own.
"""

import torch

from tasks.models.adapter import Adapter


@torch.no_grad()
def redraw(adapter: Adapter, seed: int) -> None:
    """Draw all weights of the adapter's model anew, in place; a tensor whose entries are all alike stays as it is."""
    generator = torch.Generator().manual_seed(seed)
    for weight in adapter.model.parameters():
        spread, mean = torch.std_mean(weight.double(), correction=0)
        drawn = torch.randn(weight.shape, generator=generator)
        weight.copy_(drawn.to(weight.device) * float(spread) + float(mean))
