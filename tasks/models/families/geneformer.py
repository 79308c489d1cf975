"""Geneformer: a BERT encoder over genes ranked by expression (Theodoris et al., Nature 2023).

1. The input of block 0 is LayerNorm(token + position + type-0 embedding); the position is the rank.
2. A block is x1 = LayerNorm(x + Attention(x)), x2 = LayerNorm(x1 + FeedForward(x1)), post-norm as in BERT.
3. Logits are a dense layer, activation, LayerNorm and the transposed token embedding.

The modules and their parameter names are those of Hugging Face's ``BertForMaskedLM``, so published weights load
as they are; the blocks are run here, one at a time, with fused attention.
"""

from pathlib import Path
from typing import Any, cast

from torch import Tensor
from transformers import BertConfig, BertForMaskedLM
from transformers.models.bert.modeling_bert import BertLayer

from tasks.models.adapter import ModelInfo, Predicts, directory_name, model_id
from tasks.models.batches import Batch
from tasks.models.families.blockwise import Blockwise
from tasks.models.families.geneformer_weights import read_bert
from tasks.models.order import Order
from tasks.models.weights import hash_of, load_strictly, ready
from tasks.store import RequestError
from tasks.vocabulary.layouts.geneformer import CONFIG_FILE, load_vocabulary, read_config
from tasks.vocabulary.layouts.weight_files import weight_files
from tasks.vocabulary.vocabulary import Vocabulary

WHAT = "BertForMaskedLM of this config.json"


class BertBlock:
    """A post-norm block of Hugging Face's BERT as a ``Block``."""

    order: Order | None = None

    def __init__(self, layer: BertLayer, n_heads: int) -> None:
        self.layer = layer
        self.n_heads = n_heads

    def query(self, hidden: Tensor) -> Tensor:
        """Queries [..., d]."""
        queries: Tensor = self.layer.attention.self.query(hidden)
        return queries

    def key_value(self, hidden: Tensor) -> tuple[Tensor, Tensor]:
        """Keys and values, each [..., d]."""
        part = self.layer.attention.self
        return part.key(hidden), part.value(hidden)

    def finish(self, hidden: Tensor, mixed: Tensor) -> Tensor:
        """Output projection and feed-forward, each followed by its residual sum and LayerNorm."""
        after = self.layer.attention.output
        middle = after.LayerNorm(after.dense(mixed) + hidden)
        inner = self.layer.intermediate.intermediate_act_fn(self.layer.intermediate.dense(middle))
        output: Tensor = self.layer.output.LayerNorm(self.layer.output.dense(inner) + middle)
        return output


class GeneformerAdapter(Blockwise):
    """A ``BertForMaskedLM`` as an ``Adapter``: every published Geneformer, and geneformer-mini.

    A fine-tuned model without the head for hidden genes predicts nothing; all else works as with the head.
    """

    def __init__(self, model: BertForMaskedLM, vocabulary: Vocabulary, info: ModelInfo) -> None:
        super().__init__(vocabulary, info, str(model.device))
        self.model = model
        self.predicts: Predicts = "genes" if hasattr(model, "cls") else "nothing"

    def embed(self, batch: Batch) -> Tensor:
        """Embed tokens int64 [B, S] as [B, S, d]; padding needs no care here, so lengths are not read."""
        part = self.model.bert.embeddings
        places = part.position_embeddings.weight[: batch.width]
        summed: Tensor = part.word_embeddings(batch.tokens) + places + part.token_type_embeddings.weight[0]
        embedded: Tensor = part.LayerNorm(summed)
        return embedded

    def block(self, layer: int) -> BertBlock:
        """The parts of block ``layer``."""
        return BertBlock(cast(BertLayer, self.model.bert.encoder.layer[layer]), self.info.n_heads)

    def predict(self, hidden: Tensor) -> Tensor:
        """Logits [..., V] of the output of the last block [..., d]. Raises RequestError without a head for them."""
        if self.predicts == "nothing":
            raise RequestError(f"{self.info.name} has no head for hidden genes (fine-tuned?): it predicts nothing")
        logits: Tensor = self.model.cls(hidden)
        return logits

    def mean_logits(self, hidden: Tensor) -> Tensor:
        """The mean of ``predict`` over the rows [n, d]: [V]. The vocabulary's map is linear: it runs once."""
        head = self.model.cls.predictions
        mean: Tensor = head.decoder(head.transform(hidden).mean(0))
        return mean


def load_geneformer(model_dir: Path, device: str) -> GeneformerAdapter:
    """A Geneformer directory. Raises RequestError for a file that is missing, or not what it should be."""
    config, vocabulary = read_config(model_dir), load_vocabulary(model_dir)
    files = weight_files(model_dir)
    given = read_bert(files, config, WHAT)
    model = build_model({**config, "tie_word_embeddings": given.tied}, model_dir)
    if not given.predicts:
        del model.cls
    load_strictly(model, given.weights, files[0], WHAT, CONFIG_FILE)
    ready(model, device)
    return GeneformerAdapter(model, vocabulary, model_info(model_dir, config, vocabulary, model, hash_of(files)))


def build_model(config: dict[str, Any], where: Path) -> BertForMaskedLM:
    """A ``BertForMaskedLM`` of the configured shape. Raises RequestError if the configuration makes none."""
    try:
        return BertForMaskedLM(BertConfig(**config))
    except (KeyError, TypeError, ValueError, RuntimeError) as error:
        line = str(error).splitlines()[0]
        raise RequestError(f"{where}/{CONFIG_FILE} describes no BERT model ({line}): fetch it anew") from None


def model_info(
    model_dir: Path, config: dict[str, Any], vocabulary: Vocabulary, model: BertForMaskedLM, weights_sha: str
) -> ModelInfo:
    """Facts of the model; the name is the directory's, unless the configuration gives one."""
    name = str(config.get("scfm_name", directory_name(model_dir)))
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
