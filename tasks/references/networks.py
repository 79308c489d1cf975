"""Networks of transcription factors and their targets, read from gene-set files."""

from collections import defaultdict
from pathlib import Path

from tasks.references.gene_sets import read_gene_sets

Network = dict[str, frozenset[str]]  # targets by factor

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


def read_network(path: Path) -> Network:
    """Targets by factor. A set's name starts with its factor; sets of one factor (cell lines) are united.

    Factors are upper-case gene symbols, antibody names replaced by ANTIBODY_GENE.
    Raises RequestError if the file is no gene-set file.
    """
    network: defaultdict[str, frozenset[str]] = defaultdict(frozenset)
    for name, targets in read_gene_sets(path).items():
        factor = name.split()[0].upper()
        network[ANTIBODY_GENE.get(factor, factor)] |= targets
    return dict(sorted(network.items()))
