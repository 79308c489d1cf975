"""Files as Cell Ranger writes them: ``.h5`` of versions 2 and 3, and matrix folders of both."""

import gzip
from collections.abc import Sequence
from pathlib import Path

import h5py
import numpy as np
from scipy.io import mmwrite
from scipy.sparse import coo_matrix, csr_matrix


def barcodes(n: int) -> list[str]:
    return [f"cell-{i}" for i in range(n)]


def _write_texts(group: h5py.Group, **columns: Sequence[str]) -> None:
    for name, values in columns.items():
        group[name] = np.array([value.encode() for value in values])


def _write_matrix(group: h5py.Group, counts: csr_matrix) -> None:
    group["data"], group["indices"] = counts.data.astype(np.int32), counts.indices.astype(np.int64)
    group["indptr"], group["shape"] = counts.indptr.astype(np.int64), np.array(counts.shape[::-1], dtype=np.int32)
    _write_texts(group, barcodes=barcodes(counts.shape[0]))


def new_h5(
    path: Path,
    counts: csr_matrix,
    ids: Sequence[str],
    names: Sequence[str],
    types: Sequence[str],
    **more: Sequence[str],
) -> Path:
    """Version 3 and later; ``counts`` [n_cells, n_features]."""
    with h5py.File(path, "w") as file:
        group = file.create_group("matrix")
        _write_matrix(group, counts)
        features = group.create_group("features")
        _write_texts(features, id=ids, name=names, feature_type=types, **more)
        if "genome" not in more:
            _write_texts(features, genome=["GRCh38" if kind == "Gene Expression" else "" for kind in types])
        features["_all_tag_keys"] = np.array([b"genome"])
    return path


def old_h5(path: Path, **genomes: tuple[csr_matrix, Sequence[str], Sequence[str]]) -> Path:
    """Version 2: counts, ids and symbols by genome."""
    with h5py.File(path, "w") as file:
        for genome, (counts, ids, names) in genomes.items():
            group = file.create_group(genome)
            _write_matrix(group, counts)
            _write_texts(group, genes=ids, gene_names=names)
    return path


def matrix_folder(
    folder: Path,
    counts: csr_matrix,
    rows: Sequence[Sequence[str]],
    *,
    before: str = "",
    features: str = "features.tsv",
    packed: bool = True,
    turned: bool = False,
) -> Path:
    """``rows``: the words of every line about a feature; ``before``: what stands before every file's name."""
    folder.mkdir(exist_ok=True)
    end = ".gz" if packed else ""
    opened = gzip.open if packed else open
    with opened(folder / f"{before}matrix.mtx{end}", "wb") as file:
        mmwrite(file, coo_matrix(counts if turned else counts.T).astype(np.int32), field="integer")
    for name, lines in ((features, ["\t".join(row) for row in rows]), ("barcodes.tsv", barcodes(counts.shape[0]))):
        with opened(folder / f"{before}{name}{end}", "wb") as file:
            file.write(("\n".join(lines) + "\n").encode())
    return folder
