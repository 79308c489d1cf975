"""The weights of a Geneformer under the names of ``BertForMaskedLM``, whatever they were saved as.

1. Wrappers' prefixes are taken off; a bare ``BertModel`` gets the prefix ``bert.``.
2. Buffers of older releases, and heads that work on the last block's output, are not read: poolers, classifiers.
3. The decoder of hidden genes and the input embeddings are one matrix, unless the file holds two that differ, or
   ``config.json`` says so: then both are kept. Hugging Face's own reader does the same.
"""

from pathlib import Path
from typing import Any, NamedTuple

from torch import Tensor

from tasks.models.weight_reading import read_parts
from tasks.models.weights import renamed, same, unwrapped

BERT, HEAD = "bert.", "cls.predictions."
BARE = ("embeddings.", "encoder.", "pooler.")
TIED = {"cls.predictions.decoder.weight": "bert.embeddings.word_embeddings.weight"}
TIED |= {"cls.predictions.decoder.bias": "cls.predictions.bias"}
BUFFERS = ("bert.embeddings.position_ids", "bert.embeddings.token_type_ids")
UNREAD = ("bert.pooler.", "cls.seq_relationship.", "classifier.", "classification_heads.", "attention_layer.")


class BertWeights(NamedTuple):
    """``weights`` by name; ``tied``: one matrix embeds and decodes; ``predicts``: there is a head for hidden genes."""

    weights: dict[str, Tensor]
    tied: bool
    predicts: bool


def read_bert(files: list[Path], config: dict[str, Any], what: str) -> BertWeights:
    """Read the files of one model. Raises RequestError for a file that cannot be read, and for a name given twice."""
    plain = unwrapped(read_parts(files, what), files[0])
    named = renamed(plain, lambda name: f"{BERT}{name}" if name.startswith(BARE) else name, files[0])
    given = {name: weight for name, weight in named.items() if not name.startswith((*BUFFERS, *UNREAD))}
    if not any(name.startswith(HEAD) for name in given):
        return BertWeights(given, tied=True, predicts=False)
    meant = bool(config.get("tie_word_embeddings", True))
    return BertWeights(_completed(given, meant), meant and not _differ(given), predicts=True)


def _differ(given: dict[str, Tensor]) -> bool:
    """Whether the file holds two numbers for what could be one weight."""
    pairs = [(given[one], given[other]) for one, other in TIED.items() if one in given and other in given]
    return any(not same(one, other) for one, other in pairs)


def _completed(given: dict[str, Tensor], tied: bool) -> dict[str, Tensor]:
    """Weights under both names, of which a file may hold one; before Transformers 5, the biases were always tied."""
    complete = dict(given)
    for one, other in TIED.items():
        if tied or other.startswith(HEAD):
            for name, twin in ((one, other), (other, one)):
                if name not in complete and twin in complete:
                    complete[name] = complete[twin]
    return complete
