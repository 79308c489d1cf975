"""A rare type of short cells is found by its genes and by its name alike, and short cells alone are not taken for it.

Of 600 cells, 17 are platelets with 20 to 35 genes each; others have 20 to 160. Features 0 to 3 fire on a platelet gene
each, which few other cells have; 4 and 5 fire anywhere in platelets; 6 to 11 fire on a number of tokens that is the
same in every cell, so that their mean is largest in short ones.
"""

import duckdb
import numpy as np
import pytest

from tasks.describe.settings import DescribeSettings
from tasks.store import StepFolder
from tests.builders.describe import N_FEATURES, N_GENES, World, write_inputs
from tests.builders.steps import do_step

N_CELLS, RARE = 600, 17
MARKERS, STATES, SHORT = range(4), range(4, 6), range(6, 12)


def make_world(seed=0):
    rng = np.random.default_rng(seed)
    rare = np.zeros(N_CELLS, dtype=bool)
    rare[rng.choice(N_CELLS, RARE, replace=False)] = True
    lengths = np.where(rare, rng.integers(20, 36, N_CELLS), rng.integers(20, 161, N_CELLS))
    genes = [_genes(n, own, rng) for n, own in zip(lengths, rare, strict=True)]
    cell, gene = np.repeat(np.arange(N_CELLS), lengths), np.concatenate(genes)
    chance = np.full((cell.size, N_FEATURES), 0.04)
    chance[:, list(MARKERS)] = np.where(gene[:, None] == np.array(MARKERS), 0.95, 0.0002)
    chance[:, list(STATES)] = np.where(rare[cell], 0.4, 0.02)[:, None]
    fires = rng.random(chance.shape) < chance
    start = np.cumsum(lengths) - lengths
    fires[:, list(SHORT)] = (np.arange(cell.size) - start[cell] < 3)[:, None]
    fires[:, -1] = False
    codes = np.where(fires, rng.gamma(20, 0.05, fires.shape), 0).astype(np.float32)
    return World(cell, gene, codes, tuple(np.where(rare, "Platelets", rng.choice(["B", "T"], N_CELLS))))


def _genes(n, rare, rng):
    """Different genes of one cell, in random order; the platelet genes are in all platelets and one of 30 others."""
    own = [gene for gene in MARKERS if rare or rng.random() < 1 / 30]
    others = rng.choice(np.arange(len(MARKERS), N_GENES), n - len(own), replace=False)
    return rng.permutation(np.r_[own, others].astype(np.int64))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    root = tmp_path_factory.mktemp("rare")
    settings = DescribeSettings(min_fire=5, shrinkage=5.0, min_cells=10)
    folders = write_inputs(root, make_world())
    return StepFolder.open(do_step("describe", settings, root / "describe-0123456789abcdef", **folders))


def features(folder, condition):
    con = duckdb.connect()
    for table in ("feature", "feature_gene", "feature_cell_type"):
        con.from_parquet([str(path) for path in folder.shards(table)]).create_view(table)
    rows = con.execute(f"SELECT feature FROM feature WHERE {condition} ORDER BY feature").fetchall()
    return {feature for (feature,) in rows}


def test_the_rare_type_is_found_by_gene_and_by_type(folder):
    led = "SELECT feature FROM feature_gene WHERE rank = 1 AND symbol IN ('G0', 'G1', 'G2', 'G3')"
    by_gene, by_type = features(folder, f"feature IN ({led})"), features(folder, "top_cell_type = 'Platelets'")
    assert by_gene == by_type == {*MARKERS, *STATES}


def test_features_of_short_cells_are_not_called_though_they_look_like_it(folder):
    like = "SELECT feature FROM feature_cell_type WHERE cell_type = 'Platelets' AND auroc_all > 0.9"
    assert set(SHORT) <= features(folder, f"feature IN ({like})")
    assert not set(SHORT) & features(folder, "top_cell_type IS NOT NULL")


def test_each_feature_is_called_what_it_is(folder):
    by_genes = "named_by = 'genes' AND name = 'G' || feature AND evidence LIKE '% of its activation'"
    by_type = "named_by = 'type' AND name = 'Platelets' AND evidence LIKE 'AUROC %, at least %, 17 cells'"
    assert features(folder, by_genes) == set(MARKERS)
    assert features(folder, by_type) == set(STATES)
    assert features(folder, "top5_share < 0.2 AND effective_genes > 100") >= {*STATES, *SHORT}
