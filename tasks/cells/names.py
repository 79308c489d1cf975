"""Names of human genes: what a name says which gene it is, and what else that gene is called.

1. A symbol of NCBI Gene names the first Ensembl id that NCBI gives it. Where several symbols have the same first id
   (an antisense RNA, a read-through with its neighbour), only one of them is that gene: a symbol that is not joined
   from another of them, and of these the one of the lowest Entrez id. The others name nothing: their counts would be
   added to another gene's.
2. The 37 genes of the mitochondrial genome have HGNC's symbols (MT-CO1); NCBI's (COX1) name them too.
3. An earlier symbol names the one gene that NCBI lists it for, if it is no gene's symbol today.
4. Prefixes of a genome (GRCh38_) are no part of a name, and ``mt-CO1`` and ``MT.CO1`` are MT-CO1.
"""

import csv
import gzip
import re
from collections import defaultdict
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from tasks.cells import sample

ENSEMBL_ID = re.compile(r"(?:.*[_|;: ])?(ENS[A-Z]*G\d{11})(?:\.\d+)?(?:_PAR_Y)?(?:[_|;: ].*)?")
GENOME = re.compile(r"(?:GRCh3[78]|hg19|hg38)_+")
MITOCHONDRIAL = re.compile(r"mt[-._](.+)", re.IGNORECASE)


class Found(NamedTuple):
    """The gene that a name stands for: ``how`` is symbol or earlier_symbol; ``exact`` if spelled as it is today."""

    gene_id: str
    how: str
    exact: bool


def ensembl_id(name: str | None) -> str | None:
    """The Ensembl id, without its version, that a name is or holds beside a symbol; None if there is none."""
    match = ENSEMBL_ID.fullmatch(name or "")
    return match[1] if match else None


def find_gene(name: str | None) -> Found | None:
    """The human gene that a name stands for; None if that is not known, or not certain."""
    id_of, _ = symbol_table()
    if name is None or name in id_of:
        return None if name is None else Found(id_of[name], "symbol", True)
    plain = GENOME.sub("", name, count=1) if GENOME.match(name) else name
    mitochondrial = MITOCHONDRIAL.fullmatch(plain)
    plain = f"MT-{mitochondrial[1]}" if mitochondrial else plain
    if plain in id_of:
        return Found(id_of[plain], "symbol", False)
    gene = earlier_symbols().get(plain)
    return None if gene is None else Found(gene, "earlier_symbol", False)


@lru_cache(maxsize=1)
def symbol_table() -> tuple[dict[str, str], dict[str, str]]:
    """Ensembl id by symbol, and symbol by Ensembl id, as they are today."""
    ids, symbols = defaultdict[str, list[str]](list), defaultdict[str, list[str]](list)
    for gene, symbol in _rows("ensembl_symbol.tsv.gz"):
        ids[symbol].append(gene)
        symbols[gene].append(symbol)
    wanted = defaultdict[str, list[str]](list)
    for symbol, genes in ids.items():
        wanted[genes[0]].append(symbol)
    symbol_of = {gene: _principal(candidates) for gene, candidates in wanted.items()}
    id_of = {symbol: gene for gene, symbol in symbol_of.items()}
    for gene, candidates in symbols.items():  # ids of other assemblies of a gene
        symbol_of.setdefault(gene, next((symbol for symbol in candidates if symbol in id_of), gene))
    for gene, symbol in _rows("mitochondrial.tsv.gz"):
        id_of[symbol], symbol_of[gene] = gene, symbol
    return id_of, {gene: symbol for gene, symbol in symbol_of.items() if symbol != gene}


@lru_cache(maxsize=1)
def earlier_symbols() -> dict[str, str]:
    """Ensembl id by earlier symbol."""
    id_of, _ = symbol_table()
    rows = _rows("earlier_symbol.tsv.gz")
    return {earlier: id_of[today] for earlier, today in rows if today in id_of and earlier not in id_of}


@lru_cache(maxsize=1)
def names_of() -> dict[str, list[str]]:
    """All names of a gene by Ensembl id: its symbol, then NCBI's if it differs, then earlier ones."""
    id_of, symbol_of = symbol_table()
    names = defaultdict[str, list[str]](list)
    for gene, symbol in symbol_of.items():
        names[gene].append(symbol)
    for name, gene in (*id_of.items(), *earlier_symbols().items()):
        if name not in names[gene]:
            names[gene].append(name)
    return dict(names)


def _principal(symbols: list[str]) -> str:
    """The symbol whose gene an id is."""
    joined = {one for one in symbols for other in symbols if one.startswith(f"{other}-") or one.endswith(f"-{other}")}
    return next((symbol for symbol in symbols if symbol not in joined), symbols[0])


def _rows(name: str) -> Iterator[tuple[str, str]]:
    """The first two columns of a bundled table, without its header."""
    with gzip.open(sample.path(name), "rt") as text:
        rows = csv.reader(text, delimiter="\t")
        next(rows)
        yield from ((row[0], row[1]) for row in rows)
