"""Rows of steps ``domains`` and ``consensus`` of a synthetic study: what they make of edges that prefer one domain."""

from collections.abc import Sequence

import polars as pl

from tasks.analyses.consensus.step import ConsensusSettings
from tasks.analyses.consensus.work import consensus_tables
from tasks.analyses.domains.step import DomainsSettings
from tasks.analyses.domains.work import domain_tables
from tests.builders.planted_domains import World, plant_domains
from tests.builders.study_features import Layer

CHOICE = {"n_draws": 999, "bins": 3}


def knowledge_tables(layers: Sequence[Layer]) -> dict[str, dict[str, pl.DataFrame]]:
    """Tables by step; two studies of one plan, of which the second is not the first's cells."""
    saes = {layer.layer: layer.sae_id for layer in layers}
    world = World(n_features=min(layer.codes.shape[1] for layer in layers), n_domains=5, n_sources=8, n_edges=6)
    plan = {0: 1, 1: 0}
    own, other = (plant_domains(seed, plan, 0.8, world=world, saes=saes) for seed in (0, 1))
    return {
        "domains": domain_tables(DomainsSettings(**CHOICE), "term", own),
        "consensus": consensus_tables(ConsensusSettings(**CHOICE), "term", own, {"twin": other}),
    }
