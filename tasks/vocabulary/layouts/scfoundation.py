"""The published scFoundation directory: ``models.ckpt`` and the gene list ``OS_scRNA_gene_index.19264.tsv``.

The list names the genes in the order of their tokens; behind them stand T, S and the slot of padding.
"""

import csv
from importlib import import_module
from pathlib import Path

from tasks.store import RequestError
from tasks.vocabulary.files import opened
from tasks.vocabulary.layouts.layout import Layout
from tasks.vocabulary.vocabulary import Encoding, Vocabulary

WEIGHT_FILE, GENE_FILE = "models.ckpt", "OS_scRNA_gene_index.19264.tsv"
READER = "tasks.models.families.scfoundation_checkpoint"  # imports torch, which other families do without
TARGET_DEPTH = 4.0  # log10 of 10,000 counts, to which values are normalised


def load_vocabulary(model_dir: Path) -> Vocabulary:
    """Symbols in the order of the list, T, S and padding. Raises RequestError for another kind of list."""
    path = opened(model_dir / GENE_FILE)
    try:
        with path.open(newline="", encoding="utf-8-sig") as text:
            rows = list(csv.DictReader(text, delimiter="\t"))
    except (ValueError, csv.Error):
        rows = []
    tokens = {row.get("gene_name", ""): row.get("index", "") for row in rows}
    if not rows or len(tokens) < len(rows) or [*tokens.values()] != [str(i) for i in range(len(rows))]:
        raise RequestError(f"{path} is no list of gene_name and index from 0 on, each name once: fetch it anew")
    n = len(rows)
    named = {name: i for i, name in enumerate(tokens)} | {"<T>": n, "<S>": n + 1, "<pad>": n + 2}
    encoding = Encoding("log_values", "symbol", special_values={"<T>": TARGET_DEPTH})
    return Vocabulary.from_dictionaries(named, {}, n + 2, encoding)


def count_layers(model_dir: Path) -> int:
    """Blocks of the encoder, which only the checkpoint tells."""
    reader = import_module(READER)
    return int(reader.read_shape(model_dir / WEIGHT_FILE).n_layers)


SCFOUNDATION = Layout(
    family="scfoundation",
    n_layers=count_layers,
    vocabulary=load_vocabulary,
    weights=lambda model_dir: [opened(model_dir / WEIGHT_FILE)],
    dictionaries=lambda model_dir: [opened(model_dir / GENE_FILE)],
)
