"""Labels of modules: terms that more members carry than as many features would that carry terms as often.

1. ``annotation`` says which terms each feature carries. Only features that could be grouped count.
2. Null: a term that n features carry is carried by n features drawn so that each carries as many terms as it does
   (``references.tails.MatchedTails``, with terms as lists and modules as sets). Features led by well-studied genes
   carry dozens of terms each; a module of such features shares terms with any list, and drawn evenly (the
   hypergeometric law) that alone would label it.
3. q is Benjamini-Hochberg over all modules and terms of all libraries.
"""

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from tasks.analyses.modules.step import ModulesSettings
from tasks.references.enrichment import MIN_OVERLAP, enrich, family_q
from tasks.references.tails import MatchedTails

Ints = NDArray[np.int64]
SCHEMA = {
    "module": pl.UInt32, "rank": pl.UInt16, "label": pl.String, "n_features": pl.UInt32, "library": pl.String,
    "expected": pl.Float64, "p": pl.Float64, "q": pl.Float64,
}  # fmt: skip


def label_rows(
    features: Ints, modules: list[list[int]], annotation: pl.DataFrame, settings: ModulesSettings
) -> pl.DataFrame:
    """Table ``module_label`` behind sae_id.

    ``features`` [U] could be grouped, ``modules`` index them; ``annotation``: the terms that each feature carries.
    """
    place = pl.DataFrame({"feature": features.astype(np.uint32), "place": np.arange(features.size)})
    carried = annotation.join(place, on="feature")
    terms = carried.select("library", "term").unique().sort("library", "term").with_row_index("row")
    if terms.is_empty() or not modules:
        return pl.DataFrame(schema=SCHEMA)
    carried = carried.join(terms, on=["library", "term"])
    carriers = _incidence(carried["row"].to_numpy(), carried["place"].to_numpy(), (terms.height, features.size))
    module = np.repeat(np.arange(len(modules)), [len(own) for own in modules])
    members = _incidence(module, np.concatenate(modules), (len(modules), features.size))
    null = MatchedTails(members, carriers)
    tests = enrich(carriers, members, null)
    (q,) = family_q([tests])
    expected = null.expected(np.diff(carriers.indptr)[tests.row].astype(np.int64), tests.term)
    columns = {"module": tests.term + 1, "row": tests.row, "n_features": tests.overlap, "expected": expected}
    found = pl.DataFrame({**columns, "p": tests.p, "q": q}).with_columns(pl.col("row").cast(pl.UInt32))
    found = found.filter(pl.col("n_features") >= MIN_OVERLAP, pl.col("q") <= settings.alpha)
    ranked = found.sort("module", "p", "n_features", "row", descending=[False, False, True, False])
    ranked = ranked.with_columns(rank=pl.int_range(1, pl.len() + 1).over("module")).filter(
        pl.col("rank") <= settings.labels
    )
    named = ranked.join(terms, on="row", how="left", maintain_order="left").rename({"term": "label"})
    return named.select(pl.col(name).cast(kind) for name, kind in SCHEMA.items())


def _incidence(row: NDArray[np.integer], column: NDArray[np.integer], shape: tuple[int, int]) -> csr_matrix:
    return csr_matrix((np.ones(row.size, dtype=np.int32), (row, column)), shape=shape)
