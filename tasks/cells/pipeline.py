"""From an .h5ad file to chosen, tokenised cells, in memory."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tasks.cells.choose import Cells, Passing, read_cells
from tasks.cells.counts import find_counts
from tasks.cells.encode import encode_cells
from tasks.cells.gene_tokens import GeneTokens, names_for
from tasks.cells.genes import Genes, identify_genes
from tasks.cells.h5ad import H5ad
from tasks.cells.reader import TokenizedCells
from tasks.cells.select import cell_labels, draw, filter_cells
from tasks.cells.settings import CellsSettings, MiniVocabulary
from tasks.cells.slices import Rows
from tasks.cells.vocabulary import build_vocabulary
from tasks.store import RequestError
from tasks.vocabulary.directory import load_vocabulary
from tasks.vocabulary.own_settings import OwnEncoder
from tasks.vocabulary.vocabulary import Vocabulary


@dataclass(frozen=True)
class TokenizedFile:
    """The chosen cells of a file, and what is known of all its cells and genes.

    ``place``: where the raw counts were; ``heldout`` bool [n_chosen]; ``barcodes`` and ``labels``: of all cells.
    """

    place: str
    barcodes: Sequence[str]
    labels: Sequence[str | None]
    cells: Cells
    heldout: NDArray[np.bool_]
    genes: Genes
    gene_tokens: GeneTokens
    vocabulary: Vocabulary
    tokens: TokenizedCells


def tokenise_file(
    path: Path, settings: CellsSettings, wanted: MiniVocabulary | Path, own: OwnEncoder | None = None
) -> TokenizedFile:
    """Choose and tokenise cells. Raises RequestError if the file, its genes or the selection cannot be used.

    ``wanted``: how to build a vocabulary, or the directory of a model; ``own`` says how to read one of your own.
    """
    basis = _limit(load_vocabulary(wanted, own) if isinstance(wanted, Path) else wanted, settings.max_length)
    with H5ad.open(path) as file:
        obs = file.obs()
        labels = cell_labels(obs, settings.label, path)
        drawn = draw(filter_cells(obs, settings.where, path), settings.seed, settings.draw)
        source = find_counts(file, settings.counts)
        genes = identify_genes(file.var(source.place), path)
        passing = Passing(_usable(genes, basis, path), settings.min_genes)
        cells = read_cells(drawn, source, genes, passing, settings.n)
    heldout = cells.draw_heldout(settings.heldout_fraction, drawn.shuffled)
    vocabulary = _build(basis, cells, heldout, genes) if isinstance(basis, MiniVocabulary) else basis
    gene_tokens = GeneTokens.of(names_for(vocabulary, genes), vocabulary)
    cells.drop(Passing(gene_tokens.known, settings.min_genes))
    chosen, training = cells.chosen.astype(np.uint32), ~np.isin(cells.chosen, heldout)
    tokens = encode_cells(cells.counts, chosen, gene_tokens, vocabulary, settings, training)
    return TokenizedFile(
        place=source.place,
        barcodes=[str(name) for name in obs.index],
        labels=labels,
        cells=cells,
        heldout=np.isin(cells.chosen, heldout),
        genes=genes,
        gene_tokens=gene_tokens,
        vocabulary=vocabulary,
        tokens=tokens,
    )


def _limit(basis: MiniVocabulary | Vocabulary, longest: int | None) -> MiniVocabulary | Vocabulary:
    """The vocabulary for cells of at most ``longest`` tokens. Raises RequestError if the model takes fewer."""
    if longest is None:
        return basis
    if longest > basis.max_length:
        raise RequestError(f"cells.max_length is {longest}, the model takes {basis.max_length} tokens: lower it")
    if isinstance(basis, MiniVocabulary):
        return basis.model_copy(update={"max_length": longest})
    return replace(basis, max_length=longest)


def _usable(genes: Genes, basis: MiniVocabulary | Vocabulary, path: Path) -> NDArray[np.bool_]:
    """Genes that can become tokens, [n_genes]. Raises RequestError if the model knows none of them."""
    if isinstance(basis, MiniVocabulary):
        return genes.identified
    names = names_for(basis, genes)
    known = GeneTokens.of(names, basis).known
    if not known.any():
        found, expected = (", ".join(list(ids)[:3]) for ids in (names, basis.token_of))
        raise RequestError(
            f"{path}: the model knows none of its {len(known):,} genes (the file has {found}; the model {expected}): "
            'give cells of the species the model was trained on, or set model.path = "mini"'
        )
    return known


def _build(settings: MiniVocabulary, cells: Cells, heldout: Rows, genes: Genes) -> Vocabulary:
    """A vocabulary from the training cells."""
    training = cells.counts[np.flatnonzero(~np.isin(cells.chosen, heldout))]
    return build_vocabulary(training, genes.frame["gene_id"].to_list(), genes.identified, settings)
