import torch
from torch import Tensor
from torch.nn.functional import normalize
from torch.optim import Adam

from tasks.sae.settings import SaeSettings
from tasks.sae.training.trainee import update
from tasks.sae.variants import start
from tests.builders.saes import random_topk

SETTINGS = SaeSettings(expansion=4, k=4, clip=0.1, steps=400, warmup=20, decay=100, auxk=0)


def test_updates_equal_autograd_and_a_plain_adam_step_by_step() -> None:
    """Five steps in float64 against dense products, autograd and Adam's textbook loop."""
    weights = {name: weight.double() for name, weight in random_topk(8, 32, 4, seed=3).parameters.items()}
    fast = start(weights, SETTINGS)
    slow = {name: weight.clone().requires_grad_() for name, weight in weights.items()}
    optimisers = Adam(list(fast.weights.values()), fused=True), Adam(list(slow.values()), foreach=False)
    x = torch.randn(5, 64, 8, generator=torch.Generator().manual_seed(4), dtype=torch.float64)
    for batch in x:
        update(fast, fast.gradients(batch, 1, torch.empty(0, dtype=torch.long)).by_weight, optimisers[0], 0.01)
        slow_update(slow, batch, optimisers[1])
    for name, weight in slow.items():
        torch.testing.assert_close(fast.weights[name], weight.detach(), rtol=0, atol=1e-10)


def slow_update(weights: dict[str, Tensor], x: Tensor, optimiser: Adam) -> None:
    pre = (x - weights["b_dec"]) @ weights["W_enc"] + weights["b_enc"]
    kept = pre.topk(4, dim=1).indices
    codes = torch.zeros_like(pre).scatter(1, kept, pre.gather(1, kept).relu())
    optimiser.zero_grad()
    (codes @ weights["W_dec"] + weights["b_dec"] - x).square().mean().backward()
    gradient, directions = weights["W_dec"].grad, weights["W_dec"].detach()
    for f in range(len(directions)):
        gradient[f] -= (gradient[f] @ directions[f]) * directions[f]
    torch.nn.utils.clip_grad_norm_(weights.values(), 0.1 / 8)
    optimiser.param_groups[0]["lr"] = 0.01
    optimiser.step()
    weights["W_dec"].data = normalize(weights["W_dec"].data, dim=1)
