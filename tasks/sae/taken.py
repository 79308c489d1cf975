"""A trained autoencoder from elsewhere in the place of one trained here."""

from dataclasses import replace
from pathlib import Path

from torch import Tensor

from tasks.sae.layouts.load import load_sae
from tasks.sae.sae import UNTOLD, Sae
from tasks.sae.untrained import sae_name
from tasks.store import RequestError


def take_sae(folder: Path, layer: int, hidden: Tensor, model_id: str, key: str) -> Sae:
    """The autoencoder in ``folder`` under the names that one trained on ``hidden`` [N, d] would have, where that lies.

    Raises RequestError if it cannot be read, reads activations of another width, or says it is of another layer.
    """
    found, d_model = load_sae(folder, str(hidden.device)), hidden.shape[1]
    if found.layer not in (UNTOLD, layer):
        raise RequestError(f"sae.path: {folder} was trained on layer {found.layer}, not {layer}: put {{layer}} in path")
    if found.d_model != d_model:
        raise RequestError(
            f"sae.path: {folder} reads activations of width {found.d_model}, but layer {layer} of the model gives "
            f"{d_model}: take one that was trained on this model"
        )
    sae_id = sae_name(layer, found.variant, found.n_features, found.k, key)
    return replace(found, sae_id=sae_id, model_id=model_id, layer=layer)
