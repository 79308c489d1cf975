"""Gene networks: those of transcription factors and their targets in gene-set files, and tables of edges."""

from collections import defaultdict
from pathlib import Path

import polars as pl

from tasks.references.edge_lists import SCHEMA, UNKNOWN, Edges, read_edge_list
from tasks.references.files import is_gmt
from tasks.references.gene_sets import read_gene_sets

# ENCODE names an experiment after its antibody. Where that is no gene symbol, this is the gene of the protein that the
# antibody binds; for complexes the subunit it was raised against (NFKB: p65, polymerase II: its CTD). Upper case.
ANTIBODY_GENE = {
    "AP-2ALPHA": "TFAP2A",
    "AP-2GAMMA": "TFAP2C",
    "BAF155": "SMARCC1",
    "BAF170": "SMARCC2",
    "BRG1": "SMARCA4",
    "CJUN": "JUN",
    "COREST": "RCOR1",
    "ERALPHA": "ESR1",
    "ERRA": "ESRRA",
    "ESR": "ESR1",
    "GCN5": "KAT2A",
    "GR": "NR3C1",
    "KAP1": "TRIM28",
    "MLL5": "KMT2E",
    "NF-YA": "NFYA",
    "NF90": "ILF3",
    "NFKB": "RELA",
    "NRSF": "REST",
    "P300": "EP300",
    "PGC1A": "PPARGC1A",
    "POL2S2": "POLR2A",
    "POL3": "POLR3A",
    "RPC155": "POLR3A",
    "SIN3AK20": "SIN3A",
    "SPT20": "SUPT20H",
    "SREBP1": "SREBF1",
    "SREBP2": "SREBF2",
    "TFIIIC-110": "GTF3C2",
    "TR4": "NR2C2",
}


def read_edges(path: Path, directed: bool | None) -> Edges:
    """The edges of a gene-set file or of a table; ``directed`` overrules what the file says.

    A gene set's name starts with its factor; sets of one factor (cell lines) are united, and edges lead from the factor
    to the genes. Antibody names are replaced by ANTIBODY_GENE. Raises RequestError if the file cannot be read.
    """
    if not is_gmt(path):
        return read_edge_list(path, directed)
    network: defaultdict[str, set[str]] = defaultdict(set)
    for name, targets in read_gene_sets(path).items():
        factor = name.split()[0].upper()
        network[ANTIBODY_GENE.get(factor, factor)].update(map(str.upper, targets))
    chosen = directed is not False
    pairs = ((factor, target) for factor, targets in sorted(network.items()) for target in sorted(targets))
    edges = dict.fromkeys(pairs if chosen else (tuple(sorted(pair)) for pair in pairs))
    rows = [(*edge, UNKNOWN, None) for edge in edges]
    return Edges(pl.DataFrame(rows, schema=SCHEMA, orient="row"), chosen)
