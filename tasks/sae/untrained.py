"""Where training starts: names and seeded weights."""

import torch
from torch import Tensor
from torch.nn.functional import normalize

from tasks.sae.kinds import KINDS
from tasks.sae.positions import Positions
from tasks.sae.sae import Sae
from tasks.sae.seeds import Drawn, layer_generator
from tasks.sae.settings import SaeSettings
from tasks.store import RequestError


def untrained_sae(settings: SaeSettings, layer: int, positions: Positions, model_id: str, key: str) -> Sae:
    """The starting point, drawn by seed and layer. Raises RequestError if k exceeds the number of features."""
    mean = positions.mean(positions.train)
    n_features = settings.expansion * len(mean)
    if settings.k > n_features:
        raise RequestError(f"sae.k {settings.k} exceeds the {n_features} features of layer {layer}: lower it")
    weights = initial_weights(n_features, mean, layer_generator(settings.seed, layer, Drawn.WEIGHTS))
    return Sae(
        sae_name(layer, settings.variant, n_features, settings.k if KINDS[settings.variant].by_k else None, key),
        model_id,
        layer,
        settings.k,
        weights["W_enc"],
        weights["b_enc"],
        weights["W_dec"],
        weights["b_dec"],
        variant=settings.variant,
    )


def sae_name(layer: int, variant: str, n_features: int, k: int | None, key: str) -> str:
    """What tables call the autoencoder of the step folder with this key."""
    return f"L{layer:02d}-{variant}{n_features}{f'-k{k}' if k else ''}-{key[:6]}"


def initial_weights(n_features: int, mean: Tensor, generator: torch.Generator) -> dict[str, Tensor]:
    """Random unit directions, the encoder their transpose, ``b_dec`` the mean [d] of the inputs (Gao et al., A.1)."""
    directions = normalize(torch.randn(n_features, len(mean), generator=generator), dim=1).to(mean.device)
    return {
        "W_enc": directions.T,
        "b_enc": mean.new_zeros(n_features),
        "W_dec": directions,
        "b_dec": mean.clone(),
    }
