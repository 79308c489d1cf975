"""Make the bundled data from upstream files: ``python -m tasks.cells.sample.make_sample --help``.

The sample keeps all cells, and of the genes:

1. the 1,900 most informative ones (``tasks.cells.informative``) among those that at least 10 cells express;
2. the markers of the label rule;
3. the transcription factors of the ENCODE sets that at least 10 cells express.
"""

import argparse
from pathlib import Path

import anndata as ad
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from tasks.cells.informative import cells_per_gene, informative_genes
from tasks.cells.sample import sources
from tasks.cells.sample.marker_labels import label_cells, marker_genes

MAX_GENES, MIN_CELLS = 1900, 10

# ENCODE names these sets after an antibody; here stand the genes of the proteins that it binds.
ANTIBODY_GENES = (
    *("RELA", "NFKB1", "JUN", "NR2C2", "NFYA", "ESRRA", "ESR1", "TFAP2A", "TFAP2C", "SMARCA4", "SMARCC1", "SMARCC2"),
    *("EP300", "PPARGC1A", "REST", "RCOR1", "GTF3C2", "TRIM28", "POLR2A", "POLR3A", "SIN3A", "KMT2E", "NR3C1"),
    *("SUPT20H", "SREBF1", "SREBF2", "KAT2A", "ILF3"),
)


def make_cells(tarball: Path, encode: Path) -> ad.AnnData:
    """The sample: raw counts float32 CSR, Ensembl ids, symbols, ``cell_type``, and ``n_counts`` over all genes."""
    counts, barcodes, ids, symbols = sources.read_10x(tarball)
    genes = _kept_genes(counts, symbols, encode)
    obs = pd.DataFrame(index=pd.Index(barcodes, name="barcode"))
    obs["cell_type"] = pd.Categorical(label_cells(counts, symbols, MAX_GENES, MIN_CELLS))
    obs["n_counts"] = np.asarray(counts.sum(axis=1), dtype=np.int32).ravel()
    var = pd.DataFrame({"gene_symbols": [symbols[g] for g in genes]}, index=pd.Index([ids[g] for g in genes]))
    return ad.AnnData(X=csr_matrix(counts[:, genes]), obs=obs, var=var)


def _kept_genes(counts: csr_matrix, symbols: list[str], encode: Path) -> NDArray[np.int64]:
    """Columns of the kept genes, ascending."""
    factors = {row[0].split()[0] for row in sources.encode_sets(encode)} | set(ANTIBODY_GENES)
    expressed = set(np.flatnonzero(cells_per_gene(counts) >= MIN_CELLS))
    named = [g for g, symbol in enumerate(symbols) if symbol in factors and g in expressed]
    markers = [symbols.index(symbol) for symbol in marker_genes()]
    return np.union1d(informative_genes(counts, MAX_GENES, MIN_CELLS), [*named, *markers])


def make_all(arguments: argparse.Namespace) -> None:
    """Write every bundled file into ``arguments.out``."""
    out: Path = arguments.out
    out.mkdir(parents=True, exist_ok=True)
    make_cells(arguments.counts, arguments.encode).write_h5ad(
        out / "pbmc3k.h5ad", compression="gzip", compression_opts=9
    )
    go = sources.go_sets(arguments.org_sqlite, arguments.go_sqlite)
    sources.write_table(out / "gene_sets/go_bp.gmt.gz", go)
    sources.write_table(out / "gene_sets/reactome.gmt.gz", sources.reactome_sets(arguments.reactome))
    sources.write_table(out / "gene_sets/encode_tf.gmt.gz", sources.encode_sets(arguments.encode))
    header = ["ensembl_id", "symbol"]
    sources.write_table(out / "ensembl_symbol.tsv.gz", [header, *sources.ensembl_symbols(arguments.org_sqlite)])
    sources.write_table(out / "mitochondrial.tsv.gz", [header, *sources.mitochondrial_symbols()])
    earlier = sources.earlier_symbols(arguments.org_sqlite)
    sources.write_table(out / "earlier_symbol.tsv.gz", [["earlier_symbol", "symbol"], *earlier])


def main() -> None:
    """Read the paths of the upstream files (``PROVENANCE.md`` names them) and make the bundled data."""
    parser = argparse.ArgumentParser(description="Make the bundled data from upstream files (see PROVENANCE.md)")
    for name, what in {
        "counts": "10x tarball pbmc3k_filtered_gene_bc_matrices.tar.gz",
        "reactome": "GMT file c2.cp.reactome.v7.5.1.symbols.gmt",
        "encode": "tfchip_data.json",
        "org-sqlite": "org.Hs.eg.sqlite",
        "go-sqlite": "GO.sqlite",
        "out": "folder for the bundled files",
    }.items():
        parser.add_argument(f"--{name}", type=Path, required=True, help=what)
    make_all(parser.parse_args())


if __name__ == "__main__":
    main()
