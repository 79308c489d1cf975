"""A decoder's forward pass written out in NumPy float64, one cell, one head at a time: the slow twin."""

import numpy as np
import torch
from torch import Tensor
from torch.nn import Module
from transformers.models.llama.modeling_llama import LlamaRMSNorm

Weights = dict[str, np.ndarray]


class ExactNorm(Module):
    """Hugging Face's RMSNorm without its rounding to float32."""

    def __init__(self, norm: LlamaRMSNorm) -> None:
        super().__init__()
        self.weight, self.variance_epsilon = norm.weight, norm.variance_epsilon

    def forward(self, x: Tensor) -> Tensor:
        return self.weight * x / (x.square().mean(-1, keepdim=True) + self.variance_epsilon).sqrt()


def without_rounding(model: Module) -> Module:
    """The model in float64 from end to end, in place."""
    for part in list(model.modules()):
        for name, child in part.named_children():
            if isinstance(child, LlamaRMSNorm):
                setattr(part, name, ExactNorm(child))
    return model.double()


def plain_states(model: Module, tokens: np.ndarray) -> list[np.ndarray]:
    """Input of block 0 and output of every block, [S, d] each, for the tokens [S] of one cell; plain rotary angles."""
    w = {name: value.double().numpy() for name, value in model.state_dict().items()}
    x = w["model.embed_tokens.weight"][tokens]
    states = [x]
    for i in range(model.config.num_hidden_layers):
        states.append(_block(w, f"model.layers.{i}.", states[-1], model.config))
    return states


def plain_logits(model: Module, last: np.ndarray) -> np.ndarray:
    """Logits [S, V] of the tokens behind, of the last block's output [S, d]."""
    w = {name: value.double().numpy() for name, value in model.state_dict().items()}
    head = w.get("lm_head.weight", w["model.embed_tokens.weight"])
    return _norm(w, "model.norm", last, model.config.rms_norm_eps) @ head.T


def _block(w: Weights, at: str, x: np.ndarray, config) -> np.ndarray:
    n = len(x)
    rows = _norm(w, f"{at}input_layernorm", x, config.rms_norm_eps)
    query, key, value = (rows @ w[f"{at}self_attn.{name}_proj.weight"].T for name in "qkv")
    width = config.head_dim
    mixed = np.zeros((n, config.num_attention_heads * width))
    for head in range(config.num_attention_heads):
        group = head * config.num_key_value_heads // config.num_attention_heads
        own, shared = slice(head * width, (head + 1) * width), slice(group * width, (group + 1) * width)
        theta = config.rope_parameters["rope_theta"]
        q, k = _turned(query[:, own], theta), _turned(key[:, shared], theta)
        for row in range(n):
            scores = k[: row + 1] @ q[row] / np.sqrt(width)
            odds = np.exp(scores - scores.max())
            mixed[row, own] = odds / odds.sum() @ value[: row + 1, shared]
    x = x + mixed @ w[f"{at}self_attn.o_proj.weight"].T
    rows = _norm(w, f"{at}post_attention_layernorm", x, config.rms_norm_eps)
    gate = rows @ w[f"{at}mlp.gate_proj.weight"].T
    up = rows @ w[f"{at}mlp.up_proj.weight"].T
    return x + (gate / (1 + np.exp(-gate)) * up) @ w[f"{at}mlp.down_proj.weight"].T


def _turned(rows: np.ndarray, theta: float) -> np.ndarray:
    """Each pair of numbers (i, i + w/2) as a complex number, turned by position times theta^(-2i/w), in float32."""
    half = rows.shape[1] // 2
    frequencies = (theta ** (-np.arange(half) / half)).astype(np.float32)
    angles = np.arange(len(rows), dtype=np.float32)[:, None] * frequencies
    turned = (rows[:, :half] + 1j * rows[:, half:]) * np.exp(1j * angles)
    return np.concatenate([turned.real, turned.imag], axis=1)


def _norm(w: Weights, name: str, x: np.ndarray, epsilon: float) -> np.ndarray:
    return w[name + ".weight"] * x / np.sqrt((x**2).mean(axis=1, keepdims=True) + epsilon)


def forward(model: Module, tokens: Tensor, layer: int, added: Tensor) -> list[Tensor]:
    """Outputs [S, d] of all blocks in a Hugging Face forward pass, ``added`` [S, d] joining the output of ``layer``."""
    found: list[Tensor] = []

    def hook(_module, _inputs, output):
        state = output[0] if isinstance(output, tuple) else output
        state = state + added if len(found) == layer else state
        found.append(state[0])
        return (state, *output[1:]) if isinstance(output, tuple) else state

    handles = [block.register_forward_hook(hook) for block in model.model.layers]
    try:
        with torch.inference_mode():
            model(tokens[None], use_cache=False)
    finally:
        for handle in handles:
            handle.remove()
    return found


def run_layer(model: Module, layer: int, hidden: Tensor) -> Tensor:
    """The output [S, d] of one Hugging Face block for its input [S, d]."""
    angles = model.model.rotary_emb(hidden[None], torch.arange(len(hidden))[None])
    mask = torch.full((len(hidden),) * 2, -torch.inf, dtype=hidden.dtype).triu(1)
    with torch.inference_mode():
        output = model.model.layers[layer](hidden[None], attention_mask=mask[None, None], position_embeddings=angles)
    return (output[0] if isinstance(output, tuple) else output).reshape(len(hidden), -1)
