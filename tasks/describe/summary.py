"""What annotations say of a whole autoencoder: table ``annotation_summary`` and the best label of each feature."""

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tasks.references.annotation import GeneLists
from tasks.references.gene_sets import Library

ALL = "all"  # the row for "annotated by any library"


def summarise(
    genes: GeneLists,
    libraries: Sequence[Library],
    found: NDArray[np.bool_],
    null: NDArray[np.float64],
    *,
    rule: str = "default",
    n_tests: Sequence[int] | None = None,
    n_background: int | None = None,
) -> pl.DataFrame:
    """The columns of table ``annotation_summary`` behind sae_id, one row a library and one for ``all``.

    ``found`` [n_libraries, R] says which lists are annotated; ``null`` [draws, n_libraries + 1] are the annotated
    fractions of random lists, ``all`` last. Fractions are 0 where no feature has a list. ``n_tests`` of each library
    and ``n_background`` are given if these are not all pairs and all genes.
    """
    n_features, n_terms = genes.feature.size, np.array([len(library.terms) for library in libraries])
    tests = n_terms * n_features if n_tests is None else np.array(n_tests, dtype=np.int64)
    n_terms = np.append(n_terms, n_terms.sum())
    background = len(genes.symbols) if n_background is None else n_background
    n_annotated = np.append(found.sum(axis=1), found.any(axis=0).sum())
    return pl.DataFrame(
        {
            "library": [*(library.name for library in libraries), ALL],
            "n_features": np.full(n_terms.size, n_features),
            "n_terms": n_terms,
            "n_tests": np.append(tests, tests.sum()),
            "n_background": np.full(n_terms.size, background),
            "n_annotated": n_annotated,
            "annotated_fraction": n_annotated / max(n_features, 1),
            "null_mean": null.mean(axis=0),
            "null_sd": null.std(axis=0, ddof=1),
            "null_max": null.max(axis=0),
            "n_null": np.full(n_terms.size, null.shape[0]),
            "rule": rule,
        }
    )


def best_labels(annotation: pl.DataFrame) -> pl.DataFrame:
    """feature, label, label_library, label_q: each feature's significant term of smallest q.

    Ties go to the smaller p, then to the larger overlap, then to the first in the order of libraries and terms.
    """
    ranked = annotation.filter("significant").sort(
        "q", "p", "n_overlap", descending=[False, False, True], maintain_order=True
    )
    best = ranked.unique("feature", keep="first", maintain_order=True).sort("feature")
    return best.select("feature", label="term", label_library="library", label_q="q")
