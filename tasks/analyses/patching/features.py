"""Which features are patched, and the genes that belong to each.

1. ``chosen``: features that fire often enough, those with the smallest q of a significant gene set first; of others,
   the most frequent first. Named features are taken as they are.
2. ``own``: the genes on which the feature fires most strongly, by either rule of step ``describe``.
3. ``term``: members of its best significant gene set that the model knows and that are not its own.
4. ``matched``: the living feature outside the list that is nearest to it in frequency, for the control.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from tasks.analyses.patching.step import PatchingSettings
from tasks.references.gene_sets import Sets
from tasks.store import RequestError

Tokens = frozenset[int]


@dataclass(frozen=True)
class Patched:
    """One feature: its ``own`` genes, those of the best term (``term`` names it), as tokens; and its match.

    ``published``: its first genes by the published rule, best first. ``n_annotations``: its significant terms.
    """

    feature: int
    frequency: float
    own: Tokens
    published: tuple[int, ...]
    n_annotations: int
    term: str | None
    members: Tokens
    matched: int | None


@dataclass(frozen=True)
class Described:
    """What step ``describe`` says of a layer: its tables ``feature``, ``feature_gene`` and ``annotation``."""

    feature: pl.DataFrame
    genes: pl.DataFrame
    annotation: pl.DataFrame

    @property
    def best(self) -> pl.DataFrame:
        """The significant term of smallest q and p of every feature that has one, and how many it has."""
        significant = self.annotation.filter("significant").sort("feature", "q", "p", "library", "term")
        return significant.group_by("feature", maintain_order=True).agg(
            pl.col("library", "term", "q").first(), n=pl.len()
        )


def choose_features(settings: PatchingSettings, layer: int, described: Described) -> list[int]:
    """Step 1. Raises RequestError for a feature that is not there or never fires, and if none is left."""
    named, known = settings.of_layer(layer), described.feature
    alive = set(known.filter("alive")["feature"].to_list())
    for one in named:
        if one not in alive:
            why = "never fires" if one < known.height else f"is none of 0 to {known.height - 1}"
            raise RequestError(f"patching.features: feature {one} of layer {layer} {why}: name another")
    if named:
        return named
    often = known.filter(pl.col("alive") & (pl.col("frequency") >= settings.min_frequency))
    order = often.join(described.best, on="feature", how="left").sort(
        pl.col("q").fill_null(2.0), -pl.col("frequency"), "feature"
    )
    if order.is_empty():
        raise RequestError(
            f"patching: no feature of layer {layer} fires at {settings.min_frequency:g} of the positions or more: "
            f"lower patching.min_frequency"
        )
    return sorted(order["feature"].head(settings.n_features).to_list())


def patched_features(
    chosen: list[int],
    described: Described,
    libraries: Mapping[str, Sets],
    token_of: Mapping[str, int],
    symbols: pl.DataFrame,
) -> list[Patched]:
    """Steps 2 to 4; ``token_of`` by upper-case symbol, ``symbols`` the columns gene_id and token_id of table gene."""
    best = {row["feature"]: row for row in described.best.to_dicts()}
    frequency = dict(described.feature.filter("alive").select("feature", "frequency").iter_rows())
    listed = described.genes.join(symbols.drop_nulls("token_id"), on="gene_id").sort("feature", "published_rank")
    found = []
    for feature in chosen:
        rows = listed.filter(feature=feature)
        own, row = frozenset(rows["token_id"].to_list()), best.get(feature)
        term = None if row is None else str(row["term"])
        genes = () if row is None else libraries.get(row["library"], {}).get(str(term), frozenset())
        members = frozenset(token_of[gene.upper()] for gene in genes if gene.upper() in token_of) - own
        found.append(
            Patched(
                feature,
                frequency[feature],
                own,
                tuple(rows.drop_nulls("published_rank")["token_id"].to_list()),
                0 if row is None else int(row["n"]),
                term,
                members,
                _nearest(feature, frequency, chosen),
            )
        )
    return found


def _nearest(feature: int, frequency: Mapping[int, float], chosen: list[int]) -> int | None:
    others = sorted(set(frequency) - set(chosen))
    apart = [abs(np.log(frequency[one] / frequency[feature])) for one in others]
    return min(zip(apart, others, strict=True), default=(0.0, None))[1]
