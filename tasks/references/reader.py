"""Read a finished ``references`` step folder."""

from collections.abc import Collection
from functools import cached_property
from pathlib import Path

import polars as pl

from tasks.references.gene_sets import Sets
from tasks.references.signatures import Signature, knock_downs
from tasks.store import StepFolder

Network = dict[str, frozenset[str]]  # targets by factor, upper case


class ReferencesReader:
    """The references of a study by name, each kind in the order in which the study names its files."""

    def __init__(self, folder: Path) -> None:
        self._step = StepFolder.open(folder)
        self._files = self._step.read_table("reference_db")

    def gene_sets(self, only: Collection[str] | None = None) -> dict[str, Sets]:
        """Libraries of gene sets, in file order; of those in ``only`` alone, if given."""
        names = [name for name in self._names(kind="gene_set") if only is None or name in only]
        return {name: self._sets(name, "gene_set") for name in names}

    def signatures(self) -> dict[str, list[Signature]]:
        """Knock-downs by file, in file order."""
        return {name: knock_downs(self._sets(name, "signature")) for name in self._names(kind="signature")}

    def networks(self) -> dict[str, Network]:
        """Networks that lead from factors to targets, whatever the mode; factors by name."""
        return {name: self._network(name) for name in self._names(kind="network", directed=True)}

    def edges(self) -> dict[str, tuple[pl.DataFrame, bool]]:
        """Edges of every network, columns source, target, mode and score, and whether they have a direction."""
        known = self._files.filter(kind="network").select("reference", "directed").iter_rows()
        return {name: (self._edges.filter(reference=name).drop("reference"), directed) for name, directed in known}

    def undirected(self) -> list[str]:
        """Names of networks whose edges have no direction."""
        return self._names(kind="network", directed=False)

    @cached_property
    def _members(self) -> pl.DataFrame:
        """Table gene_set, a million rows: read once for all files."""
        return self._step.read_table("gene_set")

    @cached_property
    def _edges(self) -> pl.DataFrame:
        return self._step.read_table("ref_edge")

    def _names(self, **wanted: object) -> list[str]:
        return self._files.filter(**wanted)["reference"].to_list()

    def _sets(self, name: str, kind: str) -> Sets:
        rows = self._members.filter(reference=name, kind=kind)
        sets = rows.group_by("term", maintain_order=True).agg("gene")
        return {term: frozenset(genes) for term, genes in sets.iter_rows()}

    def _network(self, name: str) -> Network:
        rows = self._edges.filter(reference=name)
        targets = rows.select(pl.col("source", "target").str.to_uppercase()).group_by("source").agg("target")
        return {factor: frozenset(genes) for factor, genes in targets.sort("source").iter_rows()}


def joined(networks: dict[str, Network]) -> Network:
    """Targets by factor over all networks."""
    factors = {factor for network in networks.values() for factor in network}
    return {
        factor: frozenset().union(*(network.get(factor, frozenset()) for network in networks.values()))
        for factor in sorted(factors)
    }
