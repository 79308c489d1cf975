"""Views against slow twins in polars."""

import numpy as np
import polars as pl
import pytest

from tests.builders.planted_claims import open_planted, plant
from warehouse import open_snapshot

EDGE_KEY = ["criterion", "effect", "source_sae", "source_feature", "target_sae", "target_feature"]


@pytest.fixture(scope="module")
def tables(published) -> dict[str, pl.DataFrame]:
    names = ("edge_stat", "criterion", "feature_degree", "feature", "sae", "trace_pair", "edge", "hub", "layer_summary")
    with open_snapshot(published) as con:
        return {name: con.sql(f"SELECT * FROM {name}").pl() for name in names}


def passes(row: dict, rule: dict) -> bool:
    signed = row["n_pos"] + row["n_neg"]
    if rule["symmetric"]:
        size, agreement = abs(row["g"]), max(row["n_pos"], row["n_neg"]) / signed
    else:
        size, agreement = abs(row["d"]), max(row["n_pos"], row["n_cells"] - row["n_pos"]) / row["n_cells"]
    q = row["q_specific"] if rule["controlled"] else row["q"]
    enough = signed >= rule["nonzero_min"] and (rule["q_max"] is None or (q is not None and q <= rule["q_max"]))
    return size > rule["effect_min"] and agreement > rule["consistency_min"] and enough


def test_edges_are_the_pairs_that_pass(tables):
    expected = {
        (rule["criterion"], *(row[name] for name in EDGE_KEY[1:]))
        for rule in tables["criterion"].iter_rows(named=True)
        for row in tables["edge_stat"].iter_rows(named=True)
        if passes(row, rule)
    }
    found = tables["edge"].select(EDGE_KEY).rows()
    assert len(found) == len(set(found))
    assert set(found) == expected
    assert {rule for rule, *_ in expected} == {"published", "calibrated", "specific"}


def test_sign_and_consistency_of_edges(tables):
    edges = tables["edge"]
    assert (edges["sign"] == edges["mean"].sign()).all()
    assert edges["consistency"].is_between(0.5, 1).all()


def test_hubs_add_up_degrees(tables):
    keys = ["criterion", "effect", "sae_id", "feature"]
    out = tables["feature_degree"].filter(pl.col("direction") == "out")
    expected = out.group_by(keys).agg(pl.col("degree").sum()).sort(keys)
    hubs = tables["hub"].sort(keys)
    assert hubs.select(keys).rows() == expected.select(keys).rows()
    assert hubs["degree"].to_list() == expected["degree"].to_list()
    best = hubs.filter(pl.col("degree_rank") == 1)
    largest = hubs.with_columns(pl.col("degree").max().over("criterion", "effect", "sae_id").alias("largest"))
    assert best.height == largest.filter(pl.col("degree") == pl.col("largest")).height


def test_hubs_count_the_positions_at_which_they_were_ablated(tables):
    counted = {}
    for row in tables["trace_pair"].iter_rows(named=True):
        key = (row["source_sae"], row["source_feature"])
        counted[key] = counted.get(key, 0) + row["n_positions"]
    hubs = tables["hub"].select("sae_id", "feature", "n_positions").rows()
    assert hubs
    assert all(counted[sae_id, feature] == n_positions for sae_id, feature, n_positions in hubs)


def test_edges_that_share_a_term_are_those_of_loops():
    """Planted terms: a name in two libraries is two terms, and a term that is not significant is none."""
    rng = np.random.default_rng(0)
    rows = [
        (sae, feature, library, term, bool(rng.random() < 0.7))
        for sae in ("L00-a", "L01-b")
        for feature in range(20)
        for library in ("go_bp", "reactome")
        for term in ("one", "two", "three")
        if rng.random() < 0.25
    ]
    annotation = pl.DataFrame(rows, ["sae_id", "feature", "library", "term", "significant"], orient="row")
    ends = np.argwhere(rng.random((20, 20)) < 0.4)
    named = {"criterion": "calibrated", "effect": "total", "source_sae": "L00-a", "target_sae": "L01-b"}
    edge = pl.DataFrame({**named, "source_feature": ends[:, 0], "target_feature": ends[:, 1], "g": 1.0})
    terms: dict[tuple[str, int], set[str]] = {}
    for sae, feature, library, term, significant in rows:
        if significant:
            terms.setdefault((sae, feature), set()).add(f"{library}::{term}")
    slow = {}
    for source, target in ends.tolist():
        own, other = terms.get(("L00-a", source), set()), terms.get(("L01-b", target), set())
        if own & other:
            slow[source, target] = (sorted(own & other), len(own), len(other))
    with open_planted() as con:
        plant(con, {"a": {"annotation": annotation, "edge": edge}})
        found = con.execute(
            "SELECT source_feature, target_feature, shared_terms, n_source_terms, n_target_terms FROM edge_shared_term"
        ).fetchall()
    assert {row[:2]: row[2:] for row in found} == slow
    assert 10 < len(found) == len(slow) < len(ends)


def test_layer_summary_has_one_row_an_autoencoder(tables):
    summary = tables["layer_summary"].sort("layer")
    assert summary["sae_id"].to_list() == tables["sae"].filter("described").sort("layer")["sae_id"].to_list()
    alive = tables["feature"].filter("alive").group_by("layer").len().sort("layer")
    assert summary["n_alive"].to_list() == alive["len"].to_list()
    total = tables["edge"].filter(pl.col("effect") == "total")
    for criterion in ("published", "calibrated", "specific"):
        n_edges = total.filter(pl.col("criterion") == criterion).height
        assert summary[f"edges_out_{criterion}"].to_list() == [n_edges, 0]
        assert summary[f"edges_in_{criterion}"].to_list() == [0, n_edges]
