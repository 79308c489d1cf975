"""What is known: factor-target networks and knock-down signatures, read from gene-set files."""

import re
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from tasks.cells import sample
from tasks.describe.settings import library_name
from tasks.references.gene_sets import read_gene_sets
from tasks.store import RequestError
from tasks.validate.settings import ValidateSettings

Network = dict[str, frozenset[str]]  # targets by factor
KNOCK_DOWN = re.compile(r"(?P<gene>.+?)_KD(_.*)?")

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


@dataclass(frozen=True)
class Signature:
    """Genes that rise when ``gene`` is knocked down. ``name`` is the set's own, with the cell line."""

    name: str
    gene: str  # upper case
    up: frozenset[str]


def reference_paths(settings: ValidateSettings) -> dict[str, Path]:
    """The files that the step reads besides its input folders, by the setting that names them."""
    paths = {f"networks.{library_name(name)}": _network_path(name) for name in settings.networks}
    return paths | ({"signatures": settings.signatures} if settings.signatures else {})


def read_networks(settings: ValidateSettings) -> dict[str, Network]:
    """Every network of the settings, by name. Raises RequestError if a file is no gene-set file."""
    return {library_name(name): read_network(_network_path(name)) for name in settings.networks}


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


def read_signatures(path: Path) -> list[Signature]:
    """Knock-downs in file order. Raises RequestError if the file is no gene-set file or names no knock-down."""
    named = [(KNOCK_DOWN.fullmatch(name), name, up) for name, up in read_gene_sets(path).items()]
    signatures = [Signature(name, match["gene"].upper(), up) for match, name, up in named if match]
    if not signatures:
        raise RequestError(f"{path}: no set is named GENE_KD or GENE_KD_line: name a file of knock-down signatures")
    return signatures


def _network_path(name: str) -> Path:
    bundled = sample.path(f"gene_sets/{name}.gmt.gz")
    return bundled if bundled.is_file() else Path(name)
