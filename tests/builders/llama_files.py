"""A decoder's directory with random weights, in MaxToki's layout: numbers and marks of questions in the dictionary."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from torch import Tensor
from transformers import LlamaConfig, LlamaForCausalLM

from tasks.cells.reader import TokenizedCells
from tasks.vocabulary.vocabulary import Vocabulary

SPECIAL = {"<pad>": 0, "<mask>": 1, "<eos>": 3}  # <bos> is 2, and stands last in the file
NUMBERS = range(-3, 3)
SCALINGS = {
    "default": {"rope_type": "default", "rope_theta": 100.0},
    "linear": {"rope_type": "linear", "rope_theta": 100.0, "factor": 2.0},
    "llama3": {
        "rope_type": "llama3",
        "rope_theta": 100.0,
        "factor": 4.0,
        "low_freq_factor": 1.0,
        "high_freq_factor": 4.0,
        "original_max_position_embeddings": 16,
    },
    "yarn": {"rope_type": "yarn", "rope_theta": 100.0, "factor": 4.0, "original_max_position_embeddings": 16},
}
Weights = dict[str, Tensor]


def tiny_llama(
    path: Path,
    genes: Sequence[str],
    *,
    seed: int = 0,
    spread: float = 0.2,
    rows_of_numbers: bool = False,
    n_shards: int = 1,
    dtype: torch.dtype = torch.float32,
    **changes: object,
) -> Path:
    """Write ``config.json``, weights and dictionaries; ``changes`` are settings of LlamaConfig. Return the directory.

    ``rows_of_numbers``: whether numbers and marks have rows of the embedding, as after MaxToki's second stage.
    """
    path.mkdir(parents=True, exist_ok=True)
    tokens = token_dictionary(genes)
    sizes = {"hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 3, "num_attention_heads": 4}
    sizes |= {"num_key_value_heads": 2, "max_position_embeddings": 64, "bos_token_id": 2, "eos_token_id": 3}
    sizes |= {"pad_token_id": 0, "vocab_size": len(tokens) if rows_of_numbers else len(genes) + 4}
    config = LlamaConfig(**{**sizes, "rope_parameters": dict(SCALINGS["default"]), **changes})
    torch.manual_seed(seed)
    model = LlamaForCausalLM(config)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(spread * torch.randn_like(parameter) + (parameter.ndim == 1))
    (path / "config.json").write_text(json.dumps({**config.to_dict(), "architectures": ["LlamaForCausalLM"]}))
    (path / "token_dictionary.json").write_text(json.dumps(tokens))
    (path / "gene_median_dictionary.json").write_text(json.dumps({gene: 1.0 + i % 3 for i, gene in enumerate(genes)}))
    weights = {name: weight.to(dtype).contiguous() for name, weight in model.state_dict().items()}
    if config.tie_word_embeddings:
        del weights["lm_head.weight"]
    write_weights(path, weights, n_shards)
    return path


def token_dictionary(genes: Sequence[str]) -> dict[str, int]:
    """Special tokens and genes from 0 on, then numbers and marks of questions; ``<bos>`` last, as published."""
    tokens = {**SPECIAL, **{gene: i for i, gene in enumerate(genes, start=4)}}
    for name in (*map(str, NUMBERS), "<boq>", "<eoq>"):
        tokens[name] = len(tokens) + 1
    return {**tokens, "<bos>": 2}


def write_weights(path: Path, weights: Weights, n_shards: int) -> None:
    """One safetensors file, or several with their index."""
    if n_shards == 1:
        save_file(weights, path / "model.safetensors", metadata={"format": "pt"})
        return
    placed = {}
    for shard in range(n_shards):
        name = f"model-{shard + 1:05d}-of-{n_shards:05d}.safetensors"
        part = dict(list(weights.items())[shard::n_shards])
        save_file(part, path / name, metadata={"format": "pt"})
        placed |= dict.fromkeys(part, name)
    (path / "model.safetensors.index.json").write_text(json.dumps({"metadata": {}, "weight_map": placed}))


def ensembl(n: int) -> list[str]:
    """Invented Ensembl ids."""
    return [f"ENSG{i:011d}" for i in range(n)]


def decoder_cells(vocabulary: Vocabulary, lengths: list[int], seed: int = 0) -> TokenizedCells:
    """Cells of distinct random genes between ``<bos>`` and ``<eos>``; ``lengths`` count these two."""
    rng = np.random.default_rng(seed)
    genes = np.array(sorted(vocabulary.token_of.values()))
    ends = [[vocabulary.special["<bos>"]], [vocabulary.special["<eos>"]]]
    cells = [np.concatenate([ends[0], rng.choice(genes, n - 2, replace=False), ends[1]]) for n in lengths]
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    return TokenizedCells(np.concatenate(cells).astype(np.int32), offsets, np.arange(len(lengths), dtype=np.uint32) * 3)
