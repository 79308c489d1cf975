"""The ``cells`` step as a Prefect task: from an .h5ad file to counts, tokens, and the tables ``cell`` and ``gene``."""

from pathlib import Path

import numpy as np
from prefect import task
from safetensors.numpy import save

from tasks.cells import sample
from tasks.cells.pipeline import TokenizedFile, tokenise_file
from tasks.cells.reader import COUNTS_FILE, TOKENS_FILE, VOCABULARY_FOLDER
from tasks.cells.settings import CellsSettings, MiniVocabulary
from tasks.cells.tables import cell_table, gene_table
from tasks.store import StepFolder, Unit
from tasks.vocabulary.own_settings import OwnEncoder


@task(name="choose cells")
def choose_cells(
    settings: CellsSettings, vocabulary: MiniVocabulary | Path, folder: Path, own: OwnEncoder | None = None
) -> Path:
    """Choose and tokenise cells; returns ``folder``, which ``CellsReader`` reads.

    ``vocabulary``: how to build one from the chosen cells, or the directory of a model that has one; ``own`` says how
    to read it if the model is of no published family.

    Raises RequestError if the file, its counts, its genes or the selection cannot be used.
    """
    path = sample.path("pbmc3k.h5ad") if settings.path == "sample" else Path(settings.path)
    with StepFolder.create(folder) as out:
        if out.done:
            return folder
        file = tokenise_file(path, settings, vocabulary, own)
        with out.unit("cells") as unit:
            _write(unit, file)
        out.finish(
            n_cells=file.tokens.n_cells,
            n_heldout=int(file.heldout.sum()),
            n_genes=file.genes.frame.height,
            n_tokens=len(file.tokens.tokens),
            max_length=file.vocabulary.max_length,
            counts_from=file.place,
        )
    return folder


def _write(unit: Unit, file: TokenizedFile) -> None:
    """The shards of the one unit: two tables, two tensor files, the dictionaries."""
    unit.table("cell", cell_table(file))
    unit.table("gene", gene_table(file))
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
