"""SAELens: ``cfg.json`` and ``sae_weights.safetensors``. What is trained here is written in it.

Read are the architectures topk, jumprelu (what batchtopk and matryoshka are saved as), standard and gated.
"""

from safetensors.torch import save_file
from torch import Tensor

from tasks.models.weight_reading import read_weights
from tasks.sae.folds import centred, norms_in_encoder, rectified, ungated
from tasks.sae.layouts.checks import check_k, checked, read_config
from tasks.sae.layouts.files import FOLDER, SAELENS, Found
from tasks.sae.layouts.place import told_layer
from tasks.sae.layouts.saelens_config import Metadata, SaeConfig
from tasks.sae.sae import UNTOLD, Sae
from tasks.store import RequestError, Unit


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
    given = read_weights(files.weights, "SAELens autoencoder")
    tensors = checked(files.weights, _without_ones(given), config.shapes)
    return Sae.of(
        _one_form(config, tensors),
        None if config.k is None else check_k(files.beside, config.k, config.d_sae),
        sae_id=about.sae_id or files.weights.parent.name,
        model_id=about.model_name or "",
        layer=_told_layer(files, about),
        variant=about.variant or config.architecture,
        widest=about.widest,
    )


def _told_layer(files: Found, about: Metadata) -> int:
    """The layer of the hook; ours is a second word on it. Raises RequestError if they differ."""
    hooked = told_layer(files.beside, about.hook_name, about.hook_layer)
    if about.layer is None or hooked == UNTOLD:
        return hooked if about.layer is None else about.layer
    if hooked != about.layer:
        raise RequestError(f"{files.beside}: its layer is {about.layer}, but {about.hook_name} is layer {hooked}")
    return hooked


def _without_ones(given: dict[str, Tensor]) -> dict[str, Tensor]:
    """Weights without the factors of fine-tuning, where they are 1: earlier releases wrote them all the same."""
    factors = given.get("scaling_factor")
    if factors is None or not bool((factors == 1).all()):
        return given
    return {name: tensor for name, tensor in given.items() if name != "scaling_factor"}


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
