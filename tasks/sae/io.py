"""Autoencoders on disk, in the SAELens layout: ``cfg.json`` and ``sae_weights.safetensors``."""

from pathlib import Path
from typing import Any, Literal, Self

import torch
from pydantic import BaseModel, ConfigDict, ValidationError, model_validator
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from tasks.sae.sae import Sae
from tasks.store import RequestError, Unit

FOLDER = "sae"
CONFIG_FILE = "cfg.json"
WEIGHTS_FILE = "sae_weights.safetensors"


class Metadata(BaseModel):
    """What an autoencoder belongs to. Training inputs were multiplied by ``input_scale``, folded into the weights."""

    model_config = ConfigDict(frozen=True)

    sae_id: str
    variant: str = "topk"
    model_name: str
    layer: int
    hook_name: str
    widest: int | None = None
    input_scale: float = 1.0
    sae_lens_version: str = "6.0.0"  # the release whose layout this is


class SaeConfig(BaseModel):
    """The fields of ``cfg.json``; a value other than those allowed would make another function of the weights.

    What has thresholds is a JumpReLU autoencoder there, however it was trained.
    """

    model_config = ConfigDict(frozen=True)

    architecture: Literal["topk", "jumprelu"]
    d_in: int
    d_sae: int
    k: int | None = None
    dtype: Literal["float32"] = "float32"
    device: str = "cpu"
    apply_b_dec_to_input: Literal[True] = True
    normalize_activations: Literal["none"] = "none"
    reshape_activations: Literal["none"] = "none"
    rescale_acts_by_decoder_norm: Literal[False] | None = None
    metadata: Metadata

    @model_validator(mode="after")
    def _k_if_topk(self) -> Self:
        if (self.architecture == "topk") != (self.k is not None):
            raise ValueError(f"k is {self.k}, but the architecture is {self.architecture}")
        return self

    @classmethod
    def of(cls, sae: Sae, input_scale: float) -> "SaeConfig":
        """The configuration that describes ``sae``."""
        hook = f"blocks.{sae.layer}.hook_normalized_resid_post"  # TransformerLens's name for a post-norm block's output
        metadata = Metadata(
            sae_id=sae.sae_id,
            variant=sae.variant,
            widest=sae.widest,
            model_name=sae.model_id,
            layer=sae.layer,
            hook_name=hook,
            input_scale=input_scale,
        )
        shape = {"d_in": sae.d_model, "d_sae": sae.n_features, "metadata": metadata}
        if sae.k is not None:
            return cls(architecture="topk", k=sae.k, rescale_acts_by_decoder_norm=False, **shape)
        return cls(architecture="jumprelu", **shape)

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Shape of every tensor of the weights file."""
        d, n = self.d_in, self.d_sae
        found: dict[str, tuple[int, ...]] = {"W_enc": (d, n), "b_enc": (n,), "W_dec": (n, d), "b_dec": (d,)}
        return found if self.architecture == "topk" else found | {"threshold": (n,)}


def save_sae(sae: Sae, unit: Unit, input_scale: float = 1.0, folder: str = FOLDER) -> str:
    """Write the two files into ``folder``, as shards of ``unit``; return the SHA-256 of the weights file."""
    with unit.file(f"{folder}/{CONFIG_FILE}") as path:
        path.write_text(SaeConfig.of(sae, input_scale).model_dump_json(indent=1, exclude_none=True))
    with unit.file(f"{folder}/{WEIGHTS_FILE}") as path:
        save_file({name: tensor.cpu().contiguous() for name, tensor in sae.parameters.items()}, path)
    return unit.shards[-1].sha256


def load_sae(folder: Path, device: str = "cpu") -> Sae:
    """Read an autoencoder from a SAELens directory, or from a step folder that holds one in ``sae/``.

    Weights are returned as found: ``decoder_norms`` measures the feature directions.
    Raises RequestError if a file is missing or unreadable, or if weights and configuration do not fit.
    """
    inside = folder / FOLDER
    directory = inside if inside.is_dir() else folder
    config = _read_config(directory / CONFIG_FILE)
    weights = _read_weights(directory / WEIGHTS_FILE, config, device)
    about = config.metadata
    return Sae(
        sae_id=about.sae_id,
        model_id=about.model_name,
        layer=about.layer,
        k=config.k,
        variant=about.variant,
        widest=about.widest,
        **weights,
    )


def _read_config(path: Path) -> SaeConfig:
    try:
        return SaeConfig.model_validate_json(_existing(path).read_bytes())
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(map(str, first["loc"])) or "the file"
        raise RequestError(f"{path}: {field}: {first['msg']}: only TopK and JumpReLU of this form are read") from None


def _read_weights(path: Path, config: SaeConfig, device: str) -> dict[str, Any]:
    try:
        found = load_file(_existing(path), device=device)
    except SafetensorError as error:
        raise RequestError(f"{path} is not a whole safetensors file ({error}): copy it again") from None
    for name, shape in config.shapes.items():
        if name not in found:
            raise RequestError(f"{path} lacks {name}: {config.architecture} weights are {', '.join(config.shapes)}")
        _check_tensor(f"{path}: {name}", found[name], shape)
    return {name: found[name].float() for name in config.shapes}


def _check_tensor(what: str, tensor: Tensor, shape: tuple[int, ...]) -> None:
    if tuple(tensor.shape) != shape:
        raise RequestError(f"{what} has shape {list(tensor.shape)}, {CONFIG_FILE} says {list(shape)}")
    if not torch.isfinite(tensor).all():
        raise RequestError(f"{what} holds values that are not finite: the file is damaged or training diverged")


def _existing(path: Path) -> Path:
    if not path.is_file():
        raise RequestError(f"{path} does not exist: an autoencoder is a folder with {CONFIG_FILE} and {WEIGHTS_FILE}")
    return path
