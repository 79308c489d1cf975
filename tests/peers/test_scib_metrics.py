"""scib-metrics itself: on the same embeddings and the same neighbours it finds the same values."""

import numpy as np
import pytest

from tasks.analyses.integration.clusters import ari, best_clusters, contingency, nmi
from tasks.analyses.integration.evidence import Sizes, measure
from tasks.analyses.integration.neighbours import Neighbours
from tests.builders.planted_batches import batch_points

scib = pytest.importorskip("scib_metrics", reason="make peers")

N, SEED, SIZES = 400, 42, Sizes(5, 15, 50, 90)
CASES = [{"strength": 2.0}, {"strength": 3.0, "n_batches": 4}, {"types": 2.0, "strength": 1.0}]


def theirs(near: Neighbours):
    return scib.nearest_neighbors.NeighborsResults(indices=near.index, distances=near.distance)


@pytest.fixture(scope="module", params=CASES, ids=str)
def case(request):
    points, sample = batch_points(N, **request.param)
    return points, sample, measure(points, sample, SIZES, 0).values


def test_what_needs_no_graph(case) -> None:
    points, sample, ours = case
    label, batch = sample.label, sample.batch
    values = {
        "isolated_labels": scib.isolated_labels(points, label, batch),
        "silhouette_label": scib.silhouette_label(points, label),
        "bras": scib.bras(points, label, batch),
        "pcr": scib.pcr_comparison(sample.before, points, batch, categorical=True),
    }
    for name, value in values.items():
        assert ours[name] == pytest.approx(float(value), abs=2e-5), name


def test_what_needs_neighbours(case) -> None:
    points, sample, ours = case
    near = Neighbours.of(points, SIZES.lisi)
    assert ours["clisi"] == pytest.approx(float(scib.clisi_knn(theirs(near), sample.label)), abs=1e-3)
    assert ours["ilisi"] == pytest.approx(float(scib.ilisi_knn(theirs(near), sample.batch)), abs=1e-3)
    clustered = near.first(SIZES.clusters)
    assert ours["graph_connectivity"] == pytest.approx(
        float(scib.graph_connectivity(theirs(clustered), sample.label)), abs=1e-9
    )
    kbet = scib.kbet_per_label(theirs(near.first(SIZES.kbet)), sample.batch, sample.label)
    assert ours["kbet"] == pytest.approx(float(kbet), abs=0.02)


def test_the_graph_is_theirs(case) -> None:
    points, *_ = case
    near = Neighbours.of(points, SIZES.clusters)
    graph = theirs(near).knn_graph_connectivities.toarray()
    np.testing.assert_allclose(near.connectivities.toarray(), graph, atol=1e-4)


def test_clusters_agree_with_labels_as_theirs_do(case) -> None:
    """Leiden with their seed, on graphs whose weights differ by rounding."""
    points, sample, _ = case
    near = Neighbours.of(points, SIZES.clusters)
    found = scib.nmi_ari_cluster_labels_leiden(theirs(near), sample.label, seed=SEED)
    table = contingency(sample.label, best_clusters(near.connectivities, sample.label, SEED))
    assert nmi(table) == pytest.approx(found["nmi"], abs=1e-6)
    assert ari(table) == pytest.approx(found["ari"], abs=1e-6)
