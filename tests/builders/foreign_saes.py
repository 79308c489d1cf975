"""Dictionaries as other projects save them, with random weights, beside what their own equations make of x."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from torch import Tensor

D, F, K = 6, 24, 3
Weights = dict[str, Tensor]
Equations = Callable[[Weights, Tensor], tuple[Tensor, Tensor]]  # dense codes [n, F] and x_hat [n, d]


@dataclass(frozen=True)
class Foreign:
    """``weights`` by their names there; ``settings`` as its JSON file has them; ``equations`` as its code has them."""

    weights: Weights
    settings: dict[str, object]
    equations: Equations


def draw(*shape: int, seed: int) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def best(p: Tensor, k: int = K) -> Tensor:
    """ReLU of the k largest entries of a row, one row after the other."""
    codes = torch.zeros_like(p)
    for row, entries in enumerate(p):
        for column in entries.argsort(descending=True)[:k]:
            codes[row, column] = max(float(entries[column]), 0.0)
    return codes


def saelens(architecture: str, **more: object) -> Foreign:
    """The forms of ``cfg.json`` that are read."""
    weights = {"W_enc": draw(D, F, seed=1), "W_dec": 2 * draw(F, D, seed=2), "b_dec": draw(D, seed=3)}
    names = ("r_mag", "b_gate", "b_mag") if architecture == "gated" else ("b_enc",)
    names += ("threshold",) if architecture == "jumprelu" else ()
    weights |= {name: 0.5 * draw(F, seed=4 + number) for number, name in enumerate(names)}
    settings = {"architecture": architecture, "d_in": D, "d_sae": F, "dtype": "float32", **more}

    def equations(w: Weights, x: Tensor) -> tuple[Tensor, Tensor]:
        x = x - w["b_dec"] * settings.get("apply_b_dec_to_input", True)
        if architecture == "gated":
            opened = (x @ w["W_enc"] + w["b_gate"] > 0).float()
            codes = opened * (x @ (w["W_enc"] * w["r_mag"].exp()) + w["b_mag"]).relu()
            return codes, codes @ w["W_dec"] + w["b_dec"]
        p = x @ w["W_enc"] + w["b_enc"]
        norms = w["W_dec"].norm(dim=1) if settings.get("rescale_acts_by_decoder_norm") else torch.ones(F)
        kinds = {
            "topk": lambda: best(p * norms),
            "standard": p.relu,
            "jumprelu": lambda: p.relu() * (p > w["threshold"]),
        }
        codes = kinds[architecture]()
        return codes, codes / norms @ w["W_dec"] + w["b_dec"]

    return Foreign(weights, settings | ({"k": K} if architecture == "topk" else {}), equations)


def sparsify() -> Foreign:
    names = {"encoder.weight": (F, D), "encoder.bias": (F,), "W_dec": (F, D), "b_dec": (D,)}
    weights = {name: draw(*shape, seed=number) for number, (name, shape) in enumerate(names.items())}
    settings = {"d_in": D, "k": K, "expansion_factor": F // D, "activation": "topk", "normalize_decoder": True}

    def equations(w: Weights, x: Tensor) -> tuple[Tensor, Tensor]:
        codes = best((x - w["b_dec"]) @ w["encoder.weight"].T + w["encoder.bias"])
        return codes, codes @ w["W_dec"] + w["b_dec"]

    return Foreign(weights, settings, equations)


CLASSES: dict[str, tuple[dict[str, tuple[int, ...]], Callable[[Weights, Tensor], Tensor]]] = {
    "AutoEncoder": (
        {"bias": (D,), "encoder.weight": (F, D), "encoder.bias": (F,), "decoder.weight": (D, F)},
        lambda w, x: ((x - w["bias"]) @ w["encoder.weight"].T + w["encoder.bias"]).relu(),
    ),
    "AutoEncoderNew": (
        {"encoder.weight": (F, D), "encoder.bias": (F,), "decoder.weight": (D, F), "decoder.bias": (D,)},
        lambda w, x: (x @ w["encoder.weight"].T + w["encoder.bias"]).relu(),
    ),
    "AutoEncoderTopK": (
        {"b_dec": (D,), "encoder.weight": (F, D), "encoder.bias": (F,), "decoder.weight": (D, F)},
        lambda w, x: best((x - w["b_dec"]) @ w["encoder.weight"].T + w["encoder.bias"]),
    ),
    "BatchTopKSAE": (
        {"b_dec": (D,), "encoder.weight": (F, D), "encoder.bias": (F,), "decoder.weight": (D, F)},
        lambda w, x: above((x - w["b_dec"]) @ w["encoder.weight"].T + w["encoder.bias"], w["threshold"]),
    ),
    "MatryoshkaBatchTopKSAE": (
        {"W_enc": (D, F), "b_enc": (F,), "W_dec": (F, D), "b_dec": (D,)},
        lambda w, x: above((x - w["b_dec"]) @ w["W_enc"] + w["b_enc"], w["threshold"]),
    ),
    "JumpReluAutoEncoder": (
        {"W_enc": (D, F), "b_enc": (F,), "W_dec": (F, D), "b_dec": (D,), "threshold": (F,)},
        lambda w, x: above(x @ w["W_enc"] + w["b_enc"], w["threshold"]),
    ),
    "GatedAutoEncoder": (
        {
            "decoder_bias": (D,), "encoder.weight": (F, D), "r_mag": (F,), "gate_bias": (F,), "mag_bias": (F,),
            "decoder.weight": (D, F),
        },
        lambda w, x: gates((x - w["decoder_bias"]) @ w["encoder.weight"].T, w),
    ),
}  # fmt: skip
BATCHED = ("BatchTopKSAE", "MatryoshkaBatchTopKSAE")


def above(p: Tensor, threshold: Tensor) -> Tensor:
    return (p * (p > threshold)).relu()


def gates(h: Tensor, w: Weights) -> Tensor:
    return (h + w["gate_bias"] > 0).float() * (w["r_mag"].exp() * h + w["mag_bias"]).relu()


def dictionary_learning(name: str) -> Foreign:
    shapes, codes_of = CLASSES[name]
    weights = {one: draw(*shape, seed=number) for number, (one, shape) in enumerate(shapes.items())}
    settings: dict[str, object] = {"dict_class": name, "layer": 4, "lm_name": "a-model"}
    if name in (*BATCHED, "AutoEncoderTopK"):
        weights |= {"k": torch.tensor(K, dtype=torch.int), "threshold": torch.tensor(0.7)}
        settings["k"] = K
    if name == "MatryoshkaBatchTopKSAE":
        weights["group_sizes"] = torch.tensor([8, 16])

    def equations(w: Weights, x: Tensor) -> tuple[Tensor, Tensor]:
        codes = codes_of(w, x)
        decoder = w["decoder.weight"].T if "decoder.weight" in w else w["W_dec"]
        bias = next(w[one] for one in ("b_dec", "bias", "decoder.bias", "decoder_bias") if one in w)
        return codes, codes @ decoder + bias

    return Foreign(weights, {"trainer": settings, "buffer": {}}, equations)


def bio_sae() -> Foreign:
    names = {"W_enc.weight": (F, D), "W_enc.bias": (F,), "W_dec.weight": (D, F), "W_dec.bias": (D,), "mean": (D,)}
    weights = {name: draw(*shape, seed=number) for number, (name, shape) in enumerate(names.items())}

    def equations(w: Weights, x: Tensor) -> tuple[Tensor, Tensor]:
        codes = best((x - w["mean"]) @ w["W_enc.weight"].T + w["W_enc.bias"])
        return codes, codes @ w["W_dec.weight"].T + w["W_dec.bias"] + w["mean"]

    return Foreign(weights, {"d_model": D, "n_features": F, "k": K}, equations)


def write_saelens(folder: Path, made: Foreign) -> Path:
    return _write(folder, made, "cfg.json", "sae_weights.safetensors")


def write_sparsify(folder: Path, made: Foreign) -> Path:
    return _write(folder, made, "cfg.json", "sae.safetensors")


def write_dictionary_learning(folder: Path, made: Foreign) -> Path:
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps(made.settings))
    torch.save(made.weights, folder / "ae.pt")
    return folder


def write_bio_sae(folder: Path, made: Foreign) -> Path:
    folder.mkdir(parents=True)
    state = {name: weight for name, weight in made.weights.items() if name != "mean"}
    torch.save({"model_state_dict": state, **made.settings}, folder / "sae_final.pt")
    np.save(folder / "activation_mean.npy", made.weights["mean"].numpy())
    return folder


def _write(folder: Path, made: Foreign, settings: str, weights: str) -> Path:
    folder.mkdir(parents=True)
    (folder / settings).write_text(json.dumps(made.settings))
    save_file(made.weights, folder / weights)
    return folder
