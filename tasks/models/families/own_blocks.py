"""Running a Hugging Face encoder from any block to any other, whatever its blocks are handed beside the states.

The model itself runs, so that masks, rotations and position biases are its own. Where states are given, they take the
place of what the block before handed on. The blocks before the first are run for nothing: it costs time, not exactness.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from threading import Lock
from typing import Any

import torch
from torch import Tensor
from torch.nn import Module, ModuleList
from torch.utils.hooks import RemovableHandle
from transformers import PreTrainedModel

from tasks.models.batches import Batch
from tasks.store import RequestError

_ONE_AT_A_TIME = Lock()
Output = Tensor | tuple[Tensor, ...]  # of a block: the states, alone or before whatever else it gives


class _EnoughError(Exception):
    """The model need not run further."""


def layers_of(model: PreTrainedModel) -> ModuleList:
    """The stack of blocks. Raises RequestError if the model has no single one."""
    n_layers = getattr(model.config, "num_hidden_layers", None)
    stacks = [part for part in model.modules() if isinstance(part, ModuleList) and len(part) == n_layers]
    if len(stacks) != 1:
        raise RequestError(
            f"a model of type {model.config.model_type} has {len(stacks)} stacks of {n_layers} blocks, and one is "
            "needed: give an encoder"
        )
    return stacks[0]


def states_before(model: PreTrainedModel, layer: Module, batch: Batch) -> Tensor:
    """What a block is handed, [B, S, d], when the model reads a batch."""
    found: list[Tensor] = []

    def look(_block: Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        found.append(args[0] if args else kwargs["hidden_states"])
        raise _EnoughError

    with _hooks(lambda: layer.register_forward_pre_hook(look, with_kwargs=True)):
        _run(model, batch.tokens, batch.keys)
    return found[0]


def run_from(
    model: PreTrainedModel, layers: ModuleList, hidden: Tensor, span: tuple[int, int], lengths: Tensor | None
) -> list[Tensor]:
    """Outputs [B, S, d] of the blocks from ``span[0]`` to before ``span[1]``; ``hidden`` is the first's input."""
    first, stop = span
    found: list[Tensor] = []

    def enter(_block: Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        return ((hidden, *args[1:]), kwargs) if args else (args, {**kwargs, "hidden_states": hidden})

    def leave(_block: Module, _args: tuple[Any, ...], output: Output) -> None:
        found.append(output if isinstance(output, Tensor) else output[0])
        if len(found) == stop - first:
            raise _EnoughError

    behind = [partial(layers[layer].register_forward_hook, leave) for layer in range(first, stop)]
    with _hooks(partial(layers[first].register_forward_pre_hook, enter, with_kwargs=True), *behind):
        _run(model, _any_tokens(model, hidden), lengths)
    return found


def predict_from(model: PreTrainedModel, last: Module, hidden: Tensor) -> Tensor:
    """What the model's head makes of outputs of the last block: [n, d] to [n, V], each as a cell of one token."""

    def replace(_block: Module, _args: tuple[Any, ...], output: Output) -> Output:
        states = hidden[:, None]
        return states if isinstance(output, Tensor) else (states, *output[1:])

    with _hooks(lambda: last.register_forward_hook(replace)):
        logits: Tensor = model(input_ids=_any_tokens(model, hidden[:, None])).logits
    return logits[:, 0]


def _run(model: PreTrainedModel, tokens: Tensor, lengths: Tensor | None) -> None:
    mask = None
    if lengths is not None:
        mask = (torch.arange(tokens.shape[1], device=tokens.device) < lengths[:, None]).long()
    with suppress(_EnoughError):
        model.base_model(input_ids=tokens, attention_mask=mask)


def _any_tokens(model: PreTrainedModel, hidden: Tensor) -> Tensor:
    """Tokens [B, S] for states [B, S, d]: what they are does not matter, only that they are no padding."""
    token = 1 if model.config.pad_token_id == 0 else 0
    return torch.full(hidden.shape[:2], token, device=hidden.device)


@contextmanager
def _hooks(*makers: Callable[[], RemovableHandle]) -> Iterator[None]:
    """Hooks for one run of the model: a module's hooks are seen by every thread, so one thread runs at a time."""
    with _ONE_AT_A_TIME:
        handles = [make() for make in makers]
        try:
            yield
        finally:
            for handle in handles:
                handle.remove()
