"""A new geneformer-mini: seeded weights, and the files of its directory in the published layout."""

import json
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from torch import Tensor
from torch.nn import Module

from tasks.models.families.geneformer import GeneformerAdapter, build_model, model_info
from tasks.models.families.geneformer_weights import TIED
from tasks.vocabulary.layouts.geneformer import CONFIG_FILE, NAME_FILE
from tasks.vocabulary.mini_settings import MiniSettings
from tasks.vocabulary.vocabulary import Vocabulary

NAME = "geneformer-mini"


def mini_config(settings: MiniSettings, vocabulary: Vocabulary) -> dict[str, Any]:
    """``config.json`` of the model; ``scfm_stand_in`` tells it from a published one."""
    return {
        "architectures": ["BertForMaskedLM"],
        "model_type": "bert",
        "vocab_size": vocabulary.size,
        "hidden_size": settings.d_model,
        "num_hidden_layers": settings.n_layers,
        "num_attention_heads": settings.n_heads,
        "intermediate_size": settings.d_ff,
        "max_position_embeddings": vocabulary.max_length,
        "hidden_act": "relu",
        "layer_norm_eps": 1e-12,
        "initializer_range": 0.02,
        "hidden_dropout_prob": 0.0,
        "attention_probs_dropout_prob": 0.0,
        "pad_token_id": vocabulary.pad,
        "scfm_name": NAME,
        "scfm_stand_in": True,
    }


def new_adapter(settings: MiniSettings, vocabulary: Vocabulary, device: str) -> GeneformerAdapter:
    """An adapter around untrained weights, drawn by the seed; every weight asks for its gradient."""
    config = mini_config(settings, vocabulary)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(settings.seed)
        model = build_model(config, Path(NAME))
    Module.to(model, device).train(False)
    return GeneformerAdapter(
        model, vocabulary, model_info(Path(NAME), config, vocabulary, model, weights_sha="untrained")
    )


def documents(settings: MiniSettings, vocabulary: Vocabulary, symbols: dict[str, str]) -> dict[str, str]:
    """The texts of the directory by file name; ``symbols``: Ensembl ids by symbol."""
    return {
        CONFIG_FILE: json.dumps(mini_config(settings, vocabulary), indent=1),
        NAME_FILE: json.dumps(symbols, indent=0),
        **vocabulary.documents(),
    }


def save_weights(weights: dict[str, Tensor], path: Path) -> None:
    """One safetensors file; weights that are others' are left out."""
    save_file({name: weight for name, weight in weights.items() if name not in TIED}, path, metadata={"format": "pt"})
