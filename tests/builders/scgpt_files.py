"""An scGPT directory with random weights, in the published layout, its keys and shapes written out as published."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import torch
from torch import Tensor

NAMINGS = ("Wqkv", "_impl.Wqkv", "in_proj")
TRUE = {"n_layers": 12, "d_model": 512, "n_heads": 8, "d_ff": 512, "longest": 1200}


def shapes(n_tokens: int, d: int, d_ff: int, n_layers: int, naming: str) -> dict[str, tuple[int, ...]]:
    """Every key of a checkpoint, heads included."""
    deeper = "_impl." if naming.startswith("_impl") else ""
    fused = (
        ("in_proj_weight", "in_proj_bias") if naming == "in_proj" else (f"{deeper}Wqkv.weight", f"{deeper}Wqkv.bias")
    )
    block = {
        f"self_attn.{fused[0]}": (3 * d, d),
        f"self_attn.{fused[1]}": (3 * d,),
        f"self_attn.{deeper}out_proj.weight": (d, d),
        f"self_attn.{deeper}out_proj.bias": (d,),
        "linear1.weight": (d_ff, d),
        "linear1.bias": (d_ff,),
        "linear2.weight": (d, d_ff),
        "linear2.bias": (d,),
        **{f"norm{i}.{part}": (d,) for i in (1, 2) for part in ("weight", "bias")},
    }
    sizes: dict[str, tuple[int, ...]] = {
        "encoder.embedding.weight": (n_tokens, d),
        "encoder.enc_norm.weight": (d,),
        "encoder.enc_norm.bias": (d,),
        "value_encoder.linear1.weight": (d, 1),
        "value_encoder.linear1.bias": (d,),
        "value_encoder.linear2.weight": (d, d),
        "value_encoder.linear2.bias": (d,),
        "value_encoder.norm.weight": (d,),
        "value_encoder.norm.bias": (d,),
    }
    sizes |= {f"transformer_encoder.layers.{i}.{name}": size for i in range(n_layers) for name, size in block.items()}
    for i, out in ((0, d), (2, d), (4, 1)):
        sizes |= {f"decoder.fc.{i}.weight": (out, d), f"decoder.fc.{i}.bias": (out,)}
    sizes |= {
        "flag_encoder.weight": (2, d),
        "cls_decoder._decoder.0.weight": (d, d),
        "cls_decoder.out_layer.bias": (1,),
    }
    return sizes | {"mvc_decoder.gene2query.weight": (d, d), "mvc_decoder.W.weight": (d, d)}


def random_weights(sizes: dict[str, tuple[int, ...]], seed: int) -> dict[str, Tensor]:
    """Matrices with a spread that keeps states of order one, biases and scales away from 0 and 1."""
    generator = torch.Generator().manual_seed(seed)
    weights = {}
    for name, size in sizes.items():
        drawn = torch.randn(size, generator=generator)
        scale = "norm" in name and name.endswith("weight") and len(size) == 1
        weights[name] = 1 + 0.1 * drawn if scale else drawn * (0.1 if len(size) < 2 else size[-1] ** -0.5)
    return weights


def tiny_scgpt(
    path: Path,
    genes: Sequence[str],
    *,
    n_layers: int = 3,
    d_model: int = 32,
    n_heads: int = 4,
    d_ff: int = 48,
    longest: int = 64,
    naming: str = "Wqkv",
    seed: int = 0,
) -> Path:
    """Write ``args.json``, ``vocab.json`` without special tokens, and ``best_model.pt``; return the directory."""
    path.mkdir(parents=True, exist_ok=True)
    arguments = {"embsize": d_model, "nheads": n_heads, "d_hid": d_ff, "nlayers": n_layers, "n_layers_cls": 3}
    arguments |= {"dropout": 0.2, "pad_token": "<pad>", "pad_value": -2, "mask_value": -1, "n_bins": 51}
    arguments |= {"input_style": "binned", "input_emb_style": "continuous", "max_seq_len": longest}
    (path / "args.json").write_text(json.dumps(arguments))
    (path / "vocab.json").write_text(json.dumps({gene: i for i, gene in enumerate(genes)}))
    sizes = shapes(len(genes) + 3, d_model, d_ff, n_layers, naming)
    torch.save(random_weights(sizes, seed), path / "best_model.pt")
    return path


def symbols(n: int) -> list[str]:
    """Invented gene symbols."""
    return [f"GENE{i}" for i in range(n)]


def edit_weights(folder: Path, change: Callable[[dict[str, Tensor]], object]) -> None:
    """Change the weights that lie in a directory."""
    weights = torch.load(folder / "best_model.pt", weights_only=True)
    change(weights)
    torch.save(weights, folder / "best_model.pt")
