"""Figures of runs against counts in Python, and own figures beside those of an imported atlas."""

from statistics import mean

import polars as pl
import pytest

from warehouse import open_snapshot, publish_run

TABLES = (
    "aligned_summary", "annotation", "annotation_summary", "cross_layer_summary", "feature", "feature_label_published",
    "feature_subspace", "figure", "figure_comparison", "label_summary", "lifecycle", "novel_summary", "persistence",
    "sae", "svd_layer", "svd_summary",
)  # fmt: skip
KEY = ["run_id", "quantity", "item", "rule"]


@pytest.fixture(scope="module")
def home(made, atlas, tmp_path_factory):
    """A home with a run made here and an imported atlas."""
    home = tmp_path_factory.mktemp("figures")
    for study in (made, atlas):
        publish_run(home, study.run, study.folders)
    return home


@pytest.fixture(scope="module")
def tables(home) -> dict[str, pl.DataFrame]:
    with open_snapshot(home) as con:
        return {name: con.sql(f"SELECT * FROM {name}").pl() for name in TABLES}


@pytest.fixture(scope="module")
def own(made, tables) -> dict[str, pl.DataFrame]:
    """The own run's rows of every table."""
    run = made.run["run_id"]
    return {name: frame.filter(run_id=run) for name, frame in tables.items() if "run_id" in frame.columns}


def figures(own) -> dict[tuple[str, str, str], tuple[float, float | None]]:
    rows = own["figure"].select("quantity", "item", "rule", "value", "null_value").iter_rows()
    return {(quantity, item, rule): (value, null) for quantity, item, rule, value, null in rows}


def test_a_figure_stands_once(tables):
    assert tables["figure"].height == tables["figure"].select(KEY).n_unique()
    assert set(tables["figure"]["rule"]) == {"published", "default", "none"}
    assert tables["figure"]["value"].null_count() == 0


def test_nothing_imported_follows_the_default_rule(tables):
    assert set(tables["figure"].filter("imported")["rule"]) == {"published", "none"}


@pytest.mark.parametrize(("item", "layers"), [("all", (0, 1)), ("L01", (1,))])
def test_features_are_counted_by_either_rule(own, item, layers):
    found = figures(own)
    features = [row for row in own["feature"].to_dicts() if row["layer"] in layers]
    living = sum(row["alive"] for row in features)
    saes = {row["sae_id"] for row in features}
    assert found["living_features", item, "none"] == (living, None)
    assert found["features_with_type", item, "default"][0] == sum(row["top_cell_type"] is not None for row in features)
    for rule in ("default", "published"):
        rows = [
            row
            for row in own["annotation_summary"].to_dicts()
            if (row["library"], row["rule"]) == ("all", rule) and row["sae_id"] in saes
        ]
        n, by_chance = (
            sum(row["n_annotated"] for row in rows),
            sum(row["null_mean"] * row["n_features"] for row in rows),
        )
        assert found["features_with_gene_set", item, rule] == (n, pytest.approx(by_chance, abs=1e-9))
        assert found["features_with_gene_set_fraction", item, rule] == (
            pytest.approx(n / living, abs=1e-9),
            pytest.approx(by_chance / living, abs=1e-9),
        )


def test_every_rule_of_a_step_has_its_name(own):
    found = figures(own)
    for row in own["lifecycle"].to_dicts():
        rule = "default" if row["rule"] == "mutual" else row["rule"]
        assert found[f"lifecycle_{row['category']}", "all", rule] == (row["n_features"], None)
    for row in own["persistence"].filter(kind="adjacent").to_dicts():
        rule = "default" if row["rule"] == "mutual" else row["rule"]
        item = f"L{row['from_layer']:02d}-L{row['to_layer']:02d}"
        assert found["adjacent_persistence", item, rule] == (row["persistence_rate"], row["null_rate"])
        assert found["adjacent_matches", item, rule] == (row["n_matches"], None)
    for row in own["sae"].filter("described").to_dicts():
        assert found["variance_explained", f"L{row['layer']:02d}", "none"] == (1 - row["fvu"], None)


def test_shares_of_links_and_guilt_stand_beside_chance(own):
    found = figures(own)
    layer = {row["sae_id"]: row["layer"] for row in own["sae"].to_dicts()}
    for row in own["cross_layer_summary"].to_dicts():
        item = f"L{row['source_layer']:02d}-L{row['target_layer']:02d}"
        rule = "published" if row["rule"].startswith("published") else "default"
        n = row["n_with_links"]
        assert found["highways", item, rule] == (row["n_highways"], row["n_highways_by_gene"])
        assert found["highway_fraction", item, rule] == (row["n_highways"] / n, row["n_highways_by_gene"] / n)
    for row in own["novel_summary"].to_dicts():
        rule = "published" if row["rule"] == "published" else "default"
        item = f"L{layer[row['sae_id']]:02d}"
        assert found["guilt_by_association", item, rule] == (row["n_guilt_by_association"], row["expected_guilt"])


def test_aligned_features_are_those_of_the_span(own):
    found, rows = figures(own), own["svd_layer"].to_dicts()
    assert rows
    assert found["svd_aligned_features", "all", "published"] == (sum(row["n_aligned"] for row in rows), None)
    assert found["novel_features", "all", "published"] == (sum(row["n_novel"] for row in rows), None)
    significant, by_chance = (sum(row[name] for row in rows) for name in ("n_significant", "n_matched"))
    assert found["svd_aligned_features", "all", "default"] == (significant, by_chance)


def test_types_and_tissues_by_the_published_rule_are_those_that_step_labels_calls(own):
    """The obs column of the types is the one whose labels are labels of cells, whatever it is called."""
    found, living = figures(own), own["feature"]["alive"].sum()
    for column, quantity in (("cell_type", "features_with_type"), ("tissue", "features_with_tissue")):
        published = own["feature_label_published"].filter(obs_column=column, rule="published_geneformer")
        n = published.select("sae_id", "feature").n_unique()
        rows = own["label_summary"].filter(obs_column=column, rule="published_geneformer").to_dicts()
        by_chance = sum(row["null_mean"] * row["n_features"] for row in rows)
        assert n > 0
        assert found[quantity, "all", "published"] == (n, pytest.approx(by_chance, abs=1e-9))
        shares = (pytest.approx(n / living, abs=1e-9), pytest.approx(by_chance / living, abs=1e-9))
        assert found[f"{quantity}_fraction", "all", "published"] == shares


def test_aligned_and_other_features_over_all_layers(own):
    (row,) = own["aligned_summary"].to_dicts()
    aligned = {(one["sae_id"], one["feature"]): one["aligned"] for one in own["feature_subspace"].to_dicts()}
    terms: dict[tuple[str, int], set[tuple[str, str]]] = {place: set() for place in aligned}
    for one in own["annotation"].to_dicts():
        if one["significant"] and (one["sae_id"], one["feature"]) in aligned:
            terms[one["sae_id"], one["feature"]].add((one["library"], one["term"]))
    groups = {kind: [place for place, near in aligned.items() if near == kind] for kind in (True, False)}
    assert (row["rule"], row["n_features"]) == ("default", len(aligned))
    assert (row["n_aligned"], row["n_novel"]) == (len(groups[True]), len(groups[False]))
    for kind, name in ((True, "aligned"), (False, "novel")):
        annotated = sum(bool(terms[place]) for place in groups[kind])
        assert row[f"n_annotated_{name}"] == annotated
        rate = annotated / len(groups[kind]) if groups[kind] else None
        assert row[f"annotation_rate_{name}"] == rate
        layers = {sae for sae, _ in groups[kind]}
        means = [mean(len(terms[place]) for place in groups[kind] if place[0] == sae) for sae in sorted(layers)]
        assert row[f"mean_annotations_{name}"] == (pytest.approx(mean(means), abs=1e-9) if means else None)
    exclusive = []
    for sae in sorted({sae for sae, _ in aligned}):
        near, every = set(), set()
        for place, found in terms.items():
            every |= found if place[0] == sae else set()
            near |= found if place[0] == sae and aligned[place] else set()
        exclusive += [len(every - near) / len(every)] if every else []
    assert row["novel_exclusive_terms"] == (pytest.approx(mean(exclusive), abs=1e-9) if exclusive else None)


def test_an_imported_summary_is_shown_as_published(tables):
    said = tables["svd_summary"].to_dicts()[0]
    (seen,) = tables["aligned_summary"].filter(rule="published").to_dicts()
    assert {name: seen[name] for name in said} == said


def test_own_figures_stand_beside_imported_ones(tables):
    """Every quantity and item that both have, by a loop over all figures."""
    wanted = {}
    every = tables["figure"].to_dicts()
    imported = {(row["quantity"], row["item"]): row for row in every if row["imported"]}
    for row in every:
        if not row["imported"] and (row["quantity"], row["item"]) in imported:
            beside = wanted.setdefault((row["quantity"], row["item"]), [None] * 4)
            first = 2 if row["rule"] == "default" else 0
            beside[first : first + 2] = [row["value"], row["null_value"]]
    found = {(row["quantity"], row["item"]): row for row in tables["figure_comparison"].to_dicts()}
    assert found.keys() == wanted.keys()
    assert {"features_with_gene_set_fraction", "adjacent_persistence", "svd_aligned_features"} <= {q for q, _ in found}
    for place, row in found.items():
        assert [row[name] for name in ("own", "own_null", "own_default", "default_null")] == wanted[place]
        assert (row["imported"], row["rule"]) == (imported[place]["value"], imported[place]["rule"])
