"""Chosen cells in the encoding that their model was trained on."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from tasks.cells.forms import FORMS
from tasks.cells.gene_tokens import GeneTokens
from tasks.cells.reader import TokenizedCells
from tasks.cells.settings import CellsSettings
from tasks.cells.tokenise import tokenise
from tasks.cells.values import GeneChoice, value_encoder
from tasks.store import RequestError
from tasks.vocabulary.vocabulary import Vocabulary


def encode_cells(
    counts: csr_matrix,
    cell_id: NDArray[np.uint32],
    genes: GeneTokens,
    vocabulary: Vocabulary,
    settings: CellsSettings,
    training: NDArray[np.bool_],
) -> TokenizedCells:
    """Token sequences of raw counts [n_cells, n_genes]; ``training`` bool [n_cells].

    Raises RequestError for a choice that the encoding does not have.
    """
    if not vocabulary.reads_values:
        return tokenise(counts, cell_id, genes, vocabulary, settings.tokenisation)
    if settings.tokenisation == "published":
        raise RequestError(
            'cells.tokenisation = "published" is for models that read ranks, and this one reads values: leave it out'
        )
    summed = genes.sum_counts(counts, vocabulary.size)
    form = None if settings.input_form is None else FORMS[settings.input_form]
    choice: GeneChoice = "every_variable" if form is not None and form.zeros else settings.gene_choice
    encoder = value_encoder(vocabulary, settings.seed, choice, summed[np.flatnonzero(training)])
    if form is not None:
        encoder = replace(encoder, start=form.start)
    return encoder.encode(summed, cell_id)
