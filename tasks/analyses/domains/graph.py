"""What a study's features are about, and the edges between those that are about something.

1. The domain of a feature follows one rule at both ends of an edge: ``term`` is its label in table ``feature``, the
   significant gene set of smallest q, told apart by library; ``module`` the first label of its module; ``cell_type``
   the type of cell that it was found to mark.
2. The pool of targets: features that some source was traced to, with a domain. Bins of like targets are the finest
   of firing frequency crossed with number of significant terms that leave nine edges of ten another target of the bin.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tasks.analyses.domains.edges import PAIR, Folders, read_edges
from tasks.analyses.domains.step import DomainChoice, Kind
from tasks.analyses.domains.wiring import Wiring
from tasks.references.names import in_library
from tasks.statistics.matching import finest_bins
from tasks.step import Inputs
from tasks.store import RequestError, StepFolder
from tasks.store.memory import require_memory

Ints = NDArray[np.int64]
BYTES_PER_PAIR = 200  # of domains, at the peak


@dataclass(frozen=True)
class Graph:
    """A study's edges under one rule.

    ``edges``: source_layer, source_feature, target_layer, target_feature, g. ``features``: layer, sae_id, feature,
    frequency, n_terms of every feature. ``pool``: layer, feature of the targets. ``domains``: layer, feature, domain
    by kind.
    """

    criterion: str
    edges: pl.DataFrame
    features: pl.DataFrame
    pool: pl.DataFrame
    domains: dict[Kind, pl.DataFrame]


def require_room(section: str, names: list[str]) -> None:
    """Raises RequestError if there are too many domains to test all pairs of them in the memory there is."""
    what = f"testing pairs of {len(names)} domains"
    require_memory(BYTES_PER_PAIR * len(names) ** 2, what, f"leave term out of {section}.kinds")


def read_graph(section: str, settings: DomainChoice, inputs: Inputs) -> Graph:
    """Read it of the folders of steps trace, describe and modules.

    Raises RequestError, naming the ``section``, if the effect was not traced or if modules are asked for and missing.
    """
    described = {layer: StepFolder.open(folder) for layer, folder in inputs.layers("describe").items()}
    modules = inputs.layers("modules")
    study = read_edges(section, settings, inputs)
    if "module" in settings.kinds and not modules:
        raise RequestError(f"{section}.kinds: module needs step modules: set modules.wanted = true, or leave it out")
    domains: dict[Kind, pl.DataFrame] = {}
    for kind in settings.kinds:
        parts = [_domains(kind, layer, folder, modules) for layer, folder in sorted(described.items())]
        domains[kind] = pl.concat(parts)
    return Graph(study.criterion, study.edges, study.features, study.pool, domains)


def term_domains(described: StepFolder) -> pl.DataFrame:
    """layer, feature and domain of a layer's labelled features: their label with its library."""
    features = described.read_table("feature").select("layer", "feature", domain=in_library("label_library", "label"))
    return features.drop_nulls().sort("feature")


def _domains(kind: Kind, layer: int, described: StepFolder, modules: Folders) -> pl.DataFrame:
    """layer, feature and domain of a layer's features that have one."""
    if kind == "term":
        return term_domains(described)
    if kind == "cell_type":
        named = described.read_table("feature").select("feature", domain="top_cell_type").drop_nulls()
    else:
        folder = StepFolder.open(modules[layer])
        labels = folder.read_table("module_label").filter(rank=1)
        label = labels.select("module", domain=in_library("library", "label"))
        named = folder.read_table("module_feature").join(label, on="module").select("feature", "domain")
    return named.select(pl.lit(layer, dtype=pl.UInt16).alias("layer"), "feature", "domain").sort("feature")


def number_domains(*graphs: Graph, kind: Kind) -> list[str]:
    """The domains of features of any of the ``graphs``, in alphabetical order."""
    return sorted(set().union(*(graph.domains[kind]["domain"].to_list() for graph in graphs)))


def at_end(
    edges: pl.DataFrame, known: pl.DataFrame, end: Literal["source", "target"], how: Literal["inner", "left"]
) -> pl.DataFrame:
    """Edges with what is ``known`` of features (layer, feature and more) at one end."""
    on = [f"{end}_layer", f"{end}_feature"]
    return edges.join(known.rename(dict(zip(("layer", "feature"), on, strict=True))), on=on, how=how)


def number_features(graph: Graph, kind: Kind, names: list[str]) -> pl.DataFrame:
    """layer, feature and number of the domain of every feature that has one of ``names`` [D]."""
    numbers = pl.DataFrame({"domain": names, "number": np.arange(len(names))}, schema_overrides={"domain": pl.String})
    return graph.domains[kind].join(numbers, on="domain").select("layer", "feature", "number")


def targets(graph: Graph, kind: Kind, names: list[str]) -> pl.DataFrame:
    """The pool's targets with a domain, numbered by ``row``: row, layer, feature, number, frequency, n_terms."""
    pool = graph.pool.join(number_features(graph, kind, names), on=["layer", "feature"]).sort("layer", "feature")
    return pool.join(graph.features, on=["layer", "feature"], how="left", maintain_order="left").with_row_index("row")


def wire(graph: Graph, kind: Kind, names: list[str], most_bins: int) -> Wiring:
    """The edges of ``graph`` whose two ends have a domain, which ``names`` [D] number."""
    domains, pool = number_features(graph, kind, names), targets(graph, kind, names)
    joined = at_end(graph.edges, domains.rename({"number": "source"}), "source", "inner")
    joined = at_end(joined, pool.select("layer", "feature", "row"), "target", "inner")
    groups = joined.select(PAIR).unique().sort(PAIR).with_row_index("group")
    counted = joined.join(groups, on=PAIR).group_by("group", "source", "row").len("n").sort("group", "source", "row")
    group, source, target, n = (counted[name].to_numpy().astype(np.int64) for name in counted.columns)
    bins = _bins(pool, target, n, most_bins)
    return Wiring(
        group, source, target, n.astype(np.float64), pool["number"].to_numpy().astype(np.int64), bins, len(names)
    )


def _bins(pool: pl.DataFrame, target: Ints, n: Ints, most: int) -> Ints:
    """The bin of every target of the pool, numbered on over layers."""
    bins = np.zeros(pool.height, dtype=np.int64)
    edges = np.bincount(target, n, pool.height).astype(np.int64)
    first = 0
    for layer in pool["layer"].unique().sort():
        own = np.flatnonzero(pool["layer"].to_numpy() == layer)
        covariates = pool.select("frequency", "n_terms").to_numpy().astype(np.float64)[own]
        bins[own] = first + finest_bins(np.repeat(np.arange(own.size), edges[own]), covariates, most)[0]
        first = int(bins[own].max(initial=first - 1)) + 1
    return bins
