"""Levels of claim: every validation and every enrichment has one, and none says more than the run's evidence."""

import numpy as np
import polars as pl
import pytest

from tests.builders.claim_cases_edges import WITH_DONORS, controls, direct, donors
from tests.builders.claim_cases_features import donors as labels
from tests.builders.claim_cases_networks import rewired
from tests.builders.planted_claims import clear, open_planted, plant
from warehouse import open_snapshot
from warehouse.claims.item import LEVELS

TABLES = (
    "annotation",
    "ranked_term",
    "feature_network_density",
    "feature_cell_type",
    "feature_tissue",
    "feature_label",
)


@pytest.fixture(scope="module")
def con():
    with open_planted() as con:
        yield con


def evidence(*parts: str) -> dict[str, pl.DataFrame]:
    """Tables of a run with a validation that holds, and what else ``parts`` name."""
    rng = np.random.default_rng(1)
    one_more = {"sae_id": ["L00-a"], "other_sae": "L00-z", "n_living": 90, "matched_fraction": 0.8}
    seeds = {
        "sae": pl.DataFrame({"sae_id": ["L00-a", "L00-z"], "described": [True, False], "variant": "topk", "k": 8})
        .with_columns(n_features=512, layer=0),
        "sae_overlap": pl.DataFrame({**one_more, "mean_cosine": 0.9, "chance_cosine": 0.2}),
    }  # fmt: skip
    found = {
        "specific": controls(rng, generic=0.01),
        "generic": controls(rng, generic=1.0),
        "direct": direct(rng, n_both=470),
        "donors": {name: rows for name, rows in donors(rng, 0.6, 10).items() if name != "trace_control"},
        "seeds": seeds,
    }
    tables = rewired(rng, shift=0.05)
    for part in parts:
        tables |= found[part]
    return tables


@pytest.mark.parametrize(
    ("parts", "level"),
    [
        ((), "agreement"),
        (("generic", "direct", "donors", "seeds"), "agreement"),
        (("specific",), "intervention-consistent"),
        (("specific", "direct", "seeds"), "intervention-consistent"),
        (("specific", "direct", "donors", "seeds"), "mechanism"),
    ],
)
def test_validation_says_no_more_than_the_evidence(con, parts, level):
    plant(con, {"a": evidence(*parts)}, WITH_DONORS)
    assert con.execute("SELECT level, holds FROM validation_level").fetchall() == [(level, True)]
    clear(con)


def test_a_label_that_holds_over_six_donors_is_found_elsewhere(con):
    rng = np.random.default_rng(0)
    plant(con, {str(n): labels(rng, n_donors=n, share=0.5) for n in (0, 5, 8)})
    counted = dict(
        con.execute("SELECT run_id, count(*) FILTER (level = 'agreement') FROM enrichment GROUP BY 1").fetchall()
    )
    assert counted == {"0": 0, "5": 0, "8": 25}
    clear(con)


def test_every_enrichment_of_a_published_run_stands_in_the_view_once(published):
    with open_snapshot(published) as con:
        rows = sum(con.sql(f"SELECT count(*) FROM {table}").fetchall()[0][0] for table in TABLES)
        levels = dict(con.sql("SELECT level, count(*) FROM enrichment GROUP BY level").fetchall())
        assert sum(levels.values()) == rows > 0
        assert set(levels) <= set(LEVELS)
        called = con.sql("SELECT level FROM validation_level").fetchall()
        assert len(called) == con.sql("SELECT count(*) FROM validation").fetchall()[0][0] > 0
        assert {level for (level,) in called} <= set(LEVELS)
