"""Any Hugging Face encoder that reads genes by rank, described by a few lines of the study.

Where its blocks are BERT's (BERT, RoBERTa, ELECTRA, …) they are run in parts, as those of Geneformer are: every step is
possible. That this gives what the model itself computes is proved on a few tokens when it is loaded. The blocks of any
other encoder are run as a whole, by the model itself: embedding, extraction and splicing are possible, tracing is not.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import cast

import torch
from torch import Tensor
from torch.nn import Linear, Module, ModuleList
from transformers import PreTrainedModel
from transformers.models.bert.modeling_bert import BertLayer

from tasks.models.adapter import Block, ModelInfo, Predicts, directory_name, model_id, run_blocks
from tasks.models.batches import Batch
from tasks.models.families.blockwise import Blockwise
from tasks.models.families.geneformer import BertBlock
from tasks.models.families.own_blocks import layers_of, predict_from, run_from, states_before
from tasks.models.families.own_loading import read_model
from tasks.models.weights import hash_of, ready
from tasks.store import RequestError
from tasks.vocabulary.layouts.own import load_vocabulary
from tasks.vocabulary.layouts.weight_files import weight_files
from tasks.vocabulary.own_settings import OwnEncoder
from tasks.vocabulary.vocabulary import Vocabulary

PROBE, TOLERANCE = 8, 1e-4  # tokens on which blocks in parts are held against the model; of the states' spread


class OwnAdapter(Blockwise):
    """A Hugging Face encoder as an ``Adapter``; ``in_parts`` tells whether its blocks are BERT's."""

    def __init__(self, model: PreTrainedModel, vocabulary: Vocabulary, info: ModelInfo, device: str) -> None:
        super().__init__(vocabulary, info, device)
        self.model = model
        self.layers = layers_of(model)
        head = type(model).__name__.endswith("ForMaskedLM")
        self.predicts: Predicts = "genes" if head and "<mask>" in vocabulary.special else "nothing"
        self.in_parts = self._parts_agree()

    def embed(self, batch: Batch) -> Tensor:
        """Whatever the model hands its first block: [B, S, d]."""
        return states_before(self.model, self.layers[0], batch)

    def blocks(self, hidden: Tensor, first: int, stop: int, lengths: Tensor | None = None) -> Iterator[Tensor]:
        """Yield the outputs [B, S, d] of blocks ``first`` to ``stop - 1``."""
        if self.in_parts:
            yield from super().blocks(hidden, first, stop, lengths)
        elif first < stop:
            yield from run_from(self.model, self.layers, hidden, (first, stop), lengths)

    def block(self, layer: int) -> Block:
        """The parts of block ``layer``. Raises RequestError if they are not those of BERT."""
        if not self.in_parts:
            raise RequestError(
                f"{self.info.name}: its blocks ({type(self.layers[layer]).__name__}) are not BERT's and run only as a "
                "whole, in float32: its features can be described (scfm run --until describe), but not traced"
            )
        return BertBlock(cast(BertLayer, self.layers[layer]), self.info.n_heads)

    def predict(self, hidden: Tensor) -> Tensor:
        """Logits [n, V] of outputs of the last block [n, d]. Raises RequestError if the model predicts nothing."""
        if self.predicts == "nothing":
            raise RequestError(f"{self.info.name} has no head for hidden genes, or no mask token: it predicts nothing")
        return predict_from(self.model, self.layers[-1], hidden)

    def _parts_agree(self) -> bool:
        """Whether blocks run in parts give what the model gives. Raises RequestError if it runs from no block."""
        tokens = torch.tensor(sorted(self.vocabulary.token_of.values())[:PROBE], device=self.device)
        with torch.no_grad():
            try:
                hidden = self.embed(Batch.of(tokens))
                *_, whole = run_from(self.model, self.layers, hidden, (0, len(self.layers)), None)
            except (RuntimeError, ValueError, LookupError, AttributeError, TypeError) as error:
                kind, line = self.model.config.model_type, (str(error).splitlines() or [type(error).__name__])[0]
                raise RequestError(
                    f"{self.info.name}: blocks of a {kind} model cannot be run one by one ({line})"
                ) from None
            if not all(map(_is_bert_block, self.layers)):
                return False
            self.in_parts = True
            try:
                parts = run_blocks(self, hidden, 0, len(self.layers))
            except RuntimeError:  # the names are BERT's, the shapes are not
                return False
        return bool((parts - whole).abs().max() <= TOLERANCE * whole.std())


def load_own(model_dir: Path, own: OwnEncoder, device: str) -> OwnAdapter:
    """An encoder that ``own`` describes. Raises RequestError for a file that is missing, or not what it should be."""
    vocabulary = load_vocabulary(own, model_dir)
    files = weight_files(model_dir)
    model = read_model(model_dir, vocabulary)
    config, path = model.config, model_dir / own.tokens
    if vocabulary.size > config.vocab_size:
        raise RequestError(
            f"{path} goes up to token {vocabulary.size - 1}, {model_dir} embeds only {config.vocab_size}: they differ"
        )
    places = longest_of(model)
    if places is not None and own.longest > places:
        raise RequestError(f"model.own.longest is {own.longest}, {model_dir} has {places} positions: lower it")
    ready(model, device)
    name, sha = directory_name(model_dir), hash_of(files)
    layers = layers_of(model)
    info = ModelInfo(
        model_id=model_id(name, sha),
        family="own",
        name=name,
        stand_in=False,
        n_layers=len(layers),
        d_model=config.hidden_size,
        n_heads=config.num_attention_heads,
        d_ff=max((part.out_features for part in layers[0].modules() if isinstance(part, Linear)), default=1),
        vocab_size=config.vocab_size,
        max_length=own.longest,
        n_parameters=sum(parameter.numel() for parameter in model.parameters()),
        weights_sha=sha,
    )
    return OwnAdapter(model, vocabulary, info, device)


def longest_of(model: PreTrainedModel) -> int | None:
    """Positions that the model has a vector for; None if positions are no table. RoBERTa's begin behind padding."""
    table = getattr(getattr(model.base_model, "embeddings", None), "position_embeddings", None)
    if table is None or not hasattr(table, "num_embeddings"):
        return None
    return int(table.num_embeddings) - (0 if table.padding_idx is None else int(table.padding_idx) + 1)


def _is_bert_block(layer: Module) -> bool:
    """Whether a block has the parts of BERT's, under its names: post-norm, no other term in the scores."""
    parts = {name for name, _ in layer.named_modules()}
    dense = {f"attention.self.{name}" for name in ("query", "key", "value")}
    dense |= {"attention.output.dense", "intermediate.dense", "output.dense"}
    norms = {"attention.output.LayerNorm", "output.LayerNorm"}
    return dense | norms <= parts and not isinstance(layer, ModuleList)
