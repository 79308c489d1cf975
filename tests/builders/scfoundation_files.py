"""An scFoundation directory with random weights, in the published layout, its keys and shapes written out."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from tests.builders.scgpt_files import random_weights

TRUE = {"n_layers": 12, "d_model": 768, "n_heads": 12}
TINY_DECODER = {"n_layers": 2, "d_model": 16, "n_heads": 3, "d_head": 6, "n_random": 10}
TRUE_DECODER = {"n_layers": 6, "d_model": 512, "n_heads": 8, "d_head": 64, "n_random": 266}
PREFIX = "module.model."  # what stands before every key


def encoder_shapes(n_tokens: int, d: int, n_layers: int, n_bins: int) -> dict[str, tuple[int, ...]]:
    """The keys that are read."""
    block = {
        "self_attn.in_proj_weight": (3 * d, d),
        "self_attn.in_proj_bias": (3 * d,),
        "self_attn.out_proj.weight": (d, d),
        "self_attn.out_proj.bias": (d,),
        "linear1.weight": (4 * d, d),
        "linear1.bias": (4 * d,),
        "linear2.weight": (d, 4 * d),
        "linear2.bias": (d,),
        **{f"norm{i}.{part}": (d,) for i in (1, 2) for part in ("weight", "bias")},
    }
    sizes: dict[str, tuple[int, ...]] = {
        "token_emb.mlp.weight": (n_bins, 1),
        "token_emb.mlp.bias": (n_bins,),
        "token_emb.mlp2.weight": (n_bins, n_bins),
        "token_emb.mlp2.bias": (n_bins,),
        "token_emb.emb.weight": (n_bins, d),
        "token_emb.emb_mask.weight": (1, d),
        "token_emb.emb_pad.weight": (1, d),
        "pos_emb.weight": (n_tokens, d),
    }
    sizes |= {f"encoder.transformer_encoder.{i}.{name}": size for i in range(n_layers) for name, size in block.items()}
    return sizes | {"encoder.norm.weight": (d,), "encoder.norm.bias": (d,)}


def decoder_shapes(d: int, own: dict[str, int]) -> dict[str, tuple[int, ...]]:
    """The keys of the side that predicts."""
    width, inner = own["d_model"], own["n_heads"] * own["d_head"]
    block: dict[str, tuple[int, ...]] = {"0.fn.fast_attention.projection_matrix": (own["n_random"], own["d_head"])}
    for name in ("to_q", "to_k", "to_v"):
        block |= {f"0.fn.{name}.weight": (inner, width), f"0.fn.{name}.bias": (inner,)}
    block |= {"0.fn.to_out.weight": (width, inner), "0.fn.to_out.bias": (width,)}
    block |= {"1.fn.fn.w1.weight": (4 * width, width), "1.fn.fn.w1.bias": (4 * width,)}
    block |= {"1.fn.fn.w2.weight": (width, 4 * width), "1.fn.fn.w2.bias": (width,)}
    block |= {f"{i}.norm.{part}": (width,) for i in (0, 1) for part in ("weight", "bias")}
    sizes: dict[str, tuple[int, ...]] = {"decoder_embed.weight": (width, d), "decoder_embed.bias": (width,)}
    for i in range(own["n_layers"]):
        sizes |= {f"decoder.performer.net.layers.{i}.{name}": size for name, size in block.items()}
    sizes |= {f"{at}.{part}": (width,) for at in ("decoder.norm", "norm") for part in ("weight", "bias")}
    return sizes | {"to_final.weight": (1, width), "to_final.bias": (1,)}


def configuration(
    n_tokens: int, d: int, n_heads: int, n_layers: int, n_bins: int, own: dict[str, int] = TINY_DECODER
) -> dict[str, Any]:
    """As published: settings of several models and data sets, of which one each is named."""
    encoder = {"hidden_dim": d, "depth": n_layers, "heads": n_heads, "dim_head": d // n_heads}
    encoder |= {"module_type": "transformer", "norm_first": False}
    decoder: dict[str, Any] = {"hidden_dim": own["d_model"], "depth": own["n_layers"], "heads": own["n_heads"]}
    decoder |= {"dim_head": own["d_head"], "module_type": "performer"}
    model = {"encoder": encoder, "decoder": decoder, "n_class": 104, "pad_token_id": 103, "mask_token_id": 102}
    model |= {"bin_num": n_bins, "bin_alpha": 1.0, "model": "mae_autobin"}
    data = {"rnaseq": {"seq_len": n_tokens - 1}, "other": {}}
    return {"model": "mae_autobin", "model_config": {"mae_autobin": model, "other": {}}, "dataset_config": data}


def tiny_scfoundation(
    path: Path,
    genes: Sequence[str],
    *,
    n_layers: int = 3,
    d_model: int = 24,
    n_heads: int = 4,
    n_bins: int = 100,
    decoder: dict[str, int] = TINY_DECODER,
    seed: int = 0,
) -> Path:
    """Write the gene list and ``models.ckpt`` with its three entries; return the directory."""
    path.mkdir(parents=True, exist_ok=True)
    rows = "".join(f"{gene}\t{i}\n" for i, gene in enumerate(genes))
    (path / "OS_scRNA_gene_index.19264.tsv").write_text("gene_name\tindex\n" + rows)
    n_tokens = len(genes) + 3
    sizes = encoder_shapes(n_tokens, d_model, n_layers, n_bins) | decoder_shapes(d_model, decoder)
    weights = {PREFIX + name: weight for name, weight in random_weights(sizes, seed).items()}
    for name, weight in weights.items():
        if name.endswith("projection_matrix"):
            weight.mul_(decoder["d_head"] ** 0.5)  # rows as long as those of normal numbers
    weights[PREFIX + "decoder.performer.calls_since_last_redraw"] = torch.tensor(417)
    config = configuration(n_tokens, d_model, n_heads, n_layers, n_bins, decoder)
    other = {"config": config, "state_dict": {}}
    entries = {"cell": {"config": config, "state_dict": weights}, "gene": other, "rde": other}
    torch.save(entries, path / "models.ckpt")
    return path
