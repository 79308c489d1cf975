"""The weights of a decoder under the names of ``LlamaForCausalLM``, whatever they were saved as.

1. Wrappers' prefixes are taken off, then all but the head get the prefix ``model.``, which a bare ``LlamaModel`` lacks.
2. Angles of rotary positions, which older releases saved, follow from ``config.json`` and are not read; nor are heads
   that classify.
3. The head and the input embeddings are one matrix if ``config.json`` says so, unless the file holds two that differ:
   then both are kept, as Hugging Face's own reader does.
"""

from pathlib import Path
from typing import Any, NamedTuple

from torch import Tensor

from tasks.models.weight_reading import read_parts
from tasks.models.weights import renamed, same, unwrapped

EMBEDDING, HEAD = "model.embed_tokens.weight", "lm_head.weight"
UNREAD = ("score.", "classifier.", "qa_outputs.")
ANGLES = "rotary_emb.inv_freq"


class LlamaWeights(NamedTuple):
    """``weights`` by name; ``tied``: one matrix embeds and predicts; ``predicts``: there is a head for next tokens."""

    weights: dict[str, Tensor]
    tied: bool
    predicts: bool


def read_llama(files: list[Path], config: dict[str, Any], what: str) -> LlamaWeights:
    """Read the files of one model. Raises RequestError for a file that cannot be read, and for a name given twice.

    A model whose ``architectures`` are not ``LlamaForCausalLM`` has no head.
    """
    plain = unwrapped(read_parts(files, what), files[0])
    kept = {name: weight for name, weight in plain.items() if not name.startswith(UNREAD) and ANGLES not in name}
    given = renamed(kept, lambda name: name if name == HEAD else f"model.{name}", files[0])
    if config.get("architectures") not in (None, ["LlamaForCausalLM"]):
        given.pop(HEAD, None)
        return LlamaWeights(given, tied=False, predicts=False)
    meant = bool(config.get("tie_word_embeddings", False))
    if meant and HEAD not in given and EMBEDDING in given:
        given[HEAD] = given[EMBEDDING]
    tied = meant and HEAD in given and EMBEDDING in given and same(given[HEAD], given[EMBEDDING])
    return LlamaWeights(given, tied, predicts=True)
