"""From a model directory to an adapter: read, check every name and shape, load."""

from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn import Module
from transformers import BertConfig, BertForMaskedLM

from tasks.models.adapter import Adapter, ModelInfo
from tasks.models.directory import load_vocabulary, read_config, weight_file
from tasks.models.geneformer import GeneformerAdapter
from tasks.models.vocabulary import Vocabulary
from tasks.models.weights import read_weights
from tasks.store import RequestError, sha256_file

TIED = {
    "cls.predictions.decoder.weight": "bert.embeddings.word_embeddings.weight",
    "cls.predictions.decoder.bias": "cls.predictions.bias",
}
BUFFERS = {"bert.embeddings.position_ids", "bert.embeddings.token_type_ids"}  # older files hold them; not weights


def load_adapter(model_dir: Path, device: str = "cpu") -> Adapter:
    """Load a Geneformer in evaluation mode, float32, with frozen weights.

    Raises RequestError, in one line, for a missing file, an unknown or missing weight, a wrong shape, or
    dictionaries that do not fit the embedding.
    """
    if not model_dir.is_dir():
        raise RequestError(f"{model_dir} is no directory: give the path of a model directory")
    config = read_config(model_dir)
    vocabulary = load_vocabulary(model_dir)
    path = weight_file(model_dir)
    model = build_model(config, model_dir)
    _load_strictly(model, read_weights(path, "BertForMaskedLM"), path)
    Module.to(model, device=device, dtype=torch.float32).train(False).requires_grad_(False)
    return GeneformerAdapter(model, vocabulary, model_info(model_dir, config, vocabulary, model, sha256_file(path)))


def build_model(config: dict[str, Any], where: Path) -> BertForMaskedLM:
    """A ``BertForMaskedLM`` of the configured shape. Raises RequestError if the configuration makes none."""
    try:
        return BertForMaskedLM(BertConfig(**config))
    except (KeyError, TypeError, ValueError, RuntimeError) as error:
        line = str(error).splitlines()[0]
        raise RequestError(f"{where}/config.json describes no BERT model ({line}): fetch it anew") from None


def model_id(name: str, weights_sha: str) -> str:
    """Name and short hash of the weights: what tables call a model."""
    return f"{name}-{weights_sha[:8]}"


def model_info(
    model_dir: Path, config: dict[str, Any], vocabulary: Vocabulary, model: BertForMaskedLM, weights_sha: str
) -> ModelInfo:
    """Facts of the model; the name is the directory's, unless the configuration gives one."""
    name = str(config.get("scfm_name", model_dir.resolve().name))
    return ModelInfo(
        model_id=model_id(name, weights_sha),
        family="geneformer",
        name=name,
        stand_in=bool(config.get("scfm_stand_in", False)),
        n_layers=model.config.num_hidden_layers,
        d_model=model.config.hidden_size,
        n_heads=model.config.num_attention_heads,
        d_ff=model.config.intermediate_size,
        vocab_size=model.config.vocab_size,
        max_length=vocabulary.max_length,
        n_parameters=sum(parameter.numel() for parameter in model.parameters()),
        weights_sha=weights_sha,
    )


def _load_strictly(model: BertForMaskedLM, weights: dict[str, Tensor], path: Path) -> None:
    """Copy the weights in; every name and every shape must be the model's own."""
    given = {name: weight for name, weight in weights.items() if name not in BUFFERS}
    for tied, source in TIED.items():
        if tied not in given and source in given:
            given[tied] = given[source]
    wanted = {name: parameter.shape for name, parameter in model.state_dict().items() if name not in BUFFERS}
    _refuse(path, "lacks", sorted(wanted.keys() - given.keys()))
    _refuse(path, "holds the unknown", sorted(given.keys() - wanted.keys()))
    for name, shape in wanted.items():
        if given[name].shape != shape:
            raise RequestError(f"{path}: {name} is {tuple(given[name].shape)}, config.json says {tuple(shape)}")
    model.load_state_dict(given, strict=False)


def _refuse(path: Path, complaint: str, names: list[str]) -> None:
    if names:
        more = f" and {len(names) - 1} more" if len(names) > 1 else ""
        raise RequestError(f"{path} {complaint} weight {names[0]}{more}: it is no BertForMaskedLM of this config.json")
