"""A trained autoencoder from elsewhere in the place of one trained here."""

import re
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from tasks.activations.streamed import States
from tasks.sae.layouts.load import load_sae
from tasks.sae.sae import UNTOLD, Sae
from tasks.sae.untrained import sae_name
from tasks.store import RequestError

MODEL_ID = re.compile(r".+-[0-9a-f]{8}")  # our names of models end in a hash of their weights


class Names(NamedTuple):
    """The model it shall serve, what its files may call that model besides, and the key of the step folder."""

    model_id: str
    path_model: str | None
    key: str


def take_sae(folder: Path, layer: int, hidden: States, names: Names) -> Sae:
    """The autoencoder in ``folder`` under the names that one trained on ``hidden`` [N, d] would have, where that lies.

    Raises RequestError if it cannot be read, reads activations of another width, or says it is of another layer or
    another model.
    """
    found, d_model = read_taken(folder, layer, str(hidden.device)), hidden.shape[1]
    if found.d_model != d_model:
        raise RequestError(
            f"sae.path: {folder} reads activations of width {found.d_model}, but layer {layer} of the model gives "
            f"{d_model}: take one that was trained on this model"
        )
    if not names_model(found.model_id, names):
        raise RequestError(
            f"sae.path: {folder} was trained on the model {found.model_id}, not on {names.model_id}: take one of this "
            f'model, or set sae.path_model = "{found.model_id}" if that is this model under another name'
        )
    sae_id = sae_name(layer, found.variant, found.n_features, found.k, names.key)
    return replace(found, sae_id=sae_id, model_id=names.model_id, layer=layer)


def read_taken(folder: Path, layer: int, device: str = "cpu") -> Sae:
    """The autoencoder in ``folder``. Raises RequestError if it cannot be read, or says it is of another layer."""
    found = load_sae(folder, device)
    if found.layer not in (UNTOLD, layer):
        raise RequestError(f"sae.path: {folder} was trained on layer {found.layer}, not {layer}: put {{layer}} in path")
    return found


def names_model(told: str, names: Names) -> bool:
    """Whether ``told``, empty if nothing was told, names the model: with or without an owner, or by the same hash."""
    if told in ("", names.model_id, names.path_model):
        return True
    name, _, digits = names.model_id.rpartition("-")
    if MODEL_ID.fullmatch(told):
        return told.endswith(f"-{digits}")
    return told.rstrip("/").rpartition("/")[2].casefold() == name.casefold()
