"""Table trace_control: for a sample of source features, the ablation beside what it must be compared with.

1. Features are sorted by firing frequency (active positions in the traced cells) and cut into equal strata; one is
   drawn from each.
2. real: the ablation, as archived. zero: the same positions displaced by nothing, no floor; every effect must be
   exactly 0. random_direction: the same activations along one fixed isotropic direction of the same length.
   covariance_matched: along one drawn from the covariance of the layer's outputs, where the model is used to being
   moved. frequency_matched: the ablation of the feature next to it in frequency, as archived. Where settings name it,
   published_noise: at every position of every cell a new Gaussian vector, as long as what the ablation adds there;
   reconstruction: at the feature's positions no feature changed, but what the autoencoder does not reconstruct dropped.
3. Each is counted alike (``control_rows``).
"""

from collections.abc import Callable
from functools import cache

import numpy as np
import torch
from torch import Tensor

from tasks.causal.cell import SourceState
from tasks.causal.displacement import Displacement
from tasks.causal.effects import Change, Displace, along
from tasks.causal.tiles import TiledEncoder
from tasks.sae import Sae
from tasks.trace.measure import Treatment
from tasks.trace.settings import TraceSettings
from tasks.trace.sources import Sources

DIRECTIONS = ("random_direction", "covariance_matched")  # that mean nothing
ISOTROPIC, COVARIANT, NOISE = 2, 3, 8  # streams of the seed: what is drawn for one control decides nothing elsewhere
SHORTEST = 1e-9  # length that a drawn vector is divided by at least, as published


def draw_sample(n_positions: dict[int, int], n_controls: int, seed: list[int]) -> dict[int, int | None]:
    """Sampled features, ascending, and for each the other feature nearest to it in frequency (None if it is alone).

    ``n_positions`` maps a feature to the number of positions where it is active.
    """
    order = sorted(n_positions, key=lambda feature: (n_positions[feature], feature))
    rng = np.random.default_rng(seed)
    strata = np.array_split(np.array(order), min(n_controls, len(order)))
    drawn = sorted(int(rng.choice(stratum)) for stratum in strata)
    return {feature: _nearest(order, n_positions, feature) for feature in drawn}


def _nearest(order: list[int], n_positions: dict[int, int], feature: int) -> int | None:
    place = order.index(feature)
    beside = order[max(place - 1, 0) : place] + order[place + 1 : place + 2]
    return min(beside, key=lambda other: (abs(n_positions[other] - n_positions[feature]), other), default=None)


def random_directions(directions: Tensor, features: list[int], seed: list[int]) -> Tensor:
    """``directions`` [F, d] with the rows of ``features`` replaced by random ones of the same length."""
    replaced = directions.clone()
    for feature in features:
        drawn = np.random.default_rng([*seed, feature]).standard_normal(directions.shape[1])
        unit = torch.from_numpy(drawn / np.linalg.norm(drawn)).to(directions)
        replaced[feature] = directions[feature].norm() * unit
    return replaced


def covariant_directions(directions: Tensor, features: list[int], states: list[Tensor], seed: list[int]) -> Tensor:
    """As ``random_directions``, but drawn from the covariance of the source layer's outputs ``states``, [S, d] each.

    A sum of centred outputs with independent normal weights has their covariance, which is never formed.
    """
    every = torch.cat([state.cpu() for state in states]).double()
    centred = every - every.mean(0)
    replaced = directions.clone()
    for feature in features:
        weights = torch.from_numpy(np.random.default_rng([*seed, feature]).standard_normal(len(centred)))
        drawn = weights @ centred
        replaced[feature] = directions[feature].norm() * (drawn / drawn.norm()).to(directions)
    return replaced


def fresh_noise(directions: Tensor, change: Change, seed: list[int]) -> Displace:
    """The published control of a feature's ablation along its row of ``directions`` [F, d]: noise of the same length.

    Every position of every cell has a Gaussian vector of its own, seeded by feature and cell.
    """

    def displace(state: SourceState, site: int) -> Displacement:
        feature = int(state.sites.features[site])
        own = along(directions, change)(state, site)
        drawn = np.random.default_rng([*seed, feature, state.cell_id]).standard_normal(own.values.shape)
        noise = torch.from_numpy(drawn / np.maximum(np.linalg.norm(drawn, axis=1, keepdims=True), SHORTEST))
        return Displacement(own.positions, own.values.norm(dim=1, keepdim=True) * noise.to(own.values))

    return displace


def rebuilt(sae: Sae) -> Displace:
    """From the layer's output at a feature's positions to what the autoencoder makes of it."""
    encoder = TiledEncoder(sae)

    @torch.inference_mode()
    def displace(state: SourceState, site: int) -> Displacement:
        positions, _ = state.sites.at(site)
        outputs = state.hidden[positions.to(state.hidden.device)].to(sae.W_dec.device)
        return Displacement(positions, (sae.decode(encoder.encode(outputs)) - outputs).cpu())

    return displace


def measured(settings: TraceSettings) -> list[str]:
    """Controls that are measured anew."""
    return ["zero", *DIRECTIONS, *settings.more_controls]


def treatments(drawn: list[int], sources: Sources, settings: TraceSettings) -> list[Treatment]:
    """The displacements that are measured anew for the sampled features; directions are made when they are needed."""
    real, seed = sources.directions, [settings.seed, sources.names.source_layer]

    def zero() -> Displace:
        return along(torch.zeros_like(real), sources.change)

    def isotropic() -> Displace:
        return along(random_directions(real, drawn, [*seed, ISOTROPIC]), sources.change)

    def covariant() -> Displace:
        outputs = [state.hidden for state in sources.states]
        return along(covariant_directions(real, drawn, outputs, [*seed, COVARIANT]), sources.change)

    def noise() -> Displace:
        return fresh_noise(real, sources.change, [*seed, NOISE])

    makers: dict[str, Callable[[], Displace]] = {
        "zero": zero,
        "random_direction": isotropic,
        "covariance_matched": covariant,
        "published_noise": noise,
        "reconstruction": lambda: rebuilt(sources.inputs.source),
    }
    return [
        Treatment(name, torch.tensor(drawn), cache(makers[name]), 0.0 if name == "zero" else settings.floor, True)
        for name in measured(settings)
    ]
