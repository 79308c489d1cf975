"""Rows of the reference tables, and what a study and a file share."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from functools import cached_property

import polars as pl

from tasks.cells.names import names_of
from tasks.references.edge_lists import Edges
from tasks.references.gene_sets import Sets
from tasks.references.settings import Source
from tasks.store import RequestError


@dataclass(frozen=True)
class StudyGenes:
    """Genes of a study: ``symbols`` of all in its cells, and those that its model knows, upper case.

    ``others``: a gene's symbol by what else it is or was called, upper case; a library of another year says COX1 for
    MT-CO1.
    """

    symbols: list[str]
    known: frozenset[str] = field(repr=False)
    others: dict[str, str] = field(repr=False, default_factory=dict)

    @classmethod
    def of(cls, genes: pl.DataFrame) -> "StudyGenes":
        """From table ``gene``."""
        known = genes.filter(pl.col("token_id").is_not_null())["symbol"].str.to_uppercase()
        named = genes.select("gene_id", "symbol").iter_rows()
        others = {name.upper(): symbol for gene, symbol in named for name in names_of().get(gene, ())}
        return cls(genes["symbol"].to_list(), frozenset(known), others)

    @cached_property
    def spelling(self) -> dict[str, str]:
        """The study's spelling of a symbol by its upper case: ``C20orf24``."""
        return self.others | {symbol.upper(): symbol for symbol in reversed(self.symbols)}

    def spell(self, frame: pl.DataFrame, *columns: str) -> pl.DataFrame:
        """Genes as the study spells them where it has them; rows that become equal stand once."""
        upper = [pl.col(column).str.to_uppercase() for column in columns]
        spelled = [
            name.replace_strict(self.spelling, default=pl.col(column), return_dtype=pl.String).alias(column)
            for name, column in zip(upper, columns, strict=True)
        ]
        return frame.with_columns(spelled).unique(maintain_order=True)


@dataclass(frozen=True)
class Shared:
    """How many genes a file has, and how many of them the study's model knows; shares of the file's and the study's."""

    n_universe: int
    n_shared: int
    share_of_file: float
    share_of_study: float


def share_genes(source: Source, named: AbstractSet[str], study: StudyGenes, least: float) -> Shared:
    """Compare the genes that a file could name (upper case) with those of the study.

    Raises RequestError if both shares are below ``least``. The larger one counts: of a whole genome's library a small
    model knows little, and a short list covers little of a large model.
    """
    both = len(named & study.known)
    shares = Shared(len(named), both, both / len(named), both / max(len(study.known), 1))
    if max(shares.share_of_file, shares.share_of_study) < least:
        theirs, ours = (min(genes, default="none") for genes in (named, study.known))
        raise RequestError(
            f"{source.path}: {both or 'none'} of its {len(named):,} genes (such as {theirs}) "
            f"{'is' if both < 2 else 'are'} among the {len(study.known):,} genes that this study's model knows "
            f"(such as {ours}): give a file of gene symbols of the same species, leave it out, or lower "
            "references.min_shared"
        )
    return shares


def set_rows(sets: Sets, study: StudyGenes) -> pl.DataFrame:
    """Columns term and gene of table ``gene_set``: sets in file order, genes by name."""
    terms = [term for term, genes in sets.items() for _ in genes]
    genes = [gene for genes in sets.values() for gene in sorted(genes)]
    return study.spell(
        pl.DataFrame({"term": terms, "gene": genes}, schema={"term": pl.String, "gene": pl.String}), "gene"
    )


def edge_rows(edges: Edges, study: StudyGenes) -> pl.DataFrame:
    """Columns source, target, mode and score of table ``ref_edge``, in file order."""
    return study.spell(edges.frame, "source", "target")
