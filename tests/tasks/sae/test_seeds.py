"""Seeds apart by layer: equal layers and seeds give equal bits, other layers give unrelated weights and batches."""

import pytest
import torch

from tasks.sae.positions import Positions
from tasks.sae.seeds import Drawn, layer_generator
from tasks.sae.settings import SaeSettings
from tasks.sae.training.schedule import batches
from tasks.sae.untrained import untrained_sae
from tests.builders.planted_positions import planted_positions

SETTINGS = SaeSettings(expansion=32, k=3, steps=4, batch=256, warmup=0, decay=0)


@pytest.fixture(scope="module")
def positions() -> Positions:
    return planted_positions()[0]


def directions(positions: Positions, layer: int, seed: int = 0) -> torch.Tensor:
    settings = SETTINGS.model_copy(update={"seed": seed})
    return untrained_sae(settings, layer, positions, "model", "0123456789").W_dec


def test_same_layer_and_seed_give_the_same_bits(positions: Positions) -> None:
    assert torch.equal(directions(positions, 3), directions(positions, 3))
    first, second = (list(batches(positions.train, SETTINGS, 3)) for _ in range(2))
    assert all(torch.equal(one, other) for one, other in zip(first, second, strict=True))


@pytest.mark.parametrize(("layer", "seed"), [(4, 0), (3, 1), (0, 3)])
def test_weights_of_other_layers_and_seeds_are_uncorrelated(positions: Positions, layer: int, seed: int) -> None:
    """Cosines of features of one number are those of unrelated directions: mean 0, variance 1 / d."""
    one, other = directions(positions, 3), directions(positions, layer, seed)
    n, d = one.shape
    cosines = (one * other).sum(1)
    assert cosines.mean().abs() < 4 / (n * d) ** 0.5
    assert cosines.square().mean() == pytest.approx(1 / d, rel=4 * (2 / n) ** 0.5)
    assert torch.corrcoef(torch.stack([one.flatten(), other.flatten()]))[0, 1].abs() < 4 / (n * d) ** 0.5


@pytest.mark.parametrize(("layer", "seed"), [(4, 0), (3, 1), (0, 3)])
def test_batches_of_other_layers_and_seeds_share_rows_by_chance_alone(
    positions: Positions, layer: int, seed: int
) -> None:
    own = next(batches(positions.train, SETTINGS, 3))
    theirs = next(batches(positions.train, SETTINGS.model_copy(update={"seed": seed}), layer))
    n, batch = len(positions.train), SETTINGS.batch
    shared, expected = int(torch.isin(own, theirs).sum()), batch * batch / n
    assert abs(shared - expected) < 5 * expected**0.5


def test_weights_and_batches_are_drawn_from_streams_of_their_own() -> None:
    drawn = {kind: torch.randn(8, generator=layer_generator(0, 2, kind)) for kind in Drawn}
    assert not torch.equal(drawn[Drawn.WEIGHTS], drawn[Drawn.BATCHES])
