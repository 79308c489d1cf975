"""Published numbers beside imported ones."""

import pytest

from tests.builders.atlas_runs import imported_atlas
from warehouse import import_summary, is_published, open_snapshot, publish_run
from warehouse.errors import FailedChecks


@pytest.fixture(scope="module")
def home(atlas, tmp_path_factory):
    """A home with both tiny atlases imported."""
    home = tmp_path_factory.mktemp("parity")
    publish_run(home, atlas.run, atlas.folders)
    run, folder = imported_atlas(home, "scgpt", without=("modules.json",))
    publish_run(home, run, [folder])
    return home


def test_states_say_what_could_be_compared(home):
    with open_snapshot(home) as con:
        rows = con.sql("SELECT run_id, quantity, item, published, imported, state FROM parity").fetchall()
    states = {(run_id.removeprefix("imported-"), quantity, item): state for run_id, quantity, item, _, _, state in rows}
    assert states["geneformer", "living_features", "all"] == "agrees"
    assert states["geneformer", "modules", "L01"] == "agrees"
    assert states["geneformer", "twenty_gene_rows", "L00"] == "file missing"
    assert states["geneformer", "twenty_gene_rows", "L01"] == "agrees"
    assert states["geneformer", "traced_features", "all"] == "not in atlas files"
    assert states["scgpt", "modules", "L01"] == "file missing"
    assert states["scgpt", "twenty_gene_rows", "L00"] == "agrees"
    assert all(published == imported for *_, published, imported, state in rows if state == "agrees")


def test_summary_counts_states_rows_and_gaps(home):
    summary = import_summary(home, "imported-geneformer")
    assert summary.parity == {"agrees": 6, "file missing": 1, "not in atlas files": 1}
    assert summary.gaps[0][:2] == ("layer_00_annotations.json", "no such file")
    assert summary.rows["feature"] == 120


@pytest.mark.slow
def test_a_number_that_differs_publishes_nothing(tmp_path):
    run, folder = imported_atlas(tmp_path, living=116)
    with pytest.raises(FailedChecks) as caught:
        publish_run(tmp_path, run, [folder])
    failed = [result for result in caught.value.results if not result.success]
    assert [(result.table_name, result.check_name) for result in failed] == [("published_value", "imported_agrees")]
    assert '"published": 116.0' in failed[0].sample_rows
    assert not is_published(tmp_path, run["run_id"])


def test_imported_values_are_counts_of_the_tables(home):
    with open_snapshot(home) as con:
        of_run = "run_id = 'imported-geneformer'"
        counted = dict(con.sql(f"SELECT quantity, value FROM figure WHERE item = 'all' AND {of_run}").fetchall())
        for quantity, sql in {
            "features": "SELECT count(*) FROM feature",
            "annotation_rows": "SELECT sum(published_annotations) FROM feature",
            "overlap_gene_rows": "SELECT sum(n_overlap) FROM annotation",
            "features_with_type": "SELECT count(DISTINCT (sae_id, feature)) FROM feature_cell_type",
            "tissue_rows": "SELECT count(*) FROM feature_tissue",
            "links": "SELECT count(*) FROM cross_layer_link",
            "causal_above_2": "SELECT count(*) FROM causal_patch WHERE specificity > 2",
            "perturbation_tfs": "SELECT count(*) FROM perturbation_target WHERE is_tf",
            "rows_STRING": "SELECT sum(n_rows) FROM published_layer_ontology JOIN sae USING (run_id, sae_id) "
            "WHERE ontology = 'STRING'",
        }.items():
            where = " AND " if "WHERE" in sql else " WHERE "
            assert counted[quantity] == con.sql(f"{sql}{where}{of_run}").fetchall()[0][0], quantity
