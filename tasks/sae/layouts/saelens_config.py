"""``cfg.json`` of SAELens: the form of release 6, and how those of earlier releases are brought to it."""

from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, model_validator

from tasks.sae.layouts.checks import Shapes
from tasks.sae.sae import Sae

EARLIER = {
    "hook_point": "hook_name",
    "hook_point_layer": "hook_layer",
    "hook_point_head_index": "hook_head_index",
    "activation_fn_str": "activation_fn",
}  # what releases before 3 called it
ABOUT = ("model_name", "hook_name", "hook_layer", "hook_head_index", "hook_name_out")  # beside the rest before 6


class Metadata(BaseModel):
    """What an autoencoder belongs to. Training inputs were multiplied by ``input_scale``, folded into the weights."""

    model_config = ConfigDict(frozen=True)

    sae_id: str | None = None
    variant: str | None = None
    model_name: str | None = None
    layer: int | None = None
    hook_name: str | None = None
    hook_layer: int | None = None
    hook_head_index: None = None  # of a single head
    hook_name_out: None = None  # of a transcoder
    widest: int | None = None
    input_scale: float = 1.0
    sae_lens_version: str = "6.0.0"  # the release whose layout this is


class SaeConfig(BaseModel):
    """The fields of ``cfg.json``; a value other than those allowed would make another function of the weights.

    What has thresholds is a JumpReLU autoencoder there, however it was trained.
    """

    model_config = ConfigDict(frozen=True)

    architecture: Literal["topk", "jumprelu", "standard", "gated"]
    d_in: int
    d_sae: int
    d_out: int | None = None
    k: int | None = None
    dtype: str = "float32"
    device: str = "cpu"
    apply_b_dec_to_input: bool = True
    normalize_activations: Literal["none"] = "none"
    reshape_activations: Literal["none"] = "none"
    rescale_acts_by_decoder_norm: bool | None = None
    activation_fn: Literal["relu"] | None = None  # releases before 6
    finetuning_scaling_factor: Literal[False] | None = None
    metadata: Metadata = Metadata()

    @model_validator(mode="before")
    @classmethod
    def _of_earlier_releases(cls, given: object) -> object:
        return in_this_form(given) if isinstance(given, dict) else given

    @model_validator(mode="after")
    def _only_topk_has_k(self) -> Self:
        if (self.architecture == "topk") != (self.k is not None):
            raise ValueError(f"k is {self.k}, but the architecture is {self.architecture}")
        if self.rescale_acts_by_decoder_norm and self.architecture != "topk":
            raise ValueError(f"rescale_acts_by_decoder_norm, but the architecture is {self.architecture}")
        if self.d_out not in (None, self.d_in):
            raise ValueError(f"d_out is {self.d_out} and d_in {self.d_in}: a transcoder")
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


def in_this_form(given: dict[str, Any]) -> dict[str, Any]:
    """A configuration of any release in the form of release 6: ``k`` and ``metadata`` where they are there.

    Raises ValueError if one thing is told twice and differs.
    """
    said: dict[str, Any] = {}
    for name, value in given.items():
        _tell(said, EARLIER.get(name, name), value)
    about = said.pop("metadata", {})
    if isinstance(about, dict):
        about = {EARLIER.get(name, name): value for name, value in about.items()}
        for name in ABOUT:
            _tell(about, name, said.pop(name, None))
    said.setdefault("architecture", "standard")  # the only one, when none was named
    if said.get("activation_fn") == "topk" and said["architecture"] in ("standard", "topk"):
        said["architecture"], said["activation_fn"] = "topk", None
    kwargs = said.get("activation_fn_kwargs")
    if said["architecture"] == "topk" and isinstance(kwargs, dict):
        _tell(said, "k", kwargs.get("k"))
    if not said.get("normalize_activations", True):  # null or false, in place of "none"
        said["normalize_activations"] = "none"
    return {**said, "metadata": about}


def _tell(told: dict[str, Any], name: str, value: object) -> None:
    if value is None:
        return
    if told.get(name) not in (None, value):
        raise ValueError(f"{name} is both {told[name]} and {value}")
    told[name] = value
