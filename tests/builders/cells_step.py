"""Run the ``cells`` step on small files, and make model directories that have a vocabulary."""

import json
from pathlib import Path
from typing import Any

import polars as pl

from tasks.cells.reader import CellsReader
from tasks.cells.settings import CellsSettings, MiniVocabulary
from tasks.store import StepFolder
from tasks.vocabulary.model_settings import ModelSettings
from tasks.vocabulary.vocabulary import Vocabulary
from tests.builders.steps import do_step

MINI = MiniVocabulary(max_genes=50, max_length=40)
FOLDER = "cells-0123456789abcdef"


def run_cells(
    root: Path, path: Path | list[Path], vocabulary: MiniVocabulary | Path = MINI, **settings: Any
) -> CellsReader:
    """The step's result in ``root``, with a small vocabulary; one file or several."""
    named = [str(each) for each in path] if isinstance(path, list) else str(path)
    chosen = CellsSettings(path=named, **{"min_genes": 5, "min_known": 0.1, **settings})
    if isinstance(vocabulary, Path):
        return CellsReader(do_step("cells", chosen, root / FOLDER, MINI, ModelSettings(path=str(vocabulary))))
    return CellsReader(do_step("cells", chosen, root / FOLDER, vocabulary, ModelSettings()))


def all_cells(root: Path) -> pl.DataFrame:
    """Table ``cell`` with the dropped cells."""
    return StepFolder.open(root / FOLDER).read_table("cell")


def model_directory(folder: Path, genes: list[str]) -> Path:
    """A model directory without weights that knows ``genes``."""
    special = {"<pad>": 0, "<mask>": 1, "<cls>": 2, "<eos>": 3}
    tokens = {gene: i for i, gene in enumerate(genes, start=4)}
    Vocabulary(tokens, dict.fromkeys(genes, 100.0), special, 64).save(folder)
    sizes = {"num_hidden_layers": 1, "vocab_size": len(genes) + 4, "max_position_embeddings": 64}
    config = json.dumps({"model_type": "bert", **sizes})
    (folder / "config.json").write_text(config)
    return folder
