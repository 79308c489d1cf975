"""Pages of features, genes, gene sets and modules, each as the text of its JSON, a range at a time."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from warehouse.export.site.front import MOST
from warehouse.export.site.shards import Page
from warehouse.export.site.source import Autoencoder, Source


@dataclass(frozen=True)
class Part:
    """A part of a feature's page: a statement, the most rows that it shows, and ends of edges where it has any."""

    name: str
    statement: str
    most: int = 0
    ends: dict[str, str] = field(default_factory=dict)
    of_edges: bool = False


OUT, IN = {"own": "source", "other": "target"}, {"own": "target", "other": "source"}
PARTS = (
    Part("genes", "of_genes"),
    Part("terms", "of_terms", MOST["terms"]),
    Part("types", "of_types", MOST["types"]),
    Part("contexts", "of_contexts", MOST["contexts"]),
    Part("neighbours", "of_neighbours"),
    Part("degrees", "of_degrees", of_edges=True),
    Part("out", "of_edges", MOST["edges"], OUT, of_edges=True),
    Part("in", "of_edges", MOST["edges"], IN, of_edges=True),
    Part("links_out", "of_links", MOST["links"], OUT),
    Part("links_in", "of_links", MOST["links"], IN),
)


def feature_pages(source: Source, sae: Autoencoder, first: int, last: int) -> Iterator[Page]:
    """Features ``first`` to ``last`` of an autoencoder; of each part how many rows there are, and those shown."""
    parts: dict[int, list[str]] = {}
    span: dict[str, Any] = {"sae_id": sae.sae_id, "first": first, "last": last}
    for feature, _, about in source.rows("of_about", **span):
        parts[feature] = [f'"about":{about}']
    for part in PARTS:
        if part.of_edges and source.rule is None:
            continue
        for feature, n, rows in source.rows(part.statement, part.ends, most=part.most, **span):
            if feature in parts:
                parts[feature].append(f'"{part.name}":[{n},{rows}]')
    for feature, texts in parts.items():
        yield feature, f"{{{','.join(texts)}}}"


def listed_pages(source: Source, statement: str, first: int, last: int) -> Iterator[Page]:
    """Pages of genes (``gene_pages``) or gene sets (``term_pages``) by their place among all."""
    for place, _, page in source.rows(statement, first=first, last=last, most=MOST["features"]):
        yield place, page


def module_pages(source: Source, sae: Autoencoder) -> Iterator[Page]:
    """All modules of an autoencoder by number."""
    for module, _, page in source.rows("module_pages", sae_id=sae.sae_id, most=MOST["members"]):
        yield module, page
