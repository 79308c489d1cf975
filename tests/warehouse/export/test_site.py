"""The data of a site against the tables."""

import pytest

import warehouse.export.site.pages as site_pages
from tests.builders.atlas_runs import imported_atlas
from tests.builders.markup import MARK, hostile_copy
from tests.builders.static_site import bytes_of, feature_data, listed_data, read
from warehouse import open_snapshot, publish_run
from warehouse.export.site import publish_site
from warehouse.export.site.front import BLOCKS, MOST
from warehouse.export.site.publish import SPAN


def short(value):
    return None if value is None else float(f"{value:.4g}")


@pytest.fixture
def con(published):
    with open_snapshot(published) as con:
        yield con


def test_first_page_says_what_the_warehouse_says(site, con, made):
    front = read(site, "front")
    assert front["run"]["run_id"] == made.run["run_id"]
    counts = con.sql("SELECT count(*), count(*) FILTER (alive), count(label) FROM feature").fetchone()
    assert tuple(front["totals"][name] for name in ("n_features", "n_alive", "n_annotated")) == counts
    edges = "SELECT count(*) FROM edge WHERE effect = 'total' AND criterion = ?"
    for rule in ("specific", "calibrated", "published"):
        assert front["edges"][f"n_{rule}"] == con.execute(edges, [rule]).fetchone()[0]
    nulls = con.sql("SELECT annotated_fraction, annotated_null_mean FROM layer_summary ORDER BY layer").fetchall()
    assert [(one["annotated_fraction"], one["annotated_null_mean"]) for one in front["layers"]] == [
        tuple(map(short, row)) for row in nulls
    ]
    assert {one["cell_type"] for one in front["best"]} == {
        name for (name,) in con.sql("SELECT top_cell_type FROM feature WHERE top_cell_type IS NOT NULL").fetchall()
    }


def test_every_feature_has_its_genes_terms_and_types(site, con):
    keys = read(site, "front")["layers"]
    for place, sae in enumerate(keys):
        for (feature,) in con.execute("SELECT feature FROM feature WHERE sae_id = ?", [sae["sae_id"]]).fetchall():
            own, asked = feature_data(site, place, feature), [sae["sae_id"], feature]
            ends = "FROM feature_gene WHERE sae_id = ? AND feature = ? AND shown"
            genes = con.execute(f"SELECT symbol, score {ends} ORDER BY rank NULLS LAST, symbol", asked).fetchall()
            assert [(row[0], row[1]) for row in own.get("genes", [0, []])[1]] == [(name, short(x)) for name, x in genes]
            ends = "FROM annotation WHERE sae_id = ? AND feature = ? AND significant"
            terms = con.execute(f"SELECT library, term, q {ends}", asked).fetchall()
            n, rows = own.get("terms", [0, []])
            assert n == len(terms)
            assert {(row[0], row[1], row[6]) for row in rows} <= {(one, name, short(q)) for one, name, q in terms}
            ends = "FROM feature_cell_type WHERE sae_id = ? AND feature = ?"
            types = con.execute(f"SELECT cell_type, auroc {ends}", asked).fetchall()
            assert {(row[0], row[1]) for row in own.get("types", [0, []])[1]} == {(name, short(x)) for name, x in types}


def test_edges_are_those_of_the_rule_strongest_first(site, con):
    front = read(site, "front")
    n_edges = 0
    for place, sae_id in enumerate(sae["sae_id"] for sae in front["layers"]):
        for (feature,) in con.execute("SELECT feature FROM feature WHERE sae_id = ?", [sae_id]).fetchall():
            own = feature_data(site, place, feature)
            for part, end, other in (("out", "source", "target"), ("in", "target", "source")):
                rows = con.execute(
                    f"SELECT 'L' || {other}_layer, {other}_feature, g FROM edge WHERE {end}_sae = ? AND "
                    f"{end}_feature = ? AND effect = 'total' AND criterion = ? "
                    f"ORDER BY abs(g) DESC, {other}_sae, {other}_feature",
                    [sae_id, feature, front["rule"]],
                ).fetchall()
                n, shown = own.get(part, [0, []])
                assert n == len(rows)
                assert [(row[0], row[1], row[4]) for row in shown] == [(*ends, short(g)) for *ends, g in rows][:n]
                assert all(front["rule"] in row[7].split(", ") for row in shown)
                n_edges += n
    assert n_edges == 2 * front["edges"][f"n_{front['rule']}"] > 0


def test_lists_of_genes_and_gene_sets_lead_to_their_features(site, con):
    names = read(site, "names")
    genes = con.sql("SELECT symbol, count(*) FROM feature_gene WHERE shown GROUP BY 1 ORDER BY 1").fetchall()
    assert names["genes"] == [list(row) for row in genes]
    for symbol, n in genes[:: max(1, len(genes) // 20)]:
        page = listed_data(site, "genes", symbol)
        assert (page["name"], page["n"], sum(n for _, n in page["layers"])) == (symbol, n, n)
        assert len(page["rows"]) == min(n, MOST["features"])
    terms = con.sql("SELECT library, term, count(*) FROM annotation WHERE significant GROUP BY 1, 2").fetchall()
    assert sorted(map(tuple, names["terms"])) == sorted(terms)
    for library, term, n in terms:
        page = listed_data(site, "terms", library, term)
        assert (page["library"], page["name"], page["n"]) == (library, term, n)


def test_modules_have_their_members(site, con):
    front, n_members = read(site, "front"), 0
    for place, sae in enumerate(front["layers"]):
        modules = read(site, f"modules/{place}")
        for module, page in modules.items():
            members = con.execute(
                "SELECT feature FROM module_feature WHERE sae_id = ? AND module = ?", [sae["sae_id"], int(module)]
            ).fetchall()
            assert {(row[0],) for row in page["rows"]} == set(members)
            n_members += page["n"]
    assert n_members == con.sql("SELECT count(*) FROM module_feature").fetchone()[0]


def test_what_is_cut_keeps_its_count(published, site, tmp_path, monkeypatch):
    few = tuple(site_pages.Part(part.name, part.statement, 1, part.ends, part.of_edges) for part in site_pages.PARTS)
    monkeypatch.setattr(site_pages, "PARTS", few)
    publish_site(tmp_path / "cut", published)
    cut = [feature_data(tmp_path / "cut", 0, number) for number in range(24)]
    whole = [feature_data(site, 0, number) for number in range(24)]
    for name in ("terms", "types", "out"):
        assert name == "terms" or any(len(one[name][1]) > 1 for one in whole if name in one), name
        for less, more in zip(cut, whole, strict=True):
            assert less.get(name, [0, []])[0] == more.get(name, [0, []])[0]
            assert less.get(name, [0, []])[1] == more.get(name, [0, []])[1][:1]


def test_ranges_end_where_files_do():
    assert all(SPAN[kind] % BLOCKS[kind] == 0 for kind in BLOCKS)


def test_the_same_run_gives_the_same_bytes(published, site, tmp_path):
    publish_site(tmp_path / "again", published)
    assert bytes_of(tmp_path / "again") == bytes_of(site)


def test_texts_from_files_stay_as_they_are(published, tmp_path):
    home = hostile_copy(published, tmp_path / "home")
    publish_site(tmp_path / "site", home)
    assert all(symbol.endswith(MARK) for symbol, _ in read(tmp_path / "site", "names")["genes"])


def test_an_imported_atlas_has_pages_without_edges(tmp_path):
    run, folder = imported_atlas(tmp_path)
    publish_run(tmp_path, run, [folder])
    report = publish_site(tmp_path / "site", tmp_path)
    front = read(tmp_path / "site", "front")
    assert front["rule"] is None
    assert front["run"]["imported"]
    assert report.n_features == front["totals"]["n_features"] > 0
    assert feature_data(tmp_path / "site", 1, 0)["about"]["frequency"] is not None
