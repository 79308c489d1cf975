"""The bundled data: blood cells with raw counts, gene-set libraries, a table of gene symbols.

``PROVENANCE.md`` says where each file comes from; ``make_sample.py`` makes all of them.
"""

from pathlib import Path


def path(name: str) -> Path:
    """Where a bundled file is, for instance ``pbmc3k.h5ad`` or ``gene_sets/reactome.gmt.gz``."""
    return Path(__file__).parent / name
