"""A decoder over genes ranked by expression, in the layout of ``LlamaForCausalLM``, as MaxToki is published.

1. The input of block 0 is the token's embedding; positions enter attention as turns of queries and keys (``order``).
2. A block is x1 = x + W_o Attention(RMSNorm(x)), x2 = x1 + W_d (act(W_g n) * W_u n), n = RMSNorm(x1), pre-norm.
   RMSNorm(x) = w x / sqrt(mean(x^2) + epsilon). Heads may share keys and values in groups (Ainslie et al. 2023).
3. One RMSNorm follows the last block. It belongs to the head: the last layer's output here is the block's own, which
   Hugging Face's list of hidden states leaves out.
4. Logits at position i are those of the token at i + 1.
5. A cell's embedding is the state of its last gene, which alone sees all the others, after that RMSNorm.

The modules and their names are Hugging Face's, so published weights load as they are; the blocks are run here.
"""

from pathlib import Path
from typing import Any, cast

import torch
from torch import Tensor
from transformers import LlamaConfig, LlamaForCausalLM
from transformers.models.llama.modeling_llama import LlamaDecoderLayer, LlamaRMSNorm, LlamaRotaryEmbedding

from tasks.models.adapter import ModelInfo, Predicts, directory_name, model_id
from tasks.models.batches import Asked, Batch
from tasks.models.families.blockwise import Blockwise
from tasks.models.families.llama_weights import read_llama
from tasks.models.order import Order
from tasks.models.weights import hash_of, load_strictly, ready
from tasks.store import RequestError
from tasks.vocabulary.layouts.geneformer import CONFIG_FILE
from tasks.vocabulary.layouts.llama import load_vocabulary, read_config
from tasks.vocabulary.layouts.weight_files import weight_files
from tasks.vocabulary.vocabulary import Vocabulary

WHAT = "LlamaForCausalLM of this config.json"


class LlamaBlock:
    """A pre-norm block of Hugging Face's Llama as a ``Block``."""

    def __init__(self, layer: LlamaDecoderLayer, n_heads: int, order: Order) -> None:
        self.layer, self.n_heads = layer, n_heads
        self.order: Order | None = order

    def query(self, hidden: Tensor) -> Tensor:
        """Queries [..., h w], not yet turned."""
        queries: Tensor = self.layer.self_attn.q_proj(normed(self.layer.input_layernorm, hidden))
        return queries

    def key_value(self, hidden: Tensor) -> tuple[Tensor, Tensor]:
        """Keys, not yet turned, and values, each [..., h w]: those of a group once for each of its heads."""
        part, rows = self.layer.self_attn, normed(self.layer.input_layernorm, hidden)
        return self._shared(part.k_proj(rows)), self._shared(part.v_proj(rows))

    def finish(self, hidden: Tensor, mixed: Tensor) -> Tensor:
        """Output projection and gated feed-forward, each added to what came in."""
        middle = hidden + self.layer.self_attn.o_proj(mixed)
        rows, dense = normed(self.layer.post_attention_layernorm, middle), self.layer.mlp
        output: Tensor = middle + dense.down_proj(dense.act_fn(dense.gate_proj(rows)) * dense.up_proj(rows))
        return output

    def _shared(self, rows: Tensor) -> Tensor:
        part = self.layer.self_attn
        groups = rows.view(*rows.shape[:-1], -1, part.head_dim)
        return torch.repeat_interleave(groups, part.num_key_value_groups, -2).flatten(-2)


def normed(norm: LlamaRMSNorm, rows: Tensor) -> Tensor:
    """RMSNorm of rows [..., d] in their own precision; Hugging Face's own rounds to float32 on the way."""
    return norm.weight * (rows * torch.rsqrt(rows.square().mean(-1, keepdim=True) + norm.variance_epsilon))


class LlamaAdapter(Blockwise):
    """A ``LlamaForCausalLM`` as an ``Adapter``; a model without its head predicts nothing."""

    def __init__(self, model: LlamaForCausalLM, vocabulary: Vocabulary, info: ModelInfo, predicts: Predicts) -> None:
        super().__init__(vocabulary, info, str(model.device))
        self.model, self.predicts = model, predicts
        self.order = order_of(model, info.max_length)

    def embed(self, batch: Batch) -> Tensor:
        """Embed tokens int64 [B, S] as [B, S, d]."""
        embedded: Tensor = self.model.model.embed_tokens(batch.tokens)
        return embedded

    def block(self, layer: int) -> LlamaBlock:
        """The parts of block ``layer``."""
        return LlamaBlock(cast(LlamaDecoderLayer, self.model.model.layers[layer]), self.info.n_heads, self.order)

    def predict(self, hidden: Tensor) -> Tensor:
        """Logits [..., V] of the next token, of the output of the last block [..., d]. Raises RequestError without."""
        if self.predicts == "nothing":
            raise RequestError(f"{self.info.name} has no head for the next token (fine-tuned?): it predicts nothing")
        logits: Tensor = self.model.lm_head(normed(self.model.model.norm, hidden))
        return logits

    def predict_asked(self, hidden: Tensor, batch: Batch, asked: Asked) -> Tensor:
        """Logits [n, V] at the positions before the genes [n] of a batch, none of which stands first."""
        return self.predict(hidden[asked.cell, asked.place - 1])

    def mean_logits(self, hidden: Tensor) -> Tensor:
        """The mean of ``predict`` over the rows [n, d]: [V]. The vocabulary's map is linear: it runs once."""
        mean: Tensor = self.model.lm_head(normed(self.model.model.norm, hidden).mean(0))
        return mean

    def embed_cells(self, hidden: Tensor, batch: Batch) -> Tensor:
        """The state of each cell's last gene after the last RMSNorm: [B, d]."""
        places = torch.arange(batch.width, device=hidden.device)
        last = torch.where(self.is_gene(batch.tokens), places, 0).amax(1)
        return normed(self.model.model.norm, hidden[torch.arange(len(hidden), device=hidden.device), last])


def load_llama(model_dir: Path, device: str) -> LlamaAdapter:
    """A Llama directory. Raises RequestError for a file that is missing, or not what it should be."""
    config, vocabulary = read_config(model_dir), load_vocabulary(model_dir)
    files = weight_files(model_dir)
    given = read_llama(files, config, WHAT)
    model = build_model({**config, "tie_word_embeddings": given.tied}, model_dir)
    if not given.predicts:
        del model.lm_head
    load_strictly(model, given.weights, files[0], WHAT, CONFIG_FILE)
    if given.tied:
        model.lm_head.weight = model.model.embed_tokens.weight
    model.model.rotary_emb = LlamaRotaryEmbedding(model.config)  # of numbers that no file holds
    ready(model, device)
    info = model_info(model_dir, config, vocabulary, model, hash_of(files))
    return LlamaAdapter(model, vocabulary, info, "next" if given.predicts else "nothing")


def build_model(config: dict[str, Any], where: Path) -> LlamaForCausalLM:
    """A ``LlamaForCausalLM`` of the configured shape, without numbers. Raises RequestError if there is none."""
    try:
        with torch.device("meta"):
            model = LlamaForCausalLM(LlamaConfig(**config))
        if model.config.num_attention_heads % (model.config.num_key_value_heads or 1):
            raise ValueError("num_key_value_heads does not divide num_attention_heads")
    except Exception as error:  # the library's own checks raise errors of many kinds
        line = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise RequestError(f"{where}/{CONFIG_FILE} describes no Llama model ({line}): fetch it anew") from None
    return model


def order_of(model: LlamaForCausalLM, n_positions: int) -> Order:
    """Angles of the first ``n_positions``, scaled as ``rope_parameters`` say. Computed by Hugging Face's own code."""
    positions = torch.arange(n_positions, device=model.device)[None]
    cos, sin = model.model.rotary_emb(torch.zeros(1, device=model.device), positions)
    return Order(cos[0], sin[0])


def model_info(
    model_dir: Path, config: dict[str, Any], vocabulary: Vocabulary, model: LlamaForCausalLM, weights_sha: str
) -> ModelInfo:
    """Facts of the model; the name is the directory's, unless the configuration gives one."""
    name, shape = str(config.get("scfm_name", directory_name(model_dir))), model.config
    return ModelInfo(
        model_id=model_id(name, weights_sha),
        family="llama",
        name=name,
        stand_in=False,
        n_layers=shape.num_hidden_layers,
        d_model=shape.hidden_size,
        n_heads=shape.num_attention_heads,
        d_ff=shape.intermediate_size,
        vocab_size=shape.vocab_size,
        max_length=vocabulary.max_length,
        n_parameters=sum(parameter.numel() for parameter in model.parameters()),
        weights_sha=weights_sha,
        n_key_heads=shape.num_key_value_heads,
        gated=True,
    )
