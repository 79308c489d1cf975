"""Hugging Face encoders of any type with random weights, and dictionaries of tokens in a layout of one's own."""

import json
from collections.abc import Sequence
from pathlib import Path

import torch
from transformers import AutoConfig, AutoModel, AutoModelForMaskedLM

from tasks.vocabulary.own_settings import OwnEncoder

SPECIAL = {"[PAD]": 0, "[MASK]": 1, "[CLS]": 2, "[SEP]": 3, "[UNK]": 4}
SIZES = {
    "hidden_size": 32,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "intermediate_size": 48,
    "max_position_embeddings": 70,
}
NAMES = {  # what some types call the same
    "distilbert": {"dim": 32, "n_layers": 3, "n_heads": 4, "hidden_dim": 48, "max_position_embeddings": 70},
    "electra": {**SIZES, "embedding_size": 16},
}


def own_encoder(path: Path, genes: Sequence[str], kind: str = "bert", *, head: bool = True, seed: int = 0) -> Path:
    """Write a model of type ``kind``, ``tokens.json`` and ``medians.json``; return the directory."""
    config = AutoConfig.for_model(kind, vocab_size=len(genes) + len(SPECIAL), pad_token_id=0, **NAMES.get(kind, SIZES))
    torch.manual_seed(seed)
    model = (AutoModelForMaskedLM if head else AutoModel).from_config(config)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.1 * torch.randn_like(parameter))
    model.save_pretrained(path)
    tokens = {**SPECIAL, **{gene: i for i, gene in enumerate(genes, start=len(SPECIAL))}}
    (path / "tokens.json").write_text(json.dumps(tokens))
    (path / "medians.json").write_text(json.dumps({gene: 1.0 + i % 3 for i, gene in enumerate(genes)}))
    return path


def described(**changes: object) -> OwnEncoder:
    """What a study says of such a directory."""
    said = {"tokens": "tokens.json", "medians": "medians.json", "pad": "[PAD]", "mask": "[MASK]"}
    said |= {"start": "[CLS]", "end": "[SEP]", "longest": 60}
    return OwnEncoder.model_validate({**said, **changes})
