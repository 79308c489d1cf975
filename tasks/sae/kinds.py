"""The kinds of sparse autoencoders: one row each, from which settings, tables and tests follow. No torch here."""

from typing import NamedTuple


class Kind(NamedTuple):
    """One kind. Its class stands in ``tasks/sae/variants/<name>.py``.

    ``by_k``: whether ``sae.k`` says something about it; else ``sae.sparsity`` does.
    ``usual_sparsity``: coefficient of its sparsity term unless the study gives one; 0: it has no such term.
    """

    name: str
    variant: str
    by_k: bool
    usual_sparsity: float = 0.0


KINDS = {
    kind.name: kind
    for kind in (
        Kind("topk", "TopK", by_k=True),
        Kind("batchtopk", "BatchTopK", by_k=True),
        Kind("matryoshka", "Matryoshka", by_k=True),
        Kind("standard", "Standard", by_k=False, usual_sparsity=1.0),
        Kind("gated", "Gated", by_k=False, usual_sparsity=2.0),
        Kind("jumprelu", "JumpRelu", by_k=True, usual_sparsity=0.1),
        Kind("p_anneal", "PAnneal", by_k=False, usual_sparsity=0.5),
        Kind("gated_anneal", "GatedAnneal", by_k=False, usual_sparsity=1.0),
        Kind("april", "April", by_k=False, usual_sparsity=1.0),
    )
}
