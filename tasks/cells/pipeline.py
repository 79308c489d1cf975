"""From files of cells to chosen, tokenised cells, in memory."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tasks.cells.choose import Cells, Passing, read_cells
from tasks.cells.encode import encode_cells
from tasks.cells.files import CellFiles
from tasks.cells.forms import in_form
from tasks.cells.gene_tokens import GeneTokens, names_for
from tasks.cells.genes import Genes
from tasks.cells.known import KnownShare
from tasks.cells.obs import ObsColumn
from tasks.cells.reader import TokenizedCells
from tasks.cells.room import require_room
from tasks.cells.select import Draw, cell_labels, draw, filter_cells, group_numbers
from tasks.cells.settings import BinnedVocabulary, CellsSettings, MiniVocabulary
from tasks.cells.slices import Rows, Values
from tasks.cells.species import of_ids
from tasks.cells.vocabulary import build_binned_vocabulary, build_vocabulary
from tasks.cells.whole_numbers import refuse_odd_counts
from tasks.store import RequestError
from tasks.vocabulary.directory import load_vocabulary
from tasks.vocabulary.own_settings import OwnEncoder
from tasks.vocabulary.vocabulary import Vocabulary


@dataclass(frozen=True)
class TokenizedFile:
    """The chosen cells of one file or several, and what is known of all their cells and genes.

    ``place``: where the raw counts were; ``heldout`` bool [n_chosen]; ``barcodes``, ``sources`` (file names) and
    ``labels``: of all cells; ``obs``: the columns that are kept, by name, over all cells; ``normalised_to`` [n_cells]:
    the total that the cell's counts were recovered from, NaN where they were read as they are.
    """

    place: str
    barcodes: Sequence[str]
    sources: Sequence[str]
    labels: Sequence[str | None]
    obs: Mapping[str, ObsColumn]
    cells: Cells
    heldout: NDArray[np.bool_]
    genes: Genes
    gene_tokens: GeneTokens
    vocabulary: Vocabulary
    tokens: TokenizedCells
    known: KnownShare
    normalised_to: Values


def tokenise_files(
    paths: Sequence[Path], settings: CellsSettings, wanted: MiniVocabulary | Path, own: OwnEncoder | None = None
) -> TokenizedFile:
    """Choose and tokenise cells. Raises RequestError if a file, its genes or the selection cannot be used.

    ``wanted``: how to build a vocabulary, or the directory of a model; ``own`` says how to read one of your own.
    """
    basis = _limit(load_vocabulary(wanted, own) if isinstance(wanted, Path) else wanted, settings)
    _refuse_fractions(basis, settings)
    with CellFiles.open(paths, settings) as files:
        name, normalised_to = files.name, files.normalised_to()
        place, genes, barcodes, sources = files.place, files.genes, files.barcodes(), files.sources()
        labels = cell_labels(files, settings.label)
        obs = {name: files.column(name, "cells.obs") for name in settings.obs}
        drawn = draw_cells(files, settings)
        _require_room(drawn, files, settings)
        passing = Passing(_usable(genes, basis, name), settings.min_genes)
        cells = read_cells(drawn, files, passing, settings.n)
    if settings.values == "counts":
        refuse_odd_counts(cells.counts, f"{place} of {name}")
    heldout = cells.draw_heldout(settings.heldout_fraction, drawn.shuffled)
    vocabulary = _build(basis, cells, heldout, genes) if isinstance(basis, MiniVocabulary) else basis
    names = names_for(vocabulary, genes)
    gene_tokens = GeneTokens.of(names, vocabulary)
    cells.drop(Passing(gene_tokens.known, settings.min_genes))
    known = KnownShare.of(cells.counts, gene_tokens.known, genes)
    known.refuse_below(settings.min_known, isinstance(basis, MiniVocabulary), names, name)
    chosen, training = cells.chosen.astype(np.uint32), ~np.isin(cells.chosen, heldout)
    tokens = encode_cells(cells.counts, chosen, gene_tokens, vocabulary, settings, training)
    return TokenizedFile(
        place=place,
        barcodes=barcodes,
        sources=sources,
        labels=labels,
        obs=obs,
        cells=cells,
        heldout=np.isin(cells.chosen, heldout),
        genes=genes,
        gene_tokens=gene_tokens,
        vocabulary=vocabulary,
        tokens=tokens,
        known=known,
        normalised_to=normalised_to,
    )


def draw_cells(files: CellFiles, settings: CellsSettings) -> Draw:
    """Draw among the cells that the filter leaves, in equal numbers from each file or per value of ``balance``."""
    if settings.draw == "published" and files.n_files > 1:
        raise RequestError("the published draw takes cells of one file as they come: name one, or leave cells.draw out")
    kept, groups = filter_cells(files, settings.where, "cells.where"), files.group_of_file()
    if settings.balance is not None:
        column = files.column(settings.balance, "cells.balance")
        kept, groups = kept & ~column.missing, group_numbers(column.text)
    return draw(kept, settings.seed, settings.draw, groups)


def _require_room(drawn: Draw, files: CellFiles, settings: CellsSettings) -> None:
    """Raise RequestError if the cells that are to be read do not fit into memory."""
    n_drawn = len(drawn.order)
    require_room(min(settings.n or n_drawn, n_drawn), files.n_cells, files.stored_per_row)


def _limit(basis: MiniVocabulary | Vocabulary, settings: CellsSettings) -> MiniVocabulary | Vocabulary:
    """The vocabulary for cells of as many tokens as the study says. Raises RequestError if the model takes fewer."""
    longest = settings.max_length
    if settings.input_form is not None:
        if isinstance(basis, MiniVocabulary):
            raise RequestError(
                "cells.input_form is for a published scGPT, and this model is trained here: leave it out"
            )
        return in_form(settings.input_form, basis)
    if longest is None:
        return basis
    if longest > basis.max_length:
        raise RequestError(f"cells.max_length is {longest}, the model takes {basis.max_length} tokens: lower it")
    if isinstance(basis, MiniVocabulary):
        return basis.model_copy(update={"max_length": longest})
    return replace(basis, max_length=longest)


def _refuse_fractions(basis: MiniVocabulary | Vocabulary, settings: CellsSettings) -> None:
    """Raise RequestError for fractions where the model reads values, whose scale it was trained on."""
    reads_values = basis.reads_values if isinstance(basis, Vocabulary) else isinstance(basis, BinnedVocabulary)
    if settings.values in ("corrected", "fpkm", "tpm") and reads_values:
        raise RequestError(
            f'cells.values = "{settings.values}" is for models that read ranks, and this one reads values: give raw '
            "counts"
        )


def _usable(genes: Genes, basis: MiniVocabulary | Vocabulary, name: str) -> NDArray[np.bool_]:
    """Genes that can become tokens, [n_genes]. Raises RequestError if the model knows none of them."""
    if isinstance(basis, MiniVocabulary):
        return genes.identified
    names = names_for(basis, genes)
    known = GeneTokens.of(names, basis).known
    if not known.any():
        found, expected = (", ".join(list(ids)[:3]) for ids in (names, basis.token_of))
        species = "".join(f", genes of {species}" for species in of_ids(genes.frame["gene_id"]))
        raise RequestError(
            f"{name}: the model knows none of its {len(known):,} genes (the file has {found}{species}; the model "
            f"{expected}): "
            'give cells of the species the model was trained on, or set model.path = "mini"'
        )
    return known


def _build(settings: MiniVocabulary, cells: Cells, heldout: Rows, genes: Genes) -> Vocabulary:
    """A vocabulary from the training cells."""
    training = cells.counts[np.flatnonzero(~np.isin(cells.chosen, heldout))]
    if isinstance(settings, BinnedVocabulary):
        return build_binned_vocabulary(training, genes.frame["symbol"].to_list(), genes.identified, settings)
    return build_vocabulary(training, genes.frame["gene_id"].to_list(), genes.identified, settings)
