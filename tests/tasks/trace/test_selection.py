"""Which features are traced: ranked as published, drawn with known probabilities, or named."""

import numpy as np
import polars as pl
import pytest
from pydantic import ValidationError

from tasks.store import RequestError
from tasks.trace.selection import CATALOGUE, choose, shares
from tasks.trace.settings import TraceSettings
from tasks.trace.source_settings import SourceSettings

N = 400
LIVING = list(range(0, 2 * N, 2))


@pytest.fixture(scope="module")
def catalogue() -> pl.DataFrame:
    """Features of which a third has terms, those that fire often more than others."""
    rng = np.random.default_rng(0)
    frequency = np.exp(rng.normal(-4, 1.2, 2 * N)).clip(1e-4, 0.9)
    annotated = rng.random(2 * N) < np.clip(3 * frequency**0.4, 0, 0.8)
    columns = {
        "feature": range(2 * N),
        "frequency": frequency,
        "n_libraries": annotated * rng.integers(1, 4, 2 * N),
        "n_terms": annotated * rng.integers(1, 40, 2 * N),
        "q": np.where(annotated, 10.0 ** -rng.uniform(2, 12, 2 * N), 1.0),
        "n_genes": rng.integers(5, 21, 2 * N),
    }
    return pl.DataFrame(columns).cast(CATALOGUE)


def chosen(catalogue, seed=0, **settings) -> pl.DataFrame:
    wanted = SourceSettings(**settings)
    return choose(wanted, 2, LIVING, catalogue if wanted.needs_catalogue else None, [seed])


def test_all_are_traced_unless_said_otherwise(catalogue):
    found = chosen(catalogue)
    assert found["selected"].all()
    assert found["inclusion_probability"].to_list() == [1.0] * N
    assert found["feature"].to_list() == LIVING
    assert TraceSettings().sources == SourceSettings()


def test_ranked_is_the_published_score(catalogue):
    found = chosen(catalogue, rule="ranked", n=25)
    slow = []
    for row in catalogue.filter(pl.col("feature").is_in(LIVING)).iter_rows(named=True):
        if row["n_terms"] and row["n_genes"] >= 10 and row["frequency"] >= 0.01:
            slow.append((10 * row["n_libraries"] + row["n_terms"] - np.log10(max(row["q"], 1e-30)), -row["feature"]))
    best = [-feature for _, feature in sorted(slow, reverse=True)]
    assert found.filter("selected").sort("rank")["feature"].to_list() == best[:25]
    assert found["rank"].drop_nulls().len() == len(best)
    assert found["inclusion_probability"].null_count() == N


def test_a_random_draw_is_fair_and_says_how_likely_it_was(catalogue):
    drawn = np.mean(
        [chosen(catalogue, seed, rule="random", n=40)["selected"].to_numpy() for seed in range(400)], axis=0
    )
    assert drawn.mean() == pytest.approx(0.1)
    assert np.abs(drawn - 0.1).max() < 5 * (0.1 * 0.9 / 400) ** 0.5
    found = chosen(catalogue, rule="random", n=40)
    assert found["inclusion_probability"].unique().to_list() == [0.1]
    assert found["selected"].sum() == 40


def test_a_random_draw_from_annotated_features_leaves_the_others_out(catalogue):
    found = chosen(catalogue, rule="random", pool="annotated", n=10)
    known = found.join(catalogue, on="feature")
    inside = (known["n_terms"] > 0) & (known["n_genes"] >= 10) & (known["frequency"] >= 0.01)
    assert found.filter("selected")["feature"].is_in(known.filter(inside)["feature"].implode()).all()
    assert found["inclusion_probability"].to_list() == pytest.approx(np.where(inside, 10 / inside.sum(), 0.0).tolist())


def weighted_means(catalogue, seeds) -> tuple[float, float]:
    """Mean over draws of the share of annotated features: weighed by inclusion probability, and as drawn."""
    annotated = catalogue.filter(pl.col("feature").is_in(LIVING))["n_terms"].to_numpy() > 0
    weighed, plain = [], []
    for seed in seeds:
        found = chosen(catalogue, seed, rule="stratified", n=64)
        selected, chance = found["selected"].to_numpy(), found["inclusion_probability"].to_numpy()
        weighed.append((annotated[selected] / chance[selected]).sum() / N)
        plain.append(annotated[selected].mean())
    return float(np.mean(weighed)), float(np.mean(plain))


def test_inclusion_probabilities_undo_the_strata(catalogue):
    found = chosen(catalogue, rule="stratified", n=64)
    sizes = found.group_by("stratum").agg(
        n=pl.col("selected").sum(), of=pl.len(), p=pl.col("inclusion_probability").first()
    )
    assert sizes["n"].sum() == 64
    assert sizes.filter(pl.col("of") >= 8)["n"].min() >= 8  # every kind is seen
    assert (sizes["p"] - sizes["n"] / sizes["of"]).abs().max() < 1e-12
    truth = float((catalogue.filter(pl.col("feature").is_in(LIVING))["n_terms"] > 0).mean())
    weighed, plain = weighted_means(catalogue, range(60))
    assert weighed == pytest.approx(truth, abs=1e-9)  # strata know it exactly
    assert abs(plain - truth) > 0.03


def test_strata_take_turns_until_they_are_empty():
    assert shares(np.array([2, 9, 5]), 9).tolist() == [2, 4, 3]
    assert shares(np.array([2, 9, 5]), 99).tolist() == [2, 9, 5]


def test_listed_features_are_those_and_a_silent_one_is_refused(catalogue):
    listed = {"rule": "listed", "features": [{"layer": 2, "feature": 8}, {"layer": 3, "feature": 1}]}
    assert chosen(catalogue, **listed).filter("selected")["feature"].to_list() == [8]
    listed["features"].append({"layer": 2, "feature": 9})
    with pytest.raises(RequestError, match=r"trace\.sources\.features: feature 9 of layer 2 is active in none"):
        chosen(catalogue, **listed)


def test_an_empty_pool_is_refused(catalogue):
    nothing = catalogue.with_columns(n_terms=pl.lit(0, pl.UInt32))
    with pytest.raises(RequestError, match=r"set trace\.sources\.rule to all or to stratified"):
        chosen(nothing, rule="ranked")


@pytest.mark.parametrize(
    ("fields", "line"),
    [
        ({"rule": "listed"}, "names no feature"),
        ({"features": [{"layer": 2, "feature": 1}]}, "sources.rule is all"),
        ({"rule": "listed", "features": [{"layer": 2, "feature": 1}] * 2}, "names a feature twice"),
        ({"rule": "ranked", "pool": "annotated"}, "sources.pool is for the rule random"),
    ],
)
def test_a_contradiction_is_refused(fields, line):
    with pytest.raises(ValidationError, match=line):
        SourceSettings(**fields)


def test_listed_layers_are_the_source_layers():
    named = SourceSettings(rule="listed", features=({"layer": 3, "feature": 1},))
    with pytest.raises(ValidationError, match=r"sources.features are of layers \[3\], source_layers are \[2\]"):
        TraceSettings(source_layers=[2], sources=named)
