"""A whole run with autoencoders that another package saved, in the place of training them."""

from pathlib import Path

import pytest

from tests.builders.saes import write_dictionaries
from tests.conftest import MINI_STUDY
from warehouse import open_snapshot

ALONE = ("--set", "compare.variants=[]")
LAYERS = (
    "SELECT layer, fvu, l0, n_dead, loss_recovered, cosine, dense_fraction, seed, layout FROM sae "
    "WHERE described ORDER BY layer"
)
MADE = "SELECT layer, count(*), sum(fire_count), sum(n_genes), count(label) FROM feature GROUP BY layer ORDER BY layer"
MEASURED = "SELECT effect, source_layer, target_layer, count(*), sum(n_pos) FROM edge_stat GROUP BY ALL ORDER BY ALL"


@pytest.fixture(scope="module")
def homes(mini_home, scfm, tmp_path_factory):
    """The mini study as it is, and with its own autoencoders saved by another package and taken from there."""
    root = tmp_path_factory.mktemp("taken")
    write_dictionaries(mini_home, root / "given")
    done = scfm(root / "home", "run", str(MINI_STUDY), "--set", f"sae.path={root}/given/layer_{{layer}}", *ALONE)
    assert done.status == 0, done.err
    return open_snapshot(mini_home), open_snapshot(root / "home")


@pytest.mark.slow
def test_what_is_taken_is_measured_as_what_is_trained(homes):
    trained, taken = (con.execute(LAYERS).fetchall() for con in homes)
    for was, row in zip(trained, taken, strict=True):
        assert row[:-2] == pytest.approx(was[:-2], rel=1e-6)
        assert (was[-2:], row[-2:]) == ((1, None), (None, "dictionary_learning"))


@pytest.mark.slow
@pytest.mark.parametrize("query", [MADE, MEASURED])
def test_the_rest_of_the_run_finds_the_same(homes, query):
    trained, taken = (con.execute(query).fetchall() for con in homes)
    assert trained == taken
    assert len(trained) >= 3


@pytest.mark.slow
def test_the_study_is_kept_without_the_path_of_this_machine(homes):
    (text,) = homes[1].execute("SELECT study_json FROM run").fetchone()
    assert '"path":"layer_{layer}"' in text


def test_one_that_cannot_be_read_stops_the_run_in_one_line(mini_home, scfm, tmp_path):
    folder = write_dictionaries(mini_home, tmp_path / "given") / "layer_1"
    (folder / "ae.pt").unlink()
    done = scfm(tmp_path / "home", "run", str(MINI_STUDY), "--set", f"sae.path={folder.parent}/layer_{{layer}}")
    assert done.status == 2
    assert done.err.count("\n") == 1
    assert "layer_1 holds no autoencoder" in done.err
    assert not Path(tmp_path / "home" / "runs").exists()
