"""Read what a circuit is made of: called edges of traces, gene lists of describes, mean counts of cells."""

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from tasks.store import ScfmError, StepFolder
from tasks.validate.circuit import Circuit, build_circuit, read_gene_lists
from tasks.validate.edges import called_edges, rule_of, sense
from tasks.validate.settings import ValidateSettings


@dataclass(frozen=True)
class CalledEdges:
    """The ``edges`` of traces by a ``rule``, the sign by which they support targets, and folders with their genes."""

    edges: pl.DataFrame
    rule: str
    sense: int
    describes: dict[str, Path]

    @classmethod
    def read(cls, settings: ValidateSettings, traces: list[Path], describes: dict[str, Path]) -> "CalledEdges":
        """Those of ``traces`` by the wanted rule; ``describes``: folders by autoencoder.

        Raises ScfmError if an edge touches a layer that was not described.
        """
        rule = rule_of(traces, settings.rule)
        edges = called_edges(traces, settings.effect, rule)
        ends = set(edges["source_sae"]) | set(edges["target_sae"])
        if missing := sorted(ends - set(describes)):
            raise ScfmError(f"no genes are known for the features of {', '.join(missing)}: describe those layers too")
        return cls(edges, rule, sense(traces), describes)

    def circuit(self, top_genes: int) -> Circuit:
        """The circuit between features that stand for their first ``top_genes`` genes."""
        return build_circuit(self.edges, read_gene_lists(self.describes, top_genes), self.rule, self.sense)


def read_expression(cells: Path) -> dict[str, float]:
    """Mean count by symbol in upper case, the larger one where genes share a symbol."""
    genes = StepFolder.open(cells).read_table("gene").group_by(pl.col("symbol").str.to_uppercase())
    return dict(genes.agg(pl.col("mean_count").max()).sort("symbol").iter_rows())
