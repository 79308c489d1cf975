"""A new scgpt-mini: scGPT's architecture in small, seeded weights, and the files of its published directory.

Matrices start as PyTorch starts those of its own transformer, embeddings of genes between -0.1 and 0.1, as scGPT's do.
There is no dropout. What is trained is scGPT's prediction of hidden values from the other genes and their values; its
other tasks (values from the cell's embedding, next genes, cell types, batches) are not.
"""

import io
import json
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn import Module
from torch.nn.init import uniform_, xavier_uniform_, zeros_

from tasks.models.families.scgpt import ScGptAdapter, ScGptNetwork, model_info
from tasks.vocabulary.layouts.scgpt import ARGUMENTS_FILE, VOCABULARY_FILE, Arguments
from tasks.vocabulary.mini_settings import MiniSettings
from tasks.vocabulary.vocabulary import Vocabulary

NAME = "scgpt-mini"
EMBEDDING_RANGE = 0.1


def new_adapter(settings: MiniSettings, vocabulary: Vocabulary, device: str) -> ScGptAdapter:
    """An adapter around untrained weights, drawn by the seed; every weight asks for its gradient."""
    arguments = _arguments(settings, vocabulary)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(settings.seed)
        model = ScGptNetwork(arguments, vocabulary.size, decodes=True)
        _start(model)
    Module.to(model, device).train(False)
    return ScGptAdapter(model, vocabulary, model_info(arguments, NAME, model, vocabulary, "untrained"), device)


def _start(model: ScGptNetwork) -> None:
    """Weights that the parts' own constructors leave open, or start otherwise than scGPT does."""
    uniform_(model.encoder.embedding.weight, -EMBEDDING_RANGE, EMBEDDING_RANGE)
    for layer in model.transformer_encoder.layers:
        attention = layer.self_attn
        assert isinstance(attention, Module)
        for name, weight in attention.named_parameters():
            if name == "in_proj_weight":
                xavier_uniform_(weight)
            elif name.endswith("bias"):
                zeros_(weight)


def documents(settings: MiniSettings, vocabulary: Vocabulary, _symbols: dict[str, str]) -> dict[str, str]:
    """The texts of the directory by file name; ``scfm_stand_in`` tells the model from a published one."""
    tokens = sorted({**vocabulary.token_of, **vocabulary.special}.items(), key=lambda item: item[1])
    return {
        ARGUMENTS_FILE: json.dumps(_published(_arguments(settings, vocabulary)), indent=1),
        VOCABULARY_FILE: json.dumps(dict(tokens), indent=0),
    }


def save_weights(weights: dict[str, Tensor], path: Path) -> None:
    """``best_model.pt``. PyTorch would write the name of the file into it: written to memory first, it has none."""
    buffer = io.BytesIO()
    torch.save(weights, buffer)
    path.write_bytes(buffer.getvalue())


def _arguments(settings: MiniSettings, vocabulary: Vocabulary) -> Arguments:
    values = vocabulary.encoding.special_values
    return Arguments(
        d_model=settings.d_model,
        n_heads=settings.n_heads,
        d_ff=settings.d_ff,
        n_layers=settings.n_layers,
        n_bins=vocabulary.encoding.n_bins,
        pad_value=values["<pad>"],
        mask_value=values["<mask>"],
        longest=vocabulary.max_length,
        name=NAME,
        stand_in=True,
    )


def _published(arguments: Arguments) -> dict[str, Any]:
    """``args.json``, under scGPT's own names."""
    return {
        "embsize": arguments.d_model,
        "nheads": arguments.n_heads,
        "d_hid": arguments.d_ff,
        "nlayers": arguments.n_layers,
        "dropout": 0.0,
        "pad_token": "<pad>",
        "pad_value": arguments.pad_value,
        "mask_value": arguments.mask_value,
        "n_bins": arguments.n_bins,
        "input_style": "binned",
        "input_emb_style": "continuous",
        "max_seq_len": arguments.longest,
        "scfm_name": arguments.name,
        "scfm_stand_in": arguments.stand_in,
    }
