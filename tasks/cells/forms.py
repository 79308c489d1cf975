"""The forms in which scGPT's own programs give it cells (Cui et al. 2024, its repository): by name, without torch.

All begin with ``<cls>`` and have 51 bins of a cell's non-zero counts; the lengths count ``<cls>``.

    embedding     1,200 tokens: genes with a count, at random if there are more; <cls> has the value of padding, as when
                  cells are embedded (scgpt.tasks.embed_data)
    annotation    3,001 tokens: genes with a count, at random if there are more; <cls> has the value 0
    integration   1,201 tokens: the 1,200 most variable genes in every cell, with a count or bin 0; bins are of these
                  genes alone; <cls> has the value 0

What varies most is told from training cells by ``informative``, where scGPT's programs use scanpy's ``seurat_v3``.
Draws are seeded by cell (``values``). The program for perturbations reads 1,536 genes without bins or ``<cls>``: it is
none of these.
"""

from dataclasses import replace
from typing import NamedTuple

from tasks.store import RequestError
from tasks.vocabulary.vocabulary import Vocabulary


class Form(NamedTuple):
    """``zeros``: whether genes without a count are shown; ``start``: the value of ``<cls>``, None that of padding."""

    longest: int
    zeros: bool
    start: float | None


FORMS = {
    "embedding": Form(1200, zeros=False, start=None),
    "annotation": Form(3001, zeros=False, start=0.0),
    "integration": Form(1201, zeros=True, start=0.0),
}


def in_form(name: str, vocabulary: Vocabulary) -> Vocabulary:
    """The vocabulary of an scGPT for cells in a form. Raises RequestError for a model of another family."""
    if vocabulary.encoding.kind != "bins":
        raise RequestError(
            f'cells.input_form = "{name}" is a form of scGPT, and this model reads no bins: leave it out'
        )
    return replace(vocabulary, max_length=FORMS[name].longest)
