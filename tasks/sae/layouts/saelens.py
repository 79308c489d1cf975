"""SAELens: ``cfg.json`` and ``sae_weights.safetensors``. What is trained here is written in it.

Read are the architectures topk, jumprelu (what batchtopk and matryoshka are saved as), standard and gated.
"""

import re
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, model_validator
from safetensors.torch import save_file
from torch import Tensor

from tasks.models.weight_reading import read_weights
from tasks.sae.folds import centred, norms_in_encoder, rectified, ungated
from tasks.sae.layouts.checks import Shapes, check_k, checked, read_config
from tasks.sae.layouts.files import FOLDER, SAELENS, Found
from tasks.sae.sae import UNTOLD, Sae
from tasks.store import Unit


class Metadata(BaseModel):
    """What an autoencoder belongs to. Training inputs were multiplied by ``input_scale``, folded into the weights."""

    model_config = ConfigDict(frozen=True)

    sae_id: str | None = None
    variant: str | None = None
    model_name: str | None = None
    layer: int | None = None
    hook_name: str | None = None
    widest: int | None = None
    input_scale: float = 1.0
    sae_lens_version: str = "6.0.0"  # the release whose layout this is

    @property
    def told_layer(self) -> int:
        """The layer, from its own field or from the hook's name (``blocks.5.hook_resid_post``)."""
        named = re.search(r"\.(\d+)\.", self.hook_name or "")
        return self.layer if self.layer is not None else int(named[1]) if named else UNTOLD


class SaeConfig(BaseModel):
    """The fields of ``cfg.json``; a value other than those allowed would make another function of the weights.

    What has thresholds is a JumpReLU autoencoder there, however it was trained.
    """

    model_config = ConfigDict(frozen=True)

    architecture: Literal["topk", "jumprelu", "standard", "gated"]
    d_in: int
    d_sae: int
    k: int | None = None
    dtype: str = "float32"
    device: str = "cpu"
    apply_b_dec_to_input: bool = True
    normalize_activations: Literal["none"] = "none"
    reshape_activations: Literal["none"] = "none"
    rescale_acts_by_decoder_norm: bool | None = None
    activation_fn: Literal["relu"] | None = None  # releases before 6
    activation_fn_str: Literal["relu"] | None = None
    finetuning_scaling_factor: Literal[False] | None = None
    metadata: Metadata = Metadata()

    @model_validator(mode="after")
    def _only_topk_has_k(self) -> Self:
        if (self.architecture == "topk") != (self.k is not None):
            raise ValueError(f"k is {self.k}, but the architecture is {self.architecture}")
        if self.rescale_acts_by_decoder_norm and self.architecture != "topk":
            raise ValueError(f"rescale_acts_by_decoder_norm, but the architecture is {self.architecture}")
        return self

    @classmethod
    def of(cls, sae: Sae, input_scale: float) -> Self:
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
    def shapes(self) -> Shapes:
        """Shape of every tensor of the weights file."""
        d, n = self.d_in, self.d_sae
        encoder = ("r_mag", "b_gate", "b_mag") if self.architecture == "gated" else ("b_enc",)
        further = ("threshold",) if self.architecture == "jumprelu" else ()
        return {"W_enc": (d, n), "W_dec": (n, d), "b_dec": (d,)} | dict.fromkeys((*encoder, *further), (n,))


def save_sae(sae: Sae, unit: Unit, input_scale: float = 1.0, folder: str = FOLDER) -> str:
    """Write the two files into ``folder``, as shards of ``unit``; return the SHA-256 of the weights file."""
    with unit.file(f"{folder}/{SAELENS.beside}") as path:
        path.write_text(SaeConfig.of(sae, input_scale).model_dump_json(indent=1, exclude_none=True))
    with unit.file(f"{folder}/{SAELENS.weights}") as path:
        save_file({name: tensor.cpu().contiguous() for name, tensor in sae.parameters.items()}, path)
    return unit.shards[-1].sha256


def read(files: Found) -> Sae:
    """The autoencoder as it was saved; its feature directions have the norms they were saved with."""
    config = read_config(files.beside, SaeConfig)
    about = config.metadata
    tensors = checked(files.weights, read_weights(files.weights, "SAELens autoencoder"), config.shapes)
    return Sae.of(
        _one_form(config, tensors),
        None if config.k is None else check_k(files.beside, config.k, config.d_sae),
        sae_id=about.sae_id or files.weights.parent.name,
        model_id=about.model_name or "",
        layer=about.told_layer,
        variant=about.variant or config.architecture,
        widest=about.widest,
    )


def _one_form(config: SaeConfig, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    if config.architecture == "standard":
        tensors = rectified(tensors)
    if config.architecture == "jumprelu":
        tensors["threshold"] = tensors["threshold"].relu()
    if config.architecture == "gated":
        tensors = ungated({"r": tensors.pop("r_mag"), **tensors})
    if config.rescale_acts_by_decoder_norm:
        tensors = norms_in_encoder(tensors)
    return tensors if config.apply_b_dec_to_input else centred(tensors)
