"""A Geneformer directory with random weights, in the published layout, and cells in its vocabulary."""

import json
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from transformers import BertConfig, BertForMaskedLM

from tasks.cells.reader import TokenizedCells
from tasks.vocabulary.vocabulary import Vocabulary

SPECIAL = {"<pad>": 0, "<mask>": 1, "<cls>": 2, "<eos>": 3}


def tiny_vocabulary(n_genes: int = 40, max_length: int = 64) -> Vocabulary:
    """Genes ENSG…0, ENSG…1, … with tokens from 4 and medians from 1 to 3."""
    genes = [f"ENSG{i:011d}" for i in range(n_genes)]
    tokens = {gene: i + len(SPECIAL) for i, gene in enumerate(genes)}
    medians = dict(zip(genes, np.linspace(1, 3, n_genes).tolist(), strict=True))
    return Vocabulary(tokens, medians, SPECIAL, max_length)


def tiny_config(*, n_layers=3, d_model=32, n_heads=4, d_ff=64, vocab_size=44, max_length=64, spread=0.2) -> BertConfig:
    return BertConfig(
        vocab_size=vocab_size,
        hidden_size=d_model,
        num_hidden_layers=n_layers,
        num_attention_heads=n_heads,
        intermediate_size=d_ff,
        max_position_embeddings=max_length,
        hidden_act="relu",
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
        initializer_range=spread,
        pad_token_id=0,
    )


def tiny_geneformer(
    path: Path,
    *,
    n_layers=3,
    d_model=32,
    n_heads=4,
    d_ff=64,
    n_genes=40,
    max_length=64,
    seed=0,
    vocabulary=None,
    spread=0.2,
) -> Path:
    """Write a model directory with random weights (biases too) and return it.

    ``vocabulary`` replaces the tiny one; ``spread`` is the weights' standard deviation.
    """
    vocabulary = vocabulary or tiny_vocabulary(n_genes, max_length)
    config = tiny_config(
        n_layers=n_layers,
        d_model=d_model,
        n_heads=n_heads,
        d_ff=d_ff,
        vocab_size=vocabulary.size,
        max_length=vocabulary.max_length,
        spread=spread,
    )
    torch.manual_seed(seed)
    model = BertForMaskedLM(config)
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.ndim == 1:
                parameter.add_(0.1 * torch.randn_like(parameter))
    vocabulary.save(path)
    (path / "config.json").write_text(json.dumps(config.to_dict()))
    weights = {name: weight.contiguous() for name, weight in model.state_dict().items() if "decoder" not in name}
    save_file(weights, path / "model.safetensors", metadata={"format": "pt"})
    return path


def random_cells(vocabulary: Vocabulary, lengths: list[int], seed: int = 0) -> TokenizedCells:
    """Cells of distinct random genes between <cls> and <eos>; ``lengths`` count these two."""
    rng = np.random.default_rng(seed)
    genes = np.array(sorted(vocabulary.token_of.values()))
    ends = [[vocabulary.special["<cls>"]], [vocabulary.special["<eos>"]]]
    cells = [np.concatenate([ends[0], rng.choice(genes, n - 2, replace=False), ends[1]]) for n in lengths]
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    return TokenizedCells(np.concatenate(cells).astype(np.int32), offsets, np.arange(len(lengths), dtype=np.uint32) * 3)


def valued_cells(vocabulary: Vocabulary, lengths: list[int], seed: int = 0) -> TokenizedCells:
    """Cells of distinct random genes and values in their special tokens; ``lengths`` count these."""
    rng = np.random.default_rng(seed)
    genes = np.array(sorted(vocabulary.token_of.values()))
    front, behind = ([vocabulary.special[name] for name in names] for names in (vocabulary.front, vocabulary.behind))
    n_special = len(front) + len(behind)
    cells = [np.concatenate([front, rng.choice(genes, n - n_special, replace=False), behind]) for n in lengths]
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    values = rng.integers(1, vocabulary.encoding.n_bins or 9, offsets[-1]).astype(np.float32)
    cell_id = np.arange(len(lengths), dtype=np.uint32) * 3
    return TokenizedCells(np.concatenate(cells).astype(np.int32), offsets, cell_id, values)
