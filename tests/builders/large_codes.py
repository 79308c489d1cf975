"""Step folders of one published layer in size: 4,608 features, 2,000 cells, 4.06 million positions, 32 active features.

Nothing is computed from states: firings are drawn. A position's features come from its gene's own list, from its
cell's programme, and from all features by frequency, so that features differ a thousandfold in how often they fire,
most are led by a few genes, and some follow cells. Genes are detected by a power law, as in blood cells.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray
from safetensors.numpy import save_file

from tasks.activations.reader import chunk_name, index_file
from tasks.cells.reader import COUNTS_FILE
from tasks.codes.reader import FIRES, fires_file, firings_file
from tasks.store import StepFolder
from tests.builders.references import read_references, write_gmt
from tests.builders.saes import random_sae

KEY = "0123456789abcdef"
CELLS_A_CHUNK = 50
OWN, OF_CELL, ANY = 16, 8, 9  # candidates of a position; a feature that is drawn twice counts once
PER_GENE, PER_PROGRAMME = 40, 120
LABELS, EDGES = 8, 10_000
LIBRARIES = (2249, 1600, 50, 700, 300)  # gene sets of five libraries, as many as published ones hold


@dataclass(frozen=True)
class Size:
    """How large the layer is."""

    n_features: int = 4608
    n_cells: int = 2000
    per_cell: int = 2030
    n_genes: int = 20_000
    d_model: int = 1152


def write_large_layers(root: Path, size: Size, layers: tuple[int, ...] = (0, 1), seed: int = 0) -> dict[str, Path]:
    """Folders ``cells``, ``activations``, ``references``, and ``sae-<layer>``, ``codes-<layer>`` below ``root``."""
    rng = np.random.default_rng(seed)
    genes = _detected(size, rng)
    folders = {"cells": root / f"cells-{KEY}", "activations": root / f"activations-{KEY}"}
    _write_cells(folders["cells"], size, genes)
    _write_index(folders["activations"], size, genes, layers)
    sets = [_library(root / f"library{i}.gmt", n, size.n_genes, rng) for i, n in enumerate(LIBRARIES)]
    network = _network(root / "network.tsv", size.n_genes, rng)
    folders["references"] = read_references(root, folders["cells"], sets, networks=[network])
    for layer in layers:
        folders[f"sae-{layer}"] = root / f"sae-{layer:016x}"
        sae = random_sae(
            folders[f"sae-{layer}"], d_model=size.d_model, n_features=size.n_features, k=32, layer=layer, seed=layer
        )
        folders[f"codes-{layer}"] = root / f"codes-{layer:016x}"
        _write_codes(folders[f"codes-{layer}"], size, genes, layer, sae.sae_id)
    return folders


def _network(path: Path, n_genes: int, rng: np.random.Generator) -> Path:
    """Joined pairs of genes, frequent ones in more of them than others."""
    ends = (n_genes * rng.random((EDGES, 2)) ** 2).astype(int)
    joined = "".join(f"G{a} G{b} 900\n" for a, b in ends[ends[:, 0] != ends[:, 1]])
    path.write_text(f"protein1 protein2 combined_score\n{joined}")
    return path


def _detected(size: Size, rng: np.random.Generator) -> NDArray[np.int32]:
    """Genes of every cell, [n_cells, per_cell], each once in a cell; some genes are in nearly all cells."""
    weight = (np.arange(size.n_genes) + 200.0) ** -1.2
    keys = (rng.standard_exponential(size.n_genes) / weight for _ in range(size.n_cells))
    return np.stack([np.argpartition(key, size.per_cell)[: size.per_cell].astype(np.int32) for key in keys])


def _write_cells(folder: Path, size: Size, genes: NDArray[np.int32]) -> None:
    n = size.n_cells
    names = [f"G{gene}" for gene in range(size.n_genes)]
    token = np.arange(size.n_genes, dtype=np.int32) + 4
    gene = {"gene_id": [f"ENS{name}" for name in names], "symbol": names, "token_id": token}
    measured = {"n_cells": n, "mean_count": 1.0, "matched_by": "ensembl_id"}
    cell = {"cell_id": range(n), "barcode": [f"C{i}" for i in range(n)], "label": [f"T{i % LABELS}" for i in range(n)]}
    counted = {"chosen": True, "n_counts": 3 * size.per_cell, "n_genes": size.per_cell, "n_tokens": size.per_cell}
    split = pl.Series(["heldout" if i % 5 == 0 else "train" for i in range(n)])
    with StepFolder.create(folder) as out:
        with out.unit("cells") as unit:
            constants = {name: pl.lit(value) for name, value in counted.items()}
            unit.table("cell", pl.DataFrame(cell).with_columns(**constants, split=split))
            unit.table("gene", pl.DataFrame(gene).with_columns(**{k: pl.lit(v) for k, v in measured.items()}))
            with unit.file(COUNTS_FILE) as path:
                counts = np.random.default_rng(0).geometric(0.3, genes.size).astype(np.float32)
                starts = np.arange(n + 1, dtype=np.int64) * size.per_cell
                ids = np.arange(n, dtype=np.uint32)
                save_file({"cell_id": ids, "data": counts, "indices": genes.ravel(), "indptr": starts}, path)
        out.finish(n_genes=size.n_genes, obs={"label": "cell_type"})


def _write_index(folder: Path, size: Size, genes: NDArray[np.int32], layers: tuple[int, ...]) -> None:
    with StepFolder.create(folder) as out:
        for chunk, cells in enumerate(_chunks(size)):
            index = {
                "cell_id": np.repeat(cells.astype(np.uint32), size.per_cell),
                "position": np.tile(np.arange(size.per_cell, dtype=np.uint16), cells.size),
                "token": genes[cells].ravel() + np.int32(4),
            }
            with out.unit(chunk_name(chunk)) as unit, unit.file(index_file(chunk_name(chunk))) as path:
                save_file(index, path)
        out.finish(layers=list(layers), d_model=size.d_model, n_positions=size.n_cells * size.per_cell)


def _write_codes(folder: Path, size: Size, genes: NDArray[np.int32], layer: int, sae_id: str) -> None:
    rng = np.random.default_rng([layer, 7])
    weight = (rng.permutation(size.n_features) + 20.0) ** -0.9
    by_frequency = weight / weight.sum()
    own = rng.integers(size.n_features, size=(size.n_genes, PER_GENE), dtype=np.uint16)
    programme = rng.integers(size.n_features, size=(LABELS, PER_PROGRAMME), dtype=np.uint16)
    with StepFolder.create(folder) as out:
        for chunk, cells in enumerate(_chunks(size)):
            gene, label = genes[cells].ravel(), np.repeat(cells % LABELS, size.per_cell)
            drawn = [
                own[gene[:, None], rng.integers(PER_GENE, size=(gene.size, OWN))],
                programme[label[:, None], rng.integers(PER_PROGRAMME, size=(gene.size, OF_CELL))],
                rng.choice(size.n_features, size=(gene.size, ANY), p=by_frequency).astype(np.uint16),
            ]
            feature = np.sort(np.concatenate(drawn, axis=1), axis=1)
            first = np.ones(feature.shape, dtype=bool)
            first[:, 1:] = feature[:, 1:] != feature[:, :-1]
            starts = np.concatenate([[0], np.cumsum(first.sum(axis=1))]).astype(np.uint32)
            fired, unit = feature[first], chunk_name(chunk)
            value = rng.lognormal(0.0, 0.6, fired.size).astype(np.float32)
            with out.unit(unit) as shard:
                with shard.file(firings_file(unit)) as path:
                    save_file({"starts": starts, "feature": fired, "value": value}, path)
                with shard.file(fires_file(unit)) as path:
                    save_file({FIRES: np.bincount(fired, minlength=size.n_features)}, path)
        n_positions = size.n_cells * size.per_cell
        out.finish(sae_id=sae_id, layer=layer, n_features=size.n_features, n_positions=n_positions)


def _chunks(size: Size) -> list[NDArray[np.int64]]:
    starts = range(0, size.n_cells, CELLS_A_CHUNK)
    return [np.arange(start, min(start + CELLS_A_CHUNK, size.n_cells)) for start in starts]


def _library(path: Path, n_sets: int, n_genes: int, rng: np.random.Generator) -> Path:
    """Sets of 5 to 500 genes, most of them small, the frequent genes in more of them."""
    sizes = np.clip(rng.lognormal(3.2, 1.0, n_sets), 5, 500).astype(int)
    weight = (np.arange(n_genes) + 500.0) ** -0.7
    drawn = (rng.choice(n_genes, size, replace=False, p=weight / weight.sum()) for size in sizes)
    return write_gmt(path, {f"{path.stem} {i}": [f"G{gene}" for gene in own] for i, own in enumerate(drawn)})
