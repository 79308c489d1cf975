"""bio-sae, the published atlases: ``sae_final.pt`` and ``activation_mean.npy``.

The autoencoder reads z = x - mu and subtracts nothing more: p = W_enc z + b_enc, x_hat = mu + W_dec h + b_dec. That is
one of x with mu + b_dec in the place of b_dec. Its directions are of unequal norm: training made the *rows* of the
[d, F] decoder unit vectors.
"""

import re

import numpy as np
import torch
from pydantic import BaseModel, ConfigDict, ValidationError
from torch import Tensor

from tasks.models.weight_reading import read_saved
from tasks.sae.folds import centred
from tasks.sae.layouts.checks import check_k, checked, refusal
from tasks.sae.layouts.files import Found
from tasks.sae.sae import UNTOLD, Sae
from tasks.store import RequestError
from tasks.vocabulary.files import unreadable


class Checkpoint(BaseModel):
    """The sizes that stand beside the state dict."""

    model_config = ConfigDict(strict=True)

    d_model: int
    n_features: int
    k: int


def read(files: Found) -> Sae:
    """The autoencoder of raw activations, the mean folded in."""
    saved = read_saved(files.weights)
    if not isinstance(saved, dict):
        raise RequestError(f"{files.weights} holds no checkpoint but a {type(saved).__name__}: fetch it anew")
    try:
        sizes = Checkpoint.model_validate(saved)
    except ValidationError as error:
        raise refusal(files.weights, error) from None
    d, n = sizes.d_model, sizes.n_features
    shapes = {"W_enc.weight": (n, d), "W_enc.bias": (n,), "W_dec.weight": (d, n), "W_dec.bias": (d,)}
    state = checked(files.weights, _state(files, saved), shapes)
    tensors = centred(
        {
            "W_enc": state["W_enc.weight"].T.contiguous(),
            "b_enc": state["W_enc.bias"],
            "W_dec": state["W_dec.weight"].T.contiguous(),
            "b_dec": state["W_dec.bias"],
        }
    )
    tensors["b_dec"] = tensors["b_dec"] + _mean(files, d)
    name = files.weights.parent.name
    layer = re.match(r"layer(\d+)", name)  # layer05_x4_k32
    k = check_k(files.weights, sizes.k, n)
    return Sae.of(tensors, k, sae_id=name, model_id="", layer=int(layer[1]) if layer else UNTOLD, variant="topk")


def _state(files: Found, saved: dict[object, object]) -> dict[str, Tensor]:
    """The one dictionary of tensors in the checkpoint, whatever it goes under."""
    held = [value for value in saved.values() if isinstance(value, dict)]
    if len(held) != 1 or not all(isinstance(tensor, Tensor) for tensor in held[0].values()):
        raise RequestError(f"{files.weights} holds {len(held)} state dicts instead of one: fetch it anew")
    return held[0]


def _mean(files: Found, d: int) -> Tensor:
    try:
        mean = np.load(files.beside, allow_pickle=False)
    except OSError as error:
        raise unreadable(files.beside, error) from None
    except (ValueError, EOFError) as error:
        line = str(error).splitlines()[0]
        raise RequestError(f"{files.beside} is no array of numbers ({line}): fetch it anew") from None
    if not isinstance(mean, np.ndarray) or mean.dtype.kind not in "fiu":
        raise RequestError(f"{files.beside} is no array of numbers: fetch it anew")
    return checked(files.beside, {"the mean": torch.from_numpy(mean)}, {"the mean": (d,)})["the mean"]
