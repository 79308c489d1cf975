"""Read the upstream files that the bundled data are made of."""

import gzip
import json
import re
import sqlite3
import tarfile
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import IO

import numpy as np
from scipy.io import mmread
from scipy.sparse import csr_matrix

FEWEST_GENES, MOST_GENES = 5, 2000  # of a GO term that is kept
FOLDER = "filtered_gene_bc_matrices/hg19"

TERM_GENES = "select go_id, symbol from go_bp_all join gene_info using (_id)"
GENE_IDS = (
    "select ensembl_id, symbol from ensembl join gene_info using (_id) join genes using (_id) "
    "order by cast(gene_id as integer), ensembl.rowid"
)

NAMES = "select alias_symbol, symbol from alias join gene_info using (_id) order by alias.rowid"
SYMBOL = re.compile(r"(?=.*[A-Z])[A-Z0-9](orf|[A-Z0-9.@_-])+")  # what HGNC's symbols of human genes look like

# Ensembl ids and HGNC's symbols of the genes of the mitochondrial genome, in the order of the ids.
MITOCHONDRIAL = {
    **{"ENSG00000198695": "MT-ND6", "ENSG00000198712": "MT-CO2", "ENSG00000198727": "MT-CYB"},
    **{"ENSG00000198763": "MT-ND2", "ENSG00000198786": "MT-ND5", "ENSG00000198804": "MT-CO1"},
    **{"ENSG00000198840": "MT-ND3", "ENSG00000198886": "MT-ND4", "ENSG00000198888": "MT-ND1"},
    **{"ENSG00000198899": "MT-ATP6", "ENSG00000198938": "MT-CO3", "ENSG00000209082": "MT-TL1"},
    **{"ENSG00000210049": "MT-TF", "ENSG00000210077": "MT-TV", "ENSG00000210082": "MT-RNR2"},
    **{"ENSG00000210100": "MT-TI", "ENSG00000210107": "MT-TQ", "ENSG00000210112": "MT-TM"},
    **{"ENSG00000210117": "MT-TW", "ENSG00000210127": "MT-TA", "ENSG00000210135": "MT-TN"},
    **{"ENSG00000210140": "MT-TC", "ENSG00000210144": "MT-TY", "ENSG00000210151": "MT-TS1"},
    **{"ENSG00000210154": "MT-TD", "ENSG00000210156": "MT-TK", "ENSG00000210164": "MT-TG"},
    **{"ENSG00000210174": "MT-TR", "ENSG00000210176": "MT-TH", "ENSG00000210184": "MT-TS2"},
    **{"ENSG00000210191": "MT-TL2", "ENSG00000210194": "MT-TE", "ENSG00000210195": "MT-TT"},
    **{"ENSG00000210196": "MT-TP", "ENSG00000211459": "MT-RNR1", "ENSG00000212907": "MT-ND4L"},
    **{"ENSG00000228253": "MT-ATP8"},
}


def read_10x(tarball: Path) -> tuple[csr_matrix, list[str], list[str], list[str]]:
    """Counts float32 [n_cells, n_genes], barcodes, Ensembl ids and symbols of a Cell Ranger 1 tarball."""
    with tarfile.open(tarball) as archive:
        counts = csr_matrix(mmread(_member(archive, "matrix.mtx")).T, dtype=np.float32)
        barcodes = _member(archive, "barcodes.tsv").read().decode().split()
        genes = [line.split("\t") for line in _member(archive, "genes.tsv").read().decode().splitlines()]
    counts.sort_indices()
    return counts, barcodes, [gene[0] for gene in genes], [gene[1] for gene in genes]


def _member(archive: tarfile.TarFile, name: str) -> IO[bytes]:
    handle = archive.extractfile(f"{FOLDER}/{name}")
    if handle is None:
        raise FileNotFoundError(f"{FOLDER}/{name} is not a file of the tarball")
    return handle


def go_sets(org_sqlite: Path, go_sqlite: Path) -> list[list[str]]:
    """GMT lines of GO biological process, annotations carried up to ancestors, in order of GO id."""
    with sqlite3.connect(org_sqlite) as org, sqlite3.connect(go_sqlite) as ontology:
        names = dict(ontology.execute("select go_id, term from go_term"))
        genes: dict[str, set[str]] = defaultdict(set)
        for term, symbol in org.execute(TERM_GENES):
            genes[term].add(symbol)
    kept = sorted(term for term, members in genes.items() if FEWEST_GENES <= len(members) <= MOST_GENES)
    return [[f"{names[term]} ({term})", term, *sorted(genes[term])] for term in kept]


def ensembl_symbols(org_sqlite: Path) -> list[list[str]]:
    """Rows (Ensembl id, symbol) in order of Entrez id: the first row of a symbol is its principal gene."""
    with sqlite3.connect(org_sqlite) as org:
        return [list(row) for row in org.execute(GENE_IDS)]


def earlier_symbols(org_sqlite: Path) -> list[list[str]]:
    """Rows (earlier symbol, symbol) of the aliases that look like symbols, in the order of the source.

    An alias of several genes, or one that is some gene's symbol today, is left out.
    """
    with sqlite3.connect(org_sqlite) as org:
        today = {symbol for (symbol,) in org.execute("select symbol from gene_info")}
        genes: dict[str, set[str]] = defaultdict(set)
        for name, symbol in org.execute(NAMES):
            genes[name].add(symbol)
    kept = (name for name in genes if len(genes[name]) == 1 and name not in today and SYMBOL.fullmatch(name))
    return [[name, *genes[name]] for name in kept]


def mitochondrial_symbols() -> list[list[str]]:
    """Rows (Ensembl id, HGNC's symbol) of the 37 genes of the mitochondrial genome."""
    return [[gene, symbol] for gene, symbol in MITOCHONDRIAL.items()]


def reactome_sets(gmt: Path) -> list[list[str]]:
    """Lines of the Reactome GMT file, as they are."""
    return [line.rstrip("\t").split("\t") for line in gmt.read_text().splitlines()]


def encode_sets(targets: Path) -> list[list[str]]:
    """GMT lines of ENCODE ChIP targets, one a factor and cell line, from a JSON object of lists."""
    sets: dict[str, list[str]] = json.loads(targets.read_text())
    return [[name, "ENCODE_TF_ChIP", *genes] for name, genes in sets.items()]


def write_table(target: Path, rows: Iterable[list[str]]) -> None:
    """Write tab-separated rows, gzipped, the same bytes every time."""
    text = "".join("\t".join(row) + "\n" for row in rows)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(gzip.compress(text.encode(), compresslevel=9, mtime=0))
