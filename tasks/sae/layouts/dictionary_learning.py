"""dictionary_learning (saprmarks): ``config.json`` and ``ae.pt``, the state dict of one of its classes.

AutoEncoder             ReLU, reads x - b_dec                AutoEncoderNew        ReLU, reads x as it is
AutoEncoderTopK         k a position                         GatedAutoEncoder      gates and magnitudes
BatchTopKSAE            one threshold for all features       JumpReluAutoEncoder   a threshold a feature, reads x
MatryoshkaBatchTopKSAE  the same                                                   as it is
"""

from collections.abc import Callable
from typing import Literal, NamedTuple

from pydantic import BaseModel
from torch import Tensor

from tasks.models.weight_reading import read_weights
from tasks.sae.folds import centred, rectified, ungated
from tasks.sae.layouts.checks import Shapes, check_k, checked, read_config
from tasks.sae.layouts.files import Found
from tasks.sae.layouts.place import told_layer
from tasks.sae.sae import Sae
from tasks.store import RequestError

Tensors = dict[str, Tensor]


class Trainer(BaseModel):
    """What ``config.json`` says of the class."""

    dict_class: Literal[
        "AutoEncoder",
        "AutoEncoderNew",
        "AutoEncoderTopK",
        "BatchTopKSAE",
        "MatryoshkaBatchTopKSAE",
        "GatedAutoEncoder",
        "JumpReluAutoEncoder",
    ]
    k: int | None = None
    layer: int | None = None
    lm_name: str | None = None
    submodule_name: str | None = None


class Buffer(BaseModel):
    """What it says of the activations: ``in`` to the module or ``out`` of it."""

    io: Literal["in", "out"] | None = None


class Config(BaseModel):
    """The file."""

    trainer: Trainer
    buffer: Buffer = Buffer()


class Form(NamedTuple):
    """A class: the variant it trains, our names of its tensors by its own, and how ours are made of them."""

    variant: str
    names: dict[str, str]  # the encoder first; those that end in .weight lie transposed
    finish: Callable[[Tensors], Tensors]


def _with_thresholds(tensors: Tensors) -> Tensors:
    return {**tensors, "threshold": tensors["threshold"].expand(len(tensors["b_enc"])).relu()}


LINEAR = {"encoder.weight": "W_enc", "decoder.weight": "W_dec"}
PLAIN = {"W_enc": "W_enc", "b_enc": "b_enc", "W_dec": "W_dec", "b_dec": "b_dec", "threshold": "threshold"}
BY_K = {**LINEAR, "encoder.bias": "b_enc", "b_dec": "b_dec", "k": "k", "threshold": "threshold"}
GATED = {**LINEAR, "decoder_bias": "b_dec", "r_mag": "r", "gate_bias": "b_gate", "mag_bias": "b_mag"}
FORMS = {
    "AutoEncoder": Form("standard", {**LINEAR, "encoder.bias": "b_enc", "bias": "b_dec"}, rectified),
    "AutoEncoderNew": Form(
        "standard", {**LINEAR, "encoder.bias": "b_enc", "decoder.bias": "b_dec"}, lambda own: rectified(centred(own))
    ),
    "AutoEncoderTopK": Form("topk", BY_K, lambda own: {name: own[name] for name in own if name != "threshold"}),
    "BatchTopKSAE": Form("batchtopk", BY_K, _with_thresholds),
    "MatryoshkaBatchTopKSAE": Form("matryoshka", {**PLAIN, "k": "k", "group_sizes": "group_sizes"}, _with_thresholds),
    "GatedAutoEncoder": Form("gated", GATED, ungated),
    "JumpReluAutoEncoder": Form("jumprelu", PLAIN, lambda own: centred(_with_thresholds(own))),
}
MAY_LACK = ("k", "threshold")  # earlier releases kept k in config.json alone
NUMBERS = ("k", "group_sizes")  # how it was trained; no tensors of ``Sae``


def read(files: Found) -> Sae:
    """The autoencoder as it was saved, with the threshold that it was saved with."""
    config = read_config(files.beside, Config)
    trainer = config.trainer
    form = FORMS[trainer.dict_class]
    found = read_weights(files.weights, trainer.dict_class)
    held = checked(files.weights, found, _shapes(files, form, found), MAY_LACK if form.variant == "topk" else ())
    own = {form.names[name]: held[name].T if name.endswith(".weight") else held[name] for name in held}
    _check_threshold(files, form, own)
    k = _told_k(files, trainer, own) if form.variant == "topk" else None
    tensors = form.finish({name: tensor for name, tensor in own.items() if name not in NUMBERS})
    return Sae.of(
        {name: tensor.contiguous() for name, tensor in tensors.items()},
        k,
        sae_id=files.weights.parent.name,
        model_id=trainer.lm_name or "",
        layer=told_layer(files.beside, trainer.submodule_name, trainer.layer, config.buffer.io),
        variant=form.variant,
    )


def _shapes(files: Found, form: Form, found: Tensors) -> Shapes:
    """Shape of every tensor, by the encoder's."""
    encoder = next(iter(form.names))
    if encoder not in found or found[encoder].ndim != 2:
        raise RequestError(f"{files.weights} lacks the matrix {encoder}: its weights are {', '.join(form.names)}")
    d, n = found[encoder].T.shape if encoder.endswith(".weight") else found[encoder].shape
    shapes: Shapes = {"W_enc": (d, n), "W_dec": (n, d), "b_dec": (d,), "k": ()}
    if "group_sizes" in found:
        shapes["group_sizes"] = (found["group_sizes"].numel(),)
    shapes["threshold"] = (n,) if form.variant == "jumprelu" else ()
    by_name = {name: shapes.get(own, (n,)) for name, own in form.names.items()}
    return {name: shape[::-1] if name.endswith(".weight") else shape for name, shape in by_name.items()}


def _told_k(files: Found, trainer: Trainer, own: Tensors) -> int:
    """k, of the weights and of the configuration: they must agree where both tell."""
    told = {int(own["k"])} if "k" in own else set()
    told |= {trainer.k} if trainer.k is not None else set()
    if len(told) != 1:
        raise RequestError(f"{files.weights} and {files.beside.name} tell k {sorted(told)}: copy both anew")
    return check_k(files.weights, told.pop(), len(own["b_enc"]))


def _check_threshold(files: Found, form: Form, own: Tensors) -> None:
    if form.variant in ("batchtopk", "matryoshka") and float(own["threshold"]) < 0:
        raise RequestError(
            f"{files.weights}: its threshold was never set (the training was shorter than threshold_start_step), "
            "so which features are active is not known: train it longer"
        )
