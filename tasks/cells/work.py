"""The work of step ``cells``: from files to counts, tokens, and the tables ``cell``, ``gene``, ``cell_obs``."""

import numpy as np
from safetensors.numpy import save

from tasks.cells.doubtful import doubtful_labels
from tasks.cells.pipeline import TokenizedFile, tokenise_files
from tasks.cells.reader import COUNTS_FILE, TOKENS_FILE, VOCABULARY_FOLDER
from tasks.cells.select import DEFAULT_LABEL
from tasks.cells.settings import BinnedVocabulary, CellsSettings, MiniVocabulary
from tasks.cells.sources import find_files
from tasks.cells.tables import cell_obs_table, cell_table, gene_table
from tasks.step import Info, Inputs
from tasks.store import StepFolder, Unit
from tasks.vocabulary.directory import given_directory
from tasks.vocabulary.model_settings import SCGPT_MINI, ModelSettings


def choose_cells(settings: CellsSettings, inputs: Inputs, out: StepFolder) -> Info:
    """Choose and tokenise cells into a folder that ``CellsReader`` reads.

    The vocabulary is built from the chosen cells, or is that of the model directory that the study names.
    Raises RequestError if the file, its counts, its genes or the selection cannot be used.
    """
    model = inputs.sections.of(ModelSettings)
    wanted = _new_vocabulary(inputs, model) if model.trained_here else given_directory(model)
    file = tokenise_files(find_files(settings.paths), settings, wanted, model.own)
    with out.unit("cells") as unit:
        _write(unit, file)
    labels = [file.labels[row] for row in file.cells.chosen]
    doubtful = doubtful_labels(labels, settings.label or DEFAULT_LABEL)
    return {
        "n_cells": file.tokens.n_cells,
        "n_heldout": int(file.heldout.sum()),
        "n_genes": file.genes.frame.height,
        "n_tokens": len(file.tokens.tokens),
        "max_length": file.vocabulary.max_length,
        "counts_from": file.place,
        "known": file.known.line(),
        "shares": file.known.figures(),
        **({} if doubtful is None else {"doubtful_labels": doubtful}),
        "obs": {"label": settings.label or DEFAULT_LABEL},
    }


def _new_vocabulary(inputs: Inputs, model: ModelSettings) -> MiniVocabulary:
    """How to build the vocabulary of the stand-in that the study names."""
    section = inputs.sections.of(MiniVocabulary)
    return BinnedVocabulary(**section.model_dump()) if model.path == SCGPT_MINI else section


def _write(unit: Unit, file: TokenizedFile) -> None:
    """The shards of the one unit: two tables, two tensor files, the dictionaries."""
    unit.table("cell", cell_table(file))
    unit.table("gene", gene_table(file))
    if file.obs:
        unit.table("cell_obs", cell_obs_table(file))
    counts, tokens = file.cells.counts, file.tokens
    _write_tensors(
        unit,
        COUNTS_FILE,
        data=counts.data.astype(np.float32),
        indices=counts.indices.astype(np.int32),
        indptr=counts.indptr.astype(np.int64),
        cell_id=tokens.cell_id,
    )
    _write_tensors(unit, TOKENS_FILE, **tokens.arrays())
    for name, text in file.vocabulary.documents().items():
        with unit.file(f"{VOCABULARY_FOLDER}/{name}") as target:
            target.write_text(text)


def _write_tensors(unit: Unit, name: str, **tensors: np.ndarray) -> None:
    with unit.file(name) as target:
        target.write_bytes(save(tensors))  # a full disk is an OSError here, and not in safetensors' own writer
