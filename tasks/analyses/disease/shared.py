"""Whether pairs of domains that two studies share have a disease at both ends more often than other pairs.

1. Pairs: ordered pairs of labels that edges join here, features without a label left out; shared: the other study joins
   them as well (table consensus_pair).
2. A domain has the diseases of the features that bear it. A pair has one if both of its domains have one in common.
3. Frequent labels are shared more often and have more diseases: pairs stand in strata of how many features their two
   labels are borne by (product), and the odds ratio is one over all strata (``mantel_haenszel``).
4. Null: what domains have is exchanged between domains that as many features bear, each with all of its diseases.
   Domains are the units: their pairs are no independent ones. p is two-sided about the mean of the exchanges.
5. ``p_pairs``, as tests of such tables count: every pair by itself. ``odds_alone``: one table, as published.
"""

from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tasks.analyses.disease.step import DiseaseSettings
from tasks.analyses.domains.edges import END, StudyEdges
from tasks.analyses.domains.graph import at_end
from tasks.statistics.mantel_haenszel import Cells, excess, odds_ratio, two_sided
from tasks.statistics.matching import quantile_bins
from tasks.statistics.null_draws import NullDraws
from tasks.statistics.within import exchanged

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Row = dict[str, Any]
PER_BIN = 5  # domains
NOTHING = dict.fromkeys(("odds_ratio", "odds_alone", "z", "expected", "sd", "p", "p_pairs", "n_null"))
ALIKE = "all pairs, or none, are shared or have a disease at both ends"


def shared_rows(
    settings: DiseaseSettings,
    study: StudyEdges,
    labels: pl.DataFrame,
    found: pl.DataFrame,
    tests: pl.DataFrame,
    pairs: pl.DataFrame,
) -> list[Row]:
    """Rows of table ``disease_consensus`` behind effect and criterion.

    ``labels``: layer, feature, domain; ``found``: library, disease, layer, feature of all significant pairs; ``tests``
    and ``pairs``: tables consensus_test and consensus_pair.
    """
    joined = at_end(study.edges, labels.rename({"domain": "source_domain"}), "source", "inner")
    joined = at_end(joined, labels.rename({"domain": "target_domain"}), "target", "inner")
    here = joined.select("source_domain", "target_domain").unique().sort("source_domain", "target_domain")
    about = {"effect": settings.effect, "criterion": study.criterion, "kind": "term"}
    named = labels.group_by("domain").len("n").sort("domain")
    rows: list[Row] = []
    for other in tests.filter(**about)["other"].unique().sort():
        shared = pairs.filter(**about, other=other).select(here.columns).with_columns(shared=True)
        ends = here.join(shared, on=here.columns, how="left", maintain_order="left")
        for library in found["library"].unique().sort():
            own = found.filter(library=library).join(labels, on=END).select("domain", "disease").unique()
            key = {"other": other, "library": library}
            rows.append(key | shared_row(settings, named, ends, own))
    return rows


def shared_row(settings: DiseaseSettings, named: pl.DataFrame, ends: pl.DataFrame, own: pl.DataFrame) -> Row:
    """Steps 2 to 5. ``named``: domain, n; ``ends``: source_domain, target_domain, shared; ``own``: domain, disease."""
    place = {domain: number for number, domain in enumerate(named["domain"])}
    size = named["n"].to_numpy().astype(np.float64)
    source, target = (
        np.array([place[one] for one in ends[f"{end}_domain"]], dtype=np.int64) for end in ("source", "target")
    )
    common = _common(own, place)
    shared = ends["shared"].fill_null(value=False).to_numpy().astype(bool)
    stratum = quantile_bins(size[source] * size[target], settings.bins) if len(source) else source
    ill = common[source, target]
    row: Row = {"n_pairs": len(source), "n_shared": int(shared.sum()), "n_disease": int(ill.sum())}
    row |= {"n_both": int((shared & ill).sum()), "n_strata": int(np.unique(stratum).size)}
    if not 0 < row["n_shared"] < len(source) or not 0 < row["n_disease"] < len(source):
        return row | NOTHING | {"reason": ALIKE}
    bins = quantile_bins(size, max(1, min(settings.bins, len(size) // PER_BIN)))
    orders = exchanged(np.arange(bins.size), bins, settings.n_draws, np.random.default_rng([settings.seed, 4]))
    z = _z(tables(shared, np.stack([ill, *(common[one[source], one[target]] for one in orders)]), stratum))
    off = NullDraws.about_mean(z)
    cells = tables(shared, ill[None], stratum)
    ratio, alone = odds_ratio(cells)[0], odds_ratio(tables(shared, ill[None], np.zeros_like(stratum)))[0]
    return row | {
        "odds_ratio": _told(ratio), "odds_alone": _told(alone), "expected": float(z[1:].mean()),
        "z": float(z[0]), "sd": float(off.sd[0]), "p": float(off.p("two-sided")[0]),
        "p_pairs": float(two_sided(cells)[0]), "n_null": settings.n_draws, "reason": None,
    }  # fmt: skip


def tables(shared: Bools, ill: Bools, stratum: Ints) -> Cells:
    """Cells [D, K] of pairs ``shared`` [P] or not, and ``ill`` [D, P] or not, by ``stratum`` [P]."""
    member = (stratum[:, None] == np.unique(stratum)).astype(np.float64)  # [P, K]
    own, other = member * shared[:, None], member * ~shared[:, None]
    a, c = ill @ own, ill @ other
    return a, own.sum(axis=0) - a, c, other.sum(axis=0) - c


def _z(cells: Cells) -> Floats:
    beyond, spread = excess(cells)
    return np.asarray(np.divide(beyond, np.sqrt(spread), out=np.zeros(len(beyond)), where=spread > 0))


def _common(own: pl.DataFrame, place: dict[str, int]) -> Bools:
    """[D, D] whether two domains have a disease in common."""
    diseases = {name: number for number, name in enumerate(own["disease"].unique().sort())}
    has = np.zeros((len(place), max(len(diseases), 1)), dtype=np.float32)
    for domain, disease in own.select("domain", "disease").iter_rows():
        has[place[domain], diseases[disease]] = 1
    return has @ has.T > 0


def _told(ratio: float) -> float | None:
    return float(ratio) if np.isfinite(ratio) else None
